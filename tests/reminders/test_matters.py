"""When a morning lists a matter to follow up: on its day, again in a while, and once what was missed."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from reminders.matters import is_listed, next_turn
from reminders.mechanism import Mechanism
from reminders.workdays import WorkCalendar
from storage.rulebook import Rulebook

HERE = Mechanism(Rulebook.default(), WorkCalendar(), ZoneInfo("Asia/Shanghai"))
EVERY = 5
days = st.dates(date(2025, 1, 1), date(2027, 12, 31))


def mornings(due_on: date, without: set[int]) -> list[date]:
    """The days whose digest lists it, of forty around its day, where no digest goes out on those left out."""
    told, found = None, []
    for n in range(-5, 35):
        day = HERE.calendar.add_workdays(due_on + timedelta(days=-1), n)
        if n not in without and is_listed(due_on, told, day, HERE):
            told = day
            found.append(day)
    return found


@settings(deadline=None)
@given(due_on=days)
def test_on_its_day_and_every_week_of_working_days(due_on: date) -> None:
    first = HERE.calendar.add_workdays(due_on, 0)
    turns = [HERE.calendar.add_workdays(first, n * EVERY) for n in range(10)]
    found = mornings(due_on, set())
    assert found == turns[: len(found)]
    assert len(found) >= 5


@settings(deadline=None)
@given(due_on=days, without=st.sets(st.integers(-5, 34), max_size=25))
def test_what_was_missed_is_in_the_next_one_once(due_on: date, without: set[int]) -> None:
    found = mornings(due_on, without)
    first = HERE.calendar.add_workdays(due_on, 0)
    held = [
        HERE.calendar.add_workdays(due_on + timedelta(days=-1), n) for n in range(-5, 35) if n not in without
    ]
    sent = [day for day in held if day >= first]
    assert found[:1] == sent[:1], "the first morning there is, and none before its day"
    for earlier, later in pairwise(found):
        turn = next_turn(due_on, earlier, HERE)
        assert later == next(day for day in sent if day >= turn), "the first morning from its next turn on"


@given(due_on=days, told=st.integers(0, 60))
def test_another_day_is_told_anew(due_on: date, told: int) -> None:
    """Amended to a day after it was told: that day tells it."""
    later = HERE.calendar.add_workdays(due_on, told % 20 + 1)
    assert is_listed(later, due_on, later, HERE)
    assert not is_listed(later, None, HERE.calendar.add_workdays(later, -1), HERE)
