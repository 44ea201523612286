"""The rows of a roster to entries, and to every problem in them: not only the first one. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date

from casework.roster.dates import Cell, NotADate, read_date, split_dates
from casework.roster.problems import Problem, Severity, problem
from casework.roster.reading import Row, Sheet, text_of
from casework.sanctions import (
    OUT_OF_SCOPE,
    Chain,
    SanctionKind,
    is_ambiguous,
    read_kind,
    split_kinds,
    stated_months,
)
from locales.phrase import P, Phrase, Word, several

MAX_NAME = 30
MAX_UNIT = 80
MAX_STATUS = 20
CONDUCT = {
    "好": "good", "较好": "fairly_good", "一般": "average", "差": "poor", "较差": "poor",
    "good": "good", "fairly good": "fairly_good", "average": "average", "poor": "poor",
}  # fmt: skip
"""The conduct as written, in lower case, to its grade. What is not here is not loaded, and said."""
_GRADES = tuple(Word(grade) for grade in ("好", "较好", "一般", "差"))
_NOT_IN_THE_PARTY = frozenset({"群众", "无党派", "无党派人士", "not a party member"})


@dataclass(frozen=True, slots=True)
class RosterSanction:
    kind: SanctionKind
    decided_on: date
    stated: str  # as written: 留党察看一年 keeps its term
    months: int | None = None  # a length written beside it: （影响期24个月）


@dataclass(frozen=True, slots=True)
class RosterEntry:
    """One person of the roster. What the sheet leaves out is an empty text."""

    row: int
    name: str
    unit: str
    post: str
    political_status: str
    sanctions: tuple[RosterSanction, ...]
    reason: str
    conduct: str
    care_officer: str
    remark: str


@dataclass(frozen=True, slots=True)
class Checked:
    """`entries` are the rows without an error, `problems` everything there is to say, in the order of the sheet."""

    entries: tuple[RosterEntry, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        return tuple(p for p in self.problems if p.severity is Severity.WARNING)


# --- words ---

_CJK = r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff·，。、；：（）]"
_INNER_SPACE = re.compile(rf"(?<={_CJK})\s+(?={_CJK})")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]")


def clean(cell: Cell) -> str:
    """One line without stray spaces: `仇　海` and ` 县水利局 ` lose theirs, `John Smith` keeps its own."""
    return _INNER_SPACE.sub("", " ".join(_INVISIBLE.sub("", text_of(cell)).split()))


def _clean_name(cell: Cell) -> str:
    return re.sub(r"[•‧・]", "·", clean(cell))


# --- one row ---


class _RowCheck:
    """Reads one row, and keeps what is wrong with it."""

    def __init__(self, row: Row, sheet: Sheet) -> None:
        self.row = row
        self._columns = sheet.columns
        self.problems: list[Problem] = []

    def cell(self, key: str) -> Cell:
        return self.row.cells.get(key)

    def text(self, key: str) -> str:
        return clean(self.cell(key))

    def add(
        self, key: str, what: Phrase, remedy: Phrase, *, cell: Cell = None, warning: bool = False
    ) -> None:
        severity = Severity.WARNING if warning else Severity.ERROR
        column = self._columns[key]
        self.problems.append(problem(self.row.number, column, cell or self.cell(key), what, remedy, severity))

    def required(self, key: str, remedy: Phrase, read: Callable[[Cell], str] = clean) -> str:
        """The text of a required cell; a column that is missing altogether was reported once, for the sheet."""
        value = read(self.cell(key))
        if not value and key in self._columns:
            self.add(key, P("is empty"), remedy)
        return value


def _name(check: _RowCheck) -> str:
    name = check.required("name", P("write the person’s name"), _clean_name)
    if len(name) > MAX_NAME:
        check.add("name", P("is longer than {n} characters", n=MAX_NAME), P("write the name alone"))
    return name


def _unit(check: _RowCheck) -> str:
    unit = check.required("unit", P("write the person’s unit"))
    if len(unit) > MAX_UNIT:
        check.add(
            "unit", P("is longer than {n} characters", n=MAX_UNIT), P("write the name of the unit alone")
        )
    return unit


def _political_status(check: _RowCheck) -> str:
    status = check.text("political_status")
    if len(status) > MAX_STATUS:
        remedy = P("write the political status alone")
        check.add("political_status", P("is longer than {n} characters", n=MAX_STATUS), remedy)
    return status


def _conduct(check: _RowCheck) -> str:
    conduct = check.text("conduct")
    if conduct and conduct.casefold() not in CONDUCT:
        check.add(
            "conduct",
            P("is not one of the grades"),
            P("write one of {grades}; the case is loaded without it", grades=several(_GRADES)),
            warning=True,
        )
    return conduct


def _kinds(check: _RowCheck) -> list[tuple[SanctionKind, str]] | None:
    """The sanctions of the row, or None when one of them is not known."""
    written = check.required("sanctions", P("write the sanction as in the decision"), text_of)
    kinds: list[tuple[SanctionKind, str]] = []
    known = True
    for part in split_kinds(written):
        kind = read_kind(part)
        if kind is None:
            known = False
            check.add("sanctions", *_unknown_kind(part), cell=part)
        elif kind not in [seen for seen, _ in kinds]:
            kinds.append((kind, clean(part)))
    return kinds if known and kinds else None


def _unknown_kind(part: str) -> tuple[Phrase, Phrase]:
    if is_ambiguous(part):
        choices = several(
            Word(k.chinese) for k in (SanctionKind.PARTY_WARNING, SanctionKind.GOVERNMENT_WARNING)
        )
        return P("may be a Party or a government warning"), P(
            "write which of the two it is: {choices}", choices=choices
        )
    examples = several(
        Word(k.chinese)
        for k in (
            SanctionKind.PARTY_SERIOUS_WARNING,
            SanctionKind.GOVERNMENT_DEMERIT,
            SanctionKind.ADMONITION,
        )
    )
    return (
        P("is not a known sanction"),
        P("write it as in the list of the template, for example {examples}", examples=examples),
    )


def _dates(check: _RowCheck, today: date) -> list[date] | None:
    """The decision dates of the row, or None when one of them cannot be right."""
    if not check.required("decided_on", _date_remedy(), text_of):
        return None
    days: list[date] = []
    parts = split_dates(check.cell("decided_on"))
    for part in parts:
        try:
            day = read_date(part)
        except NotADate as refusal:
            what = P("is not a valid date") if refusal.impossible else P("cannot be read as a date")
            check.add("decided_on", what, _date_remedy(), cell=part)
            continue
        if day > today:
            check.add(
                "decided_on", P("lies in the future"), P("check the year of the decision date"), cell=part
            )
            continue
        days.append(day)
    return days if len(days) == len(parts) else None


def _date_remedy() -> Phrase:
    return P("write the actual date in the form 2026-02-28")


def _sanctions(check: _RowCheck, today: date) -> tuple[RosterSanction, ...]:
    kinds, days = _kinds(check), _dates(check, today)
    if kinds is None or days is None:
        return ()
    if len(days) == 1:
        days *= len(kinds)
    if len(days) != len(kinds):
        check.add(
            "decided_on",
            P("gives another number of dates than there are sanctions"),
            P("give one date for all, or one for each in the same order"),
        )
        return ()
    given = tuple(
        RosterSanction(kind, day, stated, stated_months(stated))
        for (kind, stated), day in zip(kinds, days, strict=True)
    )
    _doubts_about(check, given)
    return given


def _doubts_about(check: _RowCheck, given: tuple[RosterSanction, ...]) -> None:
    party = [sanction.decided_on for sanction in given if sanction.kind.chain is Chain.PARTY]
    if len(party) > len(set(party)):
        check.add(
            "sanctions",
            P("names two Party sanctions decided on one day"),
            P("check the decision: breaches decided together lead to one combined sanction"),
            warning=True,
        )
    for sanction in given:
        if sanction.kind in OUT_OF_SCOPE:
            check.add(
                "sanctions",
                P("is outside the scope of the mechanism"),
                P("if it is correct, delete this row from the roster"),
                cell=sanction.stated,
                warning=True,
            )
    if party and check.text("political_status").casefold() in _NOT_IN_THE_PARTY:
        check.add(
            "political_status",
            P("does not go with the Party sanction in the same row"),
            P("check the political status and the sanction"),
            warning=True,
        )


def _care_officer(check: _RowCheck, known: Collection[str]) -> str:
    officer = _clean_name(check.cell("care_officer"))
    if officer and officer not in known:
        check.add(
            "care_officer",
            P("is not registered as a care officer"),
            P("check the name; the case is loaded unassigned, and linked once this care officer is added"),
            warning=True,
        )
    return officer


def _entry(check: _RowCheck, today: date, known_officers: Collection[str]) -> RosterEntry:
    return RosterEntry(
        row=check.row.number,
        name=_name(check),
        unit=_unit(check),
        post=check.text("post"),
        political_status=_political_status(check),
        sanctions=_sanctions(check, today),
        reason=check.text("reason"),
        conduct=_conduct(check),
        care_officer=_care_officer(check, known_officers),
        remark=check.text("remark"),
    )


# --- the sheet ---


def check_roster(
    sheet: Sheet,
    *,
    today: date,
    known_officers: Collection[str],
    known_people: Iterable[tuple[str, str]] = (),
) -> Checked:
    """Every row of `sheet` as an entry, with every problem of every cell.

    All or nothing is the caller's rule: with any error nothing may be loaded. `known_people` are the names and units
    of those who have an open case.
    """
    known = {_clean_name(officer) for officer in known_officers}
    followed = {same_person(name, unit) for name, unit in known_people}
    problems = _about_the_sheet(sheet)
    entries: list[RosterEntry] = []
    first_rows: dict[tuple[str, str], int] = {}
    for row in sheet.rows:
        check = _RowCheck(row, sheet)
        entry = _entry(check, today, known)
        if entry.name and entry.unit:
            person = same_person(entry.name, entry.unit)
            if person in followed:
                _open_already(check)
            if (first := first_rows.setdefault(person, row.number)) != row.number:
                _twice(check, first)
        problems += check.problems
        if not sheet.missing and all(found.severity is not Severity.ERROR for found in check.problems):
            entries.append(entry)
    return Checked(tuple(entries), tuple(problems))


def same_person(name: str, unit: str) -> tuple[str, str]:
    """What two rows share if they are about one person."""
    return _same(name), _same(unit)


def _same(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _open_already(check: _RowCheck) -> None:
    check.add(
        "name",
        P("already has an open case in this unit"),
        P("delete this row; if it is another person, add the department to the unit"),
    )


def _twice(check: _RowCheck, first: int) -> None:
    check.add(
        "name",
        P("has the same name and unit as row {first}", first=first),
        P(
            "keep one of the two rows, with all sanctions in it; "
            "if they are two people, add the department to the unit"
        ),
    )


def _about_the_sheet(sheet: Sheet) -> list[Problem]:
    missing = [
        Problem(
            row=sheet.header_row,
            column=field.chinese[0],
            letter="",
            value="",
            what=P("is missing from the header"),
            remedy=P("add it; it may be called {names}", names=several(Word(name) for name in field.chinese)),
        )
        for field in sheet.missing
    ]
    unread = [
        Problem(
            row=0,
            column=name,
            letter="",
            value="",
            what=P("looks like a roster too and was not read"),
            remedy=P("put everybody on one sheet, or send it as a workbook of its own"),
            severity=Severity.WARNING,
        )
        for name in sheet.others
    ]
    return missing + unread
