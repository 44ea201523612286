"""The outbox, emptied at a vendor's limit of thirty a second; then once more, while one chat takes five seconds for a
message and another is full.

How much of the limit is used, whether any second has more, and whether such chats hold up anybody.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import uvloop
from sqlmodel import Session, col, func, select

from bench.drain import again, later, notices
from bench.ground import Ground, Options, engine_of, ground
from bench.webhook import FIRST_ID, Stub
from bot.app import House
from bot.channels.base import Capabilities, ChannelError
from bot.channels.telegram.channel import TelegramChannel
from bot.messages import Rendered
from storage.tables.mail import Outbox

LIMIT, SLOW, REFUSALS = 30, 5.0, 2
NOTICES = 900  # half a minute


class Paced(Stub):
    """Notes when each message came. With `trouble` the first chat takes a while, and the second is full at first."""

    can: Capabilities = TelegramChannel.can  # with the pace that it keeps in service
    slow, full = str(FIRST_ID), str(FIRST_ID + 1)

    def __init__(self, *given: Any, trouble: bool) -> None:
        super().__init__(*given)
        self.trouble, self.refusals = trouble, REFUSALS if trouble else 0
        self.came: list[float] = []
        self.others: list[float] = []

    async def send(self, address: str, message: Rendered, *, replaces: str | None = None) -> str:
        now = time.perf_counter()
        self.came.append(now)
        if address not in (self.slow, self.full):
            self.others.append(now)
        elif address == self.slow and self.trouble:
            await asyncio.sleep(SLOW)
        elif address == self.full and self.refusals:
            self.refusals -= 1
            raise ChannelError("429", retry_after=timedelta(seconds=SLOW))
        return "1"


def busiest(came: Sequence[float]) -> int:
    """The most messages in any one second."""
    return max(bisect_left(came, moment + 1.0) - at for at, moment in enumerate(came))


def still_open(session: Session) -> int:
    return session.exec(select(func.count()).where(col(Outbox.state).in_(("todo", "sending")))).one()


async def emptied(house: House, stub: Stub, number: int, *, trouble: bool) -> float:
    """When 95 of a hundred of those in no trouble had theirs, in seconds."""
    paced = Paced(
        stub._bot, house.lane, [], house.settings.language, stub._webhook, stub._secret, trouble=trouble
    )
    house.channels["telegram"] = paced
    working = asyncio.create_task(house.office.run())
    house.office.ring()
    while await house.lane.read(still_open):
        await asyncio.sleep(0.5)
        house.office.ring()
    working.cancel()
    came, others = sorted(paced.came), sorted(paced.others)
    if len(others) != number - 2:
        raise RuntimeError(f"{len(others)} of {number - 2} were sent")
    took = others[-1] - came[0]
    gap = max(after - before for before, after in pairwise(others))
    p95 = others[int(len(others) * 0.95)] - came[0]
    print(f"  {'with' if trouble else 'without'} a slow chat and one that is full:")
    print(f"    {number} notices in {took:.1f} s: {(number - 1) / took / LIMIT:.1%} of {LIMIT} a second")
    print(
        f"    the busiest second had {busiest(came)}; the longest pause between two was {gap * 1000:.0f} ms"
    )
    print(f"    the others' p95 after {p95:.2f} s")
    return p95


async def measure(here: Ground) -> None:
    house, engine = later(here), engine_of(here)
    stub = house.channels["telegram"]
    assert isinstance(stub, Stub)
    number = notices(house)
    without = await emptied(house, stub, number, trouble=False)
    again(engine)
    engine.dispose()
    with_them = await emptied(house, stub, number, trouble=True)
    print(f"  the others' p95 {with_them / without:.3f}× that without them")


def main(options: Options) -> None:
    for name, fresh in options.databases():
        print(f"[{name}]", flush=True)
        with (
            ground(fresh(), officers=30 if options.quick else NOTICES) as here,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(measure(here))
