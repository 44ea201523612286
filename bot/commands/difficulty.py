"""〔登记困难诉求〕: the form that writes one down, from a note or from the list of what else took place."""

from __future__ import annotations

from bot.commands.command import Answer, Tap
from bot.context import Context
from bot.dialogs import runner
from bot.messages import Action
from casework import difficulties
from casework.forms.catalog.difficulty import ASKED
from storage.queries.access import require
from storage.tables.members import Role


def tap(ctx: Context, action: Action) -> Answer:
    """With the note in which somebody asked for help, what they asked is known."""
    require(ctx.actor, Role.care_officer)
    case_id, note_id = int(action.get("id") or 0), action.get("note")
    of_case, asked = difficulties.asked_in(ctx.session, ctx.actor, int(note_id or 0))
    prefill = {"asked": asked[: ASKED.max_length]} if asked and of_case == case_id else None
    return [runner.open_form(ctx, "difficulty_open", case_id, prefill=prefill)]


TAPS: dict[str, Tap] = {"difficulty": tap}
