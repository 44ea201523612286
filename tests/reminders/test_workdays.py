from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from holidays import country_holidays
from hypothesis import given, settings
from hypothesis import strategies as st

from reminders.workdays import HOLIDAY, LOCAL, WEEKEND, WorkCalendar

CHINA = WorkCalendar()
unhurried = settings(deadline=None)  # a busy machine is no failure
DAY = timedelta(days=1)

# Written out from the notice of 2025-11-04, apart from the table of the product.
OFF_2026 = {
    1: (1, 2, 3),
    2: (15, 16, 17, 18, 19, 20, 21, 22, 23),
    4: (4, 5, 6),
    5: (1, 2, 3, 4, 5),
    6: (19, 20, 21),
    9: (25, 26, 27),
    10: (1, 2, 3, 4, 5, 6, 7),
}
WORKED_2026 = {(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)}

days = st.dates(date(2003, 1, 1), date(2031, 12, 31))
steps = st.integers(-700, 700)


def days_of(year: int) -> list[date]:
    return [date(year, 1, 1) + i * DAY for i in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)]


def test_every_day_of_2026_follows_the_notice() -> None:
    for day in days_of(2026):
        off = day.day in OFF_2026.get(day.month, ())
        expected = not off and (day.weekday() < 5 or (day.month, day.day) in WORKED_2026)
        assert CHINA.is_workday(day) is expected, day


@pytest.mark.parametrize(("year", "count"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_its_number_of_working_days(year: int, count: int) -> None:
    assert sum(map(CHINA.is_workday, days_of(year))) == count
    assert CHINA.workdays_between(date(year - 1, 12, 31), date(year, 12, 31)) == count
    assert CHINA.is_published(year)


@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026, 2027])
def test_a_second_source_agrees_on_every_day(year: int) -> None:
    library = country_holidays("CN", years=year)
    assert [d for d in days_of(year) if CHINA.is_workday(d) is not library.is_working_day(d)] == []


def test_the_monday_of_the_pages_is_a_working_day() -> None:
    assert date(2026, 11, 23).weekday() == 0
    assert CHINA.is_workday(date(2026, 11, 23))


def test_an_unpublished_year_has_the_statutory_days_and_says_so() -> None:
    assert not CHINA.is_published(2027)
    assert CHINA.not_announced(2026) == CHINA.not_announced(2026) == {2027}
    statutory = [(2, 5), (2, 8), (4, 5), (6, 9), (9, 15), (10, 1)]
    assert not any(CHINA.is_workday(date(2027, month, day)) for month, day in statutory)
    assert not any(CHINA.is_workday(d) for d in days_of(2027) if d.weekday() >= 5)
    assert CHINA.is_workday(date(2027, 3, 1))


def test_no_year_is_refused() -> None:
    for year in range(1900, 2201):
        day = date(year, 6, 1)
        assert CHINA.add_workdays(CHINA.next_workday(day), 0) > day
        assert 200 < CHINA.workdays_between(day, date(year + 1, 6, 1)) < 270
        CHINA.is_published(year)
    assert not CHINA.is_published(1900)
    assert not CHINA.is_published(2200)


def test_spring_festival_and_its_working_saturdays() -> None:
    assert CHINA.next_workday(date(2026, 2, 13)) == date(2026, 2, 14)  # a Saturday
    assert CHINA.next_workday(date(2026, 2, 14)) == date(2026, 2, 24)
    assert CHINA.previous_workday(date(2026, 2, 24)) == date(2026, 2, 14)
    assert CHINA.next_workday(date(2026, 2, 27)) == date(2026, 2, 28)  # a Saturday
    assert CHINA.workdays_between(date(2026, 2, 13), date(2026, 2, 24)) == 2
    assert CHINA.suggest(date(2026, 2, 14), 3) == [date(2026, 2, 24), date(2026, 2, 25), date(2026, 2, 26)]


def test_days_not_counted_name_their_reason() -> None:
    off = CHINA.days_not_counted(date(2026, 2, 13), date(2026, 3, 2))
    expected = [(date(2026, 2, day), HOLIDAY) for day in range(15, 24)] + [(date(2026, 3, 1), WEEKEND)]
    assert off == expected
    assert CHINA.days_not_counted(date(2026, 3, 1), date(2026, 3, 1)) == []
    assert len(CHINA.days_not_counted(date(2025, 12, 31), date(2026, 12, 31))) == 365 - 248


def test_a_county_may_differ() -> None:
    festival, worked = date(2026, 11, 24), date(2026, 11, 28)
    own = {festival: False, worked: True, date(2026, 11, 29): False}
    local = WorkCalendar(own)
    assert local.next_workday(date(2026, 11, 23)) == date(2026, 11, 25)
    assert local.is_workday(worked)
    assert local.days_not_counted(date(2026, 11, 23), date(2026, 11, 29)) == [
        (festival, LOCAL),
        (date(2026, 11, 29), WEEKEND),
    ]
    assert CHINA.is_workday(festival)
    own[date(2026, 11, 25)] = False
    assert local.is_workday(date(2026, 11, 25)), "the calendar keeps its own copy"


def test_an_imported_notice_makes_a_year_published() -> None:
    imported = WorkCalendar({date(2027, 2, 14): True}, published=[2027])
    assert imported.is_published(2027)
    assert imported.is_workday(date(2027, 2, 14))
    assert not imported.is_published(2028)
    assert imported.not_announced(2026) == set()
    assert imported.not_announced(2027) == {2028}


@unhurried
@given(days, steps)
def test_adding_counts_working_days_one_by_one(day: date, n: int) -> None:
    found, left = day, n
    while left or (n == 0 and not CHINA.is_workday(found)):
        found += DAY if n >= 0 else -DAY
        if CHINA.is_workday(found):
            left -= (n > 0) - (n < 0)
    assert CHINA.add_workdays(day, n) == found


@unhurried
@given(days, st.integers(1, 700))
def test_between_undoes_adding(day: date, n: int) -> None:
    assert CHINA.workdays_between(day, CHINA.add_workdays(day, n)) == n


@unhurried
@given(days, steps)
def test_adding_and_subtracting_are_inverse_on_working_days(day: date, n: int) -> None:
    start = CHINA.add_workdays(day, 0)
    there = CHINA.add_workdays(start, n)
    assert CHINA.add_workdays(there, -n) == start
    assert CHINA.workdays_between(start, there) == n


@unhurried
@given(days, days, days)
def test_between_is_symmetrical_and_adds_up(a: date, b: date, c: date) -> None:
    assert CHINA.workdays_between(a, b) == -CHINA.workdays_between(b, a)
    assert CHINA.workdays_between(a, b) + CHINA.workdays_between(b, c) == CHINA.workdays_between(a, c)


@unhurried
@given(days, days)
def test_between_counts_the_days_that_are_not_off(a: date, b: date) -> None:
    first, last = min(a, b), max(a, b)
    off = CHINA.days_not_counted(first, last)
    assert CHINA.workdays_between(first, last) == (last - first).days - len(off)


@unhurried
@given(days, st.integers(0, 700))
def test_adding_is_monotone(day: date, n: int) -> None:
    assert CHINA.add_workdays(day, n) <= CHINA.add_workdays(day + DAY, n)
    assert CHINA.add_workdays(day, n) < CHINA.add_workdays(day, n + 1) or not CHINA.is_workday(day)


@unhurried
@given(days, st.integers(0, 40))
def test_suggestions_are_the_next_working_days(day: date, n: int) -> None:
    offered = CHINA.suggest(day, n)
    assert len(offered) == n
    assert all(later > earlier for earlier, later in pairwise([day, *offered]))
    assert all(map(CHINA.is_workday, offered))
