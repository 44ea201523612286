"""The forms of notes as a workbook to fill in without network: a sheet for each kind of note, from the declaration that
dialog and page have. Pure: forms in, bytes out. `filled_book.py` reads it back.

On a sheet each row is a question and each of the columns on the right a note. The hidden first column holds the keys of
the questions, so that it is read back whatever its language. All questions are seen at once: what does nothing but open
others is not asked (casework/forms/conditions.py).
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from casework.documents.workbook import KEEP_SAFE, NOT_CLASSIFIED, across_a4, cell
from casework.forms.conditions import conditions, gates
from casework.forms.form import Env, Field, Form
from casework.forms.kinds import options_of
from locales.catalogue import N_, gettext
from locales.phrase import P, Reader, Term, several

NOTES = 30  # of one kind on a sheet: a tour through the villages of a fortnight
MARK = "fangpingcha"  # in the first cell of a sheet that is read back: fangpingcha:FORM:VERSION
ABOUT = "about"  # the row that says which case a note is about; no field is called so
KEYS, QUESTIONS, HOW, FIRST_NOTE = range(4)
TITLE_ROW, MARKED_ROW, HEADER_ROW, ABOUT_ROW = range(4)
LISTED = frozenset({"choice", "rating", "yes_no", "many"})
_LONGEST_MESSAGE, _LONGEST_TITLE = 255, 32  # of what Excel shows beside a cell
_HEIGHT, _TALL = 32, 62
_PRINTED = 60  # percent: five notes on a page beside the questions, and readable
_EARLIEST = date(2000, 1, 1)
# The workbook says nothing about when and where it was made: two of them are the same, byte for byte.
_MADE = datetime(2026, 1, 1, tzinfo=UTC)

ABOUT_LABEL = N_("Case code or task code")
_ABOUT_HOW = N_("As in JA-7K3Q, or the code of the task. The name is not needed.")
_HELP_SHEET, _TASKS_SHEET = N_("How to fill it in"), N_("Tasks to come")
_LISTS_SHEET = N_("Words to choose from")
_TITLE = N_("Notes to fill in without network")
_HELP = (
    N_("A sheet for each kind of note, a column for each note: what is left empty is not handed in."),
    N_("Begin a column with the code of the case or of the task; please do not write the person's name."),
    N_("What is required says so. All else may stay empty, and can be added after the note was handed in."),
    N_(
        "Do not change rows and sheets; columns and rows may be made wider. The words of a list can also be typed."
    ),
    N_(
        "Send it to the assistant as a file where your chat takes files, or hand it in on your own page: send the "
        "assistant “page”, log in, and choose “Fill in without network”."
    ),
    N_(
        "All that does not fit is listed by sheet and cell, and nothing is taken over until it is mended. Then each "
        "note waits for you, complete: look at it and tap Submit. Until then nothing was recorded."
    ),
    N_("A companion confirms the note in their own chat after it was handed in, as with any other."),
    N_("Where anybody may be in danger, do not wait for a network: call 110 or 120, then tell the office."),
    N_("Keep the file locked away, and delete it once it was handed in."),
)
SEVERAL = N_("One or several, set apart by commas.")
_NAMES = N_(
    "Write names. Whoever has an account confirms the note afterwards; for anybody else you enter the signed paper."
)
_TASK_COLUMNS = (N_("Task code"), N_("Case code"), N_("Kind of visit"), N_("Due on"))


@dataclass(frozen=True)
class Task:
    """A visit to come, by codes alone: the file travels."""

    code: str
    case: str
    kind: str
    due_on: date


def write_form_book(
    forms: Iterable[Form], language: str, env: Env, tasks: Sequence[Task] | None = None
) -> bytes:
    """`env` has what is known of further options, such as who may be a companion; `tasks` is None for nobody's."""
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(buffer, options) as book:
        book.set_properties({"title": gettext(language, _TITLE), "created": _MADE})
        out = _Book(book, language, env)
        forms = tuple(forms)
        out.guide(forms)
        if tasks is not None:
            out.tasks(tasks)
        for form in forms:
            out.sheet(form)
        out.lists()
    return buffer.getvalue()


class _Book:
    """The workbook that is being written: its looks, and the lists that its drop-downs refer to."""

    def __init__(self, book: Workbook, language: str, env: Env) -> None:
        self._book, self._language, self._env = book, language, env
        self._reader = Reader(language, UTC, env.today)
        self._lists: dict[tuple[str, ...], int] = {}
        border: dict[str, Any] = {"border": 1, "valign": "top", "text_wrap": True}
        self._title = book.add_format({"bold": True, "font_size": 14, "valign": "vcenter"})
        self._plain = book.add_format({"text_wrap": True, "valign": "top"})
        self._head = book.add_format(border | {"bold": True, "bg_color": "#D9E2F3", "align": "center"})
        self._asked = book.add_format(border | {"bold": True, "bg_color": "#F2F2F2"})
        self._how = book.add_format(border | {"font_size": 9, "bg_color": "#F2F2F2"})
        free = border | {"locked": False}
        self._open = {
            "text": book.add_format(free | {"num_format": "@"}),
            "date": book.add_format(free | {"num_format": "yyyy-mm-dd", "align": "left"}),
            "number": book.add_format(free | {"num_format": "0", "align": "left"}),
        }

    def say(self, msgid: str, **values: Any) -> str:
        return P(msgid, None, **values).render(self._reader) if values else gettext(self._language, msgid)

    # --- what explains ---

    def guide(self, forms: Sequence[Form]) -> None:
        sheet = self._book.add_worksheet(self.say(_HELP_SHEET))
        sheet.set_column(0, 0, 4)
        sheet.set_column(1, 1, 110, self._plain)
        sheet.write_string(0, 0, self.say(_TITLE), self._title)
        for row, text in enumerate(_HELP, start=1):
            sheet.write_number(row, 0, row, self._plain)
            sheet.write_string(row, 1, self.say(text), self._plain)
        row = len(_HELP) + 2
        for title, lines in self._helps(forms).items():
            sheet.write_string(row, 0, self.say(title), self._title)
            for text in lines:
                row += 1
                sheet.write_string(row, 1, self.say(text), self._plain)
            row += 2
        sheet.write_string(row, 1, self.say(NOT_CLASSIFIED), self._plain)
        across_a4(sheet, self.say(KEEP_SAFE))

    def _helps(self, forms: Sequence[Form]) -> dict[str, tuple[str, ...]]:
        return {one.label: one.help for form in forms for one in form.fields if one.help}

    def tasks(self, tasks: Sequence[Task]) -> None:
        sheet = self._book.add_worksheet(self.say(_TASKS_SHEET))
        for column, (title, width) in enumerate(zip(_TASK_COLUMNS, (14, 14, 26, 14), strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, self.say(title), self._head)
        for row, task in enumerate(tasks, start=1):
            for column, text in enumerate((task.code, task.case, task.kind, task.due_on.isoformat())):
                sheet.write_string(row, column, cell(text), self._open["text"])
        sheet.freeze_panes(1, 0)
        across_a4(sheet, self.say(KEEP_SAFE))

    def lists(self) -> None:
        """The words of the drop-downs, a column for each."""
        sheet = self._book.add_worksheet(self.say(_LISTS_SHEET))
        sheet.set_column(0, max(len(self._lists) - 1, 0), 26)
        for words, column in self._lists.items():
            sheet.write_column(0, column, words, self._open["text"])

    # --- a form ---

    def sheet(self, form: Form) -> None:
        sheet = self._book.add_worksheet(self.say(form.title)[:31])
        last = FIRST_NOTE + NOTES - 1
        sheet.set_column(KEYS, KEYS, None, None, {"hidden": True})
        sheet.set_column(QUESTIONS, QUESTIONS, 34)
        sheet.set_column(HOW, HOW, 38)
        sheet.set_column(FIRST_NOTE, last, 34)
        sheet.write_string(TITLE_ROW, KEYS, f"{MARK}:{form.id}:{form.version}")
        sheet.write_string(TITLE_ROW, QUESTIONS, self.say(form.title), self._title)
        sheet.merge_range(MARKED_ROW, QUESTIONS, MARKED_ROW, FIRST_NOTE + 1, "", self._how)
        marking = f"{self.say(KEEP_SAFE)}  {self.say(NOT_CLASSIFIED)}"
        sheet.write_string(MARKED_ROW, QUESTIONS, marking, self._how)
        sheet.set_row(MARKED_ROW, _HEIGHT)
        columns = [self.say(N_("Question")), self.say(N_("How to answer"))]
        columns += [self.say(N_("Note {n}"), n=n) for n in range(1, NOTES + 1)]
        for column, text in enumerate(columns, start=QUESTIONS):
            sheet.write_string(HEADER_ROW, column, text, self._head)
        self._row(sheet, ABOUT_ROW, ABOUT, self.say(ABOUT_LABEL), self.say(_ABOUT_HOW), "text")
        shut = gates(form)
        asked = [one for one in form.fields if one.key not in shut and one.kind != "photo"]
        for row, one in enumerate(asked, start=ABOUT_ROW + 1):
            kind = one.kind if one.kind in self._open else "text"
            asked_for, how = self.say(one.prompt), self._how_to(form, one, shut)
            self._row(sheet, row, one.key, asked_for, how, kind)
            sheet.set_row(row, _height(asked_for, how, _TALL if one.kind == "text" else _HEIGHT))
            self._restrict(sheet, row, one)
        sheet.freeze_panes(ABOUT_ROW + 1, FIRST_NOTE)
        sheet.repeat_rows(HEADER_ROW, ABOUT_ROW)
        sheet.repeat_columns(QUESTIONS, HOW)
        # Without a password: what is no answer is out of the way of Tab and of a slip, and of nobody who means it.
        sheet.protect("", {"format_columns": True, "format_rows": True, "format_cells": True})
        across_a4(sheet, self.say(KEEP_SAFE))
        sheet.set_print_scale(_PRINTED)  # so many columns on one page could not be read

    def _row(self, sheet: Worksheet, row: int, key: str, asked: str, how: str, kind: str) -> None:
        sheet.write_string(row, KEYS, key)
        sheet.write_string(row, QUESTIONS, asked, self._asked)
        sheet.write_string(row, HOW, how, self._how)
        for column in range(FIRST_NOTE, FIRST_NOTE + NOTES):
            sheet.write_blank(row, column, None, self._open[kind])

    def _how_to(self, form: Form, one: Field, shut: frozenset[str]) -> str:
        needed = N_("Required.") if one.required else N_("May stay empty.")
        only = [phrase.render(self._reader) for phrase in conditions(form, one, self._env, without=shut)]
        hint = one.page_hint or one.hint
        told = one.kind in ("date", "number") or (one.kind == "many" and (one.dynamic or not one.open))
        said = [self.say(needed), *only, *self._by_kind(one), "" if told or not hint else self.say(hint)]
        return "\n".join(filter(None, said))

    def _by_kind(self, one: Field) -> list[str]:
        match one.kind:
            case "date":
                return [self.say(N_("A date, as in 2026-02-28."))]
            case "number":
                return [self.say(N_("A whole number from 1 to {most}."), most=one.most)]
            case "many" if one.dynamic:
                return [self.say(SEVERAL), self.say(_NAMES)]
            case "many":
                words = several(Term(word) for word in self._words(one))
                return [self.say(SEVERAL), self.say(N_("The list has: {words}"), words=words)]
            case "choice" | "rating" | "yes_no":
                return [self.say(N_("Choose from the list."))]
        return []

    def _words(self, one: Field) -> tuple[str, ...]:
        return tuple(option.label.render(self._reader) for option in options_of(one, self._env))

    def _restrict(self, sheet: Worksheet, row: int, one: Field) -> None:
        """What Excel offers and warns of; what counts is read by the form itself (bot/pages/brought_in.py)."""
        rule = self._rule(one)
        if rule is not None:
            shown = {
                "error_title": self.say(one.label)[:_LONGEST_TITLE],
                "error_message": " ".join(self._by_kind(one))[:_LONGEST_MESSAGE],
            }
            last = FIRST_NOTE + NOTES - 1
            sheet.data_validation(row, FIRST_NOTE, row, last, {**rule, **shown})

    def _rule(self, one: Field) -> dict[str, Any] | None:
        words = self._words(one) if one.kind in LISTED else ()
        if words:
            column = self._lists.setdefault(words, len(self._lists))
            letter, name = xl_col_to_name(column), self.say(_LISTS_SHEET)
            source = f"='{name}'!${letter}$1:${letter}${len(words)}"
            free = one.open or one.kind == "many"
            return {"validate": "list", "source": source, "show_error": not free}
        if one.kind == "date":
            return {
                "validate": "date",
                "criteria": ">=",
                "value": _EARLIEST,
                "error_type": "information",
            }
        if one.kind == "number":
            return {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": one.most}
        return None


def _height(asked: str, how: str, least: int) -> float:
    """High enough for what stands in the two columns on the left."""
    return max(least, 15 * _lines(asked, 30) + 4, 12.5 * _lines(how, 42) + 4)


def _lines(text: str, width: int) -> int:
    wide = (sum(2 if ord(one) > 0x2E80 else 1 for one in part) for part in text.split("\n"))
    return sum(max(1, -(-one // width)) for one in wide)


def file_name(language: str) -> str:
    return gettext(language, _TITLE) + ".xlsx"
