"""The calendar in words: a year as it holds, what a change of it comes to, the yearly notice as it was read."""

from __future__ import annotations

from datetime import date

from bot.channels.base import Finding
from casework.days import Change
from casework.notice_text import ReadNotice
from locales.catalogue import N_
from locales.phrase import Day, FreeText, P, Phrase, Term, Word, line, several
from reminders.workdays import WorkCalendar, runs
from storage.tables.days import DayKind, OwnDay

KINDS = {DayKind.off: N_("day off"), DayKind.work: N_("working day")}


def of_year(calendar: WorkCalendar, year: int) -> list[Phrase]:
    """How many days of it are worked, which are not, and on which weekends somebody works."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    count = calendar.workdays_between(date(year - 1, 12, 31), last)
    known = (
        P("{year}: {n} working days; the official notice is known.", None, year=Word(str(year)), n=count)
        if calendar.is_published(year)
        else P("{year}: {n} working days, estimated from the law.", None, year=Word(str(year)), n=count)
    )
    off = [
        (day, why) for day, why in calendar.days_not_counted(date(year - 1, 12, 31), last) if why != "weekend"
    ]
    lines = [known, *(_span(*one) for one in runs(off))]
    worked = calendar.worked_weekends(first.year)
    if worked:
        lines.append(P("Working weekends: {days}", days=several(map(Day, worked))))
    return lines


def _span(first: date, last: date, reason: str) -> Phrase:
    if first == last:
        return line(Day(first), Term(reason))
    return line(P("{first} to {last}", first=Day(first), last=Day(last)), Term(reason))


def own_day(own: OwnDay) -> Phrase:
    where = Term(N_("every county")) if own.county_id is None else Term(N_("this county"))
    said = [P("Set by hand: {day}", day=Day(own.day)), Term(KINDS[own.kind]), where]
    return line(*said, *([FreeText(own.note)] if own.note else []))


def read(notice: ReadNotice) -> Phrase:
    return P(
        "{year}: {off} days off and {worked} working weekend days were read.", None,
        year=Word(str(notice.year)), off=len(notice.off), worked=len(notice.worked),
    )  # fmt: skip


def not_kept(notice: ReadNotice) -> list[Phrase]:
    """Each line that cannot be relied on, and that nothing was kept."""
    n = len(notice.problems)
    return [
        *notice.problems,
        P("{n} problem: nothing was kept.", "{n} problems: nothing was kept.", n=n),
    ]


def effect(change: Change) -> list[Phrase]:
    if not change.days:
        return [P("No day changes by it.")]
    return [
        P("Another kind of day than before: {days}", days=several(map(Day, change.days))),
        P(
            "{n} open visit is looked at at another moment.",
            "{n} open visits are looked at at another moment.",
            n=change.visits,
        ),
    ]


def examine(calendar: WorkCalendar, year: int) -> list[Finding]:
    """Whether this year and the next are known. That this one is not is a fault."""
    findings = []
    for number, needed in ((year, True), (year + 1, False)):
        known, shown = calendar.is_published(number), Word(str(number))
        if known:
            findings.append(
                Finding(True, P("Calendar: {year} is known with its make-up working days", year=shown))
            )
        else:
            text = P(
                "Calendar: {year} is not published yet; its days are estimated from the law. "
                "Read the notice in with: fangpingcha calendar import FILE",
                year=shown,
            )
            findings.append(Finding(not needed, text))
    return findings
