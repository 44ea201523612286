"""The buttons of a case's card about recusal: somebody keeps out of it, or may deal with it again."""

from __future__ import annotations

from bot import wording
from bot.commands.command import Answer
from bot.context import Context
from bot.dialogs import runner
from bot.messages import Action, Button, Message, act
from casework import recusals
from locales.phrase import P
from storage.tables.members import Member


def name(ctx: Context, action: Action) -> Answer:
    return [runner.open_form(ctx, "recusal", int(action.get("case") or 0))]


def end(ctx: Context, action: Action) -> Answer:
    recusal = recusals.end(ctx.session, ctx.actor, int(action.get("recusal") or 0), now=ctx.now)
    member = ctx.session.get_one(Member, recusal.member_id)
    text = P("{name} may deal with this case again.", name=wording.member_ref(member))
    return [Message((text,), ((Button(P("Status"), act("case", id=recusal.case_id)),),))]
