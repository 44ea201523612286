"""At most so many formal visits a person and year, where the county wants that: the next one waits for the new year.

A home visit is planned as a formal one. A talk is informal care, whoever goes along, and is never put off for this.
"""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, func, select

from reminders.mechanism import Mechanism
from storage.tables.confirmations import Confirmation, ConfirmationState
from storage.tables.notes import Note
from storage.tables.visits import Visit, VisitKind, VisitState

FORMAL_KINDS = frozenset({VisitKind.home_visit})
_COUNTS = (ConfirmationState.asked, ConfirmationState.confirmed)


def within(session: Session, case_id: int, kind: VisitKind, due_on: date, mechanism: Mechanism) -> date:
    """The day by which a visit is planned: as wanted, or in the next year where this year has had its formal visits.
    One that a companion has still to confirm counts."""
    most = mechanism.rulebook.formal.a_year
    if not most or kind not in FORMAL_KINDS:
        return due_on
    year = (date(due_on.year, 1, 1), date(due_on.year, 12, 31))
    query = (
        select(func.count(func.distinct(col(Visit.id))))
        .join(Note, col(Note.visit_id) == Visit.id)
        .join(Confirmation, col(Confirmation.note_id) == Note.id)
        .where(
            Visit.case_id == case_id,
            Visit.state == VisitState.done,
            col(Note.voided_at).is_(None),
            col(Visit.done_on).between(*year),
            col(Confirmation.state).in_(_COUNTS),
        )
    )
    if session.exec(query).one() < most:
        return due_on
    return mechanism.calendar.add_workdays(date(due_on.year + 1, 1, 1), 0)
