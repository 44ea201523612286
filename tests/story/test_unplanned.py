"""What nobody had planned, from the word 记录 to the timeline: a unit interview, in both languages."""

from __future__ import annotations

import pytest

from tests.chat import Town, labels
from tests.story.acts import walk
from tests.story.words import CHINESE, ENGLISH, OVERDUE_CASE, Words

BOTH_LANGUAGES = pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh_CN", "en"])

ROADS = {
    "zh_CN": ("记录其他事项", f"张明 {OVERDUE_CASE}", "记录走访单位"),
    "en": ("Record something else", f"张明 {OVERDUE_CASE}", "Record Unit interview"),
}
ANSWERS = {
    "zh_CN": ("say:昨天下午3点", "say:书记、办公室主任", "say:主动承担任务", "未发现", "完成"),
    "en": ("say:yesterday at 3 pm", "say:Leader in charge", "say:主动承担任务", "No sign", "Done"),
}
KIND = {"zh_CN": "走访单位", "en": "Unit interview"}
SEEN = {"zh_CN": ("已开展", "计划外"), "en": ("Took place", "not planned")}


@BOTH_LANGUAGES
async def test_a_unit_interview_is_recorded_and_seen(town: Town, words: Words) -> None:
    officer = await town.one("care_officer")
    await officer.in_language(words.language)
    asked = await walk(officer, await officer.says("/record"), *ROADS[words.language][:2])
    officer.inputs = 0
    first, *rest = ANSWERS[words.language]
    asked = await walk(officer, asked, ROADS[words.language][2], first, *rest)
    assert "主动承担任务" in asked["text"]
    answer = await officer.taps(words.submit, asked)
    assert officer.inputs <= 8
    assert words.recorded in answer["text"]
    assert KIND[words.language] in answer["text"]
    card = await officer.says(f"/case {OVERDUE_CASE}")
    timeline = await officer.taps(words.card[0], card)
    line = next(one for one in timeline["text"].splitlines() if KIND[words.language] in one)
    assert all(word in line for word in SEEN[words.language])
    assert ROADS[words.language][0] in labels(card)


TALK_AGAIN = {
    "zh_CN": ("记录其他事项", "记录谈心谈话"),
    "en": ("Record something else", "Record Heart-to-heart talk"),
}
COUNTS_AS = {
    "zh_CN": "计为原定11月18日前的谈心谈话",
    "en": "It counts as the visit planned until 18 November",
}
IN_ITS_PLACE = {"zh_CN": "计为原定11月18日前的一次", "en": "for the one planned until 18 November"}


@BOTH_LANGUAGES
async def test_a_talk_that_was_planned_counts_as_that_wherever_it_is_recorded(
    town: Town, words: Words
) -> None:
    officer = await town.one("care_officer")
    await officer.in_language(words.language)
    card = await officer.says(f"/case {OVERDUE_CASE}")
    before = card["text"]
    steps = tuple(step or f"say:{words.thought}" for step in words.steps)
    done = await walk(officer, card, *TALK_AGAIN[words.language], *steps, words.submit)
    assert COUNTS_AS[words.language].lower() in done["text"].lower()
    card = await officer.says(f"/case {OVERDUE_CASE}")
    line = next(
        one for one in (await officer.taps(words.card[0], card))["text"].splitlines() if "23" in one[:12]
    )
    assert IN_ITS_PLACE[words.language] in line
    assert SEEN[words.language][1] not in line
    planned = [
        next(one for one in text.splitlines() if one.startswith(("计划", "1")))
        for text in (before, card["text"])
    ]
    assert planned[0] != planned[1], "it is one of those planned, and done"
