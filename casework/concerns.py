"""Telling the office at once of a rating of concern. Worry for somebody's safety is a call (casework/safety.py)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from reminders import ladder, outbox
from storage.queries.access import active_members
from storage.queries.recusals import barred
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Role
from storage.tables.notes import Note
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
            payload={"visit": visit.id, "note": note_id},
            dedupe=f"concern:{note_id}:{member.id}",
        )
        outbox.put_once(session, row)


def settle(session: Session, note: Note, *, now: datetime) -> None:
    """The rating is another by now: what was told of it says so."""
    for sent in in_chats(session, note, ("concern",)):
        ladder.retell(session, sent, now=now)


def in_chats(session: Session, note: Note, kinds: Sequence[str]) -> Sequence[Outbox]:
    """What the office was told of a note, and may still stand in its chats."""
    staff = active_members(session, note.county_id, Role.commission_staff)
    keys = [f"{kind}:{note.id}:{member.id}" for kind in kinds for member in staff]
    shown = col(Outbox.state).in_((OutboxState.sent, OutboxState.sending))
    query = select(Outbox).where(col(Outbox.dedupe).in_(keys), shown)
    return session.exec(query.order_by(col(Outbox.id))).all()
