"""A rating that differs from the last one by two grades needs a second person: somebody of the office, who sees the
case anyway. Until they agree it is provisional, and of the two grades the more worrying one sets the pace of care.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, select

from casework import consequences
from casework.forms.catalog import RATING_FORMS
from locales.catalogue import N_
from reminders import confirming
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit
from storage.errors import NotFound
from storage.queries import confirmations as lists
from storage.queries import notes as note_lists
from storage.queries.access import Actor
from storage.queries.confirmations import NO_SUCH_CONFIRMATION, ConfirmationLine
from storage.queries.notes import KeptNote
from storage.tables.cases import Case
from storage.tables.confirmations import Confirmation, ConfirmationKind, ConfirmationState
from storage.tables.notes import Note
from storage.tables.visits import Visit

ORDER = {"settled": 0, "stable": 1, "unsettled": 2, "concern": 3}
UNSETTLED = (ConfirmationState.asked, ConfirmationState.refused)
STANDINGS = {
    ConfirmationState.asked: N_("awaits a second person"),
    ConfirmationState.refused: N_("not agreed to by a second person"),
}


def ask(session: Session, note: Note, grade: str, mechanism: Mechanism, *, now: datetime) -> str:
    """Have the office agree to a rating where it takes two; the grade that sets the pace until then."""
    known = lists.second_of(session, note.id)
    if not _takes_two(session, note, grade, mechanism):
        if known is not None:
            known.state = ConfirmationState.withdrawn
            _refresh(session, note, now)
        return grade
    if known is None:
        known = Confirmation(
            county_id=note.county_id, note_id=note.id, kind=ConfirmationKind.second, asked_at=now
        )
        session.add(known)
    known.state, known.asked_at, known.reason, known.answered_at = ConfirmationState.asked, now, None, None
    confirming.ask_office(session, known, mechanism, now=now)
    return pace(session, note, grade)


def reconsider(session: Session, note: Note, grade: str, mechanism: Mechanism, *, now: datetime) -> str:
    """Another note was voided: whether this rating takes two by now. What was answered stays, and nobody is asked
    twice; the grade that sets the pace."""
    known = lists.second_of(session, note.id)
    asked = known is not None and known.state is ConfirmationState.asked
    answered = known is not None and not asked and known.state is not ConfirmationState.withdrawn
    if not answered and asked is not _takes_two(session, note, grade, mechanism):
        return ask(session, note, grade, mechanism, now=now)
    return pace(session, note, grade)


def _takes_two(session: Session, note: Note, grade: str, mechanism: Mechanism) -> bool:
    before = rating_before(session, note)
    if before is None or grade not in ORDER:
        return False
    return abs(ORDER[grade] - ORDER[before]) >= mechanism.rulebook.formal.second_grades


def pace(session: Session, note: Note, grade: str) -> str:
    """The grade that sets the pace of care: while a rating is provisional, or was not agreed to, the more worrying of
    it and the one before."""
    one = lists.second_of(session, note.id)
    before = rating_before(session, note) if one is not None and one.state in UNSETTLED else None
    return grade if before is None or grade not in ORDER else worse(before, grade)


def worse(one: str, other: str) -> str:
    return max(one, other, key=ORDER.__getitem__)


def rating_before(session: Session, note: Note) -> str | None:
    """The rating that this note's is compared with: the last one before it that holds."""
    held = next(kept for kept in note_lists.of_case(session, note.case_id) if kept.id == note.id)
    found: str | None = None
    for kept in note_lists.of_case(session, note.case_id):
        if (kept.held_on, kept.id) >= (held.held_on, held.id):
            break
        if kept.form in RATING_FORMS and kept.state_of_mind in ORDER and not _refused(session, kept):
            found = kept.state_of_mind
    return found


def _refused(session: Session, kept: KeptNote) -> bool:
    one = lists.second_of(session, kept.id)
    return one is not None and one.state is ConfirmationState.refused


def _refresh(session: Session, note: Note, now: datetime) -> None:
    session.flush()
    if note.visit_id is not None:
        confirming.refresh(session, {note.visit_id}, now=now)


# --- the answer ------------------------------------------------------------------------------------------------------


def expect(session: Session, actor: Actor, confirmation_id: int, *, lock: bool = False) -> ConfirmationLine:
    """A rating that awaits a second person, for somebody of the office who did not write it."""
    line = lists.access_confirmation(session, actor, confirmation_id, to="agree", lock=lock)
    session.refresh(line.confirmation)
    if line.confirmation.state is not ConfirmationState.asked:
        raise NotFound(NO_SUCH_CONFIRMATION)
    return line


def agree(session: Session, actor: Actor, confirmation_id: int, *, now: datetime) -> ConfirmationLine:
    """The actor agrees to the rating: from now on it sets the pace."""
    line = expect(session, actor, confirmation_id, lock=True)
    _answer(session, actor, line, ConfirmationState.confirmed, now)
    kept = note_lists.keep(session, [line.note])[0]
    seen = consequences.Seen(kept.held_on, kept.state_of_mind, kept.answers.get("safety") is True)
    mechanism = mechanism_of(session, line.case.county_id)
    visit, case = session.get_one(Visit, line.visit.id), session.get_one(Case, line.case.id)
    consequences.renew(session, line.note, visit, case, seen, mechanism, now=now)
    return line


def disagree(
    session: Session, actor: Actor, confirmation_id: int, reason: str, *, now: datetime
) -> ConfirmationLine:
    """The actor does not agree, and says why: the author hears it, and the more worrying grade goes on setting the
    pace."""
    line = expect(session, actor, confirmation_id, lock=True)
    line.confirmation.reason = reason
    _answer(session, actor, line, ConfirmationState.refused, now)
    mechanism = mechanism_of(session, line.case.county_id)
    confirming.told_of(session, confirming.DISPUTED, line, line.note.author_id, mechanism, now=now)
    return line


def _answer(
    session: Session, actor: Actor, line: ConfirmationLine, state: ConfirmationState, now: datetime
) -> None:
    one = line.confirmation
    one.state, one.answered_at, one.paper_by = state, now, actor.member_id
    verb = "rating_agreed" if state is ConfirmationState.confirmed else "rating_not_agreed"
    audit.record(session, actor, verb, "confirmation", one.id, now=now, note=line.note.id)
    _refresh(session, line.note, now)


def standings(session: Session, case_id: int) -> dict[int, ConfirmationState]:
    """The ratings of a case that are provisional, or were not agreed to: by note."""
    query = (
        select(Confirmation.note_id, Confirmation.state)
        .join(Note)
        .where(Note.case_id == case_id, Confirmation.kind == ConfirmationKind.second)
    )
    found = ((note_id, ConfirmationState(state)) for note_id, state in session.exec(query))
    return {note_id: state for note_id, state in found if state in UNSETTLED}
