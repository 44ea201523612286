"""Units of work that share one transaction on SQLite's writer, and the only commit of it.

All are well, or all are undone and run again, each in its own savepoint.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar, cast

from sqlalchemy import Connection
from sqlmodel import Session

from storage.prepared import DRIVER, as_usual

T = TypeVar("T")
Unit = Callable[[Session], T]


class Job:
    """One waiting unit and where its answer goes."""

    __slots__ = ("apart", "error", "future", "loop", "result", "unit")

    def __init__(
        self, unit: Unit[Any], future: Any, loop: asyncio.AbstractEventLoop | None, *, apart: bool = False
    ) -> None:
        self.unit, self.future, self.loop, self.apart = unit, future, loop, apart
        self.result: Any = None
        self.error: BaseException | None = None

    def forget(self) -> None:
        """What an attempt came to that was undone."""
        self.result, self.error = None, None

    def outcome(self) -> Any:
        """Its result, to whoever ran it themselves; raises what it raised."""
        if self.error is None:
            return self.result
        try:
            raise self.error
        finally:
            self.error = None  # which holds this frame, and this frame it

    def answer(self) -> None:
        if self.future.cancelled():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


def done(unit: Callable[[Session], T], session: Session) -> T:
    """What a unit comes to. No future takes a StopIteration: whoever waits for it would wait for ever."""
    try:
        return unit(session)
    except StopIteration as error:
        raise RuntimeError("StopIteration") from error


def all_well(jobs: list[Job], session: Session) -> bool:
    """Run the units in one transaction. If one fails nothing is kept; whether all is done that can be done."""
    _begin(session)
    for job in jobs:
        _run(job, session)
        if job.error is not None:
            transaction = stands_on(session).get_transaction()
            if transaction is not None:  # else the session has undone it already
                transaction.rollback()
            return len(jobs) == 1
    _commit(session)
    return True


# To SQLAlchemy it is one transaction from group to group, until one fails: its own way to begin one and to commit it
# takes several times what the driver needs.


def _begin(session: Session) -> None:
    if not stands_on(session).in_transaction():
        stands_on(session).begin()
        return
    driver, dialect = session.info[DRIVER]
    try:
        dialect.do_begin(driver)
    except driver.Error as error:
        raise as_usual(error, "BEGIN", dialect) from None


def _commit(session: Session) -> None:
    driver, dialect = session.info[DRIVER]
    try:
        dialect.do_commit(driver)
    except driver.Error as error:
        raise as_usual(error, "COMMIT", dialect) from None


def each_apart(jobs: list[Job], session: Session) -> None:
    """The same in savepoints, after one has failed: it is undone alone. Units may be run again, as on PostgreSQL."""
    connection = stands_on(session)
    with connection.begin():
        for job in jobs:
            job.forget()
            savepoint = connection.begin_nested()
            _run(job, session)
            if job.error is None:
                savepoint.commit()
                continue
            if savepoint.is_active:  # else the session has undone it already
                savepoint.rollback()
            if not driver_under(session).in_transaction:
                raise job.error  # on a full disk SQLite undoes the whole transaction by itself


def stands_on(session: Session) -> Connection:
    return cast("Connection", session.bind)


def driver_under(session: Session) -> Any:
    return session.info[DRIVER][0]


def _run(job: Job, session: Session) -> None:
    try:
        job.result = done(job.unit, session)
        if session.in_transaction():  # whatever a session is given, or finds, begins one of its own
            session.flush()
    except BaseException as error:
        job.error = error
    finally:
        # Nothing of one unit is there for the next. Prepared statements alone leave nothing to be closed.
        if session.in_transaction() or session.identity_map:
            session.close()
