"""What is said right after a slip: 不对，应该是周四; 日期错了，是昨天; 上一题填错了; no, Thursday. Pure.

Where a place or a reason could be any text, none of it is one. It puts right the question that it names; else the one
that is open, or the nearest before it, whose very word it gives; else the one before. What gives no such word and does
not say that something was wrong is no slip.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from bot.dialogs import correcting
from bot.dialogs.engine import State
from bot.dialogs.times import fold
from casework.forms.form import Field, Form

Exactly = Callable[[Field, str], Any]
LONGEST = 60
_HINTS = re.compile(r"错|误|不对|不是|应该是|应当是|应为|[:是]|\b(?:no|sorry|wrong|meant|actually|mistake)\b")
_SORRY = r"(?:(?:不好意思|抱歉|对不起|哎呀?|哦|噢|啊|呃|额|等等|等一下|oh|oops|sorry|wait)[,、。.!~ ]*)*"
_LAST = r"(?:(?:上|前)一?[题个项步条](?:的?答案)?)"
_THEN = r"(?:刚才|刚刚|刚|前面|上面|之前)?(?:那个|的)?"
_SLIPPED = r"我?(?:填|写|选|点|打|输入|输|记|说|弄|搞)错了?|错了"
_WRONG = rf"(?:{_SLIPPED}|有误|不对)"
_MARK = r"[,;、。.!~ ]+"
_IS = r"(?:而是|应该是|应当是|应为|该是|改成|改为|是)?"
_TO = rf"(?:{_WRONG}(?:{_MARK}{_IS}|(?:应该|应当|而)是|应为)|应该是|应当是|应为)\s?(?P<value>.+)"
_POLITE = r"(?:吧|哈|啊|呢|呀)?"

_ALONE = re.compile(
    rf"{_SORRY}{_THEN}(?:{_LAST}{_WRONG}|{_SLIPPED}){_POLITE}"
    r"|(?:the )?last (?:one|answer) (?:is|was) wrong|(?:i made )?a (?:mistake|typo)"
)
_SURE = re.compile(
    rf"{_SORRY}{_THEN}(?:{_LAST}?{_WRONG}{_MARK}{_IS}|(?:{_LAST}{_WRONG}|{_SLIPPED})(?:应该|应当)是) ?(?P<value>.+)"
)
_JUST_IT = re.compile(rf"{_SORRY}(?:应该是|应当是|应为) ?(?P<value>.+)")
_IF_A_WORD = (
    re.compile(rf"{_SORRY}{_THEN}不是{_MARK}{_IS} ?(?P<value>.+)"),
    re.compile(
        rf"{_SORRY}{_THEN}不是[^,;、。]{{1,20}}?(?:{_MARK}{_IS}|而是|(?:应该|应当)?是) ?(?P<value>.+)"
    ),
    _JUST_IT,
    re.compile(
        r"(?:(?:no|sorry|oops|wait|wrong|actually)[,.! ]+)+(?:(?:it|that|this)(?:'s| is| was)? )?"
        r"(?:should (?:be|have been) )?(?:i meant )?(?P<value>.+)"
    ),
    re.compile(r"(?:i meant|(?:it|that) should (?:be|have been)) (?P<value>.+)"),
)


@dataclass(frozen=True, slots=True)
class Slip:
    """The question that is put right (None: one is still to be chosen), and what was said of it, in the words of its
    answer. `told`: it is named, and nothing says that anything was wrong."""

    key: str | None
    said: str | None = None
    told: bool = False


def slip(form: Form, state: State, text: str, exactly: Exactly) -> Slip | None:
    """What somebody puts right; `exactly` gives the value whose very word a text is, for a question."""
    said = fold(text).strip(" .。!")
    if len(said) > LONGEST or "\n" in text or _HINTS.search(said) is None or state.mode:
        return None
    shown = form.visible(state.answers)
    found = _named(shown, said) or _unnamed(form, shown, state, said, exactly)
    return found if found is None or found.said is None else replace(found, said=_as_typed(text, found.said))


def _as_typed(text: str, said: str) -> str:
    """The end of a text as it was typed."""
    tails = (text[at:] for at in range(len(text)))
    return next((one.strip() for one in tails if fold(one).strip(" .。!") == said), said)


def _named(shown: Sequence[Field], said: str) -> Slip | None:
    for field in shown:
        found = _by_name(field.label).fullmatch(said) if correcting.is_in(field.label, said) else None
        if found is not None:
            value = (found["value"] or found["told"] or "").strip()
            return Slip(field.key, value or None, told=found["told"] is not None)
    return None


def _unnamed(form: Form, shown: Sequence[Field], state: State, said: str, exactly: Exactly) -> Slip | None:
    at = next((n for n, one in enumerate(shown) if one.key == state.cursor), len(shown))
    before = [one for one in reversed(shown[:at]) if one.key in state.answers]
    here = [*shown[at : at + 1]]
    if _ALONE.fullmatch(said):
        return Slip(before[0].key if here else None) if before else None
    sure = _SURE.fullmatch(said)
    for found in filter(None, (sure, *(one.fullmatch(said) for one in _IF_A_WORD))):
        value = found["value"].strip()
        # 没有 is said of anything: it takes no sign of danger back.
        could = (one for one in (*here, *before) if one.kind != "yes_no" or one in here)
        meant = [field for field in could if exactly(field, value) is not None]
        if len(meant) > 1 and meant[0] in here and not state.editing and found.re is not _JUST_IT:
            return Slip(None)  # of two days the first was wrong, or the second is this
        if meant:
            return Slip(meant[0].key, value) if here or len(meant) == 1 else None
    if sure is None or not before or state.editing or (here and here[0].kind == "yes_no"):
        return None
    return _own_words(form, before[0], here, sure["value"].strip(), exactly)


def _own_words(form: Form, last: Field, here: Sequence[Field], value: str, exactly: Exactly) -> Slip:
    """What is the word of no answer goes where words of one's own may stand; else the one before is asked again."""
    if not here:
        return Slip(None)
    is_own = all(exactly(field, value) is None for field in form.fields)
    takes = next((one for one in (last, *here) if one.open and is_own), None)
    return (
        Slip(last.key)
        if takes is None or (takes is last and last.kind != "choice")
        else Slip(takes.key, value)
    )


@lru_cache(maxsize=1024)
def _by_name(label: str) -> re.Pattern[str]:
    names = "|".join(map(re.escape, sorted(correcting.labels(label), key=len, reverse=True)))
    return re.compile(
        rf"{_SORRY}{_THEN}(?:{names})(?:那[题项个里]|的?答案)?"
        rf"(?:{_TO}|{_WRONG}{_POLITE}|(?:是|为| ?:) ?(?P<told>.+))"
    )
