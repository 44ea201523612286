from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest

from casework.roster import archive
from casework.roster.archive import guard
from casework.roster.reading import read_roster
from storage.errors import Refused
from tests.roster.conftest import HEADER, Book

PERSON = ("方融", "县统计局", "中共党员", "党内警告", "2025-01-10", "李敏")


def _zip(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return buffer.getvalue()


def _said(content: bytes) -> str:
    with pytest.raises(Refused) as refusal:
        read_roster(content)
    return refusal.value.phrase.msgid


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK",
        b"not a workbook at all",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,  # .xls, or .xlsx with a password
        _zip({"word/document.xml": b"<w/>"}),
        _zip({"content.xml": b"<ods/>"}),
        _zip({"xl/workbook.xml": b"<broken"}),
        _zip({"xl/workbook.xml": b"<workbook/>"}, zipfile.ZIP_LZMA),
    ],
)
def test_what_is_no_workbook_is_told_in_one_sentence(content: bytes) -> None:
    assert "not an Excel workbook" in _said(content)


def test_a_damaged_workbook_is_refused(workbook: Book) -> None:
    content = bytearray(workbook([HEADER, PERSON]))
    for start in range(0, len(content) - 40, 397):
        damaged = bytes(content[:start]) + b"\xff" * 40 + bytes(content[start + 40 :])
        try:
            read_roster(damaged)
        except Refused:
            continue
    assert "not an Excel workbook" in _said(bytes(content[: len(content) // 2]))


def test_a_large_file_is_refused_unopened() -> None:
    assert "too large" in _said(b"\0" * (archive.MAX_BYTES + 1))


def test_a_bomb_is_refused_by_what_it_declares(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = _zip(
        {"xl/workbook.xml": b"<workbook/>", "xl/worksheets/sheet1.xml": b"0" * (archive.MAX_UNPACKED + 1)}
    )
    assert len(bomb) < archive.MAX_BYTES
    monkeypatch.setattr(archive, "_unpacked", None)  # nothing may be unpacked to find it out
    assert "too large" in _said(bomb)


def test_a_bomb_that_lies_about_its_size_is_refused() -> None:
    real = b"0" * 3_000_000
    honest = _zip({"xl/workbook.xml": real})
    prefix = struct.pack("<I", zlib.crc32(real[:100])) + honest[18:22] + struct.pack("<I", 100)
    lying = honest.replace(
        struct.pack("<I", zlib.crc32(real)) + honest[18:22] + struct.pack("<I", len(real)), prefix
    )
    with zipfile.ZipFile(io.BytesIO(lying)) as packed:
        assert packed.infolist()[0].file_size == 100
    assert "too large" in _said(lying)


Sheet = Callable[[bytes], bytes]


def _with_sheet(book: bytes, change: Sheet) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts["xl/worksheets/sheet1.xml"] = change(parts["xl/worksheets/sheet1.xml"])
    return _zip(parts)


@pytest.mark.parametrize(
    "row",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b"<row r='1048576'><c s='1' r='xfd1048576' t='n'><v>1</v></c></row>",
        b'<row r="1048576"><c><v>1</v></c></row>',
        b'<row r="1048576"/><row><c r="XFD1"><v>1</v></c><c><v>1</v></c></row>',
    ],
)
def test_a_cell_far_out_is_refused_before_the_reader_lays_the_sheet_out(workbook: Book, row: bytes) -> None:
    far = _with_sheet(
        workbook([HEADER, PERSON]), lambda xml: xml.replace(b"</sheetData>", row + b"</sheetData>")
    )
    assert "far outside" in _said(far) or "more than {n} rows" in _said(far)


def test_a_cut_tag_is_still_seen(workbook: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_PIECE", 7)
    row = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    far = _with_sheet(
        workbook([HEADER, PERSON]), lambda xml: xml.replace(b"</sheetData>", row + b"</sheetData>")
    )
    assert "far outside" in _said(far)
    guard(workbook([HEADER, PERSON]))


def test_empty_formatted_cells_far_out_do_no_harm(workbook: Book) -> None:
    row = b'<row r="1048576" ht="20"><c r="XFD1048576" s="0"/></row>'
    wide = _with_sheet(
        workbook([HEADER, PERSON]), lambda xml: xml.replace(b"</sheetData>", row + b"</sheetData>")
    )
    assert len(read_roster(wide).rows) == 1
