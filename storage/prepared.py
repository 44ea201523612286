"""Statements of the hot path: Core statements over the tables, compiled once and run on the driver's own cursor.

A dialog step is a handful of small statements. Run through the engine's machinery each of them costs several times what
the database takes for it, so these skip it: same SQL, same conversion of values both ways, same transaction. What the
session still holds back is written first, as before any other query.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session

Values = Mapping[str, Any]
Row = Sequence[Any]
_Convert = Callable[[Any], Any]
_DIALECTS = ("sqlite", "postgresql")


class Prepared:
    """One statement without lists in its conditions, ready to run many times. Values left out are NULL.

    `statement` is the same for both databases, or one for each by the dialect's name.
    """

    def __init__(self, statement: Any) -> None:
        self._by_dialect = (
            statement if isinstance(statement, Mapping) else dict.fromkeys(_DIALECTS, statement)
        )
        self._makes_rows = all(one.is_insert for one in self._by_dialect.values())
        self._plans: dict[tuple[str, tuple[str, ...] | None], _Plan] = {}

    def first(self, session: Session, values: Values) -> Row | None:
        """The first row, if there is one."""
        plan, cursor = self._run(session, values)
        try:
            row = cursor.fetchone()
        finally:
            cursor.close()
        return None if row is None else plan.typed(row)

    def all(self, session: Session, values: Values) -> list[Row]:
        plan, cursor = self._run(session, values)
        try:
            rows = cursor.fetchall()
        finally:
            cursor.close()
        return [plan.typed(row) for row in rows] if plan.converts else rows

    def write(self, session: Session, values: Values) -> int:
        """Run it for its effect; how many rows it hit."""
        _, cursor = self._run(session, values)
        hit = int(cursor.rowcount)
        cursor.close()
        return hit

    def _run(self, session: Session, values: Values) -> tuple[_Plan, Any]:
        connection = connection_of(session)
        plan = self._plan(connection.dialect, values)
        return plan, plan.run(connection, values)

    def _plan(self, dialect: Dialect, values: Values) -> _Plan:
        """Of a new row for each set of columns: to hand over a dozen that are NULL takes a quarter of its time."""
        names = tuple(values) if self._makes_rows else None
        plan = self._plans.get((dialect.name, names))
        if plan is None:
            plan = self._plans[dialect.name, names] = _Plan(self._by_dialect[dialect.name], dialect, names)
        return plan


def connection_of(session: Session) -> Connection:
    """Where the session is, after it has written what it holds back. In a unit it stands in the lane's transaction and
    need not begin one of its own for this; as soon as it knows a row, or makes a savepoint, it has one and is asked."""
    bound = session.bind
    if not session.in_transaction() and isinstance(bound, Connection) and bound.in_transaction():
        return bound
    session.flush()
    return session.connection()


class _Plan:
    """The statement as one dialect says it: its text, how each value is handed to the driver, and how each of its own
    is taken. `names` are those of a new row's columns that are given; the others are left out of the text."""

    def __init__(self, statement: Any, dialect: Dialect, names: tuple[str, ...] | None) -> None:
        compiled = cast("SQLCompiler", statement.compile(dialect=dialect, column_keys=names))
        self._sql = str(compiled)
        self._dialect = dialect
        convert = cast("Mapping[str, _Convert]", compiled._bind_processors)
        # In the order in which they are handed over (a value may stand there twice), or by name: each with how it is
        # converted, and with what is handed over where it is not given.
        self._slots = [
            (name, convert.get(name), compiled.params[name])
            for name in compiled.positiontup or compiled.params
        ]
        self._by_name = compiled.positiontup is None
        readers = (
            (at, column.type.dialect_impl(dialect).result_processor(dialect, None))
            for at, column in enumerate(compiled._result_columns)
        )
        self._readers: list[tuple[int, _Convert]] = [(at, read) for at, read in readers if read]
        self.converts = bool(self._readers)

    def run(self, connection: Connection, values: Values) -> Any:
        given = values.get
        handed: Any = [
            given(name, instead) if convert is None else convert(given(name, instead))
            for name, convert, instead in self._slots
        ]
        if self._by_name:
            handed = dict(zip((name for name, _, _ in self._slots), handed, strict=True))
        driver: Any = connection.connection.dbapi_connection  # without the pool's wrapper
        cursor = driver.cursor()
        try:
            cursor.execute(self._sql, handed)
        except Exception as error:
            cursor.close()
            raise as_usual(error, self._sql, self._dialect) from None
        return cursor

    def typed(self, row: Row) -> Row:
        """A row as the tables declare its columns."""
        if not self._readers:
            return row
        values = list(row)
        for at, read in self._readers:
            values[at] = read(values[at])
        return values


def as_usual(error: Exception, sql: str, dialect: Dialect) -> BaseException:
    """A driver's error as the engine would have raised it, so that retries and edges know it."""
    driver = dialect.dbapi
    if driver is None or not isinstance(error, driver.Error):
        return error
    return DBAPIError.instance(sql, None, error, driver.Error, hide_parameters=True, dialect=dialect)
