"""What a person can do in a dialog: the inputs of bot/dialogs/engine.py, whether typed or tapped."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from locales.phrase import Phrase


class Answer(Struct, frozen=True):
    value: Any


class Toggle(Struct, frozen=True):
    option: str


class Choose(Struct, frozen=True):
    """All that is to be ticked, and Done, in one. What was ticked before and not `offered` now stays ticked."""

    options: tuple[str, ...]
    offered: frozenset[str]


class Fill(Struct, frozen=True):
    """Answers to several questions that were offered together, each with its key; what was left open is not there."""

    answers: tuple[tuple[str, Any], ...]


class Tell(Struct, frozen=True):
    """Answers to several questions, typed in one message, in the order in which the form asks them."""

    answers: tuple[tuple[str, Any], ...]


class Done(Struct, frozen=True):
    pass


class Back(Struct, frozen=True):
    pass


class Skip(Struct, frozen=True):
    pass


class Keep(Struct, frozen=True):
    """Go on with what was answered before; or, when asked about cancelling, do not cancel."""


class Edit(Struct, frozen=True):
    """Change an answer; without a key, first choose which. `value`: what it is to be, where that was said, too;
    `problem`: why that will not do."""

    key: str | None = None
    value: Any = None
    problem: Phrase | None = None


class Later(Struct, frozen=True):
    """Leave the form as it is, to go on with at another time."""


class Submit(Struct, frozen=True):
    pass


class Cancel(Struct, frozen=True):
    pass


class Resume(Struct, frozen=True):
    pass


class Help(Struct, frozen=True):
    """What the question means; or `of` another one, which may be asked together with it."""

    of: str = ""


class Unread(Struct, frozen=True):
    """Something typed that could not be read as an answer, with the sentence that says so, and the answers that it may
    have been."""

    problem: Phrase
    perhaps: tuple[str, ...] = ()


Input = (
    Answer
    | Toggle
    | Choose
    | Fill
    | Tell
    | Done
    | Back
    | Skip
    | Keep
    | Edit
    | Later
    | Submit
    | Cancel
    | Resume
    | Help
    | Unread
)
