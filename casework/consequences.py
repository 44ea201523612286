"""What follows from a note: the next visit of its kind, and a talk that is wanted sooner.

All that a note brings about carries its number (`VisitEvent.note_id`), to be moved when the note is
amended, and taken back when it is voided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from reminders import cadence, reopening, schedule
from reminders.mechanism import Mechanism
from storage.tables.cases import Case, CaseState, Stage
from storage.tables.notes import Note
from storage.tables.visits import MEETINGS, Visit, VisitEvent, VisitEventKind, VisitKind, VisitState

SHORTENING = ("unsettled", "concern")
_MOVES = (
    VisitEventKind.rescheduled,
    VisitEventKind.not_done,
    VisitEventKind.extended,
    VisitEventKind.kept_day_off,
)
Following = tuple[Visit | None, str | None]


@dataclass(frozen=True)
class Seen:
    """What a note says that the schedule depends on."""

    held_on: date
    state_of_mind: str = "not_rated"
    safety: bool = False

    @property
    def shortening(self) -> str | None:
        return self.state_of_mind if self.state_of_mind in SHORTENING else None


def follow(
    session: Session, note: Note, visit: Visit, case: Case, seen: Seen, mechanism: Mechanism, *, now: datetime
) -> Following:
    """Plan what comes after a note: the next talk (or the next of this kind), and the rating that brought it nearer, if
    one did."""
    if case.state != CaseState.open:
        return None, None
    planned = schedule.plan_next(
        session, case, mechanism, now=now, done=visit, state_of_mind=seen.state_of_mind, note_id=note.id
    )
    session.flush()
    if visit.kind in MEETINGS:
        schedule.met(session, case, seen.held_on, mechanism, now=now, actor_id=note.author_id)
    following = next((new for new in planned if new.kind == visit.kind), None)
    return _nearer(session, note, visit, case, seen, following, mechanism, now)


def have_reviewed_soon(
    session: Session,
    note: Note,
    case: Case,
    mechanism: Mechanism,
    *,
    now: datetime,
    since: date | None = None,
) -> None:
    """A person of concern is a matter for the office, in whatever stage: the review that waits comes forward, or one is
    planned. `since` when that is known, where not only since now."""
    if case.state != CaseState.open:
        return
    kind, workdays = VisitKind.review, mechanism.rulebook.cadence.follow_up.review_after_concern_workdays
    today = mechanism.day(now)
    due_by = max(mechanism.calendar.add_workdays(since or today, workdays), today)
    waits = select(Visit.id).where(
        Visit.case_id == case.id, Visit.kind == kind, Visit.state == VisitState.planned
    )
    if session.exec(waits).first() is None:
        schedule.plan(session, case, kind, due_by, mechanism, now=now, note_id=note.id)
    else:
        schedule.bring_forward(session, case, due_by, mechanism, now=now, kind=kind, note_id=note.id)


def have_contacted_soon(
    session: Session,
    note: Note,
    case: Case,
    before: str | None,
    mechanism: Mechanism,
    *,
    now: datetime,
    since: date | None = None,
) -> None:
    """Whoever is rated of concern, and was not `before`, is contacted again within few days. A talk that is due by then
    does that; else whatever is recorded with the person settles it, as where nothing was for long."""
    if case.state != CaseState.open or before == "concern":
        return
    today = mechanism.day(now)
    by = cadence.contact_by(since or today, mechanism.rulebook, mechanism.calendar, safety=False)
    by = max(by, today)
    talk = select(Visit.id).where(
        Visit.case_id == case.id,
        Visit.kind == VisitKind.talk,
        Visit.state == VisitState.planned,
        col(Visit.due_on) <= by,
    )
    if session.exec(talk).first() is None:
        kind = VisitKind.contact
        schedule.bring_forward(session, case, by, mechanism, now=now, kind=kind, note_id=note.id)


def renew(
    session: Session, note: Note, visit: Visit, case: Case, seen: Seen, mechanism: Mechanism, *, now: datetime
) -> Following:
    """The same, after the note was amended: what it had planned is moved, unless somebody did so or has made the visit
    since."""
    if case.state != CaseState.open:
        return None, None
    planned = next((one for one in _planned_by(session, note) if one.kind == visit.kind), None)
    if planned is not None and len(_moves_by(session, note, planned)) < len(_moves(session, planned)):
        planned = None  # somebody gave it another day: a visit like any other
    _put_back(session, note, [planned] if planned is not None else [], mechanism, now)
    if planned is not None and planned.rest_until is None:
        due_on = schedule.due_after(case, visit, mechanism, now=now, state_of_mind=seen.state_of_mind)
        if due_on is not None and due_on != planned.due_on:
            _move(session, planned, due_on, note, mechanism, now)
    return _nearer(session, note, visit, case, seen, planned, mechanism, now)


def undo(
    session: Session,
    note: Note,
    visit: Visit,
    case: Case,
    mechanism: Mechanism,
    *,
    now: datetime,
    actor_id: int,
    made: bool = False,
) -> bool:
    """Take back what a note had brought about, for it was of another case; whether its visit waits again. It does not
    where it was `made`, as another note says."""
    planned, held_on = _planned_by(session, note), visit.done_on or note.held_on
    if case.state is CaseState.open:
        _put_back(session, note, planned, mechanism, now)
    for one in planned:
        schedule.withdraw(session, one, now=now, actor_id=actor_id, note_id=note.id)
    session.flush()
    again = not made and reopening.reopen(session, case, visit, note, mechanism, now=now, actor_id=actor_id)
    if made:
        schedule.withdraw(session, visit, now=now, actor_id=actor_id, note_id=note.id)
    if visit.kind in MEETINGS and case.state is CaseState.open:
        session.flush()
        schedule.met_otherwise(session, case, held_on, mechanism, now=now)
    return again


def stand_in(session: Session, note: Note, visit: Visit, made: Visit) -> None:
    """Two notes told of one visit, and the one that stands was taken for the next, which the other had planned: it is
    the one that was made, and was due when that was."""
    planned = select(VisitEvent.id).where(
        VisitEvent.visit_id == made.id,
        VisitEvent.note_id == note.id,
        VisitEvent.kind == VisitEventKind.planned,
    )
    if session.exec(planned).first() is not None:
        made.due_on = visit.due_on


def go_on(
    session: Session, note: Note, state_of_mind: str, case: Case, mechanism: Mechanism, *, now: datetime
) -> None:
    """A note that stands for another one, too: where nothing of its kind is planned any more, what it asks for is."""
    done = session.get(Visit, note.visit_id) if note.visit_id is not None else None
    if done is not None and done.state is VisitState.done and case.state is CaseState.open:
        schedule.plan_next(
            session, case, mechanism, now=now, done=done, state_of_mind=state_of_mind, note_id=note.id
        )


def _planned_by(session: Session, note: Note) -> list[Visit]:
    """The visits that a note had planned, as far as they wait: the next of its kind, a review of concern."""
    query = (
        select(Visit)
        .join(VisitEvent, col(VisitEvent.visit_id) == Visit.id)
        .where(
            VisitEvent.note_id == note.id,
            VisitEvent.kind == VisitEventKind.planned,
            Visit.state == VisitState.planned,
        )
    )
    return list(session.exec(query.with_for_update(of=Visit)).all())


def _nearer(
    session: Session,
    note: Note,
    visit: Visit,
    case: Case,
    seen: Seen,
    following: Visit | None,
    mechanism: Mechanism,
    now: datetime,
) -> Following:
    """After any other visit than a talk, the next talk is brought nearer where what was seen asks for it."""
    if visit.kind == VisitKind.talk and following is not None:
        return following, seen.shortening
    due_by = _talk_wanted_by(case, seen, mechanism, now)
    moved = None
    if due_by is not None:
        moved = schedule.bring_forward(session, case, due_by, mechanism, now=now, note_id=note.id)
    return (moved, seen.shortening) if moved is not None else (following, None)


def _talk_wanted_by(case: Case, seen: Seen, mechanism: Mechanism, now: datetime) -> date | None:
    """By when somebody has to talk with the person, as any other visit than a talk showed; None if nothing presses."""
    book, calendar, today = mechanism.rulebook, mechanism.calendar, mechanism.day(now)
    if seen.safety or seen.state_of_mind == "concern":
        return cadence.contact_by(today, book, calendar, safety=seen.safety)
    if seen.shortening is None:
        return None
    due = cadence.next_due_on(
        Stage(case.stage),
        VisitKind.talk,
        seen.held_on,
        book,
        calendar,
        state_of_mind=seen.state_of_mind,
        heavy=case.heavy,
        expires_on=case.expires_on,
    )
    return None if due is None else max(due, calendar.next_workday(today))


def _put_back(
    session: Session, note: Note, planned: Sequence[Visit], mechanism: Mechanism, now: datetime
) -> None:
    """A talk that the note had brought nearer is due when it was before; where that is over, as soon as may be."""
    moved = select(VisitEvent.visit_id).where(
        VisitEvent.note_id == note.id, VisitEvent.kind == VisitEventKind.rescheduled
    )
    query = select(Visit).where(col(Visit.id).in_(moved), Visit.state == VisitState.planned)
    soonest = mechanism.calendar.next_workday(mechanism.day(now))
    for visit in session.exec(query.with_for_update()).all():
        by_note = _moves_by(session, note, visit)
        if visit not in planned and by_note and visit.rest_until is None:
            due_on = max(by_note[0].due_on, soonest)
            if visit.kind is VisitKind.contact:
                due_on = max(due_on, visit.due_on)  # it is put off by each meeting, and has been since
            if due_on != visit.due_on or visit.kind is not VisitKind.contact:
                _move(session, visit, due_on, note, mechanism, now)


def _moves_by(session: Session, note: Note, visit: Visit) -> list[VisitEvent]:
    """How the note moved a visit since anybody else did, oldest first; an event keeps the day as it was before."""
    moves = _moves(session, visit)
    others = [place for place, event in enumerate(moves) if event.note_id != note.id]
    return moves[others[-1] + 1 :] if others else moves


def _moves(session: Session, visit: Visit) -> list[VisitEvent]:
    query = select(VisitEvent).where(VisitEvent.visit_id == visit.id, col(VisitEvent.kind).in_(_MOVES))
    return list(session.exec(query.order_by(col(VisitEvent.id))).all())


def _move(
    session: Session, visit: Visit, due_on: date, note: Note, mechanism: Mechanism, now: datetime
) -> None:
    moved = VisitEventKind.rescheduled
    schedule.move(session, visit, due_on, mechanism, kind=moved, now=now, actor_id=None, note_id=note.id)
    session.flush()
