"""A visit with several companions: one who confirms it makes it a formal one, whatever the others say or do not say."""

from __future__ import annotations

from tests.chat import Phone, Town
from tests.story.test_companion import QUESTION, other, record, silences
from tests.story.words import OVERDUE_CASE

STILL = "已有其他陪同人员确认，该次回访计为正式回访。"
INFORMAL = "按日常关怀计"


async def contradicts(companion: Phone) -> str:
    asked = await companion.taps("有误", await companion.finds(QUESTION))
    told: str = (await companion.taps("提交", await companion.taps("本人未参加", asked)))["text"]
    return told


async def test_a_contradiction_takes_nothing_from_what_another_confirms(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    first, second = await other(town), await other(town, 2)
    await town.later(to="2026-11-23T10:00")
    await record(officer, first.name, second.name)
    await first.taps("确认", await first.finds(QUESTION))
    answered = await contradicts(second)
    assert STILL in answered
    assert INFORMAL not in answered
    for phone in (officer, office):
        told = (await phone.finds("陪同人员对以下回访记录提出不同意见"))["text"]
        assert STILL in told
        assert INFORMAL not in told
    assert "正式回访1次" in (await office.says(f"/case {OVERDUE_CASE}"))["text"]
    todo = (await officer.says("/todo"))["text"]
    assert f"陪同人员 {second.name}｜已计为正式回访" in todo
    assert INFORMAL not in todo


async def test_what_was_told_of_a_contradiction_follows_a_later_confirmation(town: Town) -> None:
    officer = await town.one("care_officer")
    first, second = await other(town), await other(town, 2)
    await town.later(to="2026-11-23T10:00")
    await record(officer, first.name, second.name)
    assert "该次回访按日常关怀计。" in await contradicts(second)
    told = await officer.finds("陪同人员对以下回访记录提出不同意见")
    assert "该次回访按日常关怀计。" in told["text"]
    await first.taps("确认", await first.finds(QUESTION))
    assert STILL in (await officer.again(told))["text"]


async def test_the_silence_of_one_leaves_what_another_has_confirmed(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    first, second = await other(town), await other(town, 2)
    await town.later(to="2026-11-23T10:00")
    await record(officer, first.name, second.name)
    await first.taps("确认", await first.finds(QUESTION))
    await town.later(to="2026-11-26T09:00")
    (told,) = await silences(office, second)
    assert f"陪同人员 {second.name}｜已计为正式回访" in told["text"]
    assert INFORMAL not in told["text"]
    assert f"陪同人员 {second.name}｜已计为正式回访" in (await office.says("待办"))["text"]
