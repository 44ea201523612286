"""The composition root: the only place that knows everybody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog
from fastapi import FastAPI
from sqlmodel import Session, col, update

from bot.channels.base import Channel, MenuItem
from bot.channels.disclosure import Level
from bot.channels.registry import CHANNELS
from bot.channels.sandbox.api import Sandbox
from bot.channels.sandbox.channel import SandboxChannel
from bot.channels.sandbox.page import Cast, Shortcut
from bot.commands.registry import COMMANDS
from bot.config import Settings
from bot.conversation import Conversation
from bot.delivery import PostOffice
from bot.intake import Intake
from bot.pages import routes as pages
from bot.pages.frame import Pages
from bot.pulse import Pulse
from bot.speech import Speech
from bot.ticking import Ticker
from bot.web import make_web
from casework import vocabulary
from locales.phrase import P, Phrase, Word
from reminders.scheduler import Scheduler
from storage import schema, sealed
from storage.clock import Clock, SandboxClock
from storage.lane import Lane, open_lane
from storage.tables.counties import County, Setting
from storage.tables.members import Role

log = structlog.get_logger()
LOOKED_AFTER = 15.0  # seconds between two looks whether ticks and deliveries are still made
TICKS_BETWEEN_NOTES = 15
STOPPING = 3.0  # seconds for what is being sent; with those for open pages it is gone within ten
CLOCK_SETTING, KEY_SETTING = "sandbox_clock", "key_check"


NEWER = P("The database was made by a newer version of fangpingcha. Please install that one.")


class NotReady(Exception):
    """Why the program cannot start, in one line."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase.msgid)
        self.phrase = phrase


@dataclass(frozen=True)
class House:
    """Everything one process runs, wired together."""

    settings: Settings
    lane: Lane
    clock: Clock
    channels: dict[str, Channel]
    office: PostOffice
    conversation: Conversation
    ticker: Ticker
    pulse: Pulse


def open_storage(settings: Settings) -> Lane:
    """The lane to a database of the newest schema, with its keys installed.

    Raises:
        NotReady: an older schema, no database, or a key file that does not fit.
    """
    try:
        found = schema.current(settings.database)
    except Exception as error:
        raise NotReady(
            P("The database cannot be reached ({kind}).", kind=Word(type(error).__name__))
        ) from None
    if found is None:
        raise NotReady(P("The database is empty. Run “fangpingcha migrate” first."))
    if found != schema.newest():
        older = P("The database has an older schema. Run “fangpingcha migrate” first.")
        raise NotReady(older if schema.knows(found) else NEWER)
    lane = open_lane(settings.database)
    try:
        lane.run_now(lambda session: _install_keys(session, settings))
    except NotReady:
        lane.close()
        raise
    return lane


def _install_keys(session: Session, settings: Settings) -> None:
    """Load the key file and prove that it is the one this database was sealed with; make one for a new database."""
    known = session.get(Setting, KEY_SETTING)
    try:
        keyring = sealed.load_keyring(settings.keys) if known else sealed.make_key_file(settings.keys)
        if known:
            keyring.open(bytes.fromhex(known.value), "setting.value", 0)
    except sealed.KeyFileError as error:
        raise NotReady(error.phrase) from None
    except sealed.SealBroken:
        raise NotReady(
            P("{file} is not the key file of this database.", file=Word(str(settings.keys)))
        ) from None
    if known is None:
        session.add(Setting(key=KEY_SETTING, value=keyring.seal("fangpingcha", "setting.value", 0).hex()))
    sealed.install(keyring)
    session.execute(
        update(County).where(col(County.zone) != settings.time_zone).values(zone=settings.time_zone)
    )


def build(settings: Settings, lane: Lane, clock: Clock) -> House:
    """Wire one process. Which channels there are follows from the settings."""
    channels, levels = channels_of(settings, lane)
    if settings.sandbox:
        channels["sandbox"], levels["sandbox"] = SandboxChannel(lane, clock), Level.full
    office = PostOffice(lane, clock, channels, levels, settings.language)
    office.public_url = settings.public_url
    speech = Speech(settings.speech_command) if settings.speech_command is not None else None
    conversation = Conversation(lane, clock, office, dictates=speech is not None)
    office.fetch = Intake(lane, clock, office, conversation, speech).fetch
    pulse = Pulse(lane, clock, office, file=settings.heartbeat_file, memory=settings.memory)
    ticker = Ticker(lane, clock, office, pulse)
    return House(settings, lane, clock, channels, office, conversation, ticker, pulse)


def channels_of(settings: Settings, lane: Lane) -> tuple[dict[str, Channel], dict[str, Level]]:
    """The real channels that are set up, and what each may be told."""
    channels: dict[str, Channel] = {}
    levels: dict[str, Level] = {}
    for kind, entry in CHANNELS.items():
        channel = entry.make(settings, lane, menu())
        if channel is not None:
            channels[kind], levels[kind] = channel, entry.level(settings)
    return channels, levels


class Engine:
    """What makes a process do anything by itself: ticks and deliveries. One that came to an end is begun anew."""

    def __init__(self, house: House, beat: Callable[[], Awaitable[None]]) -> None:
        self._house, self._beat = house, beat
        self.scheduler, self.delivering = Scheduler(beat), asyncio.create_task(house.office.run())
        self.scheduler.start()

    async def look_after(self) -> None:
        begun, ticker = -1, self._house.ticker
        while True:
            await asyncio.sleep(LOOKED_AFTER)
            if self.delivering.done():
                log.error("delivering_ended")
                self.delivering = asyncio.create_task(self._house.office.run())
            # A scheduler waits for a moment of the clock: one that was set back makes it wait for hours or days.
            stands = not self.scheduler.keeps_time or ticker.begun == begun
            begun = ticker.begun
            if stands and not ticker.under_way:
                log.error("ticking_ended")
                self.scheduler.stop()
                self.scheduler = Scheduler(self._beat)
                self.scheduler.start()

    def stop(self) -> None:
        self.scheduler.stop()
        self.delivering.cancel()


def web_of(house: House) -> FastAPI:
    """The HTTP application of a house; starting it starts the channels and the ticks."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for channel in house.channels.values():
            await channel.start(house.conversation.handle)
        await house.pulse.begin()
        await house.ticker.tick()
        engine = Engine(house, beat)
        looking_after = asyncio.create_task(engine.look_after())
        try:
            yield
        finally:
            looking_after.cancel()
            engine.stop()
            await house.office.close(STOPPING)
            for channel in house.channels.values():
                await channel.stop()
            await remember_clock()
            await house.pulse.stop()
            house.lane.close()

    async def beat() -> None:
        await house.ticker.tick()
        if house.ticker.ticks % TICKS_BETWEEN_NOTES == 0:
            await remember_clock()

    async def remember_clock() -> None:
        """So that a restarted demo goes on at its own time instead of living through it again."""
        clock = house.clock
        if isinstance(clock, SandboxClock):
            await house.lane.run(lambda session: keep_clock(session, clock))

    routes = [*pages.routes(_pages(house)), *(r for c in house.channels.values() for r in c.routes())]
    return make_web(lifespan, house.ticker.problems, _sandbox(house), routes)


def _pages(house: House) -> Pages:
    ways = (
        (CHANNELS[kind].name, channel.login()) for kind, channel in house.channels.items() if kind in CHANNELS
    )
    logins = [(name, path) for name, path in ways if path is not None]
    return Pages(house.lane, house.clock, house.settings.language, logins, house.office)


def menu() -> list[MenuItem]:
    """What a vendor's own menu offers: every command one can send without having read anything."""
    return [
        MenuItem(command.slash, command.about, command.label)
        for command in COMMANDS
        if command.label and not command.needs_pages
    ]


def cast() -> Cast:
    """The roles as the page names them, and the commands each of them can tap there."""
    return Cast(
        {role.value: name for role, name in vocabulary.ROLES.items()},
        {
            role.value: [
                Shortcut(
                    command.label,
                    command.words[0],
                    command.slash,
                    command.argument and command.slash == "case",
                )
                for command in COMMANDS
                if command.label and not command.needs_pages and (not command.roles or role in command.roles)
            ]
            for role in Role
        },
    )


def _sandbox(house: House) -> Sandbox | None:
    channel, clock = house.channels.get("sandbox"), house.clock
    if not isinstance(channel, SandboxChannel) or not isinstance(clock, SandboxClock):
        return None

    async def advance(to: datetime) -> None:
        await house.ticker.advance(clock, to)
        await house.lane.run(lambda session: keep_clock(session, clock))

    return Sandbox(
        house.lane,
        channel,
        clock,
        house.conversation.handle,
        house.ticker.deliver_now,
        advance,
        house.settings.language,
        cast(),
    )


# --- the sandbox clock outlives a restart ----------------------------------------------------------------------------


def keep_clock(session: Session, clock: SandboxClock) -> None:
    value = json.dumps({"now": clock.now().isoformat(), "standing": clock.standing})
    session.merge(Setting(key=CLOCK_SETTING, value=value))


def kept_clock(session: Session) -> SandboxClock | None:
    kept = session.get(Setting, CLOCK_SETTING)
    if kept is None:
        return None
    data = json.loads(kept.value)
    return SandboxClock(datetime.fromisoformat(data["now"]), standing=data["standing"])
