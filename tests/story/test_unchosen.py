"""A list that was sent with nothing chosen: it is asked again, and nothing was said that would have to go."""

from __future__ import annotations

from sqlmodel import select

from bot.app import House
from bot.channels.base import Incoming, Sign
from bot.channels.disclosure import Level
from reminders import taking_back
from storage.tables.mail import Outbox
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.telegram_town import telegram_town


@ON_SQLITE
async def test_nothing_chosen_is_nothing_said(house: House) -> None:
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        await officer.taps(f"记录 {OVERDUE_CASE}", await officer.says("今日"))
        sent = Incoming("telegram", str(officer.user.id), "1.unchosen", sign=Sign.unchosen)
        await county.house.conversation.handle(sent)
        await officer.settled()
        assert "请先选择" in officer.last.text
        assert "继续填写" in officer.last.labels
        rows = await county.house.lane.read(lambda session: list(session.exec(select(Outbox.kind))))
        assert taking_back.KIND not in rows
