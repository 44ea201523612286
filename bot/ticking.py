"""The heartbeat: what a tick does, and moving the sandbox clock with everything that falls due on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session

from bot.delivery import PostOffice
from bot.pulse import Pulse
from reminders import calls, confirming, retention, setback, sweep
from storage.clock import Clock, SandboxClock, lease_now
from storage.lane import Lane

log = structlog.get_logger()
UNIT_LIMIT = timedelta(
    seconds=60
)  # a unit takes a fraction of a second; one that hangs must not end all ticks
HOUSEKEEPING = timedelta(hours=1)
_UNITS: tuple[Callable[..., bool], ...] = (
    calls.one_slice,
    sweep.one_slice,
    sweep.one_digest_slice,
    confirming.one_slice,
)


class Ticker:
    """Runs the sweep and the deliveries. `last_tick` is real time, for /readyz: when there was nothing left to do, or
    something was done."""

    def __init__(self, lane: Lane, clock: Clock, office: PostOffice, pulse: Pulse) -> None:
        self._lane, self._clock, self._office, self._pulse = lane, clock, office, pulse
        self._one_at_a_time = asyncio.Lock()
        self._kept_house_at: datetime | None = None  # on the people's clock
        self.last_tick: datetime | None = None
        self._waited = 0
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
            self._kept_house_at = self._office.last_done = None

    async def _beat(self, ticked_at: datetime) -> None:
        try:
            await asyncio.wait_for(self._pulse.beat(ticked_at), UNIT_LIMIT.total_seconds())
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

    async def _one_slice(self, unit: Callable[..., bool]) -> bool:
        """Apart from what people do; and a small one while there is anybody who does something."""
        seen, self._waited = self._waited, self._lane.made_wait
        most = sweep.SMALL_SLICE if seen != self._waited else sweep.SLICE
        work = self._lane.run(self._at_now(unit, most=most), apart=True)
        return await asyncio.wait_for(work, UNIT_LIMIT.total_seconds())

    async def _keep_house(self) -> None:
        """Once an hour: what is no longer needed goes. That it fails holds up no reminder."""
        now = self._clock.now()
        if self._kept_house_at is not None and now - self._kept_house_at < HOUSEKEEPING:
            return
        self._kept_house_at = now
        try:
            while await self._lane.run(lambda session: retention.purge_events(session, now=now)):
                self.last_tick = lease_now()
            while await self._lane.run(
                lambda session: retention.purge_messages(session, real_now=lease_now())
            ):
                self.last_tick = lease_now()
            await self._lane.run(retention.purge_photos)
            after: int | None = 0
            while after is not None:
                after = await self._lane.run(
                    lambda session, seen=after: retention.look_at_drafts(session, seen, now=now)  # type: ignore[misc]
                )
        except Exception as error:
            log.error("housekeeping_failed", error=type(error).__name__)

    def _at_now(self, unit: Callable[..., bool], *, most: int) -> Callable[[Session], bool]:
        now = self._clock.now()
        return lambda session: unit(session, now=now, most=most)
