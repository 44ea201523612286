"""Recording what took place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from casework import concerns, safety
from locales.catalogue import N_
from locales.phrase import Day
from reminders import cadence, schedule
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit
from storage.errors import Refused
from storage.queries.access import NO_VISITS_NOW, Actor, access_visit
from storage.queries.standing import stopped
from storage.tables.calls import CallSource, SafetyCall
from storage.tables.cases import Case, CaseState, Stage
from storage.tables.notes import Note
from storage.tables.visits import Visit, VisitKind

SHORTENING = ("unsettled", "concern")


@dataclass(frozen=True)
class NoteData:
    """A completed form of a visit: `answers` as the dialog engine gave them, every shown one checked."""

    visit_id: int
    form: str
    form_version: int
    held_on: date
    answers: dict[str, Any]
    state_of_mind: str = "not_rated"
    safety: bool = False


@dataclass(frozen=True)
class Recorded:
    """What was saved, and what follows from it. `because` is the rating that shortened the interval, if one did; `call`
    the safety call that the note opened."""

    note: Note
    visit: Visit
    following: Visit | None
    because: str | None
    call: SafetyCall | None = None


def record_visit(session: Session, actor: Actor, data: NoteData, *, now: datetime) -> Recorded:
    """Keep the note of a visit, end its ladder, and plan what comes next.

    Where the case was put on hold or closed meanwhile, a visit that was made until then may still be recorded.

    Raises:
        NotFound: the visit is not open, or not this officer's.
        Refused: it was held in the future, or while no visits were arranged.
    """
    mechanism = mechanism_of(session, actor.county_id)
    today = mechanism.day(now)
    visit = access_visit(session, actor, data.visit_id, to="record", today=today, resting=True)
    case = session.get_one(Case, visit.case_id)
    if data.held_on > today:
        raise Refused(N_("{day} has not come yet: a note tells of what took place."), day=Day(data.held_on))
    if case.state != CaseState.open:
        _require_made_before(session, case, data.held_on, mechanism)
    note = _write(session, actor, visit, case, data, now)
    schedule.finish(session, visit, data.held_on, now=now, actor_id=actor.member_id)
    session.flush()
    audit.record(
        session,
        actor,
        "visit_recorded",
        "visit",
        visit.id,
        now=now,
        kind=visit.kind.value,
        held_on=data.held_on,
    )
    following, because = _plan_what_follows(session, case, visit, data, mechanism, now)
    call = None
    if data.safety:
        call = safety.open_call(session, actor, case, CallSource.note, now=now, visit=visit)
    elif data.state_of_mind == "concern":
        concerns.tell(session, visit, now=now)
    return Recorded(note, visit, following, because, call)


def _require_made_before(session: Session, case: Case, held_on: date, mechanism: Mechanism) -> None:
    """What took place before the visits of a case were stopped is not lost. The day itself counts."""
    stop = stopped(session, case.id)
    if stop is None:
        raise Refused(NO_VISITS_NOW)
    if held_on > (day := mechanism.day(stop.at)):
        raise Refused(
            N_("No visits are arranged in this case after {day}; a note can tell of one made until then."),
            day=Day(day),
        )


def _write(session: Session, actor: Actor, visit: Visit, case: Case, data: NoteData, now: datetime) -> Note:
    note = Note(
        county_id=case.county_id,
        case_id=case.id,
        visit_id=visit.id,
        author_id=actor.member_id,
        kind=visit.kind,
        form=data.form,
        form_version=data.form_version,
        held_on=data.held_on,
        submitted_at=now,
        answers_sealed=b"",
        state_of_mind_sealed=b"",
    )
    note.answers = data.answers
    note.state_of_mind = data.state_of_mind
    session.add(note)
    return note


def _plan_what_follows(
    session: Session, case: Case, visit: Visit, data: NoteData, mechanism: Mechanism, now: datetime
) -> tuple[Visit | None, str | None]:
    """The next talk (or the next of this kind), and the rating that brought it nearer, if one did."""
    if case.state != CaseState.open:
        return None, None
    planned = schedule.plan_next(
        session, case, mechanism, now=now, done=visit, state_of_mind=data.state_of_mind
    )
    session.flush()
    because = data.state_of_mind if data.state_of_mind in SHORTENING else None
    following = next((new for new in planned if new.kind == visit.kind), None)
    if visit.kind == VisitKind.talk:
        return following, because if following else None
    due_by = _talk_wanted_by(case, data, mechanism, now)
    moved = schedule.bring_forward(session, case, due_by, mechanism, now=now) if due_by is not None else None
    return (moved, because) if moved is not None else (following, None)


def _talk_wanted_by(case: Case, data: NoteData, mechanism: Mechanism, now: datetime) -> date | None:
    """By when somebody has to talk with the person, as any other visit than a talk showed; None if nothing presses."""
    book, calendar, today = mechanism.rulebook, mechanism.calendar, mechanism.day(now)
    if data.safety or data.state_of_mind == "concern":
        return cadence.contact_by(today, book, calendar, safety=data.safety)
    if data.state_of_mind not in SHORTENING:
        return None
    due = cadence.next_due_on(
        Stage(case.stage),
        VisitKind.talk,
        data.held_on,
        book,
        calendar,
        state_of_mind=data.state_of_mind,
        heavy=case.heavy,
        expires_on=case.expires_on,
    )
    return None if due is None else max(due, calendar.next_workday(today))
