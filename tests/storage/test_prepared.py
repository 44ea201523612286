"""Prepared statements stand in the unit's transaction and in its savepoints, and see what the session holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import bindparam, insert, select
from sqlmodel import Session

from storage.lane import Lane
from storage.prepared import Prepared
from storage.tables import METADATA
from storage.tables.counties import Setting

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
_TABLE = METADATA.tables["setting"]
_PUT = Prepared(insert(_TABLE))
_KEYS = Prepared(select(_TABLE.c.key).where(_TABLE.c.value == bindparam("value")).order_by(_TABLE.c.key))


def put(session: Session, key: str) -> None:
    _PUT.write(session, {"key": key, "value": "x"})


def keys(session: Session) -> list[str]:
    return [key for (key,) in _KEYS.all(session, {"value": "x"})]


_TWICE = Prepared(
    select(_TABLE.c.key).where((_TABLE.c.key == bindparam("said")) | (_TABLE.c.value == bindparam("said")))
)
_NAMED = Prepared(select(_TABLE.c.key).where(_TABLE.c.key == bindparam("said"), _TABLE.c.value == "x"))


def test_a_value_stands_wherever_it_is_named_and_is_nobodys_afterwards(lane: Lane) -> None:
    def unit(session: Session) -> list[list[str]]:
        put(session, "x")
        put(session, "y")
        asked: tuple[tuple[Prepared, dict[str, str]], ...]
        asked = (_TWICE, {"said": "y"}), (_TWICE, {"said": "x"}), (_NAMED, {"said": "y"}), (_NAMED, {})
        return [sorted(key for (key,) in one.all(session, said)) for one, said in asked]

    assert lane.run_now(unit) == [["y"], ["x", "y"], ["y"], []]


def test_what_a_new_row_leaves_out_is_null_whatever_the_row_before_it_said(lane: Lane) -> None:
    """To hand over a dozen NULLs with each message takes a quarter of its statement's time."""
    inbox = METADATA.tables["inbox"]
    told = Prepared(insert(inbox))
    seen = Prepared(select(inbox.c.event_id, inbox.c.about, inbox.c.receipt).order_by(inbox.c.event_id))

    def unit(session: Session) -> list[tuple[object, ...]]:
        given: list[dict[str, object]] = [
            {},
            {"about": 7},
            {"receipt": "r"},
            {"receipt": "r", "about": 7},
            {},
        ]
        for number, more in enumerate(given):
            told.write(session, {"channel": "sandbox", "event_id": str(number), "received_at": NOW, **more})
        return [tuple(row) for row in seen.all(session, {})]

    assert lane.run_now(unit) == [
        ("0", None, None), ("1", 7, None), ("2", None, "r"), ("3", 7, "r"), ("4", None, None)
    ]  # fmt: skip
    plans = [plan for key, plan in told._plans.items() if key[1:] == ("channel", "event_id", "received_at")]
    assert [("receipt" in plan.sql, "about" in plan.sql) for plan in plans] == [(False, False)]


def test_what_a_savepoint_undoes_is_undone(lane: Lane) -> None:
    def unit(session: Session) -> None:
        put(session, "before")
        savepoint = session.begin_nested()
        put(session, "within")
        savepoint.rollback()
        put(session, "after")

    lane.run_now(unit)
    assert lane.run_now(keys) == ["after", "before"]


def test_what_the_session_holds_is_written_first(lane: Lane) -> None:
    def unit(session: Session) -> list[str]:
        session.add(Setting(key="held", value="x"))
        return keys(session)

    assert lane.run_now(unit) == ["held"]


def test_what_the_session_changes_is_written_first(lane: Lane) -> None:
    def unit(session: Session) -> list[str]:
        session.get_one(Setting, "kept").value = "x"
        return keys(session)

    lane.run_now(lambda session: session.add(Setting(key="kept", value="y")))
    assert lane.run_now(unit) == ["kept"]


def test_what_fails_keeps_nothing(lane: Lane) -> None:
    def unit(session: Session) -> None:
        put(session, "lost")
        raise LookupError

    with pytest.raises(LookupError):
        lane.run_now(unit)
    assert lane.run_now(keys) == []
