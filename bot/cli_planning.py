"""The commands about the time to come; bot/cli.py hangs them in."""

from __future__ import annotations

from typing import Annotated

import typer

from bot import planning
from bot.config import read_settings
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
