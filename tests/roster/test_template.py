from __future__ import annotations

import io
from datetime import datetime

import pytest
from openpyxl import load_workbook

from casework.roster.checking import check_roster
from casework.roster.reading import FIELDS, read_roster
from casework.roster.template import write_template
from casework.sanctions import SanctionKind
from storage.errors import Refused
from tests.roster.conftest import TODAY


def _template(language: str = "zh_CN") -> bytes:
    buffer = io.BytesIO()
    write_template(buffer, language)
    return buffer.getvalue()


def _filled(language: str, *cells: str | datetime) -> bytes:
    book = load_workbook(io.BytesIO(_template(language)))
    for column, cell in enumerate(cells, start=1):
        book.worksheets[0].cell(2, column, cell)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def test_the_chinese_template_is_ready_to_print_and_to_fill_in() -> None:
    book = load_workbook(io.BytesIO(_template()))
    assert book.sheetnames == ["名册", "填写说明"]
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == [field.chinese[0] for field in FIELDS]
    assert sheet.freeze_panes == "B2"
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.sheet_properties.pageSetUpPr is not None
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0  # as wide as the page (the default), as long as it needs
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.column_dimensions["F"].width > 10
    guide = [str(cell.value) for row in book.worksheets[1].iter_rows() for cell in row if cell.value]
    assert "名册填写说明" in guide
    assert any("影响期不同" in line for line in guide)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_drop_downs_offer_words_that_are_read(language: str) -> None:
    book = load_workbook(io.BytesIO(_template(language)))
    rules = {str(rule.sqref)[0]: rule for rule in book.worksheets[0].data_validations.dataValidation}
    assert {letter: rule.type for letter, rule in rules.items()} == {
        "D": "list",
        "E": "list",
        "F": "date",
        "H": "list",
    }
    offered = {}
    for letter in "DEH":
        sheet, _, cells = rules[letter].formula1.partition("!")
        offered[letter] = [row[0].value for row in book[sheet.strip("'")][cells.replace("$", "")]]
        assert not rules[letter].showErrorMessage  # two sanctions may be typed into one cell
    assert len(offered["E"]) == len(SanctionKind)
    assert len(offered["H"]) == 4
    for word in offered["E"]:
        status = offered["D"][0]
        content = _filled(language, "方融", "县统计局", "", status, word, datetime(2025, 1, 10))  # noqa: DTZ001
        done = check_roster(read_roster(content), today=TODAY, known_officers=())
        assert len(done.entries) == 1, word


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_filled_template_reads_back(language: str) -> None:
    row = (
        "方融",
        "县统计局",
        "科员",
        "中共党员",
        "党内警告、政务警告",
        "2025-01-10",
        "把关不严",
        "较好",
        "李敏",
        "无",
    )
    done = check_roster(read_roster(_filled(language, *row)), today=TODAY, known_officers={"李敏"})
    assert not done.problems
    (entry,) = done.entries
    assert (entry.row, entry.name, entry.post, entry.conduct, entry.remark) == (
        2,
        "方融",
        "科员",
        "较好",
        "无",
    )
    assert [s.kind for s in entry.sanctions] == [SanctionKind.PARTY_WARNING, SanctionKind.GOVERNMENT_WARNING]


def test_an_empty_template_is_nobody() -> None:
    with pytest.raises(Refused) as refusal:
        read_roster(_template())
    assert "nobody" in refusal.value.phrase.msgid


def test_two_templates_are_the_same() -> None:
    assert _template() == _template()
