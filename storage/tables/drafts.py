"""A form that is being filled in. It belongs to the person, not to the chat."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import id_column, moment_column, reference


class Draft(SQLModel, table=True):
    """`revision` rises with every change: an answer to an older question is recognised by it."""

    __table_args__ = (
        UniqueConstraint("member_id", "form", "subject_id"),
        Index("ix_draft_expires_at", "expires_at"),
    )

    id: int = id_column()
    county_id: int = reference("county")
    member_id: int = reference("member")
    form: str = Field(max_length=40)
    form_version: int
    subject_id: int = Field(sa_type=BigInteger)
    active: bool = True
    revision: int = 0
    state_sealed: bytes
    updated_at: datetime = moment_column()
    expires_at: datetime = moment_column()


PLACE = "draft.state"
