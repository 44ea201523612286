"""A workbook of forms (form_book.py) that somebody filled in, as bytes, to its notes. What a cell says is not judged
here: that takes the form and what is known of the case (bot/pages/brought_in.py).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum
from xlsxwriter.utility import xl_col_to_name

from casework.documents.form_book import ABOUT, FIRST_NOTE, HEADER_ROW, KEYS, MARK, NOTES
from casework.roster.archive import guard, not_a_workbook
from casework.roster.dates import Cell
from casework.roster.reading import Raw, cell_of
from locales.catalogue import N_
from storage.errors import Refused

MOST_ROWS, MOST_COLUMNS = 200, 60
_MARK = re.compile(rf"{MARK}:([a-z_]{{1,40}}):(\d{{1,4}})")


@dataclass(frozen=True)
class Place:
    """A cell, as whoever filled it in finds it again."""

    sheet: str
    row: int  # as Excel counts
    column: int  # from 0

    @property
    def letter(self) -> str:
        return str(xl_col_to_name(self.column))


@dataclass(frozen=True)
class FilledNote:
    """One column: what its note is about, and every question that has something in its cell."""

    form: str
    about: Cell
    about_at: Place
    cells: Mapping[str, tuple[Place, Cell]]
    rows: Mapping[str, int]  # of all questions of the sheet

    @property
    def texts(self) -> list[str]:
        return [cell for _, cell in self.cells.values() if isinstance(cell, str)]

    def at(self, key: str) -> Place:
        """The cell of a question, whether there is something in it or not."""
        row = self.rows.get(key, self.about_at.row)
        return Place(self.about_at.sheet, row, self.about_at.column)


def read_form_book(content: bytes) -> tuple[FilledNote, ...]:
    """Every column that says anything.

    Raises:
        Refused: it is no workbook, none of ours, or nothing is in it.
    """
    guard(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [one.name for one in workbook.sheets_metadata if one.typ is SheetTypeEnum.WorkSheet]
        found, notes = False, list[FilledNote]()
        for name in names:
            sheet = workbook.get_sheet_by_name(name)
            if sheet.end is None or not (mark := _MARK.fullmatch(_first(sheet.to_python(nrows=1)))):
                continue
            found = True
            if sheet.end[0] >= MOST_ROWS or sheet.end[1] >= MOST_COLUMNS:
                raise Refused(N_("The sheet {sheet} has cells far outside its form."), sheet=name)
            notes += _notes(name, mark[1], sheet.to_python(skip_empty_area=False))
    except CalamineError:
        raise not_a_workbook() from None
    if not found:
        raise Refused(
            N_(
                "This is no workbook of forms from here: its sheets were changed, or it is another file. "
                "Please take a new one and copy your answers into it."
            )
        )
    if not notes:
        raise Refused(N_("Nothing is filled in: write the code of a case and your answers into a column."))
    return tuple(notes)


def _first(rows: list[list[Raw]]) -> str:
    return str(rows[0][0]) if rows and rows[0] else ""


def _notes(sheet: str, form: str, grid: list[list[Raw]]) -> list[FilledNote]:
    keyed = [(at, str(row[KEYS])) for at, row in enumerate(grid) if at > HEADER_ROW and row[KEYS]]
    rows = {key: at + 1 for at, key in keyed}
    _must_end(sheet, [grid[at] for at, _ in keyed])
    found = []
    for column in range(FIRST_NOTE, FIRST_NOTE + NOTES):
        cells = {
            key: (Place(sheet, at + 1, column), value)
            for at, key in keyed
            if column < len(grid[at]) and (value := cell_of(grid[at][column])) is not None
        }
        if cells:
            about_at = Place(sheet, rows.get(ABOUT, HEADER_ROW + 2), column)
            _, about = cells.pop(ABOUT, (None, None))
            found.append(FilledNote(form, about, about_at, cells, rows))
    return found


def _must_end(sheet: str, rows: list[list[Raw]]) -> None:
    """What stands beyond the last note would be lost unseen."""
    beyond = FIRST_NOTE + NOTES
    for row in rows:
        for column, value in enumerate(row[beyond:], start=beyond):
            if cell_of(value) is not None:
                raise Refused(
                    N_(
                        "The sheet {sheet} has something in column {letter}, beyond its last note. Please move it into "
                        "a column that is free, or into another workbook."
                    ),
                    sheet=sheet,
                    letter=xl_col_to_name(column),
                )
