"""No statement of the product reads a whole table that grows with the years: whoever talks to the assistant would wait
for it, and so would everybody else whose turn it is. Every statement that any test makes the product say is asked for
its plan once, on SQLite, which reads a table from end to end as soon as no index fits.

What an operator does by hand, and seldom, may (`MAY`). A partial index that holds but what is open is no whole table.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from pathlib import Path
from typing import Any, Self

from storage import engine

ROOT = Path(engine.__file__).parents[1]
PRODUCT = tuple(f"{ROOT / name}/" for name in ("bot", "casework", "reminders", "storage"))
PASSED_BY = tuple(
    f"{ROOT / 'storage' / name}.py" for name in ("bulk", "engine", "lane", "prepared", "schema")
)
# Of a few rows in each county, or in the whole house.
SMALL = frozenset({
    "alembic_version", "county", "heartbeat", "invite", "leave", "logincode", "ownday", "recusal", "rulebookversion",
    "setting", "unit",
})  # fmt: skip
MAY = (
    "bot/channels/sandbox/",  # the demo's own chat
    "bot/demo",
    "reminders/catching_up.py",  # once, when a version brings kinds of visits that were not planned before
    "reminders/heartbeats.py",  # who the administrators are, once nobody has ticked for long
    "reminders/hold.py",  # after a restore
    "reminders/letters.py",  # the operator's look at what could not be sent
    "reminders/setback.py",  # once the computer's clock was set back
    "storage/migrations/",
)
_SCAN = re.compile(r"SCAN (\w+?)(?:_\d+)?(?: USING (?:COVERING )?INDEX (\w+))?$")
_WORDS = ("SELECT", "UPDATE", "DELETE", "INSERT", "WITH")

found: list[str] = []
_asked: set[str] = set()


class _Cursor(sqlite3.Cursor):
    def execute(self, sql: str, parameters: Any = ()) -> Self:
        if sql not in _asked and sql.lstrip().startswith(_WORDS) and (where := _said_by()):
            _asked.add(sql)
            _look(self.connection, sql, parameters, where)
        return super().execute(sql, parameters)


def _said_by() -> str | None:
    """The line of the product that has a statement run; None where a test does."""
    frame = sys._getframe(2)
    while frame := frame.f_back:  # type: ignore[assignment]
        name = frame.f_code.co_filename
        if name.startswith(PRODUCT) and name not in PASSED_BY:
            return f"{Path(name).relative_to(ROOT)}:{frame.f_lineno}"
        if name.startswith(f"{ROOT / 'tests'}/") and name != __file__:
            return None
    return None


def _look(connection: sqlite3.Connection, sql: str, parameters: Any, where: str) -> None:
    if where.startswith(MAY):
        return
    try:
        steps = sqlite3.Connection.execute(connection, f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall()
        tables = _names(connection, "SELECT name FROM sqlite_master WHERE type = 'table'")
        partial = _names(
            connection, "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'"
        )
    except sqlite3.Error:
        return  # the statement itself will say what is wrong
    for *_, step in steps:
        scan = _SCAN.match(step)
        if scan and scan[1] in tables - SMALL and scan[2] not in partial:
            found.append(f"{where} reads the whole of {scan[1]}: {' '.join(sql.split())}")


def _names(connection: sqlite3.Connection, sql: str) -> set[str]:
    return {name for (name,) in sqlite3.Connection.execute(connection, sql)}


def watch() -> None:
    """Have every connection to SQLite from now on look at what it is told."""
    for kind in (engine._Reads, engine._Writes):
        kind.cursor = _cursor  # type: ignore[assignment, method-assign]


def _cursor(connection: sqlite3.Connection, factory: type[sqlite3.Cursor] = _Cursor) -> sqlite3.Cursor:
    return sqlite3.Connection.cursor(connection, factory)
