"""/leave: in words and by buttons, what everybody is told of it, and how it shows in other messages."""

from __future__ import annotations

import pytest
from sqlmodel import Session, col, select

from bot import absence, notices
from bot.channels.disclosure import Level
from bot.commands.leave import run
from bot.dialogs import fillings
from casework import rulebooks
from casework.forms import kinds
from casework.forms.catalog import FORMS
from storage.errors import NotFound, Refused
from storage.queries.leaves import concerning
from storage.tables.counties import County
from storage.tables.leaves import Leave
from storage.tables.mail import Outbox
from storage.tables.members import Member
from tests.commands.test_why import deliver
from tests.commands.world import Seen, World, at, plan


def standing(world: World, who: str) -> list[tuple[str, str, str | None]]:
    def unit(session: Session) -> list[tuple[str, str, str | None]]:
        names = {value: key for key, value in world.members.items()}
        found = concerning(session, world.members[who], world.now.date())
        return [(str(x.first_on), str(x.last_on), names.get(x.cover_id or 0)) for x in found]

    return world.do(unit)


def told(world: World, who: str, kind: str, level: Level = Level.full) -> Seen:
    """The newest notice of this kind for somebody, as they get it now."""

    def unit(session: Session) -> Seen:
        query = select(Outbox).where(Outbox.member_id == world.members[who], Outbox.kind == kind)
        row = session.exec(query.order_by(col(Outbox.id))).all()[-1]
        ctx = world.context(session, who, level)
        leave = session.exec(select(Leave).order_by(col(Leave.id))).all()[-1]
        composed = notices.compose(ctx, row, {"leave": leave.id})
        assert composed is not None
        return Seen.of(ctx, composed.message)

    return world.do(unit)


def test_the_form_asks_by_the_numbers_of_the_rulebook(world: World) -> None:
    def shorter(session: Session) -> None:
        county, staff = session.exec(select(County)).one(), session.get_one(Member, world.members["staff"])
        rulebooks.save(session, county, b'{"leave": {"ahead_days": 10}}', staff, now=world.now)

    world.do(shorter)

    def limits(session: Session) -> list[str]:
        ctx = world.context(session, "officer")
        env = fillings.env(ctx, FORMS["leave"], ctx.member.id)
        return [str(day) for day in kinds.limits(FORMS["leave"].fields[0], env)]

    assert world.do(limits) == ["2026-11-16", "2026-12-03"]


# --- in words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "first", "last", "cover"),
    [
        ("请假8–12号，老吴代", "2026-12-08", "2026-12-12", "colleague"),
        ("请假11月30日到12月4日，吴涛代", "2026-11-30", "2026-12-04", "colleague"),
        ("/leave 11-30 12-04", "2026-11-30", "2026-12-04", None),
        ("/leave 30 November to 4 December, covered by wutao", "2026-11-30", "2026-12-04", "colleague"),
        ("请假 明天", "2026-11-24", "2026-11-24", None),
    ],
)
def test_all_at_once(world: World, text: str, first: str, last: str, cover: str | None) -> None:
    seen = world.asks("officer", text)
    assert seen.lines[0].startswith("Submitted | Leave | ")
    assert standing(world, "officer") == [(first, last, cover)]
    assert seen.buttons[-1] == ["Withdraw"]
    assert ("nobody covers" in seen.text) is (cover is None)


@pytest.mark.parametrize("text", ["请假三生三世", "/leave soon", "请假老吴代"])
def test_what_is_not_understood_leads_to_the_form(world: World, text: str) -> None:
    seen = world.asks("officer", text)
    assert "was not understood. For example: /leave 30 Nov to 4 Dec, Wu Tao covers" in seen.text
    assert standing(world, "officer") == []
    assert world.follows("officer", seen, "Enter leave").lines[-1]


def test_a_name_that_is_nobodys_is_asked_for_with_the_days_kept(world: World) -> None:
    seen = world.asks("officer", "请假11月30日到12月4日，老赵代")
    assert "No officer who is there in these days is called “老赵”." in seen.text
    assert "Who covers for you?" in seen.text
    asked = world.follows("officer", seen, "吴涛")
    assert "30 November" in asked.text
    done = world.follows("officer", asked, "Submit")
    assert done.lines[0] == "Submitted | Leave | 30 November to 4 December | covered by 吴涛"
    assert standing(world, "officer") == [("2026-11-30", "2026-12-04", "colleague")]


def test_the_form(world: World) -> None:
    seen = world.asks("officer", "请假")
    assert "What is the first day of your leave?" in seen.text
    seen = world.follows("officer", seen, "24 November")
    assert "What is the last day of your leave?" in seen.text
    seen = world.follows("officer", seen, "27 November")
    assert "Without a cover, your supervisor hears of what falls due." in seen.text
    seen = world.follows("officer", seen, "Skip")
    seen = world.follows("officer", seen, "Submit")
    assert standing(world, "officer") == [("2026-11-24", "2026-11-27", None)]
    assert [label for row in seen.buttons for label in row][-1] == "Withdraw"
    seen = world.follows("officer", seen, "Covered by 吴涛")
    assert "covered by 吴涛" in seen.text
    assert standing(world, "officer") == [("2026-11-24", "2026-11-27", "colleague")]


def test_the_list_and_withdrawing(world: World) -> None:
    world.asks("officer", "请假11月30日到12月4日，吴涛代")
    world.asks("officer", "请假 12-10")
    seen = world.asks("officer", "/leave")
    assert seen.lines == [
        "Leave that is entered:",
        "Leave | 30 November to 4 December | covered by 吴涛",
        "Leave | 10 December | nobody covers",
    ]
    assert seen.buttons[-1] == ["Enter leave"]
    gone = world.follows("officer", seen, "Withdraw 10 December")
    assert gone.lines == ["Withdrawn: 10 December.", "Told: whoever was told of it before."]
    assert len(standing(world, "officer")) == 1
    with pytest.raises(NotFound):
        world.follows("officer", seen, "Withdraw 10 December")
    assert world.asks("colleague", "/leave").lines[1:] == ["30 November to 4 December | you cover for 李敏"]


def test_a_button_shown_to_somebody_else_does_nothing(world: World) -> None:
    seen = world.asks("officer", "请假11月30日到12月4日，吴涛代")
    with pytest.raises(NotFound):
        world.follows("colleague", seen, "Withdraw")


def test_those_who_oversee_take_leave_without_a_cover(world: World) -> None:
    seen = world.asks("boss", "请假11月30日到12月4日，吴涛代")
    assert seen.lines[1] == "What would come to you goes to the next in line meanwhile."
    assert standing(world, "boss") == [("2026-11-30", "2026-12-04", None)]
    assert seen.buttons == [["Withdraw"]]
    with pytest.raises(Refused):
        world.asks("unit", "请假11-30")


def test_a_name_that_was_typed_is_taken_back_where_names_may_not_be(world: World) -> None:
    def unit(session: Session) -> tuple[bool, bool]:
        coded, full = (world.context(session, "officer", level) for level in (Level.coded, Level.full))
        run(coded, "11-30，吴涛代")
        run(full, "12-10，吴涛代")
        return coded.named_somebody, full.named_somebody

    assert world.do(unit) == (True, False)


def test_on_a_coded_channel_colleagues_are_numbers(world: World) -> None:
    seen = world.asks("officer", "请假11月30日到12月4日", Level.coded)
    assert "吴涛" not in str(seen)
    assert any(label.startswith("Covered by member ") for row in seen.buttons for label in row)


# --- what others are told --------------------------------------------------------------------------------------------


def test_the_cover_and_the_supervisor_learn_what_falls_due(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-27")  # before the leave: still the officer's own
    plan(world, "JA-7K3Q", "2026-12-01")
    plan(world, "JA-7K3Q", "2026-12-07")
    world.asks("officer", "请假11月30日到12月4日，吴涛代")
    cover = told(world, "colleague", "cover")
    assert cover.lines == [
        "李敏 is on leave: 30 November to 4 December. Please act for them meanwhile.",
        "1 task falls due by then.",
        "By 1 December | Heart-to-heart talk | 张明 JA-7K3Q",
        "These tasks are in your morning digest while the leave runs.",
    ]
    assert "张明" not in told(world, "colleague", "cover", Level.coded).text
    boss = told(world, "boss", "leave")
    assert boss.lines == [
        "李敏 is on leave: 30 November to 4 December. 吴涛 covers.",
        "1 task falls due by then.",
    ]
    for level in Level:
        assert told(world, "boss", "leave", level).lines


def test_without_a_cover_the_supervisor_can_give_the_tasks_away(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-12-01")
    world.asks("officer", "请假11月30日到12月4日")
    seen = told(world, "boss", "leave")
    assert seen.lines == [
        "李敏 is on leave: 30 November to 4 December. Nobody covers.",
        "1 task falls due by then.",
        "By 1 December | Heart-to-heart talk | JA-7K3Q",
        "Reminders of them come to you meanwhile. You can give them to somebody else now:",
    ]
    assert seen.buttons == [["Reassign JA-7K3Q"]]


def test_a_notice_of_leave_that_is_over_or_withdrawn_is_not_sent(world: World) -> None:
    seen = world.asks("officer", "请假 11-30")
    world.follows("officer", seen, "Withdraw")

    def unit(session: Session) -> object:
        leave = session.exec(select(Leave)).one()
        return absence.told(world.context(session, "boss"), "leave", leave)

    assert world.do(unit) is None
    assert told(world, "boss", "leave_off").lines == ["李敏 has withdrawn the leave of 30 November."]


# --- in the messages of the ladder -----------------------------------------------------------------------------------


def test_the_covers_morning_says_for_whom(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-23", on="2026-11-19")
    world.now = at("2026-11-22", "20:00")
    world.asks("officer", "请假 11-23至11-27，吴涛代")
    deliver(world, "2026-11-23", "08:30")
    seen = world.asks("colleague", "/today")
    assert "Today | Heart-to-heart talk | 张明 JA-7K3Q | for 李敏" in seen.lines
    assert seen.buttons[0] == ["Record 张明"]
    why = world.asks("colleague", "/why")
    assert "The care officer is on leave until 27 November; 吴涛 covers." in why.lines
    assert "张明 JA-7K3Q" in why.text


def test_why_names_the_leave_and_the_days_that_are_not_held_against_the_officer(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-23", on="2026-11-19")
    world.now = at("2026-11-22", "20:00")
    world.asks("officer", "请假 11-23至11-24")
    deliver(world, "2026-11-23", "14:30")
    seen = world.asks("boss", "/why")
    assert "The care officer was on leave (23 November to 24 November), so it came to you." in seen.lines
    assert "The care officer is on leave until 24 November, and nobody covers." in seen.lines
    deliver(world, "2026-11-25", "09:00")
    seen = world.asks("boss", "/why")
    assert (
        "Not held against the care officer: 23 November to 24 November (leave that nobody covered)."
        in seen.lines
    )
    assert "2 working days overdue" in seen.text
    overdue = world.asks("boss", "/overdue")
    assert "2 working days overdue | of them 1 working day on leave" in overdue.text


@pytest.mark.parametrize(
    ("who", "words"),
    [("colleague", "named you as their cover"), ("boss", "An officer whom you oversee entered leave")],
)
def test_why_of_the_notices_about_leave(world: World, who: str, words: str) -> None:
    world.asks("officer", "请假11月30日到12月4日，吴涛代")
    deliver(world, "2026-11-23", "09:00")
    assert words in world.asks(who, "/why").text


def todays(session: Session, world: World, who: str) -> Seen:
    row = session.exec(select(Outbox).where(Outbox.kind == "today")).one()
    assert row.member_id == world.members[who]
    ctx = world.context(session, who)
    composed = notices.compose(ctx, row, {})
    assert composed is not None
    return Seen.of(ctx, composed.message)


def test_the_supervisor_hears_on_the_day_where_nobody_covers(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-23", on="2026-11-19")
    world.now = at("2026-11-22", "20:00")
    world.asks("officer", "请假 11-23至11-24")
    deliver(world, "2026-11-23", "14:30")
    seen = world.do(lambda s: todays(s, world, "boss"))
    assert seen.lines[0] == "Due today, and nobody is there to make it: please see to the following 1 task."
    assert seen.lines[1].startswith("1. JA-7K3Q | Heart-to-heart talk | Care officer 李敏 | Today")
    assert seen.buttons[0] == ["Reassign this visit", "Grant more time", "Acknowledge"], "nobody to chase"
    assert officer_name(world) == "李敏"


def test_who_has_visits_of_their_own_hears_of_those_that_nobody_makes_as_well(world: World) -> None:
    plan(world, "JA-5M2X", "2026-11-23", on="2026-11-19")
    plan(world, "JA-9P4T", "2026-11-23", on="2026-11-19")
    world.now = at("2026-11-22", "20:00")
    world.asks("colleague", "请假 11-23至11-24")
    deliver(world, "2026-11-23", "08:30")  # their digest, or the notice of the day would be part of it
    deliver(world, "2026-11-23", "14:30")
    seen = world.do(lambda s: todays(s, world, "both"))
    assert seen.lines[0] == "Due today: 1 task has no note yet."
    assert "JA-9P4T" in seen.lines[1]
    assert seen.lines[2].startswith("Due today, and nobody is there to make it")
    assert "JA-5M2X" in seen.lines[3]
    assert {"record", "reassign"} <= set(seen.verbs)


def officer_name(world: World) -> str:
    return world.do(lambda s: s.get_one(Member, world.members["officer"]).name)


def test_the_first_morning_back_says_so(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-24", on="2026-11-19")
    world.asks("officer", "请假 11-23至11-25")

    def digest(day: str) -> list[str]:
        world.now = at(day, "08:30")

        def unit(session: Session) -> list[str]:
            ctx = world.context(session, "officer")
            return Seen.of(ctx, notices.digest_message(ctx, notices.agenda(ctx))).lines

        return world.do(unit)

    first = digest("2026-11-26")
    assert first[1] == "Your leave ended on 25 November; this is what waits."
    assert first[2].endswith("张明 JA-7K3Q | of them 1 working day on leave")
    assert "Your leave ended" not in " ".join(digest("2026-11-27"))
