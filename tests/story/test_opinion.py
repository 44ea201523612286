"""The unit's opinion, from the morning digest to what the office sees, in both languages, on both databases."""

from __future__ import annotations

import pytest

from tests.chat import Town, labels
from tests.story.acts import walk
from tests.story.words import CHINESE, ENGLISH, OVERDUE_CASE, Words

BOTH_LANGUAGES = pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh_CN", "en"])

GIVE = {"zh_CN": "填写意见 张明", "en": "Give opinion 张明"}
STEPS = {
    "zh_CN": ("今天", "say:态度端正，工作主动。", "未发现", "完成"),
    "en": ("Today", "say:态度端正，工作主动。", "No sign", "Done"),
}
GIVEN = {"zh_CN": ("已提交", "下次单位党组织意见"), "en": ("Submitted", "Next Unit's opinion")}
NONE = {
    "zh_CN": "目前没有需要贵单位党组织提出的意见。",
    "en": "No opinion of your unit is awaited at present.",
}

NOTHING = {
    "zh_CN": "目前没有等您决定或确认的事项。",
    "en": "Nothing waits for your decision or confirmation.",
}
LATER = {"zh_CN": "此后安排：", "en": "Planned for later:"}


@BOTH_LANGUAGES
async def test_it_is_given_and_asked_again_in_half_a_year(town: Town, words: Words) -> None:
    unit = await (await town.one("unit_party_org")).in_language(words.language)
    start = await unit.says("/opinion")
    assert OVERDUE_CASE in start["text"]
    unit.inputs = 0
    recap = await walk(unit, start, GIVE[words.language], *STEPS[words.language])
    answer = await unit.taps(words.submit, recap)
    assert unit.inputs <= 8
    assert all(part in answer["text"] for part in GIVEN[words.language])
    waits = (await unit.says("/todo"))["text"]
    assert NOTHING[words.language] in waits, "it was given: the next one is asked for in half a year"
    planned = await unit.says("/opinion")
    assert NONE[words.language] in planned["text"]
    assert OVERDUE_CASE in planned["text"].partition(LATER[words.language])[2]
    assert GIVE[words.language] in labels(planned)
    staff = await town.one("commission_staff")
    card = await staff.says(f"/case {OVERDUE_CASE}")
    timeline = (await staff.taps("时间线", card))["text"]
    assert "11月23日｜单位党组织意见｜已开展" in timeline
    assert "态度端正" in (await staff.taps("综合研判", card))["text"]


async def test_it_stands_in_the_morning_and_settles_there(town: Town) -> None:
    unit = await town.one("unit_party_org", 2)
    morning = await unit.last()
    assert "单位党组织意见" in morning["text"]
    assert labels(morning)[-2:] == ["意见", "为什么"]
    give = labels(morning)[0]
    assert give.startswith("填写意见 ")
    await unit.taps("提交", await walk(unit, morning, give, *STEPS["zh_CN"]))
    settled = await unit.again(morning)
    assert settled["edited"]
    assert give not in labels(settled)
    assert "单位党组织意见" in (await unit.says("/why"))["text"]


async def test_the_unit_reads_nothing_else(town: Town) -> None:
    unit = await town.one("unit_party_org")
    for asked in (f"/case {OVERDUE_CASE}", "/record", "/today", "/overdue"):
        answer = await unit.says(asked)
        assert "思想状况" not in answer["text"]
        assert OVERDUE_CASE not in answer["text"]


async def test_not_given_in_time_the_office_hears(town: Town) -> None:
    await town.later(to="2026-11-25T09:05")
    staff, unit = await town.one("commission_staff"), await town.one("unit_party_org", 2)
    alert = await staff.finds("单位党组织意见")
    assert f"单位党组织 {unit.name}" in alert["text"]
    assert "逾期2个工作日" in (await unit.finds("早上好"))["text"]
