"""Statements of the hot path: Core statements over the tables, compiled once and run on the driver's own cursor.

A dialog step is a handful of small statements. Run through the engine's machinery each of them costs several times what
the database takes for it, so these skip it: same SQL, same conversion of values both ways, same transaction. What the
session still holds back is written first, as before any other query.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Connection, Dialect, LargeBinary
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler
from sqlmodel import Session

Values = Mapping[str, Any]
Row = Sequence[Any]
_Convert = Callable[[Any], Any]
_DIALECTS = ("sqlite", "postgresql")
DRIVER = "driver"  # what a session knows whose transaction has begun without it: the driver's connection, the dialect


class Prepared:
    """One statement without lists in its conditions, ready to run many times. Values left out are NULL.

    `statement` is the same for both databases, or one for each by the dialect's name.
    """

    def __init__(self, statement: Any) -> None:
        self._by_dialect = (
            statement if isinstance(statement, Mapping) else dict.fromkeys(_DIALECTS, statement)
        )
        self._makes_rows = all(one.is_insert for one in self._by_dialect.values())
        self._plans: dict[str | tuple[str, ...], _Plan] = {}

    def first(self, session: Session, values: Values) -> Row | None:
        """The first row, if there is one."""
        plan, cursor = self._run(session, values)
        row = cursor.fetchone()
        cursor.close()  # there may be more rows, and what is still read cannot be changed
        return row if row is None or not plan.converts else plan.typed(row)

    def all(self, session: Session, values: Values) -> list[Row]:
        plan, cursor = self._run(session, values)
        rows = cursor.fetchall()
        return [plan.typed(row) for row in rows] if plan.converts else rows

    def write(self, session: Session, values: Values) -> int:
        """Run it for its effect; how many rows it hit."""
        return int(self._run(session, values)[1].rowcount)

    def _run(self, session: Session, values: Values) -> tuple[_Plan, Any]:
        driver, dialect = driver_of(session)
        which = (dialect.name, *values) if self._makes_rows else dialect.name
        plan = self._plans.get(which)
        if plan is None:
            plan = self._plans[which] = self._plan(dialect, values)
        return plan, plan.run(driver, values)

    def _plan(self, dialect: Dialect, values: Values) -> _Plan:
        """Of a new row one for each set of columns: to hand over a dozen that are NULL takes a quarter of its time."""
        names = tuple(values) if self._makes_rows else None
        return _Plan(self._by_dialect[dialect.name], dialect, names)


def driver_of(session: Session) -> tuple[Any, Dialect]:
    """The driver's own connection, where the session is, after it has written what it holds back. In a unit it stands
    in the lane's transaction and need not begin one of its own for this; as soon as it knows a row, or makes a
    savepoint, it has one and is asked."""
    found: tuple[Any, Dialect] | None = session.info.get(DRIVER)
    if found is not None and not session.in_transaction():
        return found
    connection = connection_of(session)
    return connection.connection.dbapi_connection, connection.dialect


def connection_of(session: Session) -> Connection:
    """The engine's connection, likewise."""
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
        self._not_given = dict(compiled.params)
        self._converts = [
            (name, cast("_Convert", convert))
            for name, convert in compiled._bind_processors.items()
            if not isinstance(compiled.binds[name].type, LargeBinary)  # drivers take bytes as they are
        ]
        self._in_order = _in_order(compiled.positiontup)
        readers = (
            (at, column.type.dialect_impl(dialect).result_processor(dialect, None))
            for at, column in enumerate(compiled._result_columns)
        )
        self._readers: list[tuple[int, _Convert]] = [(at, read) for at, read in readers if read]
        self.converts = bool(self._readers)

    def run(self, driver: Any, values: Values) -> Any:
        handed = {**self._not_given, **values}
        for name, convert in self._converts:
            handed[name] = convert(handed[name])
        try:
            return driver.execute(self._sql, self._in_order(handed))
        except Exception as error:
            raise as_usual(error, self._sql, self._dialect) from None

    def typed(self, row: Row) -> Row:
        """A row as the tables declare its columns."""
        values = list(row)
        for at, read in self._readers:
            values[at] = read(values[at])
        return values


def _in_order(names: Sequence[str] | None) -> Callable[[dict[str, Any]], Any]:
    """How a driver takes the values: in the order in which they are handed over (one may stand there twice), or by
    name, where there is no order."""
    if names is None:
        return lambda values: values
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: [values[name] for name in names]


def as_usual(error: Exception, sql: str, dialect: Dialect) -> BaseException:
    """A driver's error as the engine would have raised it, so that retries and edges know it."""
    driver = dialect.dbapi
    if driver is None or not isinstance(error, driver.Error):
        return error
    return DBAPIError.instance(sql, None, error, driver.Error, hide_parameters=True, dialect=dialect)
