"""The library's bot with the one call it does not offer: updates as they come, unread."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from typing import Any

from telegram import Bot
from telegram.request import HTTPXRequest

# How long to wait after a refusal comes as a timedelta: the library's own switch to what will be its only way.
os.environ.setdefault("PTB_TIMEDELTA", "true")

CONNECTIONS = 64
SECONDS = 20.0  # a server that takes and says nothing is given up after so long


class Robot(Bot):
    """Opens without asking the server, so that a process starts though the vendor is away."""

    def __init__(self, token: str, api_base: str) -> None:
        """`api_base` is what precedes the token: `https://api.telegram.org/bot`."""
        self._calls = HTTPXRequest(
            CONNECTIONS,
            read_timeout=SECONDS,
            write_timeout=SECONDS,
            connect_timeout=10.0,
            pool_timeout=SECONDS,
        )
        self._polls = HTTPXRequest(2, read_timeout=SECONDS, connect_timeout=10.0, pool_timeout=SECONDS)
        files = api_base.removesuffix("bot") + "file/bot"
        super().__init__(token, api_base, files, request=self._calls, get_updates_request=self._polls)

    async def open(self) -> None:
        await asyncio.gather(self._calls.initialize(), self._polls.initialize())

    async def close_requests(self) -> None:
        await asyncio.gather(self._calls.shutdown(), self._polls.shutdown())

    async def raw_updates(self, offset: int, seconds: int, wanted: Sequence[str]) -> list[Any]:
        """The updates from `offset` on, as plain JSON; waits for them so many seconds.

        The library's own call reads them all before it returns any, so that one it cannot read loses the others.

        Raises:
            TelegramError: the server could not be reached, or refused.
        """
        asked = {"offset": offset, "timeout": seconds, "limit": 100, "allowed_updates": list(wanted)}
        found = await self._post("getUpdates", asked, read_timeout=seconds + SECONDS)
        return found if isinstance(found, list) else []
