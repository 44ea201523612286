"""One note: read by those who may read its case and by its author, who can amend it."""

from __future__ import annotations

from bot import amendment, note_view
from bot.commands.command import Answer, Tap
from bot.context import Context
from bot.dialogs import runner
from bot.messages import Action, Button, Message, act
from locales.phrase import Code, P, line
from storage import audit
from storage.errors import NotFound
from storage.queries import notes as note_lists
from storage.queries.access import OFFICE, access_case, require

LISTED = 12


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


def misfiled(ctx: Context, action: Action) -> Answer:
    return [runner.open_form(ctx, "misfiled", _id(action))]


def voided(ctx: Context, action: Action) -> Answer:
    """The notes that stand in a case no more: for the office."""
    require(ctx.actor, *OFFICE)
    case = access_case(ctx.session, ctx.actor, _id(action))
    audit.record(ctx.session, ctx.actor, "voided_notes_read", "case", case.id, now=ctx.now)
    found = note_lists.of_case(ctx.session, case.id, voided=True)[-LISTED:]
    rows = [(note_view.dated_button(kept),) for kept in found]
    lines = (
        line(Code(case.code), P("Voided notes")),
        P("They count nowhere. Only the office and the leading group see them."),
    )
    return [Message(lines, (*rows, (Button(P("Timeline"), act("timeline", id=case.id)),)))]


READING: dict[str, Tap] = {"note": read, "notes_voided": voided}
TAPS: dict[str, Tap] = {**READING, "note_amend": amend, "note_misfiled": misfiled}
