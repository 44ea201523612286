"""Days that differ from the calendar built in: of a county, or of the whole installation."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from storage.tables.columns import id_column, maybe_reference, moment_column, word_column


class DayKind(StrEnum):
    off = "off"
    work = "work"


class OwnDay(SQLModel, table=True):
    """One day off, or one day that is worked. Without a county it holds for all; a county's own wins over that.

    `notice_year`: it came with the official notice of that year, which replaces it as a whole when read again.
    """

    __table_args__ = (
        Index("uq_ownday_county_day", "county_id", "day", unique=True),
        # NULLs differ from one another, so that the days of the installation need an index of their own
        Index(
            "uq_ownday_day",
            "day",
            unique=True,
            sqlite_where=text("county_id IS NULL"),
            postgresql_where=text("county_id IS NULL"),
        ),
    )

    id: int = id_column()
    county_id: int | None = maybe_reference("county")
    day: date
    kind: DayKind = word_column(DayKind)
    note: str | None = Field(default=None, max_length=60)
    notice_year: int | None = None
    created_at: datetime = moment_column()
