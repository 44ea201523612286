"""`parse_mode=MarkdownV2`, as strict as the real thing: a reserved character is markup, is escaped, or is an error."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.spans import Draft, ParseError, byte_offset

RESERVED = "_*[]()~`>#+-=|{}.!"
# Longest first: `__` is never two italics.
MARKS = {
    "```": "pre", "__": "underline", "||": "spoiler", "_": "italic", "*": "bold", "~": "strikethrough",
    "`": "code", "![": "custom_emoji", "[": "text_link",
}  # fmt: skip
CLOSED_BY = {"text_link": "]", "custom_emoji": "]"} | {
    kind: mark for mark, kind in MARKS.items() if "[" not in mark
}
NAMES = {
    "pre": "Pre", "underline": "Underline", "spoiler": "Spoiler", "italic": "Italic", "bold": "Bold",
    "strikethrough": "Strikethrough", "code": "Code", "custom_emoji": "CustomEmoji", "text_link": "TextUrl",
}  # fmt: skip
LITERAL = ("code", "pre")  # in these only the closing mark is special


def parse_markdown(source: str) -> tuple[str, list[Json]]:
    """The plain text and its entities."""
    reader = _Reader(source)
    while reader.at < len(source):
        reader.step()
    reader.end_quote()
    if reader.draft.open:
        span = reader.draft.open[-1]
        raise ParseError(f"Can't find end of {NAMES[span.name]} entity at byte offset {span.begun_at}")
    return reader.draft.text, reader.draft.entities


@dataclass
class _Reader:
    source: str
    at: int = 0
    draft: Draft = field(default_factory=Draft)
    quoted_from: int | None = None

    @property
    def _here(self) -> str:
        return self.source[self.at]

    @property
    def _inside(self) -> str:
        return self.draft.open[-1].name if self.draft.open else ""

    def step(self) -> None:
        """One character, one escaped character or one mark."""
        if self._here == "\\" and self.at + 1 < len(self.source) and self.source[self.at + 1] <= "~":
            self.draft.write(self.source[self.at + 1])
            self.at += 2
        elif self._inside and self.source.startswith(CLOSED_BY[self._inside], self.at):
            self._close()
        elif self._inside in LITERAL:
            self._plain()
        elif self._quotes():
            return
        elif self._here in RESERVED:
            self._open()
        else:
            self._plain()

    def _plain(self) -> None:
        self.draft.write(self._here)
        self.at += 1

    def _open(self) -> None:
        for mark, kind in MARKS.items():
            if self.source.startswith(mark, self.at):
                self.draft.begin(kind, byte_offset(self.source, self.at))
                self.at += len(mark)
                return
        raise ParseError(f"Character '{self._here}' is reserved and must be escaped with the preceding '\\'")

    def _close(self) -> None:
        kind = self._inside
        self.at += len(CLOSED_BY[kind])
        if kind == "text_link":
            self.draft.end(kind, url=self._address() or self.draft.text)
        elif kind == "custom_emoji":
            self.draft.end(kind, custom_emoji_id=self._address().rpartition("=")[2])
        else:
            self.draft.end(kind)

    def _address(self) -> str:
        """What stands in round brackets behind a link."""
        if not self.source.startswith("(", self.at):
            return ""
        end = self.source.find(")", self.at)
        if end < 0:
            where = byte_offset(self.source, self.at + 1)
            raise ParseError(f"Can't find end of a URL at byte offset {where}")
        found = self.source[self.at + 1 : end]
        self.at = end + 1
        return found

    def _quotes(self) -> bool:
        """`>` at the beginning of a line, and the end of a quoted line."""
        at_line_start = self.at == 0 or self.source[self.at - 1] == "\n"
        if self._here == ">" and at_line_start:
            if self.quoted_from is None:
                self.quoted_from = self.draft.length
            self.at += 1
            return True
        if self._here == "\n" and self.source[self.at + 1 : self.at + 2] != ">":
            self.end_quote()
        return False

    def end_quote(self) -> None:
        if self.quoted_from is not None and self.draft.length > self.quoted_from:
            length = self.draft.length - self.quoted_from
            self.draft.entities.append({"type": "blockquote", "offset": self.quoted_from, "length": length})
        self.quoted_from = None
