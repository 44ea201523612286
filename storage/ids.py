"""Row ids and public codes. Ids are made here, not by the database, because a sealed column is bound to its row."""

from __future__ import annotations

import os
import threading
from datetime import datetime

from storage.clock import real_milliseconds

_EPOCH = 1_735_689_600_000  # 2025-01-01, in milliseconds
_RANDOM_BITS = 22
_lock = threading.Lock()
_last = 0

# No look-alikes: 0/O and 1/I are left out.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_id() -> int:
    """A 63-bit id that rises with time: milliseconds, then random bits; within one millisecond the next number.

    Two processes meet only if they draw overlapping runs in the same millisecond; the primary key then refuses one.
    """
    return _draw(1)


def new_ids(number: int) -> range:
    """So many ids at once, one after the other."""
    first = _draw(number)
    return range(first, first + number)


def _draw(number: int) -> int:
    """The first of so many."""
    global _last
    drawn = (real_milliseconds() - _EPOCH << _RANDOM_BITS) | (int.from_bytes(os.urandom(3)) >> 3)  # 21 bits
    with _lock:
        first = max(drawn, _last + 1)
        _last = first + number - 1
        return first


# Which character a random byte is: 256 is a multiple of 32, so each is as likely as any other.
_CHARACTERS = bytes(ord(ALPHABET[byte & 31]) for byte in range(256))


def code(length: int) -> str:
    return os.urandom(length).translate(_CHARACTERS).decode("ascii")


def first_id_at(moment: datetime) -> int:
    """No row made before this real moment has an id as high as this; so ids tell how old a row is."""
    return max(int(moment.timestamp() * 1000) - _EPOCH, 0) << _RANDOM_BITS


def short(row_id: int) -> str:
    """What an operator calls a row by: seven characters, nearly always of one row only."""
    return "".join(ALPHABET[(row_id >> 5 * place) & 31] for place in reversed(range(7)))


def case_code(county: str) -> str:
    """A case code: the county's two letters and four random characters. Never derived from the person."""
    return f"{county}-{code(4)}"


def task_code() -> str:
    return f"T-{code(8)}"


_HEX = 16  # digits of an id in a nonce


def nonce(row_id: int) -> str:
    """What the buttons of a message begin with, short enough for every vendor: its row, so that no index is needed to
    find it by, and twenty random bits. A button works for whoever it was shown to alone."""
    return f"{row_id:016X}{code(4)}"


def row_of(nonce: str) -> int | None:
    """The row that a nonce says it is of; None for what says none. Whether that row has this nonce is still to be
    asked."""
    try:
        row_id = int(nonce[:_HEX], 16) if len(nonce) == _HEX + 4 else -1
    except ValueError:
        return None
    return row_id if 0 <= row_id < 1 << 63 else None
