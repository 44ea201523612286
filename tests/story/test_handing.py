"""The office gives a case to another care officer: what both see, what becomes of what was said, and of lateness."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from storage.tables.audit import AuditRecord
from storage.tables.cases import Case, CaseEvent
from tests.chat import Bubble, Nothing, Phone, Town, labels
from tests.story.acts import digest
from tests.story.words import OVERDUE_CASE

CHANGE = "更换责任人"


async def hands_over(office: Phone, to: str, reason: str = "岗位调动") -> Bubble:
    """From the status card to the outcome."""
    await office.taps(CHANGE, await office.says(f"查询 {OVERDUE_CASE}"))
    why = await office.taps(to)
    recap = await (office.taps(reason, why) if reason in labels(why) else office.says(reason))
    return await office.taps("提交", recap)


async def people(town: Town) -> tuple[Phone, Phone, Phone, Phone]:
    return (
        await town.one("commission_staff"),
        await town.one("care_officer"),
        await town.one("care_officer", 1),
        await town.one("supervisor"),
    )


async def test_the_case_goes_over_with_its_visits_and_both_hear_of_it(town: Town) -> None:
    office, before, after, supervisor = await people(town)
    morning, alert = await digest(before), await supervisor.last()
    seen = {phone.id: await phone.last_id() for phone in (before, after)}
    done = await hands_over(office, after.name)
    assert f"已提交｜{CHANGE}｜张明 {OVERDUE_CASE}" in done["text"]
    assert f"关怀责任人自即日起为{after.name}" in done["text"]
    assert "谈心谈话" in done["text"]

    (given,) = await after.told(seen[after.id])
    assert given["text"].startswith(f"张明 {OVERDUE_CASE}：自即日起由您担任关怀责任人")
    assert "谈心谈话" in given["text"]
    (moved,) = await before.told(seen[before.id])
    assert "自即日起由其他同志担任关怀责任人" in moved["text"]
    assert "移交" in (await before.again(morning))["text"]
    assert "记录 张明" not in labels(await before.again(morning))
    assert labels(await supervisor.again(alert)) == []

    # The case is not there any more for the one, and is for the other.
    assert "没有查到" in (await before.says(f"查询 {OVERDUE_CASE}"))["text"]
    assert OVERDUE_CASE not in (await before.says("今日"))["text"]
    assert f"责任人 {after.name}" in (await after.says(f"查询 {OVERDUE_CASE}"))["text"]
    assert OVERDUE_CASE in (await after.says("今日"))["text"]
    assert (
        "由您担任" in (await after.says("为什么"))["text"] or "责任人" in (await after.says("为什么"))["text"]
    )
    timeline = (await office.taps("时间线", await office.says(f"查询 {OVERDUE_CASE}")))["text"]
    assert "11月23日｜更换关怀责任人｜岗位调动" in timeline
    with pytest.raises(Nothing):
        await after.taps(CHANGE, await after.says(f"查询 {OVERDUE_CASE}"))


async def test_nobody_begins_with_a_colleagues_lateness(town: Town) -> None:
    """The overdue talk rests as after an acknowledgement; then the ladder goes on for the new officer."""
    office, _, after, supervisor = await people(town)
    since = await supervisor.last_id()
    await hands_over(office, after.name)
    await town.later(to="2026-11-25T18:00")
    assert [b for b in await supervisor.told(since) if OVERDUE_CASE in b["text"]] == []
    assert OVERDUE_CASE in (await digest(after))["text"]
    await town.later(to="2026-12-09T18:00")
    again = [b for b in await supervisor.told(since) if OVERDUE_CASE in b["text"]]
    assert again
    assert after.name in again[0]["text"]


async def test_a_note_that_was_begun_is_not_written_by_who_has_left(town: Town) -> None:
    office, before, after, _ = await people(town)
    question = await before.taps("记录 张明", await digest(before))
    assert "第1步" in question["text"]
    await hands_over(office, after.name)
    await before.taps("今天", question)
    assert "已记录" not in (await before.last())["text"]

    def notes(session: Session) -> tuple[int, list[str], list[str]]:
        case = session.exec(select(Case).where(Case.code == OVERDUE_CASE)).one()
        kinds = [event.reason for event in session.exec(select(CaseEvent))]
        verbs = [one.verb for one in session.exec(select(AuditRecord)) if one.verb == "case_handed_over"]
        return case.care_officer_id or 0, kinds, verbs

    officer, reasons, verbs = await town.house.lane.read(notes)
    assert (reasons, verbs) == (["moved"], ["case_handed_over"])
    assert officer


async def test_while_on_hold_the_new_officer_hears_that_nothing_is_arranged(town: Town) -> None:
    office, before, after, _ = await people(town)
    await office.taps("暂缓", await office.says(f"查询 {OVERDUE_CASE}"))
    await office.taps("工作安排")
    await office.taps("提交")
    seen, theirs = await after.last_id(), await before.last_id()
    done = await hands_over(office, after.name, "本人希望由女同志联系")
    assert "谈心谈话" not in done["text"]
    (given,) = await after.told(seen)
    assert "目前不安排回访" in given["text"]
    card = (await office.says(f"查询 {OVERDUE_CASE}"))["text"]
    assert "自11月23日起暂缓" in card  # the hold is still the reason that is shown
    assert "工作安排" in card
    await office.taps("恢复")
    await office.taps("暂缓原因已消除")
    await office.taps("提交")
    assert any("恢复回访" in b["text"] for b in await after.told(seen))
    assert not any("恢复回访" in b["text"] for b in await before.told(theirs))


async def test_in_english_and_for_the_office_alone(town: Town) -> None:
    office, _, after, supervisor = await people(town)
    leader = await town.one("leader")
    for phone in (office, after, leader):
        await phone.in_language("en")
    assert not any("care officer" in label for label in labels(await leader.says(f"/case {OVERDUE_CASE}")))
    await office.taps("Change the care officer", await office.says(f"/case {OVERDUE_CASE}"))
    await office.taps(after.name)
    await office.taps("To spread the work")
    done = await office.taps("Submit")
    assert done["text"].startswith("Submitted")
    assert "you are the care officer from now on" in (await after.last())["text"]
    # Who is the care officer already cannot be chosen again.
    asked = await office.taps("Change the care officer", await office.says(f"/case {OVERDUE_CASE}"))
    assert not any(label.startswith(after.name) for label in labels(asked))
    assert not any("更换" in label for label in labels(await supervisor.last()))
