"""Photos made anew: whatever bytes come, a clean small picture or one polite refusal; and never a large one decoded."""

from __future__ import annotations

import hashlib
import resource
import struct
import time
import zlib
from io import BytesIO

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import Base
from PIL.PngImagePlugin import PngInfo

from casework.pictures import LONGEST_SIDE, MOST_BYTES, NO_PICTURE, TOO_LARGE, clean
from storage.errors import Refused


def jpeg(size: tuple[int, int] = (64, 48), mode: str = "RGB", **more: object) -> bytes:
    written = BytesIO()
    Image.new(mode, size, 200 if mode == "L" else None).save(written, "JPEG", **more)
    return written.getvalue()


def png(size: tuple[int, int] = (64, 48), mode: str = "RGB", **more: object) -> bytes:
    written = BytesIO()
    Image.new(mode, size).save(written, "PNG", **more)
    return written.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few hundred bytes that says it has so many pixels."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"\0" * 100_000, 9))
    return b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")


def refused(content: bytes) -> str:
    with pytest.raises(Refused) as caught:
        clean(content)
    return caught.value.phrase.msgid


def check_clean(content: bytes) -> None:
    """Nothing but what a new JPEG has: no segment that carries anything besides the picture."""
    at, kinds = 2, set()
    while content[at + 1] != 0xDA:
        kinds.add(content[at + 1])
        at += 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    assert kinds <= {0xE0, 0xDB, 0xC0, 0xC4}, kinds
    with Image.open(BytesIO(content), formats=("JPEG",)) as opened:
        opened.load()
        assert max(opened.size) <= LONGEST_SIDE
        assert opened.mode == "RGB"


SEEDS = (
    jpeg(),
    jpeg(mode="L"),
    jpeg(mode="CMYK"),
    jpeg(progressive=True, comment=b"at home"),
    png(),
    png(mode="RGBA"),
    png(mode="P"),
    png(mode="I;16"),
    png(mode="1"),
)


HEADS = (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", SEEDS[0][:160], SEEDS[4][:60])


def check_taken_or_refused(content: bytes) -> None:
    try:
        made = clean(content)
    except Refused as refusal:
        said = refusal.phrase.msgid
    else:
        check_clean(made.content)
        return
    assert said in (NO_PICTURE, TOO_LARGE)


@pytest.mark.parametrize("content", SEEDS)
def test_every_usual_kind_of_photo(content: bytes) -> None:
    made = clean(content)
    check_clean(made.content)
    assert (made.width, made.height) == (64, 48)
    assert made.sha256 == hashlib.sha256(made.content).hexdigest()
    assert clean(content) == made


def test_what_was_written_into_it_is_gone_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[Base.Orientation], exif[Base.Model], exif[Base.ImageDescription] = 6, "X-100", "at home"
    made = clean(jpeg((80, 40), exif=exif, comment=b"at home", icc_profile=b"profile of a device"))
    assert (made.width, made.height) == (40, 80)
    check_clean(made.content)
    told = PngInfo()
    told.add_text("Location", "39.9, 116.4", zip=True)
    assert b"Location" not in clean(png(pnginfo=told)).content


def test_what_is_transparent_is_white() -> None:
    with Image.open(BytesIO(clean(png(mode="RGBA")).content)) as opened:
        assert opened.getpixel((5, 5)) == (255, 255, 255)


def test_a_large_one_is_made_smaller() -> None:
    made = clean(jpeg((4000, 3000)))
    assert (made.width, made.height) == (LONGEST_SIDE, 1920)


@pytest.mark.parametrize(
    "content",
    [
        bomb(60_000, 60_000),
        bomb(2**31 - 1, 2**31 - 1),
        bomb(5001, 5000),
        jpeg()[:2] + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 65_000, 65_000) + b"\x03" + bytes(20),
        jpeg() + b"\0" * MOST_BYTES,
    ],
)
def test_a_bomb_is_refused_before_it_is_decoded(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object, **__: object) -> None:
        raise AssertionError("a decoder saw it")

    monkeypatch.setattr("PIL.Image.open", opened)
    assert refused(content) == TOO_LARGE


def test_a_file_with_two_measures_is_none() -> None:
    """What is checked is what is decoded: a second frame that is larger does not get through."""
    small, large = jpeg(), jpeg((3000, 3000))
    at = small.index(b"\xff\xc0")
    frame = small[at : at + 2 + int.from_bytes(small[at + 2 : at + 4], "big")]
    assert refused(large[:2] + frame + large[2:]) == NO_PICTURE
    small, large = png(), png((3000, 3000))
    assert refused(large[:8] + small[8:33] + large[8:]) == NO_PICTURE


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"<svg/>", b"%PDF-1.7"]
)
def test_what_is_no_photo(content: bytes) -> None:
    assert refused(content) == NO_PICTURE


def test_the_name_and_type_of_a_file_count_for_nothing() -> None:
    tiff = BytesIO()
    Image.new("RGB", (9, 9)).save(tiff, "TIFF")
    assert refused(tiff.getvalue()) == NO_PICTURE
    assert refused(b"\xff\xd8\xff" + tiff.getvalue()) == NO_PICTURE


@settings(max_examples=400, deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=8), st.integers(0, 8)), max_size=6),
    end=st.floats(0, 1),
)
@example(seed=SEEDS[0], cuts=[], end=0.0)
def test_bent_bytes_are_a_clean_picture_or_one_refusal(
    seed: bytes, cuts: list[tuple[float, bytes, int]], end: float
) -> None:
    content = bytearray(seed)
    for place, given_bytes, instead in cuts:
        at = int(place * len(content))
        content[at : at + instead] = given_bytes
    check_taken_or_refused(bytes(content[: int(len(content) * (1 - end / 4))]))


@settings(max_examples=200, deadline=None)
@given(head=st.sampled_from(HEADS), rest=st.binary())
def test_anything_at_all(head: bytes, rest: bytes) -> None:
    check_taken_or_refused(head + rest)


def test_the_largest_that_is_taken_costs_little() -> None:
    """In memory, and in the processor's time: somebody else may want it too."""
    largest = (5000, 5000)
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    for content in (jpeg(largest, progressive=True), png(largest), png(largest, "RGBA")):
        check_clean(clean(content).content)
    assert time.process_time() - begun < 30  # with the making of them
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 600 * 1024
