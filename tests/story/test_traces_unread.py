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
        asked = await officer.says("安全风险")
        assert not asked.labels, "whom to choose from are cases"
        assert "网页" in asked.text
