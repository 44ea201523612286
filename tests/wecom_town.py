"""The demo county on WeCom: its people with phones, the fake WeCom between them and the house."""

from __future__ import annotations

import httpx


class Handed(httpx.AsyncBaseTransport):
    """The vendor's calls reach the house without a socket."""

    def __init__(self) -> None:
        self.inner: httpx.ASGITransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert self.inner is not None
        return await self.inner.handle_async_request(request)
