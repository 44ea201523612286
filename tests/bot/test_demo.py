"""The invented county: who is in it, how late their visits are, and that the machine tells of them by itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot import demo, demo_data
from casework.forms.catalog import form_for_visit
from casework.forms.form import Env
from casework.forms.kinds import refusal
from reminders import cadence, rules, sweep
from storage import schema, sealed
from storage.errors import Refused
from storage.lane import Lane, open_lane
from storage.tables.cases import Case, Person, Sanction, Stage
from storage.tables.counties import County, Unit
from storage.tables.mail import Outbox
from storage.tables.matters import Matter
from storage.tables.members import Address, Member, MemberRole, Role
from storage.tables.notes import Note
from storage.tables.visits import Reminder, Visit, VisitEvent, VisitKind, VisitState

ZONE = "Asia/Shanghai"
MECHANISM = demo.default_mechanism(ZONE)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


OPENING = at("2026-11-23T08:30")
FRIDAY = at("2027-01-15T08:30")
ON_HOLIDAY = at("2026-10-03T15:00")


def make(lane: Lane, now: datetime = OPENING, cases: int = 44) -> None:
    lane.run_now(partial(demo.make_county, now=now, cases=cases, zone=ZONE, language="zh_CN"))


@pytest.fixture(scope="module")
def ring() -> sealed.Keyring:
    return sealed.new_keyring()


@pytest.fixture(autouse=True)
def keys(ring: sealed.Keyring) -> sealed.Keyring:
    """One key for this module, in place of one for each test: the county below is made once."""
    sealed.install(ring)
    return ring


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory, ring: sealed.Keyring) -> Iterator[Lane]:
    sealed.install(ring)
    url = f"sqlite:///{tmp_path_factory.mktemp('demo') / 'county.db'}"
    schema.migrate(url)
    lane = open_lane(url)
    make(lane)
    yield lane
    lane.close()


def waiting(session: Session, now: datetime) -> dict[str, list[tuple[Visit, Case, int]]]:
    """Open visits by persona, with their lateness."""
    today = MECHANISM.day(now)
    found: dict[str, list[tuple[Visit, Case, int]]] = defaultdict(list)
    personas = {address.member_id: address.address for address in session.exec(select(Address))}
    query = select(Visit, Case).join(Case).where(Visit.state == VisitState.planned)
    for visit, case in session.exec(query):
        late = rules.lateness(visit.due_on, today, MECHANISM.calendar)
        found[personas[visit.officer_id or 0]].append((visit, case, late))
    return found


def rehearse(lane: Lane, now: datetime) -> None:
    """What the server does before it opens: sweep from the start of the rehearsal to the opening."""
    moment: datetime | None = demo.rehearsal_start(now, MECHANISM)
    while moment is not None and moment <= now:
        moment = lane.run_now(partial(_settle, now=moment))


def _settle(session: Session, now: datetime) -> datetime | None:
    while sweep.one_slice(session, now=now):
        session.flush()
    sweep.one_digest_slice(session, now=now)
    session.flush()
    return sweep.next_moment(session, after=now)


# --- who is there ---


def test_every_role_has_a_persona(county: Lane) -> None:
    def check(session: Session) -> None:
        roles = Counter(session.exec(select(MemberRole.role)).all())
        assert set(roles) == set(Role)
        assert (roles[Role.care_officer], roles[Role.supervisor], roles[Role.administrator]) == (6, 2, 3)
        duties = session.exec(select(MemberRole.duty).where(col(MemberRole.duty).is_not(None))).all()
        assert sorted(str(duty) for duty in duties) == ["audit", "security", "system"]
        personas = [one.address for one in session.exec(select(Address).order_by(col(Address.member_id)))]
        assert len(personas) == len(set(personas)) == roles.total()
        assert personas[0] == "officer-1"
        assert {
            "supervisor-1",
            "staff-1",
            "leader-1",
            "unit-1",
            "stationed-1",
            "organisation-1",
            "personnel-1",
        } < set(personas)
        assert {"subject-1", "admin-1", "admin-2", "admin-3"} < set(personas)
        assert {member.language for member in session.exec(select(Member))} == {None}

    county.run_now(check)


def test_every_officer_has_a_supervisor_and_their_first_digest(county: Lane) -> None:
    def check(session: Session) -> None:
        query = select(Member).join(MemberRole).where(MemberRole.role == Role.care_officer)
        officers = session.exec(query).all()
        assert len({officer.supervisor_id for officer in officers} - {None}) == 2
        assert {officer.digest_at for officer in officers} == {at("2026-11-20T08:30")}

    county.run_now(check)


def test_the_person_concerned_has_a_case(county: Lane) -> None:
    def check(session: Session) -> None:
        role = session.exec(select(MemberRole).where(MemberRole.role == Role.subject)).one()
        assert (
            session.exec(select(Case).where(Case.person_id == role.person_id)).one().stage == Stage.evaluation
        )
        person, member = session.get_one(Person, role.person_id), session.get_one(Member, role.member_id)
        assert person.name == member.name

    county.run_now(check)


def test_two_people_share_a_name_and_not_a_unit(county: Lane) -> None:
    def check(session: Session) -> None:
        people = [person for person in session.exec(select(Person)) if person.name == "张明"]
        assert len(people) == 2
        assert len({person.unit_id for person in people}) == 2
        assert {person.name_keys for person in people} == {"zhangming zm"}

    county.run_now(check)


def test_posts_are_called_as_in_a_unit_of_this_kind(county: Lane) -> None:
    def check(session: Session) -> None:
        held = {(session.get_one(Unit, one.unit_id).name, one.post) for one in session.exec(select(Person))}
        assert any(post == "副局长" for _, post in held)
        for unit, post in held:
            assert unit.endswith("局") or not post.endswith("局长"), (unit, post)
            assert unit.endswith("镇人民政府") or not post.endswith("镇长"), (unit, post)
            assert unit.endswith("乡人民政府") or not post.endswith("乡长"), (unit, post)

    county.run_now(check)


def test_nothing_in_it_is_real(county: Lane) -> None:
    def check(session: Session) -> None:
        made = session.exec(select(County)).one()
        words = [made.name, *session.exec(select(Unit.name)).all()]
        words += [person.name + person.post for person in session.exec(select(Person))]
        words += [str(note.answers) for note in session.exec(select(Note))]
        words += [case.reason for case in session.exec(select(Case))]
        assert (made.code, made.name) == ("JA", "嘉安县")
        for real in ("江安", "宜宾", "四川"):
            assert real not in "".join(words)

    county.run_now(check)


# --- cases and their history ---


def test_cases_are_in_every_stage_with_sanctions_that_fit(county: Lane) -> None:
    def check(session: Session) -> None:
        cases = session.exec(select(Case)).all()
        assert len(cases) == 44
        assert {case.stage for case in cases} == set(Stage)
        sanctioned: dict[int, date] = {}
        for sanction in session.exec(select(Sanction)):
            sanctioned[sanction.case_id] = sanction.decided_on
        for case in cases:
            assert case.stage_since <= OPENING.date()
            assert sanctioned[case.id] <= case.stage_since
            if case.stage:
                assert case.expires_on is not None
                assert case.expires_on < case.stage_since
            else:
                assert case.expires_on is None or case.expires_on > OPENING.date()
        assert any(case.expires_on is None for case in cases)

    county.run_now(check)


def test_every_note_is_a_form_filled_in_properly(county: Lane) -> None:
    def check(session: Session) -> None:
        notes = session.exec(select(Note)).all()
        assert {note.kind for note in notes} == set(cadence.KINDS) - {VisitKind.unit_opinion}
        for note in notes:
            form, answers = form_for_visit(note.form), note.answers
            assert form.version == note.form_version
            shown = form.visible(answers)
            assert set(answers) == {field.key for field in shown}
            env = Env(note.held_on)
            for field in shown:
                assert refusal(field, answers[field.key], answers, env) is None, (field.key, answers)
            assert answers.get("state_of_mind", "not_rated") == note.state_of_mind
            assert note.submitted_at < demo.rehearsal_start(OPENING, MECHANISM)

    county.run_now(check)


def test_ratings_tell_a_story(county: Lane) -> None:
    def check(session: Session) -> None:
        query = select(Note).join(Case).where(Case.code == "JA-7K3Q", Note.kind == VisitKind.talk)
        ratings = [note.state_of_mind for note in session.exec(query.order_by(col(Note.held_on)))]
        assert ratings == list(demo_data.RECOVERING)

    county.run_now(check)


def test_a_visit_that_took_place_has_its_note_and_its_events(county: Lane) -> None:
    def check(session: Session) -> None:
        done = session.exec(select(Visit).where(Visit.state == VisitState.done)).all()
        noted = set(session.exec(select(Note.visit_id)).all())
        events = Counter(session.exec(select(VisitEvent.visit_id)).all())
        assert len(done) > 100
        for visit in done:
            assert visit.done_on is not None
            assert visit.next_look_at is None
            assert visit.id in noted
            assert events[visit.id] == 2

    county.run_now(check)


# --- what waits ---


def test_there_is_every_degree_of_lateness(county: Lane) -> None:
    def check(session: Session) -> None:
        everything = [one for mine in waiting(session, OPENING).values() for one in mine]
        late = {days for _, _, days in everything}
        assert {0, 1, 3, 6, 9, 14} <= late
        assert min(late) < -20
        assert any(-7 <= days < 0 for days in late)
        assert {visit.kind for visit, _, _ in everything} == {*cadence.KINDS, VisitKind.contact}
        (resting,) = [visit for visit, _, _ in everything if visit.rest_until]
        (acknowledged,) = [visit for visit, _, _ in everything if visit.acknowledged_until]
        assert resting.rest_until is not None
        assert resting.rest_until > OPENING
        assert resting.done_on is not None
        assert resting.done_on < OPENING.date()
        assert acknowledged.acknowledged_until is not None
        assert acknowledged.acknowledged_until > OPENING
        assert all(visit.next_look_at for visit, _, _ in everything)

    county.run_now(check)


@pytest.mark.parametrize("now", [OPENING, FRIDAY, ON_HOLIDAY, at("2027-02-10T08:30")])
@pytest.mark.parametrize("cases", [12, 100])
def test_the_first_officer_has_a_clear_morning(
    tmp_path: Path, empty_sqlite: Path, now: datetime, cases: int
) -> None:
    lane = _fresh(tmp_path, empty_sqlite)

    def check(session: Session) -> None:
        mine = [one for one in waiting(session, now)["officer-1"] if one[2] > -8]
        assert sorted((case.code, visit.kind.value, days) for visit, case, days in mine if days > 0) == [
            ("JA-7K3Q", "talk", 3)
        ]
        today = sorted(visit.kind.value for visit, _, days in mine if days == 0)
        assert today == ["home_visit", "talk"]
        (soon,) = [visit for visit, _, days in mine if days < 0]
        ends = MECHANISM.day(now) + timedelta(days=6 - MECHANISM.day(now).weekday())
        assert soon.due_on <= ends or soon.due_on == MECHANISM.calendar.next_workday(MECHANISM.day(now))
        assert len({case.id for case in session.exec(select(Case))}) == cases

    make(lane, now, cases)
    lane.run_now(check)
    lane.close()


@pytest.mark.parametrize("now", [OPENING, FRIDAY, ON_HOLIDAY])
def test_the_machine_has_told_of_it_when_the_page_opens(
    tmp_path: Path, empty_sqlite: Path, now: datetime
) -> None:
    lane = _fresh(tmp_path, empty_sqlite)
    make(lane, now)
    rehearse(lane, now)

    def check(session: Session) -> None:
        persona = {one.member_id: one.address for one in session.exec(select(Address))}
        sent = session.exec(select(Outbox)).all()
        assert all(row.due_at <= now for row in sent)
        assert {persona[row.member_id or 0] for row in sent if row.kind == "digest"} == {
            *(f"officer-{n}" for n in range(1, 7)),
            *(f"unit-{n}" for n in range(1, 4)),
            "staff-1",
            "staff-2",
        }
        told = {persona[row.member_id or 0]: row for row in sent if row.kind == "alert"}
        assert {"supervisor-1", "supervisor-2", "staff-1", "leader-1"} <= set(told)
        late = select(Visit).join(Case).where(Case.code == "JA-7K3Q", Visit.state == VisitState.planned)
        visit = session.exec(late.where(Visit.kind == VisitKind.talk)).one()
        reminders = session.exec(select(Reminder).where(Reminder.visit_id == visit.id)).all()
        assert told["supervisor-1"].id in {one.outbox_id for one in reminders}
        assert sorted(one.step for one in reminders if one.step is not None) == [0, 1, 2, 3, 4, 5]

    lane.run_now(check)
    lane.close()


def _fresh(folder: Path, empty: Path) -> Lane:
    path = folder / "county.db"
    path.write_bytes(empty.read_bytes())
    return open_lane(f"sqlite:///{path}")


def test_it_is_made_on_either_database(lane: Lane) -> None:
    make(lane, cases=12)
    assert lane.run_now(lambda session: len(session.exec(select(Case)).all())) == 12


# --- the hours ---


@pytest.mark.parametrize(
    ("now", "opening", "start"),
    [
        ("2026-11-23T06:00", "2026-11-23T08:30", "2026-11-20T08:00"),
        ("2026-11-25T19:40", "2026-11-25T08:30", "2026-11-24T08:00"),
        ("2026-11-28T12:00", "2026-11-30T08:30", "2026-11-26T08:00"),
        ("2026-10-01T12:00", "2026-10-08T08:30", "2026-09-29T08:00"),
    ],
)
def test_opening_and_rehearsal(now: str, opening: str, start: str) -> None:
    assert demo.next_opening(at(now), MECHANISM) == at(opening)
    assert demo.rehearsal_start(at(now), MECHANISM) == at(start)


@pytest.mark.parametrize("cases", [11, 5001])
def test_too_few_and_too_many_cases_are_refused(tmp_path: Path, empty_sqlite: Path, cases: int) -> None:
    lane = _fresh(tmp_path, empty_sqlite)
    with pytest.raises(Refused):
        make(lane, cases=cases)
    lane.close()


def test_the_county_is_the_same_every_time(county: Lane, tmp_path: Path, empty_sqlite: Path) -> None:
    def told(session: Session) -> list[Any]:
        query = select(Case, Person, Visit).join(Person).join(Visit).order_by(col(Case.code), col(Visit.code))
        return [
            (
                case.code,
                case.stage,
                case.expires_on,
                case.reason,
                person.name,
                person.post,
                visit.code,
                visit.due_on,
            )
            for case, person, visit in session.exec(query)
        ] + [
            str(
                {key: value for key, value in note.answers.items() if key != "companions"}
            )  # ids are made anew
            for note in session.exec(select(Note).order_by(col(Note.submitted_at), col(Note.id)))
        ]

    again = _fresh(tmp_path, empty_sqlite)
    make(again)
    assert again.run_now(told) == county.run_now(told)
    again.close()


def test_one_matter_is_to_be_followed_up_today_and_none_of_the_fixed_stories(county: Lane) -> None:
    def found(session: Session) -> list[tuple[date | None, str, str]]:
        query = select(Matter, Note, Person).join(Note, col(Note.id) == Matter.note_id)
        query = query.join(Case, col(Case.id) == Matter.case_id)
        query = query.join(Person, col(Person.id) == Case.person_id)
        return [
            (matter.due_on, session.get_one(Member, note.author_id).name, person.name)
            for matter, note, person in session.exec(query)
        ]

    ((due_on, author, person),) = county.run_now(found)
    assert (due_on, author) == (OPENING.date(), demo_data.OFFICERS[1])
    assert person not in {cast.name for cast in demo_data.CAST}


def test_a_big_county_has_more_officers(tmp_path: Path, empty_sqlite: Path) -> None:
    lane = _fresh(tmp_path, empty_sqlite)
    make(lane, cases=120)
    load = lane.run_now(lambda session: Counter(session.exec(select(Case.care_officer_id)).all()))
    assert len(load) == 10
    assert max(load.values()) <= 16
    lane.close()
