"""Faults by script: what shall go wrong, with which call, and how often."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from tests.fakes.telegram.errors import OTHER_POLL, ApiError, too_many
from tests.fakes.telegram.methods import canonical

Kind = Literal["error", "bad_gateway", "hang", "reset", "cut"]


@dataclass(eq=False)
class Fault:
    """One scripted fault. `left` counts down; None stays until it is cleared."""

    kind: Kind
    method: str | None
    chat: int | None
    left: int | None
    after_acting: bool = False
    error: ApiError | None = None
    hits: int = 0
    freed: asyncio.Event = field(default_factory=asyncio.Event)

    def concerns(self, method: str, chat: int | None) -> bool:
        return self.left != 0 and self.method in (None, method) and self.chat in (None, chat)

    def release(self) -> None:
        """Let hanging calls go on."""
        self.freed.set()


class Faults:
    """The script of one server. Every fault takes a method, a chat, both or neither, and how many `times`.

    The oldest one that fits is used. A fault for all methods also meets getUpdates: name the method you mean.
    With `after_acting` the call has its effect first, and then its answer is lost.
    """

    def __init__(self) -> None:
        self._script: list[Fault] = []

    def too_many(
        self, retry_after: int, *, method: str | None = None, chat: int | None = None, times: int | None = 1
    ) -> Fault:
        """429. Until the time is over, every call it concerns comes too early and is refused."""
        return self._add("error", method, chat, times, error=too_many(retry_after))

    def server_error(
        self,
        *,
        method: str | None = None,
        chat: int | None = None,
        times: int | None = 1,
        after_acting: bool = False,
    ) -> Fault:
        """500."""
        error = ApiError(500, "Internal Server Error")
        return self._add("error", method, chat, times, after_acting, error)

    def bad_gateway(
        self,
        *,
        method: str | None = None,
        chat: int | None = None,
        times: int | None = 1,
        after_acting: bool = False,
    ) -> Fault:
        """502 with a page of HTML, from a proxy that knows no JSON."""
        return self._add("bad_gateway", method, chat, times, after_acting)

    def unauthorized(
        self, *, method: str | None = None, chat: int | None = None, times: int | None = 1
    ) -> Fault:
        """401: the token was revoked."""
        return self._add("error", method, chat, times, error=ApiError(401, "Unauthorized"))

    def conflict(
        self, *, method: str | None = "getUpdates", chat: int | None = None, times: int | None = 1
    ) -> Fault:
        """409: another copy of the bot is polling."""
        return self._add("error", method, chat, times, error=ApiError(409, OTHER_POLL))

    def refuse(
        self,
        code: int,
        description: str,
        *,
        method: str | None = None,
        chat: int | None = None,
        times: int | None = 1,
    ) -> Fault:
        """Any other error of the API: `refuse(400, "Bad Request: …")`."""
        return self._add("error", method, chat, times, error=ApiError(code, description))

    def hang(
        self,
        *,
        method: str | None = None,
        chat: int | None = None,
        times: int | None = 1,
        after_acting: bool = False,
    ) -> Fault:
        """Accept and say nothing, until it is released or the client gives up. One that gave up had no effect."""
        return self._add("hang", method, chat, times, after_acting)

    def reset(
        self,
        *,
        method: str | None = None,
        chat: int | None = None,
        times: int | None = 1,
        after_acting: bool = False,
    ) -> Fault:
        """Read the body, then tear the connection."""
        return self._add("reset", method, chat, times, after_acting)

    def cut(self, *, method: str | None = None, chat: int | None = None, times: int | None = 1) -> Fault:
        """Act, and send half of the answer as if it were the whole."""
        return self._add("cut", method, chat, times, after_acting=True)

    def _add(
        self,
        kind: Kind,
        method: str | None,
        chat: int | None,
        times: int | None,
        after_acting: bool = False,
        error: ApiError | None = None,
    ) -> Fault:
        named = canonical(method) if method else None
        fault = Fault(kind, named, chat, times, after_acting, error)
        self._script.append(fault)
        return fault

    def clear(self, fault: Fault | None = None) -> None:
        """One fault, or all of them, is over. What hangs goes on."""
        for one in [fault] if fault else list(self._script):
            one.left = 0
            one.release()
            if one in self._script:
                self._script.remove(one)

    def take(self, method: str, chat: int | None) -> Fault | None:
        """The fault that meets this call, if any."""
        for fault in self._script:
            if fault.concerns(method, chat):
                fault.hits += 1
                fault.left = None if fault.left is None else fault.left - 1
                return fault
        return None
