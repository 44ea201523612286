"""Who allowed what a channel may be told. Rows are added, never changed: the newest of a channel holds."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from storage.sealed import seal, unseal
from storage.tables.columns import id_column, moment_column


class ChannelApproval(SQLModel, table=True):
    """One decision about one channel: up to which level, by whom, in which document, on which day."""

    id: int = id_column()
    channel: str = Field(max_length=20, index=True)
    level: str = Field(max_length=10)
    approver_sealed: bytes
    document_sealed: bytes
    approved_on: date
    recorded_at: datetime = moment_column()

    @property
    def approver(self) -> str:
        return unseal(self.approver_sealed, "channelapproval.approver", self.id)

    @approver.setter
    def approver(self, text: str) -> None:
        self.approver_sealed = seal(text, "channelapproval.approver", self.id)

    @property
    def document(self) -> str:
        return unseal(self.document_sealed, "channelapproval.document", self.id)

    @document.setter
    def document(self, text: str) -> None:
        self.document_sealed = seal(text, "channelapproval.document", self.id)
