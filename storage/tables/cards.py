"""What a vendor gave us for one message and wants to hear again: codes to change a card, ids of uploaded files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.sealed import seal, unseal
from storage.tables.columns import id_column, moment_column

_CODE = "cardcode.code"


class CardCode(SQLModel, table=True):
    """One code for one change of a card. A vendor gives one when the card is sent, and one whenever it is tapped.

    Or the id under which it holds a file of ours, so that a second attempt at one message names the same.
    """

    __table_args__ = (Index("ix_cardcode_card", "channel", "task_id"), Index("ix_cardcode_at", "at"))

    id: int = id_column()
    channel: str = Field(max_length=20)
    task_id: str = Field(max_length=128)
    code_sealed: bytes
    at: datetime = moment_column()

    @property
    def code(self) -> str:
        return unseal(self.code_sealed, _CODE, self.id)

    @code.setter
    def code(self, text: str) -> None:
        self.code_sealed = seal(text, _CODE, self.id)
