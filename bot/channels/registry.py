"""The real channels, one line each. A channel is there when its settings are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.channels.base import Channel, MenuItem
from bot.channels.disclosure import Level
from bot.channels.telegram.channel import telegram
from bot.config import Settings
from locales.catalogue import N_
from storage.lane import Lane


@dataclass(frozen=True)
class Entry:
    """What people call the channel, how it is made (None: it is not set up), and the level that the settings give."""

    name: str
    make: Callable[[Settings, Lane, Sequence[MenuItem]], Channel | None]
    level: Callable[[Settings], Level]


CHANNELS: Mapping[str, Entry] = {
    "telegram": Entry(N_("Telegram"), telegram, lambda settings: settings.telegram_disclosure),
}
