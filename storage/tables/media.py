"""What was photographed: the signed form of a companion without an account, and nothing else."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from storage.sealed import seal_bytes, unseal_bytes
from storage.tables.columns import id_column, moment_column, reference, word_column

_WAITS = text("draft_id IS NOT NULL")


class MediumKind(StrEnum):
    signed_form = "signed_form"


class Medium(SQLModel, table=True):
    """One picture of one paper, as it was made anew without whatever the camera had written into it. `sha256` is that
    of the picture as it is kept.

    `draft_id` is the form that it was sent into, as long as that is not handed in: no reference, for the picture goes
    when it finds its form gone (reminders/retention.py).
    """

    __table_args__ = (Index("ix_medium_waits", "draft_id", sqlite_where=_WAITS, postgresql_where=_WAITS),)

    id: int = id_column()
    county_id: int = reference("county")
    kind: MediumKind = word_column(MediumKind)
    confirmation_id: int = reference("confirmation", index=True)
    draft_id: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    member_id: int = reference("member")
    kept_at: datetime = moment_column()
    media_type: str = Field(max_length=40)
    width: int
    height: int
    size: int
    sha256: str = Field(max_length=64)
    content_sealed: bytes

    @property
    def content(self) -> bytes:
        return unseal_bytes(self.content_sealed, "medium.content", self.id)

    @content.setter
    def content(self, content: bytes) -> None:
        self.content_sealed = seal_bytes(content, "medium.content", self.id)
