"""Starting a server: the demo with its invented county, or production."""

from __future__ import annotations

import asyncio
import gc
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import FrameType

import typer
import uvicorn
from sqlmodel import Session, col, select

from bot import approvals
from bot import demo as county_maker
from bot.app import House, NotReady, build, keep_clock, kept_clock, open_storage, web_of
from bot.channels.sandbox.channel import KIND as SANDBOX
from bot.channels.sandbox.channel import SandboxChannel
from bot.channels.sandbox.duration import BadMove, read_iso
from bot.config import Settings, read_settings
from locales.phrase import P, Word
from reminders.mechanism import mechanism_of
from storage import schema
from storage.clock import Clock, SandboxClock, SystemClock
from storage.engine import is_sqlite, parse_url
from storage.lane import Lane
from storage.tables.counties import County, Setting

DEFAULT_FOLDER = Path("demo-data")
_START = "demo_start"


@dataclass(frozen=True)
class Demo:
    """The options of `fangpingcha demo`."""

    host: str
    port: int
    data_dir: Path | None
    now: str | None
    cases: int
    reset: bool


def serve(settings: Settings, clock: Clock, host: str, port: int) -> None:
    """Serve until interrupted. Refuses to start on an older schema."""
    _port_is_free(host, port)
    lane = open_storage(settings)
    if settings.sandbox:
        clock = SandboxClock(clock.now(), standing=False)
    house = build(settings, lane, clock)
    for finding in lane.run_now(lambda session: approvals.examine(session, house.office.levels)):
        if not finding.ok:
            typer.echo(f"! {finding.text.render(house.office.stranger())}", err=True)
    _run(house, host, port, "Stop it with Ctrl+C.")


def serve_demo(demo: Demo) -> None:
    """Serve the invented county, made now or kept from last time."""
    _port_is_free(demo.host, demo.port)
    settings = demo_settings(demo)
    standing_at = _moment(demo.now, settings)
    fresh = demo.reset or (demo.data_dir is None and not _is_same(settings, standing_at))
    if fresh:
        _clear(settings)
    house = open_demo(settings, standing_at, demo.cases)
    _run(house, demo.host, demo.port, "Everyone in it is invented. Stop it with Ctrl+C; --reset begins anew.")


def demo_settings(demo: Demo) -> Settings:
    """The settings of the environment; the database in the demo's own folder unless another one was named."""
    settings = read_settings(sandbox=True)
    if "database_url" not in settings.model_fields_set:
        folder = (demo.data_dir or DEFAULT_FOLDER).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        settings = read_settings(sandbox=True, database_url=f"sqlite:///{folder / 'fangpingcha.db'}")
    return settings


def open_demo(settings: Settings, standing_at: datetime | None, cases: int) -> House:
    """The demo's house: a county made around the opening, with the days before it lived through; or the kept one."""
    schema.migrate(settings.database)
    lane = open_storage(settings)
    clock = lane.run_now(kept_clock)
    if clock is not None:
        return build(settings, lane, clock)
    mechanism = county_maker.default_mechanism(settings.time_zone)
    opening = standing_at or county_maker.next_opening(SystemClock().now(), mechanism)

    def make(session: Session) -> None:
        county_maker.make_county(
            session, now=opening, cases=cases, zone=settings.time_zone, language=settings.language
        )
        session.merge(Setting(key=_START, value=_start_of(standing_at)))

    lane.run_now(make)
    clock = SandboxClock(county_maker.rehearsal_start(opening, mechanism), standing=True)
    asyncio.run(build(settings, lane, clock).ticker.advance(clock, opening))
    if standing_at is None:
        clock.release()
    lane.run_now(lambda session: keep_clock(session, clock))
    # A house of its own: locks that somebody waited for belong to the event loop of the days before.
    return build(settings, lane, clock)


def _start_of(standing_at: datetime | None) -> str:
    return standing_at.isoformat() if standing_at else "running"


def _moment(text: str | None, settings: Settings) -> datetime | None:
    if text is None:
        return None
    try:
        return read_iso(text, settings.zone)
    except BadMove:
        raise NotReady(
            P("--now: “{text}” is not a moment. Write it as 2026-11-23T08:30.", text=Word(text))
        ) from None


def _is_same(settings: Settings, standing_at: datetime | None) -> bool:
    """Whether what the folder holds is the demo that is asked for now: then it goes on where it was."""
    try:
        if schema.current(settings.database) != schema.newest():
            return False
        lane: Lane = open_storage(settings)
    except NotReady:
        return False
    try:
        kept = lane.run_now(lambda session: session.get(Setting, _START))
        clock = lane.run_now(kept_clock)
        county = lane.run_now(
            lambda session: session.exec(select(County.id).order_by(col(County.id))).first()
        )
        if kept is None or clock is None or county is None or kept.value != _start_of(standing_at):
            return False
        if standing_at is not None:
            return True
        # A running demo is worth going on with on the day it shows; tomorrow a fresh one is.
        mechanism = lane.run_now(lambda session: mechanism_of(session, county))
        return mechanism.day(clock.now()) >= mechanism.day(SystemClock().now())
    finally:
        lane.close()


def _clear(settings: Settings) -> None:
    """Take away what a demo kept, and nothing else that may lie in the folder."""
    url = parse_url(settings.database)
    if not is_sqlite(url):
        schema.migrate(settings.database, "base")
        settings.keys.unlink(missing_ok=True)
        return
    path = Path(str(url.database))
    for leftover in (
        path,
        path.with_name(path.name + "-wal"),
        path.with_name(path.name + "-shm"),
        settings.keys,
    ):
        leftover.unlink(missing_ok=True)


def _port_is_free(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise NotReady(
                P(
                    "Cannot listen on {address} ({reason}). Choose another with --port.",
                    address=Word(f"{host}:{port}"),
                    reason=Word(error.strerror or str(error)),
                )
            ) from None


class Server(uvicorn.Server):
    """Lets go of the open pages when it is told to stop; otherwise their live lines would hold it up."""

    def __init__(self, config: uvicorn.Config, house: House, hint: str) -> None:
        super().__init__(config)
        self._house, self._hint = house, hint

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Says where it is once it can be reached there."""
        await super().startup(sockets)
        if self.started:
            port = self.servers[0].sockets[0].getsockname()[1]
            self._house.pulse.process = f"{socket.gethostname()[:100]}:{port}"
            if SANDBOX in self._house.channels and self._house.office.public_url is None:
                self._house.office.public_url = f"http://{_reached(self.config.host)}:{port}"
            typer.echo(f"fangpingcha: http://{self.config.host}:{port}\n{self._hint}")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.stop_pages()
        super().handle_exit(sig, frame)

    def stop_pages(self) -> None:
        """End the live line of every open page."""
        for channel in self._house.channels.values():
            if isinstance(channel, SandboxChannel):
                channel.feed.closing = True


def _reached(host: str) -> str:
    """How a browser on this machine names the host: where every address is listened to, its own."""
    own = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104
    return own.get(host, f"[{host}]" if ":" in host else host)


def settle_memory() -> None:
    """What was loaded by now stays for good: the collector need not walk through it again and again.

    With its usual thresholds a full pass came several times a second under load, and each held up everybody for a third
    of a second (docs/benchmarks.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _run(house: House, host: str, port: int, hint: str) -> None:
    config = uvicorn.Config(
        web_of(house),
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
    )
    server = Server(config, house, hint)
    settle_memory()
    server.run()
