"""The lookout of a process: it takes up the answers of processes that are gone.

What is wrong with it holds up no message, a safety call least of all: it is logged, and looked at again next time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from reminders import abandoned, outbox
from storage.lane import Lane

log = structlog.get_logger()
LOOKS = 4  # in the time of a lease
NOTES = timedelta(hours=1)  # between two notes of how far it has seen to them


class Lookout:
    """One a process."""

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._looked_at: datetime | None = None
        self._noted_at: datetime | None = None

    async def look(self, real_now: datetime) -> None:
        """See to what was left, if it is time. A clock that was set back makes it time."""
        if _is_within(self._looked_at, outbox.LEASE / LOOKS, real_now):
            return
        try:
            await self._see_to(self._looked_at, real_now)
        except Exception as error:
            log.error("lookout_failed", error=type(error).__name__)
        else:
            self._looked_at = real_now

    async def _see_to(self, seen_to: datetime | None, real_now: datetime) -> None:
        ids = await self._lane.read(lambda session: abandoned.left(session, seen_to, real_now=real_now))
        if ids or not _is_within(self._noted_at, NOTES, real_now):
            await self._lane.run(lambda session: abandoned.see_to(session, ids, real_now=real_now))
            self._noted_at = real_now


def _is_within(last: datetime | None, period: timedelta, now: datetime) -> bool:
    return last is not None and timedelta() <= now - last < period
