"""What the product asks of SQLite, before the tests spare themselves the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import engine
from storage.engine import parse_url, sqlite_engine
from tests import engines


@pytest.mark.parametrize("writes", [True, False], ids=["writer", "reader"])
def test_a_commit_is_on_the_disk_before_anybody_is_answered(
    writes: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_PRAGMAS", engines.REAL_PRAGMAS)
    made = sqlite_engine(parse_url(f"sqlite:///{tmp_path / 'test.db'}"), writes=writes)
    with made.connect() as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "journal_mode")
        }
    made.dispose()
    assert said == {"synchronous": 2, "journal_mode": "wal"}
