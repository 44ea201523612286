"""Notes filled in without network, in a workbook: read back on one's own page, through the doors of a chat."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from casework.forms.catalog import OFFICERS_FORMS
from locales.catalogue import gettext
from storage.tables.audit import AuditRecord
from storage.tables.cases import Case
from storage.tables.drafts import Draft
from storage.tables.notes import Note, NoteEvent, NoteEventKind
from storage.tables.visits import Visit
from tests.chat import Phone, Town
from tests.documents.test_form_book import filled
from tests.story.test_companion import QUESTION
from tests.story.words import OVERDUE_CASE
from tests.web import Page, Web, browser, read

BOOK = "/page/workbook"
TALK = "谈心谈话"
FIRST, SECOND = 4, 5
WELL: dict[str, Any] = {
    "about": OVERDUE_CASE,
    "date": datetime(2026, 11, 20),  # noqa: DTZ001
    "place": "本人办公室",
    "thinking": "情绪平稳，工作正常推进。",
    "state_of_mind": "积极稳定（绿）",
    "safety": "未发现",
}


PEERS = gettext("zh_CN", OFFICERS_FORMS["colleague_interview"].title)
HEARD: dict[str, Any] = {
    "date": "2026-11-20",
    "people": 2,
    "public_feedback": "评价良好。",
    "safety": "未发现",
}


async def comes_in(web: Web, phone: Phone) -> Page:
    await phone.says("网页")
    await web.comes_in((await phone.finds("/page/in?"))["text"])
    return await web.opens("/page/")


async def taken_along(web: Web) -> bytes:
    answer = await web.client.get(f"{BOOK}/new")
    assert answer.status_code == 200
    assert "filename" in answer.headers["content-disposition"]
    return answer.content


async def hands_in(web: Web, content: bytes) -> Page:
    page = await web.opens(BOOK)
    seal = {"page": page.button("检查并录入").inputs["page"][0]}
    return read(await web.client.post(BOOK, data=seal, files={"file": ("a.xlsx", content)}))


async def drafts(site: Town) -> list[Draft]:
    return await site.house.lane.read(lambda session: list(session.exec(select(Draft)).all()))


def notes_of(code: str) -> Any:
    def of(session: Session) -> list[tuple[Note, dict[str, Any]]]:
        found = session.exec(
            select(Note).join(Case, col(Case.id) == col(Note.case_id)).where(Case.code == code)
        )
        return [(note, note.answers) for note in found.all()]

    return of


async def test_a_note_written_without_network_is_recorded_like_any_other(site: Town) -> None:
    officer, companion = await site.one("care_officer"), await site.one("care_officer", 1)
    before = len(await site.house.lane.read(notes_of(OVERDUE_CASE)))
    more = {"work": "按时到岗。", "span": "9:00-10:30", "companions": companion.name}
    async with browser(site.house) as web:
        home = await comes_in(web, officer)
        assert "离线填写" in home.labels()
        content = filled(await taken_along(web), TALK, FIRST, WELL | more)
        taken = await hands_in(web, content)
        assert "尚未提交" in taken.text
        assert f"张明 {OVERDUE_CASE}" in taken.text
        assert len(await site.house.lane.read(notes_of(OVERDUE_CASE))) == before
        recap = await web.sends(taken.button("核对并提交"), do="check")
        assert "按时到岗" in recap.text
        done = await web.sends(recap.button("提交"))
    assert "已记录" in done.text
    assert "待1名陪同人员确认" in done.text
    await site.later(to="2026-11-23T10:00")
    assert QUESTION in (await companion.finds(OVERDUE_CASE))["text"]
    (_, answers), *_ = sorted(
        await site.house.lane.read(notes_of(OVERDUE_CASE)), key=lambda one: one[0].submitted_at, reverse=True
    )
    assert answers["date"] == "2026-11-20"
    assert answers["state_of_mind"] == "settled"
    assert answers["safety"] is False
    assert answers["span"] == "09:00-10:30"
    assert answers["more"] == ["work", "companions", "attendance"]
    acts = await site.house.lane.read(lambda s: set(s.exec(select(AuditRecord.verb)).all()))
    assert {"form_book_made", "form_book_read", "visit_recorded"} <= acts


async def test_each_bad_cell_is_named_and_nothing_is_taken_over(site: Town) -> None:
    bad = WELL | {
        "date": "去年底",
        "state_of_mind": "很好",
        "basis": "谈到家里的事时沉默。",
        "span": "上午",
        "safety": None,
        "safety_detail": "无",
    }
    async with browser(site.house) as web:
        await comes_in(web, await site.one("care_officer"))
        blank = await taken_along(web)
        content = filled(filled(blank, TALK, FIRST, WELL), TALK, SECOND, bad | {"about": "JA-ZZZZ"})
        page = await hands_in(web, content)
        assert page.status == 422
        assert "工作表“谈心谈话”第4行E列（档案编号或任务编号）：" in page.text
        assert not await drafts(site)
        page = await hands_in(web, filled(blank, TALK, SECOND, bad))
        for said in (
            "第5行E列（日期）：不是日期，请按“2026-02-28”的格式填写。",
            "第8行E列（思想状况）：“很好”不在可选内容中，请从下拉列表中选择。",
            "第10行E列（安全风险）：本题为必填，请填写。",
            "第28行E列（起止时间）：“上午”不是有效的起止时间",
        ):
            assert said in page.text
        assert page.text.count("工作表“谈心谈话”") == 4
        assert not await drafts(site)
        late = WELL | {"date": datetime(2027, 11, 20), "basis": "沉默。"}  # noqa: DTZ001
        page = await hands_in(web, filled(blank, TALK, FIRST, late))
        assert "第5行D列（日期）：2027年11月20日尚未到来" in page.text
        assert "第9行D列（评定依据）：仅当“思想状况”为" in page.text
        assert "请清空该单元格" in page.text


async def test_with_the_code_every_other_bad_cell_is_named(site: Town) -> None:
    """What needs no case is told at once: whoever mends the code is not told of the next cell, upload by upload."""
    bad = WELL | {"date": "昨天", "thinking": None}
    cells = ("第5行E列（日期）：不是日期", "第7行E列（思想动态）：本题为必填")
    async with browser(site.house) as web:
        await comes_in(web, await site.one("care_officer"))
        blank = await taken_along(web)
        for code, said in ((None, "请填写档案编号"), ("JA-ZZZZ", "请核对编号")):
            page = await hands_in(web, filled(blank, TALK, SECOND, bad | {"about": code}))
            assert "第4行E列（档案编号或任务编号）：" in page.text
            assert said in page.text
            assert all(cell in page.text for cell in cells), page.text
            assert page.text.count("工作表“") == 3
        settled = {"date": "2026-11-20", "outcome": "办结", "result": "已解决。", "safety": "未发现"}
        page = await hands_in(web, filled(blank, "困难诉求", FIRST, settled))
        assert page.text.count("工作表“") == 1, "what was asked for is known with the task"
        assert (await hands_in(web, filled(blank, TALK, FIRST, WELL))).status == 200
        begun = await hands_in(web, filled(blank, TALK, SECOND, bad))
        assert "第4行E列（档案编号或任务编号）：此份记录已经开始填写" in begun.text
        assert all(cell in begun.text for cell in cells), begun.text
        heard = HEARD | {"about": OVERDUE_CASE}
        twice = filled(filled(blank, PEERS, FIRST, heard), PEERS, SECOND, heard | {"date": "昨天"})
        page = await hands_in(web, twice)
        assert "第4行E列（档案编号或任务编号）：另一列" in page.text
        assert cells[0] in page.text


async def submitted(web: Web, taken: Page) -> Page:
    recap = await web.sends(taken.button("核对并提交"), do="check")
    return await web.sends(recap.button("提交"))


async def test_what_was_submitted_before_is_left_out_and_the_rest_taken_over(site: Town) -> None:
    """The same file again, with a column more: the earlier ones are recorded, and not to be recorded twice."""
    left_out = f"工作表“谈心谈话”D列：张明 {OVERDUE_CASE}，11月20日"
    async with browser(site.house) as web:
        await comes_in(web, await site.one("care_officer"))
        blank = await taken_along(web)
        content = filled(blank, TALK, FIRST, WELL)
        assert "已记录" in (await submitted(web, await hands_in(web, content))).text
        recorded = len(await site.house.lane.read(notes_of(OVERDUE_CASE)))
        again = await hands_in(web, content)
        assert again.status == 200
        assert left_out in again.text
        assert "当日的记录此前已提交" in again.text
        assert "尚未提交" not in again.text
        assert "检查并录入" in again.labels(), "another one can be chosen at once"
        assert await drafts(site) == []
        # Whatever its other cells say; and the others are taken over
        content = filled(content, TALK, FIRST, {"thinking": "换了说法。", "state_of_mind": "很好"})
        content = filled(content, TALK, SECOND, WELL | {"date": "2026-11-19"})
        more = await hands_in(web, content)
        assert more.status == 200
        assert left_out in more.text
        assert more.text.count("工作表“") == 1
        assert "尚未提交" in more.text
        assert len(await drafts(site)) == 1
        assert "已记录" in (await submitted(web, more)).text
        assert len(await site.house.lane.read(notes_of(OVERDUE_CASE))) == recorded + 1
        # With a cell to mend nothing is taken over, and only that one is named
        content = filled(content, PEERS, FIRST, HEARD | {"about": OVERDUE_CASE, "people": "几位"})
        bad = await hands_in(web, content)
        assert bad.status == 422
        assert bad.text.count("工作表“") == 1
    async with browser(site.house) as web:
        await comes_in(web, await site.one("care_officer", 1))
        foreign = await hands_in(web, filled(blank, TALK, FIRST, WELL))
        assert "请核对编号" in foreign.text, "nobody else is told that there is such a note"


async def test_a_note_is_known_by_its_task_and_by_the_day_it_was_amended_to_and_not_once_voided(
    site: Town,
) -> None:
    def tasks(session: Session) -> list[str]:
        query = select(Visit.code).join(Case, col(Case.id) == col(Visit.case_id))
        query = query.where(Case.code == OVERDUE_CASE, Visit.kind == "talk", Visit.state == "planned")
        return list(session.exec(query.order_by(col(Visit.due_on))).all())

    task, *_ = await site.house.lane.read(tasks)

    def last(session: Session) -> Note:
        return session.exec(select(Note).order_by(col(Note.submitted_at), col(Note.id))).all()[-1]

    def amend(session: Session) -> None:
        note = last(session)
        event = NoteEvent(
            county_id=note.county_id,
            note_id=note.id,
            at=note.submitted_at,
            kind=NoteEventKind.amended,
            actor_id=note.author_id,
            reason_sealed=b"",
        )
        event.reason, event.answers = "日期有误", {"date": "2026-11-18"}
        session.add(event)

    def void(session: Session) -> None:
        note = last(session)
        note.voided_at = note.submitted_at

    async with browser(site.house) as web:
        await comes_in(web, await site.one("care_officer"))
        blank = await taken_along(web)
        by_task = filled(blank, TALK, FIRST, WELL | {"about": task.lower()})
        assert "已记录" in (await submitted(web, await hands_in(web, by_task))).text
        assert "此前已提交" in (await hands_in(web, by_task)).text, "though the task is done by now"
        amended = filled(blank, TALK, FIRST, WELL | {"date": "2026-11-18"})
        await site.house.lane.run(amend)
        for content in (by_task, amended):
            assert "此前已提交" in (await hands_in(web, content)).text
        assert await drafts(site) == []
        await site.house.lane.run(void)
        assert "尚未提交" in (await hands_in(web, filled(blank, TALK, FIRST, WELL))).text


async def test_where_no_cell_is_at_fault_none_is_spoken_of(site: Town) -> None:
    async with browser(site.house) as web:
        await comes_in(web, await site.one("care_officer"))
        for content, said in (
            (b"", "请先选择文件。"),
            (b"%PDF-1.7", "不是Excel工作簿"),
            (await taken_along(web), "没有填写"),
        ):
            page = await hands_in(web, content)
            assert page.status == 422
            assert said in page.text
            assert "改正以下各处" not in page.text


async def test_it_passes_the_doors_of_a_note_in_chat(site: Town) -> None:
    """Somebody else's case is told what is told of one that does not exist; what is begun is not overwritten."""
    officer, other = await site.one("care_officer"), await site.one("care_officer", 1)
    async with browser(site.house) as web:
        await comes_in(web, other)
        blank = await taken_along(web)
        foreign = await hands_in(web, filled(blank, TALK, FIRST, WELL))
        missing = await hands_in(web, filled(blank, TALK, FIRST, WELL | {"about": "JA-ZZZZ"}))
        assert foreign.text == missing.text
        assert foreign.status == missing.status == 422
    async with browser(site.house) as web:
        await comes_in(web, officer)
        assert (await hands_in(web, filled(blank, TALK, FIRST, WELL))).status == 200
        again = await hands_in(web, filled(blank, TALK, FIRST, WELL | {"thinking": "低落"}))
        assert "已经开始填写" in again.text
        assert len(await drafts(site)) == 1
        heard = HEARD | {"about": OVERDUE_CASE}
        twice = await hands_in(web, filled(filled(blank, PEERS, FIRST, heard), PEERS, SECOND, heard))
        assert "第4行E列（档案编号或任务编号）：另一列填的是同一任务" in twice.text
        assert twice.text.count("工作表“") == 1
        assert len(await drafts(site)) == 1


async def test_a_task_is_named_by_its_code_and_another_kind_is_none(site: Town) -> None:
    def code(session: Session) -> str:
        query = (
            select(Visit.code).join(Case, col(Case.id) == col(Visit.case_id)).where(Case.code == OVERDUE_CASE)
        )
        return session.exec(query.where(Visit.kind == "talk", Visit.state == "planned")).one()

    task = await site.house.lane.read(code)
    async with browser(site.house) as web:
        await comes_in(web, await site.one("care_officer"))
        blank = await taken_along(web)
        home = await hands_in(web, filled(blank, "走访单位", FIRST, {"about": task}))
        assert "请核对编号" in home.text
        lower = await hands_in(web, filled(blank, TALK, FIRST, WELL | {"about": f" {task.lower()} "}))
        assert OVERDUE_CASE in lower.text
        assert lower.status == 200


async def test_who_writes_no_notes_has_no_such_page(site: Town) -> None:
    async with browser(site.house) as web:
        assert "离线填写" not in (await comes_in(web, await site.one("subject"))).labels()
        assert (await web.client.get(BOOK)).status_code == 404
        assert (await web.client.get(f"{BOOK}/new")).status_code == 404
    async with browser(site.house) as web:
        assert (await web.client.get(BOOK)).status_code == 401
        assert (await web.client.post(BOOK, data={"page": "x"})).status_code == 403


async def test_the_units_opinion_and_a_review_have_sheets_of_their_own(site: Town) -> None:
    for role, title in (("unit_party_org", "单位党组织意见"), ("commission_staff", "综合研判")):
        async with browser(site.house) as web:
            await comes_in(web, await site.one(role))
            filled(await taken_along(web), title, FIRST, {"about": OVERDUE_CASE})
