"""Amending a note in chat, from the outcome and from the timeline, in both languages; and what its readers see."""

from __future__ import annotations

import pytest

from tests.chat import Town, labels
from tests.story.acts import walk, whole_chat
from tests.story.words import CHINESE, ENGLISH, OVERDUE_CASE, Words

BOTH_LANGUAGES = pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh_CN", "en"])
SEE = {"zh_CN": "查看或更正", "en": "See or amend"}
AMEND = {"zh_CN": "更正", "en": "Amend"}
ROADS = {
    "zh_CN": ("思想动态", "say:情绪平稳，盼早日归队", "笔误"),
    "en": ("State of thinking", "say:情绪平稳，盼早日归队", "A slip"),
}
LOCKED = {"zh_CN": "原记录已锁定", "en": "the note itself is locked"}
BESIDE = {"zh_CN": "11月23日更正，李敏", "en": "Amended 23 November, 李敏"}
DAY = {"zh_CN": "11月23日 谈心谈话", "en": "23 November Heart-to-heart talk"}
WHY = {"zh_CN": "原因：笔误", "en": "Reason: A slip of the pen"}


@BOTH_LANGUAGES
async def test_a_note_is_amended_and_its_readers_see_both(town: Town, words: Words) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    for phone in (officer, office):
        await phone.in_language(words.language)
    asked = await officer.says("/today")
    steps = tuple(step or f"say:{words.thought}" for step in words.steps)
    outcome = await walk(officer, asked, f"{words.record} 张明", *steps, words.submit)
    seen = await officer.taps(SEE[words.language], outcome)
    assert LOCKED[words.language] in seen["text"]
    assert words.thought in seen["text"]
    await officer.taps(AMEND[words.language], seen)
    recap = await walk(officer, await officer.last(), *ROADS[words.language])
    assert "盼早日归队" in recap["text"]
    done = await officer.taps(words.submit, recap)
    assert OVERDUE_CASE in done["text"]
    assert ("已提交" if words is CHINESE else "Submitted") in done["text"]

    timeline = await walk(office, await office.says(f"/case {OVERDUE_CASE}"), words.card[0])
    note = await office.taps(DAY[words.language], timeline)
    for text in (words.thought, "盼早日归队", BESIDE[words.language], WHY[words.language]):
        assert text in note["text"]
    assert AMEND[words.language] not in labels(note)  # the author's alone
    review = await walk(office, await office.says(f"/case {OVERDUE_CASE}"), words.card[2])
    assert "盼早日归队" in review["text"]
    assert words.thought not in review["text"]


async def test_others_are_not_shown_the_note(town: Town) -> None:
    supervisor = await town.one("supervisor")
    await supervisor.says(f"查询 {OVERDUE_CASE}")
    assert SEE["zh_CN"] not in await whole_chat(supervisor)
