"""Somebody was asked and has not answered: when the question goes out, and when others hear of the silence. Pure.

The reader's time counts: it is asked within their hours and not in their leave, and leave is no silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from reminders import rules
from reminders.rules import OwnHours
from reminders.workdays import WorkCalendar
from storage.rulebook import Rulebook

Span = tuple[date, date]  # the first and the last day


def asked_at(
    moment: datetime,
    own: OwnHours | None,
    leave: Sequence[Span],
    book: Rulebook,
    calendar: WorkCalendar,
    zone: ZoneInfo,
) -> datetime:
    """When a question that is ready at `moment` goes out to somebody with these hours of their own and this leave."""
    while True:
        goes_out = rules.in_own_hours(moment, own, book, calendar, zone)
        back = _back_after(goes_out.astimezone(zone).date(), leave)
        if back is None:
            return goes_out
        moment = datetime.combine(back, time.min, zone)


def heard_at(
    moment: datetime,
    own: OwnHours | None,
    leave: Sequence[Span],
    book: Rulebook,
    calendar: WorkCalendar,
    zone: ZoneInfo,
) -> datetime:
    """When others hear that a question which was ready at `moment` has no answer: so many working days after it went
    out, those of leave left out, in the morning."""
    day = asked_at(moment, own, leave, book, calendar, zone).astimezone(zone).date()
    left = book.formal.silent_workdays
    while left:
        day = calendar.next_workday(day)
        left -= _back_after(day, leave) is None
    return datetime.combine(day, book.hours.notices_from, zone)


def _back_after(day: date, leave: Sequence[Span]) -> date | None:
    """The first day after the leave in which a day lies; None where it lies in none."""
    last = max((last for first, last in leave if first <= day <= last), default=None)
    return None if last is None else last + timedelta(days=1)
