"""A chat as the person sees it on the phone."""

from __future__ import annotations

from dataclasses import dataclass

from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.state import Message
from tests.fakes.telegram.world import World


@dataclass(frozen=True)
class SeenFile:
    """A file in the chat, opened."""

    name: str
    content: bytes
    kind: str


@dataclass(frozen=True)
class Seen:
    """A message at the moment of looking. It does not change when the chat does."""

    id: int
    chat_id: int
    from_bot: bool
    text: str  # or the caption, when there is a file
    entities: tuple[Json, ...]
    buttons: tuple[tuple[tuple[str, str], ...], ...]  # rows of label and data, or address
    file: SeenFile | None
    edited: bool
    protected: bool
    date: int
    changed_at: int

    @property
    def labels(self) -> list[str]:
        return [label for row in self.buttons for label, _ in row]

    def data_of(self, label: str) -> str | None:
        """What a tap on the first button whose label starts so would send."""
        return next((data for row in self.buttons for known, data in row if known.startswith(label)), None)

    def shown(self, kind: str) -> list[str]:
        """The words under one kind of entity, as `bold`."""
        wide = self.text.encode("utf-16-le")
        return [
            wide[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")
            for entity in self.entities
            if entity["type"] == kind
        ]


def seen(world: World, message: Message) -> Seen:
    file = message.file
    return Seen(
        id=message.id,
        chat_id=message.chat_id,
        from_bot=message.sender == world.bot.id,
        text=message.words.text,
        entities=message.words.entities,
        buttons=_buttons(message.markup),
        file=SeenFile(file.name, file.content, file.kind) if file else None,
        edited=message.reworded,
        protected=message.protected,
        date=int(message.date),
        changed_at=message.changed_at,
    )


def _buttons(markup: Json | None) -> tuple[tuple[tuple[str, str], ...], ...]:
    rows = (markup or {}).get("inline_keyboard", [])
    return tuple(
        tuple((one["text"], one.get("callback_data") or one.get("url") or "") for one in row) for row in rows
    )
