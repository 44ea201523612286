"""A care plan that is missing: asked for, written down in the chat, settled; or climbing, in both languages."""

from __future__ import annotations

import pytest

from tests.chat import Town, labels
from tests.story.acts import walk
from tests.story.words import CHINESE, ENGLISH, Words

BOTH_LANGUAGES = pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh_CN", "en"])
CASE = "JA-875R"  # the demo's one person without a plan, due in three working days
KIND = {"zh_CN": "关怀回访方案", "en": "Care plan"}
RECORD = {"zh_CN": "记录 褚书", "en": "Record 褚书"}
STEPS = {
    "zh_CN": ("今天", "say:放下包袱，重拾信心。", "开展谈心谈话", "完成", "未发现", "完成"),
    "en": ("Today", "say:放下包袱，重拾信心。", "Heart-to-heart talks", "Done", "No sign", "Done"),
}


@BOTH_LANGUAGES
async def test_it_is_asked_for_written_down_and_settled(town: Town, words: Words) -> None:
    officer = await town.one("care_officer", 1)
    await town.later(to="2026-11-26T14:35")
    reminded = await officer.finds("今日到期提醒")
    assert KIND["zh_CN"] in reminded["text"]
    await officer.in_language(words.language)
    start = await officer.says("/today")
    officer.inputs = 0
    recap = await walk(officer, start, RECORD[words.language], *STEPS[words.language])
    answer = await officer.taps(words.submit, recap)
    assert words.recorded in answer["text"]
    assert officer.inputs <= 8
    settled = await officer.again(reminded)
    assert settled["edited"]
    assert RECORD["zh_CN"] not in labels(settled)
    staff = await town.one("commission_staff")
    review = await staff.taps("综合研判", await staff.says(f"/case {CASE}"))
    assert "关怀回访方案（11月26日）：放下包袱，重拾信心。" in review["text"]


async def test_not_made_in_time_the_line_hears(town: Town) -> None:
    await town.later(to="2026-11-30T09:05")
    alert = await (await town.one("supervisor")).finds("关怀回访方案")
    assert CASE in alert["text"]
    assert "逾期2个工作日" in alert["text"]
    assert "褚书" not in alert["text"]
    await town.later(to="2026-12-03T09:05")
    assert "逾期5个工作日" in (await (await town.one("commission_staff")).finds("关怀回访方案"))["text"]
