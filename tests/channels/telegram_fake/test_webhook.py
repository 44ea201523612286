"""Updates by webhook: the secret, the order, the repeats, and when one is given up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tests.channels.telegram_fake.caller import Caller, StandingClock
from tests.fakes.telegram import FakeTelegram, User

URL = "http://127.0.0.1:1/hook"


@dataclass
class Hook(httpx.AsyncBaseTransport):
    """The product's end: answers by script and keeps what came."""

    answers: Callable[[Any], httpx.Response] = lambda body: httpx.Response(200)
    bodies: list[Any] = field(default_factory=list)
    secrets: list[str | None] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(await request.aread())
        self.bodies.append(body)
        self.secrets.append(request.headers.get("x-telegram-bot-api-secret-token"))
        return self.answers(body)

    @property
    def ids(self) -> list[int]:
        return [body["update_id"] for body in self.bodies]

    def fails(self, update: int, times: int, status: int = 500, **headers: str) -> None:
        """Refuse one update so many times."""
        left = [times]

        def answers(body: Any) -> httpx.Response:
            if body["update_id"] == update and left[0]:
                left[0] -= 1
                return httpx.Response(status, headers=headers)
            return httpx.Response(200)

        self.answers = answers


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
async def fake(clock: StandingClock, hook: Hook) -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(token="123:abc", clock=clock, floods=False, webhook_transport=hook) as running:
        yield running


@pytest.fixture
async def other(fake: FakeTelegram, user: User) -> User:
    second = fake.user(7_000_000_002, "王建国")
    await second.start()
    fake.world.updates.drop_all()
    return second


async def test_each_update_comes_with_the_secret(
    fake: FakeTelegram, call: Caller, user: User, hook: Hook
) -> None:
    await call("setWebhook", url=URL, secret_token="s3cret-_")
    update = await user.says("x")
    await fake.drained()
    assert (hook.ids, hook.secrets) == ([update], ["s3cret-_"])
    assert hook.bodies[0]["message"]["from"]["language_code"] == "zh-hans"
    info = await call("getWebhookInfo")
    assert (info["url"], info["pending_update_count"], info["max_connections"]) == (URL, 0, 40)


async def test_a_failing_update_holds_up_its_chat_and_no_other(
    fake: FakeTelegram, call: Caller, user: User, other: User, hook: Hook
) -> None:
    await call("setWebhook", url=URL)
    fake.delivery.pause()
    first, second, elsewhere = await user.says("1"), await user.says("2"), await other.says("3")
    hook.fails(first, times=3)
    fake.delivery.resume()
    await fake.drained()
    assert [update for update in hook.ids if update != elsewhere] == [first] * 4 + [second]
    assert hook.ids.index(elsewhere) < 3


async def test_what_went_wrong_is_told(fake: FakeTelegram, call: Caller, user: User, hook: Hook) -> None:
    await call("setWebhook", url=URL)
    hook.fails(await user.says("x"), times=2, status=503)
    await fake.drained()
    info = await call("getWebhookInfo")
    assert info["last_error_message"] == "Wrong response from the webhook: 503 Service Unavailable"
    assert info["last_error_date"] == int(fake.world.clock())
    assert [attempt.status for attempt in fake.delivery.attempts] == [503, 503, 200]


async def test_nobody_listens(clock: StandingClock) -> None:
    async with FakeTelegram(token="123:abc", clock=clock) as fake:
        call = Caller(fake.api_base, fake.token)
        await call("setWebhook", url=URL)
        await fake.user(7).start()
        await fake.world.bell.until(lambda: fake.delivery.attempts[1:] or None, 5)
        assert (await call("getWebhookInfo"))["last_error_message"] == "Connection refused"
        await call.client.aclose()


async def test_a_real_server_listens(clock: StandingClock) -> None:
    async with FakeTelegram(token="123:abc", clock=clock) as fake:
        call = Caller(fake.api_base, fake.token)
        await call("setWebhook", url=f"{fake.url}/nothing-here")
        await fake.user(7).start()
        await fake.world.bell.until(lambda: fake.delivery.attempts[1:] or None, 5)
        wrong = (await call("getWebhookInfo"))["last_error_message"]
        assert wrong == "Wrong response from the webhook: 404 Not Found"
        await call.client.aclose()


async def test_the_hook_may_ask_for_patience(
    fake: FakeTelegram, call: Caller, user: User, hook: Hook
) -> None:
    await call("setWebhook", url=URL)
    hook.fails(await user.says("x"), times=1, status=429, **{"Retry-After": "100"})
    loop = asyncio.get_running_loop()
    before = loop.time()
    await fake.drained()
    assert loop.time() - before >= 0.1  # a hundred seconds on the shortened clock


async def test_a_tap_is_given_up_early_and_a_message_late(
    fake: FakeTelegram, call: Caller, user: User, hook: Hook, clock: StandingClock
) -> None:
    await call("setWebhook", url=URL)
    hook.answers = lambda body: httpx.Response(500)
    tap, text = await user.taps_data("x"), await user.says("x")
    await fake.world.bell.until(lambda: fake.delivery.attempts[3:] or None, 5)
    clock.passes(149)
    await fake.world.bell.until(lambda: fake.delivery.dropped or None, 5)
    assert fake.delivery.dropped == [tap]
    clock.passes(86_400)
    await fake.drained()
    assert fake.delivery.dropped in ([tap], [tap, text])


async def test_many_copies_at_once(fake: FakeTelegram, call: Caller, user: User, hook: Hook) -> None:
    fake.delivery.copies = 20
    await call("setWebhook", url=URL)
    update = await user.says("x")
    await fake.drained()
    assert hook.ids == [update] * 20


async def test_out_of_order(fake: FakeTelegram, call: Caller, user: User, hook: Hook) -> None:
    fake.delivery.out_of_order = True
    fake.delivery.pause()
    await call("setWebhook", url=URL)
    sent = [await user.says(text) for text in "abc"]
    fake.delivery.resume()
    await fake.drained()
    assert hook.ids == sent[::-1]


async def test_a_new_webhook_takes_over(fake: FakeTelegram, call: Caller, user: User, hook: Hook) -> None:
    hook.answers = lambda body: httpx.Response(500)
    await call("setWebhook", url=URL)
    await user.says("x")
    await fake.world.bell.until(lambda: fake.delivery.attempts or None, 5)
    await call("setWebhook", url=URL + "2", drop_pending_updates=True)
    hook.answers = lambda body: httpx.Response(204)
    assert (await call("getWebhookInfo"))["pending_update_count"] == 0
    again = await user.says("y")
    await fake.drained()
    assert hook.ids[-1] == again
