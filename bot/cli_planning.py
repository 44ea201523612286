"""The commands about the time to come; bot/cli.py hangs them in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot import planning
from bot.config import read_settings
from locales.phrase import Reader
from storage.clock import SystemClock

CountyOption = Annotated[
    str | None, typer.Option("--county", help="The county's two letters; not needed where there is only one.")
]
DaysOption = Annotated[int, typer.Option("--days", help="How many days ahead.", min=1, max=366)]


def forecast(county: CountyOption = None, days: DaysOption = 90) -> None:
    """Show every notice to come.

    When, what, to whom, about which cases and by which rule, if nobody does anything. Only looks; sends nothing.
    """
    planning.forecast(read_settings(), county, days, SystemClock().now(), typer.echo)


def rulebook_show(county: CountyOption = None) -> None:
    """Print the rules that hold, as JSON.

    Every number of the mechanism; docs/rulebook.md says what each one is and where it comes from.
    """
    typer.echo(planning.rulebook(read_settings(), county))


FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE.json", help="The rules, or only those that are to change.")
]


def rulebook_preview(file: FileArgument, county: CountyOption = None, days: DaysOption = 90) -> None:
    """Show what changed rules would change.

    Notices that would come, go or move, how many each person would get, and next planned dates. Nothing is saved.
    """
    for line in planning.preview(read_settings(), file, county, days, SystemClock().now()):
        typer.echo(line)


def rulebook_save(
    file: FileArgument,
    by: Annotated[
        int, typer.Option(help="Who answers for it: the member's number, as member list shows it.")
    ],
    county: CountyOption = None,
) -> None:
    """Save changed rules as a new version.

    They hold from now on, for visits that are planned already too; what the file leaves out stays as it is.
    """
    settings, now = read_settings(), SystemClock().now()
    said = planning.save_rulebook(settings, file, county, by, now)
    typer.echo(said.render(Reader(settings.language, settings.zone, now.astimezone(settings.zone).date())))
