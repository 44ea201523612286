"""Updates by polling: confirmed by an offset, waited for, refused to a second poller."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.channels.telegram_fake.caller import Caller, Refusal, StandingClock
from tests.fakes.telegram import FakeTelegram, User

ACTIVE = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"


def ids(updates: list[Any]) -> list[int]:
    return [update["update_id"] for update in updates]


async def test_an_offset_confirms(fake: FakeTelegram, call: Caller, user: User) -> None:
    first, second, third = [await user.says(text) for text in "abc"]
    assert ids(await call("getUpdates", limit=2)) == [first, second]
    assert ids(await call("getUpdates")) == [first, second, third]
    assert ids(await call("getUpdates", offset=second + 1)) == [third]
    assert ids(await call("getUpdates")) == [third]
    assert ids(await call("getUpdates", offset=-1)) == [third]
    assert await call("getUpdates", offset=third + 1) == []
    await fake.drained()


async def test_a_long_poll_answers_as_soon_as_there_is_something(call: Caller, user: User) -> None:
    poll = asyncio.create_task(call("getUpdates", timeout=30))
    await asyncio.sleep(0.05)
    update = await user.says("now")
    assert ids(await asyncio.wait_for(poll, 20)) == [update]


async def test_a_newer_poll_ends_the_older(fake: FakeTelegram, call: Caller, user: User) -> None:
    older = asyncio.create_task(call.refused("getUpdates", timeout=30))
    await fake.called("getUpdates")
    newer = asyncio.create_task(call("getUpdates", timeout=30))
    refused = await asyncio.wait_for(older, 20)
    assert refused == Refusal(
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    update = await user.says("for the newer one")
    assert ids(await asyncio.wait_for(newer, 20)) == [update]


async def test_a_webhook_ends_polling(fake: FakeTelegram, call: Caller) -> None:
    poll = asyncio.create_task(call.refused("getUpdates", timeout=30))
    await fake.called("getUpdates")
    await call("setWebhook", url="https://bot.example/hook")
    assert (await asyncio.wait_for(poll, 20)).description == "Conflict: terminated by setWebhook request"
    assert await call.refused("getUpdates") == Refusal(409, ACTIVE)
    await call("deleteWebhook")
    assert await call("getUpdates") == []


async def test_a_poll_ends_with_the_server() -> None:
    async with FakeTelegram(token="123:abc") as fake:
        call = Caller(fake.api_base, fake.token)
        poll = asyncio.create_task(call("getUpdates", timeout=30))
        await fake.called("getUpdates")
    assert await asyncio.wait_for(poll, 20) == []
    await call.client.aclose()


async def test_only_what_was_asked_for_comes(call: Caller, user: User) -> None:
    await call("getUpdates", allowed_updates=["callback_query"])
    assert await user.says("unheard") == 0
    tap = await user.taps_data("x")
    assert ids(await call("getUpdates")) == [tap]
    await call("getUpdates", allowed_updates=[], offset=tap + 1)
    assert await user.says("heard") > tap


async def test_updates_have_a_life(call: Caller, user: User, clock: StandingClock) -> None:
    text, _tap = await user.says("x"), await user.taps_data("x")
    clock.passes(151)
    assert ids(await call("getUpdates")) == [text]
    clock.passes(86_400)
    assert await call("getUpdates") == []


async def test_anything_can_be_injected(fake: FakeTelegram, call: Caller, user: User) -> None:
    unknown = fake.inject({"moon_phase": {"full": True}})
    assert await call("getUpdates") == [{"update_id": unknown, "moon_phase": {"full": True}}]
    first = await user.says("once")
    body = (await call("getUpdates", offset=unknown + 1))[0]
    await call("getUpdates", offset=first + 1)
    assert fake.inject(body) == first
    assert await call("getUpdates", offset=first + 1) == [body]
    assert await call("getUpdates", offset=first + 1) == []


@pytest.mark.parametrize(
    ("url", "secret", "wrong"),
    [
        ("https://bot.example/", "s" * 257, "secret token is too long"),
        ("https://bot.example/", "naïve", "secret token contains unallowed characters"),
        ("http://bot.example/", "", "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            "https://bot.example:81/",
            "",
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        ("nowhere", "", "invalid webhook URL specified"),
    ],
)
async def test_webhooks_that_are_none(call: Caller, url: str, secret: str, wrong: str) -> None:
    refused = await call.refused("setWebhook", url=url, secret_token=secret)
    assert refused == Refusal(400, f"Bad Request: {wrong}")
