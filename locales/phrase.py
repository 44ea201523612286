"""What the product says, before it is said: a message id with typed values.

A `Phrase` is built on any floor and rendered only when it is sent, in the reader's language. Every value in it
has a *kind*, and the kind alone decides what a channel may be told (bot/channels/disclosure.py): nothing ever
searches a text for names. A bare `str` counts as free text, the strictest kind.

Phrases survive JSON (`dump`, `load`), because a message is a row in the outbox before it is a message.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, tzinfo
from functools import lru_cache
from typing import Any, ClassVar

from babel.dates import format_date
from msgspec import Struct

from locales.catalogue import gettext, ngettext


class Reader(Struct, frozen=True):
    """For whom a phrase is rendered. `today` is the reader's day: a year that is plain from it is left out."""

    language: str
    zone: tzinfo
    today: date


class Value(Struct, frozen=True):
    """One typed value. `kind` is its name in JSON and in the disclosure table."""

    kind: ClassVar[str]

    def render(self, reader: Reader) -> str:
        raise TypeError(f"{type(self).__name__} does not say how it reads")

    def dump(self) -> list[Any]:
        """The value as JSON: its kind, then what `load` needs."""
        raise TypeError(f"{type(self).__name__} does not say how it is kept")


class _Text(Value, frozen=True):
    text: str

    def render(self, reader: Reader) -> str:
        return self.text

    def dump(self) -> list[Any]:
        return [self.kind, self.text]


class Code(_Text, frozen=True):
    """A case or task code: `JA-7K3Q`."""

    kind = "code"


class TaskCode(_Text, frozen=True):
    """The code of one task. It changes with every task and says nothing about the case."""

    kind = "task_code"


class Name(_Text, frozen=True):
    """The name of a person, whoever it is."""

    kind = "name"


class Unit(_Text, frozen=True):
    """A person's unit, or their post there."""

    kind = "unit"


class FreeText(_Text, frozen=True):
    """Anything somebody typed."""

    kind = "free_text"


class Word(_Text, frozen=True):
    """A fixed word that reads the same in every language: a command, a number of an emergency line, an invite code."""

    kind = "word"


class Link(_Text, frozen=True):
    """An address of ours to open: it names nobody, and what it leads to wants a login."""

    kind = "link"


class Term(_Text, frozen=True):
    """A word of the product's own vocabulary (a kind of visit, a stage), given as message id."""

    kind = "term"

    def render(self, reader: Reader) -> str:
        return gettext(reader.language, self.text)


class Grade(Term, frozen=True):
    """A chosen rating or evaluation grade, given as message id."""

    kind = "grade"


class Sanctioned(Term, frozen=True):
    """What a person was sanctioned with, given as message id."""

    kind = "sanction"


class Count(Value, frozen=True):
    number: int
    kind: ClassVar[str] = "count"

    def render(self, reader: Reader) -> str:
        return str(self.number)

    def dump(self) -> list[Any]:
        return [self.kind, self.number]


class Day(Value, frozen=True):
    day: date
    kind: ClassVar[str] = "date"

    def render(self, reader: Reader) -> str:
        return _date_in_words(self.day, reader.language, self.day.year == reader.today.year)

    def dump(self) -> list[Any]:
        return [self.kind, self.day.isoformat()]


class Clock(Value, frozen=True):
    """The time of day of a moment, in the reader's zone: `09:42`."""

    moment: datetime
    kind: ClassVar[str] = "time"

    def render(self, reader: Reader) -> str:
        return f"{self.moment.astimezone(reader.zone):%H:%M}"

    def dump(self) -> list[Any]:
        return [self.kind, self.moment.isoformat()]


class CaseRef(Value, frozen=True):
    """A case with the person's name; on a channel that may not know the name, the code alone (`coded`)."""

    code: str
    name: str
    kind: ClassVar[str] = "case"

    def render(self, reader: Reader) -> str:
        return f"{self.name} {self.code}"

    def dump(self) -> list[Any]:
        return [self.kind, self.code, self.name]


class CaseName(CaseRef, frozen=True):
    """The same where there is little room (a button): the name, or else the code."""

    kind = "case_name"

    def render(self, reader: Reader) -> str:
        return self.name


class Several(Value, frozen=True):
    """A list of values, joined as the language joins them. As strict as its strictest member."""

    values: tuple[Value, ...]
    kind: ClassVar[str] = "several"

    def render(self, reader: Reader) -> str:
        return ("、" if reader.language.startswith("zh") else ", ").join(
            v.render(reader) for v in self.values
        )

    def dump(self) -> list[Any]:
        return [self.kind, [v.dump() for v in self.values]]


class Parts(Value, frozen=True):
    """The parts of one line about one thing, set apart by bars. What a channel may not know is left out of it."""

    values: tuple[Value, ...]
    kind: ClassVar[str] = "parts"

    def render(self, reader: Reader) -> str:
        return ("｜" if reader.language.startswith("zh") else " | ").join(
            v.render(reader) for v in self.values
        )

    def dump(self) -> list[Any]:
        return [self.kind, [v.dump() for v in self.values]]


class Either(Value, frozen=True):
    """The same thing said in several ways, the most telling first. A channel gets the first that it may know."""

    values: tuple[Value, ...]
    kind: ClassVar[str] = "either"

    def render(self, reader: Reader) -> str:
        return self.values[0].render(reader)

    def dump(self) -> list[Any]:
        return [self.kind, [v.dump() for v in self.values]]


class Phrase(Value, frozen=True):
    """A sentence: a message id with named values, `{like}` this. A phrase may be a value of another one.

    With `plural`, the form follows the `Count` named `n`.
    """

    msgid: str
    values: tuple[tuple[str, Value], ...] = ()
    plural: str | None = None
    kind: ClassVar[str] = "phrase"

    def render(self, reader: Reader) -> str:
        pattern = self._pattern(reader.language)
        if not self.values:
            return pattern
        return pattern.format_map({name: value.render(reader) for name, value in self.values})

    def _pattern(self, language: str) -> str:
        if self.plural is None:
            return gettext(language, self.msgid)
        number = next(v.number for name, v in self.values if name == "n" and isinstance(v, Count))
        return ngettext(language, self.msgid, self.plural, number)

    def dump(self) -> list[Any]:
        values = {name: value.dump() for name, value in self.values}
        return [self.kind, self.msgid, values, self.plural]


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
    return Phrase(msgid, tuple([(name, typed(value)) for name, value in values.items()]), plural)


@lru_cache(maxsize=4096)
def _bare(msgid: str, plural: str | None) -> Phrase:
    """Most phrases of a message are those of its form, and the same each time."""
    return Phrase(msgid, (), plural)


def line(*values: Plain) -> Phrase:
    """A line of parts: `谈心谈话｜张明 JA-7K3Q｜逾期2个工作日`."""
    return Phrase("{parts}", (("parts", Parts(tuple(typed(value) for value in values))),))


def either(*values: Plain) -> Either:
    """One thing in several ways, the most telling first: `either(Name("李敏"), P("member {n}", None, n=2))`."""
    return Either(tuple(typed(value) for value in values))


def one_of(*phrases: Phrase) -> Phrase:
    """A sentence in several ways, the most telling first."""
    return Phrase("{sentence}", (("sentence", Either(phrases)),))


def several(values: Iterable[Plain]) -> Several:
    return Several(tuple(typed(value) for value in values))


def leaves(value: Value) -> Iterator[Value]:
    """The values that a value is made of in the end."""
    if isinstance(value, Phrase):
        parts = tuple(part for _, part in value.values)
    elif isinstance(value, Several | Parts | Either):
        parts = value.values
    else:
        yield value
        return
    for part in parts:
        yield from leaves(part)


_LISTS: dict[str, type[Several] | type[Parts] | type[Either]] = {c.kind: c for c in (Several, Parts, Either)}
_TEXTS: dict[str, type[_Text]] = {
    c.kind: c for c in (Code, TaskCode, Name, Unit, FreeText, Word, Link, Term, Grade, Sanctioned)
}


def load(data: list[Any]) -> Value:
    """The value that `dump` gave as `data`.

    Raises:
        ValueError: `data` names no kind of value.
    """
    kind = data[0]
    if kind == Phrase.kind:
        return Phrase(data[1], tuple((name, load(v)) for name, v in data[2].items()), data[3])
    if kind in _TEXTS:
        return _TEXTS[kind](data[1])
    if kind in (CaseRef.kind, CaseName.kind):
        return (CaseRef if kind == CaseRef.kind else CaseName)(data[1], data[2])
    if kind == Count.kind:
        return Count(data[1])
    if kind == Day.kind:
        return Day(date.fromisoformat(data[1]))
    if kind == Clock.kind:
        return Clock(datetime.fromisoformat(data[1]))
    if kind in _LISTS:
        return _LISTS[kind](tuple(load(v) for v in data[1]))
    raise ValueError(f"no value kind is called {kind!r}")


def load_phrase(data: list[Any]) -> Phrase:
    value = load(data)
    if not isinstance(value, Phrase):
        raise ValueError("a phrase was expected")
    return value
