"""The card that takes the place of a question that was answered: it says so, and nothing of what was chosen.

Buttons need no more than a word in their place. On a card with options WeCom goes on showing what was chosen, so the
whole card is replaced: by one of its own kind, for no other freezes it, with nothing left on it to choose.
"""

from __future__ import annotations

from bot.channels.wecom.cards import BLANK, SEVERAL, SUBMIT, Payload
from bot.channels.wecom.envelope import Callback

WITH_OPTIONS = frozenset({"vote_interaction", "multiple_interaction"})


def settled_card(callback: Callback, word: str) -> Payload:
    """What replaces the card with options that somebody sent."""
    keys = [key for key, _ in callback.selected] or [SEVERAL]
    card: Payload = {
        "card_type": callback.card_type,
        "task_id": callback.task_id,
        "main_title": {"title": word},
        "submit_button": {"text": word, "key": SUBMIT},
        "replace_text": word,
    }
    left = {"disable": True, "option_list": [{"id": BLANK, "text": word}]}
    if callback.card_type == "vote_interaction":
        return card | {"checkbox": {"question_key": keys[0], "mode": 0, **left}}
    return card | {"select_list": [{"question_key": key, "selected_id": BLANK, **left} for key in keys]}
