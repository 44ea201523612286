"""What took place: the submitted note, which is never overwritten, and what happened to it afterwards."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.sealed import seal, seal_data, unseal, unseal_data
from storage.tables.columns import (
    id_column,
    maybe_moment_column,
    maybe_reference,
    moment_column,
    reference,
    word_column,
)
from storage.tables.visits import VisitKind

_STATE_OF_MIND = "note.state_of_mind"


def unseal_state_of_mind(sealed: bytes, note_id: int) -> str:
    return unseal(sealed, _STATE_OF_MIND, note_id)


class Note(SQLModel, table=True):
    """A note as its author submitted it. The answers of its form, and the state of mind, are sealed. A voided one is
    kept, and read by the office alone."""

    __table_args__ = (
        Index("ix_note_case_held", "case_id", "held_on"),
        Index("ix_note_author_held", "author_id", "held_on"),
        Index("ix_note_county_held", "county_id", "held_on"),
    )

    id: int = id_column()
    county_id: int = reference("county")
    case_id: int = reference("care_case")
    visit_id: int | None = maybe_reference("visit", index=True)
    author_id: int = reference("member")
    kind: VisitKind = word_column(VisitKind)
    form: str = Field(max_length=40)
    form_version: int
    held_on: date
    submitted_at: datetime = moment_column()
    voided_at: datetime | None = maybe_moment_column()
    answers_sealed: bytes
    state_of_mind_sealed: bytes

    @property
    def answers(self) -> dict[str, Any]:
        answers: dict[str, Any] = unseal_data(self.answers_sealed, "note.answers", self.id)
        return answers

    @answers.setter
    def answers(self, answers: dict[str, Any]) -> None:
        self.answers_sealed = seal_data(answers, "note.answers", self.id)

    @property
    def state_of_mind(self) -> str:
        """A `state_of_mind` value of the glossary; `not_rated` where nobody rated."""
        return unseal_state_of_mind(self.state_of_mind_sealed, self.id)

    @state_of_mind.setter
    def state_of_mind(self, grade: str) -> None:
        self.state_of_mind_sealed = seal(grade, _STATE_OF_MIND, self.id)


class NoteEventKind(StrEnum):
    amended = "amended"
    begun = "begun"  # somebody else gave `answers` of it, before its author had the draft
    # Its author asks the office to void it; the office does. `other_id`: the note that tells of the same visit.
    void_asked = "void_asked"
    voided = "voided"
    refiled = "refiled"  # voided here, for it stands in another case now: `other_id`
    arrived = "arrived"  # it stood in another case before: `other_id`


class NoteEvent(SQLModel, table=True):
    """One thing that happened to a note after it was submitted. Rows are added and never changed.

    `answers` of an amendment are the answers it gives instead, by field; None strikes one out.
    """

    id: int = id_column()
    county_id: int = reference("county")
    note_id: int = reference("note", index=True)
    at: datetime = moment_column()
    kind: NoteEventKind = word_column(NoteEventKind)
    actor_id: int = reference("member")
    reason_sealed: bytes
    answers_sealed: bytes | None = None
    other_id: int | None = maybe_reference("note")

    @property
    def reason(self) -> str:
        return unseal(self.reason_sealed, "noteevent.reason", self.id)

    @reason.setter
    def reason(self, text: str) -> None:
        self.reason_sealed = seal(text, "noteevent.reason", self.id)

    @property
    def answers(self) -> dict[str, Any]:
        sealed = self.answers_sealed
        answers: dict[str, Any] = unseal_data(sealed, "noteevent.answers", self.id) if sealed else {}
        return answers

    @answers.setter
    def answers(self, answers: dict[str, Any]) -> None:
        self.answers_sealed = seal_data(answers, "noteevent.answers", self.id)
