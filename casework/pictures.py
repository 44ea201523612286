"""A photo as it is kept: made anew from what it shows, so that nothing else of the file is left. Pure.

What the file says of itself (name, type) counts for nothing. Its measures are read from its first bytes, before any
decoder sees them: a bomb is refused while it is still small. Then it is decoded, turned upright, made no larger than a
page needs, and written as a new JPEG without place, device, time, comment, profile or preview.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from PIL import Image, ImageOps

from locales.catalogue import N_
from storage.errors import Refused

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 25_000_000  # decoded, 75 MB; what phones take unless told otherwise is half of it
LONGEST_SIDE = 2560  # an A4 page at 220 dots an inch
QUALITY = 85
MEDIA_TYPE = "image/jpeg"

NO_PICTURE = N_("This is not a photo that can be read: JPEG and PNG can. Nothing was kept.")
TOO_LARGE = N_(
    "This photo is too large: at most {megabytes} MB and {megapixels} million pixels. Nothing was kept; please take it "
    "again with fewer."
)
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# Of a JPEG: the segments that carry its measures, and the markers that stand alone.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_BARE = frozenset({0x01, *range(0xD0, 0xD8)})


@dataclass(frozen=True)
class Picture:
    """A photo that was made anew."""

    content: bytes
    width: int
    height: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


def clean(content: bytes) -> Picture:
    """The photo, made anew.

    Raises:
        Refused: it is none, or too large.
    """
    kind = kind_of(content)
    measures = _measures(kind, content) if kind is not None else None
    if kind is None or measures is None:
        raise Refused(NO_PICTURE)
    if len(content) > MOST_BYTES or measures[0] * measures[1] > MOST_PIXELS:
        raise too_large()
    try:
        return _made_anew(kind, content, measures)
    except Exception:
        # Whatever a decoder makes of bytes that somebody has bent: there are more kinds of errors than it names.
        raise Refused(NO_PICTURE) from None


def too_large() -> Refused:
    return Refused(TOO_LARGE, megabytes=MOST_BYTES // 1024**2, megapixels=MOST_PIXELS // 1_000_000)


def kind_of(content: bytes) -> Literal["JPEG", "PNG"] | None:
    """What a file is by its first bytes."""
    if content.startswith(_JPEG):
        return "JPEG"
    return "PNG" if content.startswith(_PNG) else None


def _measures(kind: str, content: bytes) -> tuple[int, int] | None:
    """Width and height as the file gives them; None where it gives none."""
    found = _of_png(content) if kind == "PNG" else _of_jpeg(content)
    return found if found is not None and min(found) > 0 else None


def _of_png(content: bytes) -> tuple[int, int] | None:
    if content[12:16] != b"IHDR" or len(content) < 24:
        return None
    return int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")


def _of_jpeg(content: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:  # padding
            at += 1
        elif marker in _BARE:
            at += 2
        elif marker in _FRAMES:
            return int.from_bytes(content[at + 7 : at + 9], "big"), int.from_bytes(
                content[at + 5 : at + 7], "big"
            )
        else:
            at += 2 + max(int.from_bytes(content[at + 2 : at + 4], "big"), 2)
    return None


def _made_anew(kind: str, content: bytes, measures: tuple[int, int]) -> Picture:
    with Image.open(BytesIO(content), formats=(kind,)) as opened:
        if opened.size != measures:
            raise Refused(
                NO_PICTURE
            )  # two measures in one file: what was checked is not what would be decoded
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded no larger than it is kept
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        # On white, and onto a picture of its own: whatever hung on the file hangs on this one no more.
        made = Image.new("RGB", upright.size, "white")
        transparent = upright.convert("RGBA") if upright.has_transparency_data else None
        made.paste(upright.convert("RGB"), mask=transparent.getchannel("A") if transparent else None)
    written = BytesIO()
    made.save(written, "JPEG", quality=QUALITY)
    return Picture(written.getvalue(), *made.size)
