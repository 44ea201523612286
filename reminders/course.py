"""What every change of a visit comes down to: when the ladder looks next, and the row that says what happened."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session

from reminders import rules
from reminders.mechanism import Mechanism
from storage.tables.visits import Visit, VisitEvent, VisitEventKind

# A request to move a visit outlasts these alone; whatever else becomes of the visit settles it.
STILL_ASKED = (VisitEventKind.planned, VisitEventKind.acknowledged, VisitEventKind.chased)


def look_again(
    visit: Visit, mechanism: Mechanism, now: datetime, *, owed: int | None = None, waiting: int | None = None
) -> None:
    """Decide the next look. `owed`: the first step not told so far, while the due date stays as it is; `waiting`: the
    one that was to come, while the days themselves have changed."""
    look = rules.next_look(
        visit.due_on,
        now,
        mechanism.rulebook,
        mechanism.calendar,
        mechanism.zone,
        first=owed,
        ack_until=visit.acknowledged_until,
        rest_until=visit.rest_until,
        waiting=waiting,
    )
    visit.next_look_at, visit.next_step = look.moment, look.step


def owed_on(visit: Visit, mechanism: Mechanism) -> date:
    """By when something is owed: the visit itself or, once it was made, its note."""
    return visit.due_on if visit.rest_until is None else mechanism.day(visit.rest_until)


def late(visit: Visit, today: date, mechanism: Mechanism) -> int:
    """By how many working days an open visit is late; one that was made, by how many its note is. 0: today, below 0 so
    many days to go."""
    return rules.lateness(owed_on(visit, mechanism), today, mechanism.calendar)


def is_overdue(visit: Visit, now: datetime, mechanism: Mechanism) -> bool:
    """Whether an open visit is waited for too long; one that was made, its note. Its limit may end within a day."""
    if visit.rest_until is not None:
        return visit.rest_until <= now
    return late(visit, mechanism.day(now), mechanism) > 0


def happened(
    session: Session,
    visit: Visit,
    kind: VisitEventKind,
    now: datetime,
    actor_id: int | None,
    detail: str | None = None,
    *,
    note_id: int | None = None,
) -> None:
    event = VisitEvent(
        county_id=visit.county_id,
        visit_id=visit.id,
        at=now,
        kind=kind,
        actor_id=actor_id,
        due_on=visit.due_on,
        note_id=note_id,
    )
    event.detail = detail
    if kind not in STILL_ASKED:
        visit.asked_on = None
    session.add(event)
