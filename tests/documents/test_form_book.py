"""The workbook of forms: one sheet for each kind of note, made and read back by the one declaration."""

from __future__ import annotations

import io
from datetime import UTC, date
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from casework.documents.filled_book import read_form_book
from casework.documents.form_book import ABOUT, FIRST_NOTE, NOTES, Task, write_form_book
from casework.forms.catalog import NOTE_FORMS
from casework.forms.conditions import gates, opened_by
from casework.forms.form import Env, Form
from casework.forms.kinds import options_of
from locales.catalogue import gettext
from locales.phrase import Reader
from storage.errors import Refused

ENV = Env(date(2026, 11, 23))
TALK = NOTE_FORMS["talk"]


def made(language: str = "zh_CN", *forms: Form, tasks: tuple[Task, ...] | None = None) -> bytes:
    return write_form_book(forms or NOTE_FORMS.values(), language, ENV, tasks)


def saved(book: Any) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def filled(content: bytes, title: str, column: int, cells: dict[str, Any]) -> bytes:
    """The workbook with some cells of one column (4: the first note), each found by the key of its row."""
    book = load_workbook(io.BytesIO(content))
    sheet = book[title]
    rows = {row[0].value: int(row[0].row or 0) for row in sheet.iter_rows(max_col=1)}
    for key, value in cells.items():
        sheet.cell(rows[key], column, value)
    return saved(book)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_kind_of_note_has_a_sheet_that_asks_all_it_asks(language: str) -> None:
    book = load_workbook(io.BytesIO(made(language)))
    for form in NOTE_FORMS.values():
        sheet = book[gettext(language, form.title)]
        keys = [row[0].value for row in sheet.iter_rows(min_row=4, max_col=1)]
        assert keys == [ABOUT, *(one.key for one in form.fields if one.key not in gates(form))]
        assert sheet.column_dimensions["A"].hidden
        assert sheet.protection.sheet
        assert not sheet["D5"].protection.locked, "what is answered is free"
        assert sheet["B5"].protection.locked, "what is asked is not"
        assert (sheet.freeze_panes, sheet.page_setup.orientation) == ("D5", "landscape")


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_a_drop_down_offers_the_options_of_its_question(language: str) -> None:
    book = load_workbook(io.BytesIO(made(language)))
    for form in NOTE_FORMS.values():
        sheet = book[gettext(language, form.title)]
        keys = {str(row[0].row): row[0].value for row in sheet.iter_rows(max_col=1)}
        offered = {}
        for rule in sheet.data_validations.dataValidation:
            if rule.type == "list":
                name, _, cells = rule.formula1.partition("!")
                words = [row[0].value for row in book[name.strip("'")][cells.replace("$", "")]]
                offered[keys[str(rule.sqref).partition(":")[0][1:]]] = (len(words), rule.showErrorMessage)
        for one in form.fields:
            choices = options_of(one, ENV) if one.kind in ("choice", "rating", "yes_no", "many") else ()
            if choices and one.key not in gates(form):
                free = one.open or one.kind == "many"
                assert offered[one.key] == (len(choices), not free), (form.id, one.key)


def test_what_does_nothing_but_open_others_follows_from_them() -> None:
    assert gates(TALK) == {"more"}
    assert opened_by(TALK, "more", {"work": "…", "span": "…", "date": "…"}) == ["work", "attendance"]


def test_it_is_read_back_by_its_keys_whatever_the_names_of_its_sheets() -> None:
    content = filled(made("en", TALK), "Heart-to-heart talk", 5, {ABOUT: "JA-7K3Q", "thinking": "平稳"})
    book = load_workbook(io.BytesIO(content))
    book["Heart-to-heart talk"].title = "星期一"
    (note,) = read_form_book(saved(book))
    assert (note.form, note.about) == ("talk", "JA-7K3Q")
    place, said = note.cells["thinking"]
    assert (place.sheet, place.letter, said) == ("星期一", "E", "平稳")
    assert note.at("date").row == 5


def test_the_guide_says_what_the_grades_mean() -> None:
    guide = load_workbook(io.BytesIO(made("en", TALK))).worksheets[0]
    said = [str(cell.value) for row in guide.iter_rows() for cell in row if cell.value]
    assert {"State of mind", "Safety concern", *TALK.by_key["state_of_mind"].help} <= set(said)


def test_tasks_are_told_by_their_codes() -> None:
    task = Task("T4K9", "JA-7K3Q", "谈心谈话", date(2026, 12, 1))
    sheet = load_workbook(io.BytesIO(made("zh_CN", TALK, tasks=(task,))))["近期任务"]
    assert [cell.value for cell in sheet[2]] == ["T4K9", "JA-7K3Q", "谈心谈话", "2026-12-01"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"no workbook", "not an Excel workbook"),
        (saved(Workbook()), "no workbook of forms"),
        (made("zh_CN", TALK), "Nothing is filled in"),
    ],
)
def test_what_is_no_filled_workbook_is_told_so(content: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        read_form_book(content)


def test_cells_far_outside_are_refused() -> None:
    book = load_workbook(io.BytesIO(made("zh_CN", TALK)))
    book["谈心谈话"].cell(900, 4, "…")
    with pytest.raises(Refused, match="far outside"):
        read_form_book(saved(book))


def test_as_many_as_a_tour_has_are_read_and_what_stands_beyond_is_not_lost() -> None:
    book = load_workbook(io.BytesIO(made("zh_CN", TALK)))
    sheet = book["谈心谈话"]
    for n in range(1, NOTES + 1):
        assert sheet.cell(3, FIRST_NOTE + n).value == f"第{n}份"
        sheet.cell(4, FIRST_NOTE + n, f"JA-{n:04}")
    notes = read_form_book(saved(book))
    assert [note.about for note in notes] == [f"JA-{n:04}" for n in range(1, 31)]
    assert (notes[0].about_at.letter, notes[-1].about_at.letter) == ("D", "AG")
    assert sheet.print_title_cols == "$B:$C", "each printed page has the questions"
    assert sheet.page_setup.scale == 60, "and can be read"
    sheet.cell(5, FIRST_NOTE + NOTES + 1, "2026-11-20")
    with pytest.raises(Refused, match="beyond its last note") as refused:
        read_form_book(saved(book))
    assert "AH列" in refused.value.phrase.render(Reader("zh_CN", UTC, ENV.today))


def test_nothing_in_it_is_a_formula_and_two_are_the_same() -> None:
    content = made()
    assert content == made()
    for sheet in load_workbook(io.BytesIO(content)).worksheets:
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
