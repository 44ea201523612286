"""A fake with one person who has pressed start, and a bot that calls it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.channels.telegram_fake.caller import Caller, StandingClock
from tests.fakes.telegram import FakeTelegram, User

FAR = 7_000_000_001  # beyond 32 bits


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def fake(clock: StandingClock) -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(token="123:abc", clock=clock, floods=False) as running:
        yield running


@pytest.fixture
async def call(fake: FakeTelegram) -> AsyncIterator[Caller]:
    caller = Caller(fake.api_base, fake.token)
    yield caller
    await caller.client.aclose()


@pytest.fixture
async def user(fake: FakeTelegram) -> User:
    """李敏, who has pressed start; the bot has seen it."""
    person = fake.user(FAR, "李敏", "zh-hans")
    await person.start()
    fake.world.updates.drop_all()
    return person
