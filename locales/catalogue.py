"""The message catalogues. A message id is the English sentence itself, so English needs no catalogue of its own."""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

DOMAIN = "fangpingcha"
LANGUAGES = ("zh_CN", "en")
NATIVE_NAMES = {"zh_CN": "中文", "en": "English"}


def N_(msgid: str) -> str:
    """Marks a sentence for the catalogue where it is only stored, and translated later."""
    return msgid


@cache
def _translations(language: str) -> NullTranslations:
    compiled = Path(__file__).parent / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if language == "en":
        return NullTranslations()
    with compiled.open("rb") as handle:
        return GNUTranslations(handle)


def gettext(language: str, msgid: str) -> str:
    return _translations(language).gettext(msgid) if msgid else ""


def ngettext(language: str, msgid: str, plural: str, n: int) -> str:
    return _translations(language).ngettext(msgid, plural, n)


def best_language(accept: str, default: str = "zh_CN") -> str:
    """The catalogue that fits an Accept-Language header best, by the language alone; else `default`."""
    for part in accept.replace("_", "-").split(","):
        tag = part.split(";")[0].strip().lower()
        for language in LANGUAGES:
            if tag.split("-")[0] == language.split("_")[0]:
                return language
    return default
