"""`reply_markup`: read strictly, so that a keyboard a phone would never show does not pass a test either."""

from __future__ import annotations

import json
from typing import Any

from tests.fakes.telegram.errors import Json, bad
from tests.fakes.telegram.limits import Limits

OTHER_ACTIONS = (
    "callback_game", "pay", "switch_inline_query", "switch_inline_query_chosen_chat",
    "switch_inline_query_current_chat", "login_url", "web_app",
)  # fmt: skip
COPY_TEXT = 256


def read_markup(raw: object, limits: Limits, *, inline_only: bool = False) -> Json | None:
    """A keyboard, or None when there is none."""
    if raw in (None, ""):
        return None
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raise bad("can't parse reply keyboard markup JSON object") from None
    if not isinstance(raw, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in raw:
        return _inline(raw["inline_keyboard"], limits)
    if inline_only and raw:
        raise bad("inline keyboard expected")
    return raw or None


def _inline(rows: Any, limits: Limits) -> Json | None:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    keyboard = [[_button(button, limits) for button in row] for row in rows if row]
    buttons = sum(map(len, keyboard))
    if buttons > limits.buttons or max(map(len, keyboard), default=0) > limits.buttons_a_row:
        # The real server cuts such a keyboard silently; here nobody loses a button unseen.
        raise bad("reply markup is too long")
    if len(json.dumps(keyboard, ensure_ascii=False).encode("utf-8", "replace")) > limits.markup:
        raise bad("reply markup is too long")
    return {"inline_keyboard": keyboard} if keyboard else None


def _button(button: Any, limits: Limits) -> Json:
    if not isinstance(button, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    if "text" not in button:
        raise bad("can't parse inline keyboard button: Can't find field \"text\"")
    if not isinstance(button["text"], str) or not button["text"].strip():
        raise bad("inline keyboard button text must be non-empty")
    _action(button, limits)
    return dict(button)


def _action(button: Json, limits: Limits) -> None:
    """What a tap does: exactly one thing, and the server knows it."""
    if button.get("url"):
        if not str(button["url"]).startswith(("http://", "https://", "tg://")):
            raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    elif "callback_data" in button:
        data = button["callback_data"]
        if not isinstance(data, str) or not 1 <= len(data.encode("utf-8", "replace")) <= limits.callback_data:
            raise bad("BUTTON_DATA_INVALID")
    elif "copy_text" in button:
        copied = button["copy_text"].get("text") if isinstance(button["copy_text"], dict) else None
        if not 1 <= len(str(copied or "")) <= COPY_TEXT:
            raise bad("BUTTON_COPY_TEXT_INVALID")
    elif not any(action in button for action in OTHER_ACTIONS):
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
