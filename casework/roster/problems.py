"""One bad cell, told so that the person who filled it in can find and mend it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from casework.roster.dates import Cell
from casework.roster.reading import Column, text_of
from locales.phrase import Count, FreeText, P, Phrase, Value, Word

SHOWN = 40
"""So many characters of a bad value are shown: enough to find it, too few to carry a whole account."""


class Severity(StrEnum):
    ERROR = "error"  # nothing is loaded
    WARNING = "warning"  # loaded, and said


@dataclass(frozen=True, slots=True)
class Problem:
    """`row` as Excel counts (0: a whole sheet), `column` the header as written, `letter` empty for a missing column.

    `what` and `remedy` are parts of one sentence: the first goes on from the value, the second says what to do.
    """

    row: int
    column: str
    letter: str
    value: str
    what: Phrase
    remedy: Phrase
    severity: Severity = Severity.ERROR

    def line(self) -> Phrase:
        """The whole sentence: row, column, value, what is wrong, what to do."""
        column = FreeText(self.column)
        if not self.row:
            return P("Sheet “{sheet}” {what}; {remedy}.", sheet=column, what=self.what, remedy=self.remedy)
        if not self.letter:
            return P(
                "Row {row}: the column “{column}” {what}; {remedy}.",
                row=self.row, column=column, what=self.what, remedy=self.remedy,
            )  # fmt: skip
        place: dict[str, Value] = {"row": Count(self.row), "column": column, "letter": Word(self.letter)}
        said: dict[str, Value] = {"what": self.what, "remedy": self.remedy}
        if not self.value:
            return P("Row {row}, “{column}” (column {letter}) {what}; {remedy}.", None, **place, **said)
        return P(
            "Row {row}, “{column}” (column {letter}): “{value}” {what}; {remedy}.",
            None,
            value=self.value,
            **place,
            **said,
        )


def shown(cell: Cell) -> str:
    text = " ".join(text_of(cell).split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def problem(
    row: int, column: Column, cell: Cell, what: Phrase, remedy: Phrase, severity: Severity = Severity.ERROR
) -> Problem:
    return Problem(row, column.header, column.letter, shown(cell), what, remedy, severity)
