"""Updates that wait for the bot, whichever way it fetches them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.fakes.telegram.bell import Bell
from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.limits import Limits

MESSAGES = ("message", "edited_message", "channel_post", "edited_channel_post")
# A bot that names no kinds gets all but these.
ON_REQUEST = ("chat_member", "message_reaction", "message_reaction_count")


@dataclass(eq=False)
class Pending:
    """One update. Those of one queue wait for each other on their way to a webhook."""

    update_id: int
    kind: str
    body: Json
    queue: str
    expires: float
    again: bool = False  # a repeat of one that was confirmed before


class Updates:
    """The queue of one bot."""

    def __init__(self, clock: Callable[[], float], limits: Limits, bell: Bell) -> None:
        self._clock, self._limits, self._bell = clock, limits, bell
        self._waiting: list[Pending] = []
        self._next = random.randint(100_000_000, 900_000_000)
        self._confirmed = 0
        self.allowed: tuple[str, ...] = ()

    def waiting(self) -> list[Pending]:
        """Oldest first, without those whose time is over."""
        now = self._clock()
        fresh = [update for update in self._waiting if update.expires >= now]
        if len(fresh) < len(self._waiting):
            self._waiting = fresh
            self._bell.ring()
        return list(self._waiting)

    def add(self, kind: str, content: Json) -> int:
        """A new update, and its id: 0 when the bot did not ask for this kind."""
        wanted = kind in self.allowed if self.allowed else kind not in ON_REQUEST
        return self._put({"update_id": self._new_id(), kind: content}) if wanted else 0

    def inject(self, body: Json) -> int:
        """Any body, asked for or not. With an `update_id` of its own it may be the same one once more."""
        return self._put(body if "update_id" in body else {"update_id": self._new_id(), **body})

    def _new_id(self) -> int:
        self._next += 1
        return self._next

    def _put(self, body: Json) -> int:
        update_id = int(body["update_id"])
        kind = next((key for key in body if key != "update_id"), "")
        life = self._limits.click_life if kind == "callback_query" else self._limits.update_life
        again = update_id <= self._confirmed
        expires = self._clock() + life
        pending = Pending(update_id, kind, body, _queue_of(kind, body.get(kind), update_id), expires, again)
        self._waiting.append(pending)
        self._bell.ring()
        return update_id

    def take(self, offset: int, limit: int) -> list[Json]:
        """What getUpdates answers. An offset confirms everything before it; a negative one keeps the last few."""
        if offset < 0:
            for update in self.waiting()[:offset]:
                self.done(update)
        elif offset > 0:
            self._confirm(offset)
        taken = self.waiting()[:limit]
        for update in taken:
            if update.again:
                self.done(update)  # no offset will ever confirm it
        return [update.body for update in taken]

    def _confirm(self, offset: int) -> None:
        for update in self.waiting():
            if update.update_id < offset and not update.again:
                self.done(update)

    def done(self, update: Pending) -> None:
        if update in self._waiting:
            self._waiting.remove(update)
            self._confirmed = max(self._confirmed, update.update_id)
            self._bell.ring()

    def drop_all(self) -> None:
        for update in self.waiting():
            self.done(update)

    def ask_for(self, kinds: Sequence[str]) -> None:
        """`allowed_updates`. It rules what comes from now on, not what waits already."""
        self.allowed = tuple(kinds)


def _queue_of(kind: str, content: object, update_id: int) -> str:
    """Messages wait for their chat, clicks for their person, everything else for nobody."""
    if isinstance(content, dict):
        chat = content.get("chat")
        if kind in MESSAGES and isinstance(chat, dict):
            return f"chat {chat.get('id')}"
        if kind in ("callback_query", "my_chat_member"):
            return f"{kind} {content.get('from', {}).get('id')}"
    return f"alone {update_id}"
