"""Why a text names no one day: it is of the lunar calendar, there is no such day, it is several, it leaves it open."""

from __future__ import annotations

import re
from datetime import date

from bot.dialogs.dates import Prefer, read_date
from bot.dialogs.leave_words import read_days
from bot.dialogs.times import HALVES, NUM, NUMERALS, fold, is_hour, number
from locales.catalogue import N_

LUNAR = N_("“{text}” is a day of the lunar calendar. Please give it by the common calendar.")
MISSING = N_("There is no such day as “{text}”. Please give one of the calendar.")
SEVERAL = N_("“{text}” is more than one day. Please give one.")
OPEN = N_("“{text}” does not say which day. Please give one.")

_LUNAR = re.compile(r"农历|阴历|旧历|正月|冬月|腊月|初[一二三四五六七八九十]|除夕|年三十|大年")
_OR = re.compile(r"\s*(?:或者?|和|与|及|、)\s*")
_NUMBER = re.compile(NUM)
_HALF = re.compile(HALVES)
_BARE = re.compile(rf"{NUM}[日号]?")
_WRITTEN_OUT = re.compile(rf"(?:{NUM}年|[去今明]年)?(?:({NUM})月|[上本这下]个?月)?({NUM})[日号]")
# Words of time and nothing else: a sentence that says 昨天 somewhere does name a day.
_OF_TIME = re.compile(
    rf"(?:[{NUMERALS}年月日号周天旬底末内期节前后之以上中下初几多来半个本这次第翌隔改过再最近约]|礼拜|国庆|元旦|春节|清明|端午"
    r"|中秋|劳动节|左右|大概|尽快|工作日|期间)+"
    r"|(?:the |next |last |this |some |in |a |few |end |of |by |early |late )*"
    r"(?:week(?:end)?|month|day|year)s?(?: ago)?"
    r"|soon|some time"
)


def why_no_day(text: str, today: date, prefer: Prefer) -> str | None:
    """The sentence that says so; None where the text does not speak of days at all."""
    said = fold(text)
    if _LUNAR.search(said):
        return LUNAR
    written = _WRITTEN_OUT.fullmatch(said)
    if written and all(number(part) is not None for part in written.groups() if part):
        return MISSING
    if _several(said, today, prefer):
        return SEVERAL
    if is_hour(said) or _HALF.fullmatch(said):  # 下午三点, of whatever day
        return OPEN
    return OPEN if _OF_TIME.fullmatch(said) and not _NUMBER.fullmatch(said) else None


def _several(said: str, today: date, prefer: Prefer) -> bool:
    span = read_days(said, today)
    if span is not None and span[0] != span[1]:
        return True
    parts = _OR.split(said)
    if len(parts) < 2:
        return False
    return all(_BARE.fullmatch(one) or read_date(one, today, prefer) for one in parts)
