"""A slice takes as long as it may, whatever the machine does: found by what the last ones took."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.slices import Slices

BUDGET = 0.04


def slices(size: int = 500) -> Slices:
    return Slices(BUDGET, size, least=5, most=2000)


@given(each=st.floats(2e-5, 4e-3), fixed=st.floats(0, 0.01), start=st.integers(5, 2000))
def test_it_finds_the_size_that_fits(each: float, fixed: float, start: int) -> None:
    """Wherever it begins: `fixed` seconds a slice, and `each` for every thing in it."""
    mine = slices(start)
    for _ in range(40):
        mine.took(mine.size, fixed + mine.size * each)
    took = fixed + mine.size * each
    assert took <= BUDGET * 1.2
    assert took >= BUDGET * 0.8 or mine.size == mine.most


@given(st.lists(st.tuples(st.integers(0, 2000), st.floats(0, 100)), max_size=30))
def test_it_stays_within_bounds_and_takes_no_leap(found: list[tuple[int, float]]) -> None:
    mine = slices()
    for done, seconds in found:
        before = mine.size
        mine.took(min(done, before), seconds)
        assert mine.least <= mine.size <= mine.most
        assert mine.size <= 2 * before


@pytest.mark.parametrize(
    ("done", "seconds", "then"),
    [
        (500, BUDGET, 500),
        (500, BUDGET / 2, 1000),
        (500, 0.0, 1000),  # no more than double at once
        (500, BUDGET * 2, 250),
        (500, BUDGET * 100, 250),  # slow by chance is no rule
        (3, BUDGET / 100, 500),  # there were only three: that says nothing
        (100, BUDGET * 2, 50),  # fewer than it could take, and too slow nevertheless
        (0, 0.001, 500),
    ],
)
def test_what_the_next_slice_takes_on(done: int, seconds: float, then: int) -> None:
    mine = slices()
    mine.took(done, seconds)
    assert mine.size == then
