"""The app's menu: up to three words below the chat, each with up to five commands. A tap sends the command's word."""

from __future__ import annotations

from collections.abc import Sequence

from bot.channels.base import Channel, ChannelError, MenuItem, Task
from bot.channels.wecom.cards import Payload
from bot.channels.wecom.channel import WecomChannel
from bot.channels.wecom.checking import NAME, said_of
from locales.catalogue import N_, gettext
from locales.phrase import P, Phrase
from storage.errors import Refused

SUBS = 5
TOP_BYTES, SUB_BYTES = 16, 40

_TASKS, _CASES, _MORE = N_("Tasks"), N_("Cases"), N_("More")
# Which command stands where, the most wanted first. One that is not named here goes below the last word.
_BELOW = {
    _TASKS: ("today", "week", "record", "todo", "leave", "brief"),
    _CASES: ("case", "overdue", "opinion", "my", "team", "stats", "report", "evaluate", "observe"),
    _MORE: ("help", "contact", "safety", "why", "language"),
}


def menu_of(items: Sequence[MenuItem], language: str) -> Payload:
    """What `menu/create` takes. What has no room below its own word goes where there is some, and at last nowhere."""
    named = {item.word: item for item in items}
    below = {top: [named.pop(word) for word in words if word in named] for top, words in _BELOW.items()}
    surplus = [*named.values(), *(item for placed in below.values() for item in placed[SUBS:])]
    tops = []
    for top in (_MORE, _TASKS, _CASES):
        shown = below[top][:SUBS]
        room = SUBS - len(shown)
        below[top], surplus = [*shown, *surplus[:room]], surplus[room:]
    for top, shown in below.items():
        if shown:
            entries = [_entry(item, language) for item in shown]
            tops.append({"name": _cut(gettext(language, top), TOP_BYTES), "sub_button": entries})
    return {"button": tops}


def _entry(item: MenuItem, language: str) -> Payload:
    label = gettext(language, item.label) or item.word
    return {"type": "click", "name": _cut(label, SUB_BYTES), "key": item.word}


def _cut(text: str, most: int) -> str:
    """So much of a text as fits, in whole characters."""
    return text.encode()[:most].decode(errors="ignore")


async def create(channel: Channel, items: Sequence[MenuItem]) -> Phrase:
    """Make the menu in the installation's language.

    Raises:
        Refused: it was not taken, and why.
    """
    if not isinstance(channel, WecomChannel):
        raise TypeError(channel.kind)
    menu = menu_of(items, channel.language)
    try:
        await channel.make_menu(menu)
    except ChannelError as error:
        said = said_of(error)
        raise Refused(said.msgid, **said.values) from None
    count = sum(len(top["sub_button"]) for top in menu["button"])
    return P(
        "{channel}: the menu has {n} entry now.",
        "{channel}: the menu has {n} entries now.",
        n=count,
        channel=NAME,
    )


TASKS = (Task("menu", "Make the app's menu: the commands, in the language of the settings.", create),)
