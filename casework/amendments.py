"""更正: a note that was submitted is locked; its author amends it, dated and with a reason, beside the original."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from casework import concerns, confirmations, consequences, matters, safety, second
from casework.forms.catalog import NOTE_FORMS
from casework.forms.catalog.amendment import WHICH, WHY, given
from casework.forms.form import Answers
from casework.notes import check_day
from locales.catalogue import N_
from reminders import schedule
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit
from storage.errors import Refused
from storage.queries import notes as note_lists
from storage.queries.access import Actor
from storage.queries.notes import KeptNote
from storage.tables.calls import CallSource, SafetyCall
from storage.tables.cases import Case, CaseState
from storage.tables.notes import Note, NoteEvent, NoteEventKind
from storage.tables.visits import MEETINGS, Visit

SAYS_SO = N_("This is what the note says already.")


@dataclass(frozen=True)
class Amended:
    """The note as it holds now, and what follows from it: as in `notes.Recorded`."""

    kept: KeptNote
    following: Visit | None = None
    because: str | None = None
    call: SafetyCall | None = None


def amend(session: Session, actor: Actor, note_id: int, answers: Answers, *, now: datetime) -> Amended:
    """Give one answer of a note anew: `answers` are those of the form that `amending` made. What the note has brought
    about follows: the next visit, a talk that is wanted sooner, who has to know at once.

    Raises:
        NotFound: there is no such note of the actor's.
        Refused: nothing would change, or nothing can have taken place on the day it gives.
    """
    note = note_lists.access_note(session, actor, note_id, to="amend", lock=True)
    before = note_lists.keep(session, [note])[0]
    changed = given(NOTE_FORMS[note.form], before.answers, answers)
    if not changed:
        raise Refused(SAYS_SO).at(str(answers[WHICH]))
    case = session.get_one(Case, note.case_id)
    mechanism = mechanism_of(session, note.county_id)
    if changed.get("date"):
        day = date.fromisoformat(changed["date"])
        check_day(session, case, day, mechanism, mechanism.day(now))
    _write(session, actor, note, str(answers[WHY]), changed, now)
    which = str(answers[WHICH])
    audit.record(session, actor, "note_amended", "note", note.id, now=now, question=which, case=case.id)
    after = note_lists.keep(session, [note])[0]
    if {"more", "follow_up", "follow_up_due"} & changed.keys():
        matters.follow(session, after, now=now)
    return _follow(session, actor, case, before, after, changed, mechanism, now)


def _write(
    session: Session, actor: Actor, note: Note, reason: str, changed: dict[str, Any], now: datetime
) -> None:
    event = NoteEvent(
        county_id=note.county_id,
        note_id=note.id,
        at=now,
        kind=NoteEventKind.amended,
        actor_id=actor.member_id,
        reason_sealed=b"",
    )
    event.reason, event.answers = reason, changed
    session.add(event)
    session.flush()


def _seen(kept: KeptNote) -> consequences.Seen:
    return consequences.Seen(kept.held_on, kept.state_of_mind, kept.answers.get("safety") is True)


def _follow(
    session: Session,
    actor: Actor,
    case: Case,
    before: KeptNote,
    after: KeptNote,
    changed: dict[str, Any],
    mechanism: Mechanism,
    now: datetime,
) -> Amended:
    visit = session.get(Visit, after.note.visit_id) if after.note.visit_id is not None else None
    if {"companions", "date"} & changed.keys():
        other_day, anew = before.held_on != after.held_on, "companions" in changed
        confirmations.follow(session, after.note, after.answers, other_day=other_day, now=now, anew=anew)
    was = replace(_seen(before), state_of_mind=second.pace(session, before.note, before.state_of_mind))
    if {"state_of_mind", "date"} & changed.keys():
        second.ask(session, after.note, after.state_of_mind, mechanism, now=now)
    seen = replace(_seen(after), state_of_mind=second.pace(session, after.note, after.state_of_mind))
    if visit is None or was == seen:
        return Amended(after)
    visit.done_on = seen.held_on
    following, because = consequences.renew(session, after.note, visit, case, seen, mechanism, now=now)
    if visit.kind in MEETINGS and case.state == CaseState.open and was.held_on != seen.held_on:
        schedule.met_otherwise(session, case, was.held_on, mechanism, now=now)
    if seen.state_of_mind == "concern":
        consequences.have_reviewed_soon(session, after.note, case, mechanism, now=now)
        if after.state_of_mind == "concern" and not seen.safety:
            rated = second.rating_before(session, after.note)
            consequences.have_contacted_soon(session, after.note, case, rated, mechanism, now=now)
    call = None
    if seen.safety and not was.safety:
        call = safety.open_call(session, actor, case, CallSource.note, now=now, visit=visit)
    elif after.state_of_mind == "concern" != before.state_of_mind and not seen.safety:
        concerns.tell(session, visit, after.id, now=now)
    if before.state_of_mind == "concern" != after.state_of_mind:
        concerns.settle(session, after.note, now=now)
    return Amended(after, following, because, call)
