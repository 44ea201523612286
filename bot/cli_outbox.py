"""`fangpingcha outbox …`: what waits, what died, once more, and holding all of it."""

from __future__ import annotations

from typing import Annotated

import typer

from bot import outbox_desk
from bot.cli_base import PLAIN, guarded, say
from bot.config import read_settings
from locales.catalogue import N_
from reminders.letters import Which
from storage.clock import SystemClock
from storage.errors import Refused

app = typer.Typer(help="See what waits or could not be sent; try again; hold all back.", **PLAIN)


@app.command("list")
@guarded
def list_letters(
    dead: Annotated[bool, typer.Option("--dead", help="What could not be delivered.")] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="What is due and not sent yet.")] = False,
    twice: Annotated[bool, typer.Option("--twice", help="What was perhaps delivered twice.")] = False,
    limit: Annotated[int, typer.Option(help="How many at most, the newest.", min=1, max=10_000)] = 50,
) -> None:
    """List messages, oldest first.

    Without an option those that could not be delivered, and those that wait.

    Columns: id, state, due, member and roles, kind, channel, attempts, attempts without an answer, last error,
    why it waits.
    """
    chosen = {Which.dead: dead, Which.waiting: waiting, Which.twice: twice}
    which = [one for one, wanted in chosen.items() if wanted] or [Which.dead, Which.waiting]
    for line in outbox_desk.list_letters(read_settings(), which, limit, SystemClock().now()):
        typer.echo(line)


@app.command("retry")
@guarded
def retry(
    called: Annotated[
        str | None, typer.Argument(metavar="ID", help="The message, as outbox list calls it.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that could not be delivered.")] = False,
) -> None:
    """Try once more to deliver a message that died.

    A notice says what is true then; one that is no longer needed is withdrawn instead.
    """
    if (called is None) is not everything:
        raise typer.BadParameter("name one message, or say --all")
    say(outbox_desk.retry(read_settings(), called, SystemClock().now()))


@app.command("hold")
@guarded
def hold() -> None:
    """Hold all messages back until they are released.

    Nothing but answers to those who speak to the assistant goes out; notices wait.
    """
    say(outbox_desk.hold_all(read_settings(), SystemClock().now()))


@app.command("release")
@guarded
def release(
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without, only say what would go out.")] = False,
) -> None:
    """Let messages that were held go out again.

    What is older than a day is not sent any more; each person gets one message that says what is open now.
    """
    for line in outbox_desk.release(read_settings(), SystemClock().now(), yes=yes):
        say(line)
    if not yes:
        raise Refused(N_("Nothing was released. To do so, say: fangpingcha outbox release --yes"))
