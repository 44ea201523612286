"""The only clocks of the house, and the only column type for moments.

`Clock.now()` is for rules and people: the sandbox moves it. `lease_now()` is for leases and backoff: always real
time, so that moving the sandbox clock neither frees nor holds a message. Everything else takes `now` as a parameter.
"""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from time import time_ns
from typing import Any, Protocol

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator


def lease_now() -> datetime:
    """Real time, aware, UTC."""
    return datetime.now(UTC)


def real_milliseconds() -> int:
    """The same as a number, since 1970: what a row's id begins with."""
    return time_ns() // 1_000_000


class Clock(Protocol):
    def now(self) -> datetime:
        """The moment it is for rules and people: aware, UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class SandboxClock:
    """A clock that can be moved forward. Standing, it shows one moment; running, it keeps its distance to real time."""

    def __init__(self, start: datetime, *, standing: bool) -> None:
        self._lock = threading.Lock()
        self._standing = standing
        self._shown = aware(start)
        self._set_at = lease_now()

    @property
    def standing(self) -> bool:
        return self._standing

    def now(self) -> datetime:
        with self._lock:
            if self._standing:
                return self._shown
            return self._shown + (lease_now() - self._set_at)

    def move_to(self, moment: datetime) -> None:
        """Show `moment` from now on. A moment that has passed is ignored: time only moves forward."""
        if aware(moment) <= self.now():
            return
        with self._lock:
            self._shown = aware(moment)
            self._set_at = lease_now()

    def hold(self) -> None:
        """Stand still at the moment it is."""
        shown = self.now()
        with self._lock:
            self._standing, self._shown = True, shown

    def release(self) -> None:
        """Run on from the moment it is."""
        with self._lock:
            if self._standing:
                self._standing, self._set_at = False, lease_now()


def aware(moment: datetime) -> datetime:
    """`moment` in UTC.

    Raises:
        ValueError: it has no time zone, so nobody knows which moment it is.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC)


def local_day(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()


_UTC = len("+00:00")


def _in_sqlite(moment: datetime | None) -> str | None:
    """As SQLAlchemy writes it, which takes it apart and puts it together again for each. What is remembered is in UTC:
    the two moments of an hour that a place has twice are equal, as long as they are said in its own time."""
    return None if moment is None else _said(moment if moment.tzinfo is UTC else aware(moment))


@lru_cache(maxsize=64)
def _said(moment: datetime) -> str:
    """One message writes the same few moments into a dozen columns."""
    return moment.isoformat(" ", "microseconds")[:-_UTC]


class Moment(TypeDecorator[datetime]):
    """A moment, kept in UTC and given back aware. SQLite drops time zones silently; naive values are refused."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def bind_processor(self, dialect: Dialect) -> Any:
        return _in_sqlite if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = aware(value)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


A_MOMENT = timedelta(microseconds=1)
