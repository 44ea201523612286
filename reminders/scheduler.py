"""The tick, and nothing but the tick: APScheduler keeps time, no job of it knows of any reminder.

What is due stands in the tables, so a missed tick loses nothing and any number of processes may tick at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler

EVERY_SECONDS = 2


class Scheduler:
    def __init__(self, tick: Callable[[], Awaitable[None]], *, every_seconds: float = EVERY_SECONDS) -> None:
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._scheduler.add_job(
            tick,
            "interval",
            seconds=every_seconds,
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def start(self) -> None:
        self._scheduler.start()

    @property
    def keeps_time(self) -> bool:
        return bool(self._scheduler.running and self._scheduler.get_jobs())

    def stop(self) -> None:
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
