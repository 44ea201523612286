"""Many rows at once: one statement over arrays on PostgreSQL, the driver's own loop on SQLite.

For the sweep, which writes some thousand rows in one unit of work. Rows are plain tuples in the order of the columns.
Compiled once and run on the driver's own cursor, as in storage/prepared.py; a value is converted as its column says,
each different one once.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Dialect,
    Table,
    any_,
    bindparam,
    cast,
    column,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.types import NullType
from sqlmodel import Session

from storage.prepared import as_usual

Rows = Sequence[tuple[Any, ...]]
Convert = Callable[[Any], Any]
AMONG = "among"


class Bulk(ABC):
    """One statement for many rows; the columns are those of the rows."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        self._table, self.columns = table, tuple(columns)
        self._plans: dict[str, _Plan] = {}

    def write(self, session: Session, rows: Rows) -> int:
        """Run it for its effect; how many rows it hit."""
        if not rows:
            return 0
        session.flush()
        connection = session.connection()
        dialect = connection.dialect
        plan = self._plans.get(dialect.name)
        if plan is None:
            plan = self._plans[dialect.name] = self._plan(dialect)
        cursor = connection.connection.cursor()
        try:
            if dialect.name == "postgresql":
                cursor.execute(plan.sql, dict(zip(plan.names, plan.columns(rows), strict=True)))
            else:
                cursor.executemany(plan.sql, list(zip(*plan.columns(rows), strict=True)))
            return int(cursor.rowcount)
        except Exception as error:
            raise as_usual(error, plan.sql, dialect) from None
        finally:
            cursor.close()

    def _plan(self, dialect: Dialect) -> _Plan:
        names = [f"new_{name}" for name in self.columns]
        statement = self._postgresql(names) if dialect.name == "postgresql" else self._sqlite(names)
        compiled = statement.compile(dialect=dialect)
        # SQLite takes its values by place.
        order = compiled.positiontup or names
        converts = insert(self._table).compile(dialect=dialect)._bind_processors
        by_name: dict[str, Any] = {
            name: converts.get(column) for name, column in zip(names, self.columns, strict=True)
        }
        return _Plan(str(compiled), names, order, [by_name[name] for name in order])

    @abstractmethod
    def _sqlite(self, names: Sequence[str]) -> Any:
        """The statement for one row, its parameters by these names."""

    @abstractmethod
    def _postgresql(self, names: Sequence[str]) -> Any:
        """The statement for all rows, an array for each column by these names."""

    def _arrays(self, names: Sequence[str]) -> Any:
        """The rows as a table, from an array for each column."""
        types = [self._table.c[name].type for name in self.columns]
        arrays = (
            cast(bindparam(name, type_=NullType()), ARRAY(kind))
            for name, kind in zip(names, types, strict=True)
        )
        columns = (column(name, kind) for name, kind in zip(self.columns, types, strict=True))
        return func.unnest(*arrays).table_valued(*columns).render_derived(name="given")


class InsertNew(Bulk):
    """Insert the rows that break no unique key."""

    def _sqlite(self, names: Sequence[str]) -> Any:
        given = zip(self.columns, names, strict=True)
        values: dict[str, Any] = {column: bindparam(name) for column, name in given}
        return sqlite_insert(self._table).values(values).on_conflict_do_nothing()

    def _postgresql(self, names: Sequence[str]) -> Any:
        given = self._arrays(names)
        rows = select(*(given.c[name] for name in self.columns))
        return postgres_insert(self._table).from_select(self.columns, rows).on_conflict_do_nothing()


class SetByKey(Bulk):
    """Set columns of the rows that have these values in the first `keys` columns."""

    def __init__(self, table: Table, columns: Sequence[str], *, keys: int = 1) -> None:
        super().__init__(table, columns)
        self._keys = keys

    def _sqlite(self, names: Sequence[str]) -> Any:
        return self._update(
            {column: bindparam(name) for column, name in zip(self.columns, names, strict=True)}
        )

    def _postgresql(self, names: Sequence[str]) -> Any:
        given = self._arrays(names)
        return self._update({name: given.c[name] for name in self.columns})

    def _update(self, given: dict[str, Any]) -> Any:
        keys, others = self.columns[: self._keys], self.columns[self._keys :]
        fits = (self._table.c[key] == given[key] for key in keys)
        return update(self._table).where(*fits).values({name: given[name] for name in others})


class _Plan:
    """The statement as one dialect says it, and how the values of each column are handed to the driver."""

    def __init__(
        self, sql: str, given: Sequence[str], order: Sequence[str], converts: Sequence[Convert | None]
    ) -> None:
        self.sql, self.names = sql, order
        self._places = [given.index(name) for name in order]
        self._converts = converts

    def columns(self, rows: Rows) -> list[list[Any]]:
        """The values by column, in the order of `names`."""
        given: list[Sequence[Any]] = list(zip(*rows, strict=True))
        return [
            list(given[place]) if convert is None else _converted(given[place], convert)
            for place, convert in zip(self._places, self._converts, strict=True)
        ]


def _converted(values: Sequence[Any], convert: Convert) -> list[Any]:
    known = {value: convert(value) for value in set(values)}
    return [known[value] for value in values]


def among(session: Session, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that a column has one of the values given as `AMONG`, however many: one parameter for all of them,
    where an ordinary IN has one for each and costs as much as the question itself."""
    given = bindparam(AMONG, type_=NullType())
    if _is_postgresql(session):
        return column == any_(cast(given, ARRAY(column.type)))
    return column.in_(select(func.json_each(given).table_valued("value").c.value))


def listed(session: Session, values: Sequence[Any]) -> dict[str, Any]:
    """The parameter of `among`."""
    return {AMONG: list(values) if _is_postgresql(session) else json.dumps(values)}


def _is_postgresql(session: Session) -> bool:
    return bool(session.connection().dialect.name == "postgresql")
