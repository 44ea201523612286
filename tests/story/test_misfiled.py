"""A note in the wrong case, in chat: moved by its author, voided by the office; and what others see of it."""

from __future__ import annotations

import pytest

from bot.app import House
from bot.channels.disclosure import Level
from tests.chat import Phone, Town, labels
from tests.story.acts import walk, whole_chat
from tests.story.words import CHINESE, ENGLISH, HOME_VISIT, OVERDUE_CASE, Words
from tests.telegram_town import telegram_town

BOTH_LANGUAGES = pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh_CN", "en"])
SEE = {"zh_CN": "查看或更正", "en": "See or amend"}
VOID = {"zh_CN": "作废或转入", "en": "Void or refile"}
MOVE = {"zh_CN": ("转入正确档案",), "en": ("Move it",)}
DROP = {"zh_CN": ("作废", "重复录入"), "en": ("Void it", "Entered twice")}
WHY = {"zh_CN": "录错对象", "en": "Entered for the wrong"}
STANDS = {"zh_CN": "该记录已转入", "en": "It stands in"}
AGAIN = {"zh_CN": "本次任务恢复待办", "en": "This visit is to be made again"}
ASKED = {"zh_CN": "申请作废一份记录", "en": "asks to void a note"}
IS_VOID = {"zh_CN": "该记录已作废", "en": "The note is void"}
TOLD = {"zh_CN": "办公室已将您的记录作废", "en": "The office has voided your note"}
SETTLED = {"zh_CN": "已办理：该记录已不在本档案中", "en": "Settled: the note does not stand"}
LIST = {"zh_CN": "已作废的记录", "en": "Voided notes"}
DAY = {"zh_CN": "11月23日 谈心谈话", "en": "23 November Heart-to-heart talk"}


async def recorded(officer: Phone, words: Words) -> None:
    """The overdue talk is recorded, and the author looks at the note."""
    steps = tuple(step or f"say:{words.thought}" for step in words.steps)
    asked = await officer.says("/today")
    outcome = await walk(officer, asked, f"{words.record} 张明", *steps, words.submit)
    await officer.taps(SEE[words.language], outcome)


@BOTH_LANGUAGES
async def test_its_author_moves_a_note_into_the_right_case(town: Town, words: Words) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    supervisor = await town.one("supervisor")
    for phone in (officer, office):
        await phone.in_language(words.language)
    alert = await supervisor.finds(OVERDUE_CASE)
    await recorded(officer, words)
    assert "✓" in (await supervisor.again(alert))["text"]
    card = (await office.says(f"/case {OVERDUE_CASE}"))["text"]
    asked = await walk(officer, await officer.last(), VOID[words.language], *MOVE[words.language])
    assert any(HOME_VISIT in label for label in labels(asked))
    assert not any(OVERDUE_CASE in label for label in labels(asked))
    recap = await walk(officer, await officer.says(HOME_VISIT), WHY[words.language])
    done = await officer.taps(words.submit, recap)
    assert STANDS[words.language] in done["text"]
    assert AGAIN[words.language] in done["text"]
    assert words.overdue in done["text"]
    # the alert that had been settled waits again, with its buttons
    live = await supervisor.again(alert)
    assert "✓" not in live["text"]
    assert "催办" in labels(live)

    # the wrong case is as it was, for whoever reads it
    timeline = await walk(office, await office.says(f"/case {OVERDUE_CASE}"), words.card[0])
    assert DAY[words.language] not in labels(timeline)
    assert words.thought not in (await office.taps(words.card[2]))["text"]
    assert words.overdue in (await office.says(f"/case {OVERDUE_CASE}"))["text"]
    assert card != (await office.last())["text"]
    # the right one has it
    there = await walk(office, await office.says(f"/case {HOME_VISIT}"), words.card[0])
    assert DAY[words.language] in labels(there)
    assert words.thought in (await office.taps(DAY[words.language], there))["text"]
    assert words.thought not in await whole_chat(supervisor)


@BOTH_LANGUAGES
async def test_its_author_asks_and_the_office_voids_it(town: Town, words: Words) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    for phone in (officer, office):
        await phone.in_language(words.language)
    await recorded(officer, words)
    recap = await walk(officer, await officer.last(), VOID[words.language], *DROP[words.language])
    await officer.taps(words.submit, recap)
    await town.house.office.settled()
    asked = await office.finds(ASKED[words.language])
    assert OVERDUE_CASE in asked["text"]
    await office.taps(VOID[words.language], asked)
    recap = await walk(office, await office.last(), *DROP[words.language])
    done = await office.taps(words.submit, recap)
    assert IS_VOID[words.language] in done["text"]
    await town.house.office.settled()
    assert SETTLED[words.language] in (await office.again(asked))["text"]
    told = await officer.finds(TOLD[words.language])
    assert AGAIN[words.language] in told["text"]
    assert f"{words.record} 张明" in labels(told)
    timeline = await walk(office, await office.says(f"/case {OVERDUE_CASE}"), words.card[0])
    listed = await office.taps(LIST[words.language], timeline)
    assert words.thought in (await office.taps(DAY[words.language], listed))["text"]
    why = await officer.says("/why")
    assert ("记录人" if words is CHINESE else "its author is told") in why["text"]


async def test_at_coded_the_whole_way_names_nobody(house: House) -> None:
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer, office = await county.bound("care_officer"), await county.bound("commission_staff")
        asked = await officer.taps(f"记录 {OVERDUE_CASE}", await officer.says("今日"))
        for step in ("今天", "本人办公室"):
            asked = await officer.taps(step, asked)
        asked = await officer.says("情绪平稳")
        for step in (
            "积极稳定",
            "未发现",
            "完成",
            "提交",
            "查看或更正",
            "作废或转入",
            "作废",
            "重复录入",
            "提交",
        ):
            asked = await officer.taps(step, asked)
        assert "已请办公室作废" in asked.text
        assert asked.labels == ["查看或更正"]
        await office.settled()
        request = next(one for one in reversed(office.user.chat) if "申请作废一份记录" in one.text)
        assert request.labels == ["查看记录", "作废或转入"], "who did not write it cannot amend it"
        for words in ("张明", "重复录入", "情绪平稳"):
            assert words not in request.text
        assert OVERDUE_CASE in request.text
