"""A number typed after a list that was asked for in the middle of a form answers no question that is out of sight."""

from __future__ import annotations

from tests.chat import Town, labels
from tests.story.acts import digest, walk
from tests.story.words import ON_SQLITE


@ON_SQLITE
async def test_a_number_after_a_list_is_no_grade(town: Town) -> None:
    officer = await town.one("care_officer")
    await walk(
        officer, await officer.taps("记录 张明", await digest(officer)), "今天", "本人办公室", "say:想法一"
    )
    await officer.says("记录")
    asked = await officer.says("1")
    assert "未作答案" in asked["text"]
    assert "第4步" in asked["text"]
    assert "第5步" in (await officer.says("1"))["text"]


@ON_SQLITE
async def test_what_was_changed_by_the_way_is_said(town: Town) -> None:
    officer = await town.one("care_officer")
    await walk(officer, await officer.taps("记录 张明", await digest(officer)), "今天", "本人办公室")
    third = await officer.says("第2题改成会议室")
    assert "已填入：地点" in third["text"]
    assert "第3步" in third["text"]


@ON_SQLITE
async def test_a_sentence_that_says_it_failed_offers_so(town: Town) -> None:
    officer = await town.one("care_officer")
    answer = await officer.says("未能开展 张明")
    assert "未能开展" in labels(answer)
    assert "原因" in (await officer.taps("未能开展", answer))["text"]
