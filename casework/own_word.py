"""What the person concerned says of a meeting that was noted with them: that it took place, or that it did not.

Nobody asks them, nothing waits for it, and no rating, pace or formality depends on it. A contradiction is the office's
to look into, and goes past whoever wrote the note.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from locales.catalogue import N_
from reminders import confirming
from reminders.mechanism import mechanism_of
from storage import audit
from storage.errors import Conflict
from storage.queries import confirmations as lists
from storage.queries import own
from storage.queries.access import Actor, require
from storage.queries.confirmations import ConfirmationLine, access_denial
from storage.tables.confirmations import Confirmation, ConfirmationKind, ConfirmationState
from storage.tables.members import Role

ALREADY = N_("You have already said how it was. To add something, ask to be contacted.")


def say(session: Session, actor: Actor, note_id: int, *, took_place: bool, now: datetime) -> ConfirmationLine:
    """The person's word on one meeting; said twice it is said once.

    Raises:
        NotFound: no such meeting was noted with them.
        Conflict: they have said the opposite before.
    """
    require(actor, Role.subject)
    note = own.meeting_noted(session, actor.member_id, note_id)
    state = ConfirmationState.confirmed if took_place else ConfirmationState.refused
    before = own.words_on(session, [note.id], actor.member_id).get(note.id)
    if before is not None:
        if before.state is not state:
            raise Conflict(ALREADY)
        return lists.by_ids(session, [before.id])[0]
    word = own.word_withdrawn(session, note.id, actor.member_id) or Confirmation(
        county_id=note.county_id, note_id=note.id, kind=ConfirmationKind.person, member_id=actor.member_id
    )
    word.state, word.asked_at, word.answered_at = state, now, now
    session.add(word)
    session.flush()
    audit.record(
        session, actor, f"note_{state.value}", "confirmation", word.id, now=now, kind=word.kind.value, note=note.id
    )  # fmt: skip
    line = lists.by_ids(session, [word.id])[0]
    if not took_place:
        mechanism = mechanism_of(session, note.county_id)
        for member_id in confirming.hearers(session, line, mechanism, now=now):
            confirming.told_of(session, confirming.DISPUTED, line, member_id, mechanism, now=now)
    return line


def looked_into(session: Session, actor: Actor, confirmation_id: int, *, now: datetime) -> ConfirmationLine:
    """Somebody of the office, not the author, has looked into a contradiction: nothing waits any more.

    Raises:
        NotFound: there is none, or it is not the actor's to look into.
    """
    line = access_denial(session, actor, confirmation_id)
    line.confirmation.paper_by, line.confirmation.told_at = actor.member_id, now
    audit.record(
        session, actor, "denial_looked_into", "confirmation", confirmation_id, now=now, note=line.note.id
    )  # fmt: skip
    session.flush()
    confirming.refresh(session, {line.visit.id}, now=now)
    return line
