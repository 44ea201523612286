"""The real channels, one line each. A channel is there when its settings are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.channels.base import Channel, MenuItem
from bot.channels.disclosure import Level
from bot.channels.telegram.channel import telegram
from bot.config import Settings
from storage.lane import Lane


@dataclass(frozen=True)
class Entry:
    """How a channel is made (None: it is not set up), and the level it may be told by the settings."""

    make: Callable[[Settings, Lane, Sequence[MenuItem]], Channel | None]
    level: Callable[[Settings], Level]


CHANNELS: Mapping[str, Entry] = {
    "telegram": Entry(telegram, lambda settings: settings.telegram_disclosure),
}
