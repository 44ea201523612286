"""/help · 帮助: what this person can do now."""

from __future__ import annotations

from bot.commands.command import Answer, Command
from bot.context import Context
from bot.messages import Button, Message, act
from casework import vocabulary
from locales.catalogue import N_
from locales.phrase import P, Phrase, Term, Word, several
from storage.tables.members import Role

_listed: list[Command] = []


def list_commands(commands: tuple[Command, ...]) -> None:
    """Tell the help which commands there are. Called once, by the registry."""
    _listed[:] = commands


def run(ctx: Context, argument: str) -> Answer:
    open_to_me = [command for command in _listed if command.open_to(ctx)]
    if ctx.actor.roles == frozenset({Role.subject}):
        lines: list[Phrase] = [P("You can do the following here:")]
    else:
        roles = several(Term(vocabulary.ROLES[role]) for role in Role if role in ctx.actor.roles)
        lines = [P("Your role: {roles}. You can do the following:", roles=roles)]
    for command in open_to_me:
        if command.slash != "start":
            word = P(command.label) if command.label else Word(command.words[0])
            lines.append(P("{word}: {about}", word=word, about=P(command.about)))
    if not any(command.roles for command in open_to_me):
        lines.append(P("Nothing waits for you at present; if something does, you will hear of it here."))
    buttons = [
        Button(P(c.label), act("command", name=c.slash)) for c in open_to_me if c.label and c.slash != "help"
    ]
    return [Message(tuple(lines), tuple(tuple(buttons[at : at + 3]) for at in range(0, len(buttons), 3)))]


COMMAND = Command(
    "help", ("帮助", "菜单", "你好", "您好", "hello", "hi", "?"), N_("this overview"), run, label=N_("Help")
)
