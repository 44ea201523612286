"""Until when, as people say it of a day to come: 月底前, 12月底, 三天内, 5个工作日内, 本周内, 下周一前办结. Pure.

It is the last day that the words leave: of a month or a year its end, of a week its Friday (its Sunday, once that is
over). Working days are those of a calendar that is given. The day is shown before anything is handed in.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta

from bot.dialogs.dates import ENGLISH_MONTH, MONTHS, NUMBERS, SLIP, read_date
from bot.dialogs.times import NUM, fold, number

_BY = re.compile(
    r"^(?:最晚|最迟|不晚于|不迟于|争取|力争|在|到|by |before )+|(?:之前|以前|前)?(?:办结|完成|解决|落实|答复)?吧?$"
)
_FRIDAY, _WEEK = 4, timedelta(7)
_MOST_WORKDAYS = 366
_MONTHS = {"": 0, "本": 0, "这": 0, "this": 0, "the": 0, "下": 1, "next": 1}
_COUNT = rf"\d{{1,3}}|a|{'|'.join(NUMBERS)}"
_WORKDAYS = re.compile(
    rf"(?P<n>{NUM})个?工作日(?:内|之内|以内)|(?P<next>[下次]一?个?工作日|(?:the )?next (?:working|business) day)"
    rf"|(?:within|in) (?P<count>{_COUNT}) (?:working|business) days?"
)

WorkdaysOn = Callable[[date, int], date]


def read_deadline(text: str, today: date, workdays_on: WorkdaysOn | None = None) -> date | None:
    """The last day that is left, or None. `workdays_on`: the day so many working days after another."""
    whole = fold(text).strip(" .。,!")
    said = _BY.sub("", whole)
    packed = said if said.isascii() else said.replace(" ", "")
    if (workdays := _WORKDAYS.fullmatch(packed)) is not None:
        n = 1 if workdays["next"] else _number(workdays["n"] or workdays["count"])
        return workdays_on(today, n) if workdays_on and n and n <= _MOST_WORKDAYS else None
    for pattern, reader in _READERS:
        found = pattern.fullmatch(packed)
        if found:
            try:
                return reader(found, today)
            except (ValueError, OverflowError):
                return None
    return read_date(said, today, "future") if said != whole else None  # 下周一前办结


def _number(said: str) -> int | None:
    return 1 if said == "a" else NUMBERS.index(said) + 1 if said in NUMBERS else number(said)


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _in_months(today: date, months: int) -> date:
    """The same day so many months on, or the last of that month."""
    count = today.year * 12 + today.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(today.day, monthrange(year, month)[1]))


def _near_month(found: re.Match[str], today: date) -> date:
    there = _in_months(today, _MONTHS[found[1] or ""])
    return _end_of_month(there.year, there.month)


def _named_month(found: re.Match[str], today: date) -> date:
    """12月底 is that to come; one just over is named as such."""
    month = number(found[2]) or 0
    return _end_of_month(today.year + (found[1] == "明"), month) if found[1] else _next_end(month, today)


def _english_month(found: re.Match[str], today: date) -> date:
    return _next_end(MONTHS.index(found[1][:3]) + 1, today)


def _next_end(month: int, today: date) -> date:
    ends = (_end_of_month(year, month) for year in (today.year - 1, today.year, today.year + 1))
    return min(one for one in ends if one >= today - SLIP)


def _year(found: re.Match[str], today: date) -> date:
    return date(today.year + (found[1] in ("明", "next")), 12, 31)


def _week(found: re.Match[str], today: date) -> date:
    """Its Friday; once that is over, its Sunday."""
    monday = today - timedelta(today.weekday())
    if (found[1] or "") in ("下", "next"):
        return monday + _WEEK + timedelta(_FRIDAY)
    return monday + timedelta(_FRIDAY if today.weekday() <= _FRIDAY else 6)


def _within(found: re.Match[str], today: date) -> date:
    n, unit = _number(found[1]), found[2]
    if n is None or n < 1:
        raise ValueError(found[0])
    if unit in ("月", "个月", "month"):
        return _in_months(today, n)
    return today + (timedelta(n) if unit in ("天", "日", "day") else n * _WEEK)


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date]], ...] = (
    (re.compile(r"(?:(本|这|下)个?)?月(?:底|末|内|之内|以内)"), _near_month),
    (re.compile(rf"(?:([今明])年)?({NUM})月(?:份)?(?:底|末|内|之内|以内)"), _named_month),
    (re.compile(r"(?:([今本明])年?)?年(?:底|末|终|内|之内|以内)"), _year),
    (re.compile(r"(?:(本|这|下)个?)?(?:周|星期|礼拜)(?:内|之内|以内)"), _week),
    (re.compile(rf"({NUM})(天|日|周|个?星期|个?礼拜|个月)(?:内|之内|以内)"), _within),
    (re.compile(r"半个?月(?:内|之内|以内)"), lambda found, today: today + timedelta(15)),
    (re.compile(r"(?:the )?end of (?:(the|this|next) )?month|within (?:the|this) month"), _near_month),
    (re.compile(r"(?:the )?end of (?:(the|this|next) )?year|within (?:the|this) year"), _year),
    (re.compile(r"(?:the )?end of (?:(the|this|next) )?week|within (?:the|this) week"), _week),
    (re.compile(rf"(?:the )?end of {ENGLISH_MONTH}"), _english_month),
    (re.compile(rf"within ({_COUNT}) (day|week|month)s?"), _within),
)
