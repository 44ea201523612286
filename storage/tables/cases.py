"""The person concerned, their case, and the sanctions it is about."""

from __future__ import annotations

from datetime import date, datetime
from enum import IntEnum, StrEnum

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.sealed import blind_index, seal, unseal
from storage.tables.columns import id_column, maybe_reference, moment_column, reference, word_column


class Stage(IntEnum):
    early_care = 0
    follow_up = 1
    evaluation = 2
    observation = 3


class CaseState(StrEnum):
    open = "open"
    held = "held"
    closed = "closed"


class CaseEventKind(StrEnum):
    held = "held"
    resumed = "resumed"
    closed = "closed"
    reopened = "reopened"
    handed_over = "handed_over"
    admitted = "admitted"
    not_admitted = "not_admitted"
    family_uninformed = "family_uninformed"  # by the person's own word
    family_informed = "family_informed"
    appeal_filed = "appeal_filed"  # a review of the sanction is asked for
    appeal_ended = "appeal_ended"


NAME, NAME_KEYS = (
    "person.name",
    "person.name_keys",
)  # what a person's name and what it is found by are sealed for


class Person(SQLModel, table=True):
    __table_args__ = (Index("ix_person_county_name", "county_id", "name_index"),)

    id: int = id_column()
    county_id: int = reference("county")
    unit_id: int = reference("unit")
    name_sealed: bytes
    name_index: bytes
    # The name's pinyin and initials, to be searched once they are opened: "zhangming zm".
    name_keys_sealed: bytes
    post_sealed: bytes
    political_status: str = Field(default="", max_length=20)
    created_at: datetime = moment_column()

    @property
    def name(self) -> str:
        return unseal(self.name_sealed, NAME, self.id)

    @name.setter
    def name(self, text: str) -> None:
        self.name_sealed = seal(text, NAME, self.id)
        self.name_index = blind_index(text, NAME)

    @property
    def name_keys(self) -> str:
        return unseal(self.name_keys_sealed, NAME_KEYS, self.id)

    @name_keys.setter
    def name_keys(self, text: str) -> None:
        self.name_keys_sealed = seal(text, NAME_KEYS, self.id)

    @property
    def post(self) -> str:
        return unseal(self.post_sealed, "person.post", self.id)

    @post.setter
    def post(self, text: str) -> None:
        self.post_sealed = seal(text, "person.post", self.id)


class Case(SQLModel, table=True):
    """One person's file. `expires_on` is the last day of the restriction period, None while it is undetermined."""

    __tablename__ = "care_case"
    __table_args__ = (
        Index("ix_care_case_county_state", "county_id", "state"),
        Index("ix_care_case_officer", "care_officer_id"),
    )

    id: int = id_column()
    county_id: int = reference("county")
    person_id: int = reference("person", index=True)
    code: str = Field(max_length=12, unique=True)
    stage: int = Stage.early_care
    stage_since: date
    state: CaseState = word_column(CaseState, CaseState.open)
    care_officer_id: int | None = maybe_reference("member")
    # The officer's name as the roster gave it, until that officer becomes a member.
    awaits_officer_sealed: bytes | None = None
    expires_on: date | None = None
    heavy: bool = False
    reason_sealed: bytes
    conduct: str = Field(default="", max_length=20)
    created_at: datetime = moment_column()

    @property
    def reason(self) -> str:
        return unseal(self.reason_sealed, "care_case.reason", self.id)

    @reason.setter
    def reason(self, text: str) -> None:
        self.reason_sealed = seal(text, "care_case.reason", self.id)

    @property
    def awaits_officer(self) -> str | None:
        sealed = self.awaits_officer_sealed
        return None if sealed is None else unseal(sealed, "care_case.awaits_officer", self.id)

    @awaits_officer.setter
    def awaits_officer(self, text: str | None) -> None:
        self.awaits_officer_sealed = None if text is None else seal(text, "care_case.awaits_officer", self.id)


class CaseEvent(SQLModel, table=True):
    """A case was put on hold, resumed, closed, reopened, handed over, admitted; its family knows, or does not; an
    appeal was filed, or has ended. Never changed; why, is sealed."""

    __table_args__ = (Index("ix_caseevent_case_at", "case_id", "at"),)

    id: int = id_column()
    county_id: int = reference("county")
    case_id: int = reference("care_case")
    at: datetime = moment_column()
    kind: CaseEventKind = word_column(CaseEventKind)
    actor_id: int | None = maybe_reference("member")
    reason_sealed: bytes

    @property
    def reason(self) -> str:
        return unseal(self.reason_sealed, "caseevent.reason", self.id)

    @reason.setter
    def reason(self, text: str) -> None:
        self.reason_sealed = seal(text, "caseevent.reason", self.id)


class Sanction(SQLModel, table=True):
    """One sanction or organisational measure. What it is, is sealed: `kind` names a `casework.sanctions` kind."""

    id: int = id_column()
    county_id: int = reference("county")
    case_id: int = reference("care_case", index=True)
    kind_sealed: bytes
    decided_on: date
    months: int

    @property
    def kind(self) -> str:
        return unseal(self.kind_sealed, "sanction.kind", self.id)

    @kind.setter
    def kind(self, text: str) -> None:
        self.kind_sealed = seal(text, "sanction.kind", self.id)
