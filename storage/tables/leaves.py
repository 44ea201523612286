"""Leave of members, and who acts for them meanwhile."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from storage.tables.columns import (
    id_column,
    maybe_moment_column,
    maybe_reference,
    moment_column,
    reference,
)


class Leave(SQLModel, table=True):
    """A member is away from the first to the last day, both included. `cover_id` acts for them; the care officer
    of their cases stays. Neither a reason nor a kind of leave is asked for or kept."""

    __table_args__ = (
        Index("ix_leave_county_last_on", "county_id", "last_on"),
        Index("ix_leave_member_last_on", "member_id", "last_on"),
        Index("ix_leave_cover_last_on", "cover_id", "last_on"),
    )

    id: int = id_column()
    county_id: int = reference("county")
    member_id: int = reference("member")
    cover_id: int | None = maybe_reference("member")
    first_on: date
    last_on: date
    created_at: datetime = moment_column()
    withdrawn_at: datetime | None = maybe_moment_column()
