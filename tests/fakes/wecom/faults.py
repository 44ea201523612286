"""Faults by script: what goes wrong at which call, how often, and for whom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.wecom.state import Call

Kind = Literal["errcode", "http", "hang", "reset", "cut", "hold"]
EVERYWHERE = "*"


@dataclass(frozen=True)
class Fault:
    """One way to fail. Made by the functions below."""

    kind: Kind
    code: int = 0
    body: str = ""
    acts: bool = False  # whether the call has its effect although it fails

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}" if self.code else self.kind


def errcode(code: int) -> Fault:
    """HTTP 200 with this errcode and no effect: -1, 45009, 45033, 40014, 42001, 60020 …"""
    return Fault("errcode", code)


def http(status: int = 500, body: str = "Internal Server Error") -> Fault:
    return Fault("http", status, body)


def bad_gateway() -> Fault:
    """What a proxy says: a page of HTML."""
    return Fault("http", 502, "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>")


def hang() -> Fault:
    """Accepted and never answered, until the caller gives up, the script is cleared or the fake stops."""
    return Fault("hang")


def reset(*, acts: bool = False) -> Fault:
    """The connection is reset once the body has been read: before acting, or after."""
    return Fault("reset", acts=acts)


def cut(*, acts: bool = True) -> Fault:
    """The call has its effect, but half of the JSON is missing from the answer."""
    return Fault("cut", acts=acts)


def hold() -> Fault:
    """Nothing goes wrong, but the call waits until its script is cleared."""
    return Fault("hold", acts=True)


@dataclass(eq=False)
class Script:
    """A fault at an endpoint, for the next `left` calls (None: until cleared) that `when` agrees to."""

    endpoint: str
    fault: Fault
    left: int | None
    when: Callable[[Call], bool] | None = None
    hits: int = 0
    cleared: asyncio.Event = field(default_factory=asyncio.Event)
    strokes: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    def clear(self) -> None:
        """Over. Whoever hangs on it is let go."""
        self.left = 0
        self.cleared.set()

    async def struck(self, times: int = 1) -> None:
        """Wait until it has hit so many calls more."""
        for _ in range(times):
            await self.strokes.acquire()

    def fits(self, call: Call) -> bool:
        return (
            self.left != 0
            and self.endpoint in (EVERYWHERE, call.endpoint)
            and (self.when is None or self.when(call))
        )


class Faults:
    """The scripts of one fake, the oldest first."""

    def __init__(self) -> None:
        self.scripts: list[Script] = []

    def once(self, endpoint: str, fault: Fault, *, when: Callable[[Call], bool] | None = None) -> Script:
        return self.times(endpoint, 1, fault, when=when)

    def times(
        self, endpoint: str, n: int, fault: Fault, *, when: Callable[[Call], bool] | None = None
    ) -> Script:
        return self._add(Script(endpoint, fault, n, when))

    def always(self, endpoint: str, fault: Fault, *, when: Callable[[Call], bool] | None = None) -> Script:
        """Until cleared."""
        return self._add(Script(endpoint, fault, None, when))

    def clear(self) -> None:
        """All is well again."""
        for script in self.scripts:
            script.clear()
        self.scripts = []

    def next(self, call: Call) -> Script | None:
        """The script that strikes this call, counted."""
        for script in self.scripts:
            if script.fits(call):
                script.hits += 1
                script.strokes.release()
                if script.left is not None:
                    script.left -= 1
                return script
        return None

    def _add(self, script: Script) -> Script:
        self.scripts.append(script)
        return script
