"""What the cadence asks for in a case that was there before anybody asked: imported, or kept by an older version."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session, col, select

from reminders import cadence, schedule
from reminders.mechanism import Mechanism, mechanisms_of
from storage.tables.cases import Case, CaseState, Stage
from storage.tables.visits import Visit, VisitKind, VisitState


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


def complete(session: Session, *, now: datetime) -> int:
    """Plan what the rules ask for by now in open cases that never had it: nothing that is due today. How many."""
    query = select(Visit.case_id, Visit.kind).where(col(Visit.state) != VisitState.withdrawn).distinct()
    there = set(session.exec(query).all())
    cases = session.exec(select(Case).where(Case.state == CaseState.open).order_by(col(Case.id))).all()
    mechanisms = mechanisms_of(session, {case.county_id for case in cases})
    planned = 0
    for case in cases:
        mechanism = mechanisms[case.county_id]
        for kind in cadence.KINDS:
            due_on = None
            if (case.id, kind) not in there:
                due_on = wanted(case, kind, mechanism.day(now), mechanism)
            if due_on is not None:
                schedule.plan(session, case, kind, due_on, mechanism, now=now)
                planned += 1
    session.flush()
    return planned
