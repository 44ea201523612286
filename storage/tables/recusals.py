"""Recusal: who keeps out of a case because they are too near to it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import SQLModel

from storage.sealed import seal, unseal
from storage.tables.columns import (
    id_column,
    maybe_moment_column,
    maybe_reference,
    moment_column,
    reference,
)

_STANDS = text("ended_at IS NULL")


class Recusal(SQLModel, table=True):
    """A member keeps out of a case: reads nothing of it, is told nothing of it, does nothing in it. `reason` is the
    office's, and may be missing. What has ended stays as a row."""

    __table_args__ = (
        Index(
            "uq_recusal_case_member",
            "case_id",
            "member_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        Index("ix_recusal_county", "county_id", sqlite_where=_STANDS, postgresql_where=_STANDS),
    )

    id: int = id_column()
    county_id: int = reference("county")
    case_id: int = reference("care_case")
    member_id: int = reference("member", index=True)
    by_id: int = reference("member")
    reason_sealed: bytes | None = None
    since: datetime = moment_column()
    ended_at: datetime | None = maybe_moment_column()
    ended_by_id: int | None = maybe_reference("member")

    @property
    def reason(self) -> str | None:
        return None if self.reason_sealed is None else unseal(self.reason_sealed, "recusal.reason", self.id)

    @reason.setter
    def reason(self, text: str | None) -> None:
        self.reason_sealed = None if text is None else seal(text, "recusal.reason", self.id)
