"""What is looked at before a workbook is opened: a file of a few kilobytes can ask for all the memory there is.

The reader of workbooks lays a sheet out as one block from its first to its last filled cell, and ends the
*process* when that block does not fit. So the parts are unpacked here first, a piece at a time, counted, and
searched for cells that lie too far out.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator

from storage.errors import Refused

MAX_BYTES = 5 * 1024 * 1024
MAX_UNPACKED = 100 * 1024 * 1024
MAX_CELLS = 2_000_000
_PIECE = 1024 * 1024
_LOCAL_HEADER = 30

_ROW_OR_CELL = re.compile(rb"<(?:\w+:)?(row|c)\b([^<>]*)>")
_REFERENCE = re.compile(rb"""\sr=["'](?:([A-Za-z]{1,3}))?(\d{1,7})["']""")


def not_a_workbook() -> Refused:
    return Refused(
        "This is not an Excel workbook (.xlsx): "
        "open it in Excel or WPS and save it as .xlsx without a password."
    )


def too_large() -> Refused:
    return Refused("The workbook is too large: keep it under 5 MB, without pictures and unused sheets.")


def guard(content: bytes) -> None:
    """Refuses what is no workbook, and what would not fit once it is unpacked.

    Raises:
        Refused: with the sentence for the person who sent the file.
    """
    if len(content) > MAX_BYTES:
        raise too_large()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, struct.error):
        raise not_a_workbook() from None
    if "xl/workbook.xml" not in {part.filename.replace("\\", "/").lower() for part in parts}:
        raise not_a_workbook()
    # First what the file says of itself, which costs nothing; then whether that was true.
    if sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise too_large()
    try:
        for part in parts:
            _check_part(content, part)
    except (zlib.error, struct.error):
        raise not_a_workbook() from None


def _check_part(content: bytes, part: zipfile.ZipInfo) -> None:
    extent = _Extent()
    size = 0
    for piece in _unpacked(content, part):
        size += len(piece)
        if size > part.file_size:
            raise too_large()
        extent.feed(piece)


def _unpacked(content: bytes, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part in pieces. `zipfile` itself would stop where the directory says, and never notice the rest."""
    if part.flag_bits & 1:  # encrypted
        raise not_a_workbook()
    lengths = part.header_offset + _LOCAL_HEADER - 4
    name, extra = struct.unpack("<HH", content[lengths : lengths + 4])
    start = part.header_offset + _LOCAL_HEADER + name + extra
    packed = content[start : start + part.compress_size]
    if part.compress_type == zipfile.ZIP_STORED:
        yield packed
        return
    if part.compress_type != zipfile.ZIP_DEFLATED:
        raise not_a_workbook()
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    while packed and not inflate.eof:
        yield inflate.decompress(packed, _PIECE)
        packed = inflate.unconsumed_tail


class _Extent:
    """The block that the filled cells of one part span, as its pieces go by."""

    def __init__(self) -> None:
        self._rest = b""
        self._row = 1
        self._last_row = 0
        self._last_column = 0

    def feed(self, piece: bytes) -> None:
        text = self._rest + piece
        # A tag cut in two is kept for the next piece; a "tag" longer than any real one is none.
        cut = text.rfind(b"<")
        self._rest = text[cut:] if cut >= 0 and len(text) - cut < 4096 and b">" not in text[cut:] else b""
        for found in _ROW_OR_CELL.finditer(text, 0, len(text) - len(self._rest)):
            self._note(found[1], found[2])
        if self._last_row * self._last_column > MAX_CELLS:
            raise Refused(
                "The workbook has cells far outside its table: copy the table into a new workbook and send that."
            )

    def _note(self, tag: bytes, attributes: bytes) -> None:
        reference = _REFERENCE.search(attributes)
        if tag == b"row":
            self._row = int(reference[2]) if reference else self._row + 1
        elif not attributes.endswith(b"/"):  # closed at once: formatted, but empty
            self._last_row = max(self._last_row, int(reference[2]) if reference else self._row)
            self._last_column = max(self._last_column, _column(reference[1] or b"A") if reference else 1)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
