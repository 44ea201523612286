"""One audit row for every act, in the act's own transaction."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session

from storage.queries.access import Actor
from storage.tables.audit import AuditRecord


def record(
    session: Session,
    actor: Actor | None,
    verb: str,
    subject: str,
    subject_id: int | None,
    *,
    now: datetime,
    county_id: int | None = None,
    **facts: str | int | date | None,
) -> None:
    """Write who did what to which record. `facts` are ids, codes, dates and counts; never names or narratives.

    `actor` is None for the machine itself and for the operator at the command line.
    """
    session.add(
        AuditRecord(
            county_id=actor.county_id if actor else county_id,
            at=now,
            actor_id=actor.member_id if actor else None,
            verb=verb,
            subject=subject,
            subject_id=subject_id,
            facts={
                key: value.isoformat() if isinstance(value, date) else value for key, value in facts.items()
            },
        )
    )
