"""Working days: the one module that answers every question about them.

Four sources, the later wins: Mon-Fri with the statutory days of the `holidays` package, our own table of the
official notice, a notice that the administrator read in, and the exceptions of a county. A year whose notice has not
come out is computed from the law (`is_published` is False) and never refused: a reminder must not stop because a
table is late.

Every year is laid out once as running counts, so that adding to a day and counting between two days cost a look-up.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import accumulate

from holidays import country_holidays

from locales.catalogue import N_

WEEKEND = N_("weekend")
HOLIDAY = N_("public holiday")
LOCAL = N_("local day off")

_DAY = timedelta(days=1)
_SATURDAY = 5
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Notice:
    """One year's official notice: first and last day of each holiday, and the weekend days worked in return."""

    off: tuple[tuple[date, date], ...]
    worked: frozenset[date]


NOTICES: dict[int, Notice] = {
    # State Council notice of 2025-11-04
    2026: Notice(
        off=(
            (date(2026, 1, 1), date(2026, 1, 3)),
            (date(2026, 2, 15), date(2026, 2, 23)),
            (date(2026, 4, 4), date(2026, 4, 6)),
            (date(2026, 5, 1), date(2026, 5, 5)),
            (date(2026, 6, 19), date(2026, 6, 21)),
            (date(2026, 9, 25), date(2026, 9, 27)),
            (date(2026, 10, 1), date(2026, 10, 7)),
        ),
        worked=frozenset(
            {
                date(2026, 1, 4),
                date(2026, 2, 14),
                date(2026, 2, 28),
                date(2026, 5, 9),
                date(2026, 9, 20),
                date(2026, 10, 10),
            }
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class _Year:
    """One year laid out: its days off with the reason, how many working days precede each day, and which they are."""

    first: int  # the ordinal of January 1
    off: Mapping[date, str]
    before: tuple[int, ...]  # by day of the year from 0; one longer than the year
    workdays: tuple[date, ...]


def _days(first: date, last: date) -> Iterator[date]:
    return (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))


def _lay_out(year: int, off: Mapping[date, str]) -> _Year:
    days = list(_days(date(year, 1, 1), date(year, 12, 31)))
    before = accumulate((day not in off for day in days), initial=0)
    return _Year(days[0].toordinal(), off, tuple(before), tuple(day for day in days if day not in off))


@cache
def _national(year: int) -> _Year:
    notice = NOTICES.get(year) or _from_library(year)
    off = _weekends(year)
    off |= {day: HOLIDAY for first, last in notice.off for day in _days(first, last)}
    return _lay_out(year, {day: reason for day, reason in off.items() if day not in notice.worked})


def _weekends(year: int) -> dict[date, str]:
    days = _days(date(year, 1, 1), date(year, 12, 31))
    return {day: WEEKEND for day in days if day.weekday() >= _SATURDAY}


def _from_library(year: int) -> Notice:
    known = country_holidays("CN", years=year)
    worked: Iterable[date] = getattr(known, "weekend_workdays", ())
    return Notice(
        off=tuple((day, day) for day in known),
        worked=frozenset(day for day in worked if day.year == year),
    )


@cache
def _officially_known(year: int) -> bool:
    """A notice always names weekend days that are worked. Those of December may stem from the following year's."""
    return year in NOTICES or any(day.month < _DECEMBER for day in _from_library(year).worked)


class WorkCalendar:
    """The working days of one county. Immutable, and safe to share between threads.

    Args:
        overrides: days that differ from the national calendar, and whether they are worked.
        published: years whose official notice is wholly among `overrides`: nothing else is known of them.
        holidays: the days off among `overrides` that are public holidays.
    """

    __slots__ = ("_ahead", "_holidays", "_overrides", "_published", "_years")

    def __init__(
        self,
        overrides: Mapping[date, bool] | None = None,
        published: Iterable[int] = (),
        holidays: Collection[date] = (),
    ) -> None:
        self._overrides: dict[date, bool] = dict(overrides or {})
        self._published = frozenset(published)
        self._holidays = frozenset(holidays)
        # Only caches: filling them twice gives the same.
        self._years: dict[int, _Year] = {}
        self._ahead: dict[int, frozenset[int]] = {}

    def _year(self, year: int) -> _Year:
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = self._laid_out(year)
        return known

    def _laid_out(self, year: int) -> _Year:
        own = {day: works for day, works in self._overrides.items() if day.year == year}
        if not own:
            return _national(year)
        known = _weekends(year) if year in self._published else _national(year).off
        off = {day: why for day, why in known.items() if not own.get(day, False)}
        # a day that was off anyway keeps its reason: only the county's own days off are called local
        off |= {day: LOCAL for day, works in own.items() if not works and day not in off}
        off |= {day: HOLIDAY for day in self._holidays if day in off}
        return _lay_out(year, off)

    def is_published(self, year: int) -> bool:
        """Whether the official notice for `year` is known. Without it the days are computed from the law alone."""
        return year in self._published or _officially_known(year)

    def not_announced(self, year: int) -> frozenset[int]:
        """Which of a year and the one after it are computed; asked for with every step of a form."""
        known = self._ahead.get(year)
        if known is None:
            known = frozenset(one for one in (year, year + 1) if not self.is_published(one))
            self._ahead[year] = known
        return known

    def is_workday(self, day: date) -> bool:
        return day not in self._year(day.year).off

    def add_workdays(self, day: date, n: int) -> date:
        """The `n`-th working day after `day`, before it where `n` is negative.

        With 0 it is `day` itself, or the next working day if `day` is a day off.
        """
        year, known = day.year, self._year(day.year)
        before = known.before[day.toordinal() - known.first]
        # places count the working days of the year from 0; `before` is the place of the first one not before `day`
        place = before + n - (1 if n > 0 and day in known.off else 0)
        while place >= len(known.workdays):
            place -= len(known.workdays)
            year, known = year + 1, self._year(year + 1)
        while place < 0:
            year, known = year - 1, self._year(year - 1)
            place += len(known.workdays)
        return known.workdays[place]

    def workdays_between(self, a: date, b: date) -> int:
        """How many working days lie after `a` up to and including `b`; the same, negative, from `b` back to `a`."""
        if b < a:
            return -self.workdays_between(b, a)
        counted = self._through(b) - self._through(a)
        if a.year == b.year:
            return counted
        return counted + sum(len(self._year(year).workdays) for year in range(a.year, b.year))

    def _through(self, day: date) -> int:
        known = self._year(day.year)
        return known.before[day.toordinal() - known.first + 1]

    def on_or_before(self, day: date) -> date:
        """The day itself, or the last working day before it if it is a day off."""
        return day if self.is_workday(day) else self.add_workdays(day, -1)

    def next_workday(self, day: date) -> date:
        """The first working day after `day`."""
        return self.add_workdays(day, 1)

    def previous_workday(self, day: date) -> date:
        """The last working day before `day`."""
        return self.add_workdays(day, -1)

    def worked_weekends(self, year: int) -> list[date]:
        """The Saturdays and Sundays of a year that are working days."""
        return [day for day in self._year(year).workdays if day.weekday() >= _SATURDAY]

    def suggest(self, after: date, n: int) -> list[date]:
        """The next `n` working days after `after`."""
        return [self.add_workdays(after, i + 1) for i in range(n)]

    def days_not_counted(self, a: date, b: date) -> list[tuple[date, str]]:
        """The days off after `a` up to and including `b`, each with the message id of its reason."""
        found: list[tuple[date, str]] = []
        for year in range(a.year, b.year + 1):
            off = self._year(year).off
            found += ((day, off[day]) for day in off if a < day <= b)
        return sorted(found)


def runs(days: Iterable[tuple[date, str]]) -> list[tuple[date, date, str]]:
    """Neighbouring days with the same reason as one: first day, last day, reason."""
    runs: list[tuple[date, date, str]] = []
    for day, reason in days:
        if runs and runs[-1][2] == reason and day - runs[-1][1] == _DAY:
            runs[-1] = (runs[-1][0], day, reason)
        else:
            runs.append((day, day, reason))
    return runs
