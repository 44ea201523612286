"""A text longer than a channel's programs send at once arrives as several messages, one right after the other. No
question takes as much as the first of them has, so that it is refused; the rest must not pass for the whole answer.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.channels.base import Capabilities, Incoming
from bot.dialogs.steering import is_control
from locales.phrase import P

# Programs cut at the limit, or before it where a line or a word ends, though never in its first half.
WITHIN = timedelta(seconds=2)
REST = P(
    "This belongs to a message that was too long, and was not kept either. Please send it all again, shorter."
)


class Cuts:
    """When something so long that it may go on was last said, by chat."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str], datetime] = {}

    def goes_on(self, incoming: Incoming, can: Capabilities, now: datetime) -> bool:
        """Whether a text goes on with the one before it in its chat."""
        chat = incoming.channel, incoming.address
        before = self._said.pop(chat, None)
        text = incoming.text
        if text is None or incoming.token is not None or not can.cuts or can.text is None:
            return False
        if can.length(text) >= can.text // 2:
            self._said = {one: at for one, at in self._said.items() if now - at <= WITHIN} | {chat: now}
        return before is not None and now - before <= WITHIN and not is_control(text)
