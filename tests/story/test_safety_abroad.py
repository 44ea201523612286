"""A safety call on Telegram and on WeCom: at `coded` it names nothing, and the record settles every card of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.app import House
from bot.channels.disclosure import Level
from tests.fakes.telegram import Seen
from tests.fakes.wecom import Message
from tests.story.acts import walk
from tests.story.test_safety import NIGHT, SHOWING, SPOKEN, WORRY
from tests.story.words import OVERDUE_CASE
from tests.telegram_town import TelegramPhone, TelegramTown, telegram_town
from tests.wecom_town import WecomTown, labels, wecom_town, words

LATER = "2026-11-29T00:30"
NAMES = ("张明", "李敏")


@pytest.fixture
async def telegram(house: House) -> AsyncIterator[TelegramTown]:
    async with telegram_town(house, "polling", Level.coded) as county:
        yield county


@pytest.fixture
async def wecom(house: House) -> AsyncIterator[WecomTown]:
    async with wecom_town(house, Level.coded) as county:
        yield county


async def worried(county: TelegramTown | WecomTown) -> None:
    """The officer hands in a note with a worry, in the browser, late on a day off."""
    await county.town.later(to=NIGHT)
    officer = await county.town.one("care_officer")
    form = await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    await walk(officer, form, *WORRY, "提交")
    await county.house.office.settled()


def names_nothing(text: str) -> None:
    assert not any(word in text for word in (*SHOWING, *NAMES)), text


def alerts(phone: TelegramPhone) -> list[Seen]:
    """What has a button of the call, or had one."""
    return [seen for seen in phone.user.told if "已联系本人" in seen.text or "已联系本人" in seen.labels]


async def test_on_telegram(telegram: TelegramTown) -> None:
    office, supervisor = await telegram.bound("commission_staff"), await telegram.bound("supervisor")
    await worried(telegram)
    (first,) = alerts(supervisor)
    assert first.text.startswith(f"有一项需要立即联系的事项：档案{OVERDUE_CASE}")
    assert first.labels == ["已联系本人", "我来联系"]
    own = await office.taps("我来联系", alerts(office)[-1])
    assert own.labels == ["已联系本人"]
    (_, taken) = alerts(supervisor)
    assert "正在与该同志联系" in taken.text
    assert taken.labels == ["已联系本人"]
    await telegram.town.later(to=LATER)
    assert len(alerts(supervisor)) == 2, "it climbs on after the rest, and one is current"
    now = supervisor.again(first)
    assert (now.text, now.labels) == (f"{OVERDUE_CASE}：已再次提醒，请看最新一条消息。", [])
    newest = alerts(supervisor)[-1]
    assert "已提醒您2次" in newest.text
    await supervisor.taps("已联系本人", taken)
    for step in SPOKEN:
        await supervisor.taps(step)
    assert "已提交" in supervisor.last.text
    await office.settled()
    for phone in (office, supervisor):
        for seen in phone.user.told:
            if "已联系" in seen.text or "正在与该同志联系" in seen.text:
                names_nothing(seen.text)
    for old in (newest, taken):
        now = supervisor.again(old)
        assert now.text.startswith("✓ 已联系本人 00:30")
        assert now.labels == []
    assert office.again(own).text.startswith("✓ 已联系本人 00:30")
    assert office.again(own).labels == []


async def test_on_wecom(wecom: WecomTown) -> None:
    office, supervisor = await wecom.bound("commission_staff"), await wecom.bound("supervisor")
    await worried(wecom)
    first = supervisor.finds("有一项需要立即联系的事项")
    assert OVERDUE_CASE in words(first)
    assert labels(first) == ["已联系本人", "我来联系"]
    own = await office.taps("我来联系", office.finds("有一项需要立即联系的事项"))
    assert "已登记由您联系" in words(own)
    assert labels(own) == ["已联系本人"]
    taken = supervisor.finds("正在与该同志联系")
    assert labels(taken) == ["已联系本人"]
    await wecom.town.later(to=LATER)
    await supervisor.taps("已联系本人", taken)
    for step in SPOKEN:
        await supervisor.taps(step)
    for phone in (office, supervisor):
        await phone.settled()
        for message in phone.chat:
            names_nothing(words(message))
            settled_or_over(message)
    assert words(own).startswith("✓ 已联系本人")
    assert labels(own) == []


def settled_or_over(message: Message) -> None:
    """No card that told of it asks any more for what was done, the answer to one's own tap among them."""
    assert "已登记由您联系" not in words(message)
    if "有一项需要立即" in words(message) or "正在与该同志联系" in words(message):
        assert labels(message) == []
