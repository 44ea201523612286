"""A text with a heading, as WeCom's markdown: its first line in bold, as on a card, and no other markup.

Markdown has no escape that WeCom vouches for. So what holds a character that could be read as markup (a mention, a
link, a colour) is no markdown but a text, which shows it as it stands: nobody's name becomes a command.
"""

from __future__ import annotations

import re

LONGEST = 2048  # bytes
_MARKUP = re.compile(r"[<>\[\]*_`#~\\@]|://|www\.", re.IGNORECASE)


def headed(text: str) -> str | None:
    """The content of a markdown message; None where the text has no heading, is too long, or might be misread."""
    first, _, rest = text.partition("\n")
    if not first.strip() or not rest.strip() or _MARKUP.search(text):
        return None
    content = f"**{first.strip()}**\n{rest}"
    return content if len(content.encode()) <= LONGEST else None
