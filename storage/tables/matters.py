"""Matters to follow up (跟进事项): what a note promises to see to, and the day it names. What it is stands in the note
alone, sealed there; amended there it is amended here."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import id_column, maybe_moment_column, maybe_reference, reference


class Matter(SQLModel, table=True):
    """One matter of one note. `due_on` is None where the note was amended and names none any more; then nobody is
    reminded, and neither are they of one that was `done_at`."""

    __table_args__ = (UniqueConstraint("note_id"), Index("ix_matter_case", "case_id"))

    id: int = id_column()
    county_id: int = reference("county")
    case_id: int = reference("care_case")
    note_id: int = reference("note")
    due_on: date | None = None
    done_at: datetime | None = maybe_moment_column()
    done_by: int | None = maybe_reference("member")


class MatterTold(SQLModel, table=True):
    """A matter that a morning digest listed, so that it is listed once in a while, and kept true there."""

    __table_args__ = (UniqueConstraint("outbox_id", "matter_id"),)

    id: int = id_column()
    outbox_id: int = Field(foreign_key="outbox.id", sa_type=BigInteger)
    matter_id: int = reference("matter", index=True)
