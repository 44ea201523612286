"""What one person wrote down, and another bears out: who went along on a visit confirms that it took place.

A visit is a formal one when as many people as the rulebook says made it and stand by it; until then, and without, what
took place counts as informal care.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from casework import media
from casework.forms.kinds import BARRED
from locales.catalogue import N_
from locales.phrase import Day, Name, P, either
from reminders import confirming
from reminders.mechanism import mechanism_of
from storage import audit
from storage.errors import NotFound, Refused
from storage.queries import confirmations as lists
from storage.queries import own
from storage.queries.access import Actor
from storage.queries.confirmations import NO_SUCH_CONFIRMATION, ConfirmationLine, access_confirmation
from storage.queries.recusals import barred
from storage.tables.cases import Case, Person
from storage.tables.confirmations import Confirmation, ConfirmationKind, ConfirmationState
from storage.tables.members import Member, MemberRole, MemberState, Role
from storage.tables.notes import Note

# Everybody but the persons concerned and the administrators, who know of no case.
ROLES = tuple(role for role in Role if role not in (Role.subject, Role.administrator))
SIGNED_TOO_EARLY = N_("The visit took place on {day}: the paper cannot have been signed before.")
SIGNED_TOO_LATE = N_("{day} has not come yet: please give the day on which the paper was signed.")


COUNTS_AS = N_("Counts as")


class Formality(StrEnum):
    informal = "informal"  # one visitor, or nobody who bears it out
    awaited = "awaited"  # counts as informal as long as a companion has not confirmed
    formal = "formal"


FORMALITIES = {
    Formality.informal: N_("informal care"),
    Formality.awaited: N_("awaits the companion's confirmation"),
    Formality.formal: N_("formal visit"),
}


# --- who went along --------------------------------------------------------------------------------------------------


def candidates(session: Session, county_id: int, case_id: int, author_id: int) -> list[Member]:
    """Who may be named as companion: active members who deal with cases, none of them too near to this one. Those whom
    the author named last come first, then the care officers."""
    query = (
        select(Member, MemberRole.role)
        .join(MemberRole, col(MemberRole.member_id) == Member.id)
        .where(
            Member.county_id == county_id,
            Member.state == MemberState.active,
            Member.id != author_id,
            col(MemberRole.role).in_(ROLES),
        )
        .order_by(col(Member.id))
    )
    out = barred(session, county_id).get(case_id, frozenset())
    known, officers = _named_before(session, author_id), set[int]()
    found: dict[int, Member] = {}
    for member, role in session.exec(query).all():
        if member.id not in out:
            found[member.id] = member
            officers |= {member.id} if role is Role.care_officer else set()
    return sorted(
        found.values(), key=lambda one: (known.get(one.id, len(known)), one.id not in officers, one.id)
    )


def still_able(session: Session, actor: Actor, case_id: int, named: Sequence[str]) -> list[str]:
    """Of those named as companions in one note, who may be named in another case, too; who has no account stays."""
    able = {str(member.id) for member in candidates(session, actor.county_id, case_id, actor.member_id)}
    return [one for one in named if one in able or not one.isdecimal()]


def _named_before(session: Session, author_id: int) -> dict[int, int]:
    """Whom the author named in the last notes: each with their place, the latest first."""
    query = (
        select(Confirmation.member_id)
        .join(Note, col(Note.id) == Confirmation.note_id)
        .where(Note.author_id == author_id, Confirmation.kind == ConfirmationKind.companion)
        .order_by(col(Confirmation.asked_at).desc(), col(Confirmation.id))
    )
    latest = dict.fromkeys(one for one in session.exec(query.limit(20)) if one is not None)
    return {member_id: place for place, member_id in enumerate(latest)}


def ask_companions(
    session: Session, note: Note, answers: Mapping[str, Any], *, now: datetime, anew: bool = True
) -> list[Confirmation]:
    """Ask everybody whom a note names as companion, and is not asked yet. One who is named by the name of a member is
    that member; any other has no account, and is borne out by their signed paper. `anew` as in `named_in`.

    Raises:
        Refused: somebody is named who cannot have gone along.
    """
    known = {_key(one) for one in lists.of_notes(session, [note.id])[note.id]}
    mechanism, asked = mechanism_of(session, note.county_id), list[Confirmation]()
    for member_id, name in named_in(session, note, answers, anew=anew):
        if (member_id or name) in known:
            continue
        one = Confirmation(
            county_id=note.county_id,
            note_id=note.id,
            kind=ConfirmationKind.companion,
            member_id=member_id,
            asked_at=now,
        )
        one.name = name
        session.add(one)
        session.flush()
        if member_id is not None:
            confirming.ask(session, one, mechanism, now=now)
        asked.append(one)
    return asked


def _key(one: Confirmation) -> int | str | None:
    return one.member_id or one.name


def named_in(
    session: Session, note: Note, answers: Mapping[str, Any], *, anew: bool = True
) -> list[tuple[int | None, str | None]]:
    """Whom a note names as companions, each once: a member, or the name of somebody without an account.

    `anew` where somebody names them now. Where they were named long ago, and nobody is asked for them, whoever has to
    keep out of the case is passed over, and whoever has left is still who went along.

    Raises:
        Refused: somebody is named who cannot have gone along.
    """
    named = answers.get("companions")
    if not isinstance(named, list) or not named:
        return []
    out = barred(session, note.county_id).get(note.case_id, frozenset()) | {note.author_id}
    able = {member.id: member for member in candidates(session, note.county_id, note.case_id, note.author_id)}
    by_name = {member.name: member.id for member in reversed(able.values())}
    asked_before = {one.member_id for one in lists.of_notes(session, [note.id])[note.id]}
    found: dict[tuple[int | None, str | None], None] = {}
    for text in map(str, named):
        member_id = int(text) if text.isdecimal() else by_name.get(text)
        if member_id is None and text in barred_names(session, note.county_id, note.case_id, note.author_id):
            if not anew:
                continue
            raise Refused(BARRED, name=Name(text)).at("companions")
        if not anew and member_id in out:
            continue
        if anew and member_id is not None and member_id not in able and member_id not in asked_before:
            raise Refused(BARRED, name=_known_as(session, note, member_id)).at("companions")
        found[member_id, None if member_id is not None else text] = None
    return list(found)


def follow(
    session: Session,
    note: Note,
    answers: Mapping[str, Any],
    *,
    other_day: bool,
    now: datetime,
    anew: bool = True,
) -> None:
    """A note was amended: whom it names no more is asked no more, whom it names now is asked; and where it gives
    another day, everybody is asked anew, and what the person concerned bore out was the former one. `anew` as in
    `named_in`."""
    named = {member_id or name for member_id, name in named_in(session, note, answers, anew=anew)}
    mechanism = mechanism_of(session, note.county_id)
    for one in lists.of_notes(session, [note.id])[note.id]:
        if _key(one) not in named:
            one.state, one.next_look_at = ConfirmationState.withdrawn, None
            media.forget(session, one, now=now)
        elif other_day or one.state is ConfirmationState.withdrawn:
            one.state, one.reason, one.answered_at = ConfirmationState.asked, None, None
            one.paper_on = one.paper_by = None
            media.forget(session, one, now=now)
            if one.member_id is not None:
                confirming.ask(session, one, mechanism, now=now)
    word = own.word_on(session, note.id) if other_day else None
    if word is not None and word.state is ConfirmationState.confirmed:
        word.state = ConfirmationState.withdrawn  # a contradiction stays the office's to look into
    session.flush()
    ask_companions(session, note, answers, now=now, anew=anew)
    if note.visit_id is not None:
        confirming.refresh(session, {note.visit_id}, now=now)


def withdraw(session: Session, note: Note, *, now: datetime) -> None:
    """A note was voided: nobody is asked to bear it out, or to agree to its rating, any more. It is kept for the office
    alone, and so is the photo of a signed form."""
    second = lists.second_of(session, note.id)
    for one in (*lists.of_notes(session, [note.id])[note.id], *([second] if second is not None else ())):
        one.state, one.next_look_at = ConfirmationState.withdrawn, None
    session.flush()
    if note.visit_id is not None:
        confirming.refresh(session, {note.visit_id}, now=now)


def barred_names(session: Session, county_id: int, case_id: int, author_id: int) -> frozenset[str]:
    """Who is no companion though they are named: the author, whoever keeps out of the case, and whom it is about."""
    out = barred(session, county_id).get(case_id, frozenset()) | {author_id}
    members = session.exec(select(Member).where(col(Member.id).in_(out))).all()
    about = session.exec(select(Person).join(Case).where(Case.id == case_id, Case.county_id == county_id))
    return frozenset({member.name for member in members} | {person.name for person in about})


def _known_as(session: Session, note: Note, member_id: int) -> Any:
    member = session.get(Member, member_id)
    if member is None or member.county_id != note.county_id:
        raise NotFound(NO_SUCH_CONFIRMATION)
    return either(Name(member.name), P("member {number}", None, number=member.number))


# --- their answer ----------------------------------------------------------------------------------------------------


def confirm(
    session: Session, actor: Actor, confirmation_ids: Sequence[int], *, now: datetime
) -> list[ConfirmationLine]:
    """The actor bears out these notes; those answered before stay as they are.

    Raises:
        NotFound: none of them waits for the actor.
    """
    lines = [line for one in confirmation_ids if (line := _waiting(session, actor, one)) is not None]
    if not lines:
        raise NotFound(NO_SUCH_CONFIRMATION)
    for line in lines:
        _answer(session, actor, line, ConfirmationState.confirmed, now)
    session.flush()
    confirming.refresh(session, {line.visit.id for line in lines}, now=now)
    return lines


def refuse(
    session: Session, actor: Actor, confirmation_id: int, reason: str, *, now: datetime
) -> ConfirmationLine:
    """The actor does not bear a note out, and says why: its author and the office hear of it. The visit stays informal
    care, unless another companion has confirmed it."""
    line = _waiting(session, actor, confirmation_id)
    if line is None:
        raise NotFound(NO_SUCH_CONFIRMATION)
    line.confirmation.reason = reason
    _answer(session, actor, line, ConfirmationState.refused, now)
    session.flush()
    mechanism = mechanism_of(session, line.case.county_id)
    office = confirming.hearers(session, line, mechanism, now=now)
    for member_id in dict.fromkeys((line.note.author_id, *office)):
        confirming.told_of(session, confirming.DISPUTED, line, member_id, mechanism, now=now)
    confirming.refresh(session, {line.visit.id}, now=now)
    return line


def expect(session: Session, actor: Actor, confirmation_id: int) -> ConfirmationLine:
    """A confirmation that waits for the actor's answer."""
    line = access_confirmation(session, actor, confirmation_id, to="answer", lock=False)
    if line.confirmation.state is not ConfirmationState.asked:
        raise NotFound(NO_SUCH_CONFIRMATION)
    return line


def _waiting(session: Session, actor: Actor, confirmation_id: int) -> ConfirmationLine | None:
    try:
        line = access_confirmation(session, actor, confirmation_id, to="answer")
    except NotFound:
        return None
    session.refresh(line.confirmation)
    return line if line.confirmation.state is ConfirmationState.asked else None


def _answer(
    session: Session, actor: Actor, line: ConfirmationLine, state: ConfirmationState, now: datetime
) -> None:
    one = line.confirmation
    one.state, one.answered_at, one.next_look_at = state, now, None
    verb, note = f"note_{state.value}", line.note.id
    audit.record(session, actor, verb, "confirmation", one.id, now=now, kind=one.kind.value, note=note)


# --- the signed paper ------------------------------------------------------------------------------------------------


def expect_paper(
    session: Session, actor: Actor, confirmation_id: int, *, lock: bool = False
) -> ConfirmationLine:
    """A companion's confirmation that is missing, for somebody who may enter the signed paper in its stead."""
    line = access_confirmation(session, actor, confirmation_id, to="paper", lock=lock)
    if line.confirmation.state in (ConfirmationState.confirmed, ConfirmationState.withdrawn):
        raise NotFound(NO_SUCH_CONFIRMATION)
    return line


def keep_paper(
    session: Session,
    actor: Actor,
    confirmation_id: int,
    signed_on: date,
    photo_id: int | None = None,
    *,
    now: datetime,
) -> ConfirmationLine:
    """The companion has signed on paper, which is on file, perhaps with a photo of it here: it bears the note out."""
    line = expect_paper(session, actor, confirmation_id, lock=True)
    session.refresh(line.confirmation)
    if line.confirmation.state is ConfirmationState.refused:
        raise Refused(
            N_("The companion has contradicted this note. Please settle that with them and the office.")
        )
    if signed_on < line.held_on:
        raise Refused(SIGNED_TOO_EARLY, day=Day(line.held_on)).at("signed_on")
    if signed_on > mechanism_of(session, line.case.county_id).day(now):
        raise Refused(SIGNED_TOO_LATE, day=Day(signed_on)).at("signed_on")
    if photo_id is not None:
        media.put_on_file(session, actor, photo_id, line.confirmation, now=now)
    line.confirmation.paper_on, line.confirmation.paper_by = signed_on, actor.member_id
    _answer(session, actor, line, ConfirmationState.confirmed, now)
    session.flush()
    confirming.refresh(session, {line.visit.id}, now=now)
    return line


# --- what it comes to ------------------------------------------------------------------------------------------------


def formality(asked: Sequence[Confirmation], visitors: int) -> Formality:
    """What a visit counts as, by the confirmations of its note: `visitors` is how many a formal one takes."""
    sure = sum(one.state is ConfirmationState.confirmed for one in asked)
    hoped = sum(one.state is ConfirmationState.asked for one in asked)
    if sure + 1 >= visitors:
        return Formality.formal
    return Formality.awaited if sure + hoped + 1 >= visitors else Formality.informal


def of_note(session: Session, note_id: int, visitors: int) -> Formality:
    """What one note counts as."""
    return formality(lists.of_notes(session, [note_id])[note_id], visitors)


def of_case(session: Session, case_id: int, visitors: int) -> dict[int, Formality]:
    """What the notes of a case count as, as far as they name a companion: by visit."""
    by_note = lists.of_case(session, case_id)
    if not by_note:
        return {}
    notes = session.exec(select(Note.id, Note.visit_id).where(col(Note.id).in_(by_note))).all()
    return {
        visit_id: formality(by_note[note_id], visitors) for note_id, visit_id in notes if visit_id is not None
    }
