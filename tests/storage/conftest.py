from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.lane import SqliteLane, open_lane
from tests.swift import database_url, one_postgres

__all__ = ["database_url", "one_postgres"]


@pytest.fixture
def sqlite_lane(tmp_path: Path, empty_sqlite: Path) -> Iterator[SqliteLane]:
    path = tmp_path / "one.db"
    path.write_bytes(empty_sqlite.read_bytes())
    lane = open_lane(f"sqlite:///{path}")
    assert isinstance(lane, SqliteLane)
    yield lane
    lane.close()


BeforeCommits = Callable[[Callable[[], None]], None]


@pytest.fixture
def before_commits(sqlite_lane: SqliteLane, monkeypatch: pytest.MonkeyPatch) -> BeforeCommits:
    """Have something done before each commit of the writer."""
    dialect = sqlite_lane._writer.dialect
    commit = dialect.do_commit

    def first(do: Callable[[], None]) -> None:
        def do_commit(connection: Any) -> None:
            do()
            commit(connection)

        monkeypatch.setattr(dialect, "do_commit", do_commit)

    return first
