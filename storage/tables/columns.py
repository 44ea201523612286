"""How columns are spelt: ids, moments, closed sets of words."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, String
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from storage.clock import Moment
from storage.ids import new_id

W = TypeVar("W", bound=StrEnum)

# Every constraint has a name, so that a migration on either database can take it away again.
NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMES
METADATA: MetaData = SQLModel.metadata


class WordType(TypeDecorator[StrEnum]):
    """One word of a closed set, kept as text: a native enum survives its own downgrade and breaks the next upgrade."""

    impl = String(40)
    cache_ok = True

    def __init__(self, words: type[StrEnum]) -> None:
        super().__init__()
        self.words = words

    # Looked up, since a message takes half a dozen. Another word is a KeyError, both ways.
    def bind_processor(self, dialect: Dialect) -> Any:
        texts: dict[str | None, str | None] = {word: word.value for word in self.words}
        return (texts | {None: None}).__getitem__

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        words: dict[str | None, StrEnum | None] = {word.value: word for word in self.words}
        return (words | {None: None}).__getitem__


def id_column() -> Any:
    return Field(default_factory=new_id, primary_key=True, sa_type=BigInteger)


def row_number_column() -> Any:
    """An id that SQLite takes for its own number of the row, so that it writes no index for it. Made as the others:
    none comes twice, though SQLite is not asked to see to that (AUTOINCREMENT)."""
    return Field(
        default_factory=new_id, primary_key=True, sa_type=BigInteger().with_variant(Integer, "sqlite")
    )


def reference(table: str, *, index: bool = False) -> Any:
    return Field(foreign_key=f"{table}.id", sa_type=BigInteger, index=index)


def maybe_reference(table: str, *, index: bool = False) -> Any:
    return Field(default=None, foreign_key=f"{table}.id", sa_type=BigInteger, index=index, nullable=True)


def maybe_word_column(words: type[W]) -> Any:
    return Field(default=None, sa_type=WordType(words), nullable=True)


def word_column(words: type[W], default: W | None = None) -> Any:
    if default is None:
        return Field(sa_type=WordType(words))
    return Field(default=default, sa_type=WordType(words))


def moment_column() -> Any:
    return Field(sa_type=Moment)


def maybe_moment_column() -> Any:
    return Field(default=None, sa_type=Moment, nullable=True)


__all__ = [
    "METADATA",
    "id_column",
    "maybe_moment_column",
    "maybe_reference",
    "moment_column",
    "reference",
    "row_number_column",
    "word_column",
]
