"""`fangpingcha calendar …`: which days are worked, as the administrator keeps it.

Each function is one command; what it returns is said line by line, on stderr and with exit code 1 where it failed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec

import typer
from sqlmodel import Session

from bot import calendar_words
from bot.cli_base import PLAIN, guarded, reader_now
from bot.config import read_settings
from bot.operator import county_called, opened, shown_county
from casework import days
from casework.notice_text import missing_line
from locales.catalogue import N_
from locales.phrase import Day, P, Phrase, Term
from reminders.mechanism import calendar_of
from storage.clock import SystemClock
from storage.errors import Refused
from storage.tables.days import DayKind

CountyOption = Annotated[
    str | None, typer.Option("--county", help="One county's two letters; without it, every county.")
]
DayArgument = Annotated[
    datetime, typer.Argument(formats=["%Y-%m-%d", "%Y%m%d", "%Y/%m/%d"], help="The day: 2027-02-06.")
]
Given = ParamSpec("Given")


@dataclass(frozen=True)
class Outcome:
    lines: tuple[Phrase, ...]
    failed: bool = False


class _DryRun(Exception):
    """Undoes the unit of a dry run, carrying what it would have said."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def show(
    year: Annotated[int, typer.Argument(min=days.YEARS[0], max=days.YEARS[-1], help="The year.")],
    county: CountyOption = None,
) -> Outcome:
    """Show a year.

    Its working days, holidays, working weekends, and what was set by hand.
    """

    def unit(session: Session) -> Outcome:
        county_id = shown_county(session, county)
        calendar = calendar_of(session, county_id)
        own = days.own_days(session, county_id, year)
        by_hand = (calendar_words.own_day(one) for one in own if one.notice_year is None)
        return Outcome((*calendar_words.of_year(calendar, year), *by_hand))

    with opened(read_settings()) as lane:
        return lane.run_now(unit)


def set_day(
    day: DayArgument,
    kind: Annotated[DayKind, typer.Argument(help="Whether it is a day off or worked.")],
    note: Annotated[str | None, typer.Option(help="What day it is, for those who look it up.")] = None,
    county: CountyOption = None,
) -> Outcome:
    """Set one day: off, or worked. It wins over every other source."""

    def unit(session: Session) -> Outcome:
        county_id = county_called(session, county)
        change = days.set_day(session, county_id, day.date(), kind, note, now=SystemClock().now())
        said = P("{day} is now set: {kind}.", day=Day(day.date()), kind=Term(calendar_words.KINDS[kind]))
        return Outcome((said, *calendar_words.effect(change)))

    with opened(read_settings()) as lane:
        return lane.run_now(unit)


def clear(day: DayArgument, county: CountyOption = None) -> Outcome:
    """Take back what was set for one day."""

    def unit(session: Session) -> Outcome:
        change = days.clear_day(session, county_called(session, county), day.date(), now=SystemClock().now())
        return Outcome(
            (
                P("Nothing of your own is set for {day} any more.", day=Day(day.date())),
                *calendar_words.effect(change),
            )
        )

    with opened(read_settings()) as lane:
        return lane.run_now(unit)


def import_notice(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="The text of the notice; - reads it as it is pasted.")
    ],
    county: CountyOption = None,
    year: Annotated[int | None, typer.Option(help="The year, where the text does not say it.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and check only; keep nothing.")] = False,
) -> Outcome:
    """Read the State Council's yearly notice, as pasted text.

    Every line that cannot be relied on is named, and then nothing is kept.
    """
    notice = days.parse(_text(file), year)
    if notice.problems:
        return Outcome(tuple(calendar_words.not_kept(notice)), failed=True)

    def unit(session: Session) -> Outcome:
        county_id = county_called(session, county)
        change = days.import_notice(session, county_id, notice, now=SystemClock().now())
        calendar = calendar_of(session, county_id)
        head = calendar_words.of_year(calendar, notice.year)[:1]
        lines = [calendar_words.read(notice), *head, *calendar_words.effect(change)]
        if notice.missing:
            lines.append(missing_line(notice))
        if dry_run:
            raise _DryRun(Outcome((*lines, P("Nothing was kept (dry run)."))))
        return Outcome(tuple(lines))

    with opened(read_settings()) as lane:
        try:
            return lane.run_now(unit)
        except _DryRun as done:
            return done.outcome


def _text(file: str) -> str:
    content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(N_("This is not a text: paste the notice into a plain text file."))


# --- what is said --------------------------------------------------------------------------------------------------


def _telling(command: Callable[Given, Outcome]) -> Callable[Given, None]:
    """A command whose outcome is lines to say."""

    @wraps(command)
    def run(*args: Given.args, **kwargs: Given.kwargs) -> None:
        outcome, reader = command(*args, **kwargs), reader_now()
        for one in outcome.lines:
            typer.echo(one.render(reader), err=outcome.failed)
        if outcome.failed:
            raise typer.Exit(1)

    return run


app = typer.Typer(help="Keep the calendar: days off and working weekends.", **PLAIN)
app.command("show")(guarded(_telling(show)))
app.command("set")(guarded(_telling(set_day)))
app.command("clear")(guarded(_telling(clear)))
app.command("import")(guarded(_telling(import_notice)))
