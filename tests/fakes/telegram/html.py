"""`parse_mode=HTML`, as strict as the real thing: every `<` is a tag, every tag is known and closed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.spans import Draft, ParseError, byte_offset

KINDS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "code": "code", "pre": "pre", "blockquote": "blockquote", "a": "text_link",
    "tg-emoji": "custom_emoji",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}

_REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z]+));?")
_TAG = re.compile(r"<(/?)([^\s>]*)((?:[^>\"']|\"[^\"]*\"|'[^']*')*)>")
_ATTRIBUTE = re.compile(r"\s+([^\s=]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[\w.-]*))?")


def parse_html(source: str) -> tuple[str, list[Json]]:
    """The plain text and its entities."""
    reader = _Reader(source)
    while reader.at < len(source):
        reader.step()
    if reader.draft.open:
        name = reader.draft.open[-1].name
        raise ParseError(f"Can't find end tag corresponding to start tag {name}")
    return reader.draft.text, reader.draft.entities


def _unescaped(text: str) -> str:
    return _REFERENCE.sub(_character, text)


def _character(found: re.Match[str]) -> str:
    hexadecimal, decimal, name = found.groups()
    if name:
        return NAMED.get(name, found.group())
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else found.group()


@dataclass
class _Reader:
    source: str
    at: int = 0

    def __post_init__(self) -> None:
        self.draft = Draft()

    def step(self) -> None:
        """One run of words, or one tag."""
        if self.source[self.at] != "<":
            end = self.source.find("<", self.at)
            end = len(self.source) if end < 0 else end
            self.draft.write(_unescaped(self.source[self.at : end]))
            self.at = end
            return
        where = byte_offset(self.source, self.at)
        tag = _TAG.match(self.source, self.at)
        if tag is None:
            kind = "end" if self.source.startswith("</", self.at) else "start"
            raise ParseError(f"Unclosed {kind} tag at byte offset {where}")
        self.at = tag.end()
        slash, name, rest = tag.groups()
        if slash:
            self._close(name.lower(), where)
        else:
            self._open(name.lower(), rest, where)

    def _open(self, name: str, rest: str, where: int) -> None:
        if name not in KINDS:
            raise ParseError(f'Unsupported start tag "{name}" at byte offset {where}')
        more: Json = {}
        for attribute in _ATTRIBUTE.finditer(rest):
            key, value = attribute.groups()
            if value is None and key != "expandable":
                raise ParseError(
                    f'Expected equal sign in declaration of an attribute of the tag "{name}" at byte offset {where}'
                )
            more[key] = _unescaped((value or "").strip("\"'"))
        if name == "span" and more.get("class") != "tg-spoiler":
            raise ParseError(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
        self.draft.begin(name, where).more = more

    def _close(self, name: str, where: int) -> None:
        if not self.draft.open:
            raise ParseError(f"Unexpected end tag at byte offset {where}")
        span = self.draft.open[-1]
        if name not in ("", span.name):
            raise ParseError(
                f'Unmatched end tag at byte offset {where}, expected "</{span.name}>", found "</{name}>"'
            )
        kind = KINDS[span.name]
        if kind == "text_link":
            self.draft.end(kind, url=span.more.get("href") or self.draft.text[-1:])
        elif kind == "custom_emoji":
            self.draft.end(kind, custom_emoji_id=span.more.get("emoji-id", ""))
        elif "expandable" in span.more:
            self.draft.end("expandable_blockquote")
        else:
            self.draft.end(kind, **_language(span.more))


def _language(more: Json) -> Json:
    known = str(more.get("class", ""))
    return {"language": known.removeprefix("language-")} if known.startswith("language-") else {}
