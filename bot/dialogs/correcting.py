"""改第3题, in all the words that people have for it: 改一下第三题, 第3题填错了, 第2题改成会议室, 地点改为会议室. Pure.

Where a text is asked for, only a question called by its number counts: 地点改为会议室 may be what was said in a talk.
And 第一步改为每两周谈一次 may be what is planned: only 题 is sure there, or the number and nothing else.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from bot.dialogs.times import fold, number
from casework.forms.form import Field
from locales.catalogue import LANGUAGES, gettext

NUM = r"\d{1,3}|[一二两三四五六七八九十廿]{1,3}"
_CHANGE = r"(?:请|我要|我想)?(?:修改|更正|更改|改|重新填写?|重填|edit|change)(?:一下|下)?"
_NTH = rf"第\s?(?P<at>{NUM})\s?(?:题|步|项|条)"
_NTH_QUESTION = rf"第\s?(?P<at>{NUM})\s?题"
_TO = r"(?:应该?|要)?(?:修改为|更正为|更改为|修改成|更改成|改成|改为|换成)\s?[:：,，]?\s?(?P<value>.+)"
_WRONG = r"(?:的?答案)?(?:(?:我)?(?:填|写|选)?(?:错了|错|有误|不对)|(?:要)?(?:改一下|修改一下|重填|修改|改))"
_POLITE = r"(?:吧|哈|啊)?"


def _patterns(question: str, bare: str, english: str) -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(pattern, re.IGNORECASE | re.DOTALL)
        for pattern in (
            rf"{_CHANGE}\s?(?:the )?(?:{bare}){_POLITE}",
            rf"(?:回到|返回)\s?{question}{_POLITE}",
            rf"{question}\s?{_WRONG}{_POLITE}",
            rf"(?:请?把)?\s?{question}\s?{_TO}",
            rf"{_CHANGE}\s?{question}\s?(?:为|成)\s?[:：,，]?\s?(?P<value>.+)",
            rf"(?:change|edit) (?:the )?{english} to (?P<value>.+)",
            rf"(?:the )?{english} (?:is|was) wrong",
        )
    )


_ENGLISH = r"(?:question|no\.?|#)?\s?(?P<at>\d{1,2})"
_ALONE = re.compile(r"(?:(?:go )?back to )?question (?P<at>\d{1,2})", re.IGNORECASE)
_BY_NUMBER = (
    _ALONE,
    re.compile(rf"第\s?(?P<at>{NUM})\s?[题步]"),
    *_patterns(_NTH, rf"(?:第|question|no\.?|#)?\s?(?P<at>{NUM})\s?(?:题|步|项|条)?", _ENGLISH),
)
_SURELY = (
    _ALONE,
    re.compile(rf"第\s?(?P<at>{NUM})\s?[题步]"),
    re.compile(rf"(?:回到|返回)\s?第\s?(?P<at>{NUM})\s?[题步]{_POLITE}"),
    *_patterns(_NTH_QUESTION, rf"(?:第|question|no\.?|#)?\s?(?P<at>{NUM})\s?题?", _ENGLISH),
)
_HINTS = re.compile(
    r"改|更正|填|错|误|不对|换成|第|回到|edit|change|wrong|question", re.IGNORECASE
)  # without which it is nothing of this
_MARKS = " .。!！"
# What else people call them: 时间错了, where the day was asked for.
ALSO = {"Date": frozenset({"时间"}), "Place": frozenset({"地方"})}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The question that is to be changed: its place, from 1; and what its answer is to be, where that was said."""

    at: int
    value: str | None = None


def wanted(shown: tuple[Field, ...], text: str, in_text: bool) -> Wanted | None:
    """What somebody wants changed; `in_text`: whether what was typed could be the text that is asked for."""
    if _HINTS.search(text) is None:
        return None
    numbered = _numbered(text, _SURELY if in_text else _BY_NUMBER)
    if numbered is not None or in_text:
        return numbered
    said = _bare(text)
    for at, field in enumerate(shown, 1):
        found = _matched(_by_label(field.label), said) if is_in(field.label, said) else None
        if found is not None:
            return Wanted(at, found.groupdict().get("value"))
    return None


def perhaps(shown: tuple[Field, ...], text: str) -> Wanted | None:
    """The same of what could as well be the text that is asked for."""
    found = _numbered(text, _BY_NUMBER) if _HINTS.search(text) is not None else None
    return found if found is not None and 1 <= found.at <= len(shown) else None


def _numbered(text: str, patterns: tuple[re.Pattern[str], ...]) -> Wanted | None:
    found = _matched(patterns, _bare(text))
    return (
        Wanted(number(fold(found["at"])) or 0, found.groupdict().get("value")) if found is not None else None
    )


def _bare(text: str) -> str:
    return text.strip(_MARKS).removeprefix("/").strip()


def named(shown: tuple[Field, ...], text: str) -> int | None:
    """The place of the question that is called by its label alone."""
    said = fold(text).strip(_MARKS)
    return next((at for at, one in enumerate(shown, 1) if said in labels(one.label)), None)


def is_in(label: str, said: str) -> bool:
    folded = fold(said)
    return any(one in folded for one in labels(label))


def _matched(patterns: tuple[re.Pattern[str], ...], said: str) -> re.Match[str] | None:
    return next((found for one in patterns if (found := one.fullmatch(said)) is not None), None)


@lru_cache(maxsize=1024)
def labels(label: str) -> frozenset[str]:
    """What a question may be called by, folded."""
    spelt = frozenset(fold(gettext(language, label)) for language in LANGUAGES)
    return spelt | ALSO.get(label, frozenset())


@lru_cache(maxsize=1024)
def _by_label(label: str) -> tuple[re.Pattern[str], ...]:
    either = "|".join(re.escape(one) for one in sorted(labels(label), key=len, reverse=True))
    return _patterns(rf"(?:{either})", rf"(?:{either})", rf"(?:{either})")
