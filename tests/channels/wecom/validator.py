"""The limits of `message/send`, written down a second time, from the vendor's side. No complaint is a good payload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

COMMON = {"touser", "agentid", "msgtype", "safe", "enable_duplicate_check", "duplicate_check_interval"}
KINDS = {"text", "image", "file", "template_card"}
CARDS = {
    "text_notice": {"card_action", "sub_title_text"},
    "button_interaction": {"button_list", "sub_title_text"},
    "vote_interaction": {"checkbox", "submit_button"},
    "multiple_interaction": {"select_list", "submit_button"},
}


def complaints(payload: dict[str, Any]) -> list[str]:
    """What WeCom, or a reader, would have against a payload."""
    kind = payload["msgtype"]
    found = [f"unknown field {name}" for name in set(payload) - COMMON - {kind}]
    found += [] if kind in KINDS else ["msgtype"]
    found += [] if isinstance(payload["agentid"], int) and payload["safe"] == 0 else ["agentid or safe"]
    found += [] if re.fullmatch(r"[\w.@-]{1,64}", payload["touser"], re.ASCII) else ["touser"]
    if payload["enable_duplicate_check"]:
        found += [] if 0 < payload["duplicate_check_interval"] <= 4 * 60 * 60 else ["interval"]
    if kind == "text":
        found += [] if 1 <= len(payload["text"]["content"].encode()) <= 2048 else ["length of the text"]
    if kind == "template_card":
        found += _card(payload["template_card"])
    return found


def _card(card: dict[str, Any]) -> Iterator[str]:
    kind = card["card_type"]
    if set(card) - {"card_type", "task_id", "main_title"} - CARDS.get(kind, set()):
        yield "a field that this kind of card does not have"
    if not re.fullmatch(r"[0-9A-Za-z_\-@]{1,128}", card.get("task_id", "")):
        yield "42014 task_id"
    if not 1 <= len(card["main_title"]["title"]) <= 36:
        yield "title cannot be read"
    if len(card.get("sub_title_text", "x")) not in range(1, 161):
        yield "sub_title_text cannot be read"
    checks = {
        "text_notice": _notice,
        "button_interaction": _buttons,
        "vote_interaction": _vote,
        "multiple_interaction": _multiple,
    }
    yield from checks[kind](card)


def _notice(card: dict[str, Any]) -> Iterator[str]:
    action = card.get("card_action", {})
    if action.get("type") != 1 or not 1 <= len(action.get("url", "").encode()) <= 2048:
        yield "42045 card_action"


def _buttons(card: dict[str, Any]) -> Iterator[str]:
    buttons = card.get("button_list", [])
    if not 1 <= len(buttons) <= 6:
        yield "number of buttons"
    for button in buttons:
        if not button["text"].strip() or _columns(button["text"]) > 20:
            yield "42038 button text"
        if button["style"] not in (1, 2, 3, 4):
            yield "style"
    yield from _keys([button["key"] for button in buttons], 1024, "42039 button key")


def _vote(card: dict[str, Any]) -> Iterator[str]:
    box = card["checkbox"]
    if box["mode"] not in (0, 1):
        yield "mode"
    if box["mode"] == 0 and sum(option["is_checked"] for option in box["option_list"]) > 1:
        yield "more than one is checked"
    yield from _keys([box["question_key"]], 1024, "42043 question_key")
    yield from _options(box["option_list"], 20)
    yield from _submit(card)


def _multiple(card: dict[str, Any]) -> Iterator[str]:
    selects = card["select_list"]
    if not 1 <= len(selects) <= 3:
        yield "42047 select_list"
    yield from _keys([select["question_key"] for select in selects], 1024, "42043 question_key")
    for select in selects:
        if select["selected_id"] not in [option["id"] for option in select["option_list"]]:
            yield "selected_id"
        yield from _options(select["option_list"], 10)
    yield from _submit(card)


def _options(options: list[dict[str, Any]], most: int) -> Iterator[str]:
    if not 1 <= len(options) <= most:
        yield "42037 option_list"
    if not all(option["text"].strip() for option in options):
        yield "42041 option text"
    yield from _keys([option["id"] for option in options], 128, "42040 option id")


def _submit(card: dict[str, Any]) -> Iterator[str]:
    submit = card["submit_button"]
    if not submit["text"].strip() or _columns(submit["text"]) > 20:
        yield "42049 submit text"
    yield from _keys([submit["key"]], 1024, "42046 submit key")


def _keys(keys: list[str], most: int, complaint: str) -> Iterator[str]:
    if len(set(keys)) < len(keys) or not all(1 <= len(key.encode()) <= most for key in keys):
        yield complaint


def _columns(text: str) -> int:
    """At most: whatever is not plain ASCII may be as wide as a Chinese character."""
    return sum(1 if character.isascii() else 2 for character in text)
