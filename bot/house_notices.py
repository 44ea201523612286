"""What the assistant tells of itself: a process that fell silent, and that it is back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bot.context import Context
from bot.messages import Message
from locales.phrase import Clock, Day, P, Phrase, Word
from storage.tables.mail import Outbox


def silence(ctx: Context, row: Outbox, payload: dict[str, Any]) -> Message:
    """One process, or with no name in the payload all of them."""
    since = datetime.fromisoformat(payload["since"])
    when: dict[str, Any] = {"day": Day(ctx.mechanism.day(since)), "time": Clock(since)}
    lines: tuple[Phrase, ...]
    if row.kind == "back":
        head = (
            P("A process of the assistant is back. It had been silent since {day}, {time}.", None, **when)
            if "process" in payload
            else P("The assistant is running again. It had stood still since {day}, {time}.", None, **when)
        )
        lines = (head, P("Whatever fell due meanwhile goes out now; nothing was lost."))
    elif "process" in payload:
        lines = (
            P("A process of the assistant has been silent since {day}, {time}.", None, **when),
            P("The others do its work. On the server: {command}", command=Word("fangpingcha heartbeat")),
        )
    else:
        lines = (
            P("The assistant has stood still since {day}, {time}. No reminder goes out.", None, **when),
            P("Please start it again. On the server: {command}", command=Word("fangpingcha doctor")),
        )
    return Message(lines)
