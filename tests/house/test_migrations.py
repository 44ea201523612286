"""The migrations make exactly the tables that the code has, and go back the way they came, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect

from storage.engine import parse_url, plain_engine
from storage.schema import current, differences, migrate, newest
from tests.postgres import drop_database, empty_database, server_uri


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    uri = empty_database(server_uri())
    yield uri
    drop_database(uri)


def tables(uri: str) -> set[str]:
    engine = plain_engine(parse_url(uri))
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_migrations_make_what_the_code_has(empty: str) -> None:
    assert current(empty) is None
    migrate(empty)
    assert current(empty) == newest()
    assert differences(empty) == []


def test_migrating_twice_changes_nothing(empty: str) -> None:
    migrate(empty)
    made = tables(empty)
    migrate(empty)
    assert tables(empty) == made


def test_a_migration_goes_back_and_forth(empty: str) -> None:
    migrate(empty)
    made = tables(empty)
    migrate(empty, "base")
    assert tables(empty) <= {"alembic_version"}
    migrate(empty)
    assert tables(empty) == made
    assert differences(empty) == []
