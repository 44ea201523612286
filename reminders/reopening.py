"""A visit whose note was voided: it waits again, as late as it was when the note came."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session, col, func, select

from reminders import cadence, changing, schedule
from reminders.course import happened, look_again
from reminders.ladder import refresh_messages
from reminders.mechanism import Mechanism
from storage.tables.cases import Case, CaseState
from storage.tables.notes import Note
from storage.tables.visits import Reminder, Visit, VisitEvent, VisitEventKind, VisitState


def reopen(
    session: Session,
    case: Case,
    visit: Visit,
    note: Note,
    mechanism: Mechanism,
    *,
    now: datetime,
    actor_id: int,
) -> bool:
    """Have the visit waited for again; whether it is. One that nobody had planned is gone, and so is one whose place
    another of its kind has taken: if that one waits, it is due no later than this one would be."""
    recorded_on = mechanism.day(_recorded_at(session, visit, note))
    visit.done_on, due_on = None, visit.due_on
    shift = mechanism.calendar.workdays_between(recorded_on, mechanism.day(now))
    if due_on <= mechanism.day(now) and shift > 0:
        # Nobody was waited for in between: it is as late as it was.
        due_on = mechanism.calendar.add_workdays(due_on, shift)
    if (
        visit.unplanned
        or case.state is CaseState.closed
        or _is_served(session, visit, due_on, mechanism, now)
    ):
        schedule.withdraw(session, visit, now=now, actor_id=actor_id, note_id=note.id)
        return False
    happened(session, visit, VisitEventKind.reopened, now, actor_id)
    waiting = None if due_on != visit.due_on else _first_untold(session, visit, mechanism)
    visit.state, visit.due_on = VisitState.planned, due_on
    visit.acknowledged_until = visit.rest_until = None
    if case.state is CaseState.open:
        look_again(visit, mechanism, now, waiting=waiting)
    session.flush()
    refresh_messages(session, visit, now=now)
    return True


def _recorded_at(session: Session, visit: Visit, note: Note) -> datetime:
    query = select(VisitEvent.at).where(
        VisitEvent.visit_id == visit.id,
        VisitEvent.note_id == note.id,
        VisitEvent.kind == VisitEventKind.recorded,
    )
    return session.exec(query).first() or note.submitted_at


def _is_served(session: Session, visit: Visit, due_on: date, mechanism: Mechanism, now: datetime) -> bool:
    """Whether another visit of the kind stands in for this one; of difficulties each is one of its own."""
    if visit.kind not in cadence.KINDS:
        return False
    others = session.exec(
        select(Visit)
        .where(
            Visit.case_id == visit.case_id,
            Visit.kind == visit.kind,
            Visit.id != visit.id,
            col(Visit.state).in_((VisitState.planned, VisitState.done)),
        )
        .order_by(col(Visit.due_on))
    ).all()
    if any(one.state is VisitState.done and one.due_on >= visit.due_on for one in others):
        return True
    waiting = next((one for one in others if one.state is VisitState.planned), None)
    if waiting is None:
        return False
    if waiting.due_on > due_on:
        moved = VisitEventKind.rescheduled
        schedule.move(session, waiting, due_on, mechanism, kind=moved, now=now, actor_id=None)
    return True


def _first_untold(session: Session, visit: Visit, mechanism: Mechanism) -> int | None:
    changing.renumber_visit(session, visit, mechanism)
    query = select(func.max(Reminder.step)).where(
        Reminder.visit_id == visit.id, Reminder.due_on == visit.due_on
    )
    told = session.exec(query).one()
    return None if told is None else told + 1
