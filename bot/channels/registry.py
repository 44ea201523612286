"""The real channels, one line each. A channel is there when its settings are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.channels.base import Channel, MenuItem, Task
from bot.channels.disclosure import Level
from bot.channels.telegram.channel import telegram
from bot.channels.wecom.binding import userid
from bot.channels.wecom.channel import wecom
from bot.channels.wecom.menu import TASKS
from bot.config import Settings
from locales.catalogue import N_
from storage.lane import Lane


@dataclass(frozen=True)
class Entry:
    """What people call the channel, how it is made (None: it is not set up), and the level that the settings give.

    `address` makes an address that somebody wrote down what the channel calls it, None of what can be none. `tasks` are
    what an operator can have done at the vendor's: `fangpingcha KIND NAME`.
    """

    name: str
    make: Callable[[Settings, Lane, Sequence[MenuItem]], Channel | None]
    level: Callable[[Settings], Level]
    address: Callable[[str], str | None]
    tasks: tuple[Task, ...] = ()


def _number(text: str) -> str | None:
    digits = text.strip()
    return digits if digits.isascii() and digits.isdigit() else None


CHANNELS: Mapping[str, Entry] = {
    "telegram": Entry(N_("Telegram"), telegram, lambda settings: settings.telegram_disclosure, _number),
    "wecom": Entry(N_("WeCom"), wecom, lambda settings: settings.wecom_disclosure, userid, TASKS),
}
