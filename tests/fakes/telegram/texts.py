"""Texts as Telegram takes them: measured in UTF-16, cleaned, trimmed, and with entities that must fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from tests.fakes.telegram.errors import Json, bad
from tests.fakes.telegram.html import parse_html
from tests.fakes.telegram.markdown import parse_markdown
from tests.fakes.telegram.spans import ParseError, units

# What a bot may ask for. Links, mentions and commands are found by the server itself and ignored when given.
SETTABLE = {
    "bold", "italic", "underline", "strikethrough", "spoiler", "code", "pre", "blockquote",
    "expandable_blockquote", "text_link", "text_mention", "custom_emoji", "date_time",
}  # fmt: skip
NEEDED = {"text_link": ("url",), "text_mention": ("user",), "custom_emoji": ("custom_emoji_id",)}
FARTHEST = 1_000_000
COMMAND = re.compile(r"(?<!\S)/[A-Za-z0-9_]{1,32}(?:@\w+)?")


@dataclass(frozen=True)
class Formatted:
    """A text and how it is dressed."""

    text: str = ""
    entities: tuple[Json, ...] = ()


def typed(text: str) -> Formatted:
    """A person's text, with the commands in it marked."""
    commands = (
        {"type": "bot_command", "offset": units(text[: found.start()]), "length": units(found.group())}
        for found in COMMAND.finditer(text)
    )
    return Formatted(text, tuple(commands))


def read_formatted(text: str, parse_mode: str, entities: object, most_entities: int) -> Formatted:
    """The text as it will be shown. `parse_mode` wins over `entities`, as on the real server."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise bad("strings must be encoded in UTF-8") from None
    if text and parse_mode.lower() not in ("", "none"):
        text, found = _parsed(text, parse_mode.lower())
    else:
        found = _given(entities)
    return _fixed(text, found, most_entities)


def _parsed(text: str, parse_mode: str) -> tuple[str, list[Json]]:
    parsers = {"html": parse_html, "markdownv2": parse_markdown}
    if parse_mode not in parsers:
        raise bad("unsupported parse_mode")
    try:
        return parsers[parse_mode](text)
    except ParseError as wrong:
        raise bad(f"can't parse entities: {wrong}") from None


def _given(entities: object) -> list[Json]:
    if entities is None:
        return []
    if not isinstance(entities, list):
        # The real server shrugs and sends plain text; a test wants to know.
        raise bad("can't parse entities: expected an Array of MessageEntity")
    return [entity for entity in map(_entity, entities) if entity["length"] and entity["type"] in SETTABLE]


def _entity(entity: object) -> Json:
    if not isinstance(entity, dict):
        raise bad("can't parse MessageEntity: expected an Object")
    for name in ("offset", "length"):
        if name not in entity:
            raise bad(f"can't parse MessageEntity: Can't find field \"{name}\"")
        if not isinstance(entity[name], int) or isinstance(entity[name], bool):
            raise bad(f'can\'t parse MessageEntity: Field "{name}" must be of type Number')
        if not 0 <= entity[name] <= FARTHEST:
            raise bad(f"receive an entity with incorrect {name} {entity[name]}")
    for name in ("type", *NEEDED.get(str(entity.get("type")), ())):
        if not entity.get(name):
            raise bad(f"can't parse MessageEntity: Can't find field \"{name}\"")
    return dict(entity)


def _fixed(text: str, entities: list[Json], most_entities: int) -> Formatted:
    cleaned, places = _cleaned(text)
    entities = sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))
    for entity in entities:
        _must_fit(entity, places, units(text))
        end = places[entity["offset"] + entity["length"]]
        entity["offset"] = places[entity["offset"]]
        entity["length"] = end - entity["offset"]
    return _trimmed(cleaned, entities, most_entities)


def _cleaned(text: str) -> tuple[str, dict[int, int]]:
    """The text without control characters, and where each old UTF-16 offset has gone."""
    kept: list[str] = []
    places: dict[int, int] = {}
    old = new = 0
    for character in text:
        places[old] = new
        old += units(character)
        if character == "\r" or "\u2028" <= character <= "\u202e":
            continue
        kept.append(" " if character < " " and character != "\n" else character)
        new += units(character)
    places[old] = new
    return "".join(kept), places


def _must_fit(entity: Json, places: dict[int, int], length: int) -> None:
    start = entity["offset"]
    end = start + entity["length"]
    if start > length:
        raise bad(f"entity begins after the end of the text at UTF-16 offset {start}")
    if end > length:
        raise bad(
            f"entity beginning at UTF-16 offset {start} ends after the end of the text at UTF-16 offset {end}"
        )
    if start not in places:
        raise bad(f"entity begins in a middle of a UTF-16 symbol at byte offset {start}")
    if end not in places:
        raise bad(
            f"entity beginning at UTF-16 offset {start} ends in a middle of a UTF-16 symbol at byte offset {end}"
        )


def _trimmed(text: str, entities: Sequence[Json], most: int) -> Formatted:
    """White space at both ends goes, except before a first word that is dressed."""
    text = text.rstrip(" \n")
    blank = len(text) - len(text.lstrip(" \n"))
    lead = min([blank, *(entity["offset"] for entity in entities)])
    text, length = text[lead:], units(text) - lead
    kept: list[Json] = []
    for entity in entities:
        start = entity["offset"] - lead
        end = min(start + entity["length"], length)
        if end > start:
            kept.append({**entity, "offset": start, "length": end - start})
    return Formatted(text, tuple(kept[:most]))
