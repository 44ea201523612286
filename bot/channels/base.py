"""What a channel is. Whoever writes a new one needs this file, a folder, and one line in bot/channels/registry.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from msgspec import Struct
from starlette.routing import BaseRoute

from bot.messages import Rendered
from locales.phrase import Phrase
from reminders.pace import Limits, Rate


class Unit(StrEnum):
    """What a vendor counts the length of a text in."""

    utf8 = "utf8"  # bytes
    utf16 = "utf16"  # code units


@dataclass(frozen=True)
class DropDowns:
    """Of how many drop-downs one message can have, with how many options each (one more stands for none of them), and
    how long the label of an option can be, in characters."""

    count: int
    options: int
    label: int


@dataclass(frozen=True)
class Capabilities:
    """What a channel can show, declared by its adapter. A limit of None is none.

    `text` and `caption` (the text beside a file) are counted in `unit`. `row` is how many buttons, `row_width` how many
    half-width characters of their labels, fit side by side on a phone. `choice` is of how many options several can be
    ticked and then sent together, None where each tap is an event. `drop_downs`: several questions can be answered and
    then sent together. `remove` is for how long a message can be taken back, None where it never can. `drops_repeats`:
    what equals a message of a moment ago is not shown again. `cuts`: what a person types beyond `text` comes as several
    messages. `count`: a number can stand on the icon of the app.
    `overall`, `day` and `each` are how fast the vendor wants to be called: the whole channel at any moment and over a
    day, and each chat.
    """

    text: int | None = None
    caption: int | None = None
    unit: Unit = Unit.utf8
    buttons: int | None = None
    row: int | None = None
    row_width: int | None = None
    choice: int | None = None
    drop_downs: DropDowns | None = None
    edit: bool = False
    remove: timedelta | None = None
    drops_repeats: bool = False
    cuts: bool = False
    count: bool = False
    send_files: bool = False
    receive_files: bool = False
    overall: Rate | None = None
    day: Rate | None = None
    each: tuple[Rate, ...] = ()

    @property
    def limits(self) -> Limits:
        return Limits(self.overall, self.each, self.day)

    def length(self, text: str) -> int:
        return len(text.encode()) if self.unit is Unit.utf8 else len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True)
class IncomingFile:
    """A file somebody sent: its kind (voice, photo, document), and how the channel finds it again."""

    kind: str
    name: str
    reference: str


class Sign(StrEnum):
    """An event that is no message to us, yet wants an answer or has an effect."""

    unreadable = "unreadable"  # a sticker, a poll, a video …
    place = "place"  # where they are, or anything is
    edited = "edited"  # they changed a message they had sent
    unchosen = "unchosen"  # they sent a list of which nothing was chosen
    group = "group"  # somebody spoke to us where others read along
    left = "left"  # they can no longer be reached at this address
    returned = "returned"  # they can be reached again
    entered = "entered"  # they opened the chat, and have said nothing


class Incoming(Struct, frozen=True):
    """One event from a person: a text, a tapped button's token, a file, or a sign. `event_id` tells repeats.

    `chosen` are the tokens of all that was ticked in a choice of several, or chosen in several questions at once, which
    was sent by the button of `token`.
    `receipt` is what the channel knows the person's own message by, where it can take it back. `language` is the one
    their program speaks: for those who have not said which they want.
    """

    channel: str
    address: str
    event_id: str
    text: str | None = None
    token: str | None = None
    file: IncomingFile | None = None
    sign: Sign | None = None
    receipt: str | None = None
    language: str | None = None
    chosen: tuple[str, ...] | None = None


OnIncoming = Callable[[Incoming], Awaitable[None]]


class ChannelError(Exception):
    """A message could not be handed over. Permanent: it will not be accepted however often it is sent.

    `unreachable`: nobody is at this address any more. `retry_after`: the vendor wants to be left alone for so long, by
    this chat or, with `everywhere`, altogether. `uncertain`: there was no answer, so the message may be there all the
    same; one that was refused for sure is not. `too_large`: a file that this channel never hands over, for its size.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        unreachable: bool = False,
        retry_after: timedelta | None = None,
        everywhere: bool = False,
        uncertain: bool = False,
        too_large: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason, self.permanent, self.unreachable = reason, permanent, unreachable
        self.retry_after, self.everywhere = retry_after, everywhere
        self.uncertain, self.too_large = uncertain, too_large


@dataclass(frozen=True)
class Finding:
    """One thing an operator should know, and whether it is as it should be."""

    ok: bool
    text: Phrase


@dataclass(frozen=True)
class MenuItem:
    """A command as a vendor's own menu shows it: the word, what it does, and a short label; both as message ids."""

    word: str
    about: str
    label: str = ""


class Channel(Protocol):
    @property
    def kind(self) -> str:
        """The channel's name in the database and the settings."""

    @property
    def can(self) -> Capabilities: ...

    async def start(self, on_incoming: OnIncoming) -> None:
        """Begin to receive. Returns once receiving is set up, even if the vendor cannot be reached yet."""

    async def stop(self) -> None: ...

    def opened(self) -> AbstractAsyncContextManager[None]:
        """Able to send for a while, without receiving: for a command that has something to say."""

    def routes(self) -> Sequence[BaseRoute]:
        """What the vendor calls us by, below /channels/; none where we call the vendor."""

    async def send(self, address: str, message: Rendered, *, replaces: str | None = None) -> str:
        """Hand over one message and return its receipt, a word; with `replaces`, edit the one with that receipt. Of
        an answer that cannot be put there any more, one that is new is as good.

        Raises:
            ChannelError: it was not accepted.
        """

    async def remove(self, address: str, receipts: Sequence[str], word: str | None = None) -> None:
        """Take back messages, ours or theirs. Of ours that cannot be taken back any more this `word` alone is left,
        where they can still be changed so; any other stays as it is."""

    async def show_count(self, address: str, count: int) -> None:
        """Put the number of what waits on the icon of the app, where that can be (`can.count`).

        Raises nothing: the next number takes its place.
        """

    async def fetch(self, file: IncomingFile) -> bytes:
        """The content of a file somebody sent."""

    async def examine(self) -> list[Finding]:
        """Ask the vendor whether all is well. Raises nothing."""

    def login(self) -> str | None:
        """The path of ours where a browser of this channel can log in; None where there is no such thing."""

    def invitation(self, code: str) -> str | None:
        """A link that binds with this code when it is opened; None where there is no such thing, or not yet."""


@dataclass(frozen=True)
class Task:
    """What an operator can have done at a channel's vendor, as `fangpingcha KIND NAME`; `about` is a line of help.

    `run` gets the channel and the commands for a menu, and returns what to say of the outcome.
    """

    name: str
    about: str
    run: Callable[[Channel, Sequence[MenuItem]], Awaitable[Phrase]]
