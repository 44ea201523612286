"""Answers that are none: silence, half an answer, a torn connection.

ASGI has no words for these, so this one file looks beneath it, at uvicorn's own transport.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from contextlib import suppress
from typing import Any, cast

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.fakes.telegram.faults import Fault

TRANSPORT = "fake.transport"


class KeepTransport:
    """Puts the transport into the scope, before any middleware wraps `send`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope[TRANSPORT] = cast(Any, send).__self__.transport
        await self._app(scope, receive, send)


class Torn(Response):
    """No answer: the client sees `connection reset by peer`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport = scope[TRANSPORT]
        connection = transport.get_extra_info("socket")
        with suppress(OSError):  # the client was quicker: it is torn already
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
        await _gone(receive)


async def _gone(receive: Receive) -> None:
    """Return only when the connection is closed: uvicorn would answer 500 for an app that said nothing."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def held(fault: Fault, receive: Receive, closing: asyncio.Event) -> bool:
    """Hang. True when the fault was released, False when the client has gone or the server closes."""
    waiting = [
        asyncio.ensure_future(fault.freed.wait()),
        asyncio.ensure_future(_gone(receive)),
        asyncio.ensure_future(closing.wait()),
    ]
    try:
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    return done == {waiting[0]}
