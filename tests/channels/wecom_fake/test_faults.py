from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.channels.wecom_fake.app import Caller
from tests.fakes.wecom import FakeWeCom, User, faults


@pytest.mark.parametrize("code", [-1, 45009, 45033, 40014, 42001, 60020])
async def test_an_errcode_once(fake: FakeWeCom, api: Caller, li: User, code: int) -> None:
    fake.faults.once("message/send", faults.errcode(code))
    assert (await api.send())["errcode"] == code
    assert li.chat == []
    assert (await api.send())["errcode"] == 0
    assert [call.fault for call in fake.calls_of("message/send")] == [f"errcode:{code}", ""]


async def test_n_times_and_until_cleared(fake: FakeWeCom, api: Caller, li: User) -> None:
    fake.faults.times("message/send", 2, faults.errcode(-1))
    assert [(await api.send())["errcode"] for _ in range(3)] == [-1, -1, 0]
    script = fake.faults.always("*", faults.errcode(45009))
    assert [(await api.send())["errcode"] for _ in range(3)] == [45009] * 3
    assert (await api.get_token())["errcode"] == 45009
    script.clear()
    assert (await api.send())["errcode"] == 0
    assert script.hits == 4


async def test_for_one_person_only(fake: FakeWeCom, api: Caller, li: User) -> None:
    fake.user("WangFang")
    fake.faults.always(
        "message/send", faults.errcode(-1), when=lambda call: call.payload["touser"] == "LiMin"
    )
    assert (await api.send())["errcode"] == -1
    assert (await api.send(touser="WangFang"))["errcode"] == 0


async def test_broken_servers(fake: FakeWeCom, api: Caller) -> None:
    fake.faults.once("message/send", faults.http(500))
    fake.faults.once("message/send", faults.bad_gateway())
    assert (await api.raw("message/send", {})).status_code == 500
    answer = await api.raw("message/send", {})
    assert (answer.status_code, answer.text[:6]) == (502, "<html>")


@pytest.mark.parametrize("acts", [False, True])
async def test_a_reset_before_or_after_acting(fake: FakeWeCom, api: Caller, li: User, acts: bool) -> None:
    fake.faults.once("message/send", faults.reset(acts=acts))
    with pytest.raises(httpx.NetworkError):
        await api.send()
    assert len(li.chat) == int(acts)
    assert (await api.send())["errcode"] == 0


async def test_half_an_answer(fake: FakeWeCom, api: Caller, li: User) -> None:
    fake.faults.once("message/send", faults.cut())
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        await api.send()
    assert len(li.chat) == 1


async def test_a_hanging_server_acts_on_nothing(fake: FakeWeCom, api: Caller, li: User) -> None:
    fake.faults.once("message/send", faults.hang())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await api.send()
    assert li.chat == []


async def test_whoever_hangs_is_let_go(fake: FakeWeCom, api: Caller) -> None:
    script = fake.faults.once("message/send", faults.hang())
    hanging = asyncio.create_task(api.send())
    await script.struck()
    fake.faults.clear()
    with pytest.raises(httpx.NetworkError):
        await hanging


async def test_held_calls_act_when_they_may(fake: FakeWeCom, api: Caller, li: User) -> None:
    fake.state.max_concurrent = 2
    script = fake.faults.times("message/send", 2, faults.hold())
    held = [asyncio.create_task(api.send()) for _ in range(2)]
    await script.struck(2)
    assert li.chat == []
    assert (await api.send())["errcode"] == 45033
    script.clear()
    assert [answer["errcode"] for answer in await asyncio.gather(*held)] == [0, 0]
    assert len(li.chat) == 2


async def test_stopping_does_not_wait_for_the_hanging() -> None:
    async with FakeWeCom() as fake:
        script = fake.faults.always("*", faults.hang())
        caller = Caller(fake)
        hanging = asyncio.create_task(caller.get_token())
        await script.struck()
    with pytest.raises(httpx.NetworkError):
        await hanging
    await caller.http.aclose()
