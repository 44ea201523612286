"""The heartbeat of this process, for the others and for cron; whether it is well, for /readyz; and what it remembers of
the database, so that it notices one that was restored."""

from __future__ import annotations

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy import text
from sqlmodel import Session

from bot.delivery import PostOffice
from reminders import claiming, heartbeats, lived, outbox
from reminders.heartbeats import EVERY, Beat
from reminders.lived import Memory
from storage import schema
from storage.clock import Clock, lease_now
from storage.lane import Lane

log = structlog.get_logger()
TICK_LATE = timedelta(seconds=60)
STALLED = timedelta(minutes=2)  # for a message that anybody could claim, while nothing else is finished


class Pulse:
    """`process` is the name under which the others know this one; without it, it does not serve and is not missed.
    `file` is touched with each beat, `memory` keeps until when the database was used."""

    def __init__(
        self, lane: Lane, clock: Clock, office: PostOffice, *, file: Path | None, memory: Path
    ) -> None:
        self._lane, self._clock, self._office = lane, clock, office
        self._file, self._memory_file = file, memory
        self._memory: Memory | None = None
        self.process: str | None = None
        self.started_at = lease_now()
        self._last: datetime | None = None

    async def begin(self) -> None:
        """Before anything is sent: if the database is older than what was remembered of it, the outbox is held."""
        self._memory = await asyncio.to_thread(_remembered, self._memory_file)
        await self._live()

    async def _live(self, mine: Beat | None = None, *, watch: bool = False) -> None:
        now, real_now, known = self._clock.now(), lease_now(), self._memory

        def written(session: Session) -> tuple[Memory, bool]:
            if mine is not None:
                heartbeats.beat(session, mine, now=now, real_now=real_now, watch=watch)
            return lived.look(session, known, now=now, real_now=real_now)

        memory, held = await self._lane.run(written)
        self._memory = memory
        if held:
            log.error("database_restored")
        await asyncio.to_thread(_remember, self._memory_file, memory)

    async def beat(self, ticked_at: datetime) -> None:
        """Write down, now and then, that this process has just ticked."""
        real_now = lease_now()
        since = None if self._last is None else abs(real_now - self._last)  # a clock may be set back
        if self.process is None or (since is not None and since < EVERY):
            return
        mine = Beat(self.process, self.started_at, ticked_at, self._office.last_done)
        watch = since is not None and since < 4 * EVERY
        await self._live(mine, watch=watch)
        self._last = real_now
        if self._file is not None:
            await asyncio.to_thread(self._touch, self._file)

    @staticmethod
    def _touch(file: Path) -> None:
        try:
            file.touch()
        except OSError as error:
            log.error("heartbeat_file_failed", error=type(error).__name__)

    async def stop(self) -> None:
        """This process ends in peace."""
        if self.process is not None:
            # A tick that has not heard of it yet must not write that it lives.
            process, self.process = self.process, None
            await self._lane.run(lambda session: heartbeats.leave(session, process))
            await self._live()

    async def problems(self, last_tick: datetime | None) -> list[str]:
        """What is not well: database, schema, ticks, deliveries; and whether the outbox is held."""
        found, real_now = [], lease_now()
        try:
            version, deliveries = await self._lane.read(self._look)
        except Exception:
            found.append("database")
        else:
            if version != schema.newest():
                found.append("schema")
            found += deliveries
        if last_tick is None or real_now - last_tick > TICK_LATE:
            found.append("ticks")
        return found

    def _look(self, session: Session) -> tuple[str | None, list[str]]:
        version = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if outbox.is_held(session):
            return version, ["held"]
        real_now = lease_now()
        busy = (
            real_now - max(self._office.last_done or self.started_at, self.started_at) < STALLED
        )  # much to do is no trouble as long as it gets done
        waits = not busy and claiming.waits_unclaimed(
            session, now=self._clock.now() - STALLED, real_now=real_now - STALLED
        )
        return version, ["deliveries"] if waits else []


def _remembered(file: Path) -> Memory | None:
    try:
        return Memory.load(file.read_text("utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        log.error("memory_file_failed", error=type(error).__name__)
        return None


def _remember(file: Path, memory: Memory) -> None:
    """Whole or not at all: a file that was cut short would remember nothing."""
    new = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        new.write_text(memory.dump(), "utf-8")
        new.replace(file)
    except OSError as error:
        log.error("memory_file_failed", error=type(error).__name__)
