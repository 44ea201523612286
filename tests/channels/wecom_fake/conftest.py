from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.channels.wecom_fake.app import CALLBACK, Callbacks, Caller, Clock
from tests.fakes.wecom import FakeWeCom, User


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app() -> Callbacks:
    return Callbacks()


@pytest.fixture
async def fake(clock: Clock, app: Callbacks) -> AsyncIterator[FakeWeCom]:
    made = FakeWeCom(clock=clock, callback_url=CALLBACK, transport=app.transport)
    app.of(made)
    async with made:
        yield made


@pytest.fixture
async def api(fake: FakeWeCom) -> AsyncIterator[Caller]:
    """An app that has its token."""
    caller = Caller(fake)
    await caller.get_token()
    yield caller
    await caller.http.aclose()


@pytest.fixture
def li(fake: FakeWeCom) -> User:
    return fake.user("LiMin", name="李敏")
