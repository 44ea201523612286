"""Difficulties: whose they are, what the card counts, and that a case which returns keeps them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, select

from casework import difficulties, standing
from storage.errors import NotFound, Refused
from storage.queries.access import actor_of
from storage.tables.cases import CaseEventKind
from storage.tables.difficulties import Difficulty
from storage.tables.members import Member
from storage.tables.visits import Visit, VisitState
from tests.commands.world import World, plan, record

CASE = "JA-7K3Q"
ANSWERS = {"kind": "family", "asked": "母亲住院无人照料", "handler": "office", "due": "2026-12-01"}


def noted(world: World, who: str = "officer", **other: Any) -> int:
    """A difficulty, noted today; the task of seeing to it."""

    def unit(session: Session) -> int:
        actor = actor_of(session, session.get_one(Member, world.members[who]), "en")
        answers = {**ANSWERS, **other}
        return difficulties.open_(session, actor, world.cases[CASE], answers, now=world.now).visit.id

    return world.do(unit)


def stand(world: World, kind: CaseEventKind) -> None:
    def unit(session: Session) -> None:
        staff = actor_of(session, session.get_one(Member, world.members["staff"]), "en")
        standing.change(session, staff, world.cases[CASE], kind, "因工作安排", now=world.now)

    world.do(unit)


def task(world: World, visit_id: int) -> Visit:
    return world.do(lambda session: session.get_one(Visit, visit_id))


def test_it_is_the_care_officers_and_no_visit_that_was_planned(world: World) -> None:
    plan(world, CASE, "2026-11-30")
    noted(world)
    seen = world.asks("staff", f"查询 {CASE}")
    assert "1 difficulty to be settled | 1 visits planned, 0 done" in seen.lines
    assert "Next: 30 November Heart-to-heart talk" in seen.text
    (kept,) = world.do(lambda session: list(session.exec(select(Difficulty)).all()))
    assert kept.content == {"kind": "family", "asked": "母亲住院无人照料", "handler": "office"}
    assert "住院".encode() not in kept.content_sealed
    assert ("difficulty_opened", world.members["officer"]) in world.audited()


@pytest.mark.parametrize("who", ["colleague", "stranger", "boss", "staff", "unit"])
def test_nobody_else_notes_or_settles_one(world: World, who: str) -> None:
    visit_id = noted(world)
    with pytest.raises(NotFound):
        noted(world, who)
    with pytest.raises((NotFound, Refused)):
        world.taps(who, "record", visit=visit_id)
    with pytest.raises((NotFound, Refused)):
        world.taps(who, "difficulty", id=world.cases[CASE])


def test_a_note_of_somebody_else_tells_nothing(world: World) -> None:
    visit_id = plan(world, CASE, "2026-11-20")
    record(world, visit_id, "2026-11-20", hardship="母亲住院")

    def unit(session: Session) -> tuple[int, str]:
        from storage.tables.notes import Note

        note = session.exec(select(Note)).one()
        stranger = actor_of(session, session.get_one(Member, world.members["stranger"]), "en")
        return difficulties.asked_in(session, stranger, note.id)

    assert world.do(unit) == (0, "")


def test_a_note_that_is_void_opens_none_in_its_case(world: World) -> None:
    """Of a note that was moved into another case the outcome, with its button, is still in the chat."""
    visit_id = plan(world, CASE, "2026-11-20")
    record(world, visit_id, "2026-11-20", hardship="母亲住院")

    def void(session: Session) -> int:
        from storage.tables.notes import Note

        note = session.exec(select(Note)).one()
        note.voided_at = world.now
        return note.id

    note_id = world.do(void)
    with pytest.raises(Refused, match="does not stand in this case"):
        world.taps("officer", "difficulty", id=world.cases[CASE], note=note_id)


def test_it_is_neither_made_without_being_noted_nor_could_it_not_be_done(world: World) -> None:
    noted(world)
    kinds = world.taps("officer", "contact", id=world.cases[CASE])
    assert "Record Difficulty" not in [label for row in kinds.buttons for label in row]
    with pytest.raises(NotFound):
        world.do(lambda s: _opens(world, s))
    assert "no open visit" in world.taps("officer", "not_done").text


def _opens(world: World, session: Session) -> None:
    from bot.dialogs import runner

    runner.open_form(world.context(session, "officer"), "difficulty", world.cases[CASE])


def test_a_day_that_is_over_is_refused(world: World) -> None:
    with pytest.raises(Refused):
        noted(world, due="2026-11-20")


@pytest.mark.parametrize(
    ("stop", "go"),
    [(CaseEventKind.held, CaseEventKind.resumed), (CaseEventKind.closed, CaseEventKind.reopened)],
)
@pytest.mark.parametrize(("due", "then"), [("2026-12-01", "2026-12-01"), ("2026-11-23", "2026-12-14")])
def test_a_case_that_returns_keeps_it(
    world: World, stop: CaseEventKind, go: CaseEventKind, due: str, then: str
) -> None:
    visit_id = noted(world, due=due)
    stand(world, stop)
    stopped = task(world, visit_id)
    assert stopped.next_look_at is None
    stand(world, go)
    back = task(world, visit_id)
    assert back.state is VisitState.planned
    assert back.due_on == date.fromisoformat(then)
    assert back.next_look_at is not None


def test_once_settled_it_does_not_come_back(world: World) -> None:
    visit_id = noted(world)

    def timeline() -> str:
        seen = world.follows("staff", world.asks("staff", f"查询 {CASE}"), "Timeline")
        return next(line for line in seen.lines if "Difficulty" in line)

    assert timeline().endswith("| Difficulty | To be settled")
    record(world, visit_id, "2026-11-23", "not_rated", asked="母亲住院", outcome="settled", result="已落实")
    assert "23 November | Difficulty | Dealt with" in timeline(), "nobody holds a difficulty"
    stand(world, CaseEventKind.held)
    stand(world, CaseEventKind.resumed)
    assert task(world, visit_id).state is VisitState.done
    assert "to be settled" not in world.asks("staff", f"查询 {CASE}").text
