"""The migrations make exactly the tables that the code has, and go back the way they came, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.exc import OperationalError

from storage.engine import parse_url, plain_engine
from storage.schema import current, differences, migrate, newest
from storage.tables import METADATA
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


def conditions(uri: str) -> dict[str, str]:
    """Of what rows each partial index is, as the database says it."""
    read = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'index'"
        if uri.startswith("sqlite")
        else "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
    )
    engine = plain_engine(parse_url(uri))
    try:
        with engine.connect() as connection:
            made = connection.execute(text(read)).all()
    finally:
        engine.dispose()
    return {name: " ".join(sql.split(" WHERE ")[1].split()) for name, sql in made if " WHERE " in (sql or "")}


def test_partial_indexes_are_of_the_rows_that_the_code_says(empty: str) -> None:
    """Alembic compares no condition, and an index that has another one than a query is not used by it."""
    migrate(empty)
    migrated = conditions(empty)
    migrate(empty, "base")
    engine = plain_engine(parse_url(empty), writes=True)
    try:
        with engine.begin() as connection:
            METADATA.create_all(connection)
    finally:
        engine.dispose()
    assert "ix_outbox_urgent" in migrated
    assert conditions(empty) == migrated


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


def test_what_was_told_before_is_filled_in_where_it_is_certain(empty: str) -> None:
    """0020: by the product's ladder where a county never had another, by its own since it has, and else not at all."""
    migrate(empty, "0018")
    engine = plain_engine(parse_url(empty))
    try:
        with engine.begin() as connection:
            _as_it_was(connection)
        migrate(empty)
        with engine.begin() as connection:
            told = connection.execute(
                text("SELECT id, step, distance, recipient FROM reminder ORDER BY id")
            ).all()
    finally:
        engine.dispose()
    assert [tuple(row) for row in told] == [
        (1, 5, 2, "supervisor"),
        (2, 8, 13, None),  # of three recipients of a repeat
        (3, 0, None, None),  # told before the rules of its county changed
        (4, 0, 3, "supervisor"),
        (5, 2, 13, "leader"),
    ]
    assert differences(empty) == []


class Killed(Exception):
    pass


def test_a_migration_that_breaks_off_is_done_once_more(empty: str) -> None:
    """0021, broken off before each of its statements in turn: nothing of it is left, and the next one is whole."""
    migrate(empty, "0020")
    before = _messages(empty, fill=True)
    assert [len(rows) for rows in before] == [3, 2, 1]
    for number in range(1, 100):
        try:
            with _broken_off(number):
                migrate(empty, "0021")
        except Killed:
            assert current(empty) == "0020"
        else:
            break
    assert current(empty) == "0021"
    assert number > (10 if empty.startswith("sqlite") else 1)
    assert _messages(empty) == before
    migrate(empty, "0020")
    assert _messages(empty) == before
    migrate(empty)
    assert differences(empty) == []


def test_sqlite_needs_no_index_for_a_number_or_a_key_it_keeps_the_rows_by(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'empty.db'}"
    migrate(uri, "0020")
    engine = plain_engine(parse_url(uri))
    made = text(
        "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name IN ('outbox', 'inbox')"
        " AND sql IS NOT NULL ORDER BY rowid"
    )
    with engine.connect() as connection:
        before = connection.execute(made).all()
    migrate(uri, "0021")
    with engine.connect() as connection:
        keys = text("SELECT name FROM pragma_index_list('outbox') WHERE origin = 'pk'")
        assert connection.execute(keys).all() == []
        plan = connection.execute(text("EXPLAIN QUERY PLAN SELECT kind FROM outbox WHERE id = 1")).all()
        assert "USING INTEGER PRIMARY KEY" in plan[0][3]
        with pytest.raises(OperationalError, match="no such column: rowid"):
            connection.execute(text("SELECT rowid FROM inbox"))
        # by their order SQLite chooses between two that look alike to it
        assert connection.execute(made).all() == before


@contextmanager
def _broken_off(number: int) -> Iterator[None]:
    """Every engine made meanwhile breaks before so many statements that change something."""
    seen = count(1)

    def break_off(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        changes = statement.lstrip().startswith(("CREATE", "INSERT", "DROP", "ALTER", "UPDATE"))
        if changes and next(seen) == number:
            raise Killed

    event.listen(Engine, "before_cursor_execute", break_off)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", break_off)


def _messages(uri: str, *, fill: bool = False) -> list[list[Any]]:
    """All of the outbox, of what it speaks of, and of the inbox; with some rows put there first."""
    high, made = 2**62 + 1, "2026-01-05 00:00:00"
    tables = ("outbox", "inbox", "outboxitem")
    engine = plain_engine(parse_url(uri))
    try:
        with engine.begin() as connection:
            if fill:
                _as_it_was(connection)
                for row_id, state in ((7, "sent"), (high, "todo"), (high + 5, "sending")):
                    _put(connection, "outbox", id=row_id, kind="overdue", state=state, due_at=made, created_at=made,
                         ended="sent" if state == "sent" else None, nonce=f"N{row_id}", payload_sealed=b"\x00\xff",
                         dedupe=f"d{row_id}", attempts=1, unanswered=1, member_id=1, county_id=1)  # fmt: skip
                for event_id, about in (("b", None), ("a", high)):
                    _put(
                        connection,
                        "inbox",
                        channel="sandbox",
                        event_id=event_id,
                        received_at=made,
                        about=about,
                    )
                _put(connection, "outboxitem", id=1, outbox_id=high, visit_id=1)
            read = "SELECT * FROM {} ORDER BY 1, 2"
            return [[dict(row._mapping) for row in connection.execute(text(read.format(t)))] for t in tables]
    finally:
        engine.dispose()


def _put(connection: Connection, table: str, **values: object) -> None:
    names = ", ".join(values)
    given = ", ".join(f":{name}" for name in values)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({given})"), values)


def _as_it_was(connection: Connection) -> None:
    put = partial(_put, connection)
    made = "2026-01-05 00:00:00"
    ladder = {
        "steps": [{"offset": 3, "to": "supervisor"}, {"offset": 8, "to": "leader"}],
        "repeat_every": 5,
        "repeat_to": ["leader"],
    }
    for county in (1, 2):
        place = {"county_id": county, "created_at": made}
        put("county", id=county, code=f"A{county}", name="县", zone="Asia/Shanghai", created_at=made)
        put("unit", id=county, county_id=county, name="局")
        put("member", id=county, number=county, name_sealed=b"", name_index=b"", state="active", **place)
        put("person", id=county, unit_id=county, name_sealed=b"", name_index=b"", name_keys_sealed=b"",
            post_sealed=b"", political_status="", **place)  # fmt: skip
        put("care_case", id=county, person_id=county, code=f"A{county}-2222", state="open", stage=1,
            stage_since="2026-01-05", heavy=False, reason_sealed=b"", conduct="", **place)  # fmt: skip
        put("visit", id=county, case_id=county, code=f"T{county}", kind="talk", state="planned",
            due_on="2026-11-16", first_due_on="2026-11-16", unplanned=False, **place)  # fmt: skip
    put("rulebookversion", id=1, county_id=2, version=2, data=json.dumps({"ladder": ladder}),
        created_at="2026-11-20 00:00:00")  # fmt: skip
    for number, county, step, at in (
        (1, 1, 5, "2026-11-18 01:00:00"),
        (2, 1, 8, "2026-12-03 01:00:00"),
        (3, 2, 0, "2026-11-18 01:00:00"),
        (4, 2, 0, "2026-11-20 01:00:00"),
        (5, 2, 2, "2026-12-03 01:00:00"),
    ):
        put("reminder", id=number, county_id=county, visit_id=county, member_id=county, due_on=f"2026-11-{number:02}",
            step=step, day=at[:10], at=at)  # fmt: skip
