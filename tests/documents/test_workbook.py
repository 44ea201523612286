from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook, load_workbook
from sqlmodel import Session, col, select

from casework.documents.collect import collect
from casework.documents.workbook import (
    NoteBlock,
    Rating,
    SanctionRow,
    VisitRow,
    WorkbookData,
    cell,
    file_name_part,
    write_workbook,
)
from locales.phrase import Reader
from storage.errors import NotFound
from storage.queries.access import actor_of
from storage.tables.cases import Case, CaseState, Sanction
from storage.tables.members import Member
from storage.tables.notes import Note
from storage.tables.visits import VisitKind
from tests.commands.world import World, plan, record

ZONE = ZoneInfo("Asia/Shanghai")
FORMULAS = (
    "=1+1",
    "+86",
    "-1",
    "@SUM(A1)",
    '=HYPERLINK("http://x.cn")',
    "http://x.cn",
    "0012",
    "_x0041_",
    "{=1}",
)

SAMPLE = WorkbookData(
    code="JA-7K3Q",
    name="张明",
    unit="发改局",
    post="科员",
    stage="Care follow-up",
    stage_since=date(2026, 7, 1),
    care_officer="李敏",
    sanctions=(SanctionRow("Party warning", "Party sanction", date(2025, 7, 1), 12),),
    expires_on=date(2026, 6, 30),
    visits=(
        VisitRow("T-2", "Talk", date(2026, 9, 1), date(2026, 9, 8), date(2026, 9, 3), "Took place", "李敏"),
    ),
    notes=(NoteBlock(date(2026, 9, 3), "Talk", "李敏", date(2026, 9, 4), (("Work", "按时\n完成"),)),),
    ratings=(Rating(date(2026, 9, 3), "Talk", "Stable (blue)"),),
    made_at=datetime(2026, 11, 23, 9, 30, tzinfo=ZONE),
    made_by="陈刚",
)


def _same(msgid: str) -> str:
    return msgid


def _read(data: WorkbookData) -> Workbook:
    return load_workbook(io.BytesIO(write_workbook(data, _same)))


def _rows(book: Workbook, sheet: str) -> list[list[Any]]:
    """The rows below the header."""
    return [[one.value for one in row] for row in book[sheet].iter_rows(min_row=6)]


def test_the_four_sheets_hold_the_case() -> None:
    book = _read(SAMPLE)
    assert book.sheetnames == ["Basic facts", "Visit plan", "Visit notes", "State of mind"]
    assert _rows(book, "Basic facts") == [
        ["Case code", "JA-7K3Q"],
        ["Name", "张明"],
        ["Unit", "发改局"],
        ["Post", "科员"],
        ["Party sanction", "Party warning, decided on 2025-07-01, restriction period 12 months"],
        ["End of the restriction period", "2026-06-30"],
        ["Care officer", "李敏"],
        ["Stage", "Care follow-up, since 2026-07-01"],
    ]
    assert _rows(book, "Visit plan") == [
        ["T-2", "Talk", "2026-09-01", "2026-09-08", "2026-09-03", "Took place", "李敏"]
    ]
    assert _rows(book, "Visit notes") == [
        ["2026-09-03 Talk (recorded by 李敏 on 2026-09-04)", None],
        ["Work", "按时\n完成"],
    ]
    assert _rows(book, "State of mind") == [["2026-09-03", "Talk", "Stable (blue)"]]


def test_every_sheet_prints_on_a4_under_its_marking() -> None:
    for sheet in _read(SAMPLE).worksheets:
        assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
        assert sheet.sheet_properties.pageSetUpPr is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToHeight == 0
        assert sheet.freeze_panes == "A6"
        assert sheet.print_title_rows == "$5:$5"
        head = [str(sheet.cell(row, 1).value) for row in range(1, 5)]
        assert head[0].endswith("[personal volume] JA-7K3Q 张明")
        assert head[1].endswith("Internal material, keep safe")
        assert head[2] == "Made at 2026-11-23 09:30 by 陈刚"
        assert head[3].startswith("This is not a classified system")


@pytest.mark.parametrize("typed", FORMULAS)
def test_what_looks_like_a_formula_stays_text(typed: str) -> None:
    content = write_workbook(_everywhere(typed), _same)
    book = load_workbook(io.BytesIO(content))
    cells = [one for sheet in book.worksheets for row in sheet.iter_rows() for one in row]
    found = [one for one in cells if one.value == typed]
    assert len(found) >= 10
    assert {one.data_type for one in cells if one.value is not None} == {"s"}
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if "worksheets/sheet" in name]
    assert not any(b"<f>" in sheet or b"hyperlink" in sheet for sheet in sheets)


def _everywhere(text: str) -> WorkbookData:
    return replace(
        SAMPLE,
        code=text,
        name=text,
        unit=text,
        post=text,
        care_officer=text,
        visits=(replace(SAMPLE.visits[0], code=text, kind=text, state=text, officer=text),),
        notes=(replace(SAMPLE.notes[0], answers=((text, text),)),),
        ratings=(Rating(date(2026, 9, 3), text, text),),
    )


def test_what_no_workbook_can_hold_is_left_out() -> None:
    assert cell("甲\x00\x07\x1b乙\ufffe\uffff\ud800丙\n丁") == "甲乙丙\n丁"
    assert len(cell("长" * 40_000)) == 32_767
    book = _read(_everywhere("a\x0bb\x01" + "长" * 40_000))
    assert str(book["Basic facts"].cell(6, 2).value).startswith("a\nb长")


def test_an_empty_case_says_so() -> None:
    book = _read(
        replace(SAMPLE, sanctions=(), expires_on=None, visits=(), notes=(), ratings=(), care_officer="")
    )
    assert ["End of the restriction period", "Not determined yet"] in _rows(book, "Basic facts")
    assert ["Care officer", "Not determined yet"] in _rows(book, "Basic facts")
    assert _rows(book, "Visit plan")[0][0] == "No visit is planned yet."
    assert _rows(book, "Visit notes")[0][0] == "There is no note yet."
    assert _rows(book, "State of mind")[0][0] == "No rating so far."


def test_the_same_case_gives_the_same_file() -> None:
    assert write_workbook(SAMPLE, _same) == write_workbook(SAMPLE, _same)


def test_a_name_fits_into_a_file_name() -> None:
    assert file_name_part(' 张/明\\:*?"<>|\n. ') == "张 明"
    assert file_name_part("阿卜杜拉·热合曼") == "阿卜杜拉·热合曼"


# --- collecting it -------------------------------------------------------------------------------------------------


def _collect(world: World, who: str, code: str = "JA-7K3Q") -> WorkbookData:
    def unit(session: Session) -> WorkbookData:
        actor = actor_of(session, session.get_one(Member, world.members[who]), "en")
        return collect(session, actor, code, Reader("en", ZONE, date(2026, 11, 23)), now=world.now)

    return world.do(unit)


def test_a_case_is_collected_with_its_answers_in_words(world: World) -> None:
    companion = str(world.members["colleague"])
    visit = plan(world, "JA-7K3Q", "2026-11-03")
    record(
        world, visit, "2026-11-03", "unsettled", place="own_office", thinking="=有顾虑", basis="叹气", work="按时",
        more=["work", "attendance", "companions"], companions=[companion, "老同事"], span="09:00-10:00",
        spoken_to=["subject"], correction="未勾选的题目",
    )  # fmt: skip
    plan(world, "JA-7K3Q", "2026-11-18", VisitKind.home_visit)
    plan(world, "JA-7K3Q", "2026-12-01", VisitKind.study_visit)
    data = _collect(world, "staff")
    assert (data.code, data.name, data.unit, data.post, data.care_officer) == (
        "JA-7K3Q", "张明", "发改局", "科员", "李敏",
    )  # fmt: skip
    assert data.sanctions == (SanctionRow("Party warning", "Party sanction", date(2025, 7, 1), 12),)
    states = [row.state for row in data.visits if row.state != "No longer needed"]
    assert states == ["Took place", "3 working days overdue", "Upcoming"]
    assert data.notes[0].answers == (
        ("Date", "3 November"),
        ("Place", "The person's office"),
        ("State of thinking", "=有顾虑"),
        ("State of mind", "Unsettled (yellow)"),
        ("What the rating rests on", "叹气"),
        ("Safety concern", "No sign"),
        ("Further topics", "Work, Time and those present, Companion, for a formal visit"),
        ("Work", "按时"),
        ("Companions", "吴涛, 老同事"),
        ("From–to", "09:00–10:00"),
        ("Spoken with", "The person concerned"),
        ("Counts as", "awaits the companion's confirmation"),
    )
    assert [(rating.held_on, rating.grade) for rating in data.ratings] == [
        (date(2026, 11, 3), "Unsettled (yellow)")
    ]
    assert (data.made_by, f"{data.made_at:%H:%M}") == ("陈刚", "09:00")


def test_an_older_note_loses_nothing(world: World) -> None:
    record(
        world, plan(world, "JA-7K3Q", "2026-11-03"), "2026-11-03", "stable", place="own_office", thinking="好"
    )

    def age(session: Session) -> None:
        note = session.exec(select(Note)).one()
        note.answers = {**note.answers, "old_question": ["甲", "乙"], "safety": "maybe"}
        sanction = session.exec(select(Sanction).order_by(col(Sanction.id))).first()
        assert sanction is not None
        sanction.kind = "party.unheard_of"
        case = session.get_one(Case, world.cases["JA-7K3Q"])
        case.state, case.care_officer_id, case.awaits_officer = CaseState.closed, None, "钱进"

    world.do(age)
    plan(world, "JA-7K3Q", "2026-12-01")
    data = _collect(world, "leader")
    assert data.notes[0].answers[-1] == ("old_question", "甲、乙")
    assert ("Safety concern", "maybe") in data.notes[0].answers
    assert data.sanctions[0].kind == "party.unheard_of"
    assert data.care_officer == "钱进"
    assert {row.state for row in data.visits} == {"Took place", "No visits for now"}


def test_a_note_of_an_unknown_form_is_kept_by_its_keys(world: World) -> None:
    record(world, plan(world, "JA-7K3Q", "2026-11-03"), "2026-11-03", "stable")

    def rename(session: Session) -> None:
        session.exec(select(Note)).one().form = "telephone"

    world.do(rename)
    note = _collect(world, "officer").notes[0]
    assert note.kind == "telephone"
    assert ("date", "2026-11-03") in note.answers


@pytest.mark.parametrize("who", ["stranger", "boss", "unit"])
def test_nobody_else_collects_it(world: World, who: str) -> None:
    with pytest.raises(NotFound):
        _collect(world, who)
    assert "workbook_exported" not in {verb for verb, _ in world.audited()}
