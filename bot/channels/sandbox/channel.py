"""The sandbox as a channel: it keeps its chats in a table and tells open browser pages what is new.

To everybody else it is a channel like any other, at level `full` and without a rate limit.
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select
from starlette.routing import BaseRoute

from bot.channels.base import Capabilities, ChannelError, Finding, IncomingFile, OnIncoming
from bot.messages import Rendered
from storage.clock import Clock
from storage.ids import new_id
from storage.lane import Lane
from storage.sealed import seal, seal_data, unseal, unseal_data
from storage.tables.sandbox import CONTENT, FILE, SandboxMessage

KIND = "sandbox"


@dataclass(frozen=True)
class Bubble:
    """One message as the browser shows it."""

    id: int
    address: str
    sender: str
    text: str
    buttons: list[list[dict[str, str]]]
    file_name: str | None
    file_type: str | None
    edited: bool
    sent_at: datetime


@dataclass(eq=False)
class Listener:
    """One open page. `lost` once it read too slowly: its line is closed, and the page comes again and catches up."""

    news: asyncio.Queue[tuple[str, dict[str, Any]]]
    lost: bool = False


class Feed:
    """Tells open pages that something happened. `closing` ends every line, so that a server can stop at once."""

    def __init__(self) -> None:
        self._listeners: set[Listener] = set()
        self.closing = False

    def tell(self, event: str, data: dict[str, Any]) -> None:
        for listener in list(self._listeners):
            try:
                listener.news.put_nowait((event, data))
            except asyncio.QueueFull:
                listener.lost = True
                self._listeners.discard(listener)

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[Listener]:
        listener = Listener(asyncio.Queue(1000))
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)


class SandboxChannel:
    kind = KIND
    can = Capabilities(edit=True, send_files=True, receive_files=True)

    def __init__(self, lane: Lane, clock: Clock) -> None:
        self._lane, self._clock = lane, clock
        self.feed = Feed()

    async def start(self, on_incoming: OnIncoming) -> None:
        """Nothing to set up: the routes in api.py call in."""

    async def stop(self) -> None:
        """Nothing to take down."""

    def opened(self) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def send(self, address: str, message: Rendered, *, replaces: str | None = None) -> str:
        now = self._clock.now()
        if replaces is None:
            sent = await self._lane.run(lambda s: keep(s, address, "bot", message, now=now))
        else:
            sent = await self._lane.run(lambda s: _replace(s, address, int(replaces), message))
        self.feed.tell("message", {"persona": address, "id": sent, "edited": replaces is not None})
        return str(sent)

    def routes(self) -> Sequence[BaseRoute]:
        return ()  # the page and its API belong to the application: see api.py

    async def remove(self, address: str, receipts: Sequence[str], word: str | None = None) -> None:
        """A sandbox keeps its chats, so that one can look back."""

    async def examine(self) -> list[Finding]:
        return []

    def login(self) -> str | None:
        return None

    def invitation(self, code: str) -> str | None:
        return None

    async def show_count(self, address: str, count: int) -> None:
        """There is no icon of ours to put it on."""

    async def fetch(self, file: IncomingFile) -> bytes:
        content = await self._lane.read(lambda s: _file_of_event(s, file.reference))
        if content is None:
            raise ChannelError("no such file", permanent=True)
        return content


def keep(
    session: Session,
    address: str,
    sender: str,
    message: Rendered,
    *,
    now: datetime,
    event_id: str | None = None,
) -> int:
    row = new_id()
    bubble = SandboxMessage(
        address=address,
        sender=sender,
        event_id=event_id,
        seal_row=row,
        content_sealed=_sealed(message, row),
        file_sealed=_sealed_file(message, row),
        sent_at=now,
    )
    session.add(bubble)
    session.flush()
    return int(bubble.id or 0)


def kept_before(session: Session, address: str, event_id: str) -> bool:
    query = select(SandboxMessage.id).where(
        SandboxMessage.address == address, SandboxMessage.event_id == event_id
    )
    return session.exec(query).first() is not None


def _replace(session: Session, address: str, bubble_id: int, message: Rendered) -> int:
    bubble = session.get(SandboxMessage, bubble_id)
    if bubble is None or bubble.address != address:
        raise ChannelError("no such message to edit", permanent=True)
    bubble.content_sealed = _sealed(message, bubble.seal_row)
    bubble.edited = True
    session.add(bubble)
    return bubble_id


def _sealed(message: Rendered, row: int) -> bytes:
    content = {
        "text": message.text,
        "buttons": [[{"label": b.label, "action": b.token} for b in buttons] for buttons in message.buttons],
        "file": message.file[:2] if message.file else None,
    }
    return seal_data(content, CONTENT, row)


def _sealed_file(message: Rendered, row: int) -> bytes | None:
    return seal(base64.b64encode(message.file[2]).decode(), FILE, row) if message.file else None


def bubbles(session: Session, address: str, after: int) -> Sequence[Bubble]:
    """The chat of one persona after a message id, oldest first."""
    query = select(SandboxMessage).where(SandboxMessage.address == address, col(SandboxMessage.id) > after)
    return [_bubble(row) for row in session.exec(query.order_by(col(SandboxMessage.id))).all()]


def _bubble(row: SandboxMessage) -> Bubble:
    content = unseal_data(row.content_sealed, CONTENT, row.seal_row)
    name, media_type = content["file"] or (None, None)
    return Bubble(
        int(row.id or 0),
        row.address,
        row.sender,
        content["text"],
        content["buttons"],
        name,
        media_type,
        row.edited,
        row.sent_at,
    )


def file_of(session: Session, bubble_id: int) -> bytes | None:
    row = session.get(SandboxMessage, bubble_id)
    if row is None or row.file_sealed is None:
        return None
    return base64.b64decode(unseal(row.file_sealed, FILE, row.seal_row))


def _file_of_event(session: Session, event_id: str) -> bytes | None:
    found = session.exec(select(SandboxMessage.id).where(SandboxMessage.event_id == event_id)).first()
    return file_of(session, found) if found is not None else None


def one_bubble(session: Session, bubble_id: int) -> Bubble | None:
    row = session.get(SandboxMessage, bubble_id)
    return _bubble(row) if row is not None else None
