"""The rules as they hold in one county: its rulebook, its calendar, its time zone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from time import monotonic
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from reminders.workdays import WorkCalendar
from storage.rulebook import DEFAULT_VERSION, Rulebook
from storage.tables.counties import County, RulebookVersion
from storage.tables.days import DayKind, OwnDay


@dataclass(frozen=True)
class Mechanism:
    rulebook: Rulebook
    calendar: WorkCalendar
    zone: ZoneInfo

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


_SECONDS = 5.0
_remembered: dict[int, tuple[float, Mechanism]] = {}


@lru_cache(maxsize=256)
def _rulebook(data: str | None) -> Rulebook:
    return Rulebook.default() if data is None else Rulebook.load(data)


def mechanism_of(session: Session, county_id: int, *, fresh: bool = False) -> Mechanism:
    """The rules of a county: the newest saved rulebook, or the product's defaults.

    Remembered for a few seconds, so that a change holds in every process soon, and in this one after `forget`; whoever
    goes by the number of a step asks for them `fresh`, since a change may have given it another.
    """
    known = _remembered.get(county_id)
    if known is not None and not fresh and monotonic() < known[0]:
        return known[1]
    mechanism = _read(session, county_id)
    _remembered[county_id] = (monotonic() + _SECONDS, mechanism)
    return mechanism


def current_version(session: Session, county_id: int) -> int:
    """The number of the rulebook that holds; the product's own is the first."""
    query = select(func.max(RulebookVersion.version)).where(RulebookVersion.county_id == county_id)
    return session.exec(query).one() or DEFAULT_VERSION


def forget() -> None:
    """Have the next question about any county read from the database again."""
    _remembered.clear()


@lru_cache(maxsize=256)
def _calendar(days: tuple[tuple[date, bool, int | None], ...]) -> WorkCalendar:
    """The same days give the same calendar, with all it has worked out already."""
    last = {day: (works, year) for day, works, year in days}
    return WorkCalendar(
        {day: works for day, (works, _) in last.items()},
        published={year for _, year in last.values() if year is not None},
        holidays=[day for day, (works, year) in last.items() if year is not None and not works],
    )


def calendar_of(session: Session, county_id: int | None) -> WorkCalendar:
    """The calendar of a county as it stands in the database; without one, of the installation as a whole."""
    query = (
        select(col(OwnDay.day), col(OwnDay.kind), col(OwnDay.notice_year))
        .where(or_(col(OwnDay.county_id).is_(None), OwnDay.county_id == county_id))
        # the installation's days first, so that the county's own come after them and win
        .order_by(col(OwnDay.county_id).is_not(None), col(OwnDay.day))
    )
    rows = session.exec(query).all()
    return _calendar(tuple((day, kind is DayKind.work, year) for day, kind, year in rows))


def _read(session: Session, county_id: int) -> Mechanism:
    zone, data = session.exec(
        select(County.zone, RulebookVersion.data)
        .join(RulebookVersion, col(RulebookVersion.county_id) == County.id, isouter=True)
        .where(County.id == county_id)
        .order_by(col(RulebookVersion.version).desc())
        .limit(1)
    ).one()
    return Mechanism(
        _rulebook(json.dumps(data) if data else None), calendar_of(session, county_id), ZoneInfo(zone)
    )
