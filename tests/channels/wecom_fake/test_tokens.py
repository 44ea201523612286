from __future__ import annotations

import pytest

from tests.channels.wecom_fake.app import Caller, Clock
from tests.fakes.wecom import FakeWeCom


async def test_a_token_lives_two_hours(fake: FakeWeCom, api: Caller, clock: Clock) -> None:
    fake.user("LiMin")
    assert (await api.get("user/get", userid="LiMin"))["errcode"] == 0
    clock.advance(7199)
    assert (await api.get("user/get", userid="LiMin"))["errcode"] == 0
    clock.advance(1)
    assert (await api.get("user/get", userid="LiMin"))["errcode"] == 42001


async def test_a_second_fetch_gets_the_same_with_what_is_left(
    fake: FakeWeCom, api: Caller, clock: Clock
) -> None:
    first = api.token
    clock.advance(100)
    again = await api.get_token()
    assert (again["access_token"], again["expires_in"]) == (first, 7100)
    assert len(fake.calls_of("gettoken")) == 2


@pytest.mark.parametrize(("reuse", "first_is"), [("new", 0), ("revoke", 40014)])
async def test_or_a_new_one(fake: FakeWeCom, api: Caller, reuse: str, first_is: int) -> None:
    fake.state.token_reuse = "new" if reuse == "new" else "revoke"
    first = api.token
    await api.get_token()
    assert api.token != first
    api.token = first
    assert (await api.get("getcallbackip"))["errcode"] == first_is


@pytest.mark.parametrize("errcode", [42001, 40014])
async def test_forced_expiry_lasts_until_the_next_fetch(fake: FakeWeCom, api: Caller, errcode: int) -> None:
    fake.expire_tokens(errcode)
    assert (await api.get("getcallbackip"))["errcode"] == errcode
    await api.get_token()
    assert (await api.get("getcallbackip"))["ip_list"] == ["127.0.0.1"]


async def test_missing_and_invented_tokens(api: Caller) -> None:
    api.token = ""
    assert (await api.get("getcallbackip"))["errcode"] == 41001
    api.token = "invented"
    assert (await api.get("getcallbackip"))["errcode"] == 40014


async def test_wrong_secrets_shut_the_address_out_for_an_hour(api: Caller, clock: Clock) -> None:
    assert (await api.get_token(corpid="wwother"))["errcode"] == 40013
    for _ in range(5):
        assert (await api.get_token(corpsecret="wrong"))["errcode"] == 40001
    assert (await api.get_token())["errcode"] == 45009
    clock.advance(3600)
    assert (await api.get_token())["errcode"] == 0


async def test_an_address_that_is_not_trusted(fake: FakeWeCom, api: Caller) -> None:
    fake.state.untrusted_ip = True
    assert (await api.get("getcallbackip"))["errcode"] == 60020
    assert (await api.get_token())["errcode"] == 0


async def test_calls_are_recorded(fake: FakeWeCom, api: Caller, clock: Clock) -> None:
    await api.send(touser="nobody")
    call = fake.calls[-1]
    assert (call.endpoint, call.method, call.errcode, call.status) == ("message/send", "POST", 81013, 200)
    assert (call.payload["touser"], call.at) == ("nobody", clock())


async def test_what_does_not_exist(api: Caller) -> None:
    assert (await api.raw("message/shout", {})).status_code == 404
    assert (await api.get("message/send"))["errcode"] == 40035  # POST sent as GET
