from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

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
