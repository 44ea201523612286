"""What a channel is. Whoever writes a new one needs this file, a folder, and one line in bot/channels/registry.py."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.messages import Rendered


@dataclass(frozen=True)
class Capabilities:
    """What a channel can show, declared by its adapter. A limit of None is none."""

    text_bytes: int | None = None
    buttons: int | None = None
    edit: bool = False
    send_files: bool = False
    receive_files: bool = False


@dataclass(frozen=True)
class IncomingFile:
    """A file somebody sent: its kind (voice, photo, document), and how the channel finds it again."""

    kind: str
    name: str
    reference: str


@dataclass(frozen=True)
class Incoming:
    """One event from a person: a text, a tapped button's token, or a file. `event_id` tells repeats."""

    channel: str
    address: str
    event_id: str
    text: str | None = None
    token: str | None = None
    file: IncomingFile | None = None


OnIncoming = Callable[[Incoming], Awaitable[None]]


class ChannelError(Exception):
    """A message could not be handed over. Permanent: this address will not work again by itself."""

    def __init__(self, reason: str, *, permanent: bool = False, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason, self.permanent, self.retry_after = reason, permanent, retry_after


class Channel(Protocol):
    @property
    def kind(self) -> str:
        """The channel's name in the database and the settings."""

    @property
    def can(self) -> Capabilities: ...

    async def start(self, on_incoming: OnIncoming) -> None:
        """Begin to receive. Returns once receiving is set up, even if the vendor cannot be reached yet."""

    async def stop(self) -> None: ...

    async def send(self, address: str, message: Rendered, *, replaces: str | None = None) -> str:
        """Hand over one message and return its receipt; with `replaces`, edit the one with that receipt.

        Raises:
            ChannelError: it was not accepted.
        """

    async def fetch(self, file: IncomingFile) -> bytes:
        """The content of a file somebody sent."""
