"""The second person in chat: what the office is asked, what it may see where, and how the case shows it."""

from __future__ import annotations

from sqlmodel import Session

from bot.channels.disclosure import Level
from casework import second
from storage.queries import confirmations as lists
from tests.commands.world import World, plan, record

CASE = "JA-7K3Q"


def changed(world: World) -> None:
    record(world, plan(world, CASE, "2026-11-03"), "2026-11-03", "concern", basis="当场落泪")
    record(world, plan(world, CASE, "2026-11-23"), "2026-11-23", "settled")


def test_the_office_agrees(world: World) -> None:
    changed(world)
    seen = world.asks("staff", "/todo")
    assert seen.lines[:3] == [
        "1 note awaits a second person's view:",
        "23 November | Heart-to-heart talk | 张明 JA-7K3Q | recorded by 李敏",
        "State of mind: from Of concern (red) to Settled (green).",
    ]
    assert seen.buttons[0] == ["Agree", "Do not agree"]
    card = world.asks("staff", f"/case {CASE}")
    assert "red, green (awaits a second person)" in card.text
    done = world.follows("staff", seen, "Agree")
    assert done.lines[0] == "Noted: you agree. The note's rating holds."
    assert "red, green" in world.asks("staff", f"/case {CASE}").lines[4]
    assert "awaits" not in world.asks("staff", f"/case {CASE}").text


def note_of(world: World, who: str) -> list[str]:
    """The note of 23 November as it is read from the case."""
    timeline = world.follows(who, world.asks(who, f"/case {CASE}"), "Timeline")
    return world.follows(who, timeline, "23 November Heart-to-heart talk").lines


def test_the_note_says_what_the_second_person_said(world: World) -> None:
    changed(world)
    assert "Second person: not looked at yet." in note_of(world, "officer")

    def refuse(session: Session) -> None:
        ctx = world.context(session, "staff")
        (item,) = lists.ratings_for(session, ctx.actor)
        second.disagree(session, ctx.actor, item.confirmation.id, "请再谈一次", now=ctx.now)

    world.do(refuse)
    for who in ("officer", "staff"):
        said = [line for line in note_of(world, who) if line.startswith("Second person: ")]
        assert [line.endswith(" did not agree on 23 November: 请再谈一次") for line in said] == [True]


def test_the_note_says_that_the_second_person_agreed(world: World) -> None:
    changed(world)
    world.follows("staff", world.asks("staff", "/todo"), "Agree")
    assert any("agreed on 23 November." in line for line in note_of(world, "officer"))


def test_at_coded_the_grades_and_the_buttons_stay_on_the_page(world: World) -> None:
    changed(world)
    seen = world.asks("staff", "/todo", Level.coded)
    assert CASE in seen.text
    assert not any(word in seen.text for word in ("red", "green", "张明", "李敏"))
    assert "Agree" not in [label for row in seen.buttons for label in row]


def test_nobody_else_is_asked(world: World) -> None:
    changed(world)
    for who in ("officer", "boss", "colleague"):
        assert "second person" not in world.asks(who, "/todo").text
