"""The webhook's door: who may call, what is refused, and that 200 is said only after the commit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette

from bot.channels.base import Incoming
from bot.channels.telegram.channel import BODY_LIMIT, PATH, SECRET_HEADER, TRIES, TelegramChannel
from bot.channels.telegram.robot import Robot
from storage.lane import Lane
from tests.telegram_town import SECRET

UPDATE = {
    "update_id": 5,
    "message": {
        "message_id": 9,
        "date": 1,
        "chat": {"id": 7, "type": "private"},
        "from": {"id": 7, "is_bot": False, "first_name": "x"},
        "text": "今日",
    },
}
BODY = json.dumps(UPDATE).encode()


class Door:
    def __init__(self, lane: Lane) -> None:
        self.heard: list[Incoming] = []
        self.fails: list[Exception] = []
        bot = Robot("1:x", "http://127.0.0.1:9/bot")
        self.channel = TelegramChannel(bot, lane, [], "zh_CN", f"https://care.example{PATH}", SECRET)
        self.channel._on_incoming = self.handle
        transport = httpx.ASGITransport(app=Starlette(routes=list(self.channel.routes())))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://house")

    async def handle(self, incoming: Incoming) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.heard.append(incoming)

    async def call(self, body: Any = BODY, secret: str | None = SECRET) -> httpx.Response:
        headers = {} if secret is None else {SECRET_HEADER: secret}
        return await self.client.post(PATH, content=body, headers=headers)


@pytest.fixture
async def door(lane: Lane) -> AsyncIterator[Door]:
    opened = Door(lane)
    yield opened
    await opened.client.aclose()


@pytest.fixture
def database_url(empty_sqlite: Any) -> str:
    return f"sqlite:///{empty_sqlite}"


async def test_an_update_is_taken(door: Door) -> None:
    answer = await door.call()
    assert (answer.status_code, answer.content) == (200, b"")
    assert [incoming.text for incoming in door.heard] == ["今日"]


@pytest.mark.parametrize("secret", [None, "", SECRET[:-1], SECRET + "x", SECRET.upper(), "密", "x" * 5000])
async def test_whoever_does_not_know_the_secret_is_refused_alike(door: Door, secret: str | None) -> None:
    headers = [] if secret is None else [(SECRET_HEADER.encode(), secret.encode())]
    answer = await door.client.post(PATH, content=BODY, headers=headers)
    assert (answer.status_code, answer.content) == (403, b"")
    assert door.heard == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"x" * (BODY_LIMIT + 1), 413),
        (b"{}", 200),
        (b"NaN", 200),
        (b'{"update_id": 1e400}', 200),
        (b'{"update_id": 5, "message": {"chat": 7}}', 200),
        (b'{"update_id": 6, "hologram": {}}', 200),
    ],
)
async def test_odd_bodies(door: Door, body: bytes, status: int) -> None:
    """What is no update of theirs is refused; what they might send is taken, so that they do not send it for a day."""
    answer = await door.call(body)
    assert (answer.status_code, answer.content) == (status, b"")
    assert door.heard == []


async def test_a_body_that_never_ends_is_cut_off(door: Door) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(10_000):
            yield b"x" * 65_536

    assert (await door.call(endless())).status_code == 413


async def test_what_could_not_be_kept_comes_again(door: Door) -> None:
    door.fails = [OperationalError("BEGIN", None, Exception("locked"))] * 5
    assert [(await door.call()).status_code for _ in range(6)] == [503] * 5 + [200]
    assert len(door.heard) == 1


async def test_an_update_that_always_fails_is_let_go(door: Door) -> None:
    door.fails = [ValueError("poison")] * TRIES
    assert [(await door.call()).status_code for _ in range(TRIES)] == [503] * (TRIES - 1) + [200]
    assert (await door.call()).status_code == 200
    assert len(door.heard) == 1


async def test_forty_at_once_are_all_taken(door: Door) -> None:
    updates = [json.dumps({**UPDATE, "update_id": number}).encode() for number in range(40)]
    answers = await asyncio.gather(*(door.call(body) for body in updates))
    assert {answer.status_code for answer in answers} == {200}
    assert len({incoming.event_id for incoming in door.heard}) == 40
