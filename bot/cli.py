"""The command line. Exit 0 when done, 1 when refused or failed with one line on stderr, 2 on bad usage."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from bot import cli_calendar, cli_forms, cli_heartbeat, cli_outbox, cli_planning, demo_server, operator
from bot.channels.base import Task
from bot.channels.disclosure import Level
from bot.channels.registry import CHANNELS
from bot.cli_base import PLAIN as _PLAIN
from bot.cli_base import guarded as _guarded
from bot.cli_base import reader_now as _reader
from bot.cli_base import say as _say
from bot.cli_base import show as _show
from bot.cli_planning import CountyOption
from bot.config import read_settings as _settings
from bot.doctor import examine
from bot.logs import set_up_logs
from locales.catalogue import N_
from locales.phrase import P, Word
from storage.clock import SystemClock
from storage.errors import Refused
from storage.tables.members import Duty, Role

app = typer.Typer(
    help="fangpingcha (访评察助手): a chat assistant for the care, evaluation and observation of sanctioned officials.",
    epilog="First time? fangpingcha demo. In production: migrate, county add, member add, roster import, serve. "
    "Settings are environment variables that begin with FANGPINGCHA_; see docs/operating.md.",
    pretty_exceptions_enable=False,
    context_settings={"max_content_width": 100},
    **_PLAIN,
)
county_app = typer.Typer(help="Add counties.", **_PLAIN)
roster_app = typer.Typer(help="Load people and cases from a workbook.", **_PLAIN)
channel_app = typer.Typer(help="See what real channels may be told, and record who approved it.", **_PLAIN)
member_app = typer.Typer(help="Add, list, invite, bind and suspend members.", **_PLAIN)
rulebook_app = typer.Typer(help="See, preview and change the rules of a county.", **_PLAIN)
app.add_typer(county_app, name="county")
app.add_typer(roster_app, name="roster")
app.add_typer(member_app, name="member")
app.add_typer(channel_app, name="channel")
app.add_typer(cli_outbox.app, name="outbox")
app.add_typer(cli_calendar.app, name="calendar")
app.add_typer(cli_forms.app, name="form")
app.add_typer(rulebook_app, name="rulebook")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"fangpingcha {version('fangpingcha')}")
        raise typer.Exit


@app.callback()
def _root(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


@app.command()
@_guarded
def demo(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
    data_dir: Annotated[
        Path | None,
        typer.Option(help="Keep the data in this folder and go on with it next time (default: demo-data)."),
    ] = None,
    now: Annotated[
        str | None,
        typer.Option(help="Begin at this moment, 2026-11-23T08:30; the clock stands until it is moved."),
    ] = None,
    cases: Annotated[int, typer.Option(help="How many cases to invent.", min=12, max=5000)] = 44,
    reset: Annotated[bool, typer.Option("--reset", help="Begin anew with a fresh county.")] = False,
) -> None:
    """Try it: an invented county, in the browser.

    Runs on SQLite in a folder of its own and needs no settings, no account and no other server.
    """
    set_up_logs("WARNING")
    demo_server.serve_demo(demo_server.Demo(host, port, data_dir, now, cases, reset))


@app.command()
@_guarded
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.", min=0, max=65535)] = 8000,
) -> None:
    """Run in production.

    Serves every configured channel, the reminders and the web, until it is stopped.
    """
    set_up_logs("INFO")
    demo_server.serve(_settings(), SystemClock(), host, port)


@app.command()
@_guarded
def migrate() -> None:
    """Bring the database to the newest schema."""
    _say(operator.migrate(_settings()))


@app.command()
@_guarded
def doctor() -> None:
    """Check everything; one line each.

    Looks at settings, database, keys, members, outbox, calendar and channels, and exits with 1 if anything fails.
    """
    findings = examine(_settings(), SystemClock().now())
    _show(findings)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


@county_app.command("add")
@_guarded
def county_add(
    code: Annotated[str, typer.Argument(help="Two letters, for example JA.")],
    name: Annotated[str, typer.Argument(help="The county's name.")],
) -> None:
    """Add a county."""
    operator.add_county(_settings(), code, name, SystemClock().now())
    _say(P("Added county {code}.", code=Word(code.upper())))


@roster_app.command("import")
@_guarded
def roster_import(
    file: Annotated[Path, typer.Argument(help="The workbook (.xlsx).")],
    county: CountyOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check only; load nothing.")] = False,
) -> None:
    """Load a workbook, all or nothing.

    Every bad cell is named with its row, column, value and remedy; with errors nothing is loaded.
    """
    result = operator.import_roster(_settings(), file, county, SystemClock().now(), dry_run=dry_run)
    reader = _reader()
    for line in result.lines:
        typer.echo(line.render(reader), err=result.failed)
    if result.failed:
        raise typer.Exit(1)


@roster_app.command("template")
@_guarded
def roster_template(file: Annotated[Path, typer.Argument(help="The workbook to write (.xlsx).")]) -> None:
    """Write an empty workbook to fill in.

    It has the headers, drop-downs for what has fixed values, and a sheet of instructions.
    """
    if file.exists():
        raise Refused(N_("{file} exists already; nothing was written."), file=Word(str(file)))
    operator.write_template(file, _settings().language)
    _say(P("Wrote {file}.", file=Word(str(file))))


@member_app.command("add")
@_guarded
def member_add(
    name: Annotated[str, typer.Option(help="The person's name.")],
    role: Annotated[Role, typer.Option(help="What they are.")],
    county: CountyOption = None,
    unit: Annotated[str | None, typer.Option(help="Their unit.")] = None,
    supervisor: Annotated[
        int | None, typer.Option(help="The supervisor's number, as member list shows it.")
    ] = None,
    duty: Annotated[Duty | None, typer.Option(help="For administrators: system, security or audit.")] = None,
) -> None:
    """Add a member. For one who is there already, add another role."""
    member = operator.NewPerson(name, role, unit, supervisor, duty)
    _say(operator.add_member(_settings(), member, county, SystemClock().now()))


@member_app.command("list")
@_guarded
def member_list(county: CountyOption = None) -> None:
    """List the members: number, name, roles, unit, state."""
    for line in operator.list_members(_settings(), county):
        typer.echo(line)


@member_app.command("invite")
@_guarded
def member_invite(number: Annotated[int, typer.Argument(metavar="ID", help="The member's number.")]) -> None:
    """Print a one-time code, with which the member binds a chat."""
    secret, how = operator.invite(_settings(), number, SystemClock().now())
    typer.echo(secret)
    for line in how:
        _say(line)


@member_app.command("bind")
@_guarded
def member_bind(
    number: Annotated[int, typer.Argument(metavar="ID", help="The member's number.")],
    channel: Annotated[str, typer.Option(help="The channel, as the settings call it.")],
    address: Annotated[str, typer.Option(help="What the channel calls this person: the userid, the number.")],
) -> None:
    """Bind a member without a code.

    For one whose address on a channel the office knows.
    """
    operator.bind(_settings(), number, channel, address, SystemClock().now())
    _say(P("Member {id} is bound.", id=Word(str(number))))


@member_app.command("suspend")
@_guarded
def member_suspend(number: Annotated[int, typer.Argument(metavar="ID", help="The member's number.")]) -> None:
    """Suspend a member.

    They may do nothing and receive nothing from now on; their reminders go to the next in line.
    """
    operator.suspend(_settings(), number, SystemClock().now())
    _say(P("Member {id} is suspended.", id=Word(str(number))))


@channel_app.command("list")
@_guarded
def channel_list() -> None:
    """List the channels, and what was approved for each."""
    _show(operator.list_channels(_settings()))


@channel_app.command("approve")
@_guarded
def channel_approve(
    channel: Annotated[str, typer.Argument(help="The channel, as the settings call it.")],
    by: Annotated[str, typer.Option(help="Who approved it.")],
    document: Annotated[str, typer.Option(help="The document that says so: its number or title.")],
    level: Annotated[Level, typer.Option(help="What the channel may be told at most.")] = Level.coded,
    on: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day of the decision; today if left out."),
    ] = None,
) -> None:
    """Record who approved what a channel may be told.

    full: names and the case. coded: codes, dates, kinds and counts. notice: that there is something to do.
    """
    decision = operator.Decision(channel, level, by, document, on.date() if on else None)
    operator.approve_channel(_settings(), decision, SystemClock().now())
    _say(P("Recorded: {channel} may be told “{level}”.", channel=Word(channel), level=Word(level.value)))


app.command("forecast")(_guarded(cli_planning.forecast))
app.command("heartbeat")(cli_heartbeat.heartbeat)
rulebook_app.command("show")(_guarded(cli_planning.rulebook_show))
rulebook_app.command("preview")(_guarded(cli_planning.rulebook_preview))
rulebook_app.command("save")(_guarded(cli_planning.rulebook_save))


def _offer_tasks() -> None:
    """What the channels themselves have to offer, each below its own name."""
    for kind, entry in CHANNELS.items():
        made = typer.Typer(help=f"What can be done at {entry.name}.", **_PLAIN)
        for task in entry.tasks:
            made.command(task.name, help=task.about)(_guarded(_task(kind, task)))
        if entry.tasks:
            app.add_typer(made, name=kind)


def _task(kind: str, task: Task) -> Callable[[], None]:
    def run() -> None:
        _say(operator.run_task(_settings(), kind, task))

    return run


_offer_tasks()


def main() -> None:
    """The entry point of the console script."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
