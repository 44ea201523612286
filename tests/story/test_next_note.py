"""One trip, several notes: the next one begins with the day, the place and the companion of the one before."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import Session, select

from bot.app import House
from storage.tables.cases import Case
from storage.tables.visits import Visit, VisitKind, VisitState
from tests.chat import Town, labels
from tests.story.acts import talk, walk
from tests.story.test_companion import other, record
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.web import browser


async def test_the_next_note_keeps_what_is_the_same(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)
    done = await record(officer, companion.name)
    officer.inputs = 0
    first = await officer.taps("记录下一位", done)
    assert OVERDUE_CASE not in first["text"]
    thinking = "知情" not in labels(first)
    steps = (
        ("say:工作正常。", "积极稳定", "未发现")
        if thinking
        else ("知情", "say:家庭和睦。", "积极稳定", "未发现")
    )
    topics = await walk(officer, first, *steps)
    assert "✓ 陪同人员（正式回访）" in labels(topics)
    recap = await officer.taps("完成", topics)
    assert "日期：11月23日" in recap["text"]
    assert f"陪同人员：{companion.name}" in recap["text"]
    recorded = await officer.taps("提交", recap)
    assert officer.inputs <= 8
    assert "已记录" in recorded["text"]
    assert "待1名陪同人员确认" in recorded["text"]
    await town.later(to="2026-11-23T09:00")
    assert labels(await companion.finds("请您确认：以下2项"))[0] == "全部确认"


async def test_the_companion_can_be_left_out(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)
    first = await officer.taps("记录下一位", await record(officer, companion.name))
    steps = ("知情", "say:家庭和睦。") if "知情" in labels(first) else ("say:工作正常。",)
    topics = await walk(officer, first, *steps, "积极稳定", "未发现")
    recap = await walk(officer, topics, "✓ 陪同人员", "完成")
    assert companion.name not in recap["text"]


async def test_a_draft_that_waits_is_gone_on_with(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)
    begun = await officer.taps("记录 王芳", await officer.says("/record"))
    await officer.taps("知情", begun)
    again = await officer.taps("记录下一位", await record(officer, companion.name))
    assert "王芳" in again["text"]
    assert "第2步" in again["text"]


@ON_SQLITE
async def test_the_same_person_is_not_visited_twice_on_one_trip(town: Town) -> None:
    """After a talk that was rated red the next talk is soon due again, and had the day of the one before."""
    officer = await town.one("care_officer")

    def all_else_is_far(session: Session) -> None:
        for visit in session.exec(select(Visit).join(Case).where(Case.code != OVERDUE_CASE)):
            visit.due_on += timedelta(days=60)

    def comes_soon(session: Session) -> None:
        query = select(Visit).join(Case).where(Case.code == OVERDUE_CASE, Visit.state == VisitState.planned)
        for visit in session.exec(query.where(Visit.kind == VisitKind.talk)):
            visit.due_on = date(2026, 11, 23)

    await town.house.lane.run(all_else_is_far)
    steps = talk("工作正常。")
    recap = await walk(officer, await officer.says("/record"), "记录 张明", *steps)
    done = await officer.taps("提交", recap)
    await town.house.lane.run(comes_soon)
    answer = await officer.taps("记录下一位", done)
    assert "请选择" in answer["text"] or "要记录" in answer["text"]
    assert "记录 张明" in labels(answer)


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_on_a_page_the_companion_is_ticked(house: House, site: Town) -> None:
    officer, companion = await site.one("care_officer"), await other(site)
    done = await record(officer, companion.name)
    await officer.taps("记录下一位", done)
    async with browser(site.house) as web:
        page = await web.comes_in((await officer.says("网页"))["text"])
        assert page.sheet.inputs["a.date"] == ["2026-11-23"]
        assert page.sheet.inputs["a.more"] == ["companions"]
