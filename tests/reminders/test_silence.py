"""When a question goes out, and when others hear that it has no answer: by the reader's hours and leave."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders import silence
from reminders.workdays import WorkCalendar
from storage.rulebook import Rulebook
from tests.make import at

RULES = (Rulebook.default(), WorkCalendar(), ZoneInfo("Asia/Shanghai"))
TUESDAY, WEDNESDAY, THURSDAY = (date(2026, 11, day) for day in (24, 25, 26))


@pytest.mark.parametrize(
    ("ready", "goes_out", "heard"),
    [
        (at("2026-11-23", "10:00"), at("2026-11-23", "10:00"), at("2026-11-26")),
        (at("2026-11-23", "17:00"), at("2026-11-23", "17:00"), at("2026-11-26")),
        (at("2026-11-23", "17:01"), at("2026-11-24"), at("2026-11-27")),
        (at("2026-11-27", "20:00"), at("2026-11-30"), at("2026-12-03")),
    ],
)
def test_the_days_count_from_the_day_it_goes_out(
    ready: datetime, goes_out: datetime, heard: datetime
) -> None:
    assert silence.asked_at(ready, None, (), *RULES) == goes_out
    assert silence.heard_at(ready, None, (), *RULES) == heard


def test_leave_is_no_silence() -> None:
    ready = at("2026-11-23", "10:00")
    assert silence.heard_at(ready, None, [(TUESDAY, WEDNESDAY)], *RULES) == at("2026-11-30")
    assert silence.heard_at(ready, None, [(THURSDAY, THURSDAY)], *RULES) == at("2026-11-27")


def test_on_leave_nobody_is_asked() -> None:
    leave = [(date(2026, 11, 23), TUESDAY), (WEDNESDAY, WEDNESDAY)]
    assert silence.asked_at(at("2026-11-23", "10:00"), None, leave, *RULES) == at("2026-11-26")


def test_hours_of_ones_own_hold() -> None:
    own = (time(14), time(16))
    assert silence.asked_at(at("2026-11-23", "10:00"), own, (), *RULES) == at("2026-11-23", "14:00")
    assert silence.asked_at(at("2026-11-23", "16:30"), own, (), *RULES) == at("2026-11-24", "14:00")
    assert silence.heard_at(at("2026-11-23", "16:30"), own, (), *RULES) == at("2026-11-27")


SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 12)), max_size=4)


@given(st.integers(0, 60 * 24 * 40), SPANS)
def test_whatever_the_leave(minutes: int, spans: list[tuple[int, int]]) -> None:
    """It goes out on a working day of theirs, and the office hears after as many working days of theirs as the rule
    says, in the morning."""
    book, calendar, zone = RULES
    ready = at("2026-11-02", "00:00") + timedelta(minutes=minutes)
    leave = [(date(2026, 11, 2) + timedelta(a), date(2026, 11, 2) + timedelta(a + b)) for a, b in spans]
    asked = silence.asked_at(ready, None, leave, *RULES)
    heard = silence.heard_at(ready, None, leave, *RULES)

    def there(day: date) -> bool:
        return calendar.is_workday(day) and not any(first <= day <= last for first, last in leave)

    first = asked.astimezone(zone).date()
    assert asked >= ready
    assert there(first)
    days = (first + timedelta(n) for n in range(1, (heard.date() - first).days + 1))
    assert sum(there(day) for day in days) == book.formal.silent_workdays
    assert there(heard.date())
    assert heard.timetz() == time(9, tzinfo=zone)
