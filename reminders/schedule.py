"""Planning visits and moving them, in the caller's transaction.

Every change of a visit goes through here, because every change decides anew when the ladder has to look next,
writes its state-change row, and brings the messages that speak of the visit up to date.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from reminders import cadence, calls, formal_cap, rules
from reminders.course import happened, look_again
from reminders.ladder import refresh_messages
from reminders.mechanism import Mechanism, mechanism_of
from storage.ids import task_code
from storage.queries import offices, standing, units
from storage.queries import visits as visit_lists
from storage.tables.cases import Case, Stage
from storage.tables.members import Member
from storage.tables.visits import MEETINGS, Visit, VisitEventKind, VisitKind, VisitState

OTHERS = (VisitKind.unit_opinion, VisitKind.review)  # what is not the care officer's to do


def plan(
    session: Session,
    case: Case,
    kind: VisitKind,
    due_on: date,
    mechanism: Mechanism,
    *,
    now: datetime,
    actor_id: int | None = None,
    note_id: int | None = None,
) -> Visit:
    """Put a visit on the schedule of whoever is to make it, as `maker_of` has it."""
    due_on = formal_cap.within(session, case.id, kind, due_on, mechanism)
    visit = Visit(
        county_id=case.county_id,
        case_id=case.id,
        officer_id=maker_of(session, case, kind),
        code=task_code(),
        kind=kind,
        due_on=due_on,
        first_due_on=due_on,
        created_at=now,
    )
    look_again(visit, mechanism, now)
    session.add(visit)
    happened(session, visit, VisitEventKind.planned, now, actor_id, note_id=note_id)
    if kind is VisitKind.review and visit.officer_id is not None:
        hear_each_morning(session, visit.officer_id, mechanism, now)
    return visit


def hear_each_morning(session: Session, member_id: int, mechanism: Mechanism, now: datetime) -> None:
    """Not everybody of the office has reviews to do, and whoever has none needs no morning."""
    member = session.get_one(Member, member_id)
    if member.digest_at is None:
        member.digest_at = rules.next_digest(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)


def maker_of(session: Session, case: Case, kind: VisitKind) -> int | None:
    """Whose task a visit of this kind is; None while there is nobody, and then the next in line hears of it."""
    if kind is VisitKind.unit_opinion:
        return next(iter(units.speakers(session, case)), None)
    if kind is VisitKind.review:
        return next(iter(offices.reviewers(session, case)), None)
    return case.care_officer_id


def plan_next(
    session: Session,
    case: Case,
    mechanism: Mechanism,
    *,
    now: datetime,
    done: Visit | None = None,
    state_of_mind: str = "not_rated",
    note_id: int | None = None,
) -> list[Visit]:
    """Plan what the cadence asks for after `done` (or from the start of the stage), for every kind not yet planned."""
    waiting = visit_lists.open_kinds(session, case.id) | standing.not_asked_for(
        session, case.id, cadence.ONCE
    )
    planned = []
    for kind in cadence.KINDS:
        if kind in waiting:
            continue
        if done is not None and done.kind == kind:
            due_on = due_after(case, done, mechanism, now=now, state_of_mind=state_of_mind)
        elif done is None:
            due_on = cadence.first_due(
                Stage(case.stage),
                kind,
                case.stage_since,
                mechanism.rulebook,
                mechanism.calendar,
                heavy=case.heavy,
                expires_on=case.expires_on,
            )
            due_on = due_on and max(due_on, mechanism.calendar.next_workday(mechanism.day(now)))
        else:
            continue
        if due_on is not None:
            planned.append(plan(session, case, kind, due_on, mechanism, now=now, note_id=note_id))
    if done is None:
        met(session, case, mechanism.day(now), mechanism, now=now, actor_id=None)
        silent = _silent_until(case, mechanism.day(now), mechanism)  # where talks are closer, for less long
        bring_forward(session, case, silent, mechanism, now=now, kind=VisitKind.contact)
    return planned


def due_after(
    case: Case, done: Visit, mechanism: Mechanism, *, now: datetime, state_of_mind: str
) -> date | None:
    """When the visit after `done` is due; None if the cadence plans none."""
    today, calendar = mechanism.day(now), mechanism.calendar
    due_on = cadence.next_due_on(
        Stage(case.stage),
        done.kind,
        done.done_on or today,
        mechanism.rulebook,
        calendar,
        state_of_mind=state_of_mind,
        heavy=case.heavy,
        expires_on=case.expires_on,
    )
    # A note that came late must not make its successor overdue at birth.
    return due_on and max(due_on, calendar.next_workday(today))


def met(
    session: Session, case: Case, on: date, mechanism: Mechanism, *, now: datetime, actor_id: int | None
) -> None:
    """The person was met on a day, or is looked after from it on: so long may nothing be recorded from then on."""
    due_on = max(_silent_until(case, on, mechanism), mechanism.calendar.next_workday(mechanism.day(now)))
    visit = _watch_of(session, case)
    if visit is None:
        plan(session, case, VisitKind.contact, due_on, mechanism, now=now, actor_id=actor_id)
    elif visit.due_on < due_on or visit.next_look_at is None:  # or it rested with its case
        move(session, visit, due_on, mechanism, kind=VisitEventKind.recorded, now=now, actor_id=actor_id)


def met_otherwise(session: Session, case: Case, was: date, mechanism: Mechanism, *, now: datetime) -> None:
    """The person was not met on that day after all, but on others: where the watch counted from it, it does no more."""
    visit = _watch_of(session, case)
    if visit is None or visit.due_on != _silent_until(case, was, mechanism):
        return
    done = select(func.max(Visit.done_on)).where(
        Visit.case_id == case.id, Visit.state == VisitState.done, col(Visit.kind).in_(MEETINGS)
    )
    last = session.exec(done).one() or mechanism.day(visit.created_at)
    due_on = max(_silent_until(case, last, mechanism), mechanism.calendar.next_workday(mechanism.day(now)))
    if due_on != visit.due_on:
        move(session, visit, due_on, mechanism, kind=VisitEventKind.rescheduled, now=now, actor_id=None)


def _silent_until(case: Case, last_met: date, mechanism: Mechanism) -> date:
    book, calendar = mechanism.rulebook, mechanism.calendar
    return cadence.silent_until(Stage(case.stage), last_met, book, calendar, heavy=case.heavy)


def _watch_of(session: Session, case: Case) -> Visit | None:
    query = select(Visit).where(
        Visit.case_id == case.id, Visit.kind == VisitKind.contact, Visit.state == VisitState.planned
    )
    return session.exec(query.with_for_update()).first()


def bring_forward(
    session: Session,
    case: Case,
    due_by: date,
    mechanism: Mechanism,
    *,
    now: datetime,
    kind: VisitKind = VisitKind.talk,
    note_id: int | None = None,
) -> Visit | None:
    """Move the next talk (or the next of a kind) to `due_by` if it is planned for later; what moved, if anything."""
    query = (
        select(Visit)
        .where(Visit.case_id == case.id, Visit.kind == kind, Visit.state == VisitState.planned)
        .order_by(col(Visit.due_on))
    )
    visit = session.exec(query).first()
    if visit is None or visit.due_on <= due_by:
        return None
    moved = VisitEventKind.rescheduled
    move(session, visit, due_by, mechanism, kind=moved, now=now, actor_id=None, note_id=note_id)
    return visit


def move(
    session: Session,
    visit: Visit,
    due_on: date,
    mechanism: Mechanism,
    *,
    kind: VisitEventKind,
    now: datetime,
    actor_id: int | None,
    detail: str | None = None,
    note_id: int | None = None,
) -> None:
    """Give the visit another due date: the ladder starts anew from it."""
    happened(session, visit, kind, now, actor_id, detail, note_id=note_id)
    visit.due_on, visit.done_on = due_on, None
    visit.acknowledged_until = visit.rest_until = None
    look_again(visit, mechanism, now)
    refresh_messages(session, visit, now=now)


def finish(
    session: Session,
    visit: Visit,
    done_on: date,
    *,
    now: datetime,
    actor_id: int,
    note_id: int | None = None,
    detail: str | None = None,
) -> None:
    """The visit took place and is recorded: the ladder ends."""
    visit.state, visit.done_on = VisitState.done, done_on
    visit.next_look_at = visit.next_step = None
    happened(session, visit, VisitEventKind.recorded, now, actor_id, detail, note_id=note_id)
    refresh_messages(session, visit, now=now)


def took_place(
    session: Session,
    case: Case,
    kind: VisitKind,
    done_on: date,
    officer_id: int,
    *,
    now: datetime,
) -> Visit:
    """Something that nobody planned took place, and is about to be finished: no ladder ever looks at it."""
    visit = Visit(
        county_id=case.county_id,
        case_id=case.id,
        officer_id=officer_id,
        code=task_code(),
        kind=kind,
        state=VisitState.done,
        due_on=done_on,
        first_due_on=done_on,
        done_on=done_on,
        unplanned=True,
        created_at=now,
    )
    session.add(visit)
    session.flush()
    return visit


def withdraw(
    session: Session,
    visit: Visit,
    *,
    now: datetime,
    actor_id: int | None,
    quietly: bool = False,
    note_id: int | None = None,
) -> None:
    """The visit is no longer to be made; `quietly` where the messages that speak of it say so already."""
    visit.state, visit.done_on = VisitState.withdrawn, None
    visit.next_look_at = visit.next_step = None
    happened(session, visit, VisitEventKind.withdrawn, now, actor_id, note_id=note_id)
    if not quietly:
        refresh_messages(session, visit, now=now)


def open_visits(session: Session, case_id: int) -> Sequence[Visit]:
    """The planned visits of a case, the earliest due first, as they stand now. Nobody else changes them meanwhile."""
    query = select(Visit).where(Visit.case_id == case_id, Visit.state == VisitState.planned)
    query = query.order_by(col(Visit.due_on), col(Visit.id))
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).all()


def pause(session: Session, visits: Sequence[Visit], *, now: datetime) -> None:
    """The case of these visits is on hold: nobody looks at them until they are planned anew."""
    for visit in visits:
        visit.next_look_at = visit.next_step = visit.asked_on = None
        refresh_messages(session, visit, now=now)


def plan_anew(
    session: Session, case: Case, mechanism: Mechanism, *, now: datetime, actor_id: int | None
) -> list[Visit]:
    """The visits of a case go on, as of today: a date still to come stays, and so does a visit that was made and lacks
    its note; a date that passed is given by the cadence anew, and so is that of a kind of which none waits."""
    today, there = mechanism.day(now), list[Visit]()
    waiting, made = open_visits(session, case.id), standing.not_asked_for(session, case.id, cadence.ONCE)
    for kind in cadence.KINDS:
        due_on = cadence.first_due(
            Stage(case.stage),
            kind,
            today,
            mechanism.rulebook,
            mechanism.calendar,
            heavy=case.heavy,
            expires_on=case.expires_on,
        )
        of_kind = [visit for visit in waiting if visit.kind == kind]
        for visit in of_kind:
            if visit.rest_until is not None or rules.due_day(visit.due_on, mechanism.calendar) > today:
                go_on(session, visit, mechanism, now=now)
            elif due_on is None:
                withdraw(session, visit, now=now, actor_id=actor_id)
            else:
                rescheduled = VisitEventKind.rescheduled
                move(session, visit, due_on, mechanism, kind=rescheduled, now=now, actor_id=actor_id)
        there += [visit for visit in of_kind if visit.state == VisitState.planned]
        if due_on is not None and not of_kind and kind not in made:
            there.append(plan(session, case, kind, due_on, mechanism, now=now, actor_id=actor_id))
    met(session, case, today, mechanism, now=now, actor_id=actor_id)
    return sorted(there, key=lambda visit: (visit.due_on, visit.id))


def go_on(session: Session, visit: Visit, mechanism: Mechanism, *, now: datetime) -> None:
    """A visit is looked at again, by the ladder and in the messages that speak of it; for a note there is time anew."""
    if visit.rest_until is not None:
        visit.rest_until = rules.rests_until(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    look_again(visit, mechanism, now)
    refresh_messages(session, visit, now=now)


def rest(session: Session, visit: Visit, made_on: date, *, now: datetime, actor_id: int) -> date:
    """The visit was made on a day and the note follows: the ladder rests until the day that is returned. That counts
    from the first time it is said: saying so anew, or of another day, gives no more time."""
    mechanism = mechanism_of(session, visit.county_id)
    visit.done_on = made_on
    if visit.rest_until is None:
        visit.rest_until = rules.rests_until(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    look_again(visit, mechanism, now, owed=visit.next_step)
    happened(session, visit, VisitEventKind.done_pending_note, now, actor_id)
    refresh_messages(session, visit, now=now)
    return mechanism.day(visit.rest_until)


def acknowledge(session: Session, visits: Sequence[Visit], *, now: datetime, actor_id: int) -> date:
    """Somebody is on it: no repeats until the day that is returned."""
    mechanism = mechanism_of(session, visits[0].county_id)
    until = rules.acknowledged_until(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    for visit in visits:
        visit.acknowledged_until = until
        look_again(visit, mechanism, now, owed=visit.next_step)
        happened(session, visit, VisitEventKind.acknowledged, now, actor_id)
        refresh_messages(session, visit, now=now)
    return mechanism.day(until)


def chase(session: Session, visit: Visit, *, now: datetime, actor_id: int) -> None:
    happened(session, visit, VisitEventKind.chased, now, actor_id)
    refresh_messages(session, visit, now=now)


def reassign(session: Session, visit: Visit, officer_id: int, *, now: datetime, actor_id: int) -> None:
    """Another officer makes this one visit; the case keeps its care officer. The new one gets a fresh ladder step."""
    mechanism = mechanism_of(session, visit.county_id)
    visit.officer_id = officer_id
    until = rules.acknowledged_until(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    visit.acknowledged_until = until
    look_again(visit, mechanism, now, owed=visit.next_step)
    happened(session, visit, VisitEventKind.reassigned, now, actor_id)
    refresh_messages(session, visit, now=now)


def hand_over(
    session: Session,
    case: Case,
    officer_id: int,
    *,
    now: datetime,
    actor_id: int | None,
    fresh_start: bool = False,
) -> None:
    """Give every open visit of the case to its new care officer, and a safety call that is open; but for `OTHERS`.
    `fresh_start`: what is overdue rests as after an acknowledgement; nobody begins with a colleague's lateness."""
    mechanism = mechanism_of(session, case.county_id)
    until = rules.acknowledged_until(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    calls.hand_over(session, case.id, officer_id)
    query = select(Visit).where(
        Visit.case_id == case.id, Visit.state == VisitState.planned, col(Visit.kind).not_in(OTHERS)
    )
    for visit in session.exec(query):
        visit.officer_id = officer_id
        late = rules.lateness(visit.due_on, mechanism.day(now), mechanism.calendar) > 0
        if fresh_start and visit.next_look_at is not None and late:
            visit.acknowledged_until = until
            look_again(visit, mechanism, now, owed=visit.next_step)
        happened(session, visit, VisitEventKind.handed_over, now, actor_id)
        refresh_messages(session, visit, now=now)
