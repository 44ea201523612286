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
        row: Row | None = cursor.fetchone()
        cursor.close()  # there may be more rows, and what is still read cannot be changed
        return plan.typed(row) if row is not None and plan.readers else row

    def all(self, session: Session, values: Values) -> list[Row]:
        plan, cursor = self._run(session, values)
        rows: list[Row] = cursor.fetchall()
        return [plan.typed(row) for row in rows] if plan.readers else rows

    def write(self, session: Session, values: Values) -> int:
        """Run it for its effect; how many rows it hit."""
        return int(self._run(session, values)[1].rowcount)

    def _run(self, session: Session, values: Values) -> tuple[_Plan, Any]:
        known = session.info.get(DRIVER)
        driver, dialect = driver_of(session) if known is None or session.in_transaction() else known
        which = (dialect.name, *values) if self._makes_rows else dialect.name
        plan = self._plans.get(which)
        if plan is None:
            plan = self._plans[which] = self._plan(dialect, values)
        try:
            return plan, driver.execute(plan.sql, plan.handed(values))
        except Exception as error:
            raise as_usual(error, plan.sql, dialect) from None

    def _plan(self, dialect: Dialect, values: Values) -> _Plan:
        """Of a new row one for each set of columns: to hand over a dozen that are NULL takes a quarter of its time."""
        names = tuple(values) if self._makes_rows else None
        return _Plan(self._by_dialect[dialect.name], dialect, names)


def driver_of(session: Session) -> tuple[Any, Dialect]:
    """The driver's own connection, where the session is, after it has written what it holds back. A unit that stands
    in the lane's transaction knows it, and need not ask: until it knows a row, or makes a savepoint, nothing is held
    back, and it has no transaction of its own."""
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

    __slots__ = ("handed", "readers", "sql")

    def __init__(self, statement: Any, dialect: Dialect, names: tuple[str, ...] | None) -> None:
        compiled = cast("SQLCompiler", statement.compile(dialect=dialect, column_keys=names))
        self.sql = str(compiled)
        self.handed = _handed(compiled)
        readers = (
            (at, column.type.dialect_impl(dialect).result_processor(dialect, None))
            for at, column in enumerate(compiled._result_columns)
        )
        self.readers: list[tuple[int, _Convert]] = [(at, read) for at, read in readers if read]

    def typed(self, row: Row) -> Row:
        """A row as the tables declare its columns."""
        values = list(row)
        for at, read in self.readers:
            values[at] = read(values[at])
        return values


def _handed(compiled: SQLCompiler) -> Callable[[Values], Any]:
    """How a statement's values are handed to a driver: in the order in which they stand in the text (one may stand
    there twice), or by name, where there is no order; those converted that it does not take as they are."""
    left_out, names = dict(compiled.params), compiled.positiontup
    converts = {
        name: cast("_Convert", convert)
        for name, convert in compiled._bind_processors.items()
        if not isinstance(compiled.binds[name].type, LargeBinary)  # drivers take bytes as they are
    }

    def by_name(values: Values) -> dict[str, Any]:
        taken = {**left_out, **values}
        for name, convert in converts.items():
            taken[name] = convert(taken[name])
        return taken

    if names is None:
        return by_name
    in_order = itemgetter(*names) if len(names) > 1 else lambda values: [values[name] for name in names]
    places = [(at, converts[name]) for at, name in enumerate(names) if name in converts]

    def by_place(values: Values) -> Sequence[Any]:
        try:
            taken = in_order(values)
        except KeyError:  # the statement says it itself, or it is NULL
            taken = in_order({**left_out, **values})
        if places:
            taken = [*taken]
            for at, convert in places:
                taken[at] = convert(taken[at])
        return taken

    return by_place


def as_usual(error: Exception, sql: str, dialect: Dialect) -> BaseException:
    """A driver's error as the engine would have raised it, so that retries and edges know it."""
    driver = dialect.dbapi
    if driver is None or not isinstance(error, driver.Error):
        return error
    return DBAPIError.instance(sql, None, error, driver.Error, hide_parameters=True, dialect=dialect)
