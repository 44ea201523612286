"""On Telegram and on WeCom, where names may not be told: a draft goes to a colleague, the person has their word."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from bot.app import House
from bot.channels.disclosure import Level
from casework import leave
from storage.queries.access import actor_of
from tests.chat import Phone, Town
from tests.story.test_own_word import NONE, THOUGHT, TRUE, noted
from tests.story.test_own_word import words as said_by_them
from tests.story.test_sharing import GIVE, TAKE, member_of
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.telegram_town import telegram_town
from tests.wecom_town import labels, wecom_town, words

STEPS = ("今天", "本人办公室", "话不多。")
SECRET = ("张明", "话不多", THOUGHT, "情绪波动")


async def on_leave(town: Town, officer: Phone, cover: Phone) -> None:
    def away(session: Session) -> None:
        now = town.house.clock.now()
        actor = actor_of(session, member_of(session, officer), "zh_CN")
        leave.take(session, actor, now.date(), now.date(), member_of(session, cover).id, now=now)

    await town.house.lane.run(away)


def names_nothing(*texts: str) -> None:
    assert not [(text, word) for text in texts for word in SECRET if word in text]


async def test_a_draft_on_telegram(house: House) -> None:
    async with telegram_town(house, "polling", Level.coded) as county:
        people = [await county.town.one("care_officer", n) for n in (0, 1)]
        officer, cover = [await county.bound("care_officer", n) for n in (0, 1)]
        await officer.says(f"/case {OVERDUE_CASE}")
        await officer.taps(f"记录 {OVERDUE_CASE}")
        for step in STEPS[:2]:
            await officer.taps(step)
        await officer.says(STEPS[2])
        await on_leave(county.town, *people)
        await officer.taps(GIVE, await officer.says("记录"))
        assert "待对方接收" in (await officer.taps(officer.last.labels[0])).text
        await county.town.later(to="2026-11-23T10:00")
        await cover.settled()
        card = cover.finds("接着填完")
        assert OVERDUE_CASE in card.text
        assert "第4步" in (await cover.taps(TAKE, card)).text
        await officer.settled()
        names_nothing(card.text, cover.last.text, officer.finds("已接收您转交的草稿").text)


@ON_SQLITE
async def test_a_draft_on_wecom(house: House) -> None:
    async with wecom_town(house, Level.coded) as county:
        people = [await county.town.one("care_officer", n) for n in (0, 1)]
        officer, cover = [await county.bound("care_officer", n) for n in (0, 1)]
        await officer.says(f"查询 {OVERDUE_CASE}")
        await officer.taps(f"记录 {OVERDUE_CASE}")
        for step in STEPS:
            await officer.says(step)
        await on_leave(county.town, *people)
        await officer.taps(GIVE, await officer.says("记录"))
        asked = words(officer.last)
        await officer.taps(labels(officer.last)[0])
        assert "待对方接收" in words(officer.last), asked
        await county.town.later(to="2026-11-23T10:00")
        await cover.settled()
        card = cover.finds("接着填完")
        assert OVERDUE_CASE in words(card)
        await cover.taps(TAKE, card)
        assert "第4步" in words(cover.last)
        names_nothing(words(card), words(cover.last))


@ON_SQLITE
@pytest.mark.parametrize(
    ("language", "yes", "thanks", "kind"),
    [("", TRUE, "谢谢", "谈心谈话"), ("en", "It took place", "Thank you", "Heart-to-heart talk")],
)
async def test_the_persons_word_on_telegram(
    house: House, language: str, yes: str, thanks: str, kind: str
) -> None:
    async with telegram_town(house, "polling", Level.coded) as county:
        await noted(county.town)
        person = await county.bound("subject")
        if language:
            await person.says(f"/language {language}")
        mine = await person.says("/my")
        assert kind in mine.text
        names_nothing(mine.text, *mine.labels)
        assert thanks in (await person.taps(yes, mine)).text
        (word,) = await county.house.lane.read(said_by_them)
        assert word.state == "confirmed"


@ON_SQLITE
async def test_the_persons_word_on_wecom(house: House) -> None:
    async with wecom_town(house, Level.coded) as county:
        await noted(county.town)
        person = await county.bound("subject")
        mine = await person.says("我的")
        names_nothing(words(mine))
        await person.taps(NONE, mine)
        await person.taps("没有这次见面")
        assert "办公室" in words(person.last)
        (word,) = await county.house.lane.read(said_by_them)
        assert word.state == "refused"


@ON_SQLITE
async def test_the_persons_word_in_english_and_at_notice(town: Town) -> None:
    person, _, _ = await noted(town)
    await person.in_language("en")
    levels = dict(town.house.office.levels)
    town.house.office.levels = {**levels, "sandbox": Level.notice}
    mine = await person.says("/my")
    assert "talk" not in mine["text"]
    names_nothing(mine["text"])
    town.house.office.levels = levels
    mine = await person.says("/my")
    asked = await person.taps("No such", mine)
    assert "rating" in asked["text"]
    assert "office" in (await person.taps("There was no such meeting", asked))["text"]
