"""Telling the office at once of a rating of concern. Worry for somebody's safety is a call (casework/safety.py)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from reminders import outbox
from storage.queries.access import active_members
from storage.queries.recusals import barred
from storage.tables.members import Role
from storage.tables.visits import Visit


def tell(session: Session, visit: Visit, note_id: int, *, now: datetime) -> None:
    """Queue the notice for the office, once for each note; for nobody who keeps out of the case."""
    out = barred(session, visit.county_id).get(visit.case_id, frozenset())
    for member in active_members(session, visit.county_id, Role.commission_staff):
        if member.id in out:
            continue
        row = outbox.row(
            "concern",
            now=now,
            county_id=visit.county_id,
            member_id=member.id,
            payload={"visit": visit.id},
            dedupe=f"concern:{note_id}:{member.id}",
        )
        outbox.put_once(session, row)
