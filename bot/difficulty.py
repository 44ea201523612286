"""Difficulties in words: what the forms about them surround, the lines of a case, what an item of a list is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot import wording
from bot.context import Context
from bot.messages import Button, Message, act
from casework import difficulties as acts
from casework.forms.catalog.difficulty import HANDLERS
from casework.forms.form import Answers, Form, Option
from casework.forms.kinds import clean
from locales.phrase import CaseRef, Day, FreeText, P, Parts, Phrase, Value, line
from storage.errors import NotFound
from storage.queries.access import access_case_to_record, see_visit
from storage.queries.visits import VisitLine, by_ids
from storage.tables.cases import Case, Person
from storage.tables.notes import Note
from storage.tables.visits import VisitKind

EXCERPT = 24  # characters of what is asked, where there is one line for it
_HANDLERS = {one.value: one.label for one in HANDLERS}


def button(case_id: int, note_id: int | None = None) -> Button:
    """The way to write one down; after a note that speaks of one, with what it says."""
    told = {} if note_id is None else {"note": note_id}
    return Button(P("Note a difficulty"), act("difficulty", id=case_id, **told))


# What the person thinks of another post is kept under the same name, and asks for nothing.
_NO_REQUEST = frozenset({VisitKind.difficulty, VisitKind.post_change})


def after(ctx: Context, note: Note) -> list[tuple[Button, ...]]:
    """After a note in which somebody asked for help, for whoever looks after the case: to have it seen to."""
    if note.kind in _NO_REQUEST or not acts.told_of_hardship(note.answers):
        return []
    try:
        access_case_to_record(ctx.session, ctx.actor, note.case_id, today=ctx.today)
    except NotFound:
        return []
    return [(button(note.case_id, note.id),)]


def ended(kind: VisitKind) -> list[Phrase]:
    """What a note of how a difficulty was seen to means for its reminders."""
    if kind is not VisitKind.difficulty:
        return []
    return [P("You are not reminded of this difficulty any more; if it needs more, please note it again.")]


def _excerpt(text: str) -> FreeText:
    words = " ".join(clean(text).split())
    return FreeText(words if len(words) <= EXCERPT else words[:EXCERPT].rstrip() + "…")


# --- where it is one of several -------------------------------------------------------------------------------------


def of_item(ctx: Context, item: VisitLine) -> Value | None:
    """What an item of somebody's own list is about; None for a visit of any other kind."""
    if item.visit.kind is not VisitKind.difficulty:
        return None
    found = acts.of_visit(ctx.session, item.visit.id)
    return _excerpt(found.content["asked"]) if found is not None else None


def count(number: int) -> list[Phrase]:
    """The case's line, where there is any that is not settled."""
    if not number:
        return []
    return [P("{n} difficulty to be settled", "{n} difficulties to be settled", n=number)]


def listed(ctx: Context, case: Case) -> list[Phrase]:
    """Each that is not settled: by when, what is asked, who sees to it."""
    return [line_of(one) for one in acts.pending(ctx.session, case)]


def line_of(one: acts.Pending) -> Phrase:
    content, handler = one.difficulty.content, one.difficulty.content["handler"]
    by: Value = _HANDLERS[handler] if handler in _HANDLERS else FreeText(handler)
    return P(
        "Difficulty, to be settled by {day}: {asked} ({handler})",
        day=Day(one.visit.due_on),
        asked=FreeText(" ".join(clean(content["asked"]).split())),
        handler=by,
    )


# --- written down ---------------------------------------------------------------------------------------------------


def case_of(ctx: Context, case_id: int) -> Value:
    case = access_case_to_record(ctx.session, ctx.actor, case_id, today=ctx.today)
    return CaseRef(case.code, ctx.session.get_one(Person, case.person_id).name)


def days(ctx: Context, case_id: int) -> Mapping[str, Callable[[], tuple[Option, ...]]]:
    return {"due": lambda: later(ctx)}


def later(ctx: Context) -> tuple[Option, ...]:
    """Working days by which something may be seen to: after half the usual time, the usual time, and twice as much."""
    usual = ctx.mechanism.rulebook.cadence.difficulty_workdays
    counts = dict.fromkeys(max(1, n) for n in (usual // 2, usual, usual * 2))
    found = (ctx.mechanism.calendar.add_workdays(ctx.today, n) for n in counts)
    return tuple(Option(day.isoformat(), Day(day)) for day in found)


def open_(ctx: Context, form: Form, case_id: int, answers: Answers) -> Message:
    found = acts.open_(ctx.session, ctx.actor, case_id, answers, now=ctx.now)
    item = by_ids(ctx.session, [found.visit.id])[0]
    lines = (
        line(P("Submitted"), wording.kind_of(found.visit), wording.case_ref(item)),
        P("To be settled by {day}; you are reminded of it until it is.", day=Day(found.visit.due_on)),
        *wording.may_move(ctx.mechanism.calendar, found.visit.due_on),
    )
    return Message(lines, ((Button(P("Today"), act("today")), Button(P("Status"), act("case", id=case_id))),))


# --- settled --------------------------------------------------------------------------------------------------------


def of_task(ctx: Context, visit_id: int) -> Value:
    """The case, and what is asked: somebody may have asked for several things."""
    see_visit(ctx.session, ctx.actor, visit_id, to="record", today=ctx.today)
    item = by_ids(ctx.session, [visit_id])[0]
    asked = of_item(ctx, item)
    return wording.case_ref(item) if asked is None else Parts((wording.case_ref(item), asked))


def known(ctx: Context, visit_id: int) -> Answers:
    """What was asked is known: it is shown at the end, and can be put right there."""
    found = acts.of_visit(ctx.session, visit_id)
    return {"asked": found.content["asked"]} if found is not None else {}
