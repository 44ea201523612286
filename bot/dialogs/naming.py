"""What an option may be called by, and our own texts as they are spelt in each language. Pure."""

from __future__ import annotations

import re
from datetime import UTC, date
from functools import lru_cache

from bot.dialogs.times import fold
from casework.forms.form import Env, Option
from locales.catalogue import LANGUAGES, gettext
from locales.phrase import Reader, Term

_ARTICLE = re.compile(r"^(?:an?|the) ")


def names_of(option: Option, env: Env) -> frozenset[str]:
    """What an option may be called by, folded. A word of our own is called the same on any day; of anybody else's
    nothing is remembered."""
    return _known_names(option) if isinstance(option.label, Term) else _names(option, env.today)


def _names(option: Option, today: date) -> frozenset[str]:
    labels = {fold(option.label.render(Reader(language, UTC, today))) for language in LANGUAGES}
    labels |= {label.partition(" (")[0].partition("(")[0] for label in labels}  # 积极稳定（绿）
    labels |= {_ARTICLE.sub("", label) for label in labels}
    return frozenset(labels.union(map(fold, option.also)))


@lru_cache(maxsize=4096)
def _known_names(option: Option) -> frozenset[str]:
    return _names(option, date.min)


@lru_cache(maxsize=4096)
def spellings(msgid: str) -> frozenset[str]:
    """A text of our own in each language, folded."""
    return frozenset(fold(gettext(language, msgid)) for language in LANGUAGES)
