"""One note: read by those who may read its case and by its author, who can amend it."""

from __future__ import annotations

from bot import amendment, note_view
from bot.commands.command import Answer, Tap
from bot.context import Context
from bot.dialogs import runner
from bot.messages import Action
from storage import audit
from storage.errors import NotFound
from storage.queries import notes as note_lists
from storage.queries.access import access_case


def _id(action: Action) -> int:
    return int(action.get("id") or 0)


def read(ctx: Context, action: Action) -> Answer:
    note = note_lists.access_note(ctx.session, ctx.actor, _id(action), to="read")
    audit.record(ctx.session, ctx.actor, "note_read", "note", note.id, now=ctx.now, case=note.case_id)
    kept = note_lists.keep(ctx.session, [note])[0]
    return [note_view.message(ctx, kept, reads_case=_reads_case(ctx, note.case_id))]


def _reads_case(ctx: Context, case_id: int) -> bool:
    try:
        access_case(ctx.session, ctx.actor, case_id)
    except NotFound:
        return False
    return True


def amend(ctx: Context, action: Action) -> Answer:
    note = note_lists.access_note(ctx.session, ctx.actor, _id(action), to="amend")
    return [runner.open_form(ctx, amendment.form_of(note.form), note.id)]


READING: dict[str, Tap] = {"note": read}
TAPS: dict[str, Tap] = {**READING, "note_amend": amend}
