"""Our messages as WeCom's calls: what goes out as what, and by which word it is known afterwards."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.channels.base import Capabilities, DropDowns, Unit
from bot.channels.wecom.cards import (
    BUTTONS,
    OPTIONS,
    REMEMBERED,
    SELECT_OPTION,
    SELECT_OPTIONS,
    SELECTS,
    TEXT,
    Payload,
)
from bot.messages import Rendered
from reminders.pace import Rate

# A member is shown 30 messages a minute and 1,000 an hour; what is more vanishes although its sender is told all is
# well. In no minute do we send more than 14 + 14, in no hour more than 900 + 90: on the way messages may draw nearer to
# each other by some seconds. For the whole channel a little less than the 10,000 calls a minute that one API takes.
CAN = Capabilities(
    text=TEXT,
    caption=0,  # a file has no text beside it
    unit=Unit.utf8,
    buttons=OPTIONS,
    choice=OPTIONS,
    drop_downs=DropDowns(SELECTS, SELECT_OPTIONS - 1, SELECT_OPTION),
    edit=True,
    remove=timedelta(hours=24),
    drops_repeats=True,
    count=True,
    send_files=True,
    receive_files=True,
    overall=Rate(150, 1.0),
    each=(Rate(14, 60.0, burst=14), Rate(900, 3600.0, burst=90)),
)
A_DAY_EACH = 200  # messages, for each account that the corporation may have, whoever gets them


def day_of(accounts: int) -> Rate:
    """What an app may send in a day. Half of it can go at once, so that no 24 hours, from whichever moment, have more
    than the whole: WeCom counts by its own day."""
    half = accounts * A_DAY_EACH // 2
    return Rate(half, 86_400.0, burst=half)


LONGEST_RECEIPT = 200
_WORDS = ("text", "markdown")  # what has no id of its own
_SHORTEST = 1800  # seconds
FILE_WORKS = timedelta(days=2)  # an uploaded file is there for three
_ONCE, _OPEN, _OPTIONS, _TO_READ, _FILE = "-1", "-n", "-v", "-r", "-f"
_MARK = "~"  # in no task id and no msgid


@dataclass(frozen=True)
class Receipt:
    """What a message is known by: the task id of its card, if it has one, and the msgids of all that was sent for it.

    As a word `~task~msgid~msgid`.
    """

    task_id: str
    msgids: tuple[str, ...]

    def __str__(self) -> str:
        msgids = self.msgids
        while len(word := _MARK.join(["", self.task_id, *msgids])) > LONGEST_RECEIPT and msgids:
            msgids = msgids[1:]  # the last is the one that may hold buttons
        return word

    @classmethod
    def read(cls, word: str) -> Receipt | None:
        """The receipt that a word is; None for a word that is none."""
        first, *rest = word.split(_MARK)
        return cls(rest[0], tuple(rest[1:])) if not first and rest else None


def task_id_of(message: Rendered) -> str:
    """The task id of a message's card: never used for another one, the same for a second attempt.

    Its end says whether a tap settles the card, and of what kind it is: so nobody has to ask the database.
    """
    tokens = {button.token for row in message.buttons for button in row}
    if not tokens:
        return (message.key or "none") + _TO_READ
    nonce = min(tokens).partition(".")[0]
    if message.once:
        return nonce + _ONCE
    return nonce + (_OPTIONS if len(tokens) > BUTTONS else _OPEN)


def file_of(message: Rendered) -> str:
    """By which word the uploaded file of a message is remembered; none for a message that is in no outbox."""
    return message.key + _FILE if message.key else ""


def has_buttons(task_id: str) -> bool:
    """Whether a card of ours has buttons, and no options: only one of its own kind can take its place."""
    return task_id.endswith(_OPEN)


def is_settled_by_a_tap(task_id: str) -> bool:
    return task_id.endswith(_ONCE)


def told_apart(payloads: Sequence[Payload], key: str) -> list[Payload]:
    """The payloads so that WeCom drops a second attempt and nothing else.

    It drops a request that equals an earlier one byte for byte. A card has its task id, and a file its media_id; but
    two texts may honestly be the same. There each message remembers for a number of seconds of its own, which makes
    its bytes its own. Without a key a repeat cannot be told from an honest second message, and both are shown.
    """
    return [
        payload if payload["msgtype"] not in _WORDS else _told_apart(payload, key) for payload in payloads
    ]


def _told_apart(payload: Payload, key: str) -> Payload:
    if key:
        seconds = _SHORTEST + zlib.crc32(key.encode()) % (REMEMBERED - _SHORTEST + 1)
        return payload | {"enable_duplicate_check": 1, "duplicate_check_interval": seconds}
    kept = {name: value for name, value in payload.items() if name != "duplicate_check_interval"}
    return kept | {"enable_duplicate_check": 0}
