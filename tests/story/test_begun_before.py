"""A note that was begun before its case came to rest is finished in the chat or on the page: nothing is lost."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from storage.tables.cases import Case
from storage.tables.drafts import Draft
from storage.tables.notes import Note
from storage.tables.visits import Visit, VisitKind, VisitState
from tests.chat import Town
from tests.story.acts import digest, talk, walk
from tests.story.test_form_page import MINIMUM, THOUGHT, begun, fill
from tests.story.test_standing import CLOSE, HOLD, REOPEN, RESUME, deed
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.web import browser

KEPT = "您已开始填写的记录仍然保留"


def kept(session: Session) -> tuple[list[str], list[VisitState], int]:
    """Of the overdue case: what today's notes say, how its talks stand, and how many forms are open."""
    case = session.exec(select(Case).where(Case.code == OVERDUE_CASE)).one()
    notes = session.exec(select(Note).where(Note.case_id == case.id).order_by(Note.submitted_at.desc()))  # type: ignore[attr-defined]
    said = [str(note.answers.get("thinking")) for note in notes if note.held_on.isoformat() == "2026-11-23"]
    talks = session.exec(select(Visit).where(Visit.case_id == case.id, Visit.kind == VisitKind.talk))
    states = [one.state for one in talks if one.due_on.year == 2027 or one.done_on is None]
    return said, sorted(states), len(session.exec(select(Draft)).all())


async def test_it_is_handed_in_after_the_case_was_closed_by_mistake(town: Town) -> None:
    """Its visit was withdrawn with the case, and another is planned: that one takes the note."""
    office, officer = await town.one("commission_staff"), await town.one("care_officer")
    recap = await walk(officer, await officer.taps("记录 张明", await digest(officer)), *talk(THOUGHT))
    await deed(office, CLOSE, "退休")
    await deed(office, REOPEN, "本人调回")
    done = await officer.taps("提交", recap)
    assert done["text"].startswith(f"已记录｜谈心谈话｜张明 {OVERDUE_CASE}")
    assert "计为原定2027年2月22日前的谈心谈话" in done["text"]
    said, talks, forms = await town.house.lane.read(kept)
    assert said == [THOUGHT]
    assert talks == [VisitState.done, VisitState.planned, VisitState.withdrawn]
    assert forms == 0


@ON_SQLITE
async def test_who_has_the_case_no_more_records_nothing_in_it(town: Town) -> None:
    office, officer = await town.one("commission_staff"), await town.one("care_officer")
    other = await town.one("care_officer", 1)
    recap = await walk(officer, await officer.taps("记录 张明", await digest(officer)), *talk(THOUGHT))
    await deed(office, CLOSE, "退休")
    await deed(office, REOPEN, "本人调回")
    await office.taps("更换责任人", await office.says(f"查询 {OVERDUE_CASE}"))
    await office.taps("岗位调动", await office.taps(other.name))
    await office.taps("提交")
    assert "已记录" not in (await officer.taps("提交", recap))["text"]
    assert (await town.house.lane.read(kept))[0] == []


@pytest.mark.parametrize("label", [HOLD, CLOSE])
async def test_on_the_page_as_in_the_chat(site: Town, label: str) -> None:
    officer, link = await begun(site)
    office = await site.one("commission_staff")
    async with browser(site.house) as web:
        page = await fill(web, await web.comes_in(link), {k: MINIMUM[k] for k in list(MINIMUM)[:3]})
        await deed(office, label, "退休" if label == CLOSE else "另有新情况，先行核实")
        assert KEPT in (await officer.last())["text"]
        page = await web.opens(page.path)
        assert page.sheet.inputs["a.thinking"] == [THOUGHT]
        page = await fill(web, page, {k: MINIMUM[k] for k in list(MINIMUM)[3:]})
        done = await web.sends((await web.sends(page.sheet, do="check")).sheet)
        assert "已记录" in done.text
    said, _, forms = await site.house.lane.read(kept)
    assert (said, forms) == ([THOUGHT], 0)


@ON_SQLITE
async def test_what_nobody_had_planned_is_kept_too(town: Town) -> None:
    office, officer = await town.one("commission_staff"), await town.one("care_officer")
    kinds = await officer.taps("记录其他", await officer.says(f"查询 {OVERDUE_CASE}"))
    await officer.taps("记录查阅档案", kinds)
    await deed(office, HOLD)
    assert KEPT in (await officer.last())["text"]


@ON_SQLITE
async def test_a_difficulty_waits_until_visits_go_on(town: Town) -> None:
    office, officer = await town.one("commission_staff"), await town.one("care_officer")
    kinds = await officer.taps("记录其他", await officer.says(f"查询 {OVERDUE_CASE}"))
    steps = ("家庭", "say:母亲住院，希望调整值班", "单位党组织", "say:12月1日")
    recap = await walk(officer, await officer.taps("登记困难诉求", kinds), *steps)
    await deed(office, HOLD)
    refused = await officer.taps("提交", recap)
    assert "目前不安排回访" in refused["text"]
    await deed(office, RESUME, "本人已返岗")
    again = await officer.taps("继续", refused)
    assert "母亲住院，希望调整值班" in again["text"]
    assert "已提交｜困难诉求" in (await officer.taps("提交", again))["text"]
