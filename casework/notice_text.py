"""The State Council's yearly notice of days off, as it is pasted, to days. Pure.

    二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。

A paragraph for each holiday. Read are dates, spans and what is said of them; everything that the text says twice is
checked against the calendar (the days of the week, 共9天), so that a slip of the pen does not become a day off.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from locales.catalogue import N_
from locales.phrase import Day, FreeText, P, Phrase, Word, several

FESTIVALS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
LONGEST = 15  # days off in a row; a longer span is a slip
SHOWN = 40
_WEEKDAYS = "一二三四五六日天"
_SATURDAY = 5
_DECEMBER = 12

_YEAR = re.compile(r"(\d{4})年(?:全年)?(?:部分|法定)?(?:节假日|元旦)|现将(\d{4})年")
_ITEM = re.compile(r"(?=(?:[一二三四五六七八九十]+、|\(?\d{1,2}[.、)])[^:。\d]{2,20}:)")
_PARAGRAPH = re.compile(
    r"(?:[一二三四五六七八九十]+、|\(?\d{1,2}[.、)])?\s*(?P<name>[^:,。\d]{2,20}):(?P<said>.+)"
)
_DATE = r"(?:(\d{4})年)?(?:(\d{1,2})月)?(\d{1,2})日(?:\(([^)]*)\))?"
_TOKEN = re.compile(
    rf"(?P<span>{_DATE}(?:至|到|[-~—–]+){_DATE})|(?P<date>{_DATE})"
    r"|(?P<work>上班)|(?P<advice>鼓励|建议)|(?P<off>(?<!不)(?:放假|补休|调休|公休|休息))|(?:共|放假)?(?P<count>\d{1,2})天"
)
_WEEKDAY = re.compile(rf"(?:周|星期|礼拜)([{_WEEKDAYS}])")


@dataclass
class ReadNotice:
    """What was read. `off` has the holiday of each day, `problems` are lines that nobody should rely on."""

    year: int
    off: dict[date, str] = field(default_factory=dict)
    worked: dict[date, str] = field(default_factory=dict)
    problems: list[Phrase] = field(default_factory=list)
    named: set[str] = field(default_factory=set)

    @property
    def missing(self) -> list[str]:
        """The holidays of the law that the text does not mention."""
        return [name for name in FESTIVALS if name not in self.named]

    def blame(self, number: int, problem: Phrase) -> None:
        self.problems.append(P("Line {number}: {problem}", number=number, problem=problem))


class _Slip(Exception):
    def __init__(self, problem: Phrase) -> None:
        super().__init__(problem.msgid)
        self.problem = problem


def year_of(text: str) -> int | None:
    """The year that the notice says it is for."""
    found = _YEAR.search(_plain(text))
    return int(found[1] or found[2]) if found else None


def is_notice(text: str) -> bool:
    """Whether a text is, as far as anybody can see, such a notice."""
    return year_of(text) is not None and any(_speaks_of_days(said) for _, said in _paragraphs(text))


def read_notice(text: str, year: int) -> ReadNotice:
    """Every day off and every working weekend that the text names."""
    notice = ReadNotice(year)
    for number, paragraph in _paragraphs(text):
        found = _PARAGRAPH.fullmatch(paragraph)
        if found is None or not _speaks_of_days(found["said"]):
            if _speaks_of_days(paragraph):
                notice.blame(number, _unread(paragraph))
            continue
        festivals = [name for name in FESTIVALS if name.removesuffix("节") in found["name"]]
        notice.named.update(festivals)
        label = found["name"].strip()[:SHOWN]
        for sentence in filter(None, re.split(r"[。;]", found["said"])):
            try:
                _sentence(notice, label, sentence)
            except _Slip as slip:
                notice.blame(number, slip.problem)
    _check_whole(notice)
    return notice


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """The items of the text with the number of their line; several may have been pasted as one line."""
    for number, line in enumerate(text.splitlines(), start=1):
        for part in _ITEM.split("".join(_plain(line).split())):
            if part:
                yield number, part


def _speaks_of_days(text: str) -> bool:
    return re.search(r"\d日", text) is not None and re.search(r"放假|上班|补休|公休", text) is not None


def _unread(text: str) -> Phrase:
    shown = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return P("“{text}” was not understood.", text=FreeText(shown))


def _sentence(notice: ReadNotice, label: str, sentence: str) -> None:
    """One sentence: dates wait until a verb says what they are."""
    waiting: list[date] = []
    off: list[date] = []
    count: int | None = None
    for token in _TOKEN.finditer(sentence):
        match _kind(token):
            case "advice":
                return  # 鼓励 … 安排职工在除夕休息: no day off by this notice
            case "count":
                count = int(token["count"])
                off, waiting = off + _off(notice, label, waiting), []
            case "work":
                _work(notice, label, waiting)
                waiting = []
            case "off":
                off, waiting = off + _off(notice, label, waiting), []
            case _:
                waiting += _dates(token, notice.year, label)
    if waiting:
        raise _Slip(_unread(sentence))
    named = len(set(off))
    if count is not None and off and count != named:
        text = FreeText(sentence[:SHOWN])
        raise _Slip(P("“{text}” names {n} days, but says {said}.", None, text=text, n=named, said=count))


def _kind(token: re.Match[str]) -> str:
    return next(name for name in ("span", "date", "work", "advice", "off", "count") if token[name])


def _dates(token: re.Match[str], year: int, label: str) -> list[date]:
    parts = list(token.groups())
    if token["date"]:
        return [_date(parts[10:14], year, None, label)]
    first = _date(parts[1:5], year, None, label)
    last = _date(parts[5:9], year, first, label)
    if first.month > last.month and first > last and not parts[1] and not parts[5]:
        first = first.replace(year=first.year - 1)  # 12月30日至1月1日
    length = (last - first).days + 1
    if not 1 <= length <= LONGEST:
        raise _Slip(
            P(
                "From {first} to {last} is no holiday of one to {n} days.",
                None,
                first=first,
                last=last,
                n=LONGEST,
            )
        )
    return [first + timedelta(n) for n in range(length)]


def _date(parts: list[str | None], year: int, after: date | None, label: str) -> date:
    """One date. What it leaves out is that of the date before it; December in the item of New Year is last year's."""
    named_year, named_month, day, aside = parts
    month = int(named_month) if named_month else (after.month if after else 0)
    of = int(named_year) if named_year else year
    if not named_year and after is not None and (named_month is None or month >= after.month):
        of = after.year
    elif not named_year and month == _DECEMBER and "元旦" in label:
        of = year - 1
    try:
        found = date(of, month, int(day or 0))
    except ValueError:
        text = f"{month or '?'}月{day}日"
        raise _Slip(P("There is no day {text}.", text=Word(text))) from None
    said = _WEEKDAY.search(aside or "")
    if said is not None and min(_WEEKDAYS.index(said[1]), 6) != found.weekday():
        raise _Slip(P("{day} is no {weekday}.", day=Day(found), weekday=Word(said[0])))
    return found


def _off(notice: ReadNotice, label: str, days: list[date]) -> list[date]:
    notice.off.update(dict.fromkeys(days, label))
    return days


def _work(notice: ReadNotice, label: str, days: list[date]) -> None:
    for day in days:
        if day.weekday() < _SATURDAY:
            raise _Slip(P("{day} is a weekday and worked anyway.", day=Day(day)))
        notice.worked[day] = label


def _check_whole(notice: ReadNotice) -> None:
    both = sorted(notice.off.keys() & notice.worked.keys())
    if both:
        text = P(
            "It says of {days} that they are off and that they are worked.", days=several(map(Day, both))
        )
        notice.problems.append(text)
    if not notice.off and not notice.problems:
        notice.problems.append(P("The text names no day off: is it the notice?"))


MISSING = N_(
    "The text does not mention: {names}. Its days can be read in, but the year does not count as known."
)


def missing_line(notice: ReadNotice) -> Phrase:
    return P(MISSING, names=several(Word(name) for name in notice.missing))
