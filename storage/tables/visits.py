"""Visits that are planned, what happened to them, and who was reminded of them."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from storage.rulebook_sections import Recipient
from storage.sealed import seal, unseal
from storage.tables.columns import (
    WordType,
    id_column,
    maybe_moment_column,
    maybe_reference,
    moment_column,
    reference,
    word_column,
)


class VisitKind(StrEnum):
    talk = "talk"
    home_visit = "home_visit"
    study_visit = "study_visit"
    unit_interview = "unit_interview"
    colleague_interview = "colleague_interview"
    family_interview = "family_interview"
    file_read = "file_read"
    post_change = "post_change"
    unit_opinion = "unit_opinion"
    care_plan = "care_plan"
    difficulty = "difficulty"  # one that was noted is to be settled: storage/tables/difficulties.py
    review = "review"
    contact = "contact"  # nobody wrote down for too long that they met the person


# The kinds in which the person is met. All others go on without them.
MEETINGS = (VisitKind.talk, VisitKind.home_visit, VisitKind.study_visit)
# The kinds for which somebody is gone to; all others are written at a desk.
OUTINGS = (*MEETINGS, VisitKind.unit_interview, VisitKind.colleague_interview, VisitKind.family_interview)


class VisitState(StrEnum):
    planned = "planned"
    done = "done"
    withdrawn = "withdrawn"  # the case closed, or the kind no longer applies


class VisitEventKind(StrEnum):
    planned = "planned"
    recorded = "recorded"
    done_pending_note = "done_pending_note"
    not_done = "not_done"
    rescheduled = "rescheduled"
    extended = "extended"
    acknowledged = "acknowledged"
    chased = "chased"
    reassigned = "reassigned"
    handed_over = "handed_over"
    withdrawn = "withdrawn"
    reopened = "reopened"  # the note that had recorded it was voided
    move_asked = "move_asked"  # another day, which others decide about; until then the old one stays
    not_done_asked = "not_done_asked"  # the same, because it could not be made
    move_refused = "move_refused"
    kept_day_off = "kept_day_off"  # whoever makes it has it on a day off, and knows that it is one


# How whoever makes a visit gives it another day; always with a reason. The cadence reschedules, too, and gives none.
BY_HAND = (VisitEventKind.not_done, VisitEventKind.rescheduled)


class Visit(SQLModel, table=True):
    """A visit of any kind: planned, or entered once it had taken place (`unplanned`: then it was never due).

    Whether it is overdue is computed from its dates (reminders/rules.py), never stored; stored is only the next moment
    to look, and the ladder step it will be."""

    __table_args__ = (
        Index(
            "ix_visit_next_look_at",
            "next_look_at",
            "county_id",
            "officer_id",
            sqlite_where=text("next_look_at IS NOT NULL"),
            postgresql_where=text("next_look_at IS NOT NULL"),
        ),
        Index("ix_visit_officer_state", "officer_id", "state", "due_on"),
        Index("ix_visit_case_state", "case_id", "state"),
        Index("ix_visit_county_state", "county_id", "state", "due_on"),
    )

    id: int = id_column()
    county_id: int = reference("county")
    case_id: int = reference("care_case")
    officer_id: int | None = maybe_reference("member")
    code: str = Field(max_length=12, unique=True)
    kind: VisitKind = word_column(VisitKind)
    state: VisitState = word_column(VisitState, VisitState.planned)
    due_on: date
    first_due_on: date
    done_on: date | None = None
    asked_on: date | None = None  # the day to which whoever makes it asks to move it, until that is decided
    next_look_at: datetime | None = maybe_moment_column()
    next_step: int | None = None
    acknowledged_until: datetime | None = maybe_moment_column()
    rest_until: datetime | None = maybe_moment_column()
    unplanned: bool = False
    created_at: datetime = moment_column()


class VisitEvent(SQLModel, table=True):
    """One thing that happened to a visit: the state-change row. `detail` is what the actor gave as reason; `note_id`
    the note that brought it about."""

    __table_args__ = (
        Index(
            "ix_visitevent_note_id",
            "note_id",
            sqlite_where=text("note_id IS NOT NULL"),
            postgresql_where=text("note_id IS NOT NULL"),
        ),
    )

    id: int = id_column()
    county_id: int = reference("county")
    visit_id: int = reference("visit", index=True)
    at: datetime = moment_column()
    kind: VisitEventKind = word_column(VisitEventKind)
    actor_id: int | None = maybe_reference("member")
    due_on: date
    detail_sealed: bytes | None = None
    note_id: int | None = maybe_reference("note")

    @property
    def detail(self) -> str | None:
        sealed = self.detail_sealed
        return None if sealed is None else unseal(sealed, "visitevent.detail", self.id)

    @detail.setter
    def detail(self, text: str | None) -> None:
        self.detail_sealed = None if text is None else seal(text, "visitevent.detail", self.id)


class Reminder(SQLModel, table=True):
    """One member told of one visit at one step of the ladder. The unique key is why nobody is told twice.

    `step` counts by the ladder that holds; None: of one that held before, in which it has no place any more.
    `distance` (working days from the due day) and `recipient` (whom the rule names; the member may stand in for them)
    are as they were told; None in rows of an older version of which that is not certain.
    """

    __table_args__ = (
        UniqueConstraint("visit_id", "due_on", "step", "member_id"),
        Index("ix_reminder_member_day", "member_id", "day"),
    )

    id: int = id_column()
    county_id: int = reference("county")
    visit_id: int = Field(foreign_key="visit.id", sa_type=BigInteger)
    member_id: int = reference("member")
    due_on: date
    step: int | None = None
    distance: int | None = None
    recipient: Recipient | None = Field(default=None, sa_type=WordType(Recipient), nullable=True)
    day: date
    at: datetime = moment_column()
    # The notice that tells it; None where the morning digest does.
    outbox_id: int | None = Field(default=None, sa_type=BigInteger, index=True, nullable=True)
