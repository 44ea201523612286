"""The processes that serve: what each of them last did, in real time."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from storage.tables.columns import maybe_moment_column, moment_column


class Heartbeat(SQLModel, table=True):
    """One process, by machine and port. It takes its row away when it is stopped in peace.

    `missed_at` is when the others told the administrators of its silence: once an outage.
    """

    process: str = Field(primary_key=True, max_length=120)
    started_at: datetime = moment_column()
    ticked_at: datetime = moment_column()
    delivered_at: datetime | None = maybe_moment_column()
    missed_at: datetime | None = maybe_moment_column()
