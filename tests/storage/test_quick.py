"""Quick units: run by the caller's own thread where nobody is at work, and in every other way like the others."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator
from time import monotonic
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, select

from storage.errors import Refused
from storage.lane import Lane, SqliteLane, is_busy
from storage.tables.counties import Setting
from tests.storage.conftest import BeforeCommits


@pytest.fixture
def sqlite_lane(sqlite_lane: SqliteLane) -> SqliteLane:
    """One that has a connection."""
    sqlite_lane.run_now(lambda session: None)
    return sqlite_lane


@pytest.fixture
def another(sqlite_lane: SqliteLane) -> Iterator[sqlite3.Connection]:
    """Another process's connection."""
    other = sqlite3.connect(
        str(sqlite_lane._writer.url.database), isolation_level=None, check_same_thread=False
    )
    yield other
    other.close()


def puts(key: str, then: Exception | None = None) -> Callable[[Session], threading.Thread]:
    """A unit that writes one row and tells on which thread."""

    def unit(session: Session) -> threading.Thread:
        session.add(Setting(key=key, value=key))
        session.flush()
        if then is not None:
            raise then
        return threading.current_thread()

    return unit


def says(order: list[str], word: str) -> Callable[[Session], None]:
    return lambda session: order.append(word)


async def kept(lane: Lane) -> list[str]:
    return list(
        await lane.read(lambda session: session.exec(select(Setting.key).order_by(Setting.key)).all())
    )


async def test_a_quick_unit_is_kept_as_a_whole_or_not_at_all(lane: Lane) -> None:
    for key in "abc":
        await lane.run(puts(key), quick=True)
        with pytest.raises(Refused):
            await lane.run(puts("z", Refused("No.")), quick=True)
        with pytest.raises(IntegrityError):
            await lane.run(puts(key), quick=True)
        with pytest.raises(RuntimeError):
            await lane.run(lambda session: next(iter([puts("z")][1:])), quick=True)
    assert await kept(lane) == ["a", "b", "c"]


async def test_alone_it_is_run_where_it_was_asked_for(sqlite_lane: SqliteLane) -> None:
    here = threading.current_thread()
    assert await sqlite_lane.run(puts("a"), quick=True) is here
    assert (await sqlite_lane.run(puts("b"))).name == "lane"
    assert await sqlite_lane.run(puts("c"), quick=True) is here
    assert sqlite_lane.made_wait == 4  # with the fixture's: a tick sees by it that somebody is there
    assert await kept(sqlite_lane) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("error", "heard"),
    [(OSError("no space"), OSError), (sqlite3.OperationalError("no space"), OperationalError)],
)
async def test_nobody_is_answered_before_the_commit(
    sqlite_lane: SqliteLane,
    before_commits: BeforeCommits,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    heard: type[Exception],
) -> None:
    def full() -> None:
        raise error

    before_commits(full)
    with pytest.raises(heard, match="space"):
        await sqlite_lane.run(puts("a"), quick=True)
    monkeypatch.undo()
    assert await kept(sqlite_lane) == []
    assert (await sqlite_lane.run(puts("b"), quick=True)).name == "lane"  # which makes a new connection first
    assert await kept(sqlite_lane) == ["b"]


async def test_those_who_come_in_one_turn_share_a_commit_after_the_first(
    sqlite_lane: SqliteLane, before_commits: BeforeCommits
) -> None:
    commits: list[int] = []
    before_commits(lambda: commits.append(1))
    units = [puts("first"), puts("a"), puts("b", Refused("No.")), puts("c")]
    answers = await asyncio.gather(
        *(sqlite_lane.run(unit, quick=True) for unit in units), return_exceptions=True
    )
    names = [getattr(answer, "name", type(answer)) for answer in answers]
    assert names == [threading.current_thread().name, "lane", Refused, "lane"]
    assert len(commits) == 2
    assert await kept(sqlite_lane) == ["a", "c", "first"]


async def test_whoever_asks_without_a_pause_lets_the_loop_go_on(sqlite_lane: SqliteLane) -> None:
    """Else nothing else would be heard while one asks and asks."""
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    for _ in range(10):
        await sqlite_lane.run(lambda session: None, quick=True)
    assert turns >= 5
    counting.cancel()


async def test_the_order_is_that_of_coming(sqlite_lane: SqliteLane) -> None:
    order: list[str] = []

    async def asks(name: str) -> None:
        for n in range(3):
            await sqlite_lane.run(says(order, f"{name}{n}"), quick=True)

    await asyncio.gather(*map(asks, "abc"))
    assert [one for one in order if one[1] == "0"] == ["a0", "b0", "c0"]
    assert all(order.index(f"{name}0") < order.index(f"{name}1") < order.index(f"{name}2") for name in "abc")


async def test_it_overtakes_nobody_and_holds_nobody_up(sqlite_lane: SqliteLane) -> None:
    """While the thread is at work the loop goes on, and whoever comes later is later."""
    order: list[str] = []
    inside, release = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        inside.set()
        release.wait(60)
        order.append("held")

    def second(session: Session) -> str:
        order.append("second")
        return threading.current_thread().name

    holding = asyncio.create_task(sqlite_lane.run(hold, apart=True))
    assert await asyncio.to_thread(inside.wait, 60)
    before = sqlite_lane.made_wait
    quick = asyncio.create_task(sqlite_lane.run(second, quick=True))
    await asyncio.sleep(0.02)
    assert not quick.done()
    release.set()
    assert await quick == "lane"
    await holding
    assert order == ["held", "second"]
    assert sqlite_lane.made_wait == before + 1  # so that a tick beside it does less at once


class Late:
    """The writer's lock, for which the thread asks late: it has been given something, and has not begun."""

    def __init__(self, lock: threading.Lock) -> None:
        self.acquire, self.release = lock.acquire, lock.release
        self.given, self.may_begin = threading.Event(), threading.Event()

    def __enter__(self) -> None:
        self.given.set()
        self.may_begin.wait(60)
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


async def test_what_the_thread_has_not_begun_comes_first(
    sqlite_lane: SqliteLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    late = Late(sqlite_lane._writing)
    monkeypatch.setattr(sqlite_lane, "_writing", late)
    earlier = asyncio.create_task(sqlite_lane.run(says(order, "earlier")))
    assert await asyncio.to_thread(late.given.wait, 60)
    later = asyncio.create_task(sqlite_lane.run(says(order, "later"), quick=True))
    await asyncio.sleep(0.02)
    late.may_begin.set()
    await asyncio.gather(earlier, later)
    assert order == ["earlier", "later"]


async def test_another_process_that_writes_does_not_hold_up_the_loop(
    sqlite_lane: SqliteLane, another: sqlite3.Connection
) -> None:
    another.execute("BEGIN IMMEDIATE")
    began = monotonic()
    waiting = asyncio.create_task(sqlite_lane.run(puts("a"), quick=True))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    assert monotonic() - began < 8  # it would have stood still for ten
    another.execute("ROLLBACK")
    assert (await asyncio.wait_for(waiting, 8)).name == "lane"
    assert await sqlite_lane.run(puts("b"), quick=True) is threading.current_thread()
    assert await kept(sqlite_lane) == ["a", "b"]


async def test_a_thread_waits_for_another_process_after_a_loop_has_not(
    sqlite_lane: SqliteLane, another: sqlite3.Connection
) -> None:
    """Whether it does is said to the connection, which both use."""
    await sqlite_lane.run(puts("a"), quick=True)
    another.execute("BEGIN IMMEDIATE")
    slow = asyncio.create_task(sqlite_lane.run(puts("b")))
    await asyncio.sleep(0.05)
    another.execute("ROLLBACK")
    assert (await asyncio.wait_for(slow, 8)).name == "lane"


async def test_a_database_that_stays_busy_is_told_as_such(
    sqlite_lane: SqliteLane, another: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine._PATIENT", "PRAGMA busy_timeout=50")
    await sqlite_lane.run(puts("a"), quick=True)
    another.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError) as caught:
        await sqlite_lane.run(puts("b"), quick=True)
    assert is_busy(caught.value)
    another.execute("ROLLBACK")


async def test_whoever_gave_up_troubles_nobody(sqlite_lane: SqliteLane) -> None:
    first, given_up = (asyncio.ensure_future(sqlite_lane.run(puts(key), quick=True)) for key in "ab")
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.sleep(0.01)
    await first
    await sqlite_lane.run(puts("c"), quick=True)
    assert await kept(sqlite_lane) == ["a", "b", "c"]


async def test_after_the_end_everybody_is_told(sqlite_lane: SqliteLane) -> None:
    first, late = (asyncio.ensure_future(sqlite_lane.run(puts(key), quick=True)) for key in "ab")
    await asyncio.sleep(0)  # the first is done; the other has come, and the loop has not got to it
    sqlite_lane.close()
    assert await first is threading.current_thread()
    with pytest.raises(RuntimeError, match="closed"):
        await late
    with pytest.raises(RuntimeError, match="closed"):
        await sqlite_lane.run(puts("a"), quick=True)


async def test_what_is_left_to_be_carried_is_the_threads_work(
    sqlite_lane: SqliteLane, monkeypatch: pytest.MonkeyPatch
) -> None:
    by: list[str] = []
    carried = threading.Event()

    def finish(_writer: Any) -> None:
        by.append(threading.current_thread().name)
        carried.set()

    monkeypatch.setattr(sqlite_lane._checkpoints, "finish", finish)
    await sqlite_lane.run(puts("a"), quick=True)
    assert not by
    sqlite_lane._checkpoints._carried = 0  # as if a checkpoint had begun before it
    await sqlite_lane.run(puts("b"), quick=True)
    assert await asyncio.to_thread(carried.wait, 60)  # the thread answers first and carries then
    assert set(by) == {"lane"}
