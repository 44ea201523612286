"""Half an hour in which a vendor serves some chats and fails others: nothing is lost, and the rest goes on as before.

The clock of leases and pauses is the test's: half an hour passes in steps, each over when all that can go has gone. How
long a healthy chat waits is measured as it is.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from statistics import median

import httpx
import pytest

from bot import delivery, parcels
from bot.app import build
from bot.channels.telegram import robot
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.wecom import channel as wecom_channel
from bot.channels.wecom import client as wecom_client
from bot.delivery import PostOffice
from storage.clock import SandboxClock, lease_now
from storage.tables.mail import OutboxState
from tests.fakes.wecom.faults import bad_gateway, errcode, hang, http, reset
from tests.fakes.wecom.state import Call
from tests.story import test_crash, test_wecom_kill
from tests.wecom_town import SHOWN

on_telegram, on_wecom = test_crash.ground, test_wecom_kill.ground
Ground = test_crash.Ground | test_wecom_kill.Ground

OUTAGE, DRAIN = timedelta(minutes=30), timedelta(minutes=5)
GIVEN_UP = 2.0  # seconds, really, until a call that nobody answers is given up
WAIT = 30  # seconds that a vendor who has too much wants to be left alone
KINDS = ("500", "502", "reset", "hang", "429")
LEAST = 0.5  # seconds; below, a wait is the machine's and not the vendor's


@dataclass
class Half:
    """The clock of leases, which the test moves."""

    at: datetime = field(default_factory=lease_now)

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        return self.at.timestamp()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Half:
    clock = Half()
    for module in (delivery, parcels, wecom_channel, wecom_client):
        monkeypatch.setattr(module, "lease_now", clock.now)
    monkeypatch.setattr(robot, "SECONDS", GIVEN_UP)
    monkeypatch.setattr(wecom_client, "TIMEOUT", httpx.Timeout(GIVEN_UP))
    return clock


@pytest.fixture
def all_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many in a minute: the minutes of the vendor are real ones."""
    monkeypatch.setattr(SHOWN, lambda member, now: True)


@asynccontextmanager
async def working(ground: Ground) -> AsyncIterator[PostOffice]:
    """One process that sends, without a pace of its own."""
    settings = ground.orders.settings()
    house = build(settings, ground.lane, SandboxClock(ground.orders.now, standing=True))
    channel = house.channels[ground.orders.kind]
    assert isinstance(channel, TelegramChannel | wecom_channel.WecomChannel)
    channel.can = replace(channel.can, overall=None, each=(), day=None)
    async with channel.opened():
        delivering = asyncio.create_task(house.office.run())
        yield house.office
        delivering.cancel()
        await house.office.close(1)


@dataclass
class Vendor:
    """Its chats, by number; the first `sick` of them are those that it fails."""

    ground: Ground
    clock: Half
    office: PostOffice
    members: list[int]
    sick: int
    put: dict[int, list[str]] = field(default_factory=dict)

    def shown(self, number: int) -> list[str]:
        if isinstance(self.ground, test_crash.Ground):
            return self.ground.arrived(number + 1)
        return self.ground.shown(number)

    def newest(self, number: int) -> str | None:
        """What a chat shows last: to read all of it again and again would take longer than to send it."""
        if isinstance(self.ground, test_crash.Ground):
            last = self.ground.fake.user(test_crash.FIRST_ID + number + 1).newest
            return None if last is None else last.text
        return next(reversed(self.ground.shown(number)), None)

    def write(self, numbers: range, word: str) -> None:
        for number in numbers:
            self.put.setdefault(number, []).append(word)
            if isinstance(self.ground, test_crash.Ground):
                self.ground.put(self.members[number], word)
            else:
                self.ground.put(self.members[number], test_wecom_kill.spoken(word)["text"])

    def fail(self, kind: str) -> None:
        """From now on, and in this way, for those who are sick."""
        self.heal()
        if isinstance(self.ground, test_wecom_kill.Ground):
            faults = {
                "500": http(),
                "502": bad_gateway(),
                "reset": reset(),
                "hang": hang(),
                "429": errcode(-1),
            }
            sick = {f"u{number}" for number in range(self.sick)}
            when: Callable[[Call], bool] = lambda call: call.payload["touser"] in sick  # noqa: E731
            self.ground.fake.faults.always("message/send", faults[kind], when=when)
            return
        script = self.ground.fake.faults
        for number in range(1, self.sick + 1):
            where = {"method": "sendMessage", "chat": test_crash.FIRST_ID + number}
            if kind == "429":
                script.too_many(WAIT, **where)  # type: ignore[arg-type]
            else:
                ways = {
                    "500": script.server_error,
                    "502": script.bad_gateway,
                    "reset": script.reset,
                    "hang": script.hang,
                }
                ways[kind](**where, times=None)  # type: ignore[arg-type]

    def heal(self) -> None:
        self.ground.fake.faults.clear()

    async def healthy(self, word: str) -> list[float]:
        """Each chat that is not sick is told something. How long each of them waits for it."""
        numbers = range(self.sick, len(self.members))
        self.write(numbers, word)
        began, took = time.monotonic(), dict[int, float]()
        self.office.ring()
        while len(took) < len(numbers):
            for number in numbers:
                if number not in took and self.newest(number) == word:
                    took[number] = time.monotonic() - began
            await asyncio.sleep(0.005)
        return list(took.values())

    async def pass_by(self, seconds: int) -> None:
        await self.office.settled()  # nobody is in the middle of a call while the time leaps
        self.clock.at += timedelta(seconds=seconds)
        self.office.ring()
        await self.office.settled()

    def waiting(self) -> int:
        return sum(row.state in (OutboxState.todo, OutboxState.sending) for row in self.ground.rows())


Measure = Callable[[list[float]], float]


def p95(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.95)]


async def outage(
    ground: Ground,
    clock: Half,
    *,
    chats: int,
    sick: int,
    step: int,
    least: float = LEAST,
    measure: Measure = median,
) -> None:
    """Among few chats the `measure` is what a wait usually is, in each way to fail: a chat that is held up by those who
    are sick is so each time, and a busy machine now and then."""
    dice = Random(20261128)
    if isinstance(ground, test_crash.Ground):  # its waits are by the same clock
        ground.fake.world.floods._clock = clock.seconds
    async with working(ground) as office:
        vendor = Vendor(ground, clock, office, ground.people(chats), sick)
        before: list[float] = []
        for number in range(10):
            before += await vendor.healthy(f"before-{number:03}")
            await vendor.pass_by(step)
        over, turn, meanwhile = clock.at + OUTAGE, 0, {kind: list[float]() for kind in KINDS}
        while clock.at < over:
            kind = KINDS[turn] if turn < len(KINDS) else dice.choice(KINDS)
            vendor.fail(kind)
            if turn * step % 300 == 0:
                vendor.write(range(sick), f"sick-{turn:03}")
            meanwhile[kind] += await vendor.healthy(f"meanwhile-{turn:03}")
            await vendor.pass_by(step)
            turn += 1
        assert vendor.waiting() >= sick, "there was an outage"
        vendor.heal()
        back = clock.at
        while vendor.waiting():
            await vendor.pass_by(5)
            assert clock.at - back <= DRAIN
    shown = {number: vendor.shown(number) for number in range(chats)}
    assert shown == vendor.put, "each once, and in its order"
    assert {row.state for row in ground.rows()} == {OutboxState.sent}
    if isinstance(ground, test_crash.Ground):
        assert ground.fake.early_calls == []
    waits = {kind: measure(took) for kind, took in meanwhile.items()}
    print(f"{ground.orders.kind}: {measure(before):.3f} s before, meanwhile {waits}; "
          f"drained in {(clock.at - back).total_seconds():.0f} s")  # fmt: skip
    assert max(waits.values()) <= 2 * max(measure(before), least), waits


async def test_half_an_hour_on_telegram(on_telegram: test_crash.Ground, clock: Half) -> None:
    await outage(on_telegram, clock, chats=6, sick=4, step=60)


@pytest.mark.usefixtures("all_shown")
async def test_half_an_hour_on_wecom(on_wecom: test_wecom_kill.Ground, clock: Half) -> None:
    await outage(on_wecom, clock, chats=6, sick=4, step=60)


@pytest.mark.soak
async def test_half_an_hour_of_many_on_telegram(on_telegram: test_crash.Ground, clock: Half) -> None:
    await outage(on_telegram, clock, chats=100, sick=70, step=5, least=0.05, measure=p95)


@pytest.mark.soak
@pytest.mark.usefixtures("all_shown")
async def test_half_an_hour_of_many_on_wecom(on_wecom: test_wecom_kill.Ground, clock: Half) -> None:
    await outage(on_wecom, clock, chats=100, sick=70, step=5, least=0.05, measure=p95)
