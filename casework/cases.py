"""Finding a case and saying how it stands, to whoever may know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlmodel import Session, col, func, or_, select

from casework import names, second
from casework.forms.catalog import RATING_FORMS
from reminders import course
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit
from storage.bulk import among, listed
from storage.errors import NotFound
from storage.queries import case_heads
from storage.queries import notes as note_lists
from storage.queries import visits as visit_lists
from storage.queries.access import NO_SUCH_CASE, Actor, access_case
from storage.queries.case_heads import CaseHead
from storage.queries.notes import KeptNote
from storage.queries.recusals import free_for
from storage.queries.standing import events as events_of
from storage.queries.standing import newest
from storage.tables import METADATA
from storage.tables.cases import Case, CaseEvent, CaseState, Person
from storage.tables.confirmations import ConfirmationState
from storage.tables.counties import Unit
from storage.tables.members import Member, Role
from storage.tables.notes import Note
from storage.tables.visits import Visit, VisitEvent, VisitKind, VisitState

_CASES = METADATA.tables["care_case"]
SHOWN_RATINGS = 5
SHOWN_HITS = 8


@dataclass(frozen=True)
class Hit:
    case: Case
    person: Person
    unit: str


@dataclass(frozen=True)
class Found:
    """What a query found: the hits, or else names that were perhaps meant."""

    hits: tuple[Hit, ...]
    suggestions: tuple[str, ...] = ()


class Rating(NamedTuple):
    """A state of mind, the day it was seen, and how it stands where it needs a second person."""

    day: date
    grade: str
    standing: ConfirmationState | None = None


@dataclass(frozen=True)
class Status:
    """How a case stands. `ratings` are the last states of mind, oldest first, with the day each was seen. `done` of
    the `planned` visits were made; what took place without a plan is counted in `besides`."""

    hit: Hit
    officer: str | None
    last: Visit | None
    upcoming: Visit | None
    overdue: bool
    ratings: tuple[Rating, ...]
    planned: int
    done: int
    besides: int
    difficulties: int  # that are not settled
    stopped: CaseEvent | None  # why no visits are made: for the office


@dataclass(frozen=True)
class History:
    """The visits of a case in whatever state, earliest due first, what happened to them, and, for the office, to the
    case as such, oldest first."""

    hit: Hit
    visits: tuple[visit_lists.VisitLine, ...]
    events: tuple[VisitEvent, ...]
    standing: tuple[CaseEvent, ...]


def hit_of(session: Session, actor: Actor, case_ref: int | str) -> Hit:
    """The case, its person and their unit, for somebody who may read it."""
    case = access_case(session, actor, case_ref)
    person = session.get_one(Person, case.person_id)
    return Hit(case, person, session.get_one(Unit, person.unit_id).name)


def _shortens(short: str, name: str) -> bool:
    """Whether it is how a unit is called in short, its characters in their order: 发改局 for 县发展和改革局."""
    left = iter(name)
    return len(short) > 2 and not short.isascii() and all(char in left for char in short)


def find(session: Session, actor: Actor, query: str, *, now: datetime, by_unit: bool = True) -> Found:
    """The cases that `query` means (code, name, pinyin, initials or unit) among those the actor may see."""
    heads = case_heads.readable(session, actor) if actor.in_office or actor.has(Role.care_officer) else []
    wanted = names.tidy(query)
    code = wanted.upper()
    hits = [one for one in heads if one.code == code or one.code.partition("-")[2] == code]
    hits = hits or list(filter(names.meant_by(wanted), heads))
    if by_unit:
        hits = hits or [one for one in heads if len(wanted) > 1 and wanted in one.unit]
        hits = hits or [one for one in heads if _shortens(wanted, one.unit)]
    audit.record(session, actor, "case_sought", "case", None, now=now, hits=len(hits))
    if hits:
        return Found(_whole(session, hits))
    return Found((), tuple(names.close(wanted, heads)))


def _whole(session: Session, heads: Sequence[CaseHead]) -> tuple[Hit, ...]:
    query = (
        select(Case, Person)
        .join(Person, col(Person.id) == Case.person_id)
        .where(among(session, _CASES.c.id))
        .order_by(col(Case.code))
    )
    rows = session.exec(query, params=listed(session, [one.case_id for one in heads])).all()
    units = {one.case_id: one.unit for one in heads}
    return tuple(Hit(case, person, units[case.id]) for case, person in rows)


def status(
    session: Session, actor: Actor, case_ref: int | str, mechanism: Mechanism, *, now: datetime
) -> Status:
    """How one case stands, for somebody who may read it; the reading is recorded."""
    hit = hit_of(session, actor, case_ref)
    case = hit.case
    officer = session.get(Member, case.care_officer_id) if case.care_officer_id else None
    lines = visit_lists.of_case(session, case.id)
    asked = [line.visit for line in lines if line.visit.kind == VisitKind.difficulty]
    lines = [line for line in lines if line.visit.kind != VisitKind.difficulty]
    done = [line.visit for line in lines if line.visit.state == VisitState.done]
    is_open = case.state == CaseState.open
    kept = [visit for visit in done if not visit.unplanned]
    waiting = [line.visit for line in lines if is_open and line.visit.state == VisitState.planned]
    waiting_first = [
        *waiting[:1],
        *(line.visit for line in visit_lists.silent(session, case.id, mechanism.day(now))),
    ]
    upcoming = min(waiting_first, key=lambda visit: visit.due_on, default=None)
    audit.record(session, actor, "case_read", "case", case.id, now=now)
    return Status(
        hit,
        officer.name if officer else None,
        max(done, key=lambda visit: visit.done_on or visit.due_on, default=None),
        upcoming,
        upcoming is not None and course.is_overdue(upcoming, now, mechanism),
        tuple(ratings(session, case, SHOWN_RATINGS)),
        len(kept) + len(waiting),
        len(kept),
        len(done) - len(kept),
        sum(1 for visit in asked if visit.state != VisitState.done),
        None if is_open or not actor.in_office else newest(session, case.id),
    )


def ratings(session: Session, case: Case, limit: int) -> list[Rating]:
    """The last ratings of the state of mind, oldest first. Notes whose form asks for none are no ratings."""
    rated = [note for note in note_lists.of_case(session, case.id) if note.form in RATING_FORMS]
    return rated_in(session, case.id, rated[-limit:])


def rated_in(session: Session, case_id: int, notes: Sequence[note_lists.KeptNote]) -> list[Rating]:
    """The ratings of these notes of a case, and which of them a second person has not agreed to."""
    standing = second.standings(session, case_id)
    return [Rating(note.held_on, note.state_of_mind, standing.get(note.id)) for note in notes]


def history(session: Session, actor: Actor, case_ref: int | str, *, now: datetime) -> History:
    """What was planned in a case and what became of it, for somebody who may read it; the reading is recorded."""
    hit = hit_of(session, actor, case_ref)
    events = session.exec(
        select(VisitEvent)
        .join(Visit, col(Visit.id) == VisitEvent.visit_id)
        .join(Note, col(Note.id) == VisitEvent.note_id, isouter=True)
        .where(Visit.case_id == hit.case.id, Visit.kind != VisitKind.contact)
        .where(note_lists.STANDS)  # also where no note brought it about
        .order_by(col(VisitEvent.at), col(VisitEvent.id))
    ).all()
    lines = visit_lists.of_case(session, hit.case.id)
    audit.record(session, actor, "history_read", "case", hit.case.id, now=now)
    standing = events_of(session, hit.case.id) if actor.in_office else ()
    # What nobody had planned and what did not take place either was another case's.
    shown = [one for one in lines if not (one.visit.unplanned and one.visit.state is VisitState.withdrawn)]
    return History(hit, tuple(shown), tuple(events), tuple(standing))


def supervised(session: Session, actor: Actor, code: str, *, now: datetime) -> list[visit_lists.VisitLine]:
    """The open visits of a case, for the supervisor of an officer who makes them: dates and lateness, no content.

    The code may be given without the letters of the county. The reading is recorded.

    Raises:
        NotFound: no such case, or none of its visits is made by an officer of theirs.
    """
    query = (
        select(Visit.id)
        .join(Case, col(Case.id) == Visit.case_id)
        .join(Member, col(Member.id) == Visit.officer_id)
        .where(
            _of_code(code),
            Case.county_id == actor.county_id,
            Case.state == CaseState.open,
            Visit.state == VisitState.planned,
            Member.supervisor_id == actor.member_id,
            Member.id != actor.member_id,
            or_(
                Visit.kind != VisitKind.contact,
                col(Visit.due_on) < mechanism_of(session, actor.county_id).day(now),
            ),
            free_for(actor.member_id),
        )
    )
    found = session.exec(query).all()
    if not found:
        raise NotFound(NO_SUCH_CASE, query=code)
    items = visit_lists.by_ids(session, found)
    audit.record(session, actor, "schedule_read", "case", items[0].case.id, now=now)
    return items


def at_rest(session: Session, actor: Actor, code: str) -> Case | None:
    """A case of that code in which no visits are made for now, for the supervisor of whoever would make them: they have
    been told so in the messages that spoke of its visits."""
    stopped = select(Case).where(
        _of_code(code),
        Case.county_id == actor.county_id,
        Case.state != CaseState.open,
        free_for(actor.member_id),
    )
    led = select(Member.id).where(Member.supervisor_id == actor.member_id, Member.id != actor.member_id)
    theirs = select(Visit.case_id).where(Visit.state == VisitState.planned, col(Visit.officer_id).in_(led))
    query = stopped.where(or_(col(Case.care_officer_id).in_(led), col(Case.id).in_(theirs)))
    return session.exec(query.order_by(col(Case.id).desc())).first()


def _of_code(code: str) -> Any:
    wanted = names.tidy(code).upper()
    return or_(Case.code == wanted, col(Case.code).endswith(f"-{wanted}", autoescape=True))


def notes_of(session: Session, actor: Actor, case: Case, *, now: datetime) -> list[KeptNote]:
    """The notes of a case as they hold now, oldest first; the reading is recorded."""
    audit.record(session, actor, "notes_read", "case", case.id, now=now)
    return note_lists.of_case(session, case.id)


def count_open(session: Session, county_id: int) -> int:
    return session.exec(
        select(func.count()).where(Case.county_id == county_id, Case.state == CaseState.open)
    ).one()
