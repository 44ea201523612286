"""Confirmations: what one person wrote down, and another has to bear out."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from storage.sealed import seal, unseal
from storage.tables.columns import (
    id_column,
    maybe_moment_column,
    maybe_reference,
    moment_column,
    reference,
    word_column,
)


class ConfirmationKind(StrEnum):
    companion = "companion"  # whoever went along bears out that the visit took place
    second = "second"  # somebody of the office agrees to a rating that is far from the last one
    person = "person"  # the person concerned says whether it took place; nobody asks them to


class ConfirmationState(StrEnum):
    asked = "asked"
    confirmed = "confirmed"
    refused = "refused"
    withdrawn = "withdrawn"  # whoever was asked keeps out of the case by now


_WAITS = text("state = 'asked'")
_LOOKS = text("next_look_at IS NOT NULL")


class Confirmation(SQLModel, table=True):
    """One person who is to bear out one note. Somebody without an account has a name instead of a member, and their
    signed paper on file (`paper_on`, kept by `paper_by`) bears it out. Where anybody of the office may answer, nobody
    is named; `paper_by` is then who did, and of what the person concerned contradicts, who has looked into it.

    `card_id` is the newest message that asks for it; `told_at` when the office heard of the silence.
    """

    __table_args__ = (
        Index("ix_confirmation_waits", "member_id", sqlite_where=_WAITS, postgresql_where=_WAITS),
        Index("ix_confirmation_next_look_at", "next_look_at", sqlite_where=_LOOKS, postgresql_where=_LOOKS),
        Index("uq_confirmation_note_member", "note_id", "kind", "member_id", unique=True),
    )

    id: int = id_column()
    county_id: int = reference("county", index=True)
    note_id: int = reference("note")
    kind: ConfirmationKind = word_column(ConfirmationKind)
    state: ConfirmationState = word_column(ConfirmationState, ConfirmationState.asked)
    member_id: int | None = maybe_reference("member")
    name_sealed: bytes | None = None
    asked_at: datetime = moment_column()
    card_id: int | None = Field(default=None, sa_type=BigInteger, nullable=True)
    next_look_at: datetime | None = maybe_moment_column()
    told_at: datetime | None = maybe_moment_column()
    answered_at: datetime | None = maybe_moment_column()
    reason_sealed: bytes | None = None
    paper_on: date | None = None
    paper_by: int | None = maybe_reference("member")

    @property
    def name(self) -> str | None:
        return None if self.name_sealed is None else unseal(self.name_sealed, "confirmation.name", self.id)

    @name.setter
    def name(self, text: str | None) -> None:
        self.name_sealed = None if text is None else seal(text, "confirmation.name", self.id)

    @property
    def reason(self) -> str | None:
        """What whoever refused gave as reason."""
        sealed = self.reason_sealed
        return None if sealed is None else unseal(sealed, "confirmation.reason", self.id)

    @reason.setter
    def reason(self, text: str | None) -> None:
        self.reason_sealed = None if text is None else seal(text, "confirmation.reason", self.id)
