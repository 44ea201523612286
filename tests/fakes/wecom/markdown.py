"""What the client makes of a markdown message: the text one reads, and what in it became more than text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_MENTION = re.compile(r"<@([^>\s]+)>")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)]*)\)")
_BARE = re.compile(r"https?://\S+|www\.\S+")
_FONT = re.compile(r"</?font[^>]*>", re.IGNORECASE)
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"`([^`]*)`")
_LINE_MARK = re.compile(r"^(#{1,6} |> ?)", re.MULTILINE)


@dataclass(frozen=True)
class Markup:
    """`bold` are the parts that stand out; the others are what a hostile text could be after."""

    text: str
    bold: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


def read(content: str) -> Markup:
    """The subset that WeCom documents: headings, bold, links, code in a line, quotes, three colours, mentions."""
    links = [address for _, address in _LINK.findall(content)] + _BARE.findall(_LINK.sub("", content))
    others = [*_FONT.findall(content), *_CODE.findall(content), *_LINE_MARK.findall(content)]
    text = _LINE_MARK.sub("", _CODE.sub(r"\1", _FONT.sub("", _LINK.sub(r"\1", content))))
    text = _BOLD.sub(r"\1", _MENTION.sub(r"@\1", text))
    return Markup(
        text,
        tuple(_BOLD.findall(content)),
        tuple(_MENTION.findall(content)),
        tuple(links),
        tuple(others),
    )
