"""Waiting for a change without asking again and again."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


class Bell:
    """Rings at every change; whoever waits looks again. Unlike asyncio.Condition it may be rung without awaiting."""

    def __init__(self) -> None:
        self.rung = 0
        self._next = asyncio.Event()

    def ring(self) -> None:
        self.rung += 1
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, look: Callable[[], T | None], seconds: float | None) -> T:
        """The first thing that is found. TimeoutError when nothing is."""
        async with asyncio.timeout(seconds):
            while (found := look()) is None:
                await self._next.wait()
        return found

    async def wait(self, seconds: float) -> None:
        """The next ring, or the end of the time."""
        with contextlib.suppress(TimeoutError):
            # Not `wait_for`: before Python 3.12 it swallows a cancellation that comes together with the ring.
            async with asyncio.timeout(seconds):
                await self._next.wait()
