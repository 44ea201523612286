"""An appeal that is under way, in words: on the card, in the brief, beside a rating; the forms of the office.

It says something about the sanction, so it is told where names are and nowhere else.
"""

from __future__ import annotations

from datetime import date

from bot.context import Context
from bot.messages import Button, Message, act
from casework import appeals
from casework.appeals import Appeal
from casework.forms.catalog.appeal import OUTCOMES, WHAT
from casework.forms.form import Answers, Form
from locales.catalogue import N_
from locales.phrase import CaseRef, Day, Grade, P, Phrase, Term, Value, line
from storage.queries import calls
from storage.tables.cases import Case, CaseEvent, CaseEventKind, Person
from storage.tables.notes import Note

_TO_BE_SEEN = frozenset({"changed", "revoked"})


def under_way(appeal: Appeal) -> Phrase:
    """For those who visit the person."""
    return P(
        "{what}: under way since {day}. It is a right: please do not argue it; it lowers no rating.",
        what=_what(appeal),
        day=Day(appeal.filed_on),
    )


def _what(appeal: Appeal) -> Value:
    label = WHAT.get(appeal.what)
    return Grade(label.text) if isinstance(label, Term) else Grade(N_("Appeal"))


def card_lines(ctx: Context, case: Case) -> list[Phrase]:
    found = appeals.running(ctx.session, case.id)
    return [under_way(found)] if found is not None else []


def card_rows(ctx: Context, case: Case) -> list[tuple[Button, ...]]:
    if not ctx.tells_names or not appeals.can_note(ctx.actor, case):
        return []
    if appeals.running(ctx.session, case.id) is not None:
        return [(Button(P("The appeal has ended"), act("case_appeal_ended", id=case.id)),)]
    return [(Button(P("Note an appeal"), act("case_appeal", id=case.id)),)]


def beside_basis(ctx: Context, subject_id: int) -> tuple[Phrase, ...]:
    """Where one writes what a rating rests on: that this must not be it."""
    if not ctx.tells_names:
        return ()
    note = ctx.session.get(Note, subject_id)
    case_id = note.case_id if note is not None else calls.case_of(ctx.session, subject_id)
    found = appeals.running(ctx.session, case_id) if case_id is not None else None
    return (under_way(found),) if found is not None else ()


def reason(ctx: Context, event: CaseEvent) -> str | None:
    """What the timeline says of such an event; None for any other."""
    if event.kind is CaseEventKind.appeal_filed:
        appeal = appeals.kept(event)
        said: Phrase = P("{what}, filed on {day}", what=_what(appeal), day=Day(appeal.filed_on))
        return said.render(ctx.reader)
    if event.kind is CaseEventKind.appeal_ended and event.reason in OUTCOMES:
        return OUTCOMES[event.reason].render(ctx.reader)
    return None


# --- the forms -------------------------------------------------------------------------------------------------------


def begins(ctx: Context, case_id: int) -> Value:
    return _ref(ctx, appeals.expect(ctx.session, ctx.actor, case_id, runs=False))


def ends(ctx: Context, case_id: int) -> Value:
    return _ref(ctx, appeals.expect(ctx.session, ctx.actor, case_id, runs=True))


def filed(ctx: Context, form: Form, case_id: int, answers: Answers) -> Message:
    appeal = Appeal(str(answers["what"]), date.fromisoformat(answers["filed_on"]))
    case = appeals.filed(ctx.session, ctx.actor, case_id, appeal, now=ctx.now)
    lines = (
        line(P("Submitted"), Term(form.title), _ref(ctx, case)),
        P("It stands in the brief before each visit and where one rates, until you note that it has ended."),
    )
    return Message(lines, _status(case_id))


def ended(ctx: Context, form: Form, case_id: int, answers: Answers) -> Message:
    outcome = str(answers["outcome"])
    case = appeals.ended(ctx.session, ctx.actor, case_id, outcome, now=ctx.now)
    lines = [line(P("Submitted"), Term(form.title), _ref(ctx, case))]
    if outcome in _TO_BE_SEEN:
        lines.append(P("Please see whether the case is to be closed, or its restriction period has changed."))
    return Message(tuple(lines), _status(case_id))


def _status(case_id: int) -> tuple[tuple[Button, ...], ...]:
    return ((Button(P("Status"), act("case", id=case_id)),),)


def _ref(ctx: Context, case: Case) -> CaseRef:
    return CaseRef(case.code, ctx.session.get_one(Person, case.person_id).name)
