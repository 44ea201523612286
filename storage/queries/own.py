"""What the person concerned may know of their own case: which it is, when somebody comes, whether they asked for it,
and that a meeting with them was noted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from locales.catalogue import N_
from storage.errors import NotFound
from storage.tables.calls import SafetyCall
from storage.tables.cases import Case, CaseState
from storage.tables.confirmations import Confirmation, ConfirmationKind, ConfirmationState
from storage.tables.members import MemberRole, Role
from storage.tables.notes import Note
from storage.tables.visits import MEETINGS, Visit, VisitState

NO_SUCH_MEETING = N_("No such meeting is noted with you.")
_ORDER = (CaseState.open, CaseState.held, CaseState.closed)


def case_of(session: Session, member_id: int) -> Case | None:
    """The case that a member is the person concerned of: the open one, else the newest."""
    query = (
        select(Case)
        .join(MemberRole, col(MemberRole.person_id) == Case.person_id)
        .where(
            MemberRole.member_id == member_id,
            MemberRole.role == Role.subject,
            Case.county_id == MemberRole.county_id,
        )
        .order_by(col(Case.id).desc())
    )
    found = session.exec(query).all()
    return min(found, key=lambda case: _ORDER.index(case.state)) if found else None


def meetings(session: Session, case: Case) -> Sequence[Visit]:
    """The planned visits at which somebody meets the person, earliest first. Of what is asked of others about them
    they hear nothing here."""
    if case.state is not CaseState.open:
        return []
    query = select(Visit).where(
        Visit.case_id == case.id, Visit.state == VisitState.planned, col(Visit.kind).in_(MEETINGS)
    )
    return session.exec(query.order_by(col(Visit.due_on), col(Visit.id))).all()


def open_call(session: Session, case: Case, member_id: int) -> SafetyCall | None:
    """The open safety call that the person asked for themselves. Of any other they are told nothing."""
    query = select(SafetyCall).where(
        SafetyCall.case_id == case.id, SafetyCall.opened_by == member_id, col(SafetyCall.closed_at).is_(None)
    )
    return session.exec(query).first()


def _noted(session: Session, case: Case, *conditions: Any) -> Sequence[tuple[Note, Visit]]:
    query = (
        select(Note, Visit)
        .join(Visit, col(Visit.id) == Note.visit_id)
        .where(
            Note.case_id == case.id,
            col(Note.kind).in_(MEETINGS),
            col(Note.voided_at).is_(None),
            *conditions,
        )
        .order_by(col(Note.held_on).desc(), col(Note.id).desc())
    )
    return session.exec(query).all()


def meetings_noted(session: Session, case: Case, since: date) -> Sequence[tuple[Note, Visit]]:
    """The meetings with the person since a day that somebody noted, the latest first; of a note nothing but that it is
    there."""
    return _noted(session, case, col(Note.held_on) >= since)


def meeting_noted(session: Session, member_id: int, note_id: int) -> Note:
    """The note of one meeting with the person; of two answers to it the second sees the first.

    Raises:
        NotFound: there is none, or it is not about them.
    """
    session.exec(select(Note.id).where(Note.id == note_id).with_for_update()).first()
    case = case_of(session, member_id)
    found = _noted(session, case, Note.id == note_id) if case is not None else []
    if not found:
        raise NotFound(NO_SUCH_MEETING)
    return found[0][0]


def words_on(session: Session, note_ids: Sequence[int], member_id: int) -> dict[int, Confirmation]:
    """What the person said of these meetings, by note."""
    query = select(Confirmation).where(
        col(Confirmation.note_id).in_(note_ids),
        Confirmation.kind == ConfirmationKind.person,
        Confirmation.member_id == member_id,
        Confirmation.state != ConfirmationState.withdrawn,
    )
    return {one.note_id: one for one in session.exec(query)} if note_ids else {}


def word_withdrawn(session: Session, note_id: int, member_id: int) -> Confirmation | None:
    """What they said of a meeting before its note gave it another day."""
    query = select(Confirmation).where(
        Confirmation.note_id == note_id,
        Confirmation.kind == ConfirmationKind.person,
        Confirmation.member_id == member_id,
        Confirmation.state == ConfirmationState.withdrawn,
    )
    return session.exec(query).first()


def word_on(session: Session, note_id: int) -> Confirmation | None:
    """What the person concerned said of a meeting, for those who read its note."""
    query = select(Confirmation).where(
        Confirmation.note_id == note_id,
        Confirmation.kind == ConfirmationKind.person,
        Confirmation.state != ConfirmationState.withdrawn,
    )
    return session.exec(query).first()
