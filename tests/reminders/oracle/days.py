"""Days and hours: which days are worked in 2026, how they are counted, and when somebody may be written to."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache

DAY = timedelta(days=1)
OFF = (
    ("01-01", "01-03"), ("02-15", "02-23"), ("04-04", "04-06"), ("05-01", "05-05"), ("06-19", "06-21"),
    ("09-25", "09-27"), ("10-01", "10-07"),
)  # fmt: skip
MADE_UP = {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"}
YEAR = 2026  # nothing of what is planned for later falls due while the oracle lives

MORNING, NINE, AFTERNOON, EVENING = time(8, 30), time(9), time(14, 30), time(17)
Hours = tuple[time, time]
OFFICE_HOURS = (NINE, EVENING)


@cache
def works(day: date) -> bool:
    name = f"{day:%m-%d}"
    if day.year == YEAR and name in MADE_UP:
        return True
    holiday = day.year == YEAR and any(first <= name <= last for first, last in OFF)
    return day.weekday() < 5 and not holiday


@cache
def later(day: date, n: int) -> date:
    """The n-th working day after a day; with 0 the day itself, or the next one that is worked."""
    if n == 0:
        return day if works(day) else later(day, 1)
    while n:
        day += DAY
        n -= works(day)
    return day


def late(due: date, today: date) -> int:
    """How many working days after its due day it is; 0 on the day and on days off that follow it, below 0 before it."""
    due = later(due, 0)
    if today < due:
        return -1
    return sum(works(due + n * DAY) for n in range(1, (today - due).days + 1))


def at(day: date, hour: time, like: datetime) -> datetime:
    return datetime.combine(day, hour, like.tzinfo)


def within(moment: datetime, hours: Hours) -> datetime:
    """The moment itself if it lies in these hours of a working day, else the next one that does."""
    day, (first, last) = moment.date(), hours
    if works(day) and first <= moment.time() <= last:
        return moment
    if not works(day) or moment.time() > last:
        day = later(day, 1)
    return at(day, first, moment)
