"""Whether something typed is a phrase of acute danger: a short fixed list, as data (danger.toml).

Pure, and about nobody: what follows is the emergency numbers for whoever typed it, and nothing is kept of it.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

LIST = Path(__file__).with_name("danger.toml")
_LONGEST = 8000  # characters that are looked at
_BREAKS = re.compile(r"[,.;:!?，。；：！？…\n]+")
_NO_CHINESE = re.compile(r"[^\w|、]|_")
_LETTER = re.compile("[a-z]")
_NO_WORD = re.compile(r"[^a-z0-9|]+")
_ALSO = "(?:有|任何|明显|该同志|本人|其|他|她|的)*"  # between a denial and what it denies
_AND = "[、和或及与]?"


def is_acute(text: str) -> bool:
    """Whether a text speaks of danger to somebody's life, as far as a list can tell."""
    chinese, english = _patterns()
    plain = unicodedata.normalize("NFKC", text[:_LONGEST]).lower()
    clauses = _BREAKS.sub("|", plain)
    if _speaks(chinese, _NO_CHINESE.sub("", clauses)):
        return True
    if not _LETTER.search(clauses):
        return False
    words = clauses.replace("'", "").replace("’", "")
    return _speaks(english, f" {_NO_WORD.sub(' ', words)} ")


def _speaks(pattern: re.Pattern[str], text: str) -> bool:
    """What is harmless or denied is passed over, so that it hides no phrase that comes after it."""
    return any(found["danger"] for found in pattern.finditer(text))


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    kept: dict[str, Any] = tomllib.loads(LIST.read_text("utf-8"))
    return _chinese(**kept["zh"]), _english(**kept["en"])


def _chinese(
    phrases: list[str], harmless: list[str], denied_by: list[str], denied_what: list[str]
) -> re.Pattern[str]:
    danger = _any(phrases)
    denied = f"{_any(denied_by)}{_ALSO}{danger}(?:{_AND}{danger})*的?{_any(denied_what)}"
    return re.compile(f"{_any(harmless)}|{denied}|(?P<danger>{danger})")


def _english(
    phrases: list[str], harmless: list[str], denied_by: list[str], denied_what: list[str]
) -> re.Pattern[str]:
    danger = _any(phrases)
    denied = f"{_any(denied_by)} (?:any )?{danger}"
    return re.compile(rf"\b(?:{_any(harmless)}|{denied}|(?P<danger>{danger}))\b")


def _any(words: list[str]) -> str:
    return "(?:" + "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) + ")"
