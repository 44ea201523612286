"""The lane: units that wait together share a commit, a refused one goes alone, nobody is answered before the commit."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, cast

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, InternalError, OperationalError
from sqlmodel import Session, select

from bot.web import make_web
from storage import engine
from storage import lane as lanes
from storage.errors import Refused
from storage.lane import Lane, PostgresLane, SqliteLane, is_busy, open_lane
from storage.tables.counties import Setting
from tests.storage.conftest import BeforeCommits

TOGETHER = 5


@pytest.fixture
async def held(sqlite_lane: SqliteLane) -> AsyncIterator[Callable[[], None]]:
    """Holds the writer, so that what comes next waits together; calling it lets go."""
    inside, release = threading.Event(), threading.Event()

    def hold(session: Session) -> None:
        inside.set()
        release.wait(60)

    holding = asyncio.create_task(sqlite_lane.run(hold))
    assert await asyncio.to_thread(inside.wait, 60)
    yield release.set
    release.set()
    await holding


def puts(key: str, then: Exception | None = None) -> Callable[[Session], str]:
    def unit(session: Session) -> str:
        session.add(Setting(key=key, value=key))
        session.flush()
        if then is not None:
            raise then
        return key

    return unit


async def kept(lane: Lane) -> set[str]:
    return set(await lane.read(lambda session: session.exec(select(Setting.key)).all()))


async def together(lane: Lane, *units: Callable[[Session], Any], go: Callable[[], None]) -> list[Any]:
    jobs = [asyncio.ensure_future(lane.run(unit)) for unit in units]
    await asyncio.sleep(0.05)
    go()
    return await asyncio.gather(*jobs, return_exceptions=True)


# --- on both databases -----------------------------------------------------------------------------------------------


async def test_a_unit_is_kept_as_a_whole_or_not_at_all(lane: Lane) -> None:
    assert await lane.run(puts("a")) == "a"
    with pytest.raises(Refused):
        await lane.run(puts("b", Refused("No.")))
    with pytest.raises(IntegrityError):
        await lane.run(puts("a"))
    assert await kept(lane) == {"a"}


async def test_what_a_unit_leaves_unflushed_is_kept_and_errors_of_it_are_the_callers(lane: Lane) -> None:
    await lane.run(lambda session: session.add(Setting(key="a", value="1")))
    with pytest.raises(IntegrityError):
        await lane.run(lambda session: session.add(Setting(key="a", value="2")))
    assert await kept(lane) == {"a"}


async def test_who_runs_out_of_what_to_go_through_is_answered(lane: Lane) -> None:
    """No future takes a StopIteration: the caller would wait for ever."""
    for go in (lane.run, lane.read):
        with pytest.raises(RuntimeError):
            await asyncio.wait_for(go(lambda session: next(iter([puts("a")][1:]))), 60)
    assert await lane.run(puts("b")) == "b"


async def test_no_unit_commits_by_itself(lane: Lane) -> None:
    def unit(session: Session) -> None:
        session.add(Setting(key="a", value="1"))
        session.commit()
        raise Refused("No.")

    with pytest.raises(Refused):
        await lane.run(unit)
    assert await kept(lane) == set()


async def test_reading_writes_nothing(lane: Lane) -> None:
    with pytest.raises((OperationalError, InternalError)):
        await lane.read(puts("a"))
    await lane.run(puts("b"))
    assert await kept(lane) == {"b"}


def test_a_caller_without_a_loop_is_served_too(lane: Lane) -> None:
    assert lane.run_now(puts("a")) == "a"
    with pytest.raises(Refused):
        lane.run_now(puts("b", Refused("No.")))
    assert lane.run_now(lambda session: session.exec(select(Setting.key)).all()) == ["a"]


# --- SQLite: one writer, units in groups -----------------------------------------------------------------------------


async def test_a_refused_unit_rolls_back_alone(sqlite_lane: SqliteLane, held: Callable[[], None]) -> None:
    units = [puts("a"), puts("b", Refused("No.")), puts("c"), puts("a"), puts("d")]
    answers = await together(sqlite_lane, *units, go=held)
    assert [type(answer) for answer in answers] == [str, Refused, str, IntegrityError, str]
    assert await kept(sqlite_lane) == {"a", "c", "d"}


async def test_units_that_wait_share_one_commit_and_are_answered_after_it(
    sqlite_lane: SqliteLane, held: Callable[[], None], before_commits: BeforeCommits
) -> None:
    commits: list[int] = []
    answered: list[int] = []
    before_commits(lambda: commits.append(sum(job.done() for job in jobs)))
    jobs = [asyncio.ensure_future(sqlite_lane.run(puts(str(number)))) for number in range(TOGETHER)]
    await asyncio.sleep(0.05)
    held()
    answered = [int(answer) for answer in await asyncio.gather(*jobs)]
    assert answered == list(range(TOGETHER))
    assert commits == [
        0,
        0,
    ]  # the holder's own, and one for all the others; nobody was answered before either


async def test_nobody_waits_for_a_unit_that_runs_apart(
    sqlite_lane: SqliteLane, held: Callable[[], None], before_commits: BeforeCommits
) -> None:
    done: list[str] = []

    async def one(key: str, *, apart: bool = False) -> None:
        done.append(await sqlite_lane.run(puts(key), apart=apart))

    commits: list[int] = []
    before_commits(lambda: commits.append(len(done)))
    jobs = [asyncio.ensure_future(one(key, apart=key == "long")) for key in ("long", "a", "b")]
    await asyncio.sleep(0.05)
    held()
    await asyncio.gather(*jobs)
    assert done == ["a", "b", "long"]
    assert len(commits) == 3  # the holder's own, one for both who were there, and the long one's
    assert await kept(sqlite_lane) == {"long", "a", "b"}


async def test_when_the_commit_fails_everybody_hears_of_it_and_nothing_is_kept(
    sqlite_lane: SqliteLane,
    held: Callable[[], None],
    before_commits: BeforeCommits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    left = [1, 1]  # the holder's commit succeeds, ours does not, the next one does

    def fail() -> None:
        if left:
            left.pop()
            if not left:
                raise sqlite3.OperationalError("disk I/O error")

    before_commits(fail)
    units = [puts("a"), puts("b", Refused("No.")), puts("c")]
    answers = await together(sqlite_lane, *units, go=held)
    assert [type(answer) for answer in answers] == [OperationalError, Refused, OperationalError]
    assert await kept(sqlite_lane) == set()
    monkeypatch.undo()
    await sqlite_lane.run(puts("after"))
    assert await kept(sqlite_lane) == {"after"}


async def test_a_database_that_undoes_everything_by_itself_misleads_nobody(
    sqlite_lane: SqliteLane, held: Callable[[], None]
) -> None:
    """On a full disk SQLite drops the whole transaction, the units before included."""

    def undone(session: Session) -> None:
        driver = session.connection().connection.driver_connection
        assert driver is not None
        driver.execute("ROLLBACK")
        raise OperationalError("INSERT", None, sqlite3.OperationalError("database or disk is full"))

    answers = await together(sqlite_lane, puts("a"), undone, puts("c"), go=held)
    assert all(isinstance(answer, Exception) for answer in answers), answers
    assert await kept(sqlite_lane) == set()
    assert await sqlite_lane.run(puts("d")) == "d"


async def test_a_full_disk_refuses_politely_and_recovers(
    sqlite_lane: SqliteLane, held: Callable[[], None]
) -> None:
    """SQLite undoes everything by itself then; what came after in the group must not be kept by accident."""

    def full(session: Session) -> None:
        session.execute(text("PRAGMA max_page_count=1"))  # no page more than there are
        session.add(Setting(key="big", value="x" * 100_000))
        session.flush()

    answers = await together(sqlite_lane, puts("a"), full, puts("c"), puts("d"), go=held)
    assert all(isinstance(answer, Exception) and is_busy(answer) for answer in answers), answers
    assert await kept(sqlite_lane) == set()
    assert await sqlite_lane.run(puts("after")) == "after"
    assert await kept(sqlite_lane) == {"after"}


async def test_five_times_sixty_read_modify_writes_are_three_hundred(sqlite_lane: SqliteLane) -> None:
    await sqlite_lane.run(lambda session: session.add(Setting(key="n", value="0")))

    def add_one(session: Session) -> None:
        counter = session.get_one(Setting, "n")
        counter.value = str(int(counter.value) + 1)

    async def caller() -> None:
        for _ in range(60):
            await sqlite_lane.run(add_one)

    await asyncio.gather(*(caller() for _ in range(5)))
    assert await sqlite_lane.read(lambda session: session.get_one(Setting, "n").value) == "300"


async def test_two_processes_on_one_file_lose_no_update(sqlite_lane: SqliteLane) -> None:
    beside = open_lane(str(sqlite_lane._writer.url))
    await sqlite_lane.run(lambda session: session.add(Setting(key="n", value="0")))

    def add_one(session: Session) -> None:
        counter = session.get_one(Setting, "n")
        counter.value = str(int(counter.value) + 1)

    async def caller(lane: Lane) -> None:
        for _ in range(30):
            await lane.run(add_one)

    await asyncio.gather(*(caller(lane) for lane in (sqlite_lane, beside)))
    assert await beside.read(lambda session: session.get_one(Setting, "n").value) == "60"
    beside.close()


async def test_units_share_a_session_in_which_nothing_is_left_of_another(sqlite_lane: SqliteLane) -> None:
    """To make one costs as much as a statement. What one unit has read the next reads anew, also after a failure."""
    seen: list[tuple[int, int]] = []

    def change(session: Session) -> str:
        seen.append((id(session), len(session.identity_map)))
        setting = session.get(Setting, "n") or Setting(key="n", value="")
        setting.value += "+"
        session.add(setting)
        return setting.value

    def fails(session: Session) -> None:
        change(session)
        session.flush()
        raise Refused("No.")

    beside = open_lane(str(sqlite_lane._writer.url))
    assert await sqlite_lane.run(change) == "+"
    assert await beside.run(change) == "++"
    with pytest.raises(Refused):
        await sqlite_lane.run(fails)
    assert await sqlite_lane.run(change) == "+++"
    beside.close()
    mine = [session for session, _ in (*seen[:1], *seen[2:])]
    assert len(set(mine)) == 1
    assert [left for _, left in seen] == [0, 0, 0, 0]


async def test_readers_do_not_wait_for_the_writer(sqlite_lane: SqliteLane, held: Callable[[], None]) -> None:
    assert await asyncio.wait_for(kept(sqlite_lane), 30) == set()  # half of what the writer is held for


async def test_a_caller_who_gave_up_troubles_nobody(
    sqlite_lane: SqliteLane, held: Callable[[], None]
) -> None:
    given_up = asyncio.ensure_future(sqlite_lane.run(puts("a")))
    waiting = asyncio.ensure_future(sqlite_lane.run(puts("b")))
    await asyncio.sleep(0.01)
    given_up.cancel()
    held()
    assert await waiting == "b"


# --- busy ------------------------------------------------------------------------------------------------------------


async def test_a_busy_database_is_told_as_such_and_answered_with_503(sqlite_lane: SqliteLane) -> None:
    sqlite_lane.run_now(lambda session: session.execute(text("PRAGMA busy_timeout=50")))
    other = sqlite3.connect(str(sqlite_lane._writer.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError) as caught:
        await sqlite_lane.run(puts("a"))
    assert is_busy(caught.value)
    other.execute("ROLLBACK")
    other.close()
    assert await sqlite_lane.run(puts("a")) == "a"
    assert not is_busy(IntegrityError("x", None, Exception()))
    assert await _answer_to(caught.value) == 503
    assert await _answer_to(RuntimeError("a secret")) == 500


async def _answer_to(error: Exception) -> int:
    import httpx

    async def nothing() -> list[str]:
        return []

    web = make_web(lambda app: None, nothing, None)  # type: ignore[arg-type, return-value]

    @web.get("/fails")
    async def fails() -> None:
        raise error

    transport = httpx.ASGITransport(app=web, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        answer = await client.get("/fails")
    assert "secret" not in answer.text
    return answer.status_code


# --- PostgreSQL: repeats ---------------------------------------------------------------------------------------------


@pytest.fixture
def postgres_lane(one_postgres: str) -> Iterator[Lane]:
    from tests.postgres import clear_database

    clear_database(one_postgres)
    lane = open_lane(one_postgres)
    yield lane
    lane.close()


@pytest.mark.parametrize("error", [psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected])
async def test_what_the_database_undid_for_others_sake_is_repeated(
    postgres_lane: Lane, error: type[psycopg.Error]
) -> None:
    tried: list[int] = []

    def unit(session: Session) -> int:
        session.add(Setting(key=f"try {len(tried)}", value=""))
        session.flush()
        tried.append(1)
        if len(tried) < lanes._RETRIES:
            raise DBAPIError.instance("UPDATE", None, error(), psycopg.Error)
        return len(tried)

    assert await postgres_lane.run(unit) == lanes._RETRIES
    assert await kept(postgres_lane) == {f"try {lanes._RETRIES - 1}"}  # the tries before left nothing


async def test_after_three_tries_the_error_surfaces(postgres_lane: Lane) -> None:
    tried: list[int] = []

    def unit(session: Session) -> None:
        tried.append(1)
        raise DBAPIError.instance("UPDATE", None, psycopg.errors.DeadlockDetected(), psycopg.Error)

    with pytest.raises(DBAPIError):
        await postgres_lane.run(unit)
    assert len(tried) == lanes._RETRIES


async def test_a_refusal_is_not_repeated(postgres_lane: Lane) -> None:
    tried: list[int] = []

    def unit(session: Session) -> None:
        tried.append(1)
        raise IntegrityError("INSERT", None, psycopg.errors.UniqueViolation())

    with pytest.raises(IntegrityError):
        await postgres_lane.run(unit)
    assert len(tried) == 1


async def test_a_real_deadlock_ends_with_both_done(postgres_lane: Lane) -> None:
    await postgres_lane.run(lambda s: s.add_all([Setting(key="a", value="0"), Setting(key="b", value="0")]))
    both = threading.Barrier(2, timeout=60)
    met: set[str] = set()

    def unit(first: str, second: str) -> Callable[[Session], None]:
        def touch(session: Session) -> None:
            for key in (first, second):
                session.execute(
                    text("UPDATE setting SET value = value || :me WHERE key = :k"), {"me": first, "k": key}
                )
                if first not in met:
                    met.add(first)
                    both.wait()

        return touch

    await asyncio.gather(postgres_lane.run(unit("a", "b")), postgres_lane.run(unit("b", "a")))
    values = await postgres_lane.read(lambda s: [s.get_one(Setting, key).value for key in "ab"])
    assert {"".join(sorted(value)) for value in values} == {"0ab"}


async def test_a_connection_that_is_at_work_is_not_asked_whether_it_is_there(
    postgres_lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialect = type(cast(PostgresLane, postgres_lane)._engine.dialect)
    asked, ping = list[Any](), dialect.do_ping

    def asks(*given: Any) -> bool:
        asked.append(given)
        return ping(*given)

    await postgres_lane.run(puts("a"))
    monkeypatch.setattr(dialect, "do_ping", asks)
    monkeypatch.setattr(engine, "REST", 60.0)
    await kept(postgres_lane)
    assert not asked
    monkeypatch.setattr(engine, "REST", 0.0)
    await kept(postgres_lane)
    assert len(asked) == 1


async def test_a_cut_connection_heals_by_itself(postgres_lane: Lane) -> None:
    await postgres_lane.run(puts("a"))
    cut = (
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"  # and waits until they are gone
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await asyncio.gather(
        *(postgres_lane.run(lambda s: s.execute(text("SELECT pg_sleep(0.02)"))) for _ in range(4))
    )
    await postgres_lane.run(lambda s: s.execute(text(cut)))
    await asyncio.sleep(engine.REST * 1.5)
    assert await asyncio.gather(*(kept(postgres_lane) for _ in range(4))) == [{"a"}] * 4
