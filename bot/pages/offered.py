"""Buttons on a page. One that only reads is a link; any other is a small form whose action is sealed, so that a page
does what it offered and nothing else, like a button in a chat.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.requests import Request

from bot import matters, photos
from bot.commands import case, note
from bot.commands.registry import TAPS
from bot.messages import Action, Button, act
from bot.pages.frame import must_be_sealed, seal_of

# Commands that change nothing.
READS = frozenset({"todo", "today", "week", "overdue", "case", "my", "brief", "why"})
NOT_HERE = frozenset({"page", "help", "language", "start"})  # commands of a chat
READING_TAPS = frozenset({"command", "today", "week", "brief", *case.TAPS, *note.READING, *matters.READING})
FORM = "/page/form/"
RECAP = "/recap"  # below the address of its form
BOOK = "/page/workbook"


@dataclass(frozen=True)
class Offer:
    """A button in its final words: an address to go to, or an action to send."""

    label: str
    href: str = ""
    action: str = ""
    seal: str = ""


def offer(request: Request, button: Button, label: str) -> Offer | None:
    """The button for this browser; None for one that belongs to a chat alone."""
    action = button.action
    if action.verb == "draft":
        return Offer(label, f"{FORM}{action.get('id')}") if action.get("do") == "resume" else None
    if action.verb in photos.TAPS:
        return Offer(label, f"{photos.PATH}{action.get('id')}")
    if reads(action):
        return Offer(label, "/page/?" + urlencode({"do": action.verb, **action.args}))
    if action.verb not in TAPS or _is_of_a_chat(action):
        return None
    text = json.dumps([action.verb, action.args], ensure_ascii=True)
    return Offer(label, "", text, seal_of(request, text))


def offers(request: Request, buttons: Iterable[tuple[Button, str]]) -> list[Offer]:
    """A row of buttons with their labels, without those of a chat alone."""
    made = (offer(request, button, label) for button, label in buttons)
    return [one for one in made if one is not None]


def reads(action: Action) -> bool:
    return action.get("name") in READS if action.verb == "command" else action.verb in READING_TAPS


def offered(request: Request, sent: Mapping[str, str]) -> Action:
    """The action that a page offered to this browser. Raises `HTTPException` for any other."""
    text = sent.get("action", "")
    must_be_sealed(request, sent.get("seal", ""), text)
    verb, args = json.loads(text)
    return act(verb, **args)


def _is_of_a_chat(action: Action) -> bool:
    return action.verb in ("language", "help") or action.get("name") in NOT_HERE
