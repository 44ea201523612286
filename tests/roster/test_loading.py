"""Loading a roster: all or nothing, everybody at stage 0, nothing overdue on arrival."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, SQLModel, col, select

from casework import people
from casework.people import NewMember
from casework.roster.loading import Report, import_roster
from locales.phrase import Phrase
from reminders import rules, schedule
from reminders.mechanism import mechanism_of
from storage import ids
from storage.lane import Lane
from storage.tables.audit import AuditRecord
from storage.tables.cases import Case, CaseState, Person, Sanction, Stage
from storage.tables.counties import County, Unit
from storage.tables.members import Role
from storage.tables.visits import Visit, VisitKind
from tests.roster.conftest import HEADER, Book

NOW = datetime.fromisoformat("2026-11-23T10:00+08:00")
TODAY = NOW.date()
WIDE = (*HEADER, "现任职务", "错误性质和情节", "影响期内综合表现")
Load = Callable[..., Report]


def row(
    name: str, sanction: str = "党内警告", decided: object = "2026-06-10", **changes: str
) -> tuple[object, ...]:
    cells: dict[str, object] = {
        "姓名": name, "单位": "县统计局", "面貌": "中共党员", "处分": sanction, "日期": decided, "责任人": "李敏",
        "职务": "科员", "性质": "审核不严", "表现": "较好",
    }  # fmt: skip
    return tuple((cells | changes).values())


@pytest.fixture
def county(lane: Lane) -> County:
    def make(session: Session) -> County:
        made = people.add_county(session, "JA", "嘉安县", "Asia/Shanghai", now=NOW)
        people.add_member(session, made, NewMember("李敏", Role.care_officer), now=NOW)
        return made

    return lane.run_now(make)


@pytest.fixture
def load(lane: Lane, county: County, workbook: Book) -> Load:
    def loaded(*rows: Sequence[object], dry_run: bool = False) -> Report:
        content = workbook([WIDE, *rows])
        return lane.run_now(lambda session: import_roster(session, county, content, now=NOW, dry_run=dry_run))

    return loaded


def counted(lane: Lane) -> Counter[str]:
    tables: tuple[type[SQLModel], ...] = (Person, Case, Sanction, Visit)

    def count(session: Session) -> Counter[str]:
        return Counter({table.__name__: len(session.exec(select(table)).all()) for table in tables})

    return lane.run_now(count)


def only_case(lane: Lane) -> Case:
    return lane.run_now(lambda session: session.exec(select(Case)).one())


def test_a_row_becomes_a_person_with_a_case_and_a_first_talk(lane: Lane, county: County, load: Load) -> None:
    report = load(row("方融", "党内警告、政务记过（影响期15个月）"))
    assert report.loaded is not None
    assert (report.loaded.people, report.loaded.cases, report.loaded.visits) == (1, 1, 1)

    def check(session: Session) -> None:
        case = session.exec(select(Case)).one()
        person, unit = session.exec(select(Person)).one(), session.exec(select(Unit)).one()
        assert (person.name, person.post, person.political_status) == ("方融", "科员", "中共党员")
        assert "fangrong" in person.name_keys
        assert (unit.id, unit.name) == (person.unit_id, "县统计局")
        assert case.code.startswith("JA-")
        assert (case.stage, case.stage_since, case.heavy) == (Stage.early_care, date(2026, 6, 10), False)
        assert (case.reason, case.conduct, case.awaits_officer) == ("审核不严", "fairly_good", None)
        assert case.expires_on == date(2027, 9, 9)
        months = {one.kind: one.months for one in session.exec(select(Sanction))}
        assert months == {"party.warning": 12, "government.demerit": 15}
        visit = session.exec(select(Visit).where(Visit.kind == VisitKind.talk)).one()
        assert (visit.kind, visit.officer_id, visit.case_id) == (
            VisitKind.talk,
            case.care_officer_id,
            case.id,
        )
        assert visit.next_look_at is not None

    lane.run_now(check)


def test_an_expired_period_does_not_admit_anybody(lane: Lane, load: Load) -> None:
    load(row("方融", decided="2020-01-06"))
    case = only_case(lane)
    assert case.stage == Stage.early_care
    assert case.expires_on is not None
    assert case.expires_on < TODAY


def test_a_probation_has_no_known_end(lane: Lane, load: Load) -> None:
    report = load(row("方融", "留党察看一年"))
    assert report.loaded is not None
    assert report.loaded.undetermined == 1
    case = only_case(lane)
    assert case.expires_on is None
    assert case.heavy


def test_whoever_is_out_of_scope_is_counted_and_not_loaded(lane: Lane, load: Load) -> None:
    report = load(row("方融", "开除党籍"), row("程岚"))
    assert report.loaded is not None
    assert report.loaded.out_of_scope == 1
    assert counted(lane) == Counter(Person=1, Case=1, Sanction=1, Visit=2)  # a talk, and the watch


@pytest.mark.parametrize("bad", [row("程岚", "罚款"), row("方融"), row("程岚", 单位="局" * 81)])
def test_one_error_keeps_everything_out(lane: Lane, load: Load, bad: tuple[object, ...]) -> None:
    report = load(row("方融"), bad)
    assert report.loaded is None
    assert [problem.row for problem in report.checked.errors] == [3]
    assert not counted(lane).total()


def test_a_dry_run_leaves_nothing_behind(lane: Lane, load: Load) -> None:
    report = load(row("方融"), dry_run=True)
    assert report.loaded is None
    assert len(report.checked.entries) == 1
    assert not counted(lane).total()


def test_somebody_with_an_open_case_is_refused(
    lane: Lane, load: Load, english: Callable[[Phrase], str]
) -> None:
    load(row("方融"))
    again = load(row("程岚"), row("方\u3000融"))
    assert again.loaded is None
    assert [english(problem.line()) for problem in again.checked.errors] == [
        "Row 3, “姓名” (column A): “方 融” already has an open case in this unit; "
        "delete this row; if it is another person, add the department to the unit."
    ]
    assert load(row("方融", 单位="县审计局")).loaded is not None
    assert counted(lane)["Person"] == 2


def test_a_closed_case_leaves_the_way_free_and_the_person_the_same(lane: Lane, load: Load) -> None:
    load(row("方融"))

    def close(session: Session) -> None:
        session.exec(select(Case)).one().state = CaseState.closed

    lane.run_now(close)
    report = load(row("方融", 职务="股长"))
    assert report.loaded is not None
    assert (report.loaded.people, report.loaded.cases) == (0, 1)
    assert lane.run_now(lambda session: session.exec(select(Person)).one().post) == "股长"


def test_conduct_in_other_words_is_a_warning(lane: Lane, load: Load) -> None:
    report = load(row("方融", 表现="表现良好"))
    assert [problem.column for problem in report.checked.warnings] == ["影响期内综合表现"]
    assert only_case(lane).conduct == ""


def test_a_case_waits_for_its_officer(lane: Lane, county: County, load: Load) -> None:
    report = load(row("方融", 责任人="陈立群"), row("程岚", 责任人=""))
    assert report.loaded is not None
    assert report.loaded.unassigned == 2

    def link(session: Session) -> None:
        officer = people.add_member(session, county, NewMember("陈立群", Role.care_officer), now=NOW)
        linked = session.exec(select(Case).where(Case.care_officer_id == officer.id)).one()
        theirs = session.exec(select(Visit.officer_id).where(Visit.case_id == linked.id)).all()
        assert theirs == [officer.id, officer.id], "the first talk, and the watch"

    lane.run_now(link)


def test_two_officers_of_one_name_get_nothing_by_it(lane: Lane, county: County, load: Load) -> None:
    lane.run_now(
        lambda session: people.add_member(session, county, NewMember("李敏", Role.care_officer), now=NOW)
    )
    load(row("方融"))
    case = only_case(lane)
    assert (case.care_officer_id, case.awaits_officer) == (None, "李敏")


def test_first_visits_are_spread_and_none_is_due_yet(lane: Lane, county: County, load: Load) -> None:
    load(*(row(f"方{n}", decided=f"2025-{n % 12 + 1:02}-10") for n in range(60)))

    def check(session: Session) -> None:
        mechanism = mechanism_of(session, county.id)
        days = Counter(session.exec(select(col(Visit.due_on)).where(Visit.kind == VisitKind.talk)).all())
        assert max(days.values()) <= 3
        assert min(days) > TODAY
        assert max(days) <= TODAY + timedelta(weeks=mechanism.rulebook.cadence.spread_weeks)
        assert all(mechanism.calendar.is_workday(day) for day in days)
        assert all(rules.lateness(day, TODAY, mechanism.calendar) < 0 for day in days)

    lane.run_now(check)


def test_a_limit_that_can_be_kept_is_kept(lane: Lane, load: Load) -> None:
    """A decision of last week asks for a talk within 30 days; the spread alone would go beyond."""
    load(*(row(f"方{n}", decided="2025-03-10") for n in range(30)), row("程岚", decided="2026-10-29"))

    def check(session: Session) -> None:
        fresh = select(col(Visit.due_on)).join(Case).where(Case.stage_since == date(2026, 10, 29))
        fresh = fresh.where(Visit.kind == VisitKind.talk)
        assert session.exec(fresh).one() <= date(2026, 11, 30)

    lane.run_now(check)


def test_codes_are_drawn_again_until_they_are_new(
    lane: Lane, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw(*codes: str) -> None:
        drawn = iter(codes)
        monkeypatch.setattr(ids, "case_code", lambda county: f"{county}-{next(drawn)}")

    draw("AAAA")
    load(row("方融"))
    draw("AAAA", "BBBB", "BBBB", "CCCC")
    load(row("程岚"), row("程枫"))
    codes = lane.run_now(lambda session: set(session.exec(select(Case.code)).all()))
    assert codes == {"JA-AAAA", "JA-BBBB", "JA-CCCC"}


def test_tasks_get_codes_of_their_own(lane: Lane, load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "task_code", lambda: "T-AAAAA")
    load(row("方融"))
    load(row("程岚"), row("程枫"))
    assert len(lane.run_now(lambda session: set(session.exec(select(Visit.code)).all()))) == 6


def test_the_audit_names_nobody(lane: Lane, load: Load) -> None:
    load(row("方融"))
    records = lane.run_now(lambda session: session.exec(select(AuditRecord)).all())
    assert {"case_opened", "roster_loaded"} <= {record.verb for record in records}
    assert "方融" not in str([record.facts for record in records])


def test_the_sample_roster_loads(lane: Lane, county: County, sample: bytes) -> None:
    report = lane.run_now(lambda session: import_roster(session, county, sample, now=NOW))
    assert report.loaded is not None
    assert (report.loaded.cases, report.loaded.unassigned) == (60, 60)
