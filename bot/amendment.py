"""The form that amends a note: what it is about, and what a completed one does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot import concern, confirmations, note_view, outcomes, second, ways, wording
from bot.context import Context
from bot.messages import Button, Message
from casework import amendments
from casework.forms.catalog import NOTE_FORMS
from casework.forms.catalog.amendment import TOPICS, WHICH
from casework.forms.form import Answers, Form, Option
from locales.phrase import Name, P, Term, Value, either, line
from storage.errors import NotFound
from storage.queries import confirmations as confirmation_lists
from storage.queries import notes as note_lists
from storage.tables.confirmations import ConfirmationState
from storage.tables.members import Member


def form_of(note_form: str) -> str:
    return f"amend_{note_form}"


def subject(form_id: str) -> Callable[[Context, int], Value]:
    """The note, for its author."""

    def found(ctx: Context, note_id: int) -> Value:
        note = note_lists.access_note(ctx.session, ctx.actor, note_id, to="amend")
        if form_of(note.form) != form_id:
            raise NotFound(note_lists.NO_SUCH_NOTE)
        return note_view.reference(ctx, note_lists.keep(ctx.session, [note])[0])

    return found


def about(ctx: Context, note_id: int) -> int:
    """What the options of the note's own form hang on: its visit."""
    note = note_lists.access_note(ctx.session, ctx.actor, note_id, to="amend")
    return note.visit_id or note.case_id


def ticked(ctx: Context, note_id: int) -> Mapping[str, tuple[str, ...]]:
    """What is ticked already: a choice of several is given anew as a whole, so that what stands has to be in it."""
    note = note_lists.access_note(ctx.session, ctx.actor, note_id, to="amend")
    answers = note_lists.keep(ctx.session, [note])[0].answers
    several = (one.key for one in NOTE_FORMS[note.form].fields if one.kind == "many" and one.key != TOPICS)
    return {key: tuple(answers.get(key) or ()) for key in several}


Makers = Mapping[str, Callable[[], tuple[Option, ...]]]


def options(ctx: Context, note_id: int, of_form: Makers) -> Makers:
    """Those of the note's own form; and as companions whom it names already, though nobody could name them now."""

    def companions() -> tuple[Option, ...]:
        offered = of_form["companions"]()
        return (*offered, *_named_before(ctx, note_id, offered))

    return {**of_form, "companions": companions}


def _named_before(ctx: Context, note_id: int, offered: Sequence[Option]) -> tuple[Option, ...]:
    """Who has left, and who has no account; nobody who is asked no more, since they keep out of the case."""
    named = ticked(ctx, note_id).get("companions", ())
    known = {one.value for one in offered}
    for one in confirmation_lists.of_notes(ctx.session, [note_id])[note_id]:
        if one.state is ConfirmationState.withdrawn:
            known.add(str(one.member_id or one.name))
    left = [one for one in named if one not in known]
    members = [ctx.session.get_one(Member, int(one)) for one in left if one.isdecimal()]
    others = (
        Option(one, either(Name(one), Term(confirmations.WITHOUT))) for one in left if not one.isdecimal()
    )
    return (*wording.member_options(ctx.session, members), *others)


def submit(ctx: Context, form: Form, note_id: int, answers: Answers) -> Message:
    amended = amendments.amend(ctx.session, ctx.actor, note_id, answers, now=ctx.now)
    which, papers = answers[WHICH], tuple[tuple[Button, ...], ...]()
    lines = [
        line(P("Submitted"), P("Amendment"), note_view.reference(ctx, amended.kept)),
        P("The original stays as it was; whoever reads it sees the amendment beside it."),
        *outcomes.following(ctx, amended),
        *(
            concern.contact_soon(ctx, amended.kept.note.case_id)
            if amended.kept.state_of_mind == concern.KIND
            else []
        ),
    ]
    if which in ("companions", "date"):
        awaited, papers = confirmations.awaited(ctx, note_id)
        lines += awaited
    if which in ("state_of_mind", "date"):
        lines += second.after_note(ctx, note_id)
    message = Message(tuple(lines), (*papers, (ways.note_button(note_id),)))
    return message if amended.call is None else outcomes.with_call(ctx, message, amended.call)
