"""The WAL stays short without anybody waiting for it, and nothing hangs on who shortens it."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from storage import checkpoint, engine
from storage.lane import SqliteLane, open_lane
from storage.tables.counties import Setting

PAGE = 4096 + 24  # and the head of its frame

# Writes rows, says each that is committed, and has its WAL carried over all the time.
_WRITES = """
import sys
from itertools import count
from storage import checkpoint
from storage.lane import open_lane
from storage.tables.counties import Setting

checkpoint.ROWS, checkpoint.PAUSE = 5, 0.0
lane = open_lane(sys.argv[1])
for number in count():
    lane.run_now(lambda session: session.add(Setting(key=str(number), value="x" * 2000)))
    print(number, lane._checkpoints.made, flush=True)
"""


def eventually(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def path(tmp_path: Path, empty_sqlite: Path) -> Path:
    path = tmp_path / "one.db"
    path.write_bytes(empty_sqlite.read_bytes())
    return path


@pytest.fixture
def opened(path: Path) -> Iterator[SqliteLane]:
    lane = open_lane(f"sqlite:///{path}")
    assert isinstance(lane, SqliteLane)
    yield lane
    lane.close()


def fills(start: int, rows: int) -> Callable[[Session], None]:
    def unit(session: Session) -> None:
        session.add_all(
            Setting(key=f"{number:06}", value="x" * 2000) for number in range(start, start + rows)
        )

    return unit


def wal_of(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def in_the_file_alone(path: Path, tmp_path: Path) -> int:
    """How many rows the database has without what stands beside it."""
    copy = tmp_path / "alone.db"
    shutil.copy(path, copy)
    connection = sqlite3.connect(copy)
    try:
        return int(connection.execute("SELECT count(*) FROM setting").fetchone()[0])
    except sqlite3.DatabaseError:
        return -1  # copied while pages were being carried over
    finally:
        connection.close()
        copy.unlink()


def test_what_was_written_reaches_the_database_by_itself(
    opened: SqliteLane, path: Path, tmp_path: Path
) -> None:
    rows = checkpoint.ROWS
    opened.run_now(fills(0, rows - 1))
    assert in_the_file_alone(path, tmp_path) == 0  # not worth it yet
    assert opened._checkpoints._thread is None
    opened.run_now(fills(rows, 1))
    eventually(lambda: in_the_file_alone(path, tmp_path) == rows)


def test_the_wal_is_used_again_instead_of_growing(opened: SqliteLane, path: Path) -> None:
    sizes = []
    for number in range(6):
        made = opened._checkpoints.made
        opened.run_now(fills(number * checkpoint.ROWS, checkpoint.ROWS))
        eventually(lambda made=made: opened._checkpoints.made > made)  # type: ignore[misc]
        sizes.append(wal_of(path).stat().st_size)
    assert sizes[-1] <= sizes[1] * 1.2


def test_the_writer_carries_the_little_that_came_meanwhile_so_that_the_wal_is_used_again(
    opened: SqliteLane, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry, start, meanwhile = checkpoint._carry, count(step=checkpoint.ROWS), [1]
    carried_by: list[str] = []

    def carry_while_written(connection: Any) -> None:
        carry(connection)
        carried_by.append(threading.current_thread().name)
        if carried_by[-1] == "lane-checkpoint":
            opened.run_now(fills(next(start), meanwhile[-1]))

    def one_round() -> int:
        made = opened._checkpoints.made
        opened.run_now(fills(next(start), checkpoint.ROWS))
        eventually(lambda: opened._checkpoints.made > made)
        opened.run_now(fills(next(start), 1))
        # Nobody waits for the writer before it has looked after the rest: it would do their work first.
        eventually(lambda: not opened._checkpoints.unfinished)
        opened.run_now(lambda _: None)  # it is done with what it did after that
        return wal_of(path).stat().st_size

    monkeypatch.setattr(checkpoint, "_carry", carry_while_written)
    monkeypatch.setattr(checkpoint, "PAUSE", 0.0)
    sizes = [one_round() for _ in range(4)]
    assert sizes[-1] <= sizes[1] * 1.2
    assert carried_by == ["lane-checkpoint", "lane"] * 4
    monkeypatch.setattr(checkpoint, "PAUSE", 10.0)
    meanwhile.append(checkpoint.FEW)  # that is not little, and somebody would wait for it
    one_round()
    assert carried_by[8:] == ["lane-checkpoint"]


def test_the_wal_is_bounded_although_nobody_else_shortens_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_WRITER", ("PRAGMA wal_autocheckpoint=200",))
    monkeypatch.setattr(checkpoint, "ROWS", 10**9)
    lane = open_lane(f"sqlite:///{path}")
    for number in range(40):
        lane.run_now(fills(number * 50, 50))
    assert wal_of(path).stat().st_size < 400 * PAGE
    lane.close()


def test_nobody_waits_for_it_and_nothing_is_lost_when_it_fails(
    opened: SqliteLane, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried, go = threading.Event(), threading.Event()

    def carry(_: checkpoint.Checkpointer) -> None:
        tried.set()
        go.wait(60)
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(checkpoint.Checkpointer, "_carry", carry)
    opened.run_now(fills(0, checkpoint.ROWS))
    assert tried.wait(60)
    opened.run_now(fills(checkpoint.ROWS, 1))  # while it is at it
    go.set()
    monkeypatch.undo()
    opened.run_now(fills(checkpoint.ROWS + 1, checkpoint.ROWS))
    eventually(lambda: opened._checkpoints.made > 0)
    count = opened.run_now(lambda session: session.execute(text("SELECT count(*) FROM setting")).scalar())
    assert count == 2 * checkpoint.ROWS + 1


def test_a_lane_that_closes_leaves_one_file(path: Path) -> None:
    lane = open_lane(f"sqlite:///{path}")
    assert isinstance(lane, SqliteLane)
    lane.run_now(fills(0, checkpoint.ROWS))
    carries = lane._checkpoints._thread
    lane.close()
    assert [one.name for one in path.parent.glob("one.db*")] == [path.name]
    assert carries is not None
    assert not carries.is_alive()


def test_a_copy_taken_while_it_runs_is_whole(opened: SqliteLane, path: Path, tmp_path: Path) -> None:
    opened.run_now(fills(0, checkpoint.ROWS))
    copy = tmp_path / "copy.db"
    with sqlite3.connect(path) as connection:
        connection.execute(f"VACUUM INTO '{copy}'")
    connection.close()
    assert in_the_file_alone(copy, tmp_path) == checkpoint.ROWS


def test_whoever_is_killed_while_it_is_carried_over_loses_nothing(path: Path) -> None:
    command = [sys.executable, "-c", _WRITES, f"sqlite:///{path}"]
    last = made = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as written:
        assert written.stdout is not None
        for line in written.stdout:
            last, made = map(int, line.split())
            if last >= 150 and made >= 3:
                written.send_signal(signal.SIGKILL)
                break
    assert wal_of(path).exists()
    assert made >= 3
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        kept = {int(key) for (key,) in connection.execute("SELECT key FROM setting")}
    connection.close()
    assert kept >= set(range(last + 1))
