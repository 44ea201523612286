"""The silent login: an address that brings a code, and a code that says who it is, once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from bot.channels.base import ChannelError
from bot.channels.wecom.client import App, Client
from bot.channels.wecom.login import authorize_url, who
from storage.lane import Lane
from tests.fakes.wecom import FakeWeCom

APP = App("ww1", 1000002, "s", "https://qyapi.weixin.qq.com/cgi-bin/")
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def fake() -> AsyncIterator[FakeWeCom]:
    async with FakeWeCom() as made:
        yield made


@pytest.fixture
async def api(fake: FakeWeCom, lane: Lane) -> AsyncIterator[Client]:
    made = Client(App(fake.corp_id, fake.agent_id, fake.secret, fake.api_base), lane)
    async with made.opened():
        yield made


def test_the_address_asks_for_no_more_than_who_it_is() -> None:
    url = urlsplit(authorize_url(APP, "https://care.example.org/login?a=b&c", "S7"))
    asked = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (url.scheme, url.netloc, url.fragment) == ("https", "open.weixin.qq.com", "wechat_redirect")
    assert asked["redirect_uri"] == "https://care.example.org/login?a=b&c"
    assert (asked["scope"], asked["state"], asked["appid"]) == ("snsapi_base", "S7", "ww1")


@pytest.mark.parametrize("state", ["", "a b", "a&b", "x" * 129, "a\n"])
def test_a_state_that_would_not_come_back_is_refused(state: str) -> None:
    with pytest.raises(ValueError, match="state"):
        authorize_url(APP, "https://care.example.org", state)


@SQLITE
async def test_a_code_says_who_it_is_and_works_once(fake: FakeWeCom, api: Client) -> None:
    code = fake.user("LiMin").login_code()
    assert await who(api, code) == "limin"
    with pytest.raises(ChannelError) as caught:
        await who(api, code)
    assert caught.value.permanent


@SQLITE
async def test_somebody_who_is_no_member_is_nobody(fake: FakeWeCom, api: Client) -> None:
    assert await who(api, fake.stranger_code()) is None
    with pytest.raises(ChannelError):
        await who(api, "made-up")
