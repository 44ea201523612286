"""Makes a message fit what a channel can show, so that nobody above has to know a channel's limits."""

from __future__ import annotations

from bot.channels.base import Capabilities
from bot.messages import Rendered, RenderedButton

_NUMBER_MARK = ". "


def fit(message: Rendered, can: Capabilities) -> list[Rendered]:
    """The message as one or more that the channel can show. Buttons and the file go with the last part.

    More buttons than the channel has become a numbered list: the number, typed, does what the button would have. It is
    the number of the button's token, and one more: those that were left out for this channel leave a gap.
    """
    text, rows = message.text, message.buttons
    buttons = [button for row in rows for button in row]
    if can.buttons is not None and len(buttons) > can.buttons:
        text = "\n".join([text, *_numbered(buttons)])
        rows = ()
    parts = split(text, can.text_bytes)
    file = message.file if can.send_files else None
    return [*(Rendered(part) for part in parts[:-1]), Rendered(parts[-1], rows, file)]


def _numbered(buttons: list[RenderedButton]) -> list[str]:
    return [f"{int(button.token.rpartition('.')[2]) + 1}{_NUMBER_MARK}{button.label}" for button in buttons]


def split(text: str, limit: int | None) -> list[str]:
    """The text in parts of at most `limit` UTF-8 bytes, cut between paragraphs, else lines, else characters."""
    if limit is None or len(text.encode()) <= limit:
        return [text]
    parts: list[str] = []
    rest = text
    while len(rest.encode()) > limit:
        head = rest.encode()[:limit].decode(errors="ignore")
        cut = max(head.rfind("\n\n"), 0) or max(head.rfind("\n"), 0) or len(head)
        parts.append(rest[:cut].rstrip("\n"))
        rest = rest[cut:].lstrip("\n")
    return [part for part in [*parts, rest] if part]
