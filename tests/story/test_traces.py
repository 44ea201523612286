"""Little is left in a chat: what was said in a form goes when the form is over, however that came about."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select, update

from bot import errands
from bot.app import House
from bot.channels.base import Incoming
from bot.channels.disclosure import Level
from casework import leave, people
from reminders import outbox, taking_back
from storage.clock import lease_now
from storage.queries.access import actor_of
from storage.tables.mail import IN_HAND, Outbox, OutboxState
from storage.tables.members import Address, Member
from tests.chat import labels
from tests.fakes.telegram import Seen
from tests.story.words import CHINESE, ON_SQLITE, OVERDUE_CASE
from tests.telegram_town import TelegramPhone, TelegramTown, telegram_town
from tests.wecom_town import WecomTown, member_of, wecom_town, words

DAY = 86_400
AT_COST = "他说不想活了，已劝慰"
LEVELS = pytest.mark.parametrize("level", [Level.full, Level.coded])


@pytest.fixture
def level() -> Level:
    return Level.coded


@pytest.fixture
async def county(house: House, level: Level) -> AsyncIterator[TelegramTown]:
    async with telegram_town(house, "polling", level) as town:
        yield town


async def begun(county: TelegramTown) -> tuple[TelegramPhone, Seen]:
    """An officer at the first question of a note."""
    officer = await county.bound("care_officer")
    await county.town.later(to="2026-11-24T08:30")
    digest = officer.finds("早上好")
    label = next(one for one in digest.labels if one.startswith("记录"))
    return officer, await officer.taps(label, digest)


async def to_the_recap(officer: TelegramPhone, asked: Seen, thought: str = "") -> Seen:
    for step in CHINESE.steps:
        asked = await (officer.taps(step, asked) if step else officer.says(thought or CHINESE.thought))
    return asked


def chat(phone: TelegramPhone) -> str:
    return "\n".join(seen.text for seen in phone.user.chat)


async def removals(house: House) -> list[Outbox]:
    query = select(Outbox).where(Outbox.kind == taking_back.KIND).order_by(col(Outbox.id))
    return await house.lane.read(lambda session: list(session.exec(query).all()))


# --- however it ends -------------------------------------------------------------------------------------------------


async def test_a_form_that_was_dropped_leaves_nothing(county: TelegramTown) -> None:
    officer, asked = await begun(county)
    await officer.taps("今天", asked)
    assert "第3步" in chat(officer) or "第2步" in chat(officer)
    await county.town.later(to="2026-12-25T10:00")
    assert "清除" in chat(officer)  # the warning is no part of the form
    assert "步，共" not in "\n".join(seen.text for seen in officer.user.chat if "清除" not in seen.text)


async def test_whoever_is_suspended_keeps_nothing_either(county: TelegramTown) -> None:
    officer, asked = await begun(county)
    await officer.taps("今天", asked)

    def unit(session: Session) -> None:
        address = session.exec(select(Address).where(Address.channel == "telegram")).one()
        people.suspend(session, address.member_id, now=county.house.clock.now())

    await county.house.lane.run(unit)
    await county.town.later(to="2026-12-28T10:00")
    assert "步，共" not in chat(officer)


@LEVELS
async def test_where_a_question_shows_answers_it_goes_in_time(county: TelegramTown, level: Level) -> None:
    """Nothing was typed. At `coded` a question says nothing of anybody, and waits as long as the form."""
    officer, asked = await begun(county)
    await officer.taps("今天", asked)
    await county.town.later(to="2026-11-26T09:00")
    assert ("步，共" in chat(officer)) == (level is Level.coded)
    if level is Level.full:
        assert "步，共" in (await officer.taps("继续", await officer.says("记录"))).text


@ON_SQLITE
@pytest.mark.parametrize("level", [Level.full])
async def test_a_question_that_was_ticked_since_stays_where_it_waits(county: TelegramTown) -> None:
    """It was asked long ago, and what was ticked in it stands in the same message: as old as the last tick."""
    officer, asked = await begun(county)
    for step in CHINESE.steps[:-1]:
        asked = await (officer.taps(step, asked) if step else officer.says(CHINESE.thought))
    await county.town.later(to="2026-11-25T12:00")
    await officer.taps("工作表现", asked)
    assert "✓ 工作表现" in officer.again(asked).labels
    await county.town.later(to="2026-11-25T21:00")
    (question,) = [seen for seen in officer.user.chat if "步，共" in seen.text]
    assert (question.id, "✓ 工作表现" in question.labels) == (asked.id, True)
    assert CHINESE.thought not in chat(officer), "what is older is gone"
    assert "步，共" in (await officer.taps("完成", question)).text, "it is answered where it stands"
    await county.town.later(to="2026-11-28T09:00")
    assert "步，共" not in chat(officer)


async def test_where_nothing_was_said_nothing_is_taken_back(county: TelegramTown) -> None:
    """Somebody who has only the browser: no row for a chat that they do not have, and no dead letter."""
    person = await county.town.one("care_officer")
    await county.town.later(to="2026-11-24T08:30")
    asked = await person.taps("记录", await person.finds("早上好"))
    for step in CHINESE.steps:
        asked = await (person.taps(step, asked) if step else person.says(CHINESE.thought))
    assert CHINESE.recorded in (await person.taps("提交", asked))["text"]
    assert await removals(county.house) == []


async def test_begun_on_telegram_and_ended_in_the_browser(county: TelegramTown) -> None:
    """The draft is the person's, not the chat's; what the first chat shows of it goes all the same."""
    officer, asked = await begun(county)
    await officer.taps("今天", asked)
    await officer.says("会议室")
    person = await county.town.one("care_officer")
    at = await person.taps("继续", await person.says("记录"))
    for step in CHINESE.steps[2:]:
        at = await (person.taps(step, at) if step else person.says(CHINESE.thought))
    assert CHINESE.recorded in (await person.taps("提交", at))["text"]
    await officer.settled()
    assert "步，共" not in chat(officer)
    assert "会议室" not in chat(officer)


async def test_a_question_that_is_on_its_way_as_the_form_ends_goes_too(
    county: TelegramTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as nobody knows what the vendor calls it, nothing can take it back: that waits for it."""
    pause = timedelta(seconds=0.3)
    monkeypatch.setattr(errands, "SOON", pause)
    officer, asked = await begun(county)
    await officer.taps("今天", asked)
    house, said = county.house, Incoming("telegram", str(officer.user.id), "slow", text="会议室")
    on_its_way = await house.conversation.taken(said, now=house.clock.now())
    person = await county.town.one("care_officer")
    at = await person.taps("取消", await person.taps("继续", await person.says("记录")))
    await person.taps(labels(at)[-1], at)
    await officer.settled()
    (row,) = [row for row in await removals(house) if row.due_at <= house.clock.now()]
    assert row.state is OutboxState.todo
    await house.office.deliver(on_its_way)
    assert "步，共" in chat(officer)
    await asyncio.sleep(pause.total_seconds())
    await officer.settled()
    assert "步，共" not in chat(officer)


@pytest.mark.parametrize(
    ("what", "waits"), [({"draft": 7}, True), ({"draft": 8}, False), ({"receipts": ["1"]}, False)]
)
async def test_only_what_was_said_in_a_form_waits_for_its_own_question(
    house: House, what: dict[str, Any], waits: bool
) -> None:
    now, real_now = house.clock.now(), lease_now()
    whose: dict[str, Any] = {"now": now, "county_id": 1, "member_id": 1, "channel": "telegram"}
    leased: dict[str, Any] = {"owner": "one", "lease_until": real_now, "state": OutboxState.sending}

    def unit(session: Session) -> bool:
        answers = [
            outbox.row("reply", **whose, **leased) | {"ended": IN_HAND, "about": about} for about in (7, None)
        ]
        removal = outbox.row(taking_back.KIND, payload=what, **whose, **leased)
        outbox.put(session, [*answers, removal])
        row = session.get_one(Outbox, removal["id"])
        return errands.waits_for_answers(session, row, real_now=real_now)

    assert await house.lane.run(unit) == waits


async def test_what_was_said_in_a_draft_that_a_colleague_took_goes(county: TelegramTown) -> None:
    """The colleague has the browser, and the form goes on there."""
    officer, asked = await begun(county)
    await officer.taps("今天", asked)
    await officer.says("会议室")
    cover = await county.town.one("care_officer", 1)

    def away(session: Session) -> None:
        now = county.house.clock.now()
        mine = session.exec(select(Address).where(Address.channel == "telegram")).one().member_id
        actor = actor_of(session, session.get_one(Member, mine), "zh_CN")
        leave.take(session, actor, now.date(), now.date(), member_of(session, cover.id), now=now)

    await county.house.lane.run(away)
    await officer.taps("转交草稿", await officer.says("记录"))
    await officer.taps(next(one for one in officer.last.labels if one != "继续填写"))
    assert "步，共" in chat(officer)
    await county.town.later(to="2026-11-24T10:00")
    await cover.taps("接收", await cover.finds("接着填完"))
    await officer.settled()
    assert "步，共" not in chat(officer)
    assert "会议室" not in chat(officer)


# --- what the vendor keeps -------------------------------------------------------------------------------------------


async def test_what_is_too_old_to_be_deleted_says_no_more_than_one_word(county: TelegramTown) -> None:
    officer, asked = await begun(county)
    asked = await officer.taps("今天", asked)
    asked = await officer.says("会议室")
    county.fake.world.clock = lambda: time.time() + 3 * DAY  # nobody could clear it: the program stood still
    asked = await officer.says(CHINESE.thought)
    for step in CHINESE.steps[3:]:
        asked = await officer.taps(step, asked)
    answer = await officer.taps("提交", asked)
    await officer.settled()
    left = [seen.text for seen in officer.user.chat]
    assert "步，共" not in "\n".join(left)
    assert CHINESE.thought not in left
    assert left.count("已记录") == 3  # the questions of three days ago
    assert "会议室" in left  # theirs, and Telegram lets nobody take it back any more
    assert [seen.labels for seen in officer.user.chat if seen.text == "已记录"] == [[], [], []]
    assert left[-1] == answer.text
    (row,) = [row for row in await removals(county.house) if row.state is OutboxState.sent]
    assert row.error is None


async def test_what_somebody_deleted_themselves_is_no_trouble(county: TelegramTown) -> None:
    officer, asked = await begun(county)
    asked = await officer.taps("今天", asked)
    county.fake.world.clock = lambda: time.time() + 3 * DAY
    county.fake.world.chats[officer.user.id].messages.pop(asked.id)
    asked = await officer.taps("取消", await officer.taps("继续", await officer.says("记录")))
    await officer.taps(asked.labels[-1], asked)
    await officer.settled()
    assert "步，共" not in chat(officer)


@LEVELS
async def test_the_emergency_numbers_stay_where_the_chat_may_know_why(
    county: TelegramTown, level: Level
) -> None:
    """At `coded` they would tell, beside what was recorded, what was said in it."""
    officer, asked = await begun(county)
    recap = await to_the_recap(officer, asked, AT_COST)
    assert "12356" in chat(officer)
    await officer.taps("提交", recap)
    await officer.settled()
    assert AT_COST not in chat(officer)
    assert "步，共" not in chat(officer)
    assert ("12356" in chat(officer)) == (level is Level.full)


async def test_the_emergency_numbers_outside_a_form_stay(county: TelegramTown) -> None:
    officer = await county.bound("care_officer")
    await officer.says(AT_COST)
    await officer.says("今日")
    assert "12356" in chat(officer)


# --- in no hurry, and never lost -------------------------------------------------------------------------------------


async def test_it_is_tried_again_and_nothing_waits_for_it(county: TelegramTown) -> None:
    officer, asked = await begun(county)
    recap = await to_the_recap(officer, asked)
    fault = county.fake.faults.server_error(method="deleteMessages", times=None)
    await officer.taps("提交", recap)
    assert "步，共" in chat(officer)
    assert OVERDUE_CASE in (await officer.says("本周")).text or "本周" in officer.last.text
    assert fault.hits
    county.fake.faults.clear(fault)
    await _leases_run_out(county.house)
    await officer.settled()
    assert "步，共" not in chat(officer)
    assert CHINESE.thought not in chat(officer)


async def test_whoever_died_over_it_is_stood_in_for(county: TelegramTown) -> None:
    """Claimed by a process that is gone, once before and once after it called: it ends the same."""
    officer, asked = await begun(county)
    recap = await to_the_recap(officer, asked)
    hangs = county.fake.faults.server_error(method="deleteMessages", after_acting=True)
    await officer.taps("提交", recap)
    assert hangs.hits == 1

    def dead(session: Session) -> None:
        session.execute(
            update(Outbox)
            .where(col(Outbox.kind) == taking_back.KIND, col(Outbox.state) == OutboxState.todo)
            .values(state=OutboxState.sending, owner="gone", lease_until=lease_now() - timedelta(seconds=1))
        )

    await county.house.lane.run(dead)
    await officer.settled()
    assert "步，共" not in chat(officer)
    rows = await removals(county.house)
    assert {row.state for row in rows if row.due_at <= county.house.clock.now()} == {OutboxState.sent}
    assert all(row.unanswered == 0 for row in rows)


async def _leases_run_out(house: House) -> None:
    def unit(session: Session) -> None:
        session.execute(update(Outbox).where(col(Outbox.state) == OutboxState.todo).values(lease_until=None))

    await house.lane.run(unit)


async def test_a_chat_that_is_gone_is_no_dead_letter(county: TelegramTown) -> None:
    officer, asked = await begun(county)
    await officer.taps("今天", asked)
    await officer.user.blocks()
    await county.town.later(to="2026-12-28T10:00")
    await county.house.office.settled()
    assert OutboxState.dead not in {row.state for row in await removals(county.house)}


# --- WeCom -----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def abroad(house: House, level: Level) -> AsyncIterator[WecomTown]:
    async with wecom_town(house, level) as town:
        yield town


async def test_on_wecom_a_form_that_was_dropped_is_recalled(abroad: WecomTown) -> None:
    officer = await abroad.bound("care_officer")
    await abroad.town.later(to="2026-11-24T08:30")
    await officer.taps(f"记录 {OVERDUE_CASE}", officer.finds("早上好"))
    questions = [message for message in officer.chat if "步，共" in words(message)]
    assert questions
    await officer.says("今天")
    await abroad.town.later(to="2026-12-28T10:00")
    left = [message for message in officer.chat if "步，共" in words(message)]
    assert all("清除" in words(message) for message in left)  # the warning is no part of the form


async def test_on_wecom_the_emergency_numbers_go_with_their_form(abroad: WecomTown) -> None:
    officer = await abroad.bound("care_officer")
    await abroad.town.later(to="2026-11-24T08:30")
    await officer.taps(f"记录 {OVERDUE_CASE}", officer.finds("早上好"))
    await officer.says("今天")
    await officer.says("会议室")
    await officer.says(AT_COST)
    assert "12356" in words(officer.finds("12356"))
    await officer.says("取消")
    await officer.says("是")
    await officer.settled()
    assert not [message for message in officer.chat if "步，共" in words(message)]
    assert not [message for message in officer.chat if "12356" in words(message)]
