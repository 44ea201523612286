"""One person may have several visits: each form about one says which it is, in its questions and above what is sent."""

from __future__ import annotations

import pytest

from tests.chat import Town
from tests.story.acts import walk
from tests.story.test_companion import record
from tests.story.words import HOME_VISIT, OVERDUE_CASE

WHY = "与工作安排冲突"


@pytest.mark.parametrize(
    ("form", "steps"),
    [("未能开展", (WHY, "11月25日")), ("改期", ("11月25日", WHY))],
    ids=["not_done", "reschedule"],
)
async def test_what_is_put_off_is_named_by_its_kind(town: Town, form: str, steps: tuple[str, ...]) -> None:
    officer = await town.one("care_officer")
    asked = await officer.taps("廉政家访", await officer.says(form))
    heading = f"{form}｜王芳 {HOME_VISIT}｜廉政家访｜"
    assert asked["text"].startswith(f"{heading}第1步")
    recap = await walk(officer, asked, *steps)
    assert recap["text"].startswith(f"{heading}核对")
    assert "已提交" in (await officer.taps("提交", recap))["text"]


async def test_a_signed_paper_is_named_by_visit_and_companion(town: Town) -> None:
    officer = await town.one("care_officer")
    done = await record(officer, "say:退休干部周老、赵小军")
    asked = await officer.taps(f"签字材料 {OVERDUE_CASE}｜11月23日｜谈心谈话｜赵小军", done)
    heading = f"签字材料｜{OVERDUE_CASE}｜谈心谈话｜11月23日｜赵小军｜"
    assert asked["text"].startswith(heading)
    recap = await officer.taps("跳过", await officer.taps("今天", asked))
    assert recap["text"].startswith(f"{heading}核对")


async def test_what_a_companion_contradicts_is_named(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await town.one("care_officer", 1)
    await town.later(to="2026-11-23T10:00")
    await record(officer, companion.name)
    asked = await companion.taps("有误", await companion.last())
    assert asked["text"].startswith(f"记录有误｜{OVERDUE_CASE}｜谈心谈话｜11月23日｜")
