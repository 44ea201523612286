"""Matters to follow up: the lists of them, and the door to each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, and_, col, func, or_, select

from locales.catalogue import N_
from storage.errors import NotFound
from storage.queries import notes as note_lists
from storage.queries.access import Actor, access_case_to_record
from storage.queries.leaves import covered_by
from storage.queries.notes import STANDS
from storage.queries.recusals import free_for
from storage.tables.cases import Case, CaseState, Person
from storage.tables.mail import Outbox, OutboxState
from storage.tables.matters import Matter, MatterTold
from storage.tables.notes import Note

NO_SUCH_MATTER = N_("This matter is not among those that you follow up.")
# What somebody is to see to: its note stands and names a day, and visits are made in its case.
OPEN: tuple[Any, ...] = (
    col(Matter.done_at).is_(None),
    col(Matter.due_on).is_not(None),
    STANDS,
    Case.state == CaseState.open,
)


@dataclass(frozen=True)
class MatterLine:
    """A matter, the case it belongs to, and the note that names it."""

    matter: Matter
    case: Case
    person: Person
    note: Note


def _lines(session: Session, *conditions: Any) -> list[MatterLine]:
    query = (
        select(Matter, Case, Person, Note)
        .join(Case, col(Case.id) == Matter.case_id)
        .join(Person, col(Person.id) == Case.person_id)
        .join(Note, col(Note.id) == Matter.note_id)
        .where(*conditions)
        .order_by(col(Matter.due_on), col(Matter.id))
    )
    return [MatterLine(*row) for row in session.exec(query).all()]


def open_of(session: Session, member_id: int, *, today: date) -> list[MatterLine]:
    """What a member is to see to, the earliest first: in cases of their own, and what falls due in the leave of a
    colleague whom they cover for."""
    covered = (
        and_(Case.care_officer_id == leave.member_id, col(Matter.due_on) <= leave.last_on)
        for leave in covered_by(session, member_id, today)
    )
    return _lines(session, *OPEN, or_(Case.care_officer_id == member_id, *covered), free_for(member_id))


def open_in(session: Session, case_id: int) -> list[MatterLine]:
    """What is open in a case. Whoever asks has come through the door of the case."""
    return _lines(session, *OPEN, Matter.case_id == case_id)


def of_notes(session: Session, case_id: int) -> dict[int, Matter]:
    """The matters of a case by their notes, done or not. Whoever asks has come through the door of the case."""
    found = session.exec(select(Matter).where(Matter.case_id == case_id, col(Matter.due_on).is_not(None)))
    return {matter.note_id: matter for matter in found}


def told_by(session: Session, outbox_id: int) -> list[MatterLine]:
    """Those that a digest listed, however they stand now."""
    told = select(MatterTold.matter_id).where(MatterTold.outbox_id == outbox_id)
    return _lines(session, col(Matter.id).in_(told))


def told_on(
    session: Session, matter_ids: Collection[int], member_ids: Collection[int]
) -> dict[tuple[int, int], date]:
    """Of matter and member the last day whose digest listed the one to the other, where one has."""
    query = (
        select(MatterTold.matter_id, Outbox.member_id, func.max(col(Outbox.day)))
        .join(Outbox, col(Outbox.id) == MatterTold.outbox_id)
        .where(
            col(MatterTold.matter_id).in_(matter_ids),
            col(Outbox.member_id).in_(member_ids),
            Outbox.state == OutboxState.sent,
            col(Outbox.day).is_not(None),
        )
        .group_by(col(MatterTold.matter_id), col(Outbox.member_id))
    )
    rows = session.exec(query).all() if matter_ids else ()
    return {(matter, member): day for matter, member, day in rows if member is not None and day is not None}


def text_of(session: Session, notes: Sequence[Note]) -> dict[int, str]:
    """By note, what it says is to be followed up, as it holds now."""
    return {kept.id: str(kept.answers.get("follow_up", "")) for kept in note_lists.keep(session, notes)}


def access_matter(
    session: Session, actor: Actor, matter_id: int, *, today: date, lock: bool = False
) -> MatterLine:
    """A matter, done or not, for whoever may write down what took place in its case.

    Raises:
        NotFound: it is not there, not theirs, or no visits are made in its case.
    """
    query = select(Matter).where(Matter.id == matter_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    matter = session.exec(query).first()
    if matter is None or matter.due_on is None:
        raise NotFound(NO_SUCH_MATTER)
    try:
        access_case_to_record(session, actor, matter.case_id, today=today)
    except NotFound:
        raise NotFound(NO_SUCH_MATTER) from None
    found = _lines(session, Matter.id == matter.id, STANDS)
    if not found:
        raise NotFound(NO_SUCH_MATTER)
    return found[0]
