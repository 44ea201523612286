"""The outbox, emptied at a vendor's limit of thirty a second, while one chat takes five seconds for each message.

How much of the limit is used, whether any second has more, and whether the slow chat holds up anybody.
"""

from __future__ import annotations

import asyncio
import time
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import uvloop
from sqlmodel import Session, col, func, select

from bench.drain import later, notices
from bench.ground import Ground, Options, ground
from bench.webhook import FIRST_ID, Stub
from bot.channels.base import Capabilities
from bot.channels.telegram.channel import TelegramChannel
from bot.messages import Rendered
from storage.tables.mail import Outbox

LIMIT, SLOW = 30, 5.0
NOTICES = 900  # half a minute


class Paced(Stub):
    """Notes when each message came; to the first chat it takes a while."""

    can: Capabilities = TelegramChannel.can  # with the pace that it keeps in service
    slow = str(FIRST_ID)

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.came: list[float] = []

    async def send(self, address: str, message: Rendered, *, replaces: str | None = None) -> str:
        self.came.append(time.perf_counter())
        if address == self.slow:
            await asyncio.sleep(SLOW)
        return "1"


def busiest(came: Sequence[float]) -> int:
    """The most messages in any one second."""
    return max(bisect_left(came, moment + 1.0) - at for at, moment in enumerate(came))


def still_open(session: Session) -> int:
    return session.exec(select(func.count()).where(col(Outbox.state).in_(("todo", "sending")))).one()


async def measure(here: Ground) -> None:
    house = later(here)
    stub = house.channels["telegram"]
    assert isinstance(stub, Stub)
    paced = Paced(stub._bot, here.house.lane, [], house.settings.language, stub._webhook, stub._secret)
    house.channels["telegram"] = paced
    number = notices(house)
    working = asyncio.create_task(house.office.run())
    house.office.ring()
    while await house.lane.read(still_open):  # noqa: ASYNC110 (nobody rings when an outbox is empty)
        await asyncio.sleep(0.5)
    working.cancel()
    came = sorted(paced.came)
    if len(came) != number:
        raise RuntimeError(f"{len(came)} of {number} were sent")
    took = came[-1] - came[0]
    gap = max(after - before for before, after in pairwise(came))
    print(f"  {number} notices in {took:.1f} s: {(number - 1) / took / LIMIT:.1%} of {LIMIT} a second")
    print(f"  the busiest second had {busiest(came)}; the longest pause between two was {gap * 1000:.0f} ms")


def main(options: Options) -> None:
    for name, fresh in options.databases():
        print(f"[{name}]", flush=True)
        with (
            ground(fresh(), officers=30 if options.quick else NOTICES) as here,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(measure(here))
