"""A column of a workbook of notes may stay in its file after the note was submitted: whoever brings the file in again,
with a column more, is not to have a second draft of what is recorded.
"""

from __future__ import annotations

import unicodedata

from sqlmodel import col, or_, select

from bot.context import Context
from casework.documents.filled_book import FilledNote
from casework.forms.catalog import NOTE_FORMS
from casework.forms.catalog.common import DATE
from casework.roster.dates import Cell, NotADate, read_date
from casework.roster.reading import text_of
from locales.catalogue import N_
from locales.phrase import CaseRef, Day, FreeText, P, Phrase, Word
from storage.queries import notes
from storage.tables.cases import Case, Person
from storage.tables.visits import Visit, VisitKind

LEFT_OUT = N_(
    "These columns were left out, for their note of that day was submitted before (if something else took place on the "
    "same day, please record it in the chat or on the page):"
)


def code_of(cell: Cell) -> str:
    """The code of a case or a task, as somebody typed it."""
    return unicodedata.normalize("NFKC", text_of(cell)).strip().upper()


def submitted(ctx: Context, note: FilledNote) -> Phrase | None:
    """Which column it is and what it tells of, if its author has submitted a note of this kind, case and day. One's own
    note one may read whoever has the case by now."""
    code = code_of(note.about)
    if note.form not in NOTE_FORMS or not code or DATE.key not in note.cells:
        return None
    try:
        day = read_date(note.cells[DATE.key][1])
    except NotADate:
        return None
    case = _case(ctx, note.form, code)
    if case is None or not notes.wrote(ctx.session, ctx.actor, case.id, note.form, day):
        return None
    return P(
        "Sheet “{sheet}”, column {letter}: {subject}, {day}",
        None,
        sheet=FreeText(note.about_at.sheet),
        letter=Word(note.about_at.letter),
        subject=CaseRef(case.code, ctx.session.get_one(Person, case.person_id).name),
        day=Day(day),
    )


def _case(ctx: Context, form: str, code: str) -> Case | None:
    """The case of this code, or that of a task of this kind, which is done by then."""
    county = ctx.member.county_id
    tasks = select(Visit.case_id).where(
        Visit.code == code, Visit.county_id == county, Visit.kind == VisitKind(form)
    )
    called = or_(col(Case.code) == code, col(Case.id).in_(tasks))
    return ctx.session.exec(select(Case).where(Case.county_id == county, called)).first()
