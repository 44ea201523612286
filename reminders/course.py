"""What every change of a visit comes down to: when the ladder looks next, and the row that says what happened."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from reminders import rules
from reminders.mechanism import Mechanism
from storage.tables.visits import Visit, VisitEvent, VisitEventKind


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
    session.add(event)
