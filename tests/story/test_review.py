"""The comprehensive review in the chat: begun from the card, submitted, shown there; a red rating asks for one soon."""

from __future__ import annotations

import pytest

from tests.chat import Bubble, Town, labels
from tests.story.acts import talk, walk
from tests.story.words import CHINESE, ENGLISH, HOME_VISIT, ON_SQLITE, OVERDUE_CASE, Words

BOTH_LANGUAGES = pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh_CN", "en"])
FOUR = ("say:思想稳定。", "say:工作主动。", "say:整改到位。", "say:单位认可。")
STEPS = {
    "zh_CN": ("今天", *FOUR, "调整优化方案", "say:每月谈心一次。", "未发现", "完成"),
    "en": ("Today", *FOUR, "Adjust the plan", "say:每月谈心一次。", "No sign", "Done"),
}
REVIEW = {"zh_CN": "综合研判", "en": "Review"}
RECORD = {"zh_CN": "记录研判", "en": "Record review"}
GIVEN = {"zh_CN": ("已提交", "下次综合研判"), "en": ("Submitted", "Next Comprehensive review")}
SHOWN = {
    "zh_CN": ("最近一次研判（11月23日）：调整优化方案", "方案调整优化（11月23日）：每月谈心一次。"),
    "en": (
        "Last review (23 November): Adjust the plan",
        "Adjustments of the plan (23 November): 每月谈心一次。",
    ),
}


@BOTH_LANGUAGES
async def test_it_is_held_and_shown(town: Town, words: Words) -> None:
    staff = await town.one("commission_staff")
    await staff.in_language(words.language)
    card = await staff.says(f"/case {OVERDUE_CASE}")
    view = await staff.taps(REVIEW[words.language], card)
    start = await staff.taps(RECORD[words.language], view)
    recap = await walk(staff, start, *STEPS[words.language])
    answer = await staff.taps(words.submit, recap)
    assert all(part in answer["text"] for part in GIVEN[words.language])
    view = await staff.taps(REVIEW[words.language], await staff.says(f"/case {OVERDUE_CASE}"))
    assert all(part in view["text"] for part in SHOWN[words.language])
    officer = await town.one("care_officer")
    seen = await officer.taps("综合研判", await officer.says(f"/case {OVERDUE_CASE}"))
    assert SHOWN["zh_CN"][0] in seen["text"]


@ON_SQLITE
async def test_from_one_review_the_way_leads_to_the_next_that_is_begun(town: Town) -> None:
    staff = await town.one("commission_staff")

    async def begins(code: str) -> Bubble:
        view = await staff.taps("综合研判", await staff.says(f"/case {code}"))
        return await staff.taps("记录研判", view)

    await staff.taps("今天", await begins(HOME_VISIT))
    done = await staff.taps("提交", await walk(staff, await begins(OVERDUE_CASE), *STEPS["zh_CN"]))
    assert f"另有1份记录尚未提交，下一份：综合研判｜王芳 {HOME_VISIT}" in done["text"]
    following = await staff.taps("记录下一位", done)
    assert HOME_VISIT in following["text"].splitlines()[0]
    over = await staff.taps("提交", await walk(staff, following, *STEPS["zh_CN"][1:]))
    assert labels(over)[0] == "档案概况", "as ever, where none waits"


async def test_a_red_rating_that_was_a_slip_stays_red_in_no_chat(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    since = await office.last_id()
    start = await officer.taps("记录 张明", await officer.says("今日"))
    recap = await walk(officer, start, *talk("情绪平稳。", "重点关注", "中途要求结束谈话。"))
    outcome = await officer.taps("提交", recap)
    await town.later(to="2026-11-23T09:05")
    (told,) = [m for m in await office.told(since) if m["text"].startswith("请关注")]
    assert "请办公室于11月30日前综合研判" in told["text"]
    assert (await office.taps("档案概况", told))["text"].startswith(OVERDUE_CASE)
    await officer.taps("更正", await officer.taps("查看或更正", outcome))
    recap = await walk(officer, await officer.last(), "思想状况", "基本平稳", "笔误")
    await officer.taps("提交", recap)
    became = (await office.again(told))["text"]
    assert became == f"✓ 记录人已更正：张明 {OVERDUE_CASE}，思想状况基本平稳（蓝）。"


async def test_after_a_red_rating_the_office_is_reminded_of_it(town: Town) -> None:
    officer = await town.one("care_officer")
    start = await officer.taps("记录 张明", await officer.says("今日"))
    recap = await walk(officer, start, *talk("抵触情绪较重。", "重点关注", "中途要求结束谈话。"))
    await officer.taps("提交", recap)
    card = await officer.says(f"查询 {OVERDUE_CASE}")
    assert "综合研判（办公室）｜责任人 李敏" in card["text"], "not the officer's task"
    await town.later(to="2026-11-30T08:35")
    told = [m["text"] for phone in await town.everyone("commission_staff") for m in await phone.told()]
    assert any("早上好" in text and f"综合研判｜张明 {OVERDUE_CASE}" in text for text in told)
    await town.later(to="2026-12-10T09:05")
    leaders = [m["text"] for phone in await town.everyone("leader") for m in await phone.told()]
    assert any("综合研判｜办公室" in text for text in leaders)
