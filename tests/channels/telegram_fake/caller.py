"""A bot reduced to its HTTP calls, and a clock that stands until it is moved."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx


@dataclass
class StandingClock:
    """Time passes when a test says so."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


@dataclass(frozen=True)
class Refusal:
    """What was answered instead of a result."""

    code: int
    description: str


class Caller:
    """Calls methods as python-telegram-bot does: a form whose nested values are JSON."""

    def __init__(self, base: str, token: str) -> None:
        self.base, self.token = base, token
        self.client = httpx.AsyncClient(timeout=60, trust_env=False, verify=False)

    async def answer(self, method: str, files: Any = None, **params: Any) -> httpx.Response:
        data = {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()
        }
        return await self.client.post(f"{self.base}{self.token}/{method}", data=data, files=files)

    async def __call__(self, method: str, files: Any = None, **params: Any) -> Any:
        """The result, which there has to be."""
        answer = await self.answer(method, files, **params)
        body = answer.json()
        assert (answer.status_code, body["ok"]) == (200, True), body
        return body["result"]

    async def refused(self, method: str, files: Any = None, **params: Any) -> Refusal:
        """The error, which there has to be."""
        answer = await self.answer(method, files, **params)
        body = answer.json()
        assert not body["ok"], body
        assert body["error_code"] == answer.status_code
        return Refusal(answer.status_code, body["description"])

    async def keyboard(self, chat: int, *labels: str, text: str = "?") -> Any:
        """A message with one row of buttons; each sends its own label."""
        row = [{"text": label, "callback_data": label} for label in labels]
        return await self("sendMessage", chat_id=chat, text=text, reply_markup={"inline_keyboard": [row]})
