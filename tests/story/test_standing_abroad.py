"""A case is put on hold from a messenger: what was sent there is changed or taken back, and why stays inside."""

from __future__ import annotations

import json

import pytest

from bot.app import House
from bot.channels.disclosure import Level
from tests.story.words import HOME_VISIT, ON_SQLITE, TALK_TODAY
from tests.telegram_town import telegram_town
from tests.wecom_town import WecomPhone, wecom_town, words

WHY = "另有新情况，先行核实"
QUIET = "✓ 目前不安排回访"


async def hold(office: WecomPhone, case: str) -> None:
    await office.says(f"查询 {case}")
    await office.taps("暂缓", office.finds(case))
    await office.says(WHY)
    await office.taps("提交", office.finds("核对"))
    assert "已提交" in words(office.finds("已提交"))


@pytest.mark.parametrize("level", [Level.full, Level.coded])
async def test_on_wecom_a_card_goes_grey_and_a_text_is_recalled(house: House, level: Level) -> None:
    async with wecom_town(house, level) as county:
        officer, supervisor = await county.bound("care_officer"), await county.bound("supervisor")
        office = await county.bound("commission_staff")
        await county.town.later(to="2026-11-25T09:00")
        morning, alert = officer.finds("早上好"), supervisor.finds("督促")
        assert HOME_VISIT in words(alert)
        for case in (HOME_VISIT, TALK_TODAY):
            await hold(office, case)
        await officer.settled()

        # A card that can be changed is; what cannot is taken back, and said anew
        settled = supervisor.finds("已办")
        assert settled.greyed == "已更新"
        assert words(settled).count(QUIET) == 2
        for old in (morning, alert):
            assert old.recalled or QUIET in words(old), words(old)
        open_buttons = [label for one in officer.chat for label in one.labels if label.startswith("记录")]
        assert not any(name in label for label in open_buttons for name in (HOME_VISIT, TALK_TODAY, "王芳"))

        # Why, is told to the office at the most
        sent = [call.payload for call in county.fake.calls]
        told = [payload for payload in sent if WHY in json.dumps(payload, ensure_ascii=False)]
        assert {payload["touser"] for payload in told} == (
            {office.user.userid.lower()} if level is Level.full else set()
        )
        for problems in (county.fake.dropped, county.fake.truncated, county.fake.problems):
            assert problems == []


@ON_SQLITE
async def test_on_telegram_the_message_is_edited(house: House) -> None:
    async with telegram_town(house, "polling", Level.coded) as county:
        officer, supervisor = await county.bound("care_officer"), await county.bound("supervisor")
        office = await county.bound("commission_staff")
        await county.town.later(to="2026-11-25T09:00")
        morning, alert = officer.finds("早上好"), supervisor.finds("督促")
        await office.says(f"查询 {HOME_VISIT}")
        await office.taps("归档", office.finds(HOME_VISIT))
        await office.says(WHY)
        await office.taps("提交")
        await officer.settled()
        for phone, old in ((officer, morning), (supervisor, alert)):
            now = phone.again(old)
            assert now.edited
            assert f"{QUIET}｜廉政家访｜{HOME_VISIT}" in now.text
        assert "催办 JA-5M2X" not in supervisor.again(alert).labels
        assert f"{HOME_VISIT}：目前不安排回访" in officer.last.text
        card = await office.says(f"查询 {HOME_VISIT}")
        assert "11月25日归档｜经办人 " in card.text
        chats = [seen.text for phone in (officer, supervisor, office) for seen in phone.user.told]
        assert not any(WHY in text for text in chats)
