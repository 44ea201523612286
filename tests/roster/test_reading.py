from __future__ import annotations

import io
from datetime import date

import pytest
from openpyxl import load_workbook

from casework.roster.reading import MAX_COLUMNS, MAX_ROWS, Column, read_roster
from storage.errors import Refused
from tests.roster.conftest import HEADER, Book

PERSON = ("方融", "县统计局", "中共党员", "党内警告", "2025-01-10", "李敏")


def test_the_header_is_found_wherever_it_is(workbook: Book) -> None:
    sheet = read_roster(workbook([["名册"], [], ["填报单位：县纪委"], [], HEADER, PERSON]))
    assert sheet.header_row == 5
    assert [row.number for row in sheet.rows] == [6]
    assert sheet.columns["decided_on"] == Column("decided_on", "处分决定日期", 4)
    assert sheet.columns["decided_on"].letter == "E"
    assert not sheet.missing


def test_a_header_below_the_tenth_row_is_not_looked_for(workbook: Book) -> None:
    with pytest.raises(Refused) as refusal:
        read_roster(workbook([*[["x"]] * 10, HEADER, PERSON]))
    assert "No roster was found" in refusal.value.phrase.msgid


@pytest.mark.parametrize(
    "header",
    [
        (" 姓 名 ", "单位", "政治面貌", "处分种类", "处分时间"),
        ("姓名*", "所在单位", "政治面貌", "处分类型", "决定日期（年月日）"),
        ("姓\n名", "工作单位：", "政治面貌", "处理处分", "处分日期"),
        ("Name", "Work unit", "Political status", "SANCTION", "decision date"),
    ],
)
def test_columns_go_by_many_names(workbook: Book, header: tuple[str, ...]) -> None:
    sheet = read_roster(workbook([header, PERSON[:5]]))
    assert set(sheet.columns) == {"name", "unit", "political_status", "sanctions", "decided_on"}


def test_the_better_name_wins(workbook: Book) -> None:
    sheet = read_roster(
        workbook([("单位", "姓名", "工作单位", "处分种类"), ("县", "方融", "县统计局", "诫勉")])
    )
    assert sheet.rows[0].cells["unit"] == "县统计局"


def test_what_is_not_needed_is_never_carried(workbook: Book) -> None:
    header = (*HEADER, "性别", "出生年月", "身份证号码")
    sheet = read_roster(workbook([header, (*PERSON, "女", "1980.01", "510000198001010000")]))
    assert "1980.01" not in str(sheet)
    assert "女" not in str(sheet)
    assert "510000198001010000" not in str(sheet)


def test_empty_rows_repeated_headers_and_footnotes_are_nobody(workbook: Book) -> None:
    header = ("序号", *HEADER)
    other = ("葛楠", *PERSON[1:])
    table = [
        header, (1, *PERSON), [None], (2, None, "  "), header, (3, *other),
        ["注：一、本表人员均为虚构。"], ["二、请勿外传。"], [None, "审核："],
    ]  # fmt: skip
    assert [row.number for row in read_roster(workbook(table)).rows] == [2, 6]


def test_a_person_below_the_footnote_is_not_lost(workbook: Book) -> None:
    sheet = read_roster(workbook([HEADER, PERSON, ["注：补报一人"], ("葛楠", *PERSON[1:])]))
    assert [row.number for row in sheet.rows] == [2, 4]


def test_a_cell_merged_downwards_counts_for_every_row(workbook: Book) -> None:
    book = load_workbook(io.BytesIO(workbook([HEADER, PERSON, ("葛楠", None, *PERSON[2:])])))
    book.active.merge_cells("B2:B3")  # type: ignore[union-attr]
    buffer = io.BytesIO()
    book.save(buffer)
    assert [row.cells["unit"] for row in read_roster(buffer.getvalue()).rows] == ["县统计局", "县统计局"]


def test_only_the_first_visible_roster_is_read(workbook: Book) -> None:
    book = load_workbook(
        io.BytesIO(workbook([HEADER, PERSON], [["说明"]], [HEADER, PERSON], [HEADER, PERSON]))
    )
    book.worksheets[0].sheet_state = "hidden"
    buffer = io.BytesIO()
    book.save(buffer)
    sheet = read_roster(buffer.getvalue())
    assert (sheet.name, sheet.others) == ("Sheet3", ("Sheet4",))


def test_cells_keep_what_they_hold(workbook: Book) -> None:
    cells = (
        read_roster(workbook([HEADER, ("方融", "县统计局", 3, "=1+1", date(2025, 1, 10), 0.5)])).rows[0].cells
    )
    assert cells["decided_on"] == date(2025, 1, 10)
    assert cells["political_status"] == 3
    assert cells["care_officer"] == 0.5


def test_a_roster_of_nobody_is_refused(workbook: Book) -> None:
    with pytest.raises(Refused) as refusal:
        read_roster(workbook([HEADER]))
    assert "nobody" in refusal.value.phrase.msgid


def test_too_many_columns_and_rows_are_refused(workbook: Book) -> None:
    with pytest.raises(Refused) as refusal:
        read_roster(workbook([(*HEADER, *[None] * 60, "x"), PERSON]))
    assert f"{MAX_COLUMNS}" in str(refusal.value.phrase.values)
    assert len(read_roster(workbook([HEADER, *[PERSON] * MAX_ROWS])).rows) == MAX_ROWS
    for rows in (MAX_ROWS + 1, 2 * MAX_ROWS + 1):
        with pytest.raises(Refused) as refusal:
            read_roster(workbook([HEADER, *[PERSON] * rows]))
        assert "more than {n} rows" in refusal.value.phrase.msgid


def test_the_untidy_sample_is_read(sample: bytes) -> None:
    sheet = read_roster(sample)
    assert sheet.header_row == 3
    assert len(sheet.rows) == 60
    assert sheet.rows[-1].number == 64  # one empty row in the middle
