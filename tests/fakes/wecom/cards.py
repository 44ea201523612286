"""Template cards: which fields and limits the five types have, and the errcode of each breach."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from tests.fakes.wecom.errors import ApiError

TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
KEY_BYTES, ID_BYTES = 1024, 128
NOTICES = ("text_notice", "news_notice")
INTERACTIONS = ("button_interaction", "vote_interaction", "multiple_interaction")
CARD_TYPES = NOTICES + INTERACTIONS
# Beside these every card has them: card_type, task_id, source, main_title, and in an update replace_text.
_COMMON = {"card_type", "task_id", "source", "main_title", "replace_text"}
_DECOR = {"action_menu", "quote_area", "horizontal_content_list", "card_action"}
_FIELDS = {
    "text_notice": _DECOR | {"sub_title_text", "emphasis_content", "jump_list"},
    "news_notice": _DECOR | {"jump_list", "card_image", "image_text_area", "vertical_content_list"},
    "button_interaction": _DECOR | {"sub_title_text", "button_list", "button_selection"},
    "vote_interaction": {"checkbox", "submit_button"},
    "multiple_interaction": {"select_list", "submit_button"},
}
# What is longer is clipped on the screen, not refused.
_ADVICE = {
    "source.desc": 20,
    "main_title.title": 36,
    "main_title.desc": 44,
    "sub_title_text": 160,
    "emphasis_content.title": 14,
    "emphasis_content.desc": 22,
    "horizontal_content_list.keyname": 5,
    "horizontal_content_list.value": 30,
    "jump_list.title": 18,
    "vertical_content_list.title": 38,
    "vertical_content_list.desc": 160,
    "button_list.text": 10,
    "button_selection.option_list.text": 16,
    "checkbox.option_list.text": 17,
    "select_list.option_list.text": 16,
    "submit_button.text": 10,
}


def check_card(card: Any, *, update: bool = False) -> None:
    """Refuse a card as WeCom would.

    Raises:
        ApiError: with the errcode of the first field that is missing or illegal.
    """
    if not isinstance(card, dict) or card.get("card_type") not in CARD_TYPES:
        raise ApiError(42031)
    kind = card["card_type"]
    _check_title(card, kind)
    _check_task_id(card, kind, update)
    for name, check in _CHECKS.items():
        if name in card and name in _FIELDS[kind]:
            check(card[name])
    _require(kind, card)


def advice_on(card: dict[str, Any]) -> list[str]:
    """What a person would not see in full, or not at all."""
    kind = card["card_type"]
    found = [
        f"{kind} does not show {name}" for name in card if name not in _COMMON and name not in _FIELDS[kind]
    ]
    for path, limit in _ADVICE.items():
        found += [
            f"{path} is clipped to {limit} characters, has {len(text)}"
            for text in _at(card, path.split("."))
            if len(text) > limit
        ]
    return found


def _at(node: Any, path: list[str]) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from _at(one, path)
    elif path and isinstance(node, dict):
        yield from _at(node.get(path[0]), path[1:])
    elif not path and isinstance(node, str):
        yield node


# --- what a type needs ---------------------------------------------------------------------------------------------


def _check_title(card: dict[str, Any], kind: str) -> None:
    main = card.get("main_title", {})
    if not isinstance(main, dict) or not isinstance(main.get("title", ""), str):
        raise ApiError(42033)
    if not main.get("title") and not (kind == "text_notice" and card.get("sub_title_text")):
        raise ApiError(42033)


def _check_task_id(card: dict[str, Any], kind: str, update: bool) -> None:
    task_id = card.get("task_id")
    # An update changes a card that has its task id already.
    needed = not update and ("action_menu" in card or kind in ("vote_interaction", "multiple_interaction"))
    if task_id is None and not needed:
        return
    if not isinstance(task_id, str) or not TASK_ID.fullmatch(task_id):
        raise ApiError(42014)


def _require(kind: str, card: dict[str, Any]) -> None:
    if kind in NOTICES and "card_action" not in card:
        raise ApiError(42045)
    if kind == "news_notice" and "card_image" not in card and "image_text_area" not in card:
        raise ApiError(42044)
    if kind == "button_interaction" and "button_list" not in card:
        raise ApiError(40058, "button_list")
    if kind == "vote_interaction" and "checkbox" not in card:
        raise ApiError(42043)
    if kind == "multiple_interaction" and "select_list" not in card:
        raise ApiError(42047)
    if kind in ("vote_interaction", "multiple_interaction") and "submit_button" not in card:
        raise ApiError(42046)


# --- fields --------------------------------------------------------------------------------------------------------


def _text(node: dict[str, Any], name: str, errcode: int, limit: int | None = None) -> str:
    value = node.get(name)
    if not isinstance(value, str) or not value or (limit is not None and len(value.encode()) > limit):
        raise ApiError(errcode, name)
    return value


def _dict(node: Any, name: str) -> dict[str, Any]:
    if not isinstance(node, dict):
        raise ApiError(40058, name)
    return node


def _list(node: Any, least: int, most: int, errcode: int) -> list[dict[str, Any]]:
    if not isinstance(node, list) or not least <= len(node) <= most:
        raise ApiError(errcode)
    return [_dict(one, "list") for one in node]


def _link(node: dict[str, Any], kind: object) -> None:
    """Where a tap leads: 1 is a page, 2 is a mini program."""
    if kind == 1 and not re.match(r"[a-z][a-z0-9+.-]*://", _text(node, "url", 42028, 2048)):
        raise ApiError(45034)
    if kind == 2:
        _text(node, "appid", 42030)


def _keys_differ(keys: list[str], errcode: int) -> None:
    if len(set(keys)) != len(keys):
        raise ApiError(errcode)


def _action_menu(node: Any) -> None:
    actions = _list(_dict(node, "action_menu").get("action_list"), 1, 3, 40058)
    for one in actions:
        _text(one, "text", 42038)
    _keys_differ([_text(one, "key", 42039, KEY_BYTES) for one in actions], 42051)


def _quote_area(node: Any) -> None:
    _link(_dict(node, "quote_area"), node.get("type", 0))


def _horizontal(node: Any) -> None:
    for row in _list(node, 0, 6, 42035):
        _text(row, "keyname", 42027)
        if not isinstance(row.get("value", ""), str):
            raise ApiError(40058, "value")
        kind = row.get("type", 0)
        if kind not in (0, 1, 2, 3):
            raise ApiError(40058, "type")
        if kind == 1:
            _link(row, 1)
        if kind == 2:
            _text(row, "media_id", 42029)
        if kind == 3:
            _text(row, "userid", 42050)


def _jump_list(node: Any) -> None:
    for jump in _list(node, 0, 3, 42042):
        _text(jump, "title", 40058)
        _link(jump, jump.get("type", 0))


def _card_action(node: Any) -> None:
    if _dict(node, "card_action").get("type") not in (1, 2):
        raise ApiError(42045)
    _link(node, node["type"])


def _card_image(node: Any) -> None:
    _text(_dict(node, "card_image"), "url", 42044)
    ratio = node.get("aspect_ratio", 1.3)
    if not isinstance(ratio, int | float) or not 1.3 <= ratio <= 2.25:
        raise ApiError(40058, "aspect_ratio")


def _vertical(node: Any) -> None:
    for row in _list(node, 0, 4, 42036):
        _text(row, "title", 40058)


def _buttons(node: Any) -> None:
    keys = []
    for button in _list(node, 1, 6, 40058):
        _text(button, "text", 42038)
        if button.get("style", 1) not in (1, 2, 3, 4) or button.get("type", 0) not in (0, 1):
            raise ApiError(40058, "style")
        if button.get("type", 0) == 1:
            _link(button, 1)
        else:
            keys.append(_text(button, "key", 42039, KEY_BYTES))
    _keys_differ(keys, 42039)


def _options(node: dict[str, Any], most: int) -> set[str]:
    options = _list(node.get("option_list"), 1, most, 42037)
    ids = [_text(one, "id", 42040, ID_BYTES) for one in options]
    _keys_differ(ids, 42040)
    for one in options:
        _text(one, "text", 42041)
    return set(ids)


def _drop_down(node: Any) -> str:
    question = _text(_dict(node, "select"), "question_key", 42043, KEY_BYTES)
    ids = _options(node, 10)
    if node.get("selected_id") and node["selected_id"] not in ids:
        raise ApiError(42040, "selected_id")
    return question


def _selection(node: Any) -> None:
    _drop_down(node)


def _checkbox(node: Any) -> None:
    _text(_dict(node, "checkbox"), "question_key", 42043, KEY_BYTES)
    if node.get("mode", 0) not in (0, 1):
        raise ApiError(40058, "mode")
    _options(node, 20)


def _selects(node: Any) -> None:
    _keys_differ([_drop_down(one) for one in _list(node, 1, 3, 42047)], 42043)


def _submit(node: Any) -> None:
    if not isinstance(_dict(node, "submit_button").get("text", "提交"), str):
        raise ApiError(42049)
    _text(node, "key", 42046, KEY_BYTES)


_CHECKS: dict[str, Callable[[Any], None]] = {
    "action_menu": _action_menu,
    "quote_area": _quote_area,
    "horizontal_content_list": _horizontal,
    "jump_list": _jump_list,
    "card_action": _card_action,
    "card_image": _card_image,
    "vertical_content_list": _vertical,
    "button_list": _buttons,
    "button_selection": _selection,
    "checkbox": _checkbox,
    "select_list": _selects,
    "submit_button": _submit,
}
