"""The rules as they hold in one county: its rulebook, its calendar, its time zone."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func
from sqlmodel import Session, col, or_, select

from reminders.workdays import WorkCalendar
from storage.bulk import Among, asking_among, listed
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


def _books(among: Among) -> Any:
    newest = (
        select(col(RulebookVersion.county_id), func.max(RulebookVersion.version).label("version"))
        .where(among(col(RulebookVersion.county_id)))
        .group_by(col(RulebookVersion.county_id))
        .subquery()
    )
    return select(RulebookVersion.county_id, RulebookVersion.data).join(
        newest,
        and_(
            newest.c.county_id == RulebookVersion.county_id,
            newest.c.version == RulebookVersion.version,
        ),
    )


def _days(among: Among) -> Any:
    return (
        select(col(OwnDay.county_id), col(OwnDay.day), col(OwnDay.kind), col(OwnDay.notice_year))
        .where(or_(col(OwnDay.county_id).is_(None), among(col(OwnDay.county_id))))
        .order_by(col(OwnDay.day))
    )


_BOOKS, _DAYS = asking_among(_books), asking_among(_days)
_ZONES = asking_among(lambda among: select(County.id, County.zone).where(among(col(County.id))))
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
    return mechanisms_of(session, [county_id])[county_id]


def mechanisms_of(session: Session, county_ids: Collection[int]) -> dict[int, Mechanism]:
    """The rules of several counties, fresh."""
    zones = _ZONES.all(session, listed(session, county_ids))
    books, calendars = _rulebooks(session, county_ids), calendars_of(session, county_ids)
    found = {
        county_id: Mechanism(books[county_id], calendars[county_id], ZoneInfo(zone))
        for county_id, zone in zones
    }
    until = monotonic() + _SECONDS
    _remembered.update((county_id, (until, mechanism)) for county_id, mechanism in found.items())
    return found


def mechanism_at(session: Session, county_id: int, moment: datetime) -> Mechanism:
    """The rules of a county as they stood at a moment, for what was told by them. The days are those known now: an
    earlier state of the calendar is not kept."""
    query = (
        select(RulebookVersion.data)
        .where(RulebookVersion.county_id == county_id, col(RulebookVersion.created_at) <= moment)
        .order_by(col(RulebookVersion.version).desc())
    )
    data = session.exec(query.limit(1)).first()
    book = _rulebook(json.dumps(data) if data else None)
    return replace(mechanism_of(session, county_id), rulebook=book)


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
    return calendars_of(session, [county_id])[county_id]


def calendars_of(session: Session, county_ids: Collection[int | None]) -> dict[int | None, WorkCalendar]:
    """The calendars of several counties."""
    days = defaultdict[int | None, list[tuple[date, bool, int | None]]](list)
    for whose, day, kind, year in _DAYS.all(session, listed(session, county_ids)):
        days[whose].append((day, kind is DayKind.work, year))
    # the installation's days first, so that the county's own come after them and win
    everywhere = days.pop(None, [])
    return {one: _calendar((*everywhere, *days.get(one, ()))) for one in county_ids}


def _rulebooks(session: Session, county_ids: Collection[int]) -> dict[int, Rulebook]:
    found = _BOOKS.all(session, listed(session, county_ids))
    saved = {county_id: json.dumps(data) for county_id, data in found if data}
    return {county_id: _rulebook(saved.get(county_id)) for county_id in county_ids}
