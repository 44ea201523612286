"""Many rows at once: one statement over arrays on PostgreSQL, one for up to sixty-four rows on SQLite.

For the sweep, which writes some thousand rows in one unit of work. Rows are plain tuples in the order of the columns.
Compiled once and run on the driver's own cursor, as in storage/prepared.py; a value is converted as its column says,
each different one once. An array is handed to PostgreSQL as its text, which costs a fraction of the driver's own list.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Dialect,
    LargeBinary,
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
from sqlalchemy.types import NullType
from sqlmodel import Session

from storage.prepared import Prepared, as_usual, connection_of

Rows = Sequence[tuple[Any, ...]]
Convert = Callable[[Any], Any]
Converts = Sequence[Convert | None]
Among = Callable[[Any], ColumnElement[bool]]  # of a column
AMONG = "among"
_GIVEN, _SIZES = "{given}", (64, 16, 4, 1)
_ESCAPED = str.maketrans({'"': '\\"', "\\": "\\\\"})


class Bulk(ABC):
    """One statement for many rows; the columns are those of the rows. `same`: columns that are the same in all."""

    def __init__(self, table: Table, columns: Sequence[str], same: Sequence[str] = ()) -> None:
        self._table, self.columns, self.same = table, tuple(columns), tuple(same)
        self._plans: dict[str, _Plan] = {}

    def write(self, session: Session, rows: Rows, same: Sequence[Any] = ()) -> int:
        """Run it for its effect; how many rows it hit."""
        if not rows:
            return 0
        connection = connection_of(session)
        dialect = connection.dialect
        plan = self._plans.get(dialect.name)
        if plan is None:
            plan = self._plans[dialect.name] = self._plan(dialect)
        cursor = connection.connection.cursor()
        try:
            return sum(self._hit(cursor, *one) for one in plan.statements(rows, same))
        except Exception as error:
            raise as_usual(error, plan.sql, dialect) from None
        finally:
            cursor.close()

    @staticmethod
    def _hit(cursor: Any, sql: str, values: Any) -> int:
        cursor.execute(sql, values)
        return int(cursor.rowcount)

    def _plan(self, dialect: Dialect) -> _Plan:
        by_name: Any = dict(insert(self._table).compile(dialect=dialect)._bind_processors)
        for each in self._table.c:
            if isinstance(each.type, LargeBinary):  # drivers take bytes as they are
                by_name.pop(each.name, None)
        converts, same = ([by_name.get(name) for name in names] for names in (self.columns, self.same))
        if dialect.name == "postgresql":
            names = [f"new_{name}" for name in (*self.columns, *self.same)]
            return _Arrays(str(self._postgresql(names).compile(dialect=dialect)), converts, same, names)
        return _Groups(self._sqlite(), converts, same)

    @abstractmethod
    def _sqlite(self) -> str:
        """The statement for some rows, which stand where it says `_GIVEN`, each as so many question marks; what is the
        same in all comes before them."""

    @abstractmethod
    def _postgresql(self, names: Sequence[str]) -> Any:
        """The statement for all rows, an array for each column by these names, and after them what is the same."""

    def _arrays(self, names: Sequence[str]) -> Any:
        """The rows as a table, from an array for each column."""
        types = [self._table.c[name].type for name in self.columns]
        arrays = (
            cast(bindparam(name, type_=NullType()), ARRAY(kind))
            for name, kind in zip(names, types, strict=False)  # what is the same in all has no array
        )
        columns = (column(name, kind) for name, kind in zip(self.columns, types, strict=True))
        return func.unnest(*arrays).table_valued(*columns).render_derived(name="given")


class InsertNew(Bulk):
    """Insert the rows that break no unique key."""

    def _sqlite(self) -> str:
        names = ", ".join(self.columns)
        return f"INSERT INTO {self._table.name} ({names}) VALUES {_GIVEN} ON CONFLICT DO NOTHING"  # noqa: S608

    def _postgresql(self, names: Sequence[str]) -> Any:
        given = self._arrays(names)
        rows = select(*(given.c[name] for name in self.columns))
        return postgres_insert(self._table).from_select(self.columns, rows).on_conflict_do_nothing()


class SetByKey(Bulk):
    """Set columns of the rows that have these values in the first `keys` columns. No two rows have the same keys."""

    def __init__(
        self, table: Table, columns: Sequence[str], *, keys: int = 1, same: Sequence[str] = ()
    ) -> None:
        super().__init__(table, columns, same)
        self._keys, self._others = self.columns[:keys], self.columns[keys:]

    def _sqlite(self) -> str:
        name = self._table.name
        given = ", ".join(f"column{place} AS {each}" for place, each in enumerate(self.columns, 1))
        values = ", ".join(
            [*(f"{one} = ?" for one in self.same), *(f"{one} = given.{one}" for one in self._others)]
        )
        fits = " AND ".join(f"{name}.{key} = given.{key}" for key in self._keys)
        rows = f"(SELECT {given} FROM (VALUES {_GIVEN})) AS given"  # noqa: S608
        return f"UPDATE {name} SET {values} FROM {rows} WHERE {fits}"  # noqa: S608

    def _postgresql(self, names: Sequence[str]) -> Any:
        given = self._arrays(names)
        fits = (self._table.c[key] == given.c[key] for key in self._keys)
        values = {name: given.c[name] for name in self._others}
        for name, new in zip(self.same, names[len(self.columns) :], strict=True):
            values[name] = bindparam(new, type_=self._table.c[name].type)
        return update(self._table).where(*fits).values(values)


class _Plan(ABC):
    """The statement as one dialect says it, and how the values of each column are handed to the driver."""

    def __init__(self, sql: str, converts: Converts, same: Converts) -> None:
        self.sql, self._converts, self._same = sql, converts, same

    @abstractmethod
    def statements(self, rows: Rows, same: Sequence[Any]) -> Iterator[tuple[str, Any]]:
        """What is to be run for the rows, each with its values."""

    def same(self, values: Sequence[Any]) -> list[Any]:
        """What is the same in all rows."""
        given = zip(values, self._same, strict=True)
        return [value if convert is None else convert(value) for value, convert in given]

    def columns(self, rows: Rows) -> list[list[Any]]:
        """The values by column."""
        return [
            list(values) if convert is None else _converted(values, convert)
            for values, convert in zip(zip(*rows, strict=True), self._converts, strict=True)
        ]


class _Arrays(_Plan):
    """All at once."""

    def __init__(self, sql: str, converts: Converts, same: Converts, names: Sequence[str]) -> None:
        super().__init__(sql, converts, same)
        self._names = names

    def statements(self, rows: Rows, same: Sequence[Any]) -> Iterator[tuple[str, Any]]:
        values = [*map(_array, self.columns(rows)), *self.same(same)]
        yield self.sql, dict(zip(self._names, values, strict=True))


class _Groups(_Plan):
    """So many at once as there are left, of few sizes, for each is a text of its own that has to be read once."""

    def __init__(self, sql: str, converts: Converts, same: Converts) -> None:
        super().__init__(sql, converts, same)
        one = f"({', '.join('?' * len(converts))})"
        self._sql = {size: sql.replace(_GIVEN, ", ".join([one] * size)) for size in _SIZES}

    def statements(self, rows: Rows, same: Sequence[Any]) -> Iterator[tuple[str, Any]]:
        given, first, before = list(zip(*self.columns(rows), strict=True)), 0, self.same(same)
        while first < len(given):
            size = next(size for size in _SIZES if size <= len(given) - first)
            yield self._sql[size], [*before, *chain.from_iterable(given[first : first + size])]
            first += size


def _converted(values: Sequence[Any], convert: Convert) -> list[Any]:
    known = {value: convert(value) for value in set(values)}
    return [known[value] for value in values]


def _array(values: Collection[Any]) -> str:
    """An array as PostgreSQL reads it."""
    known = {value: _element(value) for value in set(values)}
    return f"{{{','.join([known[value] for value in values])}}}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return f'"\\\\x{value.hex()}"'
    return f'"{str(value).translate(_ESCAPED)}"'


def among(session: Session, column: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that a column has one of the values given as `AMONG`, however many: one parameter for all of them,
    where an ordinary IN has one for each and costs as much as the question itself."""
    return _among(connection_of(session).dialect.name, column)


def asking_among(question: Callable[[Among], Any]) -> Prepared:
    """A question in which columns have one of many values, ready to be asked many times. It is given `among` without
    the session."""
    return Prepared({dialect: question(partial(_among, dialect)) for dialect in ("sqlite", "postgresql")})


def _among(dialect: str, column: ColumnElement[Any]) -> ColumnElement[bool]:
    given = bindparam(AMONG, type_=NullType())
    if dialect == "postgresql":
        return column == any_(cast(given, ARRAY(column.type)))
    # SQLite does not know how long a list is and takes it for twenty-five values. Of a small table that seems to be so
    # much that it reads all of it: every member of a province, to find the leaders of one county.
    return func.unlikely(column.in_(select(func.json_each(given).table_valued("value").c.value)))


def listed(session: Session, values: Collection[Any]) -> dict[str, Any]:
    """The parameter of `among`."""
    return {AMONG: _array(values) if _is_postgresql(session) else json.dumps(list(values))}


def _is_postgresql(session: Session) -> bool:
    return bool(connection_of(session).dialect.name == "postgresql")
