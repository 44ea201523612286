"""The form that amends a note: what it is about, and what a completed one does."""

from __future__ import annotations

from collections.abc import Callable

from bot import concern, confirmations, note_view, outcomes, second, ways
from bot.context import Context
from bot.messages import Button, Message
from casework import amendments
from casework.forms.catalog.amendment import WHICH
from casework.forms.form import Answers, Form
from locales.phrase import P, Value, line
from storage.errors import NotFound
from storage.queries import notes as note_lists


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
