"""The tests' own PostgreSQL does what they rely on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import NullPool, create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from storage.schema import current, newest
from tests.postgres import clear_database, drop_database, empty_database, fresh_database, server_uri


@pytest.fixture
def uri() -> Iterator[str]:
    fresh = fresh_database(server_uri())
    yield fresh
    drop_database(fresh)


def test_a_fresh_database_has_the_newest_schema(uri: str) -> None:
    assert current(uri) == newest()


def test_databases_know_nothing_of_each_other(uri: str) -> None:
    other = fresh_database(server_uri())
    engine, beside = (create_engine(address, poolclass=NullPool) for address in (uri, other))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE mine (id int)"))
    assert inspect(engine).has_table("mine")
    assert not inspect(beside).has_table("mine")
    drop_database(other)


def test_an_empty_database_is_empty() -> None:
    empty = empty_database(server_uri())
    assert inspect(create_engine(empty, poolclass=NullPool)).get_table_names() == []
    drop_database(empty)


def test_a_cleared_database_is_as_good_as_new(uri: str) -> None:
    engine = create_engine(uri, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE parent (id serial PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE child (parent int REFERENCES parent)"))
        connection.execute(text("INSERT INTO parent DEFAULT VALUES"))
        connection.execute(text("INSERT INTO child VALUES (1)"))
    clear_database(uri)
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT count(*) FROM child")) == 0
        assert connection.scalar(text("INSERT INTO parent DEFAULT VALUES RETURNING id")) == 1
    assert current(uri) == newest()


def test_a_database_is_dropped_under_its_users(uri: str) -> None:
    engine = create_engine(uri, poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        drop_database(uri)
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT 1"))
        connection.invalidate()


def test_chinese_comes_back_as_it_went_in(uri: str) -> None:
    with create_engine(uri, poolclass=NullPool).connect() as connection:
        assert connection.scalar(text("SELECT CAST(:word AS text)"), {"word": "访评察𠮷"}) == "访评察𠮷"
