"""Difficulties: written down, followed until they are settled. The task of seeing to one is a visit of that kind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from locales.catalogue import N_
from locales.phrase import Day
from reminders import rules, schedule
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit
from storage.errors import Refused
from storage.queries.access import NO_VISITS_NOW, Actor, access_case_to_record
from storage.tables.cases import Case, CaseState
from storage.tables.difficulties import Difficulty
from storage.tables.notes import Note
from storage.tables.visits import Visit, VisitEventKind, VisitKind, VisitState

_NOT_HERE = N_("This note does not stand in this case any more. Please note the difficulty in the right one.")
_CONTENT = ("kind", "asked", "handler")


@dataclass(frozen=True)
class Pending:
    """A difficulty that is not settled yet, and the task of seeing to it."""

    difficulty: Difficulty
    visit: Visit


def open_(
    session: Session, actor: Actor, case_id: int, answers: Mapping[str, Any], *, now: datetime
) -> Pending:
    """Write down what somebody asked for; whoever looks after the case is reminded of it until it is settled."""
    mechanism = mechanism_of(session, actor.county_id)
    today, due_on = mechanism.day(now), date.fromisoformat(answers["due"])
    case = access_case_to_record(session, actor, case_id, today=today, lock=True, resting=True)
    if case.state is not CaseState.open:
        raise Refused(NO_VISITS_NOW)  # what was filled in waits until visits go on
    if due_on < today:
        raise Refused(N_("{day} is over. Please choose today or a later day."), day=Day(due_on)).at("due")
    visit = schedule.plan(
        session, case, VisitKind.difficulty, due_on, mechanism, now=now, actor_id=actor.member_id
    )
    session.flush()
    difficulty = Difficulty(
        county_id=case.county_id,
        case_id=case.id,
        visit_id=visit.id,
        opened_by=actor.member_id,
        opened_at=now,
        content_sealed=b"",
    )
    difficulty.content = {key: str(answers[key]) for key in _CONTENT}
    session.add(difficulty)
    session.flush()
    audit.record(session, actor, "difficulty_opened", "case", case.id, now=now, visit=visit.id, due_on=due_on)
    return Pending(difficulty, visit)


def of_visit(session: Session, visit_id: int) -> Difficulty | None:
    """What a task of this kind is about. Whoever asks has come through the door of the visit."""
    return session.exec(select(Difficulty).where(Difficulty.visit_id == visit_id)).first()


def pending(session: Session, case: Case) -> Sequence[Pending]:
    """What is not settled yet in a case, the earliest due first. Whoever asks has come through the door of the case."""
    query = (
        select(Difficulty, Visit)
        .join(Visit, col(Visit.id) == Difficulty.visit_id)
        .where(Difficulty.case_id == case.id, Visit.state != VisitState.done)
        .order_by(col(Visit.due_on), col(Visit.id))
    )
    return [Pending(*row) for row in session.exec(query).all()]


def asked_in(session: Session, actor: Actor, note_id: int) -> tuple[int, str]:
    """The case of a note of the actor's own, and what it says of hardship or requests.

    Raises:
        Refused: the note was voided, or stands in another case by now: nobody asked for anything in this one.
    """
    note = session.exec(select(Note).where(Note.id == note_id, Note.author_id == actor.member_id)).first()
    if note is None:
        return 0, ""
    if note.voided_at is not None:
        raise Refused(_NOT_HERE)
    return note.case_id, told_of_hardship(note.answers)


def told_of_hardship(answers: Mapping[str, Any]) -> str:
    """What the answers of a note say of hardship or requests; empty where they say nothing."""
    return str(answers.get("hardship") or answers.get("requests") or "")


def go_on(session: Session, case: Case, mechanism: Mechanism, *, now: datetime, actor_id: int) -> list[Visit]:
    """The case goes on after a hold or a closure: what was not settled is to be settled after all. A day that passed
    meanwhile is given anew."""
    today, found = mechanism.day(now), [one.visit for one in pending(session, case)]
    for visit in found:
        visit.state = VisitState.planned
        if rules.due_day(visit.due_on, mechanism.calendar) > today:
            schedule.go_on(session, visit, mechanism, now=now)
        else:
            due_on = mechanism.calendar.add_workdays(today, mechanism.rulebook.cadence.difficulty_workdays)
            kind = VisitEventKind.rescheduled
            schedule.move(session, visit, due_on, mechanism, kind=kind, now=now, actor_id=actor_id)
    return found
