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
_NOWHERE: tuple[None, tuple[Any, ...]] = (None, ())


class Prepared:
    """One statement without lists in its conditions, ready to run many times. Values left out are NULL.

    `statement` is the same for both databases, or one for each by the dialect's name.
    """

    def __init__(self, statement: Any) -> None:
        self._statement = statement
        self._plans: dict[str, _Plan] = {}

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
        plan = self._plan(connection.dialect)
        return plan, plan.run(connection, values)

    def _plan(self, dialect: Dialect) -> _Plan:
        plan = self._plans.get(dialect.name)
        if plan is None:
            statement = self._statement
            if isinstance(statement, Mapping):
                statement = statement[dialect.name]
            plan = self._plans[dialect.name] = _Plan(statement, dialect)
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
    is taken."""

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled = cast("SQLCompiler", statement.compile(dialect=dialect))
        self._sql = str(compiled)
        self._dialect = dialect
        convert = cast("Mapping[str, _Convert]", compiled._bind_processors)
        left_out = {
            name: convert[name](value) if name in convert else value
            for name, value in compiled.params.items()
        }
        names = compiled.positiontup
        # What is handed over where nothing is given: in order, or by name.
        self._handed: Any = left_out if names is None else [left_out[name] for name in names]
        # Of each value how it is converted, and where among those it stands; perhaps more than once.
        self._slots: dict[str, tuple[_Convert | None, tuple[Any, ...]]] = {
            name: (convert.get(name), (name,) if names is None else _places(name, names)) for name in left_out
        }
        readers = (
            (at, column.type.dialect_impl(dialect).result_processor(dialect, None))
            for at, column in enumerate(compiled._result_columns)
        )
        self._readers: list[tuple[int, _Convert]] = [(at, read) for at, read in readers if read]
        self.converts = bool(self._readers)

    def run(self, connection: Connection, values: Values) -> Any:
        handed = self._handed.copy()
        for name, value in values.items():
            convert, places = self._slots.get(name, _NOWHERE)
            for place in places:
                handed[place] = value if convert is None else convert(value)
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


def _places(name: str, names: Sequence[str]) -> tuple[int, ...]:
    return tuple(at for at, one in enumerate(names) if one == name)


def as_usual(error: Exception, sql: str, dialect: Dialect) -> BaseException:
    """A driver's error as the engine would have raised it, so that retries and edges know it."""
    driver = dialect.dbapi
    if driver is None or not isinstance(error, driver.Error):
        return error
    return DBAPIError.instance(sql, None, error, driver.Error, hide_parameters=True, dialect=dialect)
