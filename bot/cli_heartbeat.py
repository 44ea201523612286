"""`fangpingcha heartbeat`: for cron, so that the assistant's own death is noticed."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from bot import silence
from bot.cli_base import fail, guarded, reader_now
from bot.config import read_settings


@guarded
def heartbeat(
    max_age: Annotated[
        int | None, typer.Option(help="Fail if the last tick is older than so many seconds.", min=10)
    ] = None,
    tell: Annotated[
        bool, typer.Option("--tell", help="If so, tell the administrators in chat, once an outage.")
    ] = False,
) -> None:
    """List the processes that serve: name, last tick, last delivery.

    For cron: fangpingcha heartbeat --max-age 300 --tell
    """
    if tell and max_age is None:
        raise typer.BadParameter("--tell needs --max-age")
    age = timedelta(seconds=max_age) if max_age is not None else None
    found = silence.look(read_settings(), age, tell=tell)
    for line in found.lines:
        typer.echo(line)
    if found.wrong:
        reader = reader_now()
        raise fail("\n".join(phrase.render(reader) for phrase in found.wrong))
