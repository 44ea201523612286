"""What took place without having been planned: found by a button, kept beside the visits, owed by nobody."""

from __future__ import annotations

from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.channels.disclosure import Level
from casework import notes, standing
from casework.forms.catalog import UNPLANNED_FORMS
from storage.errors import NotFound, Refused
from storage.queries.access import actor_of
from storage.tables.cases import Case, CaseEventKind, CaseState
from storage.tables.members import Member
from storage.tables.notes import Note
from storage.tables.visits import Visit, VisitKind, VisitState
from tests.commands.world import World, at, plan


def keep(world: World, who: str, code: str, kind: str, held_on: str = "2026-11-20", **more: Any) -> None:
    """The note of a kind in a case, handed in by somebody today."""

    def unit(session: Session) -> None:
        actor = actor_of(session, session.get_one(Member, world.members[who]), "en")
        answers = {"date": held_on, "safety": False, "more": [], **more}
        data = notes.NoteData(
            world.cases[code],
            kind,
            1,
            at(held_on).date(),
            answers,
            answers.get("state_of_mind", "not_rated"),
            bool(answers["safety"]),
        )
        notes.record_visit(session, actor, data, now=world.now)

    world.do(unit)


def visits_of(world: World) -> list[tuple[VisitKind, VisitState, bool]]:
    query = select(Visit.kind, Visit.state, Visit.unplanned).order_by(col(Visit.id))
    return world.do(lambda session: [tuple(row) for row in session.exec(query)])  # type: ignore[misc]


def test_from_the_list_to_the_case_to_the_kind_to_the_form(world: World) -> None:
    seen = world.asks("officer", "记录")
    assert seen.lines == ["You have no open visit to record."]
    seen = world.follows("officer", seen, "Record something else")
    assert seen.lines == ["In which case did something take place?"]
    assert seen.buttons == [["张明 JA-7K3Q"]]
    seen = world.follows("officer", seen, "张明 JA-7K3Q")
    labels = [label for row in seen.buttons for label in row]
    assert [labels.pop(), labels.pop()] == ["Safety concern", "Note a difficulty"]
    assert len(labels) == len(UNPLANNED_FORMS)
    assert all(label.startswith("Record ") for label in labels)
    seen = world.follows("officer", seen, "Record Unit interview")
    assert seen.lines[0] == "Unit interview | 张明 JA-7K3Q | Step 1 of 5"


def test_the_card_of_a_case_leads_there_too(world: World) -> None:
    assert world.asks("officer", "查询 JA-7K3Q").buttons[-1] == ["Record something else", "Brief"]
    for who in ("staff", "leader"):
        assert "contact" not in world.asks(who, "查询 JA-7K3Q").verbs


def test_where_no_name_may_be_told_the_code_stands_for_the_case(world: World) -> None:
    seen = world.taps("officer", "contact", Level.coded)
    assert seen.buttons == [["JA-7K3Q"]]
    seen = world.taps("officer", "contact", Level.coded, id=world.cases["JA-7K3Q"])
    assert "张明" not in seen.text
    assert "Record File read" in [label for row in seen.buttons for label in row]


def test_it_stands_among_what_took_place_and_was_never_planned(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-12-01")
    keep(world, "officer", "JA-7K3Q", "colleague_interview", people=3, public_feedback="踏实")
    assert visits_of(world) == [
        (VisitKind.talk, VisitState.planned, False),
        (VisitKind.colleague_interview, VisitState.done, True),
    ]
    card = world.asks("staff", "查询 JA-7K3Q")
    assert "Last: 20 November Colleague interview" in card.text
    assert card.lines[-1] == "1 visits planned, 0 done | 1 beyond the plan"
    timeline = world.follows("staff", card, "Timeline")
    assert "20 November | Colleague interview | Took place | not planned" in timeline.lines
    assert "1 beyond the plan" in world.follows("staff", card, "Review").text


def test_a_note_that_rates_nobody_is_no_rating(world: World) -> None:
    for day in range(2, 9):
        keep(world, "officer", "JA-7K3Q", "file_read", f"2026-11-{day:02}", copies=1, found="齐全")
    keep(world, "officer", "JA-7K3Q", "talk", "2026-10-30", state_of_mind="stable", thinking="平稳")
    assert "State of mind (oldest first): blue" in world.asks("staff", "查询 JA-7K3Q").text


def test_a_planned_visit_of_the_kind_takes_the_note(world: World) -> None:
    visit = plan(world, "JA-7K3Q", "2026-11-18", VisitKind.home_visit)
    keep(
        world,
        "officer",
        "JA-7K3Q",
        "home_visit",
        family_informed=True,
        atmosphere="和睦",
        state_of_mind="stable",
    )
    assert world.do(lambda session: session.get_one(Visit, visit).state) is VisitState.done
    assert world.do(lambda session: session.exec(select(Note)).one().visit_id) == visit
    assert not any(unplanned for _, _, unplanned in visits_of(world))


def test_worry_in_it_brings_the_next_talk_nearer(world: World) -> None:
    talk = plan(world, "JA-7K3Q", "2027-02-01")
    keep(
        world,
        "officer",
        "JA-7K3Q",
        "unit_interview",
        work="连续缺勤",
        unit_people=["unit_leader"],
        safety=True,
    )
    assert world.do(lambda session: session.get_one(Visit, talk).due_on) == at("2026-11-23").date()


@pytest.mark.parametrize("who", ["stranger", "colleague", "staff", "boss", "leader"])
def test_nobody_else_writes_in_the_case(world: World, who: str) -> None:
    with pytest.raises((NotFound, Refused)):
        world.taps(who, "contact", id=world.cases["JA-7K3Q"])
    with pytest.raises((NotFound, Refused)):
        world.taps(who, "contact", id=world.cases["JA-7K3Q"], kind="file_read")
    with pytest.raises(NotFound):
        keep(world, who, "JA-7K3Q", "file_read", copies=1, found="齐全")
    assert visits_of(world) == []


def test_not_yours_is_the_same_as_not_there(world: World) -> None:
    refusals = []
    for case_id in (world.cases["JA-7K3Q"], 1):
        with pytest.raises(NotFound) as refusal:
            world.taps("stranger", "contact", id=case_id)
        refusals.append(refusal.value.phrase)
    assert refusals[0] == refusals[1]


@pytest.mark.parametrize("state", [CaseState.held, CaseState.closed])
def test_in_a_case_that_is_not_open_nothing_is_recorded(world: World, state: CaseState) -> None:
    def end(session: Session) -> None:
        session.get_one(Case, world.cases["JA-7K3Q"]).state = state

    world.do(end)
    assert world.taps("officer", "contact").lines == ["No open case is yours."]
    with pytest.raises((NotFound, Refused)):
        keep(world, "officer", "JA-7K3Q", "file_read", copies=1, found="齐全")


def test_what_took_place_before_a_case_was_stopped_is_not_lost(world: World) -> None:
    def hold(session: Session) -> None:
        staff = actor_of(session, session.get_one(Member, world.members["staff"]), "en")
        standing.change(
            session, staff, world.cases["JA-7K3Q"], CaseEventKind.held, "借调", now=at("2026-11-20")
        )

    world.do(hold)
    keep(world, "officer", "JA-7K3Q", "file_read", copies=1, found="齐全")
    with pytest.raises(Refused):
        keep(world, "officer", "JA-7K3Q", "file_read", "2026-11-23", copies=1, found="齐全")
    assert len(visits_of(world)) == 1


def test_nothing_is_recorded_ahead(world: World) -> None:
    with pytest.raises(Refused):
        keep(world, "officer", "JA-7K3Q", "file_read", "2026-11-24", copies=1, found="齐全")
