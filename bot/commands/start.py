"""/start CODE · 绑定 CODE: bind this chat to a member, or say how to get a code."""

from __future__ import annotations

from bot.commands import help as help_command
from bot.commands.command import Answer, Command
from bot.context import Context
from bot.messages import Message
from locales.catalogue import N_
from locales.phrase import Name, P, one_of

HOW_TO_BIND = P(
    "This chat is not bound to a member yet. "
    "Please ask the office for your one-time code, then send: {example}",
    example=P("/start CODE"),
)
SUSPENDED = P("Your access is suspended at present. For questions, please contact the commission's office.")


def run(ctx: Context, argument: str) -> Answer:
    """For somebody who is bound already: who they are here, and what they can do."""
    name = Name(ctx.member.name)
    greeting = one_of(P("You are bound as {name}.", name=name), P("This chat is bound to you."))
    menu = help_command.run(ctx, "")[0]
    return [Message((greeting, *menu.lines), menu.buttons)]


def welcome(ctx: Context) -> Message:
    """The first message after a code was accepted."""
    name = Name(ctx.member.name)
    greeting = one_of(
        P("Welcome, {name}. This chat is now bound to you.", name=name),
        P("Welcome. This chat is now bound to you."),
    )
    menu = help_command.run(ctx, "")[0]
    return Message((greeting, *menu.lines), menu.buttons)


COMMAND = Command("start", ("绑定", "开始"), N_("bind this chat with a one-time code"), run, argument=True)
