"""Days as people write them, in Chinese and English. Pure: today is a parameter.

A month and day without a year are looked for on the preferred side, but a day just beyond today counts as this
year's: it is more likely a slip, which the form then names, than a day eleven months off, which nobody would notice.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.dialogs.times import HALVES, NUM, fold, is_hour, number

Prefer = Literal["past", "future"]

SLIP = timedelta(60)
SLIP_OF_DAY = timedelta(7)
LONGEST = 40
NEAR_YEARS = 2
SAID_OF_DAYS = 10  # 三日前 is three days ago; 25日前 is not twenty-five

_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六日")} | {"天": 6} | {str(n): n - 1 for n in range(1, 8)}
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ENGLISH_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
_WEEKS = {"weeks", "week", "周", "星期", "个星期", "礼拜", "个礼拜"}
_NAMED = {
    -3: ("大前天",),
    -2: ("前天", "前日", "前儿", "前儿个", "前个", "前晚", "day before yesterday", "the day before yesterday"),
    -1: (
        "昨天", "昨日", "昨儿", "昨儿个", "昨个", "昨晚", "昨晚上", "昨夜", "昨上午", "昨下午",
        "yesterday", "last night",
    ),
    0: (
        "今天", "今日", "今儿", "今儿个", "今个", "今早", "今早上", "今天一早", "今晨", "今上午", "今下午", "今晚",
        "刚才", "刚刚", "刚", "方才", "刚谈完", "刚聊完", "现在",
        "today", "just now", "now",
        "tonight", "this morning", "this afternoon", "this evening",
    ),
    1: ("明天", "明日", "明儿", "明早", "tomorrow"),
    2: ("后天", "后日", "后儿", "day after tomorrow", "the day after tomorrow"),
    3: ("大后天",),
}  # fmt: skip
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_OFFSETS = {word: offset for offset, words in _NAMED.items() for word in words}


# What stands around a day and says nothing of it: 就是昨天, 在11月20日, 昨天吧; by when, for a day to come.
_BEFORE = re.compile(r"^(?:[嗯哦对是][,，、 ]?)?(?:就是|应该是|是|就在|就|在|于|on(?= )|it was(?= ))?\s?")
_BEHIND = re.compile(
    r"(?<=\S)\s?(?:刚?(?:去|谈|聊|见|办|做|提|送|查阅|面谈|座谈|[谈聊见]完|见面|上门|开展|进行|完成|走访|家访)?(?:的|了)"
    r"|刚[谈聊见]完|那天|[吧呢啊哈呀嘛啦哦喽])$"
)
_BY = re.compile(r"^(?:最晚|最迟|不晚于|不迟于|by(?= ))\s?|\s?(?:之前|以前|前)$")
_FIRST_WEEKDAY = re.compile(
    rf"(?:(?:周|星期|礼拜)([一二三四五六日天])|{_DAY})(?:\s|,|，|、|(?=[\d(一二十廿]))\s?\(?(.+?)\)?"
)
_WEEKDAY_BEHIND = re.compile(rf",?\s?\(?(?:(?:周|星期|礼拜)([一二三四五六日天])|{_DAY})\)?")
_DAY_BEHIND = re.compile(r"\s?\((.+)\)")
_HALF_BEHIND = re.compile(rf",?\s?(?:(?:{HALVES})|(?:in the )?(?:morning|afternoon|evening))(?:左右|许)?")
_SOME_DAY = re.compile(r"[\d一二三四五六七八九十][日号./-]|[天月周期拜]|day|ago")
_APART = " ,、;是即"
_CLOCK_BEHIND = re.compile(r"(?:,|，|at)? ?(.+)")


@dataclass(frozen=True)
class Contradiction:
    """It names a day, and another day of the week beside it."""

    day: date


@dataclass(frozen=True)
class Ambiguous:
    """It is one of two days, and nothing says which: 5/11/2026. `clash`: it names both: 昨天（11月20日）."""

    days: tuple[date, date]
    clash: bool = False


Meant = date | Contradiction | Ambiguous


def read_date(text: str, today: date, prefer: Prefer = "past") -> date | None:
    """The day that somebody meant, or None."""
    found = understand_date(text, today, prefer)
    return found if isinstance(found, date) else None


def understand_date(text: str, today: date, prefer: Prefer) -> Meant | None:
    """The same, and whether it could be two days, or contradicts itself: 11月20日（周四）, where that is a Friday."""
    said = fold(text).strip(" .。,!")
    if not said or len(said) > LONGEST:
        return None
    said = re.sub(r"(?<=[一二三四五六七八九零〇])o(?=[一二三四五六七八九])", "〇", said)
    said = _BEHIND.sub("", _BEFORE.sub("", said)).replace("元月", "1月")
    found = _with_more(said, today, prefer)
    if found is None and prefer == "future":
        without = _BY.sub("", said)
        found = _with_more(without, today, prefer) if without != said else None
    return found


def _with_more(said: str, today: date, prefer: Prefer) -> Meant | None:
    """A day with what may stand beside it: its day of the week, the hour, the same day once more."""
    for cut in range(len(said), 0, -1):
        if cut < len(said) and said[cut - 1].isdigit() and said[cut].isdigit():
            continue
        rest = said[cut:]
        day = _alone(said[:cut].rstrip(), today, prefer) if not rest or _may_follow(rest) else None
        if day is not None:
            return day if not rest else _beside(day, rest, today, prefer)
    first = _FIRST_WEEKDAY.fullmatch(said)
    if first:
        day = _alone(first[3], today, prefer)
        weekday = _day_of_week(first[1], first[2])
        if isinstance(day, Ambiguous):
            return _only([one for one in day.days if one.weekday() == weekday]) or day
        if day is not None:
            return day if day.weekday() == weekday else Contradiction(day)
    return _twice(said, today, prefer)


def _twice(said: str, today: date, prefer: Prefer) -> Meant | None:
    """The same day in two ways: 上周五11月20日, 昨天，11月20日."""
    for cut in range(1, len(said)) if _SOME_DAY.search(said) else ():
        if said[cut - 1].isdigit() and said[cut].isdigit():
            continue
        other = _alone(said[cut:].lstrip(_APART), today, prefer)
        day = _alone(said[:cut].rstrip(_APART), today, prefer) if isinstance(other, date) else None
        if isinstance(other, date) and isinstance(day, date):
            return _both(day, other)
    return None


def _both(day: date, other: date) -> date | Ambiguous:
    return day if day == other else Ambiguous((max(day, other), min(day, other)), clash=True)


def _beside(found: date | Ambiguous, rest: str, today: date, prefer: Prefer) -> Meant | None:
    """A day by what stands behind it, which may say which of two it is."""
    if isinstance(found, date):
        return _agreeing(found, rest, today, prefer)
    agree = [day for day in found.days if isinstance(_agreeing(day, rest, today, prefer), date)]
    return _only(agree) or found


def _only(days: list[date]) -> date | None:
    return days[0] if len(days) == 1 else None


def _may_follow(rest: str) -> bool:
    return bool(
        _WEEKDAY_BEHIND.match(rest)
        or _DAY_BEHIND.fullmatch(rest)
        or _HALF_BEHIND.fullmatch(rest)
        or _is_hour(rest)
    )


def _is_hour(rest: str) -> bool:
    clock = _CLOCK_BEHIND.fullmatch(rest)
    return clock is not None and is_hour(clock[1])


def _agreeing(day: date, rest: str, today: date, prefer: Prefer) -> Meant | None:
    """The day, if what stands behind it does not speak of another one."""
    weekday = _WEEKDAY_BEHIND.match(rest)
    if weekday:
        if day.weekday() != _day_of_week(weekday[1], weekday[2]):
            return Contradiction(day)
        rest = rest[weekday.end() :]
    if not rest or _HALF_BEHIND.fullmatch(rest) or _is_hour(rest):
        return day
    again = _DAY_BEHIND.fullmatch(rest)
    other = _alone(again[1], today, prefer) if again else None
    if isinstance(other, Ambiguous):
        return day if day in other.days else Contradiction(day)
    return _both(day, other) if other is not None else None


def _day_of_week(chinese: str | None, english: str | None) -> int:
    if chinese:
        return _WEEKDAYS[chinese]
    return next(n for n, name in enumerate(_ENGLISH_DAYS) if name.startswith(english or "?"))


def _alone(said: str, today: date, prefer: Prefer) -> date | Ambiguous | None:
    packed = re.sub(r"(?<![a-z])\s+|\s+(?![a-z0-9])", "", said) if not said.isascii() else said
    if packed in _OFFSETS:
        return today + timedelta(_OFFSETS[packed])
    for pattern, reader in _READERS:
        found = pattern.fullmatch(packed)
        if found:
            try:
                return reader(found, today, prefer)
            except (ValueError, OverflowError):
                return None
    return None


def _int(text: str) -> int:
    found = number(text)
    if found is None:
        raise ValueError(text)
    return found


def _full(found: re.Match[str], today: date, prefer: Prefer) -> date:
    year, month, day = (_int(part) for part in found.groups())
    return date(year + 2000 if year < 100 else year, month, day)


def _either_order(found: re.Match[str], today: date, prefer: Prefer) -> date | Ambiguous:
    """20/11/2026, 11/20/2026; 5/11/2026 can be two days."""
    first, second, year = (int(part) for part in found.groups())
    return _one_of([(year, first, second), (year, second, first)])


def _short_year(found: re.Match[str], today: date, prefer: Prefer) -> date | Ambiguous:
    """26.11.20, and 20/11/26: the year is the part that makes it a day not long from now."""
    first, second, third = (int(part) for part in found.group(1, 3, 4))
    orders = [(2000 + first, second, third)] if len(found[1]) == 2 else []
    if len(found[4]) == 2:
        orders += [(2000 + third, second, first), (2000 + third, first, second)]
    return _one_of([one for one in orders if abs(one[0] - today.year) <= NEAR_YEARS])


def _one_of(orders: list[tuple[int, int, int]]) -> date | Ambiguous:
    """The day that these can be, or the two, the later first."""
    found = set[date]()
    for year, month, day in orders:
        with suppress(ValueError):
            found.add(date(year, month, day))
    days = sorted(found, reverse=True)
    if not 1 <= len(days) <= 2:
        raise ValueError(orders)
    return days[0] if len(days) == 1 else Ambiguous((days[0], days[1]))


def _month_day(found: re.Match[str], today: date, prefer: Prefer) -> date:
    return _sensible_year(_int(found[1]), _int(found[2]), today, prefer)


def _year_word(found: re.Match[str], today: date, prefer: Prefer) -> date:
    return date(today.year + {"去": -1, "今": 0, "明": 1}[found[1]], _int(found[2]), _int(found[3]))


def _english_date(day: str, month: str, year: str | None, today: date, prefer: Prefer) -> date:
    of_year = MONTHS.index(month[:3]) + 1
    if year:
        return date(int(year), of_year, int(day))
    return _sensible_year(of_year, int(day), today, prefer)


def _sensible_year(month: int, day: int, today: date, prefer: Prefer) -> date:
    candidates = []
    for year in range(today.year - 8, today.year + 9):
        try:
            candidates.append(date(year, month, day))
        except ValueError:
            continue
    if prefer == "past":
        return max(one for one in candidates if one <= today + SLIP)
    return min(one for one in candidates if one >= today - SLIP)


def _day_of_month(found: re.Match[str], today: date, prefer: Prefer) -> date:
    day = _int(found[1])
    candidates = []
    for months in range(-3, 4):
        first = _month(today, months)
        if 1 <= day <= (_month(today, months + 1) - first).days:
            candidates.append(first + timedelta(day - 1))
    if prefer == "past":
        return max(one for one in candidates if one <= today + SLIP_OF_DAY)
    return min(one for one in candidates if one >= today)


def _day_of_near_month(found: re.Match[str], today: date, prefer: Prefer) -> date:
    months = {"上": -1, "本": 0, "这": 0, "下": 1}[found[1]]
    return _month(today, months).replace(day=_int(found[2]))


def _month(today: date, months: int) -> date:
    """The first day of the month that many months away."""
    count = today.year * 12 + today.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _weekday(found: re.Match[str], today: date, prefer: Prefer) -> date:
    weekday = _WEEKDAYS[found[2]]
    if not found[1]:
        return _nearest_weekday(weekday, today, prefer)
    weeks = {"上上": -2, "上": -1, "本": 0, "这": 0, "下": 1, "下下": 2}[found[1].rstrip("个")]
    return _of_week(weekday, today, weeks)


def _english_weekday(found: re.Match[str], today: date, prefer: Prefer) -> date:
    """ "Last Friday" is the latest before today; "next Friday" is that of the coming week, as 下周五."""
    weekday = next(n for n, name in enumerate(_ENGLISH_DAYS) if name.startswith(found[2]))
    match found[1]:
        case "last":
            return _nearest_weekday(weekday, today - timedelta(1), "past")
        case "next":
            return _of_week(weekday, today, 1)
        case "this":
            return _of_week(weekday, today, 0)
        case _:
            return _nearest_weekday(weekday, today, prefer)


def _of_week(weekday: int, today: date, weeks: int) -> date:
    return today + timedelta(weekday - today.weekday() + 7 * weeks)


def _nearest_weekday(weekday: int, today: date, prefer: Prefer) -> date:
    if prefer == "past":
        return today - timedelta((today.weekday() - weekday) % 7)
    return today + timedelta((weekday - today.weekday()) % 7)


def _ago(found: re.Match[str], today: date, prefer: Prefer) -> date:
    if found[2] == "日" and found[3].endswith("前") and (prefer == "future" or found[3] != "前"):
        raise ValueError(found[0])  # 3日前 is by the 3rd, of a day to come
    if found[2] == "日" and found[3] == "前" and _int(found[1]) > SAID_OF_DAYS:
        raise ValueError(found[0])  # 25日前 is before the 25th
    days = _int(found[1]) * (7 if found[2] in _WEEKS else 1)
    return today + timedelta(days if found[3] in ("后", "以后", "之后") else -days)


def _distance(count: str, unit: str) -> timedelta:
    number_said = 1 if count == "a" else NUMBERS.index(count) + 1 if count in NUMBERS else int(count)
    return timedelta(number_said * (7 if unit in _WEEKS else 1))


def _english_week(found: re.Match[str], today: date, prefer: Prefer) -> date:
    """Friday last week; last week on Friday."""
    weekday = next(
        n for n, name in enumerate(_ENGLISH_DAYS) if name.startswith(found["day"] or found["day2"])
    )
    weeks = {"last": -1, "this": 0, "next": 1}[found["which"] or found["which2"]]
    return _of_week(weekday, today, weeks)


_COUNT = rf"(\d{{1,3}}|a|{'|'.join(NUMBERS)})"
Reader = Callable[[re.Match[str], date, Prefer], date | Ambiguous]
_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (r"(\d{4})\s?[-–—./、。 ]\s?(\d{1,2})\s?[-–—./、。 ]\s?(\d{1,2})", _full),
        (r"(\d{1,2})\s?[-–—./]\s?(\d{1,2})\s?[-–—./]\s?(\d{4})", _either_order),
        (r"(\d{1,2})\s?([-–—./])\s?(\d{1,2})\s?\2\s?(\d{1,2})", _short_year),
        (rf"(\d{{2}})年({NUM})月({NUM})[日号]?", _full),
        (r"(\d{4})(\d{2})(\d{2})", _full),
        (rf"([\d零〇○一二三四五六七八九]{{4}})年({NUM})月({NUM})[日号]?", _full),
        (r"(\d{1,2})\s?[-–—./、。]\s?(\d{1,2})", _month_day),
        (r"(\d{1,2})[./](\d{1,2})[日号]", _month_day),
        (r"(\d{2})(\d{2})", _month_day),
        (rf"({NUM})月({NUM})[日号]?", _month_day),
        (rf"([去今明])年({NUM})月({NUM})[日号]?", _year_word),
        (rf"(上|本|这|下)个?月({NUM})[日号]?", _day_of_near_month),
        (rf"({NUM})[日号]", _day_of_month),
        (r"(?:the )?(\d{1,2})(?:st|nd|rd|th)", _day_of_month),
        (
            r"((?:上上|下下|上|本|这|下)个?)?(?:周|星期|礼拜)(?:的?(?:周|星期|礼拜))?([一二三四五六日天1-7])",
            _weekday,
        ),
        (rf"(?:on )?(?:(last|this|next) )?{_DAY}", _english_weekday),
        (rf"({NUM})(天|日|周|个?星期|个?礼拜)(前|以前|之前|后|以后|之后)", _ago),
        (rf"{_COUNT} (day|week)s? ago", lambda found, today, prefer: today - _distance(found[1], found[2])),
        (rf"in {_COUNT} (day|week)s?", lambda found, today, prefer: today + _distance(found[1], found[2])),
        (
            rf"{_COUNT} (day|week)s? from (?:now|today)",
            lambda found, today, prefer: today + _distance(found[1], found[2]),
        ),
        (
            rf"(?P<day>{_DAY}) (?:of )?(?P<which>last|this|next) week"
            rf"|(?P<which2>last|this|next) week,? (?:on )?(?P<day2>{_DAY})",
            _english_week,
        ),
        (
            rf"(?:the )?(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ?{ENGLISH_MONTH}(?:,? (\d{{4}}))?",
            lambda found, today, prefer: _english_date(found[1], found[2], found[3], today, prefer),
        ),
        (
            rf"{ENGLISH_MONTH} ?(\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?",
            lambda found, today, prefer: _english_date(found[2], found[1], found[3], today, prefer),
        ),
    )
)
