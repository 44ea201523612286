"""Matters to follow up (跟进事项): what a note promises to see to by a day, until somebody has."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, select

from reminders import matters as reminding
from reminders.mechanism import mechanism_of
from storage import audit
from storage.queries.access import Actor
from storage.queries.matters import MatterLine, access_matter
from storage.queries.notes import KeptNote
from storage.tables.matters import Matter
from storage.tables.notes import Note


def named(answers: Mapping[str, Any]) -> date | None:
    """By when a note says that something is to be followed up; None where it names nothing, or no day."""
    due = answers.get("follow_up_due")
    return date.fromisoformat(str(due)) if due and answers.get("follow_up") else None


def keep(session: Session, note: Note, answers: Mapping[str, Any]) -> None:
    """What a note that was just submitted promises, if it does."""
    due_on = named(answers)
    if due_on is not None:
        session.add(Matter(county_id=note.county_id, case_id=note.case_id, note_id=note.id, due_on=due_on))


def of_note(session: Session, note_id: int) -> Matter | None:
    return session.exec(select(Matter).where(Matter.note_id == note_id).with_for_update()).first()


def follow(session: Session, kept: KeptNote, *, now: datetime) -> None:
    """The same after the note was amended: its text is read where it stands, its day is the one that holds now."""
    matter = of_note(session, kept.id)
    if matter is None:
        keep(session, kept.note, kept.answers)
        return
    matter.due_on = named(kept.answers)
    reminding.refresh(session, [matter.id], now=now)


def moved(session: Session, note: Note, there: KeptNote, *, now: datetime) -> None:
    """A note stands in another case now: whether the matter is done goes with it."""
    here, new = of_note(session, note.id), of_note(session, there.id)
    if here is not None and new is not None:
        new.done_at, new.done_by = here.done_at, here.done_by
    gone(session, note, now=now)


def gone(session: Session, note: Note, *, now: datetime) -> None:
    """A note was taken out of its case: nobody is reminded, for it stands there no more."""
    matter = of_note(session, note.id)
    if matter is not None:
        reminding.refresh(session, [matter.id], now=now)


def followed_up(session: Session, actor: Actor, matter_id: int, *, done: bool, now: datetime) -> MatterLine:
    """Somebody has seen to it, or takes that back; said twice it is said once.

    Raises:
        NotFound: there is none, or it is not the actor's to see to.
    """
    today = mechanism_of(session, actor.county_id).day(now)
    found = access_matter(session, actor, matter_id, today=today, lock=True)
    matter = found.matter
    if (matter.done_at is not None) is done:
        return found
    matter.done_at, matter.done_by = (now, actor.member_id) if done else (None, None)
    what = "matter_done" if done else "matter_reopened"
    audit.record(session, actor, what, "matter", matter.id, now=now, case=matter.case_id)
    reminding.refresh(session, [matter.id], now=now)
    return found
