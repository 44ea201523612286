"""A userid as the office may write it → as WeCom's callbacks have it."""

from __future__ import annotations

from bot.channels.wecom.cards import DoesNotFit, Recipient


def userid(text: str) -> str | None:
    """The userid in small letters, because WeCom does not tell them apart by case; None for what is none."""
    try:
        return Recipient(text.strip().lower(), 0).user_id
    except DoesNotFit:
        return None
