"""Whether something typed is a phrase of acute danger: a short fixed list, as data (danger.toml).

Pure, and about nobody: what follows is the emergency numbers for whoever typed it, and nothing is kept of it.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LIST = Path(__file__).with_name("danger.toml")
_LONGEST = 8000  # characters that are looked at
_BREAKS = re.compile(r"[,.;:!?，。；：！？…\n]+")
_TRAILING = re.compile(r"[.。]{2,}")  # 不想……活了
_NO_CHINESE = re.compile(r"[^\w|、]|_")
_LETTER = re.compile("[a-z]")
_NO_WORD = re.compile(r"[^a-z0-9|]+")
_ALSO = "(?:有|任何|明显|该同志|本人|其|他|她|的|出|表现|流露)*"  # between a denial and what it denies
_AND = "(?:、|和|或者?|以?及|与)?"


def is_acute(text: str) -> bool:
    """Whether a text speaks of danger to somebody's life, as far as a list can tell."""
    begins, alike, chinese, english = _patterns()
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).lower().translate(alike)
    if begins.search(plain) is None:  # most short answers hold no character that any phrase begins with
        return False
    clauses = _BREAKS.sub("|", plain)
    if _speaks(chinese, _NO_CHINESE.sub("", clauses)):
        return True
    if _TRAILING.search(plain) and _speaks(
        chinese, _NO_CHINESE.sub("", _BREAKS.sub("|", _TRAILING.sub("", plain)))
    ):
        return True
    if not _LETTER.search(clauses):
        return False
    words = clauses.replace("'", "").replace("’", "")
    return _speaks(english, f" {_NO_WORD.sub(' ', words)} ")


def _speaks(language: _Language, text: str) -> bool:
    """What is harmless or denied is passed over, so that it hides no phrase that comes after it. In nearly every text
    there is no phrase to hide, which is known much sooner."""
    if language.danger.search(text) is None:
        return False
    return any(found["danger"] for found in language.whole.finditer(text))


@dataclass(frozen=True, slots=True)
class _Language:
    """The phrases of danger alone; and together with what is harmless or denied."""

    danger: re.Pattern[str]
    whole: re.Pattern[str]


@cache
def _patterns() -> tuple[re.Pattern[str], dict[int, str], _Language, _Language]:
    kept: dict[str, Any] = tomllib.loads(LIST.read_text("utf-8"))
    alike = str.maketrans({other: one[0] for one in kept["zh"].pop("alike") for other in one[1:]})
    first = {phrase[0] for language in ("zh", "en") for phrase in kept[language]["phrases"]}
    begins = re.compile("[" + "".join(map(re.escape, sorted(first))) + "]")
    return begins, alike, _chinese(**kept["zh"]), _english(**kept["en"])


def _chinese(
    phrases: list[str],
    between: list[str],
    words: list[str],
    harmless: list[str],
    denied_by: list[str],
    not_denied_by: list[str],
    denied_what: list[str],
) -> _Language:
    filled = f"{_any(between)}{{0,3}}"
    danger = _any(phrases, filled, words)
    passed = _any(harmless, filled)
    no = "".join(f"(?<!{re.escape(word)})" for word in not_denied_by) + _any(denied_by)
    denied = f"{no}{_ALSO}{danger}(?:{_AND}{danger})*等?的?{_any(denied_what)}"
    whole = re.compile(f"{passed}|{denied}|(?P<danger>{danger})")
    return _Language(re.compile(danger), whole)


def _english(
    phrases: list[str],
    harmless: list[str],
    denied_by: list[str],
    not_denied_by: list[str],
    denied_what: list[str],
) -> _Language:
    danger = _any(phrases)
    denied = f"{_any(denied_by)} (?:any )?{danger}"
    whole = re.compile(rf"\b(?:{_any(harmless)}|{denied}|(?P<danger>{danger}))\b")
    return _Language(re.compile(danger), whole)


def _any(phrases: list[str], filled: str = "", words: list[str] | None = None) -> str:
    """Any of these; `filled` may stand for each ~ in them. None whose last character begins one of the words."""
    made = []
    for phrase in sorted(phrases, key=len, reverse=True):
        rests = [re.escape(word[1:]) for word in words or () if word[0] == phrase[-1]]
        unless = f"(?!{'|'.join(rests)})" if rests else ""
        made.append(re.escape(phrase).replace(re.escape("~"), filled) + unless)
    return "(?:" + "|".join(made) + ")"
