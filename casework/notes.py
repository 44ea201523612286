"""Recording what took place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, overload

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from casework import concerns, confirmations, consequences, matters, safety, second
from locales.catalogue import N_
from locales.phrase import Day
from reminders import schedule
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit
from storage.errors import NotFound, Refused
from storage.prepared import Prepared
from storage.queries.access import (
    NO_SUCH_VISIT,
    NO_VISITS_NOW,
    Actor,
    access_case_to_record,
    access_case_to_review,
    access_visit,
    actor_of,
    see_visit,
)
from storage.queries.heads import VisitHead
from storage.queries.standing import stopped
from storage.tables.calls import CallSource, SafetyCall
from storage.tables.cases import Case, CaseState
from storage.tables.confirmations import Confirmation
from storage.tables.members import Member
from storage.tables.notes import Note, NoteEvent, NoteEventKind
from storage.tables.visits import Visit, VisitKind, VisitState


@dataclass(frozen=True)
class NoteData:
    """A completed form: `answers` as the dialog engine gave them, every shown one checked.

    `about_id` is the visit it tells of, or the case in which something took place that nobody had planned. `begun`: of
    the answers those that somebody else gave, who had the draft before.
    """

    about_id: int
    form: str
    form_version: int
    held_on: date
    answers: dict[str, Any]
    state_of_mind: str = "not_rated"
    safety: bool = False
    begun: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)


FULFILS = "fulfils"  # kept beside a visit that was planned, and was recorded as what took place in its case


@dataclass(frozen=True)
class Recorded:
    """What was saved, and what follows from it. `because` is the rating that shortened the interval, if one did; `call`
    the safety call that the note opened; `asked` who is to bear the note out."""

    note: Note
    visit: Visit
    following: Visit | None
    because: str | None
    call: SafetyCall | None = None
    asked: Sequence[Confirmation] = ()


_CASE = Prepared(select_columns(col(Case.id)).where(col(Case.id) == bindparam("case")))
_WITHDRAWN_IN = Prepared(
    select_columns(col(Visit.case_id)).where(
        col(Visit.id) == bindparam("visit"), col(Visit.state) == VisitState.withdrawn
    )
)


@overload
def about(
    session: Session,
    actor: Actor,
    form: str,
    of: int,
    *,
    today: date,
    submitting: Literal[True],
    lock: bool = True,
) -> Visit | Case: ...
@overload
def about(
    session: Session, actor: Actor, form: str, of: int | VisitHead, *, today: date, submitting: Literal[False]
) -> VisitHead | Case: ...
def about(
    session: Session,
    actor: Actor,
    form: str,
    of: int | VisitHead,
    *,
    today: date,
    submitting: bool,
    lock: bool = True,
) -> Visit | VisitHead | Case:
    """What a note of this form would tell of: a visit of the actor's, or their case. A visit of this kind that is
    planned in the case takes the note, so that nobody is reminded of what has been done. `of`: the id of either, or the
    visit's head, where that was read for this message: it is no case then, and is not read again.

    Of a note that was begun (`submitting`; without `lock` it is only looked at): where the case was put on hold or
    closed meanwhile, what took place until then may still be handed in; and where its visit was withdrawn and the case
    goes on, it tells of what took place in the case.

    Raises:
        NotFound: it is not open, or not this officer's.
    """
    how = {"submitting": submitting, "lock": lock}
    if isinstance(of, VisitHead) or _CASE.first(session, {"case": of}) is None:
        try:
            return _visit(session, actor, of, today, **how)
        except NotFound:
            withdrawn_in = _WITHDRAWN_IN.first(session, {"visit": of}) if submitting else None
            if withdrawn_in is None:
                raise
            of = int(withdrawn_in[0])
    if form == VisitKind.review:
        return _about_review(session, actor, of, today, **how)
    if form == VisitKind.difficulty:
        raise NotFound(NO_SUCH_VISIT)  # what is settled was noted before
    case = access_case_to_record(session, actor, of, today=today, resting=submitting)
    query = select(Visit.id).where(
        Visit.case_id == case.id, Visit.kind == VisitKind(form), Visit.state == VisitState.planned
    )
    for visit_id in session.exec(query.order_by(col(Visit.due_on))):
        try:
            return _visit(session, actor, visit_id, today, **how)
        except NotFound:
            continue  # given to a colleague: theirs to record
    # Visits are locked before their case, as by whoever puts it on hold.
    return access_case_to_record(
        session, actor, of, today=today, lock=submitting and lock, resting=submitting
    )


def _visit(
    session: Session,
    actor: Actor,
    of: int | VisitHead,
    today: date,
    *,
    submitting: bool,
    lock: bool = True,
    resting: bool = True,
) -> Visit | VisitHead:
    if not submitting:
        return see_visit(session, actor, of, to="record", today=today)
    visit_id = of.id if isinstance(of, VisitHead) else of
    return access_visit(session, actor, visit_id, to="record", today=today, lock=lock, resting=resting)


def _about_review(
    session: Session, actor: Actor, case_id: int, today: date, *, submitting: bool, lock: bool
) -> Visit | VisitHead | Case:
    """The review that is planned in the case, whoever of the office has it; else the case."""
    case = access_case_to_review(session, actor, case_id)
    query = select(Visit.id).where(
        Visit.case_id == case.id, Visit.kind == VisitKind.review, Visit.state == VisitState.planned
    )
    visit_id = session.exec(query.order_by(col(Visit.due_on))).first()
    if visit_id is not None:
        return _visit(session, actor, visit_id, today, submitting=submitting, lock=lock, resting=False)
    return access_case_to_review(session, actor, case_id, lock=submitting and lock)


def record_visit(session: Session, actor: Actor, data: NoteData, *, now: datetime) -> Recorded:
    """Keep a note, end the ladder of its visit where there was one, and plan what comes next.

    Raises:
        NotFound: what it tells of is not open, or not this officer's.
        Refused: it was held in the future, or while no visits were arranged.
    """
    mechanism = mechanism_of(session, actor.county_id)
    today = mechanism.day(now)
    found = about(session, actor, data.form, data.about_id, today=today, submitting=True)
    case = session.get_one(Case, found.case_id) if isinstance(found, Visit) else found
    check_day(session, case, data.held_on, mechanism, today)
    visit = found if isinstance(found, Visit) else unplanned(session, case, data, actor.member_id, now=now)
    return submitted(session, actor, visit, case, data, now)


def unplanned(session: Session, case: Case, data: NoteData, officer_id: int, *, now: datetime) -> Visit:
    """A visit for what nobody had planned."""
    return schedule.took_place(session, case, VisitKind(data.form), data.held_on, officer_id, now=now)


def check_day(session: Session, case: Case, held_on: date, mechanism: Mechanism, today: date) -> None:
    """Whether a note may say that something took place in a case on this day."""
    if held_on > today:
        raise Refused(N_("{day} has not come yet: a note tells of what took place."), day=Day(held_on)).at(
            "date"
        )
    if case.state != CaseState.open:
        _require_made_before(session, case, held_on, mechanism)


def submitted(
    session: Session,
    actor: Actor,
    visit: Visit,
    case: Case,
    data: NoteData,
    now: datetime,
    *,
    original: Note | None = None,
) -> Recorded:
    """What every note brings with it. `original`: it was submitted by its author before, in another case."""
    mechanism = mechanism_of(session, case.county_id)
    note = _write(session, actor, visit, case, data, now)
    if original is not None:
        note.author_id, note.submitted_at = original.author_id, original.submitted_at
        note.held_on, note.state_of_mind = original.held_on, original.state_of_mind
    session.flush()  # what it brings about names it
    _keep_who_began(session, note, data, now)
    matters.keep(session, note, data.answers)
    _finish(session, actor, visit, note, data, now)
    anew = original is None
    asked = confirmations.ask_companions(session, note, data.answers, now=now, anew=anew)
    pace = second.ask(session, note, data.state_of_mind, mechanism, now=now)
    seen = consequences.Seen(data.held_on, pace, data.safety)
    following, because = consequences.follow(session, note, visit, case, seen, mechanism, now=now)
    if pace != data.state_of_mind:
        because = None  # it was another rating that did, before this one
    if data.state_of_mind == "concern":
        consequences.have_reviewed_soon(session, note, case, mechanism, now=now)
        if not data.safety:
            before = second.rating_before(session, note)
            consequences.have_contacted_soon(session, note, case, before, mechanism, now=now)
    call = None
    saw = actor if original is None else author_of(session, original)
    if data.safety:
        call = safety.open_call(session, saw, case, CallSource.note, now=now, visit=visit)
    elif data.state_of_mind == "concern":
        concerns.tell(session, visit, note.id, now=now)
    return Recorded(note, visit, following, because, call, asked)


def _finish(session: Session, actor: Actor, visit: Visit, note: Note, data: NoteData, now: datetime) -> None:
    detail, by = FULFILS if fulfils(data, visit) else None, actor.member_id
    schedule.finish(session, visit, data.held_on, now=now, actor_id=by, note_id=note.id, detail=detail)
    kind, held_on = visit.kind.value, data.held_on
    audit.record(session, actor, "visit_recorded", "visit", visit.id, now=now, kind=kind, held_on=held_on)


def fulfils(data: NoteData, visit: Visit) -> bool:
    """Whether what somebody recorded of a case, as if nobody had planned it, is a visit that was planned; or of a visit
    that was withdrawn, and another took its place."""
    return data.about_id != visit.id and not visit.unplanned and visit.kind not in schedule.OTHERS


def _require_made_before(session: Session, case: Case, held_on: date, mechanism: Mechanism) -> None:
    """What took place before the visits of a case were stopped is not lost. The day itself counts."""
    stop = stopped(session, case.id)
    if stop is None:
        raise Refused(NO_VISITS_NOW)
    if held_on > (day := mechanism.day(stop.at)):
        raise Refused(
            N_("No visits are arranged in this case after {day}; a note can tell of one made until then."),
            day=Day(day),
        ).at("date")


def _write(session: Session, actor: Actor, visit: Visit, case: Case, data: NoteData, now: datetime) -> Note:
    note = Note(
        county_id=case.county_id,
        case_id=case.id,
        visit_id=visit.id,
        author_id=actor.member_id,
        kind=visit.kind,
        form=data.form,
        form_version=data.form_version,
        held_on=data.held_on,
        submitted_at=now,
        answers_sealed=b"",
        state_of_mind_sealed=b"",
    )
    note.answers = data.answers
    note.state_of_mind = data.state_of_mind
    session.add(note)
    return note


def _keep_who_began(session: Session, note: Note, data: NoteData, now: datetime) -> None:
    for member_id, answers in data.begun.items():
        event = NoteEvent(
            county_id=note.county_id,
            note_id=note.id,
            at=now,
            kind=NoteEventKind.begun,
            actor_id=member_id,
            reason_sealed=b"",
        )
        event.reason, event.answers = "", dict(answers)
        session.add(event)


def author_of(session: Session, note: Note) -> Actor:
    """Whoever wrote a note, in whose name its consequences are."""
    author = session.get_one(Member, note.author_id)
    return actor_of(session, author, author.language or "")
