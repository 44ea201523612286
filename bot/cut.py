"""A text longer than a channel's programs send at once arrives as several messages, one right after the other. No
question takes as much as the first of them has, so that it is refused; the rest must not pass for the whole answer.
What may go on is kept with the form that it was sent into: the rest may come to another process than the first did.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.channels.base import Capabilities, Incoming
from bot.context import Context
from bot.dialogs import store
from bot.dialogs.steering import is_control
from locales.phrase import P

# Programs cut at the limit, or before it where a line or a word ends, though never in its first half.
WITHIN = timedelta(seconds=2)
REST = P(
    "This belongs to a message that was too long, and was not kept either. Please send it all again, shorter."
)


def keep(ctx: Context, incoming: Incoming, can: Capabilities) -> None:
    """Of a text so long that it may go on, when it was said."""
    text = incoming.text
    if text is None or incoming.token is not None or not can.cuts or can.text is None:
        return
    if can.length(text) >= can.text // 2:
        draft = store.active(ctx.session, ctx.member.id, ctx.at_form)
        if draft is not None:
            store.said_long(ctx.session, draft, ctx.now)


def goes_on(draft: store.Open, text: str, now: datetime) -> bool:
    """Whether a text goes on with the one before it in its form."""
    return draft.long_at is not None and abs(now - draft.long_at) <= WITHIN and not is_control(text)
