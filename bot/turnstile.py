"""The turnstile of a channel: whoever in this process wants to write to it waits here for a turn.

Turns are taken from the database (reminders/pace.py) for all who wait, in one transaction, a moment in advance. Answers
and safety calls go first. A turn carries its moment: who comes late for it says so, and much too late takes another.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from bot.channels.base import Channel
from reminders import pace
from reminders.pace import Ask, Turn
from storage.clock import lease_now
from storage.lane import Lane

# Who uses a turn so much later than its moment might do so when the ticket is somebody else's already.
TOO_LATE = timedelta(seconds=0.25)
_LONGEST_LAG = timedelta(seconds=5)
_WAVE = 200  # turns in one transaction, at most


class Full(Exception):
    """There is no turn for so long; `of` is what was used up, if it is not only that many wait."""

    def __init__(self, wait: timedelta, of: str | None = None) -> None:
        super().__init__()
        self.wait, self.of = max(wait, timedelta()), of


@dataclass(eq=False)
class _Waiter:
    ask: Ask
    number: int
    until: datetime
    turn: asyncio.Future[Turn]

    @property
    def order(self) -> tuple[int, int]:
        return -self.ask.weight, self.number


class Turnstile:
    """Of one channel in one process."""

    def __init__(self, lane: Lane, channel: Channel) -> None:
        self._lane, self.channel = lane, channel
        self._waiting: list[_Waiter] = []
        self._late: list[tuple[Turn, datetime | None]] = []  # used at which moment, or not at all
        self._numbers = 0
        self._working: asyncio.Task[None] | None = None
        self._last: datetime | None = None
        self._lag = timedelta()  # how long a wave takes: nothing is granted for a moment before its end

    async def turn(self, ask: Ask, patience: timedelta) -> None:
        """Return when `ask` may be sent.

        Raises:
            Full: that would take longer than `patience`.
        """
        if not self.channel.can.limits:
            return
        loop, self._numbers = asyncio.get_running_loop(), self._numbers + 1
        waiter = _Waiter(ask, self._numbers, lease_now() + patience, loop.create_future())
        while not await self._pass(waiter):
            waiter.turn = loop.create_future()

    async def _pass(self, waiter: _Waiter) -> bool:
        turn = await self._settled(waiter)
        now = lease_now()
        if turn.at > waiter.until:
            if turn.ticket is not None:
                self._late.append((turn, None))
            raise Full(turn.at - now, turn.full)
        if turn.at > now:
            await asyncio.sleep((turn.at - now).total_seconds())
            now = lease_now()
        if turn.granted and turn.ticket is not None and now - turn.at > pace.GRACE:
            return self._came_late(turn, now)
        return turn.granted

    def _came_late(self, turn: Turn, now: datetime) -> bool:
        """Whether it may still be used. Either way it is written down, before the ticket is good again."""
        in_time = now - turn.at <= TOO_LATE
        self._late.append((turn, now if in_time else None))
        if not in_time:
            self._lag = min(max(self._lag, now - turn.at), _LONGEST_LAG)
        self._begin()
        return in_time

    async def _settled(self, waiter: _Waiter) -> Turn:
        self._waiting.append(waiter)
        self._begin()
        left = waiter.until - lease_now()
        try:
            return await asyncio.wait_for(waiter.turn, max(left.total_seconds(), 0))
        except TimeoutError:
            raise Full(timedelta()) from None
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    def _begin(self) -> None:
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._work())

    async def _work(self) -> None:
        while self._waiting or self._late:
            again_at = await self._wave()
            if self._waiting and not self._late:
                early = again_at - self._lag - pace.AHEAD / 2 - lease_now()
                await asyncio.sleep(max(early.total_seconds(), 0))

    async def _wave(self) -> datetime:
        """Turns for whoever waits; when to ask again for those who got none."""
        asking = sorted(self._waiting, key=lambda waiter: waiter.order)[: self._most()]
        late, self._late = self._late, []
        began = lease_now()
        try:
            turns = await self._lane.run(
                lambda session: self._take(session, [waiter.ask for waiter in asking], late, began)
            )
        except Exception as error:
            for waiter in asking:
                self._settle(waiter, error)
            return began
        self._lag = min((3 * self._lag + (lease_now() - began)) / 4, _LONGEST_LAG)
        again_at = began + pace.AHEAD
        for waiter, turn in zip(asking, turns, strict=True):
            if turn.granted:
                self._last = turn.at
            if turn.granted or turn.full is not None or turn.at > waiter.until:
                self._settle(waiter, turn)
            else:
                again_at = min(again_at, turn.at)
        # What chats that are not free have left is for those who were not asked for.
        return began if all(turn.granted or turn.full is not None for turn in turns) else again_at

    def _most(self) -> int:
        """For how many to ask: not many more than there can be turns."""
        overall = self.channel.can.overall
        if overall is None:
            return _WAVE
        return min(_WAVE, round(overall.count / overall.seconds * 2 * pace.AHEAD.total_seconds()) + 5)

    def _settle(self, waiter: _Waiter, turn: Turn | Exception) -> None:
        if waiter in self._waiting:
            self._waiting.remove(waiter)
        if waiter.turn.done():
            if isinstance(turn, Turn) and turn.granted:
                self._late.append((turn, None))
        elif isinstance(turn, Turn):
            waiter.turn.set_result(turn)
        else:
            waiter.turn.set_exception(turn)

    def _take(
        self, session: Session, asks: list[Ask], late: list[tuple[Turn, datetime | None]], began: datetime
    ) -> list[Turn]:
        channel, limits = self.channel.kind, self.channel.can.limits
        pace.use_late(session, channel, [(turn, at) for turn, at in late if at is not None])
        pace.give_back(session, channel, [turn for turn, at in late if at is None])
        return pace.take_turns(session, channel, asks, limits, real_now=began + self._lag, last=self._last)
