"""Who did what, in the same transaction as what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field, SQLModel

from storage.tables.columns import id_column, moment_column


class AuditRecord(SQLModel, table=True):
    """One act, reading included. `facts` holds ids, codes, dates and counts; never a name or anybody's words."""

    __table_args__ = (Index("ix_auditrecord_county_at", "county_id", "at"),)

    id: int = id_column()
    county_id: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    at: datetime = moment_column()
    actor_id: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    verb: str = Field(max_length=40)
    subject: str = Field(max_length=20)
    subject_id: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
