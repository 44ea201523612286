"""What is tapped on a card that asks for a confirmation."""

from __future__ import annotations

from bot import confirmations, second
from bot.commands.command import Answer, Tap
from bot.confirmations import described
from bot.context import Context
from bot.dialogs import runner
from bot.messages import Action, Button, Message, act
from casework import confirmations as acts
from casework import second as ratings
from locales.phrase import P
from storage.queries import confirmations as lists


def confirm(ctx: Context, action: Action) -> Answer:
    ids = [int(one) for one in str(action.get("of") or "").split(",") if one.isdecimal()]
    done = acts.confirm(ctx.session, ctx.actor, ids, now=ctx.now)
    head = P("Confirmed. Thank you.")
    left = lists.waiting_for(ctx.session, ctx.member.id)
    lines = [head, *(described(ctx, item) for item in done)]
    rows = confirmations.buttons(ctx, left) if left else ((Button(P("To do"), act("command", name="todo")),),)
    if left:
        lines += [
            P("Still waiting:"),
            *(confirmations.numbered(ctx, one, at, len(left)) for at, one in enumerate(left, 1)),
        ]
    return [Message(tuple(lines), rows)]


def open_refusal(ctx: Context, action: Action) -> Answer:
    return [runner.open_form(ctx, "not_confirmed", int(action.get("of") or 0))]


def open_paper(ctx: Context, action: Action) -> Answer:
    return [runner.open_form(ctx, "signed_paper", int(action.get("of") or 0))]


def agree(ctx: Context, action: Action) -> Answer:
    item = ratings.agree(ctx.session, ctx.actor, int(action.get("of") or 0), now=ctx.now)
    lines = [P("Noted: you agree. The note's rating holds."), described(ctx, item)]
    left = lists.ratings_for(ctx.session, ctx.actor)
    rest = (
        second.asking(ctx, left)
        if left
        else Message((), ((Button(P("To do"), act("command", name="todo")),),))
    )
    return [Message((*lines, *rest.lines), rest.buttons)]


def open_disagreement(ctx: Context, action: Action) -> Answer:
    return [runner.open_form(ctx, "not_agreed", int(action.get("of") or 0))]


TAPS: dict[str, Tap] = {
    "confirm": confirm,
    "not_confirmed": open_refusal,
    "signed_paper": open_paper,
    "agree": agree,
    "not_agreed": open_disagreement,
}
