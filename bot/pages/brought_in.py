"""A filled-in workbook of forms (casework/documents/form_book.py) becomes drafts: each as if its officer had answered
the page of that form, through the same doors, the same checks and the same engine. All of it, or nothing. It is handed
in on a page (book_routes.py) or sent into a chat (bot/sent_book.py).

Nothing is recorded by this: a draft waits for its author, who looks at its recap and submits it like any other.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from msgspec.structs import replace
from sqlmodel import col, select

from bot.context import Context
from bot.dialogs import fillings, store, words
from bot.dialogs.engine import State, start
from bot.pages import brought_before, whole
from bot.pages.whole import Entry
from casework import vocabulary
from casework.documents import form_book
from casework.documents.filled_book import FilledNote, Place
from casework.documents.form_book import ABOUT_LABEL, Task
from casework.forms.catalog import NOTE_FORMS, OFFICERS_FORMS
from casework.forms.conditions import conditions, gates, opened_by
from casework.forms.form import Env, Field, Form
from casework.forms.kinds import clean, options_of
from casework.roster.dates import Cell, NotADate, read_date
from casework.roster.reading import text_of
from locales.catalogue import N_
from locales.phrase import Count, FreeText, P, Phrase, Term, Value, Word
from storage import audit
from storage.errors import NotFound, Refused
from storage.queries import units
from storage.queries import visits as visit_lists
from storage.queries.access import NO_CASE
from storage.tables.cases import Case
from storage.tables.members import Role
from storage.tables.visits import Visit, VisitKind, VisitState

MEND = N_("Nothing was taken over. Please mend these cells in the workbook, and hand it in once more:")
TAKEN = N_("Taken over. Nothing is recorded yet: look at each note and submit it.")
AHEAD = 90  # days: the tasks that the workbook lists
NOT_A_DATE = P("This is no date. Write the day, as in 2026-02-28.")
NOT_A_NUMBER = P("This is no whole number.")
FROM_THE_TASK = "asked"  # a task that is about a difficulty has this answer already


@dataclass(frozen=True)
class Brought:
    """What became of a workbook: the drafts, or every cell that has to be mended. `left_out` are the columns whose note
    was submitted before."""

    drafts: tuple[store.Open, ...]
    problems: tuple[Phrase, ...]
    left_out: tuple[Phrase, ...] = ()


def first(problems: Sequence[Phrase], most: int) -> list[Phrase]:
    """The first cells to be mended, and how many more there are; whoever has more mends these first."""
    left = len(problems) - most
    return [*problems[:most], *([P("And {n} more.", None, n=left)] if left > 0 else [])]


class _Mend(Exception):
    """A cell is to be mended."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase.msgid)
        self.phrase = phrase


def forms_for(ctx: Context) -> dict[str, Form]:
    """The notes that somebody may write: none for whoever writes none."""
    found: dict[str, Form] = {}
    if ctx.actor.has(Role.care_officer):
        found |= OFFICERS_FORMS
    if ctx.actor.has(Role.unit_party_org):
        found["unit_opinion"] = NOTE_FORMS["unit_opinion"]
    if ctx.actor.has(Role.commission_staff):
        found["review"] = NOTE_FORMS["review"]
    return found


def make(ctx: Context) -> bytes:
    """The workbook of whoever asks for it, with the codes of their tasks."""
    made = [_task(ctx, item) for item in _to_come(ctx)]
    audit.record(
        ctx.session, ctx.actor, "form_book_made", "member", ctx.member.id, now=ctx.now, tasks=len(made)
    )
    return form_book.write_form_book(forms_for(ctx).values(), ctx.language, Env(ctx.today), made)


def _to_come(ctx: Context) -> list[visit_lists.VisitLine]:
    until = ctx.today + timedelta(days=AHEAD)
    made = visit_lists.to_make(ctx.session, ctx.member.id, until=until, today=ctx.today)
    if ctx.actor.has(Role.unit_party_org):
        known = {item.visit.id for item in made}
        awaited = units.awaited(ctx.session, ctx.member.id)
        made += visit_lists.by_ids(ctx.session, [one for one in awaited if one not in known])
    forms = forms_for(ctx)
    return [item for item in made if item.visit.kind in forms]


def _task(ctx: Context, item: visit_lists.VisitLine) -> Task:
    kind = Term(vocabulary.KINDS[item.visit.kind]).render(ctx.reader)
    return Task(item.visit.code, item.case.code, kind, item.visit.due_on)


def take(ctx: Context, notes: tuple[FilledNote, ...]) -> Brought:
    """Every note of a workbook as a draft. With one bad cell none is kept. A column may stay in the file after its note
    was submitted: it is passed over, whatever its other cells say."""
    read, problems, left_out = list[_Read](), list[Phrase](), list[Phrase]()
    for note in notes:
        if (said := brought_before.submitted(ctx, note)) is not None:
            left_out.append(said)
            continue
        found, wrong = _one(ctx, note, [(one.form.id, one.about_id) for one in read])
        problems += wrong
        read += [found] if found is not None else []
    if problems:
        return Brought((), tuple(problems))
    made = tuple(_draft(ctx, one) for one in read)
    audit.record(
        ctx.session, ctx.actor, "form_book_read", "member", ctx.member.id, now=ctx.now, notes=len(made)
    )
    return Brought(made, (), tuple(left_out))


@dataclass(frozen=True)
class _Read:
    """A note that can become a draft."""

    form: Form
    about_id: int
    subject: Value
    state: State


def _draft(ctx: Context, one: _Read) -> store.Open:
    days, form = ctx.mechanism.rulebook.limits.draft_days, one.form
    county_id, member_id = ctx.member.county_id, ctx.member.id
    return store.create(
        ctx.session,
        county_id,
        member_id,
        form.id,
        form.version,
        one.about_id,
        one.subject,
        one.state,
        now=ctx.now,
        days=days,
        by_page=True,
    )


def _one(ctx: Context, note: FilledNote, before: list[tuple[str, int]]) -> tuple[_Read | None, list[Phrase]]:
    form = forms_for(ctx).get(note.form)
    if form is None:
        return None, [_at(note.about_at, ABOUT_LABEL, P("Notes of this kind are not yours to write."))]
    try:
        about_id, subject = _about(ctx, form, note.about)
    except _Mend as mend:
        named = [_at(note.about_at, ABOUT_LABEL, mend.phrase)]
        return None, named + _told(form, note, _without_case(ctx, form, note))
    env = replace(fillings.env(ctx, form, about_id), prefill=fillings.FILLINGS[form.id].known(ctx, about_id))
    state, problems = _answers(form, note, env)
    taken = _taken(ctx, form, about_id, before)
    found = [_at(note.about_at, ABOUT_LABEL, taken)] if taken is not None else []
    found += _told(form, note, problems)
    return (None, found) if found else (_Read(form, about_id, subject, state), [])


def _taken(ctx: Context, form: Form, about_id: int, before: list[tuple[str, int]]) -> Phrase | None:
    """Why there can be no draft of this now."""
    if (form.id, about_id) in before:
        return P("Another column says the same. Please hand in one of them first.")
    if store.of_subject(ctx.session, ctx.member.id, form.id, about_id) is not None:
        return P("This note is begun already and waits on your page. Submit or cancel it there first.")
    return None


def _told(form: Form, note: FilledNote, problems: Mapping[str, Phrase]) -> list[Phrase]:
    return [_at(note.at(key), _label(form, key), said) for key, said in problems.items()]


def _label(form: Form, key: str) -> str:
    return form.by_key[key].label if key in form.by_key else ABOUT_LABEL


def _at(place: Place, label: str, said: Phrase) -> Phrase:
    return P(
        "Sheet “{sheet}”, row {row}, column {letter} ({question}): {said}",
        None,
        sheet=FreeText(place.sheet),
        row=Count(place.row),
        letter=Word(place.letter),
        question=Term(label),
        said=said,
    )


# --- which case ------------------------------------------------------------------------------------------------------


def _about(ctx: Context, form: Form, cell: Cell) -> tuple[int, Value]:
    """The visit, or the case, that a note is about, and what it is called. Whose it is not is told what is told of one
    that does not exist."""
    code = brought_before.code_of(cell)
    if not code:
        raise _Mend(P("Write the code of the case, as in JA-7K3Q, or that of the task."))
    refused: Phrase = P(NO_CASE)
    for about_id in _meant(ctx, form, code):
        try:
            return about_id, fillings.subject_of(ctx, form.id, about_id)
        except NotFound:
            continue  # a colleague's
        except Refused as refusal:
            refused = refusal.phrase
    raise _Mend(P("{said} Please check the code.", said=refused))


def _meant(ctx: Context, form: Form, code: str) -> Iterator[int]:
    """What a code may mean for a note of this kind: a task of it, or in a case the planned one, else the case."""
    county, kind = ctx.member.county_id, VisitKind(form.id)
    task = select(Visit.id).where(Visit.code == code, Visit.county_id == county, Visit.kind == kind)
    yield from ctx.session.exec(task)
    case_id = ctx.session.exec(select(Case.id).where(Case.code == code, Case.county_id == county)).first()
    if case_id is None:
        return
    planned = select(Visit.id).where(
        Visit.case_id == case_id, Visit.kind == kind, Visit.state == VisitState.planned
    )
    yield from ctx.session.exec(planned.order_by(col(Visit.due_on), col(Visit.id)))
    yield case_id


# --- what it says ----------------------------------------------------------------------------------------------------


def _without_case(ctx: Context, form: Form, note: FilledNote) -> dict[str, Phrase]:
    """What is wrong with a column whichever case it turns out to be about."""
    env = Env(ctx.today, days=fillings.FILLINGS[form.id].days(ctx))
    _, problems = _answers(form, note, env)
    if FROM_THE_TASK not in note.cells:
        problems.pop(FROM_THE_TASK, None)
    return problems


def _answers(form: Form, note: FilledNote, env: Env) -> tuple[State, dict[str, Phrase]]:
    """The draft that a column makes, complete; or what is wrong, by question."""
    entries, problems = dict[str, Entry](), dict[str, Phrase]()
    for key, (_, cell) in note.cells.items():
        field = form.by_key.get(key)
        if field is None:
            problems[key] = P("This is not asked any more. Please empty the cell, or take a new workbook.")
            continue
        try:
            entries[key] = Entry(_value(field, cell, env))
        except _Mend as mend:
            problems[key] = mend.phrase
    for gate in gates(form):
        entries[gate] = Entry(opened_by(form, gate, entries))
    try:
        state, _ = start(form, env)
    except ValueError:
        return State({}), {form_book.ABOUT: P(NO_CASE)}
    given = {one.key: entries.get(one.key, Entry(state.answers.get(one.key))) for one in form.fields}
    filled = whole.fill(form, state, given, env, closing=True)
    problems = {**filled.problems, **problems}
    asked = {one.key for one in form.visible(filled.state.answers)}
    for key in entries.keys() - asked - problems.keys():
        if not problems.keys() & {when.key for when in form.by_key[key].show_if}:
            problems[key] = _out_of_place(form, form.by_key[key], env)
    return filled.state, _in_order(form, note, problems)


def _in_order(form: Form, note: FilledNote, problems: Mapping[str, Phrase]) -> dict[str, Phrase]:
    """As the rows of the sheet have them; what has no row any more is said of the whole column."""
    order = {key: at for at, key in enumerate(note.rows)}
    found = {key: problems[key] for key in sorted(problems.keys() & order.keys(), key=order.__getitem__)}
    gone = [key for key in problems if key not in order]
    if gone:
        row = Term(form.by_key[gone[0]].label)
        found[form_book.ABOUT] = P(
            "The row of “{question}” is missing. Please take a new workbook.", question=row
        )
    return found


def _out_of_place(form: Form, field: Field, env: Env) -> Phrase:
    """An answer that would be lost, for it is not asked with the others as they are."""
    only = conditions(form, field, env, without=gates(form))
    if not only:
        return whole.NOT_ASKED
    return P("{condition}. Please empty this cell, or change the other answer.", condition=only[0])


def _value(field: Field, cell: Cell, env: Env) -> Any:
    text = clean(text_of(cell))
    match field.kind:
        case "date":
            try:
                return read_date(cell).isoformat()
            except NotADate:
                raise _Mend(NOT_A_DATE) from None
        case "number":
            return _number(cell, text)
        case "yes_no":
            truth = words.truth_of(field, text, env)
            return truth if truth is not None else _option(field, text, env) == "yes"
        case "choice" | "rating":
            return _option(field, text, env)
        case "many":
            return [_option(field, one, env) for one in words.parts_of(field, text, env)]
        case "span":
            value = words.read(field, text, env)
            if isinstance(value, Phrase):
                raise _Mend(value)
            return value
    return _as_written(cell) or text


def _as_written(cell: Cell) -> str:
    """A day typed into a text is kept as a person reads it."""
    return cell.isoformat() if isinstance(cell, date) and not isinstance(cell, datetime) else ""


def _number(cell: Cell, text: str) -> int:
    if isinstance(cell, int) and not isinstance(cell, bool):
        return cell
    digits = unicodedata.normalize("NFKC", text)
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        raise _Mend(NOT_A_NUMBER)
    return int(digits)


def _option(field: Field, text: str, env: Env) -> str:
    """The option of this name; unlike in a chat no number and no beginning of one: nobody is asked again."""
    said = words.fold(text).strip(" .。!！")
    found = [one for one in options_of(field, env) if said in words.names_of(one, env)]
    if len(found) > 1:
        raise _Mend(
            P("Several here are called “{text}”. Please choose which of them.", text=words.quoted(text))
        )
    if found:
        return found[0].value
    if field.open:
        return text
    raise _Mend(P("“{text}” is not in the list. Please choose from it.", text=words.quoted(text)))
