"""The heartbeat: what a tick does, and moving the sandbox clock with everything that falls due on the way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlmodel import Session

from bot.delivery import PostOffice
from bot.pulse import Pulse
from reminders import calls, confirming, days_off, retention, setback, sweep
from reminders.slices import Slices
from storage.clock import Clock, SandboxClock, lease_now
from storage.lane import Lane

log = structlog.get_logger()
# A unit takes a fraction of a second; one that hangs must not end all ticks.
UNIT_LIMIT = timedelta(seconds=60)
HOUSEKEEPING = timedelta(hours=1)
EVENTS = timedelta(days=1)  # all of them are looked at, for the few that are old
# In seconds. SQLite's writer is held for so long at most, with the commit; while people work for so much that a step of
# theirs takes three times as long as otherwise, at most, and then it is theirs for as long as the slice took.
SLICE, BUSY_SLICE = 0.04, 0.0015
_Unit = Callable[..., int]
T = TypeVar("T")
_URGENT: _Unit = calls.one_slice
_UNITS: tuple[_Unit, ...] = (
    _URGENT,
    sweep.one_slice,
    sweep.one_digest_slice,
    confirming.one_slice,
)


class Ticker:
    """Runs the sweep and the deliveries. `last_tick` is real time, for /readyz: when there was nothing left to do, or
    something was done. `stopwatch` tells the seconds by which slices are measured."""

    def __init__(
        self,
        lane: Lane,
        clock: Clock,
        office: PostOffice,
        pulse: Pulse,
        stopwatch: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._lane, self._clock, self._office, self._pulse = lane, clock, office, pulse
        self._stopwatch = stopwatch
        self._slices: dict[tuple[_Unit, bool], Slices] = {}
        self._one_at_a_time = asyncio.Lock()
        self._kept_house_at: datetime | None = None  # on the people's clock
        self._purged_events_at: datetime | None = None
        self.last_tick: datetime | None = None
        self._waited: dict[_Unit, int] = {}  # how many had waited when the last slice began
        self.ticks = self.begun = 0

    async def tick(self) -> None:
        """Everything that is due now; the post office hears the bell and delivers. An error is logged and the next
        tick tries again: the beat never stops."""
        self.begun += 1
        try:
            async with self._one_at_a_time:
                await self._notice_setback()
                await self._sweep()
                await self._keep_house()
            self._office.ring()
        except Exception as error:
            log.error("tick_failed", error=type(error).__name__)
        else:
            self.last_tick = lease_now()
            self.ticks += 1
            await self._beat(self.last_tick)

    async def _notice_setback(self) -> None:
        """A clock that shows less than at the last tick was set back. What began before this process did may have been,
        too: then the first tick looks."""
        real_now = lease_now()
        if self.last_tick is None or real_now < self.last_tick:
            await self._lane.run(lambda session: setback.cut(session, real_now=real_now))
            self._kept_house_at = self._purged_events_at = self._office.last_done = None

    async def _beat(self, ticked_at: datetime) -> None:
        try:
            async with asyncio.timeout(UNIT_LIMIT.total_seconds()):
                await self._pulse.beat(ticked_at)
        except Exception as error:
            log.error("heartbeat_failed", error=type(error).__name__)

    async def problems(self) -> list[str]:
        """What is not well with this process."""
        return await self._pulse.problems(self.last_tick)

    @property
    def under_way(self) -> bool:
        return self._one_at_a_time.locked()

    async def deliver_now(self) -> None:
        """Deliver what is waiting, without looking at visits."""
        await self._office.settled()

    async def advance(self, clock: SandboxClock, to: datetime) -> None:
        """Move the sandbox clock, running everything that falls due on the way in order, each at its own moment."""
        async with self._one_at_a_time:
            standing = clock.standing
            clock.hold()
            try:
                await self._settle()
                while (moment := await self._next_moment(clock.now())) is not None and moment <= to:
                    clock.move_to(moment)
                    await self._settle()
                clock.move_to(to)
                await self._settle()
            finally:
                if not standing:
                    clock.release()
        self.last_tick = lease_now()

    async def _next_moment(self, after: datetime) -> datetime | None:
        return await self._lane.read(lambda session: sweep.next_moment(session, after=after))

    async def _settle(self) -> None:
        await self._sweep()
        await self._keep_house()
        await self.deliver_now()

    async def _sweep(self) -> None:
        for unit in _UNITS:
            while await self._one_slice(unit):
                self.last_tick = lease_now()
                # However much is due: a safety call waits for one slice, not for all of them.
                while unit is not _URGENT and await self._one_slice(_URGENT):
                    self._office.ring()

    async def _one_slice(self, unit: _Unit) -> int:
        """Apart from what people do; and while there is anybody who does something a small one, after which they come
        first for a while. How much there was to do."""
        waited = self._lane.made_wait
        busy, self._waited[unit] = waited != self._waited.get(unit, 0), waited
        slices = self._slices.setdefault((unit, busy), _slices(busy=busy))
        measured = self._measured(unit, slices.size)
        # No wait_for(): Python 3.11's goes on where the answer came just when the tick was told to stop.
        async with asyncio.timeout(UNIT_LIMIT.total_seconds()):
            done, seconds = await self._lane.run(measured, apart=True)
        slices.took(done, seconds)
        if busy and done:
            await asyncio.sleep(seconds)
        return done

    def _measured(self, unit: _Unit, most: int) -> Callable[[Session], tuple[int, float]]:
        now = self._clock.now()

        def measured(session: Session) -> tuple[int, float]:
            began = self._stopwatch()
            done = unit(session, now=now, most=most)
            return done, self._stopwatch() - began

        return measured

    async def _keep_house(self) -> None:
        """Once an hour: what is no longer needed goes. That it fails holds up no reminder."""
        now = self._clock.now()
        if not _is_time(self._kept_house_at, HOUSEKEEPING, now):
            return
        self._kept_house_at = now
        try:
            if _is_time(self._purged_events_at, EVENTS, now):
                await self._through(
                    retention.NO_EVENT,
                    lambda seen: lambda session: retention.purge_events(session, seen, now=now),
                )
                self._purged_events_at = now
            while await self._lane.run(
                lambda session: retention.purge_messages(session, real_now=lease_now())
            ):
                self.last_tick = lease_now()
            await self._lane.run(retention.purge_photos)
            await self._through(
                0, lambda seen: lambda session: days_off.watch(session, seen, now=now, most=days_off.COUNTIES)
            )
            await self._through(
                0, lambda seen: lambda session: retention.look_at_drafts(session, seen, now=now)
            )
        except Exception as error:
            log.error("housekeeping_failed", error=type(error).__name__)

    async def _through(self, first: T, unit_after: Callable[[T], Callable[[Session], T | None]]) -> None:
        """All there is of something, in the order of its ids, all of them greater than `first`: a few in each unit, so
        that nobody waits for all."""
        seen: T | None = first
        while seen is not None:
            seen = await self._lane.run(unit_after(seen), apart=True)
            self.last_tick = lease_now()


def _is_time(last: datetime | None, every: timedelta, now: datetime) -> bool:
    return last is None or now - last >= every


def _slices(*, busy: bool) -> Slices:
    if busy:
        return Slices(BUSY_SLICE, sweep.SMALL_SLICE, least=4, most=sweep.SLICE)
    return Slices(SLICE, sweep.SLICE, least=20, most=4 * sweep.SLICE)
