"""Lists of visits, each with what a line about it needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, and_, col, func, or_, select

from storage.queries import offices, units
from storage.queries.access import Actor, active_members
from storage.queries.leaves import covered_by
from storage.queries.recusals import free_for
from storage.tables.cases import Case, CaseState, Person
from storage.tables.leaves import Leave
from storage.tables.mail import Outbox, OutboxItem, OutboxState
from storage.tables.members import Member, Role
from storage.tables.visits import BY_HAND, Visit, VisitEvent, VisitEventKind, VisitKind, VisitState


@dataclass(frozen=True)
class VisitLine:
    """A visit, the case it belongs to, and who makes it."""

    visit: Visit
    case: Case
    person: Person
    officer: Member | None


def _lines(session: Session, *conditions: Any, limit: int | None = None) -> list[VisitLine]:
    query = (
        select(Visit, Case, Person, Member)
        .join(Case, col(Case.id) == Visit.case_id)
        .join(Person, col(Person.id) == Case.person_id)
        .join(Member, col(Member.id) == Visit.officer_id, isouter=True)
        .where(*conditions)
        .order_by(col(Visit.due_on), col(Visit.id))
        .limit(limit)
    )
    return [VisitLine(*row) for row in session.exec(query).all()]


_OPEN = (Visit.state == VisitState.planned, Case.state == CaseState.open)


def of_officer(session: Session, officer_id: int, *, until: date) -> list[VisitLine]:
    """The officer's open visits due until a day, overdue ones included, earliest first."""
    return _lines(session, *_OPEN, Visit.officer_id == officer_id, col(Visit.due_on) <= until)


def to_make(session: Session, member_id: int, *, until: date, today: date) -> list[VisitLine]:
    """What is a member's to make, due until a day: their own visits, and those of colleagues whom they cover for,
    as far as these fall due before the colleague is back."""
    covered = (
        and_(Visit.officer_id == leave.member_id, col(Visit.due_on) <= leave.last_on)
        for leave in covered_by(session, member_id, today)
    )
    mine = or_(Visit.officer_id == member_id, *covered)
    return _lines(session, *_OPEN, mine, col(Visit.due_on) <= until, free_for(member_id))


def of_leave(session: Session, leave: Leave, *, today: date) -> list[VisitLine]:
    """The open visits of a member that others may have to see to: due in the leave, or overdue now. What falls due
    between today and the leave is still the member's own."""
    items = of_officer(session, leave.member_id, until=leave.last_on)
    return [item for item in items if not today <= item.visit.due_on < leave.first_on]


def by_ids(session: Session, visit_ids: Sequence[int]) -> list[VisitLine]:
    """The given visits in whatever state they are."""
    return _lines(session, col(Visit.id).in_(visit_ids)) if visit_ids else []


def by_code(session: Session, code: str) -> VisitLine | None:
    """The visit of a task's code, whatever became of it."""
    return next(iter(_lines(session, Visit.code == code, limit=1)), None)


def due_before(session: Session, actor: Actor, day: date, *, limit: int = 200) -> list[VisitLine]:
    """Open visits due before a day that the actor oversees: all for the office, else those of their officers."""
    return _lines(session, *_overseen(actor), col(Visit.due_on) < day, limit=limit)


def _overseen(actor: Actor) -> list[Any]:
    conditions = [*_OPEN, Visit.county_id == actor.county_id, free_for(actor.member_id)]
    if not actor.in_office:
        mine = select(Member.id).where(Member.supervisor_id == actor.member_id)
        conditions.append(col(Visit.officer_id).in_(mine))
        conditions.append(col(Visit.officer_id) != actor.member_id)
    return conditions


def of_case(session: Session, case_id: int) -> list[VisitLine]:
    """The visits of a case in whatever state. That nothing was recorded for long (`contact`) is none of them."""
    return _lines(session, Visit.case_id == case_id, Visit.kind != VisitKind.contact)


def silent(session: Session, case_id: int, before: date) -> list[VisitLine]:
    """Whether nothing has been recorded in an open case for too long: due before a day, if so."""
    contact = Visit.kind == VisitKind.contact
    return _lines(session, *_OPEN, Visit.case_id == case_id, contact, col(Visit.due_on) < before)


def is_nearer_by_a_note(session: Session, visit: Visit) -> bool:
    """Whether what last set the day of a visit is a note that brought it nearer."""
    query = select(VisitEvent).where(VisitEvent.visit_id == visit.id, col(VisitEvent.kind).in_(_DAYS))
    last = session.exec(query.order_by(col(VisitEvent.id).desc()).limit(1)).first()
    return last is not None and last.kind is VisitEventKind.rescheduled and last.note_id is not None


_DAYS = (
    VisitEventKind.planned,
    VisitEventKind.recorded,
    VisitEventKind.rescheduled,
)  # not: more time was granted


def open_kinds(session: Session, case_id: int) -> set[VisitKind]:
    """The kinds of visits that wait in a case."""
    query = select(Visit.kind).where(Visit.case_id == case_id, Visit.state == VisitState.planned)
    return {VisitKind(kind) for kind in session.exec(query)}


def done_kinds(session: Session, case_id: int, among: Collection[VisitKind]) -> set[VisitKind]:
    """Which of some kinds were made in a case."""
    query = select(Visit.kind).where(
        Visit.case_id == case_id, Visit.state == VisitState.done, col(Visit.kind).in_(among)
    )
    return {VisitKind(kind) for kind in session.exec(query)}


def last_made(session: Session, case_id: int, kind: VisitKind) -> date | None:
    """The last day on which a visit of a kind was made in a case, as its note says."""
    query = select(func.max(Visit.done_on)).where(
        Visit.case_id == case_id, Visit.kind == kind, Visit.state == VisitState.done
    )
    return session.exec(query).one()


_TOLD = (
    select(func.count())
    .select_from(OutboxItem)
    .join(Outbox, col(Outbox.id) == OutboxItem.outbox_id)
    .where(
        OutboxItem.visit_id == bindparam("visit"),
        Outbox.member_id == bindparam("officer"),
        Outbox.state == OutboxState.sent,
        col(Outbox.day) > bindparam("due_on"),
    )
)  # put together once: it is asked for each visit of each alert


_MOVED = select(func.count()).where(
    VisitEvent.visit_id == bindparam("visit"),
    col(VisitEvent.kind).in_(BY_HAND),
    col(VisitEvent.detail_sealed).is_not(
        None
    ),  # whoever makes the visit gives a reason; the cadence gives none
)


def times_moved(session: Session, visit: Visit) -> int:
    """How often whoever makes the visit gave it another date."""
    return session.exec(_MOVED, params={"visit": visit.id}).one()


def moved_often(session: Session, actor: Actor, times: int) -> list[VisitLine]:
    """The open visits that the actor oversees and that were moved so often, or more."""
    # Asked of each visit that is open: all that ever happened to any of the county's is soon a hundred times as much.
    moved = select(func.count()).where(
        VisitEvent.visit_id == Visit.id,
        col(VisitEvent.kind).in_(BY_HAND),
        col(VisitEvent.detail_sealed).is_not(None),
    )
    often = moved.correlate(Visit).scalar_subquery() >= times
    return _lines(session, *_overseen(actor), often, limit=200)


def asked_to_move(session: Session, actor: Actor) -> list[VisitLine]:
    """The open visits that the actor oversees and that somebody asks to move."""
    return _lines(session, *_overseen(actor), col(Visit.asked_on).is_not(None), limit=200)


def last_event(session: Session, visit: Visit, kinds: Collection[VisitEventKind]) -> VisitEvent | None:
    """The newest of what happened to a visit, among these kinds."""
    query = select(VisitEvent).where(VisitEvent.visit_id == visit.id, col(VisitEvent.kind).in_(kinds))
    return session.exec(query.order_by(col(VisitEvent.id).desc()).limit(1)).first()


def times_told(session: Session, visit: Visit) -> int:
    """How many messages that reached the officer have spoken of this visit since its due day passed."""
    asked = {"visit": visit.id, "officer": visit.officer_id, "due_on": visit.due_on}
    return session.exec(_TOLD, params=asked).one()


def load(session: Session, county_id: int) -> dict[int, int]:
    """Open visits per officer of a county."""
    query = (
        select(Visit.officer_id, func.count())
        .join(Case, col(Case.id) == Visit.case_id)
        .where(Visit.county_id == county_id, *_OPEN, Visit.kind != VisitKind.contact)
        .group_by(col(Visit.officer_id))
    )
    return {officer: number for officer, number in session.exec(query).all() if officer is not None}


def colleagues(session: Session, visit: Visit) -> list[Member]:
    """Who else could make a visit: the other active officers under the same supervisor, all of the county where there
    are none; who else speaks for the unit, where it is an opinion; who else is of the office, where it is a review."""
    officer_id = visit.officer_id
    if visit.kind in (VisitKind.unit_opinion, VisitKind.review):
        case, of_unit = session.get_one(Case, visit.case_id), visit.kind is VisitKind.unit_opinion
        others = units.speakers(session, case) if of_unit else offices.reviewers(session, case)
        return [session.get_one(Member, one) for one in others if one != officer_id]
    officer = session.get_one(Member, officer_id)
    everyone = active_members(session, officer.county_id, Role.care_officer)
    from_county = [member for member in everyone if member.id != officer_id]
    same = [member for member in from_county if member.supervisor_id == officer.supervisor_id]
    return same or from_county
