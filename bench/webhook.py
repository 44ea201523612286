"""The webhook with a whole durable step, beside the same server's empty endpoint: 40 connections, one worker.

The server runs on one core (uvicorn, uvloop), the caller on the other: 40 connections that are kept open, each an
officer who fills in a form, one update after the other. SQLite, FULL. What the bot says goes to a stub that takes it
at once.

    python -m bench webhook
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any

import uvicorn
import uvloop
from pydantic import SecretStr
from sqlmodel import Session, col, select
from starlette.requests import Request

from bench.ground import Ground, Options, ground, median, spread
from bench.step import ANSWERS, TOGETHER
from bot.app import House, build, web_of
from bot.channels.base import Capabilities
from bot.channels.telegram.channel import PATH, SECRET_HEADER, TelegramChannel
from bot.demo_server import settle_memory
from bot.messages import Rendered
from casework import people
from storage.tables.members import Address, Member

ROUNDS, SECONDS = 5, 4.0
SECRET = "a-secret-of-the-bench"
FIRST_ID = 7_000_000_001
EMPTY, STEP = "/empty", PATH
Samples = list[float]


class Stub(TelegramChannel):
    """Takes every message at once, and asks the vendor nothing."""

    can: Capabilities = replace(TelegramChannel.can, overall=None, each=())

    async def start(self, on_incoming: Any) -> None:
        self._on_incoming = on_incoming

    async def send(self, address: str, message: Rendered, *, replaces: str | None = None) -> str:
        return "1"

    async def remove(self, address: str, receipts: Sequence[str]) -> None:
        return None

    async def _end_spinner(self, tap: str) -> None:
        return None


# --- the server, on a core of its own ---------------------------------------------------------------------------------


def serve(listener: socket.socket, ready: Any) -> None:
    os.sched_setaffinity(0, {0})
    with ground(officers=TOGETHER) as here:
        house = on_telegram(here)
        web = web_of(house)

        @web.post(EMPTY)
        async def empty(request: Request) -> dict[str, str]:
            await request.json()
            return {}

        # Ahead of everything else, as the webhook's own route is.
        web.router.routes.insert(0, web.router.routes.pop())
        config = uvicorn.Config(web, log_level="warning", access_log=False, loop="uvloop")
        server = uvicorn.Server(config)
        settle_memory()
        ready.set()
        server.run(sockets=[listener])


def on_telegram(here: Ground) -> House:
    """The ground's house with Telegram, where every officer has an address; the talk of each is open as a form."""
    plain = here.house
    settings = plain.settings.model_copy(
        update={
            "telegram_token": SecretStr("1:bench"),
            "telegram_webhook_secret": SecretStr(SECRET),
            "public_url": "http://127.0.0.1",
        }
    )
    house = build(settings, plain.lane, plain.clock)
    real = house.channels["telegram"]
    assert isinstance(real, TelegramChannel)
    house.channels["telegram"] = Stub(
        real._bot, plain.lane, [], settings.language, f"http://127.0.0.1{PATH}", SECRET
    )

    def bind(session: Session) -> None:
        addresses = session.exec(select(Address).order_by(col(Address.id))).all()
        for number, address in enumerate(addresses):
            member = session.get_one(Member, address.member_id)
            people.bind_address(session, member, "telegram", str(FIRST_ID + number), now=plain.clock.now())

    plain.lane.run_now(bind)
    return house


# --- the caller, on the other -----------------------------------------------------------------------------------------


@dataclass
class Line:
    """One connection that is kept open, as the vendor keeps them."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def post(self, path: str, body: bytes) -> tuple[int, float]:
        """Status, and seconds until the answer was there."""
        began = time.perf_counter()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
            f"{SECRET_HEADER}: {SECRET}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.writer.write(head.encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(line.partition(b":")[2])
                for line in answer.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            ),
            0,
        )
        if length:
            await self.reader.readexactly(length)
        return int(answer[9:12]), time.perf_counter() - began


_numbers = count(1)


def update(officer: int, text: str) -> bytes:
    number, who = next(_numbers), FIRST_ID + officer
    person = {"id": who, "is_bot": False, "first_name": "关怀责任人", "language_code": "zh-hans"}
    message = {
        "message_id": number,
        "date": 1,
        "chat": {"id": who, "type": "private", "first_name": "关怀责任人"},
        "from": person,
        "text": text,
    }
    return json.dumps({"update_id": number, "message": message}, ensure_ascii=False).encode()


async def tap_open(line: Line, officer: int) -> None:
    """Open the form: 记录, then the first of the numbered visits by its name is not needed: one draft is resumed."""
    for text in ("记录", "1"):
        status, _ = await line.post(STEP, update(officer, text))
        if status != 200:
            raise RuntimeError(f"the server said {status}")
        await asyncio.sleep(0.05)


async def drive(lines: list[Line], path: str) -> tuple[float, Samples]:
    """Requests a second, and the seconds of each, over so many seconds."""
    until, samples = time.perf_counter() + SECONDS, []

    async def one(officer: int, line: Line) -> None:
        step = 0
        while time.perf_counter() < until:
            status, took = await line.post(path, update(officer, ANSWERS[step % len(ANSWERS)]))
            if status != 200:
                raise RuntimeError(f"the server said {status}")
            samples.append(took)
            step += 1

    await asyncio.gather(*(one(officer, line) for officer, line in enumerate(lines)))
    return len(samples) / SECONDS, samples


async def measure(port: int, rounds: int) -> None:
    lines = [Line(*await asyncio.open_connection("127.0.0.1", port)) for _ in range(TOGETHER)]
    await asyncio.gather(*(tap_open(line, officer) for officer, line in enumerate(lines)))
    rates: dict[str, Samples] = {EMPTY: [], STEP: []}
    times: dict[str, Samples] = {EMPTY: [], STEP: []}
    for _ in range(rounds):
        for path in (EMPTY, STEP):
            rate, samples = await drive(lines, path)
            rates[path].append(rate)
            times[path] += samples
    base = median(rates[EMPTY])
    for name, path in (("the same server's /empty", EMPTY), ("webhook, whole step", STEP)):
        ordered = sorted(times[path])
        p50, p99 = (ordered[int(len(ordered) * part)] * 1000 for part in (0.50, 0.99))
        ratio = median(rates[path]) / base
        print(
            f"{name:<25} {spread(rates[path], 1)} a second, p50 {p50:.1f} ms, p99 {p99:.1f} ms, {ratio:.2f}×"
        )
    for line in lines:
        line.writer.close()


def main(options: Options) -> None:
    context = multiprocessing.get_context("fork")
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    ready = context.Event()
    server = context.Process(target=serve, args=(listener, ready), daemon=True)
    server.start()
    os.sched_setaffinity(0, {1})
    ready.wait(60)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(measure(listener.getsockname()[1], 1 if options.quick else ROUNDS))
    finally:
        server.kill()
