"""The chats of the sandbox: what a vendor's servers keep for the real channels."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, UniqueConstraint
from sqlmodel import Field, SQLModel

from storage.tables.columns import moment_column

CONTENT, FILE = "sandboxmessage.content", "sandboxmessage.file"


class SandboxMessage(SQLModel, table=True):
    """One bubble. `id` rises by ones and goes to the browser, so it is the database's; what is sealed hangs on
    `seal_row` instead. The content is JSON: text and buttons, and a file's name and type."""

    __table_args__ = (
        Index("ix_sandboxmessage_address", "address", "id"),
        UniqueConstraint("address", "event_id"),
        UniqueConstraint("seal_row"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Integer)
    address: str = Field(max_length=40)
    sender: str = Field(max_length=3)
    event_id: str | None = Field(default=None, max_length=200)
    seal_row: int = Field(sa_type=BigInteger)
    content_sealed: bytes
    file_sealed: bytes | None = None
    edited: bool = False
    sent_at: datetime = moment_column()
