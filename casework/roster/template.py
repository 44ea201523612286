"""An empty roster to fill in: headers, drop-downs, formats, and a sheet that explains them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from casework.roster.reading import FIELDS, MAX_ROWS
from casework.sanctions import SanctionKind
from locales.catalogue import N_, gettext

_WIDTHS = {
    "name": 10, "unit": 24, "post": 14, "political_status": 12, "sanctions": 22, "decided_on": 13,
    "reason": 32, "conduct": 12, "care_officer": 12, "remark": 16,
}  # fmt: skip
# The fields with a drop-down, in the order of their lists on the second sheet.
_LISTED = ("political_status", "sanctions", "conduct")
_STATUS = {
    "zh": ("中共党员", "中共预备党员", "共青团员", "民主党派成员", "无党派人士", "群众"),
    "en": ("Party member", "Probationary Party member", "Not a Party member"),
}
_CONDUCT = {"zh": ("好", "较好", "一般", "差"), "en": ("Good", "Fairly good", "Average", "Poor")}

_SHEET = N_("Roster")
_HELP_SHEET = N_("How to fill it in")
_HELP_TITLE = N_("How to fill in the roster")
_HELP = (
    N_(
        "One row for one person. Name, unit, sanction and decision date must be "
        "filled in; the other columns may stay empty."
    ),
    N_("Do not change the names in the header row. Columns may be moved, and further columns are not read."),
    N_(
        "Sanction: choose from the list. For several sanctions of one person "
        "write them in one cell with 、 between them."
    ),
    N_("Do not write 警告 alone: write 党内警告 or 政务警告, because their restriction periods differ."),
    N_(
        "Decision date: the day on which the sanction was decided, not the "
        "day it was served, in the form 2026-02-28."
    ),
    N_(
        "Where several sanctions were decided on different days, give one date for "
        "each in the same order, with 、 between them."
    ),
    N_(
        "A length stated in the decision itself may follow the "
        "sanction in brackets: 党内严重警告（影响期24个月）."
    ),
    N_(
        "Care officer: the name as registered in the assistant. A name not "
        "registered yet is loaded and linked later."
    ),
    N_(
        "Do not enter sex, date of birth, identity card or telephone "
        "numbers: they are not needed and not read."
    ),
    N_(
        "Check before you load: the import first shows every problem by row "
        "and column, and loads all or nothing."
    ),
)
_LISTS_TITLE = N_("Words to choose from")
# The workbook says nothing about when and where it was made: two of them are the same, byte for byte.
_MADE = datetime(2026, 1, 1, tzinfo=UTC)
_FIRST_DECISION = date(1990, 1, 1)


def write_template(target: Path | str | BinaryIO, language: str = "zh_CN") -> None:
    """Writes the empty workbook into a file or an open buffer."""
    with Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": _MADE})
        sheet = book.add_worksheet(gettext(language, _SHEET))
        guide = book.add_worksheet(gettext(language, _HELP_SHEET))
        ranges = _write_guide(book, guide, language)
        _write_sheet(book, sheet, language)
        _restrict(sheet, ranges, language)


def _write_sheet(book: Workbook, sheet: Worksheet, language: str) -> None:
    header = book.add_format({
        "bold": True, "bg_color": "#D9E2F3", "border": 1, "align": "center", "valign": "vcenter", "text_wrap": True,
    })  # fmt: skip
    text = book.add_format({"num_format": "@", "valign": "vcenter", "text_wrap": True})
    day = book.add_format({"num_format": "yyyy-mm-dd", "align": "center", "valign": "vcenter"})
    for index, field in enumerate(FIELDS):
        sheet.set_column(index, index, _WIDTHS[field.key], day if field.key == "decided_on" else text)
        sheet.write_string(0, index, field.name(language), header)
    sheet.set_row(0, 30)
    sheet.freeze_panes(1, 1)
    sheet.set_paper(9)  # A4
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_margins(left=0.4, right=0.4, top=0.6, bottom=0.6)
    sheet.set_footer("&C&P / &N")


def _restrict(sheet: Worksheet, ranges: dict[str, str], language: str) -> None:
    """Drop-downs suggest, they do not forbid: a cell may hold two sanctions, and a date may be typed as text."""
    for index, field in enumerate(FIELDS):
        if field.key in ranges:
            rule = {"validate": "list", "source": ranges[field.key], "show_error": False}
            sheet.data_validation(1, index, MAX_ROWS, index, rule)
        elif field.key == "decided_on":
            rule = {
                "validate": "date", "criteria": ">=", "value": _FIRST_DECISION, "error_type": "information",
                "error_title": field.name(language), "error_message": gettext(language, _DATE_HINT),
                "input_title": field.name(language), "input_message": gettext(language, _DATE_HINT),
            }  # fmt: skip
            sheet.data_validation(1, index, MAX_ROWS, index, rule)


_DATE_HINT = N_("The day of the decision, in the form 2026-02-28.")


def _write_guide(book: Workbook, guide: Worksheet, language: str) -> dict[str, str]:
    """The instructions, and below them the lists. Answers where each list stands, for the drop-downs."""
    title = book.add_format({"bold": True, "font_size": 14, "valign": "vcenter"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
    guide.set_column(0, 0, 5)
    guide.set_column(1, len(_LISTED), 30, wrapped)
    guide.write_string(0, 0, gettext(language, _HELP_TITLE), title)
    for row, line in enumerate(_HELP, start=1):
        guide.write_number(row, 0, row)
        guide.merge_range(row, 1, row, len(_LISTED), gettext(language, line), wrapped)
        guide.set_row(row, 32)
    top = len(_HELP) + 2
    guide.write_string(top, 0, gettext(language, _LISTS_TITLE), title)
    guide.set_paper(9)
    guide.fit_to_pages(1, 0)
    return _write_lists(book.add_format({"bold": True, "border": 1}), guide, top + 1, language)


def _write_lists(bold: Format, guide: Worksheet, top: int, language: str) -> dict[str, str]:
    short = "zh" if language.startswith("zh") else "en"
    kinds = tuple(kind.chinese if short == "zh" else gettext(language, kind.label) for kind in SanctionKind)
    words = {"political_status": _STATUS[short], "sanctions": kinds, "conduct": _CONDUCT[short]}
    names = {field.key: field.name(language) for field in FIELDS}
    ranges: dict[str, str] = {}
    for column, key in enumerate(_LISTED, start=1):
        guide.write_string(top, column, names[key], bold)
        guide.write_column(top + 1, column, words[key])
        letter = "ABCD"[column]
        ranges[key] = f"='{guide.get_name()}'!${letter}${top + 2}:${letter}${top + 1 + len(words[key])}"
    return ranges
