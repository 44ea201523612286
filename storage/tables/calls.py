"""Safety calls: somebody has to be spoken with at once, and who was told of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.sealed import seal_data, unseal_data
from storage.tables.columns import (
    id_column,
    maybe_moment_column,
    maybe_reference,
    moment_column,
    reference,
    word_column,
)

_OUTCOME = "safetycall.outcome"


class CallSource(StrEnum):
    """What opened a call."""

    note = "note"  # signs of danger, seen on a visit
    not_done = "not_done"  # nobody reached the person, and there is reason to worry
    subject = "subject"  # the person concerned asked to be contacted
    office = "office"  # by hand


def _some(name: str, columns: str, which: str, *, unique: bool = False) -> Index:
    return Index(
        name, *columns.split(", "), unique=unique, sqlite_where=text(which), postgresql_where=text(which)
    )


class SafetyCall(SQLModel, table=True):
    """One call. It is open until somebody records having spoken with the person; of a case one is open at a time.

    Stored is the next moment to look, as for visits, and the number of the round that was told last, which is part of
    every key: a change of the rules renumbers nothing. While `rest_until` lasts somebody is on it.
    """

    __table_args__ = (
        _some("ix_safetycall_next_look_at", "next_look_at", "next_look_at IS NOT NULL"),
        _some("uq_safetycall_open_case", "case_id", "closed_at IS NULL", unique=True),
        Index("ix_safetycall_county_closed", "county_id", "closed_at"),
    )

    id: int = id_column()
    county_id: int = reference("county")
    case_id: int = reference("care_case", index=True)
    visit_id: int | None = maybe_reference("visit")
    officer_id: int | None = maybe_reference("member")
    source: CallSource = word_column(CallSource)
    opened_by: int | None = maybe_reference("member")
    opened_at: datetime = moment_column()
    joined_at: datetime | None = maybe_moment_column()  # there was a further reason since
    round: int = 0
    told_at: datetime | None = maybe_moment_column()
    next_look_at: datetime | None = maybe_moment_column()
    taken_by: int | None = maybe_reference("member")
    taken_at: datetime | None = maybe_moment_column()
    rest_until: datetime | None = maybe_moment_column()
    closed_by: int | None = maybe_reference("member")
    closed_at: datetime | None = maybe_moment_column()
    outcome_sealed: bytes | None = None

    @property
    def outcome(self) -> dict[str, str]:
        """How and when they were spoken with, and what follows: the answers of the form; empty while it is open."""
        sealed = self.outcome_sealed
        answers: dict[str, str] = unseal_data(sealed, _OUTCOME, self.id) if sealed else {}
        return answers

    @outcome.setter
    def outcome(self, answers: dict[str, str]) -> None:
        self.outcome_sealed = seal_data(answers, _OUTCOME, self.id)


class SafetyTold(SQLModel, table=True):
    """One member told of one call in one round. The unique key is why nobody is told twice."""

    __table_args__ = (UniqueConstraint("call_id", "round", "member_id"),)

    id: int = id_column()
    county_id: int = reference("county")
    call_id: int = reference("safetycall")
    member_id: int = reference("member")
    round: int
    at: datetime = moment_column()
    outbox_id: int = Field(sa_type=BigInteger, index=True)
