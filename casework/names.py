"""Names as people write and search them."""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

# Names are read character by character; the dictionary of phrases would take a second of every start.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")

from pypinyin import Style, lazy_pinyin
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

# Characters whose reading as a surname is not their usual one.
_SURNAMES = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "任": "ren", "区": "ou", "朴": "piao",
    "华": "hua", "盖": "ge", "翟": "zhai", "尉": "wei", "覃": "qin", "乐": "yue", "召": "shao", "繁": "po",
    "种": "chong", "秘": "bi", "员": "yun", "令狐": "ling hu", "尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun",
}  # fmt: skip
_DOUBLE = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "令狐",
    "尉迟",
    "万俟",
    "长孙",
    "司徒",
    "夏侯",
    "皇甫",
    "慕容",
    "公孙",
)


def tidy(name: str) -> str:
    """A name without the spaces people align it with: `仇　海` → `仇海`. Latin names keep one space between words."""
    words = unicodedata.normalize("NFKC", name).split()
    return ("" if any(_is_han(character) for character in name) else " ").join(words)


def _is_han(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff" or "\U00020000" <= character <= "\U0003ffff"


def surname(name: str) -> str:
    return name[:2] if name[:2] in _DOUBLE else name[:1]


def keys(name: str) -> str:
    """Everything a name is found by beside itself: full pinyin and initials, in every reading of its surname."""
    readings = {_pinyin(name, surname) for surname in (True, False)}
    found = set()
    for syllables in readings:
        found.add("".join(syllables))
        found.add("".join(syllable[0] for syllable in syllables if syllable))
    return " ".join(sorted(found))


def _pinyin(name: str, as_surname: bool) -> tuple[str, ...]:
    if as_surname:
        head = surname(name)
        if head in _SURNAMES:
            return (*_SURNAMES[head].split(), *_plain(name[len(head) :]))
    return tuple(_plain(name))


def _plain(text: str) -> list[str]:
    return [syllable.lower().replace("ü", "v") for syllable in lazy_pinyin(text, style=Style.NORMAL)]


class Named(Protocol):
    """Somebody with a name and its `keys`."""

    @property
    def name(self) -> str: ...

    @property
    def name_keys(self) -> str: ...


class Spelt(NamedTuple):
    """A name with its keys, where they are kept nowhere."""

    name: str
    name_keys: str


def spelt(name: str) -> Spelt:
    return Spelt(name, keys(name))


def meant_by(query: str) -> Callable[[Named], bool]:
    """Whether somebody who types `query` means this one: by all of the name, a part of it, its pinyin or its initials.
    Of a name and its keys only what decides is asked for: they may be sealed."""
    wanted = tidy(query).casefold().replace(" ", "").replace("'", "")
    if not wanted:
        return lambda one: False
    if _is_han(wanted[0]):
        return lambda one: wanted in one.name

    def by_keys(one: Named) -> bool:
        known = one.name_keys.split()
        return wanted in known or (len(wanted) > 3 and any(key.startswith(wanted) for key in known))

    return by_keys


def close(query: str, people: Iterable[Named], limit: int = 3) -> list[str]:
    """The names one slip of the finger away from `query`."""
    wanted = tidy(query).casefold()
    by_spelling: dict[str, str] = {}
    for one in people:
        name = one.name
        by_spelling[name] = name
        by_spelling.update((key, name) for key in one.name_keys.split() if len(key) > 3)
    found = process.extract(
        wanted, by_spelling.keys(), scorer=DamerauLevenshtein.distance, score_cutoff=1, limit=limit
    )
    return list(dict.fromkeys(by_spelling[spelling] for spelling, _, _ in found))
