"""The tick, and nothing but the tick: APScheduler keeps time, no job of it knows of any reminder.

What is due stands in the tables, so a missed tick loses nothing and any number of processes may tick at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

EVERY_SECONDS = 2


class _Every(BaseTrigger):  # type: ignore[misc]
    """So long after now. The library's own interval goes through every moment that was missed: after a clock was set
    forward by weeks that takes it a minute, in which nothing else is done."""

    def __init__(self, seconds: float) -> None:
        self._pause = timedelta(seconds=seconds)

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        return now + self._pause


class Scheduler:
    def __init__(self, tick: Callable[[], Awaitable[None]], *, every_seconds: float = EVERY_SECONDS) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.add_job(
            tick, _Every(every_seconds), coalesce=True, max_instances=1, misfire_grace_time=None
        )

    def start(self) -> None:
        self._scheduler.start()

    @property
    def keeps_time(self) -> bool:
        return bool(self._scheduler.running and self._scheduler.get_jobs())

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
