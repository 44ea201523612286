"""The migrations make exactly the tables that the code has, and go back the way they came, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

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


def _as_it_was(connection: Connection) -> None:
    def put(table: str, **values: object) -> None:
        names = ", ".join(values)
        given = ", ".join(f":{name}" for name in values)
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({given})"), values)

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
