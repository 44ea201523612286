"""What nobody could make use of leaves the chat as well; and a level that hides buttons says where they are."""

from __future__ import annotations

from bot.app import House
from bot.channels.disclosure import Level
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.telegram_town import telegram_town

CONTACT = {"contact": {"phone_number": "13800000000", "first_name": "张明"}}
VIDEO = {"video": {"file_id": "v", "file_unique_id": "v", "width": 1, "height": 1, "duration": 1}}


@ON_SQLITE
async def test_at_coded_what_cannot_be_read_is_taken_back(house: House) -> None:
    async with telegram_town(house, "polling", Level.coded) as county:
        officer = await county.bound("care_officer")
        await officer.says("今日")
        mine = [seen for seen in officer.user.chat if not seen.from_bot]
        for extra in (CONTACT, VIDEO):
            officer.user._send(extra=extra)
            await officer.settled()
        await officer.user.edits(mine[-1], "张明情绪低落")
        await officer.settled()
        left = [seen.id for seen in officer.user.chat if not seen.from_bot]
        assert left == [seen.id for seen in mine[:-1]]


@ON_SQLITE
async def test_a_text_that_is_too_long_goes_with_its_form(house: House) -> None:
    async with telegram_town(house, "polling", Level.coded) as county:
        officer = await county.bound("care_officer")
        await county.town.later(to="2026-11-24T08:30")
        await officer.taps(f"记录 {OVERDUE_CASE}", officer.finds("早上好"))
        long = "不想活了" + "情" * 4000
        answer = await officer.says(long)
        assert "过长" in answer.text
        assert not any("照常" in seen.text for seen in officer.user.told)
        assert any(seen.text == long for seen in officer.user.chat), "it is still to be shortened"
        await officer.says("取消")
        await officer.settled()
        assert not any(seen.text == long for seen in officer.user.chat)


@ON_SQLITE
async def test_where_buttons_may_not_be_shown_it_says_so(house: House) -> None:
    async with telegram_town(house, "webhook", Level.notice) as county:
        officer = await county.bound("care_officer")
        await county.town.later(to="2026-11-24T08:30")
        assert "网页" in (await officer.says("待办")).text
        assert "本人页面" in (await officer.says("安全风险")).text


@ON_SQLITE
async def test_whom_a_text_names_that_was_not_understood_is_taken_back(house: House) -> None:
    async with telegram_town(house, "polling", Level.coded) as county:
        staff, officer = await county.bound("commission_staff"), await county.bound("care_officer")
        unit = await county.bound("unit_party_org")
        for phone, said in (
            (staff, "时间线 张明"),
            (staff, "综合研判 张明"),
            (staff, "统计 张明"),
            (officer, "请假 王强"),
            (officer, "时段 王强"),
            (unit, "查询 张明"),
        ):
            answer = await phone.says(said)
            await phone.settled()
            assert said not in [seen.text for seen in phone.user.chat], said
            assert "不在本渠道显示" not in answer.text, "what is wrong with it is said all the same"
        officer.finds("这条内容未能识别。可以这样输入：请假8–12号，老张代")


@ON_SQLITE
async def test_at_coded_the_numbers_are_told_before_anybody_is_woken(house: House) -> None:
    async with telegram_town(house, "polling", Level.coded) as county:
        officer = await county.bound("care_officer")
        asked = await officer.says(f"安全风险 {OVERDUE_CASE}")
        assert "紧急情况请先拨打110、120。" in asked.text
        assert "不在本渠道显示" not in asked.text
