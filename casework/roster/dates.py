"""Dates as people write them into a workbook. Pure; what cannot be a date is refused, never guessed."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime, timedelta

Cell = str | int | float | bool | date | None
"""What a cell may hold. A moment is a date as well."""

_SPREADSHEET_DAY_0 = date(1899, 12, 30)
# Serial numbers of 1950 to 2099: wide enough for any decision, and no year like "2026" passes for one.
_SERIALS = range(18264, 73051)
_COMPACT_NUMBERS = range(10_000_000, 100_000_000)
_EARLIEST_YEAR, _LATEST_YEAR = 1949, 2099

_TIME = re.compile(r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
_SEPARATED = re.compile(r"(\d{4})([-./])(\d{1,2})\2(\d{1,2})")
_WORDED = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SPREAD = re.compile(r"[、,;\n]|和|及")
# Dashes and full stops that an input method puts in place of the plain ones.
_LOOKALIKES = str.maketrans({"–": "-", "—": "-", "−": "-", "‐": "-", "―": "-", "。": ".", "·": "."})


class NotADate(ValueError):
    """`impossible` tells 2026-02-30, whose form is right, from 去年底, which cannot be read at all."""

    def __init__(self, *, impossible: bool) -> None:
        super().__init__("impossible date" if impossible else "unreadable date")
        self.impossible = impossible


def _built(year: int, month: int, day: int) -> date:
    if not _EARLIEST_YEAR <= year <= _LATEST_YEAR:
        raise NotADate(impossible=True)
    try:
        return date(year, month, day)
    except ValueError:
        raise NotADate(impossible=True) from None


def _from_number(number: float) -> date:
    if not math.isfinite(number):
        raise NotADate(impossible=False)
    whole = int(number)
    if whole == number and whole in _COMPACT_NUMBERS:
        return _from_text(str(whole))
    if whole in _SERIALS:
        return _SPREADSHEET_DAY_0 + timedelta(days=whole)
    raise NotADate(impossible=False)


def _from_text(text: str) -> date:
    plain = unicodedata.normalize("NFKC", text).translate(_LOOKALIKES).strip()
    plain = re.sub(r"\s+", "", _TIME.sub("", plain)).rstrip(".")
    if found := _SEPARATED.fullmatch(plain):
        return _built(int(found[1]), int(found[3]), int(found[4]))
    if found := _WORDED.fullmatch(plain) or _COMPACT.fullmatch(plain):
        return _built(int(found[1]), int(found[2]), int(found[3]))
    if re.fullmatch(r"\d{5}", plain):
        return _from_number(int(plain))
    raise NotADate(impossible=False)


def read_date(cell: Cell) -> date:
    """The date in a cell: a real one, a serial number, or one of the spellings in use.

    2024-11-27, 2026.3.29, 2024年7月1日, 2025/9/2, 20240316; full-width digits and stray spaces do not matter.

    Raises:
        NotADate: it is none of these, or no calendar has that day.
    """
    if isinstance(cell, datetime):
        cell = cell.date()
    if isinstance(cell, date):
        return _built(cell.year, cell.month, cell.day)
    if isinstance(cell, bool) or cell is None:
        raise NotADate(impossible=False)
    if isinstance(cell, int | float):
        return _from_number(cell)
    return _from_text(cell)


def split_dates(cell: Cell) -> list[Cell]:
    """The dates written in one cell, in their order: one for every sanction beside them, or one for all."""
    if not isinstance(cell, str):
        return [cell]
    parts = [part for part in _SPREAD.split(unicodedata.normalize("NFKC", cell)) if part.strip()]
    return [*parts] or [cell]
