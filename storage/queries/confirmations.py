"""Confirmations, each with what a message about it needs; and the door to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlmodel import Session, col, select

from locales.catalogue import N_
from storage.errors import NotFound
from storage.queries.access import Actor
from storage.queries.recusals import free_for, is_barred
from storage.tables.cases import Case, CaseState, Person
from storage.tables.confirmations import Confirmation, ConfirmationKind, ConfirmationState
from storage.tables.members import Member
from storage.tables.notes import Note
from storage.tables.visits import Visit

NO_SUCH_CONFIRMATION = N_("This confirmation is no longer awaited, or it is not yours to give.")


@dataclass(frozen=True)
class ConfirmationLine:
    """A confirmation, the note and the visit that it is about, the case, and who wrote the note."""

    confirmation: Confirmation
    note: Note
    visit: Visit
    case: Case
    person: Person
    author: Member

    @property
    def held_on(self) -> date:
        """The day of the visit as it holds now, amended or not."""
        return self.visit.done_on or self.note.held_on


def _lines(session: Session, *conditions: Any) -> list[ConfirmationLine]:
    query = (
        select(Confirmation, Note, Visit, Case, Person, Member)  # type: ignore[call-overload]
        .join(Note, col(Note.id) == Confirmation.note_id)
        .join(Visit, col(Visit.id) == Note.visit_id)
        .join(Case, col(Case.id) == Note.case_id)
        .join(Person, col(Person.id) == Case.person_id)
        .join(Member, col(Member.id) == Note.author_id)
        .where(*conditions)
        .order_by(col(Note.held_on), col(Confirmation.id))
    )
    return [ConfirmationLine(*row) for row in session.execute(query).all()]


_COMPANIONS = Confirmation.kind == ConfirmationKind.companion
# Of a case without visits for now nobody is asked anything.
_WAITING = (Confirmation.state == ConfirmationState.asked, Case.state == CaseState.open)


def by_ids(session: Session, ids: Sequence[int]) -> list[ConfirmationLine]:
    """The given confirmations in whatever state they are."""
    return _lines(session, col(Confirmation.id).in_(ids)) if ids else []


def waiting_for(session: Session, member_id: int) -> list[ConfirmationLine]:
    """What waits for a member's confirmation, the oldest first."""
    return _lines(session, *_WAITING, Confirmation.member_id == member_id, free_for(member_id))


def told_in(session: Session, member_id: int, visit_ids: Sequence[int]) -> list[ConfirmationLine]:
    """What a member was asked about these visits, in whatever state it is."""
    return _lines(session, Confirmation.member_id == member_id, col(Note.visit_id).in_(visit_ids))


def open_of_author(session: Session, author_id: int) -> list[ConfirmationLine]:
    """The companions' confirmations that are missing below the notes of an author."""
    missing = (ConfirmationState.asked, ConfirmationState.refused)
    return _lines(
        session,
        Note.author_id == author_id,
        Confirmation.kind == ConfirmationKind.companion,
        col(Confirmation.state).in_(missing),
        Case.state == CaseState.open,
        free_for(author_id),
    )


def silent_in(session: Session, actor: Actor) -> list[ConfirmationLine]:
    """The confirmations that are missing for so long that the office has heard of it."""
    told = col(Confirmation.told_at).is_not(None)
    return _lines(session, *_WAITING, told, Case.county_id == actor.county_id, free_for(actor.member_id))


def second_of(session: Session, note_id: int) -> Confirmation | None:
    """The second person that a note's rating needs, where it needs one."""
    query = select(Confirmation).where(
        Confirmation.note_id == note_id, Confirmation.kind == ConfirmationKind.second
    )
    return session.exec(query).first()


def ratings_for(session: Session, actor: Actor) -> list[ConfirmationLine]:
    """The ratings that await a second person, for somebody of the office: none of their own."""
    if not actor.in_office:
        return []
    return _lines(
        session,
        *_WAITING,
        Confirmation.kind == ConfirmationKind.second,
        Case.county_id == actor.county_id,
        Note.author_id != actor.member_id,
        free_for(actor.member_id),
    )


def _denials(session: Session, actor: Actor, *conditions: Any) -> list[ConfirmationLine]:
    if not actor.in_office:
        return []
    return _lines(
        session,
        Confirmation.kind == ConfirmationKind.person,
        Confirmation.state == ConfirmationState.refused,
        col(Confirmation.paper_by).is_(None),
        col(Note.voided_at).is_(None),
        Case.county_id == actor.county_id,
        Note.author_id != actor.member_id,
        free_for(actor.member_id),
        *conditions,
    )


def denials_for(session: Session, actor: Actor) -> list[ConfirmationLine]:
    """What persons concerned say did not take place, and nobody has looked into: for the office, its author apart."""
    return _denials(session, actor)


def access_denial(session: Session, actor: Actor, confirmation_id: int) -> ConfirmationLine:
    """One of them, whether visits are made in the case or not.

    Raises:
        NotFound: it is not there, or not the actor's to look into.
    """
    session.exec(select(Confirmation.id).where(Confirmation.id == confirmation_id).with_for_update()).first()
    found = _denials(session, actor, Confirmation.id == confirmation_id)
    if not found:
        raise NotFound(NO_SUCH_CONFIRMATION)
    return found[0]


def of_notes(session: Session, note_ids: Sequence[int]) -> dict[int, list[Confirmation]]:
    """The companions who are to bear out each of these notes."""
    found = defaultdict[int, list[Confirmation]](list)
    if note_ids:
        query = select(Confirmation).where(col(Confirmation.note_id).in_(note_ids), _COMPANIONS)
        for one in session.exec(query.order_by(col(Confirmation.id))):
            found[one.note_id].append(one)
    return found


def of_case(session: Session, case_id: int) -> dict[int, list[Confirmation]]:
    """The companions who are to bear out each note of a case; notes that name none are not there."""
    query = (
        select(Confirmation)
        .join(Note, col(Note.id) == Confirmation.note_id)
        .where(Note.case_id == case_id, _COMPANIONS)
        .order_by(col(Confirmation.id))
    )
    found = defaultdict[int, list[Confirmation]](list)
    for one in session.exec(query):
        found[one.note_id].append(one)
    return found


def access_confirmation(
    session: Session,
    actor: Actor,
    confirmation_id: int,
    *,
    to: Literal["answer", "paper", "agree"],
    lock: bool = True,
) -> ConfirmationLine:
    """A confirmation: to `answer` it for whoever was asked; to keep the signed `paper` for who wrote the note, and for
    the office; to `agree` to a rating for the office, its author apart. In whatever state it is; of a case in which
    visits are made.

    Raises:
        NotFound: no such confirmation, or it is not the actor's.
    """
    if lock:
        query = select(Confirmation.id).where(Confirmation.id == confirmation_id)
        session.exec(query.with_for_update()).first()
    found = next(iter(by_ids(session, [confirmation_id])), None)
    if (
        found is None
        or found.case.county_id != actor.county_id
        or found.case.state != CaseState.open
        or not _MAY[to](actor, found)
        or is_barred(session, actor.member_id, found.case.id)
    ):
        raise NotFound(NO_SUCH_CONFIRMATION)
    return found


def _may_answer(actor: Actor, line: ConfirmationLine) -> bool:
    return line.confirmation.member_id == actor.member_id


def _may_keep_paper(actor: Actor, line: ConfirmationLine) -> bool:
    if line.confirmation.kind is not ConfirmationKind.companion:
        return False
    return actor.in_office or line.note.author_id == actor.member_id


def _may_agree(actor: Actor, line: ConfirmationLine) -> bool:
    if line.confirmation.kind is not ConfirmationKind.second:
        return False
    return actor.in_office and line.note.author_id != actor.member_id


_MAY: dict[str, Callable[[Actor, ConfirmationLine], bool]] = {
    "answer": _may_answer,
    "paper": _may_keep_paper,
    "agree": _may_agree,
}
