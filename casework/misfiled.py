"""作废、转入正确档案: a note that stands in the wrong case is voided, or refiled into the right one, with a reason.

Its author refiles it at once into a case in which they may record, and asks the office to void it; the office does
both. The wrong case is then as it was before the note, in its readers' eyes, its figures and its schedule; the
original is kept, for the office to read. One that tells of the same visit as another (`twins`) is voided for that one,
which stands: the visit took place and is not waited for again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from casework import concerns, confirmations, consequences, matters, notes, second
from casework.notes import NoteData, Recorded
from locales.catalogue import N_
from reminders import calls, ladder, outbox
from reminders.ladder import Recipients
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit
from storage.errors import NotFound, Refused
from storage.queries import calls as call_lists
from storage.queries import leaves
from storage.queries import notes as note_lists
from storage.queries.access import (
    NO_CASE,
    Actor,
    access_case,
    access_case_to_record,
    active_members,
    require,
)
from storage.queries.notes import CLERKS, KeptNote, access_note
from storage.queries.recusals import barred, free_for
from storage.tables.calls import CallSource, SafetyCall
from storage.tables.cases import Case, CaseState
from storage.tables.members import Member, MemberState
from storage.tables.notes import Note, NoteEvent, NoteEventKind
from storage.tables.visits import Visit, VisitKind, VisitState

ASKED, WITHDRAWN, REOPENED = "void_asked", "note_withdrawn", "reopened"
ASKED_ALREADY = N_("The office has been asked already. It sees to it.")
STAYS = N_("How a difficulty was settled belongs to that difficulty. It can be voided, not moved.")
SAME_CASE = N_("The note stands in this case already.")
NO_TWIN = N_("The note that was to stand is not there any more. Please choose anew.")
LISTED = 8
NEAR = timedelta(7)  # entered twice, one of the two with a slip in the day


@dataclass(frozen=True)
class Voided:
    """What became of the note and of its visit; where it was refiled, what was recorded there; `stands` is the note
    that tells of the same visit."""

    note: Note
    reopened: Visit | None
    recorded: Recorded | None = None
    stands: KeptNote | None = None


def may_void(actor: Actor) -> bool:
    return actor.has(*CLERKS)


def twins(session: Session, actor: Actor, note: Note) -> list[KeptNote]:
    """Other notes that may tell of the same visit: of this kind, in this case, of about this day. Of difficulties each
    is one of its own."""
    if note.kind is VisitKind.difficulty:
        return []
    own = note_lists.keep(session, [note])[0]
    return [
        kept
        for kept in note_lists.of_case(session, note.case_id)
        if kept.id != note.id
        and kept.note.kind is note.kind
        and abs(kept.held_on - own.held_on) <= NEAR
        and note_lists.may_read(session, actor, kept.note)
    ]


def _twin(session: Session, actor: Actor, note: Note, stands: int | None) -> KeptNote | None:
    if stands is None:
        return None
    found = next((kept for kept in twins(session, actor, note) if kept.id == stands), None)
    if found is None:
        raise Refused(NO_TWIN).at("stands")
    return found


def ask(
    session: Session, actor: Actor, note_id: int, reason: str, *, now: datetime, stands: int | None = None
) -> Note:
    """The author asks the office to void a note of theirs; `stands` is the one that tells of the same visit."""
    note = access_note(session, actor, note_id, to="amend", lock=True)
    if note_lists.keep(session, [note])[0].happened(NoteEventKind.void_asked) is not None:
        raise Refused(ASKED_ALREADY)
    _twin(session, actor, note, stands)
    _happened(session, note, NoteEventKind.void_asked, actor.member_id, reason, now, other_id=stands)
    out = barred(session, note.county_id).get(note.case_id, frozenset())
    for member in active_members(session, note.county_id, CLERKS[0]):
        if member.id not in out | {actor.member_id}:
            _tell(session, ASKED, note, member.id, now)
    audit.record(session, actor, "note_void_asked", "note", note.id, now=now, case=note.case_id)
    return note


def void(
    session: Session, actor: Actor, note_id: int, reason: str, *, now: datetime, stands: int | None = None
) -> Voided:
    """The office voids a note: it counts nowhere any more. Where another `stands`, the visit took place."""
    require(actor, *CLERKS)
    note = access_note(session, actor, note_id, to="move", lock=True)
    twin = _twin(session, actor, note, stands)
    reopened = _take_out(session, actor, note, now, twin)
    _happened(session, note, NoteEventKind.voided, actor.member_id, reason, now, other_id=stands)
    audit.record(session, actor, "note_voided", "note", note.id, now=now, case=note.case_id)
    _inform(session, actor, note, reopened if twin is None else None, now)
    return Voided(note, reopened, stands=twin)


def refile(
    session: Session, actor: Actor, note_id: int, case_id: int, reason: str, *, now: datetime
) -> Voided:
    """Move a note into the case that it tells of: there it counts as if it had been recorded there, here not at all.

    Raises:
        NotFound: no such note, or no such case for the actor.
        Refused: it stands there already, or nothing can have taken place there on its day.
    """
    note = access_note(session, actor, note_id, to="move", lock=True)
    if note.kind is VisitKind.difficulty:
        raise Refused(STAYS)
    if note.case_id == case_id:
        raise Refused(SAME_CASE).at("case")
    kept = note_lists.keep(session, [note])[0]
    mechanism = mechanism_of(session, note.county_id)
    try:
        target = target_case(session, actor, note, case_id, now=now, lock=True)
        notes.check_day(session, target, kept.held_on, mechanism, mechanism.day(now))
    except Refused as refusal:
        raise refusal.at("case") from None  # the day is what it is: another case may take it
    seen = NoteData(
        target.id,
        note.form,
        note.form_version,
        kept.held_on,
        note.answers,
        kept.state_of_mind,
        kept.answers.get("safety") is True,
    )
    visit = _visit_there(session, actor, note, target, seen, now)
    recorded = notes.submitted(session, actor, visit, target, seen, now, original=note)
    for event in kept.amendments:
        _amended_there(session, event, recorded.note)
    confirmations.follow(session, recorded.note, kept.answers, other_day=False, now=now, anew=False)
    session.flush()
    moved = note_lists.keep(session, [recorded.note])[0]
    matters.follow(session, moved, now=now)
    reopened = _take_out(session, actor, note, now)
    matters.moved(session, note, moved, now=now)
    there, here = recorded.note.id, note.id
    _happened(session, note, NoteEventKind.refiled, actor.member_id, reason, now, other_id=there)
    _happened(session, recorded.note, NoteEventKind.arrived, actor.member_id, reason, now, other_id=here)
    audit.record(session, actor, "note_refiled", "note", here, now=now, case=note.case_id, to=there)
    _inform(session, actor, note, reopened, now)
    return Voided(note, reopened, recorded)


def targets(session: Session, actor: Actor, note: Note, *, now: datetime) -> Sequence[Case]:
    """Cases into which the note could go: those of its author, and of colleagues whom they cover for."""
    today = mechanism_of(session, note.county_id).day(now)
    covered = [leave.member_id for leave in leaves.covered_by(session, note.author_id, today)]
    query = (
        select(Case)
        .where(
            Case.county_id == note.county_id,
            Case.state == CaseState.open,
            Case.id != note.case_id,
            free_for(actor.member_id),
            col(Case.care_officer_id).in_([note.author_id, *covered]),
        )
        .order_by(col(Case.code))
    )
    return session.exec(query.limit(LISTED)).all()


def target_case(
    session: Session, actor: Actor, note: Note, case_id: int, *, now: datetime, lock: bool = False
) -> Case:
    """The case with this number, for whoever may move the note there. `lock` as in `access_case`.

    Raises:
        NotFound: there is none, or not for the actor.
    """
    if may_void(actor):
        return access_case(session, actor, case_id, lock=lock)
    if note.kind is VisitKind.unit_opinion:
        raise NotFound(NO_CASE)
    today = mechanism_of(session, note.county_id).day(now)
    return access_case_to_record(session, actor, case_id, today=today, lock=lock, resting=True)


def _visit_there(
    session: Session, actor: Actor, note: Note, target: Case, data: NoteData, now: datetime
) -> Visit:
    """The visit of this kind that is planned there; else one that nobody had planned."""
    if may_void(actor):
        query = select(Visit).where(
            Visit.case_id == target.id, Visit.kind == note.kind, Visit.state == VisitState.planned
        )
        found: Visit | Case | None = session.exec(query.order_by(col(Visit.due_on)).with_for_update()).first()
    else:
        today = mechanism_of(session, note.county_id).day(now)
        found = notes.about(session, actor, note.form, target.id, today=today, submitting=True)
    if isinstance(found, Visit):
        return found
    return notes.unplanned(session, target, data, note.author_id, now=now)


def _amended_there(session: Session, event: NoteEvent, note: Note) -> None:
    copied = NoteEvent(
        county_id=note.county_id,
        note_id=note.id,
        at=event.at,
        kind=event.kind,
        actor_id=event.actor_id,
        reason_sealed=b"",
    )
    copied.reason, copied.answers = event.reason, event.answers
    session.add(copied)


def _take_out(
    session: Session, actor: Actor, note: Note, now: datetime, twin: KeptNote | None = None
) -> Visit | None:
    """The case as it was before the note, or as its twin has it; the visit that waits again, if one does."""
    case, mechanism = session.get_one(Case, note.case_id), mechanism_of(session, note.county_id)
    note.voided_at = now
    session.flush()
    visit = session.get(Visit, note.visit_id, with_for_update=True) if note.visit_id is not None else None
    made = twin is not None and visit is not None and visit.created_at < twin.note.submitted_at
    reopened = visit is not None and consequences.undo(
        session, note, visit, case, mechanism, now=now, actor_id=actor.member_id, made=made
    )
    if twin is not None:
        _stands_alone(session, note, visit, twin, case, mechanism, now)
    call = call_lists.open_of(session, note.case_id)
    if visit is not None and call is not None and _opened_by(call, visit):
        calls.withdraw(session, call, actor.member_id, now=now)
    confirmations.withdraw(session, note, now=now)
    matters.gone(session, note, now=now)
    for sent in concerns.in_chats(session, note, ("concern", ASKED)):
        ladder.retell(session, sent, now=now)
    return visit if reopened else None


def _stands_alone(
    session: Session,
    note: Note,
    visit: Visit | None,
    twin: KeptNote,
    case: Case,
    mechanism: Mechanism,
    now: datetime,
) -> None:
    """The case as if the note that stands had been the only one: what `note` brought about went with it."""
    made = session.get(Visit, twin.note.visit_id) if twin.note.visit_id is not None else None
    if made is None or made.state is not VisitState.done:
        return
    if visit is not None:
        consequences.stand_in(session, note, visit, made)
    consequences.go_on(session, twin.note, twin.state_of_mind, case, mechanism, now=now)
    session.flush()
    pace = second.reconsider(session, twin.note, twin.state_of_mind, mechanism, now=now)
    seen = consequences.Seen(twin.held_on, pace, twin.answers.get("safety") is True)
    consequences.renew(session, twin.note, made, case, seen, mechanism, now=now)
    if pace == "concern":
        since = mechanism.day(twin.note.submitted_at)
        consequences.have_reviewed_soon(session, twin.note, case, mechanism, now=now, since=since)
        if twin.state_of_mind == "concern" and not seen.safety:
            before = second.rating_before(session, twin.note)
            consequences.have_contacted_soon(
                session, twin.note, case, before, mechanism, now=now, since=since
            )


def _opened_by(call: SafetyCall, visit: Visit) -> bool:
    """Whether the note of a visit opened a call, and nobody had a further reason since."""
    return call.source is CallSource.note and call.visit_id == visit.id and call.joined_at is None


def _inform(session: Session, actor: Actor, note: Note, reopened: Visit | None, now: datetime) -> None:
    """The author, where somebody else did it; and whoever has to make the visit after all."""
    author = session.get_one(Member, note.author_id)
    told = {actor.member_id}
    if author.id not in told and author.state is MemberState.active:
        told.add(author.id)
        _tell(session, WITHDRAWN, note, author.id, now)
    if reopened is None:
        return
    makers = Recipients(session).makers(reopened, mechanism_of(session, note.county_id).day(now))
    for member_id in (one for one in makers if one not in told):
        row = outbox.row(
            REOPENED, now=now, county_id=note.county_id, member_id=member_id, payload={"visit": reopened.id}
        )
        outbox.put(session, [row])


def _tell(session: Session, kind: str, note: Note, member_id: int, now: datetime) -> None:
    row = outbox.row(
        kind,
        now=now,
        county_id=note.county_id,
        member_id=member_id,
        payload={"note": note.id},
        dedupe=f"{kind}:{note.id}:{member_id}",
    )
    outbox.put_once(session, row)


def _happened(
    session: Session,
    note: Note,
    kind: NoteEventKind,
    actor_id: int,
    reason: str,
    now: datetime,
    *,
    other_id: int | None = None,
) -> None:
    event = NoteEvent(
        county_id=note.county_id,
        note_id=note.id,
        at=now,
        kind=kind,
        actor_id=actor_id,
        reason_sealed=b"",
        other_id=other_id,
    )
    event.reason = reason
    session.add(event)
    session.flush()
