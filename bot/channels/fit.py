"""Makes a message fit what a channel can show, so that nobody above has to know a channel's limits."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from bot.channels.base import Capabilities
from bot.messages import Rendered, RenderedButton, RenderedSelect, RenderedTogether

_NUMBER_MARK = ". "
_MARGIN = 2  # half-width characters that a button needs beside its label

Row = tuple[RenderedButton, ...]


def fit(message: Rendered, can: Capabilities) -> list[Rendered]:
    """The message as one or more that the channel can show. Buttons, the file and the link go with the last part.

    More buttons than the channel has become a numbered list: the number, typed, does what the button would have. It is
    the number of the button's token, and one more: those that were left out for this channel leave a gap. Several
    questions at once stay so where there are drop-downs; elsewhere the first is asked as if there were no other.
    """
    text, rows = message.text, message.buttons
    buttons = [button for row in rows for button in row]
    choice = message.choice
    if choice is not None and not (can.choice is not None and len(choice.options) <= can.choice):
        choice = None
    if together := _droppable(message.together, can):
        return [replace(message, text=together.text, together=together)]
    if choice is None and can.buttons is not None and len(buttons) > can.buttons:
        text = "\n".join([text, *_numbered(buttons)])
        rows = ()
    rows = tuple(part for row in rows for part in _broken(row, can))
    file = message.file if can.send_files else None
    parts = split(text, can)
    if file is not None and can.caption is not None and can.length(text) > can.caption:
        return [*(Rendered(part) for part in parts), Rendered("", rows, file, message.once, choice=choice)]
    last = Rendered(parts[-1], rows, file, message.once, link=message.link, choice=choice)
    return [*(Rendered(part) for part in parts[:-1]), last]


def noted(parts: Sequence[Rendered], at: int, note: str, can: Capabilities) -> list[Rendered]:
    """The parts of a message, of which one ends with a note; as they were where there is no room for it."""
    found = list(parts)
    for part in found[at : at + 1]:
        text = f"{part.text}\n{note}".strip()
        room = can.text if part.file is None else can.caption
        if room is None or can.length(text) <= room:
            found[at] = replace(part, text=text)
    return found


def _droppable(together: RenderedTogether | None, can: Capabilities) -> RenderedTogether | None:
    """As many of the questions, from the first, as drop-downs can hold; None where that leaves but one."""
    if together is None or can.drop_downs is None:
        return None
    drops, held = can.drop_downs, list[RenderedSelect]()
    for select in together.selects[: drops.count]:
        labels = [together.blank, *(option.label for option in select.options)]
        if len(select.options) > drops.options or max(map(len, labels)) > drops.label:
            break
        held.append(select)
    return replace(together, selects=tuple(held)) if len(held) > 1 else None


def _numbered(buttons: list[RenderedButton]) -> list[str]:
    return [f"{int(button.token.rpartition('.')[2]) + 1}{_NUMBER_MARK}{button.label}" for button in buttons]


def _broken(row: Row, can: Capabilities) -> Iterator[Row]:
    """A row as one or more that can be read on a phone; as even as they come."""
    count = 1
    while count < len(row) and not all(_fits(part, can) for part in _evenly(row, count)):
        count += 1
    yield from _evenly(row, count)


def _evenly(row: Row, count: int) -> list[Row]:
    size = -(-len(row) // count)
    return [row[at : at + size] for at in range(0, len(row), size)]


def _fits(row: Sequence[RenderedButton], can: Capabilities) -> bool:
    if can.row is not None and len(row) > can.row:
        return False
    # Side by side, buttons are of one width: the longest label's.
    return can.row_width is None or max(width(b.label) + _MARGIN for b in row) * len(row) <= can.row_width


def width(text: str) -> int:
    """How many half-width characters a text takes up."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def split(text: str, can: Capabilities) -> list[str]:
    """The text in parts that are short enough, cut between paragraphs, else lines, else characters."""
    if can.text is None:
        return [text]
    parts: list[str] = []
    rest = text
    while can.length(rest) > can.text:
        head = _head(rest, can)
        cut = max(head.rfind("\n\n"), 0) or max(head.rfind("\n"), 0) or len(head)
        parts.append(rest[:cut].rstrip("\n"))
        rest = rest[cut:].lstrip("\n")
    return [part for part in [*parts, rest] if part.strip()] or [text[:1]]


def _head(text: str, can: Capabilities) -> str:
    """As much of the beginning as one message takes, in whole characters."""
    low, high = 1, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if can.length(text[:middle]) <= (can.text or 0):
            low = middle
        else:
            high = middle - 1
    return text[:low]
