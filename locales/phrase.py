"""What the product says, before it is said: a message id with typed values.

A `Phrase` is built on any floor and rendered only when it is sent, in the reader's language. Every value in it
has a *kind*, and the kind alone decides what a channel may be told (bot/channels/disclosure.py): nothing ever
searches a text for names. A bare `str` counts as free text, the strictest kind.

Phrases are said in JSON as they stand, each by its kind and its fields (`load` reads that), because a message is a row
in the outbox before it is a message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Any

from babel.dates import format_date
from msgspec import Struct

from locales.catalogue import gettext, ngettext


class Reader(Struct, frozen=True):
    """For whom a phrase is rendered. `today` is the reader's day: a year that is plain from it is left out."""

    language: str
    zone: tzinfo
    today: date


class Value(Struct, frozen=True, array_like=True):
    """One typed value. Its tag is its kind: the name that it has in JSON and in the disclosure table."""

    @property
    def kind(self) -> str:
        return kind_of(type(self))

    def render(self, reader: Reader) -> str:
        raise TypeError(f"{type(self).__name__} does not say how it reads")


def kind_of(value: type[Value]) -> str:
    return str(value.__struct_config__.tag)


class _Text(Value, frozen=True):
    text: str

    def render(self, reader: Reader) -> str:
        return self.text


class Code(_Text, frozen=True, tag="code"):
    """A case or task code: `JA-7K3Q`."""


class TaskCode(_Text, frozen=True, tag="task_code"):
    """The code of one task. It changes with every task and says nothing about the case."""


class Name(_Text, frozen=True, tag="name"):
    """The name of a person, whoever it is."""


class Unit(_Text, frozen=True, tag="unit"):
    """A person's unit, or their post there."""


class FreeText(_Text, frozen=True, tag="free_text"):
    """Anything somebody typed."""


class Word(_Text, frozen=True, tag="word"):
    """A fixed word that reads the same in every language: a command, a number of an emergency line, an invite code."""


class Link(_Text, frozen=True, tag="link"):
    """An address of ours to open: it names nobody, and what it leads to wants a login."""


class Term(_Text, frozen=True, tag="term"):
    """A word of the product's own vocabulary (a kind of visit, a stage), given as message id."""

    def render(self, reader: Reader) -> str:
        return gettext(reader.language, self.text)


class Grade(Term, frozen=True, tag="grade"):
    """A chosen rating or evaluation grade, given as message id."""


class Sanctioned(Term, frozen=True, tag="sanction"):
    """What a person was sanctioned with, given as message id."""


class Count(Value, frozen=True, tag="count"):
    number: int

    def render(self, reader: Reader) -> str:
        return str(self.number)


class Day(Value, frozen=True, tag="date"):
    day: date

    def render(self, reader: Reader) -> str:
        return _date_in_words(self.day, reader.language, self.day.year == reader.today.year)


class Clock(Value, frozen=True, tag="time"):
    """The time of day of a moment, in the reader's zone: `09:42`."""

    moment: datetime

    def render(self, reader: Reader) -> str:
        return f"{self.moment.astimezone(reader.zone):%H:%M}"


class CaseRef(Value, frozen=True, tag="case"):
    """A case with the person's name; on a channel that may not know the name, the code alone (`coded`)."""

    code: str
    name: str

    def render(self, reader: Reader) -> str:
        return f"{self.name} {self.code}"


class CaseName(CaseRef, frozen=True, tag="case_name"):
    """The same where there is little room (a button): the name, or else the code."""

    def render(self, reader: Reader) -> str:
        return self.name


class Several(Value, frozen=True, tag="several"):
    """A list of values, joined as the language joins them. As strict as its strictest member."""

    values: tuple[Value, ...]

    def render(self, reader: Reader) -> str:
        return ("、" if reader.language.startswith("zh") else ", ").join(
            v.render(reader) for v in self.values
        )


class Parts(Value, frozen=True, tag="parts"):
    """The parts of one line about one thing, set apart by bars. What a channel may not know is left out of it."""

    values: tuple[Value, ...]

    def render(self, reader: Reader) -> str:
        return ("｜" if reader.language.startswith("zh") else " | ").join(
            v.render(reader) for v in self.values
        )


class Either(Value, frozen=True, tag="either"):
    """The same thing said in several ways, the most telling first. A channel gets the first that it may know."""

    values: tuple[Value, ...]

    def render(self, reader: Reader) -> str:
        return self.values[0].render(reader)


class Phrase(Value, frozen=True, tag="phrase"):
    """A sentence: a message id with named values, `{like}` this. A phrase may be a value of another one.

    With `plural`, the form follows the `Count` named `n`.
    """

    msgid: str
    values: dict[str, Value] = {}  # nobody changes it
    plural: str | None = None

    def __hash__(self) -> int:
        return hash((self.msgid, frozenset(self.values.items()), self.plural))

    def render(self, reader: Reader) -> str:
        pattern = self._pattern(reader.language)
        if not self.values:
            return pattern
        return pattern.format_map({name: value.render(reader) for name, value in self.values.items()})

    def _pattern(self, language: str) -> str:
        if self.plural is None:
            return gettext(language, self.msgid)
        number = self.values["n"]
        if not isinstance(number, Count):
            raise TypeError("a plural follows a count")
        return ngettext(language, self.msgid, self.plural, number.number)


_PATTERNS = {"zh_CN": ("y年M月d日", "M月d日"), "en": ("d MMMM y", "d MMMM")}


@lru_cache(maxsize=4096)
def _date_in_words(day: date, language: str, same_year: bool) -> str:
    return format_date(day, _PATTERNS[language][same_year], locale=language)


Plain = Value | str | int | date


def typed(value: Plain) -> Value:
    """The value kind of a bare Python value. A string nobody vouched for is free text."""
    if isinstance(value, Value):
        return value
    if isinstance(value, bool):
        raise TypeError("a phrase has no use for a truth value: write two phrases")
    if isinstance(value, int):
        return Count(value)
    if isinstance(value, datetime):
        raise TypeError("say Day(...) or Clock(...): a moment can be read either way")
    if isinstance(value, date):
        return Day(value)
    return FreeText(value)


def P(msgid: str, plural: str | None = None, **values: Plain) -> Phrase:
    """A phrase: `P("Due {day}", day=date)`; with a plural form: `P("{n} task", "{n} tasks", n=3)`."""
    if not values:
        return _bare(msgid, plural)
    return Phrase(msgid, {name: typed(value) for name, value in values.items()}, plural)


@lru_cache(maxsize=4096)
def _bare(msgid: str, plural: str | None) -> Phrase:
    """Most phrases of a message are those of its form, and the same each time."""
    return Phrase(msgid, {}, plural)


def line(*values: Plain) -> Phrase:
    """A line of parts: `谈心谈话｜张明 JA-7K3Q｜逾期2个工作日`."""
    return Phrase("{parts}", {"parts": Parts(tuple(typed(value) for value in values))})


def either(*values: Plain) -> Either:
    """One thing in several ways, the most telling first: `either(Name("李敏"), P("member {n}", None, n=2))`."""
    return Either(tuple(typed(value) for value in values))


def one_of(*phrases: Phrase) -> Phrase:
    """A sentence in several ways, the most telling first."""
    return Phrase("{sentence}", {"sentence": Either(phrases)})


def several(values: Iterable[Plain]) -> Several:
    return Several(tuple(typed(value) for value in values))


def leaves(value: Value) -> Iterator[Value]:
    """The values that a value is made of in the end."""
    if isinstance(value, Phrase):
        parts = tuple(value.values.values())
    elif isinstance(value, Several | Parts | Either):
        parts = value.values
    else:
        yield value
        return
    for part in parts:
        yield from leaves(part)


_LISTS = {kind_of(one): one for one in (Several, Parts, Either)}
# Values whose fields are said in JSON as they are.
_PLAIN: dict[str, Callable[..., Value]] = {
    kind_of(one): one
    for one in (
        *(Code, TaskCode, Name, Unit, FreeText, Word, Link, Term, Grade, Sanctioned),
        *(CaseRef, CaseName, Count),
    )
}
_PHRASE, _DAY, _CLOCK = (kind_of(one) for one in (Phrase, Day, Clock))


def load(data: list[Any]) -> Value:
    """The value that is said in JSON as `data`.

    Raises:
        ValueError: `data` names no kind of value.
    """
    kind = data[0]
    if kind in _PLAIN:
        return _PLAIN[kind](*data[1:])
    if kind == _PHRASE:
        _, msgid, values, plural = data
        return Phrase(msgid, {name: load(value) for name, value in values.items()}, plural)
    if kind == _DAY:
        return Day(date.fromisoformat(data[1]))
    if kind == _CLOCK:
        return Clock(datetime.fromisoformat(data[1]))
    if kind in _LISTS:
        return _LISTS[kind](tuple([load(value) for value in data[1]]))
    raise ValueError(f"no value kind is called {kind!r}")


def load_phrase(data: list[Any]) -> Phrase:
    value = load(data)
    if not isinstance(value, Phrase):
        raise ValueError("a phrase was expected")
    return value
