"""What a person can do in a dialog: the inputs of bot/dialogs/engine.py, whether typed or tapped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from locales.phrase import Phrase


@dataclass(frozen=True, slots=True)
class Answer:
    value: Any


@dataclass(frozen=True, slots=True)
class Toggle:
    option: str


@dataclass(frozen=True, slots=True)
class Choose:
    """All that is to be ticked, and Done, in one. What was ticked before and not `offered` now stays ticked."""

    options: tuple[str, ...]
    offered: frozenset[str]


@dataclass(frozen=True, slots=True)
class Fill:
    """Answers to several questions that were offered together, each with its key; what was left open is not there."""

    answers: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Tell:
    """Answers to several questions, typed in one message, in the order in which the form asks them."""

    answers: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Done:
    pass


@dataclass(frozen=True, slots=True)
class Back:
    pass


@dataclass(frozen=True, slots=True)
class Skip:
    pass


@dataclass(frozen=True, slots=True)
class Keep:
    """Go on with what was answered before; or, when asked about cancelling, do not cancel."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Change an answer; without a key, first choose which."""

    key: str | None = None


@dataclass(frozen=True, slots=True)
class Submit:
    pass


@dataclass(frozen=True, slots=True)
class Cancel:
    pass


@dataclass(frozen=True, slots=True)
class Resume:
    pass


@dataclass(frozen=True, slots=True)
class Help:
    pass


@dataclass(frozen=True, slots=True)
class Unread:
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
    | Submit
    | Cancel
    | Resume
    | Help
    | Unread
)
