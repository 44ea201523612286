from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot import merging, notices, wording
from bot.channels.disclosure import Level
from bot.commands.command import parse
from bot.commands.registry import COMMANDS
from casework import concerns, visits
from reminders import outbox, schedule, sweep
from storage.ids import new_id
from storage.queries.access import actor_of
from storage.tables.cases import Case, CaseState
from storage.tables.mail import Outbox, OutboxItem, OutboxState
from storage.tables.members import Member, MemberState
from storage.tables.visits import Visit
from tests import make
from tests.commands.world import World, at, plan, record


def deliver(world: World, moment: str, hour: str) -> None:
    """Everything that falls due until a moment is told, as the tick and the post office would, without a channel."""
    now = at(moment, hour)

    def unit(session: Session) -> None:
        while sweep.one_slice(session, now=now):
            pass
        while sweep.one_digest_slice(session, now=now):
            pass
        session.flush()
        for row in session.exec(
            select(Outbox).where(Outbox.state == OutboxState.todo, col(Outbox.due_at) <= now)
        ):
            _send(world, session, row)

    world.now = now
    world.do(unit)


def _send(world: World, session: Session, row: Outbox) -> None:
    who = next(key for key, member_id in world.members.items() if member_id == row.member_id)
    payload: dict[str, Any] = outbox.payload_of(row.id, row.payload_sealed)
    composed = notices.compose(world.context(session, who), row, payload)
    row.state = OutboxState.withdrawn if composed is None else OutboxState.sent
    row.sent_at, row.channel, row.receipt = world.now, "sandbox", str(row.id)
    if composed is not None:
        merging.keep(row, payload | {"message": composed.message})
    items = [
        {"id": new_id(), "outbox_id": row.id, "visit_id": one} for one in (composed.items if composed else ())
    ]
    outbox.insert_new(session, OutboxItem, items)


@pytest.mark.parametrize("word", ["/why", "为什么", "为什么？", "Why?"])
def test_it_is_called_by_its_words(word: str) -> None:
    called = parse(word, COMMANDS)
    assert called is not None
    assert called.command.slash == "why"


def test_every_kind_of_notice_can_be_explained() -> None:
    assert set(wording.TITLES) == notices.KINDS - {"update"}


def test_without_a_notice_it_says_so(world: World) -> None:
    assert world.asks("officer", "/why").lines == ["You have not been sent any notice yet."]


def test_a_digest(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-20", on="2026-11-19")
    plan(world, "JA-7K3Q", "2026-11-26", on="2026-11-19")
    deliver(world, "2026-11-23", "08:30")
    seen = world.asks("officer", "/why")
    assert seen.lines == [
        "Your last notice came on 23 November at 08:30: Morning digest.",
        "It goes out every working day at 08:30 and lists what is overdue, due today or near.",
        "",
        "张明 JA-7K3Q | Heart-to-heart talk | due 20 November | 1 working day overdue",
        "Counted: 23 November.",
        "Not counted: 21 November to 22 November (weekend).",
        "If nothing happens, told next on 24 November at 09:00: Supervisor.",
        "",
        "张明 JA-7K3Q | Heart-to-heart talk | due 26 November | 3 working days left",
        "If nothing happens, it is in the digest of 25 November: you.",
    ]
    assert seen.buttons == [["Today"]]
    assert "张明" not in world.asks("officer", "/why", Level.coded).text
    assert (
        "JA-7K3Q | Heart-to-heart talk | due 20 November" in world.asks("officer", "/why", Level.coded).text
    )


def test_of_very_many_days_the_latest_are_named_and_the_others_not_forgotten(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-10-12", on="2026-10-10")
    deliver(world, "2026-11-23", "08:30")
    said = next(line for line in world.asks("officer", "/why").lines if line.startswith("Not counted"))
    assert said.startswith("Not counted, and earlier ones: ")
    assert said.count("weekend") == 5


def test_the_notice_on_the_day(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-23", on="2026-11-20")
    deliver(world, "2026-11-23", "08:30")
    deliver(world, "2026-11-23", "14:30")
    seen = world.asks("officer", "/why")
    assert seen.lines[1] == "Rule: on the due day, at 14:30: Care officer."
    assert "due today" in seen.text


def test_an_alert_names_the_rule_and_never_the_person(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")
    deliver(world, "2026-11-23", "09:00")
    seen = world.asks("boss", "为什么")
    assert seen.lines == [
        "Your last notice came on 23 November at 09:00: Overdue notice.",
        "Rule: 2 working days after the due day, at 09:00: Supervisor.",
        "",
        "JA-7K3Q | Heart-to-heart talk | due 19 November | 2 working days overdue",
        "Counted: 20 November, 23 November.",
        "Not counted: 21 November to 22 November (weekend).",
        "If nothing happens, told next on 26 November at 09:00: Commission staff.",
    ]
    assert seen.buttons == [["Overdue"]]
    assert world.asks("boss", "/why", Level.coded).lines == seen.lines


def test_a_rule_names_the_next_in_line(world: World) -> None:
    def suspend(session: Session) -> None:
        session.get_one(Member, world.members["boss"]).state = MemberState.suspended

    world.do(suspend)
    plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")
    deliver(world, "2026-11-23", "09:00")
    seen = world.asks("staff", "/why")
    assert seen.lines[1:3] == [
        "Rule: 2 working days after the due day, at 09:00: Supervisor.",
        "Nobody there could be told, so it came to the next in line: to you.",
    ]


def test_repeats_public_holidays_and_long_counts(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-09-24", on="2026-09-23")
    for day in ("2026-09-29", "2026-10-09", "2026-10-14", "2026-10-21"):
        deliver(world, day, "09:00")
    seen = world.asks("leader", "/why")
    assert seen.lines[1] == (
        "Rule: overdue visits are told again every 5 working days: Supervisor, Commission staff, "
        "Member of the leading group."
    )
    assert "Counted: the working days from 28 September to 21 October." in seen.lines
    assert "1 October to 7 October (public holiday)" in seen.text
    assert "25 September to 27 September (public holiday)" in seen.text
    assert "told next on 27 October" in seen.text


def test_what_happened_since_is_said(world: World) -> None:
    done, withdrawn, quiet, resting = (
        plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18") for _ in range(4)
    )
    on_hold = plan(world, "JA-5M2X", "2026-11-19", on="2026-11-18")
    deliver(world, "2026-11-23", "09:00")
    record(world, done, "2026-11-20")

    def change(session: Session) -> None:
        boss = actor_of(session, session.get_one(Member, world.members["boss"]), "en")
        officer = actor_of(session, session.get_one(Member, world.members["officer"]), "en")
        schedule.withdraw(session, session.get_one(Visit, withdrawn), now=world.now, actor_id=None)
        visits.acknowledge(session, boss, [quiet], now=world.now)
        visits.note_follows(session, officer, resting, now=world.now)
        session.get_one(Case, world.cases["JA-5M2X"]).state = CaseState.held

    world.do(change)
    seen = world.asks("boss", "/why")
    assert "took place on 20 November" in seen.text
    assert seen.text.count("No longer needed") == 1
    assert "Somebody is on it; no repeats before 26 November." in seen.lines
    assert "Done on 23 November (2 working days late), note due by 25 November" in seen.text
    assert world.asks("both", "/why").lines[-1] == "JA-5M2X | Heart-to-heart talk | No visits for now"
    assert on_hold


def test_at_most_five_visits_are_explained(world: World) -> None:
    for _ in range(7):
        plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")
    deliver(world, "2026-11-23", "09:00")
    seen = world.asks("boss", "/why")
    assert seen.text.count("Heart-to-heart talk") == 5
    assert seen.lines.count("Rule: 2 working days after the due day, at 09:00: Supervisor.") == 1
    assert seen.lines[-1] == "… and 2 more."


def test_a_due_date_that_became_a_day_off(world: World) -> None:
    visit = plan(world, "JA-7K3Q", "2026-11-20", on="2026-11-19")

    def move(session: Session) -> None:
        session.get_one(Visit, visit).due_on = date(2026, 11, 21)

    world.do(move)
    deliver(world, "2026-11-23", "08:30")
    seen = world.asks("officer", "/why")
    assert "21 November is no working day, so the next one counts." in seen.lines


def _act(world: World, who: str, verb: Any, *args: Any) -> None:
    deliver(world, "2026-11-23", "08:30")
    world.now = at("2026-11-23", "10:00")
    world.do(
        lambda s: verb(s, actor_of(s, s.get_one(Member, world.members[who]), "en"), *args, now=world.now)
    )
    deliver(world, "2026-11-23", "10:01")


@pytest.mark.parametrize(
    ("verb", "args", "who", "words"),
    [
        (visits.chase, (), "officer", "Somebody who oversees this task tapped “Chase”. | 王强"),
        (visits.extend, (), "officer", "granted more time"),
        (visits.reassign, ("colleague",), "colleague", "given to you instead of a colleague"),
        (visits.reassign, ("colleague",), "officer", "Somebody else makes this visit now"),
    ],
)
def test_acts_of_the_supervisor(world: World, verb: Any, args: tuple[str, ...], who: str, words: str) -> None:
    def same_boss(session: Session) -> None:
        session.get_one(Member, world.members["colleague"]).supervisor_id = world.members["boss"]

    world.do(same_boss)
    visit = plan(world, "JA-7K3Q", "2026-11-20", on="2026-11-19")
    _act(world, "boss", verb, visit, *(world.members[arg] for arg in args))
    seen = world.asks(who, "/why")
    assert words in seen.text
    assert "JA-7K3Q" in seen.text
    assert ("张明" in seen.text) == (who == "officer" or verb is visits.reassign)
    assert "王强" not in world.asks(who, "/why", Level.coded).text


def test_worry_is_explained_without_a_name_or_a_rating(world: World) -> None:
    visit = plan(world, "JA-7K3Q", "2026-11-20", on="2026-11-19")
    world.do(lambda session: concerns.tell(session, session.get_one(Visit, visit), 1, now=at("2026-11-23")))
    deliver(world, "2026-11-23", "09:01")
    seen = world.asks("staff", "/why", Level.coded)
    assert "asks for contact within 3 working days" in seen.text
    assert seen.lines[-1] == "JA-7K3Q | Heart-to-heart talk"
    assert "red" not in seen.text.split()
    assert "张明" not in world.asks("staff", "/why").text


@pytest.mark.parametrize("who", ["staff", "boss"])
@pytest.mark.parametrize("level", list(Level))
def test_a_safety_call_is_explained_and_never_what_is_the_matter(
    world: World, who: str, level: Level
) -> None:
    visit = plan(world, "JA-7K3Q", "2026-11-20", on="2026-11-19")
    record(world, visit, "2026-11-21", safety=True)
    deliver(world, "2026-11-21", "16:01")
    seen = world.asks(who, "/why", level)
    assert ("30 minutes after the opening" in seen.text) == (level is not Level.notice)
    assert ("Case JA-7K3Q: opened on 21 November at 16:00, told once." in seen.lines) == (
        level is not Level.notice
    )
    assert not any(word in seen.text for word in ("afety", "danger", "12356", "张明", "sign"))


def test_a_message_about_an_officer_who_cannot_be_reached(world: World) -> None:
    """It speaks of a person and of no visit."""

    def unit(session: Session) -> None:
        row = outbox.row(
            "absent", now=world.now, county_id=None, member_id=world.members["boss"],
            payload={"member": world.members["officer"]},
        )  # fmt: skip
        outbox.put(session, [row])
        make.sent(session, session.get_one(Outbox, row["id"]), now=world.now)

    world.do(unit)
    said = world.asks("boss", "/why").lines
    assert said[0].endswith("An officer who cannot be reached.")
    assert "found nobody" in said[1]
