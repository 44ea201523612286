"""Visits of the invented county on which somebody went along: one has been confirmed, a newer one still waits."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from bot import demo_data
from reminders import confirming
from reminders.mechanism import Mechanism
from storage.queries.access import active_members
from storage.tables.cases import Case
from storage.tables.confirmations import Confirmation, ConfirmationKind, ConfirmationState
from storage.tables.members import Role
from storage.tables.notes import Note

_TOLD = {
    cast.code for cast in demo_data.CAST if cast.code
}  # the cases of the fixed stories stay as they are told


def went_along(session: Session, county_id: int, mechanism: Mechanism, *, now: datetime) -> None:
    """Somebody of the stationed group went along with the first officer."""
    officer = active_members(session, county_id, Role.care_officer)[0]
    companion = active_members(session, county_id, Role.stationed_group)[0]
    query = (
        select(Note)
        .join(Case, col(Case.id) == Note.case_id)
        .where(Note.author_id == officer.id, col(Case.code).not_in(_TOLD))
        .order_by(col(Note.held_on).desc(), col(Note.id))
    )
    states = (ConfirmationState.asked, ConfirmationState.confirmed)
    for note, state in zip(session.exec(query.limit(len(states))).all(), states, strict=False):
        answers = note.answers
        note.answers = answers | {
            "more": [*answers.get("more", []), "companions"],
            "companions": [str(companion.id)],
        }
        one = Confirmation(
            county_id=county_id,
            note_id=note.id,
            kind=ConfirmationKind.companion,
            state=state,
            member_id=companion.id,
            asked_at=note.submitted_at,
            answered_at=note.submitted_at if state is ConfirmationState.confirmed else None,
        )
        session.add(one)
        session.flush()
        if state is ConfirmationState.asked:
            confirming.ask(session, one, mechanism, now=now)
