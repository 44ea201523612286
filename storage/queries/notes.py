"""Notes as they are read: the original, and beside it what was amended. And the one door to a note."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sqlalchemy import bindparam, exists
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from locales.catalogue import N_
from storage.bulk import Among, asking_among, listed
from storage.errors import NotFound
from storage.once import once
from storage.prepared import Row
from storage.queries.access import Actor, access_case
from storage.queries.recusals import is_barred
from storage.tables.members import Member, Role
from storage.tables.notes import Note, NoteEvent, NoteEventKind, unseal_state_of_mind

NO_SUCH_NOTE = N_("This note is not among those you may see.")
WRITERS = (Role.care_officer, Role.unit_party_org, Role.commission_staff)
CLERKS = (Role.commission_staff,)  # who voids a note
STANDS = col(Note.voided_at).is_(None)


@dataclass(frozen=True)
class KeptNote:
    """A note with its author's name and what was amended since. `answers`, `held_on` and `state_of_mind` are what
    holds now; the `note` itself is as it was submitted."""

    note: Note
    author: str
    events: tuple[NoteEvent, ...] = ()

    @once
    def amendments(self) -> list[NoteEvent]:
        return [event for event in self.events if event.kind is NoteEventKind.amended]

    def happened(self, kind: NoteEventKind) -> NoteEvent | None:
        """The last time that this happened to the note."""
        return next((event for event in reversed(self.events) if event.kind is kind), None)

    @property
    def id(self) -> int:
        return self.note.id

    @property
    def form(self) -> str:
        return self.note.form

    @once
    def answers(self) -> Mapping[str, Any]:
        answers = self.note.answers
        for amendment in self.amendments:
            answers |= amendment.answers
        return {key: value for key, value in answers.items() if value is not None}

    @property
    def held_on(self) -> date:
        amended = self.answers.get("date") if self.amendments else None
        return date.fromisoformat(amended) if amended else self.note.held_on

    @property
    def state_of_mind(self) -> str:
        amended = any("state_of_mind" in amendment.answers for amendment in self.amendments)
        return self.answers.get("state_of_mind", "not_rated") if amended else self.note.state_of_mind


def access_note(
    session: Session, actor: Actor, note_id: int, *, to: Literal["read", "amend", "move"], lock: bool = False
) -> Note:
    """A note: to be read by whoever may read its case and by its author, amended by the author alone, voided or
    refiled (`move`) by the author or the office's staff; never by somebody who keeps out of the case. A voided note is
    there for the office alone, to be read.

    With `lock` nobody else changes what is known of it meanwhile.
    """
    query = select(Note).where(Note.id == note_id)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    note = session.exec(query).first()
    if note is None or note.county_id != actor.county_id or not _is_open_to(session, actor, note, to):
        raise NotFound(NO_SUCH_NOTE)
    return note


def _is_open_to(session: Session, actor: Actor, note: Note, to: str) -> bool:
    if note.voided_at is not None:
        return to == "read" and actor.in_office and _reads_case(session, actor, note)
    if is_author(session, actor, note):
        return True
    may = {"read": True, "amend": False, "move": actor.has(*CLERKS)}[to]
    return may and _reads_case(session, actor, note)


def may_read(session: Session, actor: Actor, note: Note) -> bool:
    return note.county_id == actor.county_id and _is_open_to(session, actor, note, "read")


def is_author(session: Session, actor: Actor, note: Note) -> bool:
    wrote = note.author_id == actor.member_id and actor.has(*WRITERS)
    return wrote and not is_barred(session, actor.member_id, note.case_id)


def _reads_case(session: Session, actor: Actor, note: Note) -> bool:
    try:
        access_case(session, actor, note.case_id)
    except NotFound:
        return False
    return True


def _events(session: Session, note_ids: Sequence[int]) -> dict[int, list[NoteEvent]]:
    """What happened to notes, by note, oldest first."""
    found = defaultdict[int, list[NoteEvent]](list)
    query = select(NoteEvent).where(col(NoteEvent.note_id).in_(note_ids))
    for event in session.exec(query.order_by(col(NoteEvent.at), col(NoteEvent.id))) if note_ids else ():
        found[event.note_id].append(event)
    return found


def keep(session: Session, notes: Sequence[Note]) -> list[KeptNote]:
    """These notes as they are read, in their order."""
    events = _events(session, [note.id for note in notes])
    authors = {note.author_id for note in notes}
    people = session.exec(select(Member).where(col(Member.id).in_(authors))).all() if authors else ()
    names = {member.id: member.name for member in people}
    return [KeptNote(note, names[note.author_id], tuple(events.get(note.id, ()))) for note in notes]


def of_case(session: Session, case_id: int, *, voided: bool = False) -> list[KeptNote]:
    """The notes of a case, by the day of what they tell of as it holds now; instead those that were `voided`."""
    query = (
        select(Note)
        .where(Note.case_id == case_id, ~STANDS if voided else STANDS)
        .order_by(col(Note.held_on), col(Note.id))
    )
    return sorted(keep(session, session.exec(query).all()), key=lambda kept: (kept.held_on, kept.id))


def wrote(session: Session, actor: Actor, case_id: int, form: str, day: date) -> bool:
    """Whether a member has submitted a note of this kind in a case that tells of this day, as it holds now or as it was
    submitted; and it stands, there or in the case that it was refiled to since."""
    query = select(Note).where(Note.author_id == actor.member_id, Note.case_id == case_id, Note.form == form)
    return any(
        day in (kept.held_on, kept.note.held_on)
        and _stands_somewhere(session, kept)
        and is_author(session, actor, kept.note)
        for kept in keep(session, session.exec(query).all())
    )


def _stands_somewhere(session: Session, kept: KeptNote) -> bool:
    while kept.note.voided_at is not None:
        event = kept.happened(NoteEventKind.refiled)
        if event is None or event.other_id is None:
            return False
        (kept,) = keep(session, [session.get_one(Note, event.other_id)])
    return True


def _rated(among: Among) -> Any:
    was_amended = exists().where(
        col(NoteEvent.note_id) == col(Note.id), col(NoteEvent.kind) == NoteEventKind.amended
    )
    return select_columns(
        col(Note.id),
        col(Note.author_id),
        col(Note.case_id),
        col(Note.held_on),
        col(Note.state_of_mind_sealed),
        was_amended,
    ).where(
        STANDS,
        col(Note.county_id) == bindparam("county"),
        col(Note.held_on) >= bindparam("first"),
        among(col(Note.form)),
    )


_RATED = asking_among(_rated)


def latest_ratings(
    session: Session, county_id: int, first: date, forms: Collection[str]
) -> dict[tuple[int, int], str]:
    """How each officer last rated each person, in notes of these forms on what took place from that day on: by author
    and case. Of a large county that is thousands of notes, so only what decides is opened."""
    rows = _RATED.all(session, {"county": county_id, "first": first, **listed(session, forms)})
    amended = [row[0] for row in rows if row[5]]
    query = select(Note).where(col(Note.id).in_(amended))
    changed = {kept.id: kept for kept in keep(session, session.exec(query).all())} if amended else {}
    found: dict[tuple[int, int], str] = {}

    def place(row: Row) -> tuple[date, int]:
        return changed[row[0]].held_on if row[0] in changed else row[3], row[0]

    for note_id, author_id, case_id, _, sealed, _ in sorted(rows, key=place, reverse=True):
        if (author_id, case_id) in found:
            continue
        kept = changed.get(note_id)
        grade = kept.state_of_mind if kept is not None else unseal_state_of_mind(sealed, note_id)
        if grade != "not_rated":
            found[author_id, case_id] = grade
    return found


def of_visit(session: Session, visit_id: int) -> KeptNote | None:
    """The note that tells of a visit."""
    found = session.exec(
        select(Note).where(Note.visit_id == visit_id, STANDS).order_by(col(Note.id).desc())
    ).first()
    return keep(session, [found])[0] if found is not None else None


def is_void(session: Session, note_id: int | None) -> bool:
    note = session.get(Note, note_id) if note_id is not None else None
    return note is not None and note.voided_at is not None
