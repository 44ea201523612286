"""Telling at once those who have to know: a rating of concern, or worry for somebody's safety."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from sqlmodel import Session

from reminders import outbox
from storage.queries.access import active_members
from storage.tables.members import Member, MemberState, Role
from storage.tables.visits import Visit


def tell(session: Session, visit: Visit, kind: Literal["safety", "concern"], *, now: datetime) -> None:
    """Queue the notice for the office; of a safety concern the officer's supervisor hears too. Once for each visit."""
    hearers = {member.id for member in active_members(session, visit.county_id, Role.commission_staff)}
    officer = session.get(Member, visit.officer_id) if visit.officer_id else None
    if kind == "safety" and officer is not None and officer.supervisor_id is not None:
        supervisor = session.get(Member, officer.supervisor_id)
        if supervisor is not None and supervisor.state == MemberState.active:
            hearers.add(supervisor.id)
    for member_id in sorted(hearers):
        row = outbox.row(
            kind,
            now=now,
            county_id=visit.county_id,
            member_id=member_id,
            payload={"visit": visit.id},
            dedupe=f"{kind}:{visit.id}:{visit.due_on}:{member_id}",
        )
        outbox.put_once(session, row)
