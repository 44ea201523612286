"""Small factories: a county, a member, a case, a visit, each with what a test wants to be different."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from casework import names, people
from casework.people import NewMember
from reminders import schedule
from reminders.mechanism import Mechanism, mechanism_of
from storage.ids import case_code
from storage.queries.access import Actor, actor_of
from storage.tables.cases import Case, Person, Stage
from storage.tables.counties import County
from storage.tables.mail import Outbox, OutboxState
from storage.tables.matters import Matter
from storage.tables.members import Duty, Member, Role
from storage.tables.notes import Note
from storage.tables.visits import Reminder, Visit, VisitKind

ZONE = "Asia/Shanghai"
MONDAY = date(2026, 11, 23)  # in a stretch of ordinary weeks


def at(day: str | date, hour: str = "09:00") -> datetime:
    """A moment in the county: `at("2026-11-23", "08:30")`."""
    return datetime.fromisoformat(f"{day}T{hour}+08:00")


LONG_AGO = at("2026-01-05")
NOW = at(MONDAY, "08:30")


def county(session: Session, code: str = "JA", *, now: datetime = LONG_AGO) -> County:
    return people.add_county(session, code, f"{code}县", ZONE, now=now)


def member(
    session: Session,
    of: County,
    role: Role = Role.care_officer,
    *,
    name: str = "李敏",
    supervisor: Member | None = None,
    now: datetime = LONG_AGO,
    **more: Any,
) -> Member:
    """`more` as in `NewMember`: unit, duty, person_id, language."""
    if role is Role.administrator:
        more.setdefault("duty", Duty.system)
    data = NewMember(name, role, supervisor_id=supervisor.id if supervisor else None, **more)
    return people.add_member(session, of, data, now=now)


def actor(session: Session, of: Member) -> Actor:
    return actor_of(session, of, "en")


def case(
    session: Session,
    of: County,
    officer: Member | None = None,
    *,
    name: str = "张明",
    unit: str = "县财政局",
    reason: str = "审核不严",
    **more: Any,
) -> Case:
    """A person and their case; `more` are columns of the case."""
    place = people.unit_called(session, of.id, unit)
    person = Person(
        county_id=of.id, unit_id=place.id, name_sealed=b"", name_index=b"", name_keys_sealed=b"", post_sealed=b"",
        created_at=LONG_AGO,
    )  # fmt: skip
    person.name, person.name_keys, person.post = name, names.keys(name), "科员"
    session.add(person)
    session.flush()
    columns: dict[str, Any] = {
        "code": case_code(of.code),
        "stage": Stage.follow_up,
        "stage_since": date(2026, 8, 3),
        "care_officer_id": officer.id if officer else None,
        **more,
    }
    made = Case(county_id=of.id, person_id=person.id, reason_sealed=b"", created_at=LONG_AGO, **columns)
    made.reason = reason
    session.add(made)
    session.flush()
    return made


def mechanism(session: Session, of: Case | County) -> Mechanism:
    return mechanism_of(session, of.id if isinstance(of, County) else of.county_id)


def visit(
    session: Session,
    of: Case,
    due_on: date = MONDAY,
    kind: VisitKind = VisitKind.talk,
    *,
    now: datetime = LONG_AGO,
) -> Visit:
    made = schedule.plan(session, of, kind, due_on, mechanism(session, of), now=now)
    session.flush()
    return made


@dataclass
class Town:
    """One of each: two officers under a supervisor, the office above them, and one visit due on a Monday."""

    county: int
    officer: int
    colleague: int
    supervisor: int
    staff: int
    leader: int
    case: int
    visit: int

    def who(self, member_id: int) -> str:
        """The name under which a member id stands here."""
        return next(name for name, value in vars(self).items() if value == member_id)


def town(session: Session, *, due_on: date = MONDAY, code: str = "JA") -> Town:
    place = county(session, code)
    supervisor = member(session, place, Role.supervisor, name="王强")
    officer = member(session, place, name="李敏", supervisor=supervisor)
    colleague = member(session, place, name="吴涛", supervisor=supervisor)
    staff = member(session, place, Role.commission_staff, name="陈刚")
    leader = member(session, place, Role.leader, name="刘伟")
    its_case = case(session, place, officer)
    its_visit = visit(session, its_case, due_on)
    return Town(
        place.id, officer.id, colleague.id, supervisor.id, staff.id, leader.id, its_case.id, its_visit.id
    )


def promise(session: Session, case: Case, due_on: date, *, now: datetime) -> Matter:
    """A note in a case that names something to follow up by a day."""
    note = Note(
        county_id=case.county_id,
        case_id=case.id,
        author_id=case.care_officer_id or session.exec(select(Member.id).limit(1)).one(),
        kind=VisitKind.talk,
        form="talk",
        form_version=1,
        held_on=now.date(),
        submitted_at=now,
        answers_sealed=b"",
        state_of_mind_sealed=b"",
    )
    note.answers, note.state_of_mind = {"follow_up": "联系卫生院"}, "not_rated"
    session.add(note)
    session.flush()
    matter = Matter(county_id=note.county_id, case_id=note.case_id, note_id=note.id, due_on=due_on)
    session.add(matter)
    session.flush()
    return matter


def told(session: Session, visit_id: int) -> list[tuple[int, int]]:
    """Who was told of a visit: (step, member id), in the order of the steps."""
    found = session.exec(select(Reminder.step, Reminder.member_id).where(Reminder.visit_id == visit_id))
    return sorted((step, member_id) for step, member_id in found if step is not None)


def mail(session: Session, kind: str | None = None) -> list[Outbox]:
    """What is in the outbox, oldest first."""
    query = select(Outbox).order_by(col(Outbox.id))
    return list(session.exec(query.where(Outbox.kind == kind) if kind else query).all())


def sent(session: Session, row: Outbox, *, now: datetime) -> None:
    """As if it had been delivered."""
    row.state, row.sent_at, row.receipt, row.channel = OutboxState.sent, now, "1", "sandbox"
    session.add(row)
    session.flush()
