"""One engine per database address, set up the way both databases lose nothing.

SQLite: WAL, `synchronous=FULL`, and every writing transaction begins IMMEDIATE. (Left to its defaults, a
read-modify-write by several connections loses updates without an error.) PostgreSQL: a small pool.
"""

from __future__ import annotations

import sqlite3
from time import monotonic
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InvalidatePoolError
from sqlalchemy.pool import NullPool, QueuePool

_PATIENT, _IMPATIENT = "PRAGMA busy_timeout=10000", "PRAGMA busy_timeout=0"
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    _PATIENT,
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA trusted_schema=OFF",
)
# How long the WAL may get before the writer itself carries it into the database: 64 MB. A thread of its own does so
# sooner (storage/checkpoint.py). With SQLite's own 1,000 every hundredth step of a dialog waited for it.
WAL_PAGES = 16_000
_WRITER = (f"PRAGMA wal_autocheckpoint={WAL_PAGES}", "PRAGMA cache_size=-16000")  # 16 MB instead of two
_READER = ("PRAGMA query_only=ON",)
REST = 0.1  # seconds after which a connection is asked whether its server is still there
_LEFT = "left"  # when a connection was given back


class BadDatabaseUrl(Exception):
    """The text says what is wrong with the address and what would be right."""


def parse_url(text: str) -> URL:
    """The database address, checked.

    Raises:
        BadDatabaseUrl: neither SQLite nor PostgreSQL through psycopg.
    """
    expected = "Use sqlite:///path/to/file.db or postgresql+psycopg://user@host/name."
    try:
        url = make_url(text)
    except ArgumentError:
        raise BadDatabaseUrl(f"The database address cannot be read. {expected}") from None
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "postgresql+psycopg"):
        raise BadDatabaseUrl(f"{url.drivername} is not a database this product runs on. {expected}")
    if url.drivername == "sqlite" and not url.database:
        raise BadDatabaseUrl(f"The database address names no file. {expected}")
    return url


def is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def sqlite_engine(url: URL, *, writes: bool) -> Engine:
    """An engine whose connections are used by one thread at a time. Errors never quote parameters."""
    engine = create_engine(
        url,
        poolclass=QueuePool,
        connect_args={"check_same_thread": False, "factory": _Writes if writes else _Reads},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in (*_PRAGMAS, *(_WRITER if writes else _READER)):
            cursor.execute(pragma)
        cursor.close()

    return _begins(engine)


def wait_for_others(connection: sqlite3.Connection, patient: bool) -> None:
    """Whether this connection waits when another process writes, or fails at once. It waits as it is opened."""
    connection.execute(_PATIENT if patient else _IMPATIENT)


class _Reads(sqlite3.Connection):
    begin = "BEGIN"


class _Writes(sqlite3.Connection):
    begin = "BEGIN IMMEDIATE"


def _begins(engine: Engine) -> Engine:
    """Transactions begin where we begin them. Left to itself the driver waits for the first row that is changed, and
    makes tables before that for good. (A listener to the engine's event would do the same in twice the time.)"""

    @event.listens_for(engine, "connect")
    def _leave_it_to_us(connection: Any, _record: Any) -> None:
        connection.isolation_level = None

    engine.dialect.do_begin = _begin  # type: ignore[method-assign, assignment]
    return engine


def _begin(connection: Any) -> None:
    connection.execute(connection.begin)


def postgres_engine(url: URL, *, size: int = 8) -> Engine:
    """A pool that gives out what came back last, whose statements are prepared and whose caches are warm."""
    try:
        engine = create_engine(
            url, pool_size=size, max_overflow=0, pool_use_lifo=True, pool_recycle=1800, hide_parameters=True
        )
    except ModuleNotFoundError:
        raise BadDatabaseUrl(
            "The PostgreSQL driver is not installed. Install it with: pip install 'fangpingcha[postgres]'"
        ) from None
    _ask_after_a_rest(engine)
    return engine


def _ask_after_a_rest(engine: Engine) -> None:
    """A connection that was not used for a moment is asked whether the server is still there, and else replaced.
    Asked each time (`pool_pre_ping`), that would be another round trip before every transaction."""

    @event.listens_for(engine, "checkin")
    def _left(_connection: Any, record: Any) -> None:
        record.info[_LEFT] = monotonic()

    @event.listens_for(engine, "checkout")
    def _taken(connection: Any, record: Any, _proxy: Any) -> None:
        if monotonic() - record.info.get(_LEFT, 0.0) <= REST:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            raise InvalidatePoolError from None


def plain_engine(url: URL, *, writes: bool = False) -> Engine:
    """An engine for one short job, which leaves no connection behind. `writes`: a migration, which is done as a whole
    or not at all."""
    if is_sqlite(url):
        how = {"factory": _Writes if writes else _Reads}
        engine = create_engine(url, poolclass=NullPool, connect_args=how, hide_parameters=True)

        @event.listens_for(engine, "connect")
        def _set_up(connection: Any, _record: Any) -> None:
            connection.execute(_PATIENT)
            connection.execute("PRAGMA journal_mode=WAL")

        return _begins(engine)
    try:
        return create_engine(url, poolclass=NullPool, hide_parameters=True)
    except ModuleNotFoundError:
        raise BadDatabaseUrl(
            "The PostgreSQL driver is not installed. Install it with: pip install 'fangpingcha[postgres]'"
        ) from None
