"""Faults by script, and floods."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.channels.telegram_fake.caller import Caller, Refusal, StandingClock
from tests.fakes.telegram import FakeTelegram, User

FAR = 7_000_000_001


async def say(call: Caller, chat: int = FAR) -> int:
    """Send a message; the status of the answer."""
    return (await call.answer("sendMessage", chat_id=chat, text="x")).status_code


async def test_told_to_wait(fake: FakeTelegram, call: Caller, user: User, clock: StandingClock) -> None:
    fake.faults.too_many(30, method="sendMessage", chat=user.id)
    answer = await call.answer("sendMessage", chat_id=user.id, text="x")
    assert (answer.status_code, answer.json()) == (
        429,
        {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 30",
            "parameters": {"retry_after": 30},
        },
    )
    clock.passes(29)
    assert (await say(call), len(fake.early_calls)) == (429, 1)
    clock.passes(1)
    assert (await say(call), len(fake.early_calls)) == (200, 1)


async def test_errors_and_a_page_of_html(fake: FakeTelegram, call: Caller, user: User) -> None:
    fake.faults.server_error(method="sendMessage", times=2)
    assert [await say(call) for _ in range(3)] == [500, 500, 200]
    fake.faults.bad_gateway(chat=user.id)
    page = await call.answer("sendMessage", chat_id=user.id, text="x")
    assert (page.status_code, page.text[:6]) == (502, "<html>")
    fake.faults.unauthorized(method="getMe")
    assert await call.refused("getMe") == Refusal(401, "Unauthorized")
    fake.faults.conflict()
    assert (await call.refused("getUpdates")).code == 409
    poison = fake.faults.refuse(
        400, "Bad Request: can't parse entities: no", method="sendMessage", times=None
    )
    assert [await say(call) for _ in range(2)] == [400, 400]
    fake.faults.clear(poison)
    assert await say(call) == 200
    assert poison.hits == 2


async def test_a_fault_keeps_to_its_chat(fake: FakeTelegram, call: Caller, user: User) -> None:
    await fake.user(8).start()
    fake.faults.server_error(chat=user.id, times=None)
    assert (await say(call), await say(call, 8)) == (500, 200)
    fake.faults.clear()
    assert await say(call) == 200


@pytest.mark.parametrize("after_acting", [False, True])
async def test_a_torn_connection(fake: FakeTelegram, call: Caller, user: User, after_acting: bool) -> None:
    fake.faults.reset(method="sendMessage", after_acting=after_acting)
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        await say(call)
    assert len(user.told) == int(after_acting)
    assert fake.calls[-1].status is None
    assert await say(call) == 200


async def test_half_an_answer(fake: FakeTelegram, call: Caller, user: User) -> None:
    fake.faults.cut(method="sendMessage")
    answer = await call.answer("sendMessage", chat_id=user.id, text="x")
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|delimiter"):
        answer.json()
    assert len(user.told) == 1


async def test_silence_until_released(fake: FakeTelegram, call: Caller, user: User) -> None:
    fault = fake.faults.hang(method="sendMessage")
    waiting = asyncio.create_task(say(call))
    await fake.called("sendMessage")
    assert user.told == []
    fault.release()
    assert await asyncio.wait_for(waiting, 20) == 200
    assert len(user.told) == 1


@pytest.mark.parametrize("after_acting", [False, True])
async def test_silence_until_the_client_gives_up(
    fake: FakeTelegram, call: Caller, user: User, after_acting: bool
) -> None:
    fault = fake.faults.hang(method="sendMessage", after_acting=after_acting)
    waiting = asyncio.create_task(say(call))
    while not fault.hits or len(user.told) < int(after_acting):  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    fault.release()
    assert len(user.told) == int(after_acting)


async def test_silence_ends_with_the_server() -> None:
    async with FakeTelegram(token="123:abc") as fake:
        call = Caller(fake.api_base, fake.token)
        fake.faults.hang(method="getMe")
        waiting = asyncio.create_task(call("getMe"))
        await fake.called("getMe")
    with pytest.raises(httpx.TransportError):
        await asyncio.wait_for(waiting, 20)
    await call.client.aclose()


# --- floods -----------------------------------------------------------------------------------------------------


@pytest.fixture
async def strict(clock: StandingClock) -> AsyncIterator[tuple[FakeTelegram, Caller]]:
    """As the server is unless told otherwise."""
    async with FakeTelegram(token="123:abc", clock=clock) as fake:
        call = Caller(fake.api_base, fake.token)
        await fake.user(FAR).start()
        yield fake, call
        await call.client.aclose()


async def test_one_a_second_per_chat_after_a_burst(
    strict: tuple[FakeTelegram, Caller], clock: StandingClock
) -> None:
    fake, call = strict
    assert [await say(call) for _ in range(3)] == [200] * 3
    assert await call.refused("sendMessage", chat_id=FAR, text="x") == Refusal(
        429, "Too Many Requests: retry after 1"
    )
    assert (await say(call), len(fake.early_calls)) == (429, 1)
    message: Any = {"chat_id": FAR, "message_id": fake.user(FAR).told[-1].id}
    await call("editMessageText", **message, text="edits are free")
    clock.passes(1)
    assert [await say(call) for _ in range(2)] == [200, 429]
    clock.passes(10)
    assert [await say(call) for _ in range(4)] == [200, 200, 200, 429]


async def test_thirty_a_second_overall(strict: tuple[FakeTelegram, Caller], clock: StandingClock) -> None:
    fake, call = strict
    people = [fake.user(100 + number) for number in range(31)]
    for person in people:
        await person.start()
    assert [await say(call, person.id) for person in people] == [200] * 30 + [429]
    assert await say(call, people[0].id) == 429
    clock.passes(1)
    assert await say(call, people[30].id) == 200


async def test_twenty_a_minute_per_group(strict: tuple[FakeTelegram, Caller], clock: StandingClock) -> None:
    fake, call = strict
    group = fake.group(-1_001_234_567_890)
    assert [await say(call, group.id) for _ in range(21)] == [200] * 20 + [429]
    assert (await say(call), len(fake.early_calls)) == (200, 0)
    clock.passes(60)
    assert await say(call, group.id) == 200
