"""The numbers of the Bot API, in one place. A test may shrink one to reach it with little data."""

from __future__ import annotations

from dataclasses import dataclass

DAY = 86_400.0


@dataclass(frozen=True)
class Limits:
    """Lengths are UTF-16 code units, sizes bytes, times seconds of the server's clock."""

    text: int = 4096
    caption: int = 1024
    raw_text: int = 1 << 15  # bytes, before any parsing
    entities: int = 100
    buttons: int = 100
    buttons_a_row: int = 8
    callback_data: int = 64
    markup: int = 10_240  # bytes of the keyboard as JSON; found by experience, documented nowhere
    answer: int = 200
    upload: int = 50 << 20
    photo: int = 10 << 20
    download: int = 20 << 20
    commands: int = 100
    delete_within: float = 2 * DAY
    update_life: float = DAY
    click_life: float = 150.0
    a_second_overall: int = 30
    burst_per_chat: int = 3  # so many at once, then one a second
    a_minute_per_group: int = 20
