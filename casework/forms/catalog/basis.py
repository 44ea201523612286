"""What a yellow or red rating rests on: something that was seen or heard, or it is another rating."""

from __future__ import annotations

from typing import Any

from casework.forms.catalog.common import NEEDS_BASIS
from casework.forms.form import Answers, Env, Field, When
from locales.catalogue import N_
from locales.phrase import P, Phrase

_NOTHING = {
    "没有", "暂无", "暂时没有", "目前没有", "没什么", "没有什么", "没有依据", "无依据", "没有具体言行", "无具体言行",
    "没有言行", "没看出来", "没发现", "未发现", "不清楚", "不知道", "不好说", "说不清", "说不上来", "凭感觉", "感觉",
    "none", "nothing", "no", "n/a", "unknown",
}  # fmt: skip
_MARKS = " 。，,.!！?？、…"


def _is_seen(value: Any, answers: Answers, env: Env) -> Phrase | None:
    if isinstance(value, str) and value.strip(_MARKS).casefold() in _NOTHING:
        return P(
            "A yellow or red rating rests on at least one thing that was said or done. Without one, go back and choose "
            "another rating, or “Not rated yet”."
        )
    return None


BASIS = Field(
    key="basis",
    kind="text",
    prompt=N_("What was said or done that shows it? Please describe at least one thing."),
    label=N_("What the rating rests on"),
    show_if=(When("state_of_mind", in_=NEEDS_BASIS),),
    check=_is_seen,
    hint=N_(
        "Only what was seen and heard, in no medical terms. To appeal, to complain or to refuse to meet is no ground."
    ),
)
