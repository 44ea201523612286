"""A form left lying, on Telegram and on WeCom: a day before it is dropped it is offered once more, then it is gone."""

from __future__ import annotations

import pytest

from bot.app import House
from bot.channels.disclosure import Level
from tests.story.words import OVERDUE_CASE
from tests.telegram_town import telegram_town
from tests.wecom_town import labels, wecom_town, words

STEPS = ("今天", "本人办公室")
SAID = "话不多，愿意谈家里的事。"
BOTH_LEVELS = pytest.mark.parametrize("level", [Level.full, Level.coded], ids=["full", "coded"])
ON_SQLITE = pytest.mark.parametrize("house", ["sqlite"], indirect=True)
BEFORE, DAY, GONE = "2026-12-22T08:50", "2026-12-22T09:10", "2026-12-23T13:00"


def record_of(level: Level) -> str:
    return "记录 张明" if level is Level.full else f"记录 {OVERDUE_CASE}"


def tells(text: str, level: Level) -> None:
    assert OVERDUE_CASE in text
    assert "将于12月23日清除" in text
    assert ("张明" in text) is (level is Level.full)
    assert SAID not in text


@BOTH_LEVELS
async def test_on_telegram(house: House, level: Level) -> None:
    async with telegram_town(house, "polling", level) as county:
        officer = await county.bound("care_officer")
        await officer.taps(record_of(level), await officer.says(f"查询 {OVERDUE_CASE}"))
        for step in STEPS:
            await officer.taps(step)
        await officer.says(SAID)
        await county.town.later(to=BEFORE)
        await officer.settled()
        assert not [seen for seen in officer.user.told if "清除" in seen.text]
        await county.town.later(to=DAY)
        await officer.settled()
        (warning,) = [seen for seen in officer.user.told if "清除" in seen.text]
        tells(warning.text, level)
        assert warning.labels == ["继续", "取消"]
        await county.town.later(to=GONE)
        await officer.settled()
        assert len([seen for seen in officer.user.told if "清除" in seen.text]) <= 1
        assert "已提交或已取消" in (await officer.taps("继续", warning)).text
        asked = await officer.taps(record_of(level), await officer.says(f"查询 {OVERDUE_CASE}"))
        assert "第1步" in asked.text, "it begins anew"


@ON_SQLITE
@pytest.mark.parametrize("level", [Level.coded], ids=["coded"])
async def test_whoever_goes_on_in_time_keeps_it_on_telegram(house: House, level: Level) -> None:
    async with telegram_town(house, "webhook", level) as county:
        officer = await county.bound("care_officer")
        await officer.taps(record_of(level), await officer.says(f"查询 {OVERDUE_CASE}"))
        for step in STEPS:
            await officer.taps(step)
        await county.town.later(to=DAY)
        await officer.settled()
        asked = await officer.taps("继续", officer.finds("清除"))
        assert "第3步" in asked.text
        assert "第4步" in (await officer.says(SAID)).text
        await county.town.later(to="2026-12-30T10:00")
        await officer.settled()
        assert "第4步" in (await officer.says("继续")).text


@ON_SQLITE
@BOTH_LEVELS
async def test_on_wecom(house: House, level: Level) -> None:
    async with wecom_town(house, level) as county:
        officer = await county.bound("care_officer")
        await officer.says(f"查询 {OVERDUE_CASE}")
        await officer.taps(record_of(level))
        for step in (*STEPS, SAID):
            await officer.says(step)
        await county.town.later(to=DAY)
        await officer.settled()
        warning = officer.finds("清除")
        tells(words(warning), level)
        assert labels(warning) == ["继续", "取消"]
        await county.town.later(to=GONE)
        await officer.settled()
        await officer.taps("继续", warning)
        assert "已提交或已取消" in words(officer.last)
