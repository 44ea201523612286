"""What a channel may be told: the gate that every outgoing message passes.

It works on the kinds of values a message is made of, never by searching text. `reduce` leaves out what a level may
not know, line by line; `check` then refuses to let anything else through, so a new kind of value that nobody has
ruled on cannot slip out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from msgspec.structs import replace

from bot.messages import Button, FileRef, Message, Select, Together, flat
from locales.catalogue import N_
from locales.phrase import CaseRef, Code, Either, P, Parts, Phrase, Several, Value


class Level(StrEnum):
    """How much a channel may be told, most first."""

    full = "full"
    coded = "coded"
    notice = "notice"


_ORDER = list(Level)


def tells_more(level: Level, than: Level) -> bool:
    """Whether a channel at `level` is told more than one at the other level."""
    return _ORDER.index(level) < _ORDER.index(than)


# The strictest level at which a kind of value may still be told.
ALLOWED = {
    "count": Level.notice,
    "date": Level.notice,
    "time": Level.notice,
    "word": Level.notice,
    "task_code": Level.notice,
    "link": Level.notice,
    "code": Level.coded,
    "term": Level.coded,
    "case": Level.full,
    "case_name": Level.full,
    "name": Level.full,
    "unit": Level.full,
    "grade": Level.full,
    "sanction": Level.full,
    "free_text": Level.full,
}

WITHHELD = N_("What may not be told on this channel is left out.")
ON_PAGE = P("What may not be told on this channel stands on your page: send “{word}”.", word=P("page"))
NOTHING_LEFT = N_("There is a message for you that may not be told on this channel.")


class Undisclosable(Exception):
    """A message holds something that its channel may not be told. It is not sent."""


def may_tell(value: Value, level: Level) -> bool:
    if isinstance(value, Phrase):
        return all(may_tell(part, level) for part in value.values.values())
    if isinstance(value, Parts | Several | Either):
        return all(may_tell(part, level) for part in value.values)
    allowed = ALLOWED.get(value.kind)
    return allowed is not None and _ORDER.index(level) <= _ORDER.index(allowed)


def _reduced(value: Value, level: Level) -> Value | None:
    """The value as far as the level may know it; None when nothing of it may be told."""
    if isinstance(value, CaseRef) and level is not Level.full:
        return _reduced(Code(value.code), level)
    if isinstance(value, Phrase):
        parts = {name: _reduced(part, level) for name, part in value.values.items()}
        kept = {name: part for name, part in parts.items() if part is not None}
        return Phrase(value.msgid, kept, value.plural) if len(kept) == len(parts) else None
    if isinstance(value, Either):
        ways = (_reduced(way, level) for way in value.values)
        return next((way for way in ways if way is not None), None)
    if isinstance(value, Several | Parts):
        told = tuple(part for part in (_reduced(part, level) for part in value.values) if part is not None)
        # Parts of a line may be left out; a list with members missing would say something else.
        whole = len(told) == len(value.values) if isinstance(value, Several) else bool(told)
        return type(value)(told) if whole else None
    return value if may_tell(value, level) else None


def _reduced_phrase(phrase: Phrase, level: Level) -> Phrase | None:
    reduced = _reduced(phrase, level)
    return reduced if isinstance(reduced, Phrase) else None


def reduce(message: Message, level: Level, *, has_pages: bool = False) -> Message:
    """The message without what `level` may not know, and where that stands. At `full` it is the message itself."""
    if level is Level.full:
        return message
    lines = [_reduced_phrase(line, level) for line in message.lines]
    kept = [line for line in lines if line is not None]
    rows = [
        tuple(
            replace(button, label=label) for button in row if (label := _reduced_phrase(button.label, level))
        )
        for row in message.buttons
    ]
    if not any(line.msgid for line in kept):
        kept = [P(NOTHING_LEFT), ON_PAGE] if has_pages else [P(NOTHING_LEFT)]
    elif len(kept) < len(lines) or message.file is not None or _count(rows) < _count(message.buttons):
        kept.append(ON_PAGE if has_pages else P(WITHHELD))
    together = _reduced_together(message.together, level) if message.together else None
    return Message(tuple(kept), tuple(row for row in rows if row), None, together, message.draft)


def _count(rows: Iterable[Sequence[Button]]) -> int:
    return sum(map(len, rows))


def _reduced_together(together: Together, level: Level) -> Together | None:
    """Questions that can be answered at once, as far as all of them may be told; else they are asked one by one."""
    lines = [_reduced_phrase(line, level) for line in together.lines]
    selects = [_reduced_select(select, level) for select in together.selects]
    if not all(lines) or not all(selects) or not may_tell(together.send.label, level):
        return None
    return replace(together, lines=tuple(filter(None, lines)), selects=tuple(filter(None, selects)))


def _reduced_select(select: Select, level: Level) -> Select | None:
    title = _reduced_phrase(select.title, level)
    options = tuple(
        replace(option, label=label)
        for option in select.options
        if (label := _reduced_phrase(option.label, level))
    )
    return Select(title, options) if title and options else None


def check(message: Message, level: Level) -> None:
    """Raises `Undisclosable` if any line, label, title or file of the message is more than `level` may know."""
    phrases = [*message.lines, *(button.label for button in flat(message))]
    if message.together is not None:
        phrases += [*message.together.lines, *(select.title for select in message.together.selects)]
    if not all(may_tell(phrase, level) for phrase in phrases) or not _file_allowed(message.file, level):
        raise Undisclosable(f"the message holds more than the level {level.value} may know")


def _file_allowed(file: FileRef | None, level: Level) -> bool:
    return file is None or level is Level.full
