"""What an action may answer instead of a result. Each carries a phrase, so every edge can say it in its own way."""

from __future__ import annotations

from typing import Self

from locales.phrase import P, Phrase, Plain


class Refused(Exception):
    """An action that cannot be done, with the one sentence that says why and what would be right."""

    def __init__(self, msgid: str, **values: Plain) -> None:
        super().__init__(msgid)
        self.phrase: Phrase = P(msgid, None, **values)
        self.question: str | None = None

    def at(self, question: str) -> Self:
        """Which answer of a form is at fault: its question is asked again."""
        self.question = question
        return self


class NotFound(Refused):
    """The record does not exist, or is not this person's to see. The two are told alike on purpose."""


class Conflict(Refused):
    """Somebody else was first."""
