"""Difficulties (困难诉求): what somebody asked for help with. Following one up is a visit of that kind, so that it is
reminded, handed over and rested like any other; how it was settled is that visit's note."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import SQLModel

from storage.sealed import seal_data, unseal_data
from storage.tables.columns import id_column, moment_column, reference


class Difficulty(SQLModel, table=True):
    """One difficulty, as it was written down. `visit_id`: the task of seeing to it, which has the day by which."""

    __table_args__ = (UniqueConstraint("visit_id"), Index("ix_difficulty_case", "case_id"))

    id: int = id_column()
    county_id: int = reference("county")
    case_id: int = reference("care_case")
    visit_id: int = reference("visit")
    opened_by: int = reference("member")
    opened_at: datetime = moment_column()
    content_sealed: bytes

    @property
    def content(self) -> dict[str, str]:
        """The answers of the form: its `kind`, what is `asked`, and the `handler`."""
        content: dict[str, str] = unseal_data(self.content_sealed, "difficulty.content", self.id)
        return content

    @content.setter
    def content(self, content: dict[str, str]) -> None:
        self.content_sealed = seal_data(content, "difficulty.content", self.id)
