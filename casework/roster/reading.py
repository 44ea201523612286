"""A workbook, as bytes, to the rows of its roster. What is in a cell is not judged here (checking.py)."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from casework.roster.archive import guard, not_a_workbook
from casework.roster.dates import Cell
from locales.phrase import Word, several
from storage.errors import Refused

MAX_ROWS = 5_000
MAX_COLUMNS = 60
HEADER_WITHIN = 10
_HEADER_COLUMNS = 3  # so many known names in one row make it the header


@dataclass(frozen=True, slots=True)
class Field:
    """One column that is read. Any other column, sex and birth date among them, is left in the file."""

    key: str
    chinese: tuple[str, ...]  # the name our template uses first
    english: tuple[str, ...]
    required: bool = False

    def name(self, language: str) -> str:
        return (self.chinese if language.startswith("zh") else self.english)[0]


FIELDS: tuple[Field, ...] = (
    Field("name", ("姓名",), ("Name", "Full name"), required=True),
    Field("unit", ("工作单位", "单位", "所在单位", "单位名称"), ("Unit", "Work unit"), required=True),
    Field("post", ("现任职务", "职务", "现任职务职级", "职务职级"), ("Post", "Position")),
    Field("political_status", ("政治面貌",), ("Political status",)),
    Field(
        "sanctions",
        ("处理处分种类", "处分种类", "处分类型", "处理处分", "处理处分类型"),
        ("Sanctions", "Sanction", "Kind of sanction"),
        required=True,
    ),
    Field(
        "decided_on",
        ("处分决定日期", "处分时间", "决定日期", "处分日期", "处理处分日期", "处理处分时间", "处分决定时间"),
        ("Decision date", "Date of decision"),
        required=True,
    ),
    Field(
        "reason",
        ("错误性质和情节", "违纪事实", "错误性质", "错误性质及情节"),
        ("Nature of the error", "Reason"),
    ),
    Field("conduct", ("影响期内综合表现", "综合表现", "影响期内表现"), ("Conduct in the period", "Conduct")),
    Field("care_officer", ("关怀责任人",), ("Care officer",)),
    Field("remark", ("备注",), ("Remark", "Remarks")),
)


def _plain_header(text: str) -> str:
    """A column name without spaces, marks of a required column, and a remark in brackets."""
    return re.sub(r"[\s*＊\u200b\ufeff]+|\(.*\)$|[:：]$", "", unicodedata.normalize("NFKC", text)).casefold()


# How well a name fits its field: the lower the better, where a sheet has two columns for one field.
_NAMES = {
    _plain_header(name): (field.key, rank)
    for field in FIELDS
    for rank, name in enumerate((*field.chinese, *field.english))
}


@dataclass(frozen=True, slots=True)
class Column:
    key: str
    header: str  # as written in the sheet
    index: int

    @property
    def letter(self) -> str:
        letters, number = "", self.index + 1
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(65 + rest) + letters
        return letters


@dataclass(frozen=True, slots=True)
class Row:
    number: int  # as Excel counts
    cells: Mapping[str, Cell]  # by field; a field without a column is absent


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    header_row: int
    columns: Mapping[str, Column]
    rows: tuple[Row, ...]
    others: tuple[str, ...] = ()  # sheets that look like a roster too, and were not read

    @property
    def missing(self) -> tuple[Field, ...]:
        return tuple(field for field in FIELDS if field.required and field.key not in self.columns)


Raw = int | float | str | bool | time | date | datetime | timedelta


def cell_of(raw: Raw) -> Cell:
    if isinstance(raw, str):
        return raw if raw.strip(" \t\r\n\u3000\u200b\ufeff\xa0") else None
    if isinstance(raw, float) and raw.is_integer():
        return int(raw)
    return str(raw) if isinstance(raw, time | timedelta) else raw


def text_of(cell: Cell) -> str:
    """A cell as a person reads it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def read_roster(content: bytes) -> Sheet:
    """The roster in a workbook: its first visible sheet with a header row near the top.

    Raises:
        Refused: it is no workbook, it is too large, or there is no roster in it.
    """
    guard(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        shown = [
            workbook.get_sheet_by_name(sheet.name)
            for sheet in workbook.sheets_metadata
            if sheet.typ is SheetTypeEnum.WorkSheet and sheet.visible is SheetVisibleEnum.Visible
        ]
        found = [(sheet, header) for sheet in shown if (header := _header(sheet))]
        if not found:
            raise _no_header()
        sheet, (row, columns) = found[0]
        rows = _rows(sheet, row, columns)
    except CalamineError:
        raise not_a_workbook() from None
    if not rows:
        raise Refused("The roster has a header row and nobody below it: fill in at least one row.")
    return Sheet(sheet.name, row, columns, rows, tuple(other.name for other, _ in found[1:]))


def _no_header() -> Refused:
    names = several(Word(field.chinese[0]) for field in FIELDS if field.required)
    return Refused(
        "No roster was found: one of the first {n} rows must name the columns {columns}.",
        n=HEADER_WITHIN,
        columns=names,
    )


def _header(sheet: CalamineSheet) -> tuple[int, dict[str, Column]] | None:
    """The row that names the most known columns, counted from 1, and these columns by field."""
    if sheet.end is None:
        return None
    best: tuple[int, dict[str, Column]] | None = None
    for number, raw in enumerate(sheet.to_python(skip_empty_area=False, nrows=HEADER_WITHIN), start=1):
        columns = _columns(raw)
        if len(columns) >= _HEADER_COLUMNS and (best is None or len(columns) > len(best[1])):
            best = number, columns
    return best


def _columns(raw: Sequence[Raw]) -> dict[str, Column]:
    ranked: dict[str, tuple[int, Column]] = {}
    for index, cell in enumerate(raw):
        key, rank = _NAMES.get(_plain_header(str(cell)), ("", 0))
        if key and (key not in ranked or rank < ranked[key][0]):
            header = re.sub(
                r"\s+", "" if re.search(r"[\u3400-\u9fff]", str(cell)) else " ", str(cell).strip()
            )
            ranked[key] = rank, Column(key, header, index)
    return {key: column for key, (_, column) in ranked.items()}


def _rows(sheet: CalamineSheet, header_row: int, columns: Mapping[str, Column]) -> tuple[Row, ...]:
    last_row, last_column = sheet.end or (0, 0)
    if last_column >= MAX_COLUMNS:
        raise Refused(
            "The roster has more than {n} columns: keep only the columns of the template.", n=MAX_COLUMNS
        )
    # Some room for footnotes and empty rows, so that 5,000 people are what counts.
    if last_row > 2 * MAX_ROWS:
        raise _too_many_rows()
    grid = sheet.to_python(skip_empty_area=False)
    _spread_merged(grid, sheet, header_row, columns)
    rows: list[Row] = []
    noted = False
    for number, raw in enumerate(grid[header_row:], start=header_row + 1):
        row = Row(number, {key: cell_of(raw[column.index]) for key, column in columns.items()})
        noted = noted or _is_footnote(raw)
        if _is_person(row, columns, strictly=noted):
            rows.append(row)
    if len(rows) > MAX_ROWS:
        raise _too_many_rows()
    return tuple(rows)


def _too_many_rows() -> Refused:
    return Refused("The roster has more than {n} rows: split it into several workbooks.", n=MAX_ROWS)


def _spread_merged(
    grid: list[list[Raw]], sheet: CalamineSheet, header_row: int, columns: Mapping[str, Column]
) -> None:
    """A cell merged downwards (one unit beside its five people) counts for every row it covers."""
    read = {column.index for column in columns.values()}
    for (top, left), (bottom, right) in (sheet.merged_cell_ranges or [])[:MAX_ROWS]:
        if left == right and left in read and header_row <= top < len(grid):
            for row in grid[top + 1 : bottom + 1]:
                row[left] = grid[top][left]


_FOOTNOTE = re.compile(
    r"^(?:注|附注|说明|填表说明|填报说明|备注|填表人|填报人|审核人|制表人?|notes?)\d*:", re.IGNORECASE
)


def _is_footnote(raw: Sequence[Raw]) -> bool:
    first = next((str(cell).strip() for cell in raw if str(cell).strip()), "")
    return bool(_FOOTNOTE.match(unicodedata.normalize("NFKC", first)))


def _is_person(row: Row, columns: Mapping[str, Column], *, strictly: bool) -> bool:
    """Empty rows, and a header repeated for printing, are nobody.

    Below a footnote a row counts only with a name and one more required field, so that neither the lines of the
    note are taken for people, nor a person added below it is lost.
    """
    filled = {key for key, cell in row.cells.items() if cell is not None}
    if not filled or all(
        _plain_header(text_of(row.cells[key])) == _plain_header(columns[key].header) for key in filled
    ):
        return False
    return not strictly or ("name" in filled and bool(filled & {"unit", "sanctions", "decided_on"}))
