"""Nothing was recorded for long: the officer hears on the ladder, a talk settles it; or the line hears."""

from __future__ import annotations

from tests.chat import Town, labels
from tests.story.acts import talk, walk

CASE, NAME = "JA-QLCN", "褚川舟"  # in the demo the watch falls due on 30 November
LABEL = "联系本人"


async def test_any_talk_that_is_recorded_settles_it(town: Town) -> None:
    officer = await town.one("care_officer", 4)
    await town.later(to="2026-11-30T14:35")
    reminded = await officer.finds("今日到期提醒")
    assert f"{LABEL}｜{NAME}" in reminded["text"]
    kinds = await officer.taps(f"记录 {NAME}", reminded)
    start = await officer.taps("记录谈心谈话", kinds)
    recap = await walk(officer, start, *talk("情绪平稳，工作正常推进。"))
    answer = await officer.taps("提交", recap)
    assert "已记录" in answer["text"]
    settled = await officer.again(reminded)
    assert settled["edited"]
    assert f"已记录 14:35｜{LABEL}" in settled["text"]
    assert f"记录 {NAME}" not in labels(settled)
    await town.later(to="2026-12-04T09:05")
    for phone in [*await town.everyone("supervisor"), *await town.everyone("commission_staff")]:
        assert LABEL not in "\n".join(m["text"] for m in await phone.told())
    await officer.in_language("en")
    assert "Contact with the person" not in (await officer.says("/today"))["text"]


async def test_else_the_line_hears_and_learns_no_name(town: Town) -> None:
    await town.later(to="2026-12-02T09:05")
    told = [m["text"] for phone in await town.everyone("supervisor") for m in await phone.told()]
    found = [text for text in told if LABEL in text]
    assert CASE in found[-1]
    assert "逾期2个工作日" in found[-1]
    assert NAME not in found[-1]
    await town.later(to="2026-12-07T09:05")
    alert = await (await town.one("commission_staff")).finds(LABEL)
    assert f"{NAME} {CASE}" in alert["text"]
