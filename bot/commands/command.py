"""What a command is, and the words it is called by."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from bot.context import Context
from bot.messages import Action, Message
from storage.tables.members import Role

Answer = list[Message]
Run = Callable[[Context, str], Answer]
Tap = Callable[[Context, Action], Answer]


@dataclass(frozen=True, eq=False)
class Command:
    """One thing a person can ask for. `roles` is who may (empty: everyone); `about` is its line in the help.

    `argument`: whether something may follow the word. Without it the word counts only alone, so that a sentence
    which happens to begin with it is still an answer. `clear`: whether what follows is plainly for this command, so
    that somebody who types it where any text is an answer may have meant the command.
    """

    slash: str
    words: tuple[str, ...]
    about: str
    run: Run
    roles: frozenset[Role] = frozenset()
    argument: bool = False
    label: str = ""
    needs_pages: bool = False
    clear: Callable[[Context, str], bool] = lambda ctx, argument: False

    def open_to(self, ctx: Context) -> bool:
        if self.needs_pages and ctx.public_url is None:
            return False
        return not self.roles or not self.roles.isdisjoint(ctx.actor.roles)


def normal(text: str) -> str:
    """Text as commands are compared: half-width, lower case, no spaces around, no leading slash."""
    return unicodedata.normalize("NFKC", text).strip().lower().removeprefix("/").strip()


@dataclass(frozen=True)
class Called:
    command: Command
    argument: str

    def is_clear(self, ctx: Context) -> bool:
        return bool(self.argument) and self.command.open_to(ctx) and self.command.clear(ctx, self.argument)


def parse(text: str, commands: tuple[Command, ...]) -> Called | None:
    """Which command a text is, if any. Case and code words keep their own spelling in the argument."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain[:1].lower() not in _beginnings(commands):  # so it is with nearly all that is typed
        return None
    plain = plain[1:].lstrip() if plain.startswith("/") else plain
    head, _, rest = plain.partition(" ")
    head = head.partition("@")[0].lower()  # a vendor's menu may append the robot's own name
    command = _by_word(commands).get(head)
    if command is not None and (command.argument or not rest.strip()):
        return Called(command, rest.strip())
    for word, wanting in _glued(commands).get(plain[:1], ()):
        if plain.startswith(word):
            return Called(wanting, plain[len(word) :].strip())  # 查询张明, without a space
    return None


@cache
def _by_word(commands: tuple[Command, ...]) -> dict[str, Command]:
    return {word: command for command in commands for word in (command.slash, *command.words)}


@cache
def _beginnings(commands: tuple[Command, ...]) -> frozenset[str]:
    return frozenset(("/", *(word[0] for word in _by_word(commands))))


@cache
def _glued(commands: tuple[Command, ...]) -> dict[str, list[tuple[str, Command]]]:
    """The Chinese words that may be followed by their argument at once, by what they begin with."""
    found: dict[str, list[tuple[str, Command]]] = {}
    for command in commands:
        for word in command.words if command.argument else ():
            if not word.isascii():
                found.setdefault(word[0], []).append((word, command))
    return found
