"""Days and hours as people write them, in Chinese and English. Pure: the day is a parameter.

A month and day without a year are looked for on the preferred side, but a day just beyond today counts as this
year's: it is more likely a slip, which the form then names, than a day eleven months off, which nobody would notice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from typing import Literal

Prefer = Literal["past", "future"]

SLIP = timedelta(60)
SLIP_OF_DAY = timedelta(7)

_DIGITS = {c: n for n, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0, "两": 2}
_NUM = r"[\d零〇○一二两三四五六七八九十廿卅]+"
_WEEKDAYS = {c: n for n, c in enumerate("一二三四五六日")} | {"天": 6} | {str(n): n - 1 for n in range(1, 8)}
_ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?)"
_NAMED = {
    -3: ("大前天",),
    -2: ("前天", "前日", "day before yesterday", "the day before yesterday"),
    -1: ("昨天", "昨日", "昨晚", "yesterday"),
    0: ("今天", "今日", "今早", "今晨", "当天", "today"),
    1: ("明天", "明日", "tomorrow"),
    2: ("后天", "后日", "day after tomorrow", "the day after tomorrow"),
    3: ("大后天",),
}
# 昨天下午3点, 11月20日（周五）, 上周五晚上, yesterday at 3 pm: the end says nothing of the day.
_TAIL = re.compile(
    r"(?<=[日号天\d晚前一二三四五六])\s?(?:"
    r"\(?(?:周|星期|礼拜)[一二三四五六日天]\)?"
    rf"|(?:上午|下午|早上|早晨|中午|晚上|傍晚)(?:{_NUM}(?:[点时](?:钟|半|一刻|三刻|{_NUM}分?)?|:\d\d))?(?:左右|许)?"
    rf"|{_NUM}(?:[点时](?:钟|半|一刻|三刻|{_NUM}分?)?)(?:左右|许)?"
    r"|\s\d{1,2}:\d\d"
    r")$"
    r"|(?<=\w),? (?:(?:at )?\d{1,2}(?::\d\d)?(?: ?[ap]\.?m\.?)|at \d{1,2}(?::\d\d)?"
    r"|(?:in the )?(?:morning|afternoon|evening))$"
)
_OFFSETS = {word: offset for offset, words in _NAMED.items() for word in words}


def fold(text: str) -> str:
    """For comparing: half-width, lower case, one space at most."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def number(text: str) -> int | None:
    """12, １２, 十二, 二十, 廿三, 二〇二六."""
    if text.isascii() and text.isdigit():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    if "十" not in text:
        digits = [_DIGITS.get(c, int(c) if c.isascii() and c.isdigit() else None) for c in text]
        known = [digit for digit in digits if digit is not None]
        return int("".join(map(str, known))) if known and len(known) == len(digits) else None
    tens, _, ones = text.partition("十")
    high = _DIGITS.get(tens) if tens else 1
    low = _DIGITS.get(ones) if ones else 0
    return None if high is None or low is None else high * 10 + low


def read_date(text: str, today: date, prefer: Prefer = "past") -> date | None:
    """The day that somebody meant, or None."""
    said = _TAIL.sub("", fold(text).strip(" .。,!"))
    if not said or len(said) > 40:
        return None
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
    return date(year, month, day)


def _month_day(found: re.Match[str], today: date, prefer: Prefer) -> date:
    return _sensible_year(_int(found[1]), _int(found[2]), today, prefer)


def _year_word(found: re.Match[str], today: date, prefer: Prefer) -> date:
    return date(today.year + {"去": -1, "今": 0, "明": 1}[found[1]], _int(found[2]), _int(found[3]))


def _english_date(day: str, month: str, year: str | None, today: date, prefer: Prefer) -> date:
    of_year = _MONTHS.index(month[:3]) + 1
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
    days = _int(found[1]) * (7 if found[2] in ("周", "星期", "个星期", "礼拜", "个礼拜") else 1)
    return today + timedelta(days if found[3] in ("后", "以后", "之后") else -days)


def _english_ago(found: re.Match[str], today: date, prefer: Prefer) -> date:
    count = 1 if found[1] in ("a", "one") else int(found[1])
    return today - timedelta(count * (7 if found[2] == "week" else 1))


def _english_in(found: re.Match[str], today: date, prefer: Prefer) -> date:
    count = 1 if found[1] in ("a", "one") else int(found[1])
    return today + timedelta(count * (7 if found[2] == "week" else 1))


Reader = Callable[[re.Match[str], date, Prefer], date]
_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (r"(\d{4})\s?[-–—./]\s?(\d{1,2})\s?[-–—./]\s?(\d{1,2})", _full),
        (r"(\d{4})(\d{2})(\d{2})", _full),
        (rf"([\d零〇○一二三四五六七八九]{{4}})年({_NUM})月({_NUM})[日号]?", _full),
        (r"(\d{1,2})\s?[-–—./]\s?(\d{1,2})", _month_day),
        (r"(\d{2})(\d{2})", _month_day),
        (rf"({_NUM})月({_NUM})[日号]?", _month_day),
        (rf"([去今明])年({_NUM})月({_NUM})[日号]?", _year_word),
        (rf"(上|本|这|下)个?月({_NUM})[日号]?", _day_of_near_month),
        (rf"({_NUM})[日号]", _day_of_month),
        (r"(?:the )?(\d{1,2})(?:st|nd|rd|th)", _day_of_month),
        (r"((?:上上|下下|上|本|这|下)个?)?(?:周|星期|礼拜)([一二三四五六日天1-7])", _weekday),
        (rf"(?:on )?(?:(last|this|next) )?{_DAY}", _english_weekday),
        (rf"({_NUM})(天|日|周|个?星期|个?礼拜)(前|以前|之前|后|以后|之后)", _ago),
        (r"(\d{1,3}|a|one) (day|week)s? ago", _english_ago),
        (r"in (\d{1,3}|a|one) (day|week)s?", _english_in),
        (
            rf"(?:the )?(\d{{1,2}})(?:st|nd|rd|th)?(?: of)? ?{_MONTH}(?:,? (\d{{4}}))?",
            lambda found, today, prefer: _english_date(found[1], found[2], found[3], today, prefer),
        ),
        (
            rf"{_MONTH} ?(\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?",
            lambda found, today, prefer: _english_date(found[2], found[1], found[3], today, prefer),
        ),
    )
)

_HOUR = (
    rf"(?P<half{{n}}>上午|早上|早晨|下午|中午|晚上|傍晚)?(?P<hour{{n}}>{_NUM})"
    rf"(?:(?:[:.]|点钟?|时)(?P<minute{{n}}>半|一刻|三刻|{_NUM})?分?)?(?P<suffix{{n}}>[ap]\.?m\.?)?"
)
_SPAN = re.compile(r"(?:from)?" + _HOUR.format(n=1) + r"(?:-|–|—|~|～|至|到|to|until)+" + _HOUR.format(n=2))
_MINUTES = {None: 0, "半": 30, "一刻": 15, "三刻": 45}
_AFTERNOON = ("下午", "晚上", "傍晚")


def read_span(text: str) -> str | None:
    """Two times of day as `09:00-10:30`, or None. 下午2点到3点半, 9:00-10:30, 2 to 3:30 pm."""
    found = _SPAN.fullmatch("".join(fold(text).split()))
    if not found:
        return None
    first_half, second_half = found["half1"], found["half2"]
    first_suffix, second_suffix = found["suffix1"], found["suffix2"]
    start = _time(found["hour1"], found["minute1"], first_half, first_suffix or second_suffix)
    end = _time(found["hour2"], found["minute2"], second_half or first_half, second_suffix or first_suffix)
    if start is None or end is None:
        return None
    if start > end and second_suffix and not first_suffix:  # 11 to 1 pm
        start = _time(found["hour1"], found["minute1"], first_half, None) or start
    return f"{start}-{end}"


def _time(hour: str, minute: str | None, half: str | None, suffix: str | None) -> str | None:
    if minute is None and hour.isascii() and len(hour) == 4:  # 0930
        hour, minute = hour[:2], hour[2:]
    hours = number(hour)
    minutes = _MINUTES[minute] if minute in _MINUTES else number(minute or "")
    if hours is None or minutes is None:
        return None
    if 1 <= hours <= 6 and not (half or suffix or hour.startswith("0")):
        half = "下午"  # nobody visits at two in the night: a bare 2点 is the afternoon
    if hours < 12 and (
        half in _AFTERNOON or (half == "中午" and hours < 6) or (suffix or "").startswith("p")
    ):
        hours += 12
    elif hours == 12 and (suffix or "").startswith("a"):
        hours = 0
    return f"{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else None
