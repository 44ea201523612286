"""A text too long for one message arrives in parts: what is left over passes for no answer."""

from __future__ import annotations

import pytest

from bot.app import House
from bot.channels.base import Incoming
from bot.channels.disclosure import Level
from bot.conversation import Conversation
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.telegram_town import TelegramPhone, telegram_town


async def at_text(officer: TelegramPhone) -> str:
    asked = await officer.taps(f"记录 {OVERDUE_CASE}", await officer.says("今日"))
    for step in ("今天", "本人办公室"):
        asked = await officer.taps(step, asked)
    return asked.text


@ON_SQLITE
@pytest.mark.parametrize("parts", [(4096, 60), (2500, 60), (4096, 4096, 60)], ids=["limit", "line", "three"])
async def test_the_rest_of_a_long_text_is_no_answer(house: House, parts: tuple[int, ...]) -> None:
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        assert "第3步" in await at_text(officer)
        for length in parts:
            await officer.user.says("谈" * length)
        await officer.settled()
        assert "属于上一条过长的消息，同样未保存" in officer.last.text
        assert "第3步" in (await officer.taps("继续填写")).text
        await county.town.later(advance="PT3S")
        assert "第4步" in (await officer.says("思想稳定，工作正常。")).text


async def test_the_rest_may_reach_another_process(house: House) -> None:
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        await at_text(officer)
        await officer.says("谈" * 2500)
        here = county.house
        other = Conversation(here.lane, here.clock, here.office)
        rest = Incoming("telegram", str(officer.user.id), "another", text="谈" * 60, receipt="1")
        await other.handle(rest)
        await officer.settled()
        assert "属于上一条过长的消息，同样未保存" in officer.last.text
        assert "第3步" in (await officer.taps("继续填写")).text
        assert "第4步" in (await officer.says("思想稳定，工作正常。")).text


@ON_SQLITE
async def test_what_comes_later_or_after_a_tap_is_an_answer(house: House) -> None:
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        await at_text(officer)
        refused = await officer.says("谈" * 4096)
        await officer.taps("继续填写", refused)
        assert "第4步" in (await officer.says("思想稳定。")).text
