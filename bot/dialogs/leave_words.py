"""Leave as people write it: 8–12号，老张代; 11月30日到12月4日; 下周一到周三休年假; 11-30 12-04. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.dialogs.dates import read_date
from bot.dialogs.times import fold, number

_COVERS = re.compile(r"\s?(?:来?代我|代办|代班|代理|顶班|顶替|代)[\s.。!]*$")
_NAMED = re.compile(
    r"[\s,、;。]*(?:代办人\s?:?\s?|\b(?:covered by|cover(?: is)?:?|by)\s)(?P<who>[^,;]{1,40}?)[\s.。!]*$"
)
_COVERING = re.compile(
    r"\s?[,;]\s?(?P<who>[^,;]{1,40}?)\s+(?:covers|will cover|is covering)(?: for me)?[\s.!]*$"
)
_LONGEST_NAME = 12
_KINDS = r"请假|休假|(?:休|请)?(?:年休假|年假|病假|事假|公休假?|公假|探亲假|婚假|产假|陪产假|护理假|丧假)|调休|补休"
_AROUND = re.compile(
    rf"^(?:我|从|自|想|要|{_KINDS}|from|on|[,、\s])+|(?:\s|{_KINDS}|不在|休息|由|请|让|[,、;。.!])+$"
)
_TO = re.compile(r"\s*(?:至|到|~|\bto\b|\buntil\b|\btill\b)\s*")
_DASH = re.compile(r"\s*[-–—]+\s*")
_SHORT = re.compile(r"(?:(?P<month>\d{1,2}月))?(?P<first>\d{1,2})[日号]?\s?[-–—]+\s?(?P<last>\d{1,2})[日号]")
_BARE = re.compile(r"\d{1,2}")


@dataclass(frozen=True)
class LeaveText:
    first: date
    last: date
    who: str | None = None


def read_leave(text: str, today: date) -> LeaveText | None:
    """The days, and who covers if anybody is named; None where the days cannot be read."""
    said = fold(text)
    named, covers = _NAMED.search(said) or _COVERING.search(said), _COVERS.search(said)
    if named:
        days = read_days(said[: named.start()], today)
        return LeaveText(*days, named["who"].removesuffix("同志")) if days else None
    if covers:
        return _before_cover(said[: covers.start()], today)
    days = read_days(said, today)
    return LeaveText(*days) if days else None


def _before_cover(said: str, today: date) -> LeaveText | None:
    """明天吴涛: where the days end and the name begins shows only in what can be read."""
    for length in range(1, min(len(said), _LONGEST_NAME) + 1):
        who = said[-length:]
        days = read_days(said[:-length], today) if who[0].isalpha() else None
        if days:
            name = re.sub(r"^(?:由|请|让)(?=..)", "", who)
            return LeaveText(*days, name.strip().removesuffix("同志"))
    return None


def read_days(text: str, today: date) -> tuple[date, date] | None:
    """The first and the last day. One day alone is both."""
    said = _AROUND.sub("", fold(text)).strip()
    for first_text, last_text in _halves(said):
        first = _day(first_text, today)
        last = _day(last_text, today) if first else None
        if first is not None and (last is None or last < first):
            last = _day(last_text, first)  # the 12th is that after the 8th; Wednesday that after Monday
        if first is not None and last is not None and first <= last:
            return first, last
    return None


def _halves(said: str) -> Iterator[tuple[str, str]]:
    """How the text may be cut in two, the surest way first."""
    short = _SHORT.fullmatch(said)
    if short:
        month = short["month"] or ""
        yield f"{month}{short['first']}日", f"{month}{short['last']}日"
    for cut in _TO.finditer(said):
        yield said[: cut.start()], said[cut.end() :]
    yield said, said
    for cut in _DASH.finditer(said):
        if re.search(r"[月日号a-z周天\s./]", said):  # 11-30 alone is a day
            yield said[: cut.start()], said[cut.end() :]
    for cut in re.finditer(r"\s+", said):
        yield said[: cut.start()], said[cut.end() :]


def _day(text: str, today: date) -> date | None:
    text = text.strip()
    if _BARE.fullmatch(text) and number(text):
        text += "日"
    return read_date(text, today, "future")
