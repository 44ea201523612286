"""The calendar as the administrator keeps it: days of the county's own, and the yearly notice read in.

An act changes the days, writes what it did, and has every open visit looked at anew by the new days.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from casework.notice_text import ReadNotice, read_notice, year_of
from locales.catalogue import N_
from locales.phrase import Day, Term
from reminders import changing, days_off, heartbeats, mechanism
from reminders.workdays import WorkCalendar
from storage import audit
from storage.errors import Conflict, NotFound, Refused
from storage.queries.access import NOT_FOR_YOU, Actor
from storage.tables.counties import County
from storage.tables.days import DayKind, OwnDay

NOTE_LENGTH = 60
WITH_NOTICE = N_("{day} came with the yearly notice, which is read in as a whole: paste it as it holds now.")
YEARS = range(2020, 2100)


@dataclass(frozen=True)
class Change:
    """What an act did: days that are now another kind of day, and visits that are looked at at another moment."""

    days: tuple[date, ...]
    visits: int


def own_days(session: Session, county_id: int | None, year: int) -> list[OwnDay]:
    """The days of a year that were set or read in, for the installation and for the county."""
    query = (
        select(OwnDay)
        .where(col(OwnDay.day) >= date(year, 1, 1), col(OwnDay.day) <= date(year, 12, 31))
        .where(col(OwnDay.county_id).is_(None) | (col(OwnDay.county_id) == county_id))
        .order_by(col(OwnDay.day), col(OwnDay.county_id).is_not(None))
    )
    return list(session.exec(query))


def set_day(
    session: Session,
    county_id: int | None,
    day: date,
    kind: DayKind,
    note: str | None = None,
    *,
    now: datetime,
    actor: Actor | None = None,
) -> Change:
    """Say of one day whether it is worked, in a county or everywhere."""
    _check(day, note)
    before = _calendars(session, county_id)
    _put(session, county_id, day, kind, note, None, now)
    audit.record(
        session, actor, "day_set", "ownday", None, now=now, county_id=county_id, day=day, kind=kind.value
    )
    return _changed(session, before, [day], now)


def clear_day(
    session: Session, county_id: int | None, day: date, *, now: datetime, actor: Actor | None = None
) -> Change:
    """Take back what was said of a day: the calendar built in holds again, or what holds everywhere."""
    known = _own(session, county_id, day)
    if known is None:
        raise NotFound(N_("Nothing of your own was set for {day}."), day=Day(day))
    before = _calendars(session, county_id)
    session.delete(known)
    audit.record(session, actor, "day_cleared", "ownday", None, now=now, county_id=county_id, day=day)
    return _changed(session, before, [day], now)


def parse(text: str, year: int | None) -> ReadNotice:
    """The notice in a text. `year` where the text does not say for which it is."""
    meant = year or year_of(text)
    if meant is None:
        raise Refused(N_("The text does not say for which year it is. Say it with --year."))
    if meant not in YEARS:
        raise Refused(N_("{year} is no year for a calendar."), year=meant)
    return read_notice(text, meant)


def import_notice(
    session: Session,
    county_id: int | None,
    notice: ReadNotice,
    *,
    now: datetime,
    actor: Actor | None = None,
) -> Change:
    """Keep what was read in place of what an earlier notice of the year said. The caller has looked at its problems.

    Of a text that leaves out a holiday the days are kept, but the year does not count as known for that.
    """
    before = _calendars(session, county_id)
    earlier = session.exec(select(OwnDay).where(_of(county_id), OwnDay.notice_year == notice.year)).all()
    gone = [old.day for old in earlier]
    for old in earlier:
        session.delete(old)
    session.flush()
    year = None if notice.missing else notice.year
    for kind, days in ((DayKind.off, notice.off), (DayKind.work, notice.worked)):
        for day, label in days.items():
            _put(session, county_id, day, kind, label, year, now)
    facts = {"year": notice.year, "off": len(notice.off), "worked": len(notice.worked)}
    audit.record(session, actor, "notice_read", "ownday", None, now=now, county_id=county_id, **facts)
    return _changed(session, before, [*gone, *notice.off, *notice.worked], now)


@dataclass(frozen=True)
class Tried:
    """What keeping a notice comes to: the days it changes, and the calendar by it."""

    change: Change
    calendar: WorkCalendar


def try_notice(session: Session, actor: Actor, notice: ReadNotice, *, now: datetime) -> Tried:
    """What it would change in the county of an administrator. Nothing of it is kept."""
    require_keeper(session, actor)
    attempt = session.begin_nested()
    try:
        change = import_notice(session, actor.county_id, notice, now=now, actor=actor)
        return Tried(change, mechanism.calendar_of(session, actor.county_id))
    finally:
        attempt.rollback()
        mechanism.forget()


def adopt_notice(session: Session, actor: Actor, notice: ReadNotice, *, now: datetime) -> Tried:
    """Keep it for the county of an administrator."""
    require_keeper(session, actor)
    change = import_notice(session, actor.county_id, notice, now=now, actor=actor)
    return Tried(change, mechanism.calendar_of(session, actor.county_id))


def try_day(session: Session, actor: Actor, day: date, kind: DayKind, note: str, *, now: datetime) -> Change:
    """What setting one day would change in the county of an administrator. Nothing of it is kept."""
    require_keeper(session, actor)
    attempt = session.begin_nested()
    try:
        return set_day(session, actor.county_id, day, kind, note, now=now, actor=actor)
    finally:
        attempt.rollback()
        mechanism.forget()


def set_own(session: Session, actor: Actor, day: date, kind: DayKind, note: str, *, now: datetime) -> Change:
    """Say of one day, and why, whether it is worked in the county of an administrator."""
    require_keeper(session, actor)
    if came_with(session, actor.county_id, day) is not None:
        raise Conflict(WITH_NOTICE, day=Day(day))
    return set_day(session, actor.county_id, day, kind, note, now=now, actor=actor)


def clear_own(session: Session, actor: Actor, day: date, *, now: datetime) -> Change:
    """Take back what was said of one day in the county of an administrator."""
    require_keeper(session, actor)
    if came_with(session, actor.county_id, day) is not None:
        raise Conflict(WITH_NOTICE, day=Day(day))
    return clear_day(session, actor.county_id, day, now=now, actor=actor)


def came_with(session: Session, county_id: int, day: date) -> int | None:
    """Of which year's notice a day of the county is: that is changed as a whole, by the notice."""
    known = _own(session, county_id, day)
    return known.notice_year if known is not None else None


def own_of(session: Session, county_id: int, day: date) -> OwnDay | None:
    """What was set by hand of one day in a county."""
    known = _own(session, county_id, day)
    return known if known is not None and known.notice_year is None else None


def keeps(session: Session, actor: Actor) -> bool:
    """Whether somebody keeps the calendar of their county: its administrators of the system do."""
    return any(
        one.id == actor.member_id for one in heartbeats.system_administrators(session, actor.county_id)
    )


def require_keeper(session: Session, actor: Actor) -> None:
    if not keeps(session, actor):
        raise Refused(NOT_FOR_YOU, word=Term(N_("help")))


def _check(day: date, note: str | None) -> None:
    if day.year not in YEARS:
        raise Refused(N_("{day} is no day for a calendar."), day=Day(day))
    if note is not None and len(note) > NOTE_LENGTH:
        raise Refused(N_("A remark has at most {n} characters."), n=NOTE_LENGTH)


def _put(
    session: Session,
    county_id: int | None,
    day: date,
    kind: DayKind,
    note: str | None,
    notice_year: int | None,
    now: datetime,
) -> None:
    known = _own(session, county_id, day)
    if known is None:
        known = OwnDay(county_id=county_id, day=day, kind=kind, created_at=now)
        session.add(known)
    known.kind, known.note, known.notice_year = kind, note, notice_year
    session.flush()


def _own(session: Session, county_id: int | None, day: date) -> OwnDay | None:
    return session.exec(select(OwnDay).where(_of(county_id), OwnDay.day == day)).first()


def _of(county_id: int | None) -> ColumnElement[bool]:
    """The rows of one county, or those of the installation as a whole."""
    column = col(OwnDay.county_id)
    return column.is_(None) if county_id is None else column == county_id


def _calendars(session: Session, county_id: int | None) -> dict[int, WorkCalendar]:
    """The calendar of every county concerned, as it is now."""
    query = select(County.id)
    ids = [county_id] if county_id is not None else session.exec(query).all()
    return {found: mechanism.calendar_of(session, found) for found in ids}


def _changed(
    session: Session, before: dict[int, WorkCalendar], days: Iterable[date], now: datetime
) -> Change:
    session.flush()
    mechanism.forget()
    after = {county_id: mechanism.calendar_of(session, county_id) for county_id in before}
    other = {
        day
        for day in days
        for county_id, calendar in after.items()
        if calendar.is_workday(day) != before[county_id].is_workday(day)
    }
    moved = changing.days_changed(session, list(before), now=now)
    days_off.watch(session, now=now)
    mechanism.forget()  # should this be undone, nobody goes on with days that were never kept
    return Change(tuple(sorted(other)), moved)
