"""Faults planted on purpose, one at a time, in a copy of the tree: the tests have to turn red. `make sabotage`."""

from __future__ import annotations

from tests.sabotage import (
    caring,
    filling,
    leaving,
    notes,
    owing,
    pages,
    promising,
    sending,
    speaking,
    telling,
    timing,
)

_ROOMS = (owing, notes, caring, promising, speaking, leaving, pages, filling, sending, telling, timing)
FAULTS = tuple(fault for room in _ROOMS for fault in room.FAULTS)
