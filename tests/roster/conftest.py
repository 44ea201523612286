from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from xlsxwriter import Workbook

from casework.roster.checking import Checked, check_roster
from casework.roster.reading import read_roster
from locales.phrase import Phrase, Reader

TODAY = date(2026, 11, 23)
HEADER = ("姓名", "工作单位", "政治面貌", "处理处分种类", "处分决定日期", "关怀责任人")

Table = Sequence[Sequence[object]]
Book = Callable[..., bytes]
Check = Callable[..., Checked]


def _workbook(*sheets: Table) -> bytes:
    buffer = io.BytesIO()
    with Workbook(buffer, {"in_memory": True}) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for table in sheets:
            sheet = book.add_worksheet()
            for row, cells in enumerate(table):
                for column, cell in enumerate(cells):
                    if isinstance(cell, date):
                        sheet.write_datetime(row, column, cell, day)
                    elif cell is not None:
                        sheet.write(row, column, cell)
    return buffer.getvalue()


@pytest.fixture
def workbook() -> Book:
    """Tables, one for each sheet, to the bytes of a workbook."""
    return _workbook


@pytest.fixture
def check() -> Check:
    """Rows under the usual header (or under `header`) to what the check says of them."""

    def checked(*rows: Sequence[object], header: Sequence[str] = HEADER) -> Checked:
        sheet = read_roster(_workbook([header, *rows]))
        return check_roster(sheet, today=TODAY, known_officers={"李敏"})

    return checked


@pytest.fixture
def english() -> Callable[[Phrase], str]:
    reader = Reader("en", ZoneInfo("Asia/Shanghai"), TODAY)
    return lambda phrase: phrase.render(reader)


@pytest.fixture
def chinese() -> Callable[[Phrase], str]:
    reader = Reader("zh_CN", ZoneInfo("Asia/Shanghai"), TODAY)
    return lambda phrase: phrase.render(reader)


@pytest.fixture
def sample() -> bytes:
    return (Path(__file__).parents[1] / "data" / "roster-sample.xlsx").read_bytes()
