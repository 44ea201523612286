"""What follows a phrase of acute danger, whoever typed it and wherever: the emergency numbers, and the ways to get
help here. It rates nobody, nobody is told, and the match is kept nowhere: everybody gets the same answer."""

from __future__ import annotations

from bot.commands import my, worry
from bot.context import Context
from bot.messages import Button, Message
from locales.phrase import P, Phrase, Word
from storage.tables.members import Role

NUMBERS = P(
    "If you or somebody else is in danger, please call now: police {police}, ambulance {ambulance}, psychological "
    "helpline {helpline}.",
    police=Word("110"), ambulance=Word("120"), helpline=Word("12356"),
)  # fmt: skip
TO_NOBODY = P("What you wrote just now is passed on to nobody.")
KEPT = P("Your answer counts as usual, and nobody is rated for these words.")


def answer(
    ctx: Context, *, in_form: bool | None, about: int | None = None, draft: int | None = None
) -> Message:
    """`in_form`: whether it counts as an answer; None: of several answers some do.

    `about`: what the open form is about, where it is not the one of the chat. `draft`: the form that it was said in.
    Where no name may be told this goes from the chat with it, for beside the outcome it would tell what was said. The
    person concerned keeps it."""
    lines: list[Phrase] = [NUMBERS]
    if in_form is not None:
        lines.append(KEPT if in_form else TO_NOBODY)
    if ctx.actor.has(Role.subject):
        lines.append(P("If you wish somebody to contact you, please tap the button, at any hour."))
    if ctx.actor.has(*worry.ROLES):
        lines.append(P("To have somebody spoken with at once, please tap the button, at any hour."))
    row = ways(ctx, about)
    goes = draft is not None and not (ctx.tells_names or ctx.actor.has(Role.subject))
    return Message(
        tuple(lines), (row,) if row else (), draft=(draft, 0) if draft is not None and goes else None
    )


def ways(ctx: Context, about: int | None = None) -> tuple[Button, ...]:
    """The ways to get help that are open to a person, wherever they are."""
    row: list[Button] = []
    if ctx.actor.has(Role.subject):
        row.append(my.contact_button())
    if ctx.actor.has(*worry.ROLES):
        row.append(worry.button(worry.near(ctx, about)))
    return tuple(row)
