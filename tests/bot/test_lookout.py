"""The lookout: how often a process looks for what others left, and how often it notes that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

import pytest
from sqlmodel import Session

from bot.lookout import LOOKS, NOTES, Lookout
from reminders import abandoned
from reminders.outbox import LEASE
from storage.lane import Lane
from tests.make import at

T = TypeVar("T")
REAL = at("2030-01-01")
EVERY, TICK = LEASE / LOOKS, timedelta(milliseconds=1)


class Recorder:
    """A lane that runs nothing, and notes what was asked of it: looks (from when on, when), and what was seen to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.there: list[int] = []
        self.looks: list[tuple[datetime | None, datetime]] = []
        self.written: list[tuple[list[int], datetime]] = []
        self.fails: str | None = None
        monkeypatch.setattr(abandoned, "left", self._left)
        monkeypatch.setattr(abandoned, "see_to", self._see_to)

    def _left(self, _session: Session, seen_to: datetime | None, *, real_now: datetime) -> list[int]:
        self.looks.append((seen_to, real_now))
        return self.there

    def _see_to(self, _session: Session, ids: Sequence[int], *, real_now: datetime) -> None:
        self.written.append((list(ids), real_now))

    async def read(self, unit: Callable[[Any], T]) -> T:
        return self._do(unit, "read")

    async def run(self, unit: Callable[[Any], T]) -> T:
        return self._do(unit, "run")

    def _do(self, unit: Callable[[Any], T], what: str) -> T:
        if self.fails == what:
            raise RuntimeError("busy")
        return unit(None)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    return Recorder(monkeypatch)


@pytest.fixture
def lookout(seen: Recorder) -> Lookout:
    return Lookout(cast("Lane", seen))


async def test_it_looks_at_once_and_then_four_times_in_a_lease(seen: Recorder, lookout: Lookout) -> None:
    for moment in (REAL, REAL + TICK, REAL + EVERY - TICK, REAL + EVERY, REAL + EVERY + TICK):
        await lookout.look(moment)
    assert seen.looks == [(None, REAL), (REAL, REAL + EVERY)]


async def test_it_looks_at_once_after_the_clock_was_set_back(seen: Recorder, lookout: Lookout) -> None:
    before = REAL - timedelta(days=2)
    await lookout.look(REAL)
    await lookout.look(before)
    await lookout.look(before + TICK)
    assert seen.looks == [(None, REAL), (REAL, before)]
    assert seen.written == [([], REAL), ([], before)]


async def test_it_notes_that_at_first_and_then_hourly(seen: Recorder, lookout: Lookout) -> None:
    moment = REAL
    while moment <= REAL + 2 * NOTES:
        await lookout.look(moment)
        moment += EVERY
    assert seen.written == [([], REAL), ([], REAL + NOTES), ([], REAL + 2 * NOTES)]


async def test_what_it_found_is_seen_to_and_noted_at_once(seen: Recorder, lookout: Lookout) -> None:
    await lookout.look(REAL)
    seen.there = [7, 8]
    await lookout.look(REAL + EVERY)
    seen.there = []
    await lookout.look(REAL + 2 * EVERY)
    await lookout.look(REAL + NOTES + TICK)
    assert seen.written == [([], REAL), ([7, 8], REAL + EVERY)]


@pytest.mark.parametrize("fails", ["read", "run"])
async def test_an_error_holds_up_nobody_and_it_looks_again_from_where_it_was(
    seen: Recorder, lookout: Lookout, fails: str
) -> None:
    await lookout.look(REAL)
    seen.there, seen.fails = [7], fails
    await lookout.look(REAL + EVERY)
    seen.fails = None
    await lookout.look(REAL + EVERY + TICK)
    assert seen.looks[-1] == (REAL, REAL + EVERY + TICK)
    assert seen.written == [([], REAL), ([7], REAL + EVERY + TICK)]
