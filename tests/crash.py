"""Senders in processes of their own, killed at random or where they are told to die.

They run the product's own code on a real database and call the fake vendor over a socket. They are forked from a server
that has everything imported, so that a start costs a fraction of a second.
"""

from __future__ import annotations

import asyncio
import functools
import multiprocessing
import os
import random
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlmodel import Session, col, select, update

from bot import conversation, delivery
from bot.app import House, build, open_storage
from bot.channels.base import Incoming
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.wecom import access
from bot.channels.wecom.channel import WecomChannel
from bot.channels.wecom.client import Client
from bot.config import Settings
from reminders import calls, claiming, outbox, rungs, sweep, telling
from storage.clock import SandboxClock, lease_now
from storage.lane import Lane
from storage.tables.mail import Outbox, OutboxState

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.crash", "alembic.command", "psycopg", "uvicorn"])
PATIENCE = 90.0  # seconds for a process to begin and end, on a machine that has much else to do
CHANNEL = "channel"  # stands for the class of the channel that is sent by
CLASSES: Mapping[str, type[Any]] = {"telegram": TelegramChannel, "wecom": WecomChannel}
OPEN = (OutboxState.todo, OutboxState.sending)


@dataclass(frozen=True)
class Orders:
    """What a process works on, for how long it leases, and where it dies. `now` is what the people's clock shows,
    `vendor` the settings of the channel `kind`."""

    database: str
    key_file: Path
    vendor: Mapping[str, Any]
    now: datetime
    kind: str = "telegram"
    lease: float = 60.0
    die: str = ""
    paced: bool = False
    job: str = "send"

    def settings(self) -> Settings:
        return Settings(
            database_url=SecretStr(self.database),
            key_file=self.key_file,
            _env_file=None,
            **self.vendor,
        )


def started(orders: Orders) -> ForkServerProcess:
    process = _CONTEXT.Process(target=work, args=(orders,), daemon=True)
    process.start()
    return process


@dataclass(frozen=True)
class Sender:
    """A process that sends until nothing is left. `begun` is set when it makes its first call, or ends without one."""

    process: ForkServerProcess
    begun: Event

    async def at_work(self) -> bool:
        """Wait until it has begun; False if it came to its end instead, since nothing was left."""
        await asyncio.to_thread(self.begun.wait, PATIENCE)
        return self.process.is_alive()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


def sender(orders: Orders) -> Sender:
    begun = _CONTEXT.Event()
    process = _CONTEXT.Process(target=work, args=(orders, begun), daemon=True)
    process.start()
    return Sender(process, begun)


async def rage(orders: Orders, kills: int, seed: int, more: Callable[[], None]) -> None:
    """Two senders, of which one at a time is killed in the middle of its work and replaced, `kills` times; then nothing
    is left. `more` writes more to send: a quick machine would be done before the last kill."""
    chance, senders = random.Random(seed), [sender(orders) for _ in range(2)]
    for turn in range(kills):
        while not await senders[turn % 2].at_work():
            more()
            senders[turn % 2] = sender(orders)
        await asyncio.sleep(chance.uniform(0.02, 0.4))
        senders[turn % 2].kill()
        senders[turn % 2] = sender(orders)
    for one in senders:
        assert await ended(one.process, 900) == 0


async def ended(process: ForkServerProcess, within: float = PATIENCE) -> int:
    """The exit code of a process that ends by itself, or was killed."""
    await asyncio.to_thread(process.join, within)
    code = process.exitcode
    if code is None:
        process.kill()
        raise AssertionError("the process did not end")
    return code


async def run(orders: Orders) -> int:
    return await ended(started(orders))


def let_leases_end(lane: Lane) -> None:
    """As though a minute had passed since whoever held a message died.

    A short lease would end by itself, but on a busy machine it ends for the living, too: a third of it may be over
    before the first call, and then the row is put back unsent (`PostOffice._turn`).
    """
    held = update(Outbox).where(col(Outbox.state) == OutboxState.sending)
    lane.run_now(lambda session: session.execute(held.values(lease_until=lease_now())))


# --- inside the process ----------------------------------------------------------------------------------------------


def die(*_: Any) -> None:
    """As by a power cut: nothing is tidied up."""
    os.kill(os.getpid(), signal.SIGKILL)


def _patch(owner: Any, name: str, *, before: bool) -> None:
    """Die before, or after, a function did its work."""
    inner = getattr(owner, name)

    @functools.wraps(inner)
    def plain(*args: Any, **named: Any) -> Any:
        if before:
            die()
        found = inner(*args, **named)
        die()
        return found

    @functools.wraps(inner)
    async def waiting(*args: Any, **named: Any) -> Any:
        if before:
            die()
        found = await inner(*args, **named)
        die()
        return found

    setattr(owner, name, waiting if asyncio.iscoroutinefunction(inner) else plain)


def _tell_when_it_sends(channel: type[Any], begun: Event) -> None:
    inner = channel.send

    @functools.wraps(inner)
    async def sends(*args: Any, **named: Any) -> Any:
        begun.set()
        return await inner(*args, **named)

    channel.send = sends


# Every step between a row that waits and a row that is sent. Inside: the transaction is not committed yet.
POINTS: dict[str, tuple[Any, str, bool]] = {
    "inside the claim": (claiming, "claim_ids", False),
    "after the claim": (delivery.PostOffice, "pack", True),
    "inside the packing": (delivery.PostOffice, "pack", False),
    "after the packing": (delivery.PostOffice, "post", True),
    "before the send": (CHANNEL, "send", True),
    "after the send": (CHANNEL, "send", False),
    "inside the mark": (delivery.PostOffice, "_mark_all", False),
    "after the mark": (delivery.PostOffice, "_mark", False),
    # A file is with the vendor, and nobody has written down under which name; and the other way round.
    "after the upload": (Client, "upload", False),
    "before the call": (Client, "send", True),
    "after the call": (Client, "send", False),
    # The tick: the message of a step is written, that the step was told is not.
    "inside the tick": (telling.REMINDERS, "write", True),
    # A safety call: who hears is written, the message is not; and all is written but when to look again.
    "inside the round": (calls, "insert_new", False),
    "before the next look": (rungs, "next_look", True),
    # An event: it is known as handled, and has had no effect.
    "inside the inbox": (conversation, "_first_time", False),
}


def work(orders: Orders, begun: Event | None = None) -> None:
    outbox.LEASE = timedelta(seconds=orders.lease)
    access.LEASE = min(access.LEASE, orders.lease)  # who dies as it asks for the token holds up all
    if begun is not None:
        _tell_when_it_sends(CLASSES[orders.kind], begun)
    if orders.die:
        owner, name, before = POINTS[orders.die]
        _patch(CLASSES[orders.kind] if owner == CHANNEL else owner, name, before=before)
    jobs: dict[str, Callable[[House], Any]] = {
        "send": lambda house: _send(house, orders.kind), "tick": _tick, "call": _call, "hear": _hear,
    }  # fmt: skip
    settings = orders.settings()
    house = build(settings, open_storage(settings), SandboxClock(orders.now, standing=True))
    channel = house.channels[orders.kind]
    assert isinstance(channel, TelegramChannel | WecomChannel)
    if not orders.paced:
        channel.can = replace(channel.can, overall=None, each=())
    asyncio.run(jobs[orders.job](house))
    house.lane.close()
    if begun is not None:
        begun.set()


async def _send(house: House, kind: str) -> None:
    """Until nothing is left to send."""
    async with house.channels[kind].opened():
        while await house.lane.read(_any_open):
            await house.office.settled()
            await asyncio.sleep(0.05)


def _any_open(session: Session) -> bool:
    return session.exec(select(Outbox.id).where(col(Outbox.state).in_(OPEN)).limit(1)).first() is not None


async def _tick(house: House) -> None:
    now = house.clock.now()
    while await house.lane.run(lambda session: sweep.one_slice(session, now=now)):
        pass


async def _call(house: House) -> None:
    now = house.clock.now()
    while await house.lane.run(lambda session: calls.one_slice(session, now=now)):
        pass


async def _hear(house: House) -> None:
    async with house.channels["telegram"].opened():
        await house.conversation.handle(Incoming("telegram", "7000000001", "event-1", text="帮助"))
        await house.office.settled()
