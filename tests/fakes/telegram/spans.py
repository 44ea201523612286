"""What both parsers of marked-up text share: a growing text, and the spans opened in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.telegram.errors import Json


class ParseError(ValueError):
    """What follows `can't parse entities: `."""


def units(text: str) -> int:
    """Length in UTF-16 code units, as Telegram counts."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@dataclass
class Open:
    """A span that was begun."""

    name: str
    offset: int
    begun_at: int  # in the source, in bytes: error texts count so
    more: Json = field(default_factory=dict)


@dataclass
class Draft:
    """The text so far."""

    text: str = ""
    length: int = 0
    open: list[Open] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)

    def write(self, words: str) -> None:
        self.text += words
        self.length += units(words)

    def begin(self, name: str, begun_at: int) -> Open:
        self.open.append(Open(name, self.length, begun_at))
        return self.open[-1]

    def end(self, kind: str, **more: object) -> None:
        """Close the newest span; one around nothing leaves no entity."""
        span = self.open.pop()
        if self.length > span.offset:
            length = self.length - span.offset
            self.entities.append({"type": kind, "offset": span.offset, "length": length, **more})


def byte_offset(source: str, at: int) -> int:
    return len(source[:at].encode())
