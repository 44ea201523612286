"""What the cadence asks for in a case that was there before anybody asked: imported, or kept by an older version."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from reminders import cadence, schedule
from reminders.mechanism import Mechanism, mechanisms_of
from storage.queries import standing
from storage.tables.cases import Case, CaseState, Stage
from storage.tables.visits import MEETINGS, Visit, VisitKind, VisitState


def wanted(case: Case, kind: VisitKind, today: date, mechanism: Mechanism) -> date | None:
    """By when the cadence wants a first visit: its limit as long as that can be kept, else an interval from today."""
    stage, book, calendar = Stage(case.stage), mechanism.rulebook, mechanism.calendar
    first = cadence.first_due(
        stage, kind, case.stage_since, book, calendar, heavy=case.heavy, expires_on=case.expires_on
    )
    if first is None or first > today:
        return first
    if kind in cadence.ONCE:
        return cadence.first_due(stage, kind, today, book, calendar)
    return cadence.next_due_on(
        stage, kind, today, book, calendar, heavy=case.heavy, expires_on=case.expires_on
    )


def watch(session: Session, case: Case, last_met: date, mechanism: Mechanism, *, now: datetime) -> Visit:
    """From now on it is noticed when nothing is recorded for too long; not before some time has passed."""
    stage, book, calendar = Stage(case.stage), mechanism.rulebook, mechanism.calendar
    due_on = cadence.silent_until(stage, last_met, book, calendar, heavy=case.heavy)
    soonest = calendar.add_workdays(mechanism.day(now) + timedelta(days=book.cadence.silent_days), 0)
    return schedule.plan(session, case, VisitKind.contact, max(due_on, soonest), mechanism, now=now)


def complete(session: Session, *, now: datetime) -> int:
    """Plan what the rules ask for by now in open cases that never had it: nothing that is due today. How many."""
    query = select(Visit.case_id, Visit.kind).where(col(Visit.state) != VisitState.withdrawn).distinct()
    there = set(session.exec(query).all())
    cases = session.exec(select(Case).where(Case.state == CaseState.open).order_by(col(Case.id))).all()
    mechanisms = mechanisms_of(session, {case.county_id for case in cases})
    met = _last_met(session)
    planned = 0
    for case in cases:
        mechanism = mechanisms[case.county_id]
        today = mechanism.day(now)
        if (case.id, VisitKind.contact) not in there:
            watch(session, case, met.get(case.id, today), mechanism, now=now)
            planned += 1
        for kind in cadence.KINDS:
            due_on = None if (case.id, kind) in there else wanted(case, kind, today, mechanism)
            if due_on is not None and kind not in standing.resting(session, case.id):
                schedule.plan(session, case, kind, due_on, mechanism, now=now)
                planned += 1
    session.flush()
    return planned


def _last_met(session: Session) -> dict[int, date]:
    """When the person of each case was last met."""
    query = (
        select(Visit.case_id, func.max(col(Visit.done_on)))
        .where(col(Visit.kind).in_(MEETINGS), Visit.state == VisitState.done)
        .group_by(col(Visit.case_id))
    )
    return {case_id: day for case_id, day in session.exec(query).all() if day is not None}
