"""Recording what took place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from casework import concerns, confirmations, consequences, safety, second
from locales.catalogue import N_
from locales.phrase import Day
from reminders import schedule
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit
from storage.errors import NotFound, Refused
from storage.queries.access import (
    NO_SUCH_VISIT,
    NO_VISITS_NOW,
    Actor,
    access_case_to_record,
    access_case_to_review,
    access_visit,
)
from storage.queries.standing import stopped
from storage.tables.calls import CallSource, SafetyCall
from storage.tables.cases import Case, CaseState
from storage.tables.confirmations import Confirmation
from storage.tables.notes import Note
from storage.tables.visits import Visit, VisitKind, VisitState


@dataclass(frozen=True)
class NoteData:
    """A completed form: `answers` as the dialog engine gave them, every shown one checked.

    `about_id` is the visit it tells of, or the case in which something took place that nobody had planned.
    """

    about_id: int
    form: str
    form_version: int
    held_on: date
    answers: dict[str, Any]
    state_of_mind: str = "not_rated"
    safety: bool = False


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


def about(
    session: Session, actor: Actor, form: str, about_id: int, *, today: date, submitting: bool
) -> Visit | Case:
    """What a note of this form would tell of: a visit of the actor's, or their case. A visit of this kind that is
    planned in the case takes the note, so that nobody is reminded of what has been done.

    Where the case was put on hold or closed meanwhile, what took place until then may still be handed in.

    Raises:
        NotFound: it is not open, or not this officer's.
    """
    if session.exec(select(Case.id).where(Case.id == about_id)).first() is None:
        return access_visit(
            session, actor, about_id, to="record", today=today, lock=submitting, resting=submitting
        )
    if form == VisitKind.review:
        return _about_review(session, actor, about_id, submitting=submitting)
    if form == VisitKind.difficulty:
        raise NotFound(NO_SUCH_VISIT)  # what is settled was noted before
    case = access_case_to_record(session, actor, about_id, today=today, resting=submitting)
    query = select(Visit.id).where(
        Visit.case_id == case.id, Visit.kind == VisitKind(form), Visit.state == VisitState.planned
    )
    for visit_id in session.exec(query.order_by(col(Visit.due_on))):
        try:
            return access_visit(
                session, actor, visit_id, to="record", today=today, lock=submitting, resting=submitting
            )
        except NotFound:
            continue  # given to a colleague: theirs to record
    # Visits are locked before their case, as by whoever puts it on hold.
    return access_case_to_record(session, actor, about_id, today=today, lock=submitting, resting=submitting)


def _about_review(session: Session, actor: Actor, case_id: int, *, submitting: bool) -> Visit | Case:
    """The review that is planned in the case, whoever of the office has it; else the case."""
    case = access_case_to_review(session, actor, case_id)
    query = select(Visit.id).where(
        Visit.case_id == case.id, Visit.kind == VisitKind.review, Visit.state == VisitState.planned
    )
    visit_id = session.exec(query.order_by(col(Visit.due_on))).first()
    if visit_id is not None:
        return access_visit(session, actor, visit_id, to="record", lock=submitting)
    return access_case_to_review(session, actor, case_id, lock=submitting)


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
    if isinstance(found, Visit):
        visit = found
    else:
        kind = VisitKind(data.form)
        visit = schedule.took_place(session, case, kind, data.held_on, actor.member_id, now=now)
    return _recorded(session, actor, visit, case, data, now)


def check_day(session: Session, case: Case, held_on: date, mechanism: Mechanism, today: date) -> None:
    """Whether a note may say that something took place in a case on this day."""
    if held_on > today:
        raise Refused(N_("{day} has not come yet: a note tells of what took place."), day=Day(held_on))
    if case.state != CaseState.open:
        _require_made_before(session, case, held_on, mechanism)


def _recorded(
    session: Session, actor: Actor, visit: Visit, case: Case, data: NoteData, now: datetime
) -> Recorded:
    """What every note brings with it, once its visit is done."""
    mechanism = mechanism_of(session, case.county_id)
    note = _write(session, actor, visit, case, data, now)
    session.flush()  # what it brings about names it
    schedule.finish(session, visit, data.held_on, now=now, actor_id=actor.member_id, note_id=note.id)
    audit.record(
        session,
        actor,
        "visit_recorded",
        "visit",
        visit.id,
        now=now,
        kind=visit.kind.value,
        held_on=data.held_on,
    )
    asked = confirmations.ask_companions(session, note, data.answers, now=now)
    pace = second.ask(session, note, data.state_of_mind, mechanism, now=now)
    seen = consequences.Seen(data.held_on, pace, data.safety)
    following, because = consequences.follow(session, note, visit, case, seen, mechanism, now=now)
    if pace != data.state_of_mind:
        because = None  # it was another rating that did, before this one
    if data.state_of_mind == "concern":
        consequences.have_reviewed_soon(session, case, mechanism, now=now)
    call = None
    if data.safety:
        call = safety.open_call(session, actor, case, CallSource.note, now=now, visit=visit)
    elif data.state_of_mind == "concern":
        concerns.tell(session, visit, note.id, now=now)
    return Recorded(note, visit, following, because, call, asked)


def _require_made_before(session: Session, case: Case, held_on: date, mechanism: Mechanism) -> None:
    """What took place before the visits of a case were stopped is not lost. The day itself counts."""
    stop = stopped(session, case.id)
    if stop is None:
        raise Refused(NO_VISITS_NOW)
    if held_on > (day := mechanism.day(stop.at)):
        raise Refused(
            N_("No visits are arranged in this case after {day}; a note can tell of one made until then."),
            day=Day(day),
        )


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
