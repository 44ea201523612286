"""What a form is: fields in an order, declared as data. No form knows how it is asked, shown or kept.

A form that contradicts itself does not load: the mistake shows when the program starts, never in a corridor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal, get_args

import msgspec
from msgspec import Struct
from msgspec.json import encode

from locales.phrase import Count, Phrase, Term, Value

KindName = Literal["text", "date", "span", "choice", "rating", "many", "yes_no", "number", "photo"]
KIND_NAMES: tuple[str, ...] = get_args(KindName)
NEED_OPTIONS = frozenset({"choice", "rating", "many"})

REMEMBERED = 4096  # combinations of controlling answers

Answers = Mapping[str, Any]
"""Key of a field → its value as JSON keeps it; None for a question that was skipped."""


class Option(Struct, frozen=True):
    """One thing to choose. `also` are further words that mean it when typed; `shared`: so does another of them."""

    value: str
    label: Value
    also: tuple[str, ...] = ()
    shared: bool = False


def option(value: str, msgid: str, *also: str) -> Option:
    """An option whose label is a message id."""
    return Option(value, Term(msgid), also)


class Env(Struct, frozen=True):
    """What a form needs to know of the world: the day, options that exist only at run time, answers known before.

    `options` are by key of a field, and so are `days`: how far from today a date may lie (the earliest and the latest),
    where a rule decides that and not the form. Prefilled answers are not asked again; the recap shows them like any
    other. `ticked`: what is ticked already in a choice of several when it comes to be asked. `not_announced`: years
    whose days off are not known yet, so that a day offered in one may turn out to be no working day. `barred`: what
    an open field does not take, though it is typed. `workdays_on`: the day so many working days after another, by the
    county's calendar; without it nobody knows them.
    """

    today: date
    options: Mapping[str, tuple[Option, ...]] = msgspec.field(default_factory=dict)
    prefill: Answers = msgspec.field(default_factory=dict)
    days: Mapping[str, tuple[int, int]] = msgspec.field(default_factory=dict)
    ticked: Mapping[str, tuple[str, ...]] = msgspec.field(default_factory=dict)
    not_announced: frozenset[int] = frozenset()
    barred: Mapping[str, tuple[Option, ...]] = msgspec.field(default_factory=dict)
    workdays_on: Callable[[date, int], date] | None = None


@dataclass(frozen=True, slots=True)
class When:
    """A condition on an earlier answer: it is one of `in_`, or (many) it `contains` an option, or anything (`given`).
    Plain data."""

    key: str
    in_: tuple[str | bool, ...] = ()
    contains: str | None = None
    given: bool = False

    def holds(self, answers: Answers) -> bool:
        answer = answers.get(self.key)
        if self.given:
            return answer is not None
        if self.contains is not None:
            return isinstance(answer, list) and self.contains in answer
        return answer in self.in_


Check = Callable[[Any, Answers, Env], Phrase | None]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One question. `prompt` is the question, `label` its short name in the recap, both message ids.

    `dynamic`: (further) options come from `Env.options`. `open`: something typed that is no option is taken as it is.
    `direction`, `earliest`, `latest`: for dates, the side on which a bare month and day is looked for, and the
    first and last possible day counted from today. `at_least`: for `many`, how many must be chosen; `most`: for
    `number`, the highest one. The options of a number are those that are usual; `in_words` is how any other is shown.
    `instead`: for a yes or no, the label of a button that ends the form where a no was refused, and keeps why.
    `page_hint`: what stands on a page and on paper, where the hint speaks of the chat's buttons.
    `names`: what is typed is somebody's name, which a chat that may not know names then takes for once.
    `on_mistakes`: it asks what was wrong, so that 填错了 is its answer and not a slip in this form.
    `sensitive` answers are masked in logs; a note is sensitive unless it says otherwise.

    A field is equal to itself alone, so that what is prepared for it is found without reading it through.
    """

    key: str
    kind: KindName
    prompt: str
    label: str
    required: bool = True
    options: tuple[Option, ...] = ()
    dynamic: bool = False
    open: bool = False
    show_if: tuple[When, ...] = ()
    check: Check | None = None
    instead: str = ""
    hint: str = ""
    page_hint: str = ""
    help: tuple[str, ...] = ()
    help_label: str = ""
    max_length: int = 2000
    at_least: int = 1
    most: int = 99
    in_words: Callable[[int], Value] = Count
    direction: Literal["past", "future"] = "past"
    earliest: int = -365
    latest: int = 0
    columns: int = 2
    names: bool = False
    on_mistakes: bool = False
    sensitive: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """A form. `closing` is the word its outcome carries: a note is recorded, any other form is submitted.

    `controls` are the answers on which others hang, `givens` those of which it matters alone whether they are there;
    what they show is remembered, since every step asks for it. `must_offer` are the fields that cannot be answered
    unless options are known at run time.

    Raises:
        ValueError: a key repeats, a kind is unknown, a choice has no options, or a condition names no earlier field.
    """

    id: str
    version: int
    title: str
    fields: tuple[Field, ...]
    closing: Literal["recorded", "submitted"]
    by_key: Mapping[str, Field] = field(init=False, repr=False, compare=False)
    controls: tuple[str, ...] = field(init=False, repr=False, compare=False)
    givens: tuple[str, ...] = field(init=False, repr=False, compare=False)
    must_offer: tuple[Field, ...] = field(init=False, repr=False, compare=False)
    takes_photos: bool = field(init=False, repr=False, compare=False)
    known: dict[tuple[Any, ...], tuple[Field, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_key: dict[str, Field] = {}
        for one in self.fields:
            for problem in _contradictions(one, by_key):
                raise ValueError(f"form {self.id!r}, field {one.key!r}: {problem}")
            by_key[one.key] = one
        if not by_key:
            raise ValueError(f"form {self.id!r} asks nothing")
        object.__setattr__(self, "by_key", by_key)
        conditions = [when for one in self.fields for when in one.show_if]
        told = dict.fromkeys(when.key for when in conditions if not when.given)
        given = dict.fromkeys(when.key for when in conditions if when.given)
        object.__setattr__(self, "controls", tuple(told))
        object.__setattr__(self, "givens", tuple(given))
        needed = [
            one for one in self.fields if one.dynamic and one.required and not one.open and one.at_least
        ]
        object.__setattr__(self, "must_offer", tuple(needed))
        object.__setattr__(self, "takes_photos", any(one.kind == "photo" for one in self.fields))
        object.__setattr__(self, "known", {})

    def visible(self, answers: Answers) -> tuple[Field, ...]:
        """The fields to ask, given the answers so far. What hangs on a hidden field is hidden with it."""
        given = encode([*map(answers.get, self.controls)])  # what was ticked is a list, and no key itself
        seen = (given, *[answers.get(key) is not None for key in self.givens])
        shown = self.known.get(seen)
        if shown is None:
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            shown = self.known[seen] = tuple(self._shown(answers))
        return shown

    def _shown(self, answers: Answers) -> Iterator[Field]:
        hidden = set()
        for one in self.fields:
            if all(when.key not in hidden and when.holds(answers) for when in one.show_if):
                yield one
            else:
                hidden.add(one.key)


def _contradictions(one: Field, earlier: Mapping[str, Field]) -> list[str]:
    found = []
    if one.key in earlier:
        found.append("the key repeats")
    if one.kind not in KIND_NAMES:
        found.append(f"no kind is called {one.kind!r}")
    if one.kind in NEED_OPTIONS and not one.options and not one.dynamic:
        found.append("nothing to choose from")
    if len({o.value for o in one.options}) < len(one.options):
        found.append("an option repeats")
    if one.kind == "yes_no" and one.options and {o.value for o in one.options} != {"yes", "no"}:
        found.append("its options are yes and no")
    if one.instead and (one.kind != "yes_no" or one.check is None):
        found.append("only a no that is refused can be kept instead")
    if one.kind == "photo" and (one.required or not one.dynamic):
        found.append("a photo can be skipped, and is known at run time alone")
    if one.help and not one.help_label:
        found.append("its help has no label")
    if one.earliest > one.latest:
        found.append("the earliest day is after the latest")
    found += [
        f"its condition names {when.key!r}, no earlier field"
        for when in one.show_if
        if when.key not in earlier
    ]
    return found
