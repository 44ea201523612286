"""The lane: where every unit of work runs, and with storage/together.py the only commit in the code.

A unit of work is one plain function `(session) -> result`. An edge hands it over and is answered after the commit.

SQLite has one writer thread. Units that wait together share one transaction and one commit: if one of them fails all
are run again, each in its own savepoint, so that it is undone alone; nobody is answered before the commit. A long unit
may run `apart`: in a transaction of its own, so that nobody who came with it waits for it. A `quick` one that finds
nobody at work is run by its caller's own thread: to wake another one twice takes longer than most of what it would do.
What SQLite carries from the WAL into the database, another thread does (storage/checkpoint.py). PostgreSQL has a small
pool of threads, one transaction a unit. A unit may therefore be run more than once on both, and must do nothing but
work on its session. Reading has threads of its own.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar, cast

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from storage.checkpoint import Checkpointer
from storage.engine import is_sqlite, parse_url, postgres_engine, sqlite_engine, wait_for_others
from storage.prepared import DRIVER
from storage.together import Job, Unit, all_well, done, driver_under, each_apart, stands_on

T = TypeVar("T")

_TOGETHER = 64  # units in one commit at most
_RETRIES = 3
# Seconds before a repeat. Whoever comes back at once takes a row again before the other, who waits for it, has woken
# up: the same deadlock, until the tries are used up.
_PAUSE = 0.05
CLOSED = "the lane is closed"
_SERIALIZATION, _DEADLOCK = "40001", "40P01"


class Lane(Protocol):
    """Runs units of work. `run` may write and commits; `read` may not write. `apart` is for long units, `quick` for
    those of a few milliseconds, which an event loop may run itself.

    `made_wait` counts the units that may have waited for one that runs apart: whoever sees it grow does less at once.
    """

    made_wait: int

    async def run(self, unit: Unit[T], *, apart: bool = False, quick: bool = False) -> T: ...

    async def read(self, unit: Unit[T]) -> T: ...

    def run_now(self, unit: Unit[T]) -> T:
        """`run` for a caller without an event loop (the command line)."""
        ...

    def close(self) -> None: ...


def open_lane(database_url: str) -> Lane:
    url = parse_url(database_url)
    if is_sqlite(url):
        return SqliteLane(sqlite_engine(url, writes=True), sqlite_engine(url, writes=False))
    return PostgresLane(postgres_engine(url))


def _session(connection: Connection) -> Session:
    # The lane owns the transaction: what a session commits or closes goes no further than itself.
    known = {DRIVER: (connection.connection.dbapi_connection, connection.dialect)}
    return Session(connection, join_transaction_mode="rollback_only", expire_on_commit=False, info=known)


def _nothing(_session: Session) -> None:
    """A unit that only gives the thread an occasion."""


def _answer_all(jobs: list[Job]) -> None:
    for job in jobs:
        job.answer()


class SqliteLane:
    def __init__(self, writer: Engine, reader: Engine) -> None:
        self._writer, self._reader = writer, reader
        self._waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        # The session and its connection are used by whoever holds `_writing`: the writer thread, or a loop for a unit.
        self._session: Session | None = None
        self._writing = threading.Lock()
        self._patient = True  # whether its connection waits for other processes
        self._ahead, self._counting = 0, threading.Lock()  # units the thread has been given and has not done
        # Quick ones of this turn of the loop, after the first.
        self._arrived: dict[asyncio.AbstractEventLoop, list[Job]] = {}
        self._open = True
        self._thread = threading.Thread(target=self._live, name="lane", daemon=True)
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="lane-read")
        self._checkpoints = Checkpointer(reader)
        self.made_wait = 0
        self._thread.start()

    async def run(self, unit: Unit[T], *, apart: bool = False, quick: bool = False) -> T:
        loop = asyncio.get_running_loop()
        quick = quick and not apart
        if quick and self._opens_turn(loop) and self._open:
            job = Job(unit, None, None)
            if self._did_here(job):
                return cast("T", job.outcome())
        future: asyncio.Future[T] = loop.create_future()
        job = Job(unit, future, loop, apart=apart)
        if quick:
            self._arrived[loop].append(job)
        else:
            self._must_be_open()
            self._give(job)
        return await future

    def _give(self, *jobs: Job) -> None:
        with self._counting:
            self._ahead += len(jobs)
        for job in jobs:
            self._waiting.put(job)

    def _opens_turn(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether this quick unit is the first of the loop's turn, which it opens then. Who comes later in it waits for
        its end: they share a commit, and that is the thread's."""
        if loop in self._arrived:
            return False
        self._arrived[loop] = []
        loop.call_soon(self._take, loop)
        return True

    def _take(self, loop: asyncio.AbstractEventLoop) -> None:
        jobs = self._arrived.pop(loop)
        if not jobs:  # nearly always: whoever was the first was alone
            return
        if not self._open:
            for job in jobs:
                job.error = RuntimeError(CLOSED)
                job.answer()
        elif len(jobs) > 1 or not self._did_here(jobs[0]):
            self._give(*jobs)
        else:
            jobs[0].answer()

    def _did_here(self, job: Job) -> bool:
        """Run it on the loop's thread, unless that would have to wait for anybody, here or in another process."""
        if self._ahead or not self._writing.acquire(blocking=False):
            return False
        try:
            if self._session is None:
                return False
            self._run_together([job], patient=False)
            if job.error is not None and is_busy(job.error):
                job.forget()
                return False
            self._tell_how_much()
            self.made_wait += 1  # not it, but whoever comes next
        finally:
            self._writing.release()
        if self._checkpoints.unfinished:
            self._give(Job(_nothing, Future(), None))  # what is left to be carried is the thread's work
        return True

    def run_now(self, unit: Unit[T]) -> T:
        self._must_be_open()
        future: Future[T] = Future()
        self._give(Job(unit, future, None))
        return future.result()

    async def read(self, unit: Unit[T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, unit)

    def _read(self, unit: Unit[T]) -> T:
        with self._reader.connect() as connection, connection.begin(), _session(connection) as session:
            return done(unit, session)

    def _must_be_open(self) -> None:
        if not self._open:
            raise RuntimeError(CLOSED)

    def close(self) -> None:
        self._open = False
        self._waiting.put(None)
        self._thread.join()
        self._checkpoints.close()
        with self._writing:
            if self._session is not None:
                stands_on(self._session).close()
            self._session = None
        self._readers.shutdown()
        self._writer.dispose()
        self._reader.dispose()

    def _live(self) -> None:
        try:
            self._work()
        finally:
            self._open = False  # nobody shall wait for a thread that is gone

    def _work(self) -> None:
        while (first := self._waiting.get()) is not None:
            jobs, last = [first], False
            while len(jobs) < _TOGETHER and not last:
                try:
                    job = self._waiting.get_nowait()
                except queue.Empty:
                    break
                if job is None:
                    last = True
                else:
                    jobs.append(job)
            together = [job for job in jobs if not job.apart]
            self.made_wait += len(together)
            for group in (together, *([job] for job in jobs if job.apart)):
                if group:
                    with self._writing:
                        self._run_together(group)
                        self._tell_how_much()
                    with self._counting:
                        self._ahead -= len(group)
                    self._answer(group)
                    self._finish()
            if last:
                return

    def _run_together(self, jobs: list[Job], *, patient: bool = True) -> None:
        try:
            # One for as long as it is well: to take a connection from the pool anew, and to make a session on it, costs
            # as much as a statement each.
            if self._session is None:
                self._session = _session(self._writer.connect())
            if patient is not self._patient:
                wait_for_others(driver_under(self._session), patient)
                self._patient = patient
            # Savepoints cost as much as a statement each, and nearly always every unit is well: try without first.
            if not all_well(jobs, self._session):
                each_apart(jobs, self._session)
        except BaseException as error:
            # The commit (or the BEGIN) failed: whatever the units thought, nothing of them is on the disk.
            for job in jobs:
                job.error = job.error or error
            self._drop_session()  # in whatever state it is: the next group gets a fresh one

    def _tell_how_much(self) -> None:
        if self._session is not None:
            self._checkpoints.wrote(driver_under(self._session).total_changes)

    def _finish(self) -> None:
        """Carry what is left, while nobody is at work."""
        if self._checkpoints.unfinished and self._waiting.empty() and self._writing.acquire(blocking=False):
            try:
                if self._session is not None:
                    self._checkpoints.finish(driver_under(self._session))
            finally:
                self._writing.release()

    def _drop_session(self) -> None:
        session, self._session, self._patient = self._session, None, True
        if session is not None:
            connection = stands_on(session)
            connection.invalidate()
            connection.close()

    @staticmethod
    def _answer(jobs: list[Job]) -> None:
        by_loop: dict[asyncio.AbstractEventLoop | None, list[Job]] = {}
        for job in jobs:
            by_loop.setdefault(job.loop, []).append(job)
        for loop, mine in by_loop.items():
            if loop is None:
                _answer_all(mine)
            elif not loop.is_closed():
                loop.call_soon_threadsafe(_answer_all, mine)


class PostgresLane:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(engine.pool.size(), thread_name_prefix="lane")  # type: ignore[attr-defined]
        self._reader = engine.execution_options(postgresql_readonly=True)
        self.made_wait = 0  # for nobody: others have connections of their own

    async def run(self, unit: Unit[T], *, apart: bool = False, quick: bool = False) -> T:
        # Every unit has a transaction of its own here.
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._once, unit)

    async def read(self, unit: Unit[T]) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._once, unit, self._reader)

    def run_now(self, unit: Unit[T]) -> T:
        return self._once(unit)

    def _once(self, unit: Unit[T], engine: Engine | None = None) -> T:
        for attempt in range(_RETRIES):
            try:
                with (
                    (engine or self._engine).connect() as connection,
                    connection.begin(),
                    _session(connection) as session,
                ):
                    result = done(unit, session)
                    session.flush()
                return result
            except DBAPIError as error:
                if attempt == _RETRIES - 1 or not _worth_repeating(error):
                    raise
            time.sleep(_PAUSE * 2**attempt)
        raise AssertionError("unreachable")

    def close(self) -> None:
        self._threads.shutdown()
        self._engine.dispose()


def _worth_repeating(error: DBAPIError) -> bool:
    """Whether the database undid the transaction for reasons that a repeat gets over."""
    state = getattr(error.orig, "sqlstate", None)
    return state in (_SERIALIZATION, _DEADLOCK)


def is_busy(error: BaseException) -> bool:
    """Whether the database was too busy, full or away for the moment: nothing was written, try again later."""
    return isinstance(error, OperationalError)
