"""The kinds of answer: what is accepted, how it is kept in JSON, and how it is shown as a typed value.

| kind | kept as | shown as |
|---|---|---|
| text | str | FreeText |
| date | ISO day | Day |
| span | "09:00-10:30" | two words |
| choice | value of the option; or the text, where the field is open | label; or FreeText |
| rating | value of the option | Grade |
| many | list of the above, in the order of the options | Several |
| yes_no | bool | label |
| number | int, from 1 | label of the usual ones; else with its unit |
| photo | the id of the one that was sent into this form | a word |
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from casework.forms.form import Answers, Env, Field, Option, option
from locales.catalogue import N_
from locales.phrase import Day, FreeText, Grade, P, Phrase, Term, Value, Word, several

TYPED_CHOICE_LENGTH = 100
LISTED = 8
# Kinds whose answer is one of what is offered.
ONE_OF_SOME = frozenset({"date", "choice", "rating", "yes_no"})
YES_OR_NO = (option("yes", N_("Yes")), option("no", N_("No")))
REQUIRED = P("This question needs an answer.")
NOT_OFFERED = P("This choice is not available. Please choose one of those shown.")
NOT_UNDERSTOOD = P("That answer does not fit this question.")
TOO_SHORT = P("That is too short for an answer. Please say it in a few words.")
BARRED = N_("{name} cannot be named as a companion of this visit. Please choose somebody else.")
NO_PHOTO = P("This photo is not there any more. Please send it again, or leave it out.")
ONE_PHOTO = Term(N_("1 photo, encrypted"))

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Controls, zero-width and direction marks, tags and lone surrogates: unseen, yet they break searches and databases.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)


def clean(text: str) -> str:
    """The text without what cannot be seen, and without blank edges. Wording and punctuation stay."""
    if text.isprintable():  # nearly always: none of those is
        return text.strip()
    return _UNSEEN.sub("", _BREAKS.sub("\n", text)).strip()


class Kind(ABC):
    """One kind of answer. `fits` is the shape alone; `problem` also knows the field and the day."""

    @abstractmethod
    def fits(self, value: Any) -> bool: ...

    @abstractmethod
    def problem(self, field: Field, value: Any, env: Env) -> Phrase | None: ...

    @abstractmethod
    def shown(self, field: Field, value: Any, env: Env) -> Value: ...

    def tidy(self, field: Field, value: Any, env: Env) -> Any:
        """The value as it is kept."""
        return value

    def tapped(self, token: str) -> Any:
        """The value that an option's button stands for."""
        return token


class TextKind(Kind):
    def fits(self, value: Any) -> bool:
        return isinstance(value, str)

    def problem(self, field: Field, value: Any, env: Env) -> Phrase | None:
        if not self.fits(value):
            return NOT_UNDERSTOOD
        problem = _text_problem(value, field.max_length)
        return TOO_SHORT if problem is None and field.required and not _says_something(value) else problem

    def shown(self, field: Field, value: Any, env: Env) -> Value:
        return FreeText(value)

    def tidy(self, field: Field, value: Any, env: Env) -> Any:
        return clean(value)


class DateKind(Kind):
    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and _day(value) is not None

    def problem(self, field: Field, value: Any, env: Env) -> Phrase | None:
        day = _day(value) if isinstance(value, str) else None
        if day is None:
            return NOT_UNDERSTOOD
        first, last = limits(field, env)
        if day > last:
            if field.latest <= 0:
                return P("{day} has not come yet. The latest possible day is {last}.", day=day, last=last)
            return P("{day} is too far ahead. The latest possible day is {last}.", day=day, last=last)
        if day < first:
            if field.earliest >= 0:
                return P("{day} is already past. The earliest possible day is {first}.", day=day, first=first)
            return P("{day} is too long ago. The earliest possible day is {first}.", day=day, first=first)
        return None

    def shown(self, field: Field, value: Any, env: Env) -> Value:
        return Day(date.fromisoformat(value))


class SpanKind(Kind):
    """From a time of day to a later one."""

    _shape = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")

    def fits(self, value: Any) -> bool:
        return isinstance(value, str) and self._shape.fullmatch(value) is not None

    def problem(self, field: Field, value: Any, env: Env) -> Phrase | None:
        if not self.fits(value):
            return NOT_UNDERSTOOD
        start, end = value.split("-")
        return None if start < end else P("The end must be later than the start, as in 09:00-10:30.")

    def shown(self, field: Field, value: Any, env: Env) -> Value:
        start, end = value.split("-")
        return P("{start}–{end}", start=Word(start), end=Word(end))


class ChoiceKind(Kind):
    def fits(self, value: Any) -> bool:
        return isinstance(value, str)

    def problem(self, field: Field, value: Any, env: Env) -> Phrase | None:
        if not self.fits(value):
            return NOT_UNDERSTOOD
        if _find(options_of(field, env), value):
            return None
        return _text_problem(value, TYPED_CHOICE_LENGTH) if field.open else NOT_OFFERED

    def shown(self, field: Field, value: Any, env: Env) -> Value:
        found = _find(options_of(field, env), value)
        return found.label if found else FreeText(value)

    def tidy(self, field: Field, value: Any, env: Env) -> Any:
        return clean(value)


class RatingKind(ChoiceKind):
    def shown(self, field: Field, value: Any, env: Env) -> Value:
        label = super().shown(field, value, env)
        return Grade(label.text) if isinstance(label, Term) else label


class ManyKind(Kind):
    def fits(self, value: Any) -> bool:
        return isinstance(value, list) and all(isinstance(one, str) for one in value)

    def problem(self, field: Field, value: Any, env: Env) -> Phrase | None:
        if not self.fits(value):
            return NOT_UNDERSTOOD
        if len(value) < field.at_least:
            return P("Please choose at least {number}.", number=field.at_least)
        if not value:
            return None
        known = {one.value for one in options_of(field, env)}
        for one in value:
            if one not in known:
                if _find(env.barred.get(field.key, ()), clean(one)):
                    return P(BARRED, None, name=FreeText(clean(one)))
                problem = _text_problem(one, TYPED_CHOICE_LENGTH) if field.open else NOT_OFFERED
                if problem:
                    return problem
        return None

    def shown(self, field: Field, value: Any, env: Env) -> Value:
        if not value:
            return Term(N_("None"))
        options = options_of(field, env)
        found = ((one, _find(options, one)) for one in value)
        return several(option.label if option else FreeText(one) for one, option in found)

    def tidy(self, field: Field, value: Any, env: Env) -> Any:
        if not value:
            return []
        order = {one.value: n for n, one in enumerate(options_of(field, env))}
        return sorted(dict.fromkeys(clean(one) for one in value), key=lambda one: order.get(one, len(order)))


class YesNoKind(Kind):
    def fits(self, value: Any) -> bool:
        return isinstance(value, bool)

    def problem(self, field: Field, value: Any, env: Env) -> Phrase | None:
        return None if self.fits(value) else NOT_UNDERSTOOD

    def shown(self, field: Field, value: Any, env: Env) -> Value:
        found = _find(options_of(field, env), "yes" if value else "no")
        return found.label if found else FreeText(str(value))

    def tapped(self, token: str) -> Any:
        return {"yes": True, "no": False}.get(token, token)


class NumberKind(Kind):
    """How many there were. Whatever is summed up later is asked for in this way."""

    def fits(self, value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool)

    def problem(self, field: Field, value: Any, env: Env) -> Phrase | None:
        if not self.fits(value):
            return NOT_UNDERSTOOD
        return (
            None if 1 <= value <= field.most else P("Please give a number from 1 to {most}.", most=field.most)
        )

    def shown(self, field: Field, value: Any, env: Env) -> Value:
        found = _find(options_of(field, env), str(value))
        return found.label if found else field.in_words(value)

    def tapped(self, token: str) -> Any:
        return int(token) if token.isdecimal() else token


class PhotoKind(ChoiceKind):
    """A photo that was sent into this very form: its options are those that were (storage/queries/media.py)."""

    def problem(self, field: Field, value: Any, env: Env) -> Phrase | None:
        if not self.fits(value):
            return NOT_UNDERSTOOD
        return None if _find(options_of(field, env), value) else NO_PHOTO

    def shown(self, field: Field, value: Any, env: Env) -> Value:
        return ONE_PHOTO


KINDS: Mapping[str, Kind] = {
    "text": TextKind(),
    "date": DateKind(),
    "span": SpanKind(),
    "choice": ChoiceKind(),
    "rating": RatingKind(),
    "many": ManyKind(),
    "yes_no": YesNoKind(),
    "number": NumberKind(),
    "photo": PhotoKind(),
}


def refusal(field: Field, value: Any, answers: Answers, env: Env) -> Phrase | None:
    """Why the field cannot take the value; None if it can. None as value is a skipped question."""
    if value is None:
        return REQUIRED if field.required else None
    problem = KINDS[field.kind].problem(field, value, env)
    if problem is None and field.check is not None:
        problem = field.check(value, answers, env)
    return problem


def options_of(field: Field, env: Env) -> tuple[Option, ...]:
    """What the field offers: for dates the days at hand, else its own options after those known at run time."""
    if field.kind == "date":
        return _days(field, env)
    if field.kind == "yes_no":
        return field.options or YES_OR_NO
    if not field.dynamic:
        return field.options
    known = env.options.get(field.key)
    return (*known, *field.options) if known else field.options


def listed(field: Field, options: tuple[Option, ...], ticked: Sequence[str] = ()) -> tuple[Option, ...]:
    """What a chat shows of these options. Of those known at run time, where any can be typed, the first, and what is
    ticked or has a name that others have, too."""
    if field.kind != "many" or not (field.dynamic and field.open):
        return options
    others = options[LISTED:]
    shared = tuple(one for one in others if one.shared)
    return (*options[:LISTED], *shared, *(one for one in others if one.value in ticked and not one.shared))


def not_announced(days: Iterable[Option], env: Env) -> list[int]:
    """The years, of the days to come that a date field offers, of which the days off are not known yet."""
    offered = [date.fromisoformat(day.value) for day in days]
    return sorted({day.year for day in offered if day > env.today} & env.not_announced)


def limits(field: Field, env: Env) -> tuple[date, date]:
    """The first and the last day a date field takes."""
    earliest, latest = env.days.get(field.key, (field.earliest, field.latest))
    return env.today + timedelta(earliest), env.today + timedelta(latest)


def _days(field: Field, env: Env) -> tuple[Option, ...]:
    """Days to tap: for what has been, today, yesterday and the planned day; for what is to come, the suggested
    days, or without any the next three weekdays. Only days that the field would take."""
    days, (first, last) = env.options.get(field.key, ()), limits(field, env)
    if field.direction != "past":
        return _between(days or _next_weekdays(env.today), first, last)
    just_now = _just_now(env.today, first, last)
    return _between((*just_now, *days), first, last) if days else just_now


def _between(days: tuple[Option, ...], first: date, last: date) -> tuple[Option, ...]:
    found: dict[str, Option] = {}
    for one in days:
        day = _day(one.value)
        if day is not None and first <= day <= last:
            found.setdefault(one.value, one)
    return tuple(found.values())


@lru_cache(maxsize=32)
def _just_now(today: date, first: date, last: date) -> tuple[Option, ...]:
    """The same for everybody on one day, as far as a field takes them."""
    yesterday = today - timedelta(1)
    days = (
        Option(today.isoformat(), P("Today, {day}", day=today)),
        Option(yesterday.isoformat(), P("Yesterday, {day}", day=yesterday)),
    )
    return _between(days, first, last)


def _next_weekdays(today: date) -> tuple[Option, ...]:
    coming = (today + timedelta(n) for n in range(1, 6))
    return tuple(Option(day.isoformat(), Day(day)) for day in coming if day.weekday() < 5)[:3]


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.isoformat() == text else None


def _find(options: tuple[Option, ...], value: str) -> Option | None:
    for one in options:
        if one.value == value:
            return one
    return None


def _text_problem(text: str, limit: int) -> Phrase | None:
    length = len(text)
    if length > limit:
        return P(
            "This text has {length} characters, but at most {limit} fit here. Please shorten it.",
            length=length,
            limit=limit,
        )
    return None if any(map(str.isalnum, clean(text))) else P("Please type a few words.")


def _says_something(text: str) -> bool:
    """Whether a text can answer what has to be answered: two letters or characters at least, no number alone."""
    return sum(map(str.isalpha, text)) > 1
