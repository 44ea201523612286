"""《受处理处分人员跟踪回访工作手册〔个人分册〕》: one person's workbook as .xlsx. Pure: data in, bytes out.

Every cell is text: nothing that somebody typed can become a formula, a link or a number.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from casework.forms.kinds import clean
from locales.catalogue import N_

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TITLE = N_("Follow-up workbook for sanctioned officials [personal volume]")
KEEP_SAFE = N_("Internal material, keep safe")
NOT_CLASSIFIED = N_(
    "This is not a classified system. No state or work secrets, leads or investigation material may be entered, "
    "stored or passed on. For authorised persons and care follow-up only; no screenshots."
)
MADE = N_("Made at {time} by {name}")

Texts = Callable[[str], str]
"""Message id → text in the reader's language."""


@dataclass(frozen=True)
class SanctionRow:
    kind: str
    chain: str
    decided_on: date
    months: int


@dataclass(frozen=True)
class VisitRow:
    code: str
    kind: str
    first_due_on: date | None  # neither day where nobody had planned it
    due_on: date | None
    done_on: date | None
    state: str
    officer: str


@dataclass(frozen=True)
class NoteBlock:
    """One note: what it is, each answered question with its answer, and what was amended since."""

    held_on: date
    kind: str
    author: str
    submitted_on: date
    answers: tuple[tuple[str, str], ...]
    amendments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Rating:
    held_on: date
    kind: str
    grade: str


@dataclass(frozen=True)
class WorkbookData:
    """Everything the workbook says, words in the reader's language already. `made_at` is the reader's local time."""

    code: str
    name: str
    unit: str
    post: str
    stage: str
    stage_since: date
    care_officer: str
    sanctions: tuple[SanctionRow, ...]
    expires_on: date | None
    visits: tuple[VisitRow, ...]
    notes: tuple[NoteBlock, ...]
    ratings: tuple[Rating, ...]
    made_at: datetime
    made_by: str


def write_workbook(data: WorkbookData, texts: Texts) -> bytes:
    buffer = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(buffer, options) as book:
        book.set_properties({"title": texts(TITLE), "created": data.made_at.astimezone(UTC)})
        _facts(_Sheet(book, data, texts, N_("Basic facts"), (N_("Item"), N_("Content")), (24, 90)), data)
        _visits(
            _Sheet(book, data, texts, N_("Visit plan"), _VISIT_COLUMNS, (14, 18, 14, 14, 14, 22, 14)), data
        )
        _notes(_Sheet(book, data, texts, N_("Visit notes"), (N_("Question"), N_("Answer")), (28, 100)), data)
        _ratings(_Sheet(book, data, texts, N_("State of mind"), _RATING_COLUMNS, (18, 24, 30)), data)
    return buffer.getvalue()


# --- the sheets ----------------------------------------------------------------------------------------------------

_VISIT_COLUMNS = (
    N_("Task code"),
    N_("Kind of visit"),
    N_("First planned for"),
    N_("Due on"),
    N_("Took place on"),
    N_("Situation"),
    N_("Made by"),
)
_RATING_COLUMNS = (N_("Date"), N_("Kind of visit"), N_("State of mind"))


def _facts(sheet: _Sheet, data: WorkbookData) -> None:
    texts = sheet.texts
    unknown = texts(N_("Not determined yet"))
    sheet.row(texts(N_("Case code")), data.code)
    sheet.row(texts(N_("Name")), data.name)
    sheet.row(texts(N_("Unit")), data.unit)
    sheet.row(texts(N_("Post")), data.post)
    for sanction in data.sanctions:
        sheet.row(sanction.chain or texts(N_("Sanction")), _sanction(sanction, texts))
    ends = data.expires_on.isoformat() if data.expires_on else unknown
    sheet.row(texts(N_("End of the restriction period")), ends)
    sheet.row(texts(N_("Care officer")), data.care_officer or unknown)
    since = texts(N_("{stage}, since {day}")).format(stage=data.stage, day=data.stage_since.isoformat())
    sheet.row(texts(N_("Stage")), since)
    sheet.finish()


def _sanction(sanction: SanctionRow, texts: Texts) -> str:
    pattern = texts(N_("{sanction}, decided on {day}, restriction period {months} months"))
    return pattern.format(sanction=sanction.kind, day=sanction.decided_on.isoformat(), months=sanction.months)


def _visits(sheet: _Sheet, data: WorkbookData) -> None:
    for visit in data.visits:
        sheet.row(
            visit.code,
            visit.kind,
            *(day.isoformat() if day else "" for day in (visit.first_due_on, visit.due_on, visit.done_on)),
            visit.state,
            visit.officer,
        )
    sheet.finish(N_("No visit is planned yet."))


def _notes(sheet: _Sheet, data: WorkbookData) -> None:
    pattern = sheet.texts(N_("{day} {kind} (recorded by {author} on {recorded})"))
    for note in data.notes:
        sheet.heading(
            pattern.format(
                day=note.held_on.isoformat(),
                kind=note.kind,
                author=note.author,
                recorded=note.submitted_on.isoformat(),
            )
        )
        for label, answer in (*note.answers, *note.amendments):
            sheet.row(label, answer)
    sheet.finish(N_("There is no note yet."))


def _ratings(sheet: _Sheet, data: WorkbookData) -> None:
    for rating in data.ratings:
        sheet.row(rating.held_on.isoformat(), rating.kind, rating.grade)
    sheet.finish(N_("No rating so far."))


# --- how a sheet looks ---------------------------------------------------------------------------------------------

_HEADER_ROW = 4
_A4 = 9
_LONGEST = 32_767  # what a cell can hold
_NO_XML = re.compile("[\ufffe\uffff]")


def cell(text: str) -> str:
    """A text as a cell can hold it: without control characters, and not too long."""
    return _NO_XML.sub("", clean(text))[:_LONGEST]


def file_name_part(text: str) -> str:
    """A text as part of a file's name on any system."""
    return re.sub(r'[\\/:*?"<>|\s]+', " ", cell(text)).strip(" .")


def across_a4(sheet: Worksheet, marking: str) -> None:
    """How a sheet is printed: across, its columns on one page, marked above and numbered below."""
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    sheet.set_header("&R" + marking.replace("&", "&&"))
    sheet.set_footer("&C&P / &N")


class _Sheet:
    """One sheet under the common head: title, marking, who made it when, the standing notice, then the columns."""

    def __init__(
        self,
        book: Workbook,
        data: WorkbookData,
        texts: Texts,
        title: str,
        columns: Sequence[str],
        widths: Sequence[int],
    ) -> None:
        self.texts = texts
        self._sheet: Worksheet = book.add_worksheet(texts(title))
        self._last = len(columns) - 1
        self._text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top", "border": 1})
        self._block = book.add_format({"num_format": "@", "bold": True, "bg_color": "#EFEFEF", "border": 1})
        self._next = _HEADER_ROW + 1
        self._head(book, data, texts(title))
        header = book.add_format(
            {"bold": True, "bg_color": "#D9E2F3", "border": 1, "align": "center", "valign": "vcenter"}
        )
        for index, (column, width) in enumerate(zip(columns, widths, strict=True)):
            self._sheet.set_column(index, index, width)
            self._sheet.write_string(_HEADER_ROW, index, cell(texts(column)), header)
        self._page()

    def _head(self, book: Workbook, data: WorkbookData, title: str) -> None:
        plain = book.add_format({"num_format": "@", "valign": "vcenter"})
        bold = book.add_format({"num_format": "@", "bold": True, "font_size": 16, "align": "center"})
        small = book.add_format({"num_format": "@", "font_size": 9, "text_wrap": True, "valign": "vcenter"})
        made = self.texts(MADE).format(time=f"{data.made_at:%Y-%m-%d %H:%M}", name=data.made_by)
        self._across(0, f"{self.texts(TITLE)} {data.code} {data.name}", bold, 26)
        self._across(1, f"{title}  {self.texts(KEEP_SAFE)}", plain, 18)
        self._across(2, made, plain, 18)
        self._across(3, self.texts(NOT_CLASSIFIED), small, 28)

    def _page(self) -> None:
        sheet = self._sheet
        sheet.freeze_panes(_HEADER_ROW + 1, 0)
        sheet.repeat_rows(_HEADER_ROW)
        across_a4(sheet, self.texts(KEEP_SAFE))

    def _across(self, row: int, text: str, look: Format, height: int) -> None:
        self._sheet.merge_range(row, 0, row, self._last, "", look)
        self._sheet.write_string(row, 0, cell(text), look)
        self._sheet.set_row(row, height)

    def heading(self, text: str) -> None:
        self._across(self._next, text, self._block, 20)
        self._next += 1

    def row(self, *texts: str) -> None:
        for column, text in enumerate(texts):
            self._sheet.write_string(self._next, column, cell(text), self._text)
        self._next += 1

    def finish(self, if_empty: str = "") -> None:
        """Say so where there is nothing to show: an empty sheet looks like a mistake."""
        if if_empty and self._next == _HEADER_ROW + 1:
            self._across(self._next, self.texts(if_empty), self._text, 20)
