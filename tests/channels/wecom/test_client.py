"""Calls of the API: one token for everybody, every failure as what it means, and nothing secret said."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
import structlog

from bot.channels.base import ChannelError
from bot.channels.wecom import access, cards, client
from bot.channels.wecom.access import Refusal
from bot.channels.wecom.client import TIMEOUT, App, Client
from bot.logs import set_up_logs
from storage.clock import lease_now
from storage.lane import Lane
from storage.tables.counties import Setting
from tests.fakes.wecom import FakeWeCom
from tests.fakes.wecom.faults import Fault, bad_gateway, cut, errcode, hang, http, reset

SECRET = "a-secret-of-the-tests"
SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no vendor that says nothing."""
    monkeypatch.setattr(client, "TIMEOUT", httpx.Timeout(60.0))


class Hands:
    """The clock of tokens, which the test moves: how long its own steps take is nothing to it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.at = lease_now()
        monkeypatch.setattr(access, "lease_now", lambda: self.at)

    def seconds(self) -> float:
        return self.at.timestamp()


@pytest.fixture
def hands(fake: FakeWeCom, monkeypatch: pytest.MonkeyPatch) -> Hands:
    hands = Hands(monkeypatch)
    fake.state.clock = hands.seconds
    return hands


@pytest.fixture
async def fake() -> AsyncIterator[FakeWeCom]:
    async with FakeWeCom(secret=SECRET) as made:
        made.user("LiMin")
        yield made


def app_of(fake: FakeWeCom) -> App:
    return App(fake.corp_id, fake.agent_id, fake.secret, fake.api_base)


@asynccontextmanager
async def opened(app: App, lane: Lane) -> AsyncIterator[Client]:
    made = Client(app, lane)
    made.open()
    yield made
    await made.close()


@pytest.fixture
async def api(fake: FakeWeCom, lane: Lane) -> AsyncIterator[Client]:
    async with opened(app_of(fake), lane) as made:
        yield made


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(stream), cache_logger_on_first_use=False)
    yield stream
    structlog.reset_defaults()


def text(fake: FakeWeCom, words: str = "今日") -> cards.Payload:
    (payload,) = cards.texts(cards.Recipient("limin", fake.agent_id, once=False), words)
    return payload


def tokens(fake: FakeWeCom) -> int:
    return len(fake.calls_of("gettoken"))


async def failure_of(api: Client, fake: FakeWeCom) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        await api.send(text(fake))
    return caught.value


# --- the token -----------------------------------------------------------------------------------------------------


async def test_a_hundred_callers_in_three_processes_fetch_one_token(fake: FakeWeCom, lane: Lane) -> None:
    processes = [Client(app_of(fake), lane) for _ in range(3)]
    for each in processes:
        each.open()
    await asyncio.gather(*(processes[n % 3].send(text(fake)) for n in range(100)))
    assert tokens(fake) == 1
    assert len(fake.calls_of("message/send")) == 100

    fake.expire_tokens()
    await asyncio.gather(*(processes[n % 3].send(text(fake)) for n in range(100)))
    assert tokens(fake) == 2
    assert sum(call.errcode == 0 for call in fake.calls_of("message/send")) == 200
    for each in processes:
        await each.close()


@pytest.mark.parametrize("code", [42001, 40014, 41001, 40001])
@SQLITE
async def test_a_refused_token_is_fetched_anew_once_and_the_call_made_once_more(
    fake: FakeWeCom, api: Client, code: int
) -> None:
    await api.send(text(fake))
    fake.faults.once("message/send", errcode(code))
    await api.send(text(fake))
    assert (tokens(fake), len(fake.calls_of("message/send"))) == (2, 3)


@SQLITE
async def test_a_token_that_is_refused_twice_is_not_asked_for_for_ever(fake: FakeWeCom, api: Client) -> None:
    fake.faults.always("message/send", errcode(40014))
    error = await failure_of(api, fake)
    assert not error.permanent
    assert (tokens(fake), len(fake.calls_of("message/send"))) == (2, 2)


async def test_a_token_is_found_by_the_next_process_and_kept_sealed(
    fake: FakeWeCom, api: Client, lane: Lane
) -> None:
    await api.send(text(fake))
    async with opened(app_of(fake), lane) as other:
        await other.send(text(fake))
    assert tokens(fake) == 1
    row = await lane.read(lambda session: session.get_one(Setting, access.KEY))
    (token,) = fake.state.tokens
    assert row.key.startswith("wecom")
    assert token.encode() not in bytes.fromhex(row.value)
    assert SECRET.encode() not in bytes.fromhex(row.value)


@SQLITE
async def test_a_token_is_fetched_five_minutes_early(fake: FakeWeCom, api: Client, hands: Hands) -> None:
    await api.send(text(fake))
    begun = hands.at
    for later, fetched in ((6890, 1), (6910, 2), (6950, 2)):
        hands.at = begun + timedelta(seconds=later)
        await api.send(text(fake))
        assert tokens(fake) == fetched, later


async def test_a_wrong_secret_is_tried_once_and_then_left_alone_for_longer_and_longer(
    fake: FakeWeCom, lane: Lane, log: io.StringIO, hands: Hands
) -> None:
    wrong = replace(app_of(fake), secret="wrong-secret")
    async with opened(wrong, lane) as first, opened(wrong, lane) as second:
        errors = [await failure_of(api, fake) for api in (first, second, first, second)]
        assert tokens(fake) == 1
        assert all(error.everywhere and not error.permanent for error in errors)
        assert all(timedelta(seconds=50) < (error.retry_after or timedelta()) for error in errors)
        hands.at += timedelta(seconds=61)
        error = await failure_of(second, fake)
        assert tokens(fake) == 2
        assert (error.retry_after or timedelta()) > timedelta(minutes=50)
    assert log.getvalue().count("token_refused") == 2
    assert "wrong-secret" not in log.getvalue()
    async with opened(app_of(fake), lane) as mended:  # the right secret does not wait for the wrong one
        await mended.send(text(fake))


@SQLITE
async def test_who_waits_for_a_token_that_cannot_be_had_is_told_at_once(fake: FakeWeCom, api: Client) -> None:
    fake.faults.once("gettoken", bad_gateway())
    outcomes = await asyncio.gather(*(api.send(text(fake)) for _ in range(20)), return_exceptions=True)
    assert tokens(fake) == 1
    assert {str(outcome) for outcome in outcomes} == {"HTTP 502"}
    await api.send(text(fake))  # and the next one asks again


@SQLITE
async def test_a_process_that_died_while_fetching_holds_up_nobody_for_long(
    fake: FakeWeCom, api: Client, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = app_of(fake).fingerprint
    await lane.run(lambda session: access._take(session, app, "dead", None))
    monkeypatch.setattr(access, "LOOK_AGAIN", 0.01)
    waiting = asyncio.create_task(api.send(text(fake)))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    real = lease_now
    monkeypatch.setattr(access, "lease_now", lambda: real() + timedelta(seconds=access.LEASE))
    await waiting


# --- failures ------------------------------------------------------------------------------------------------------

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


ODD = [http(200, body) for body in ("<html>", "[1]", "{}", '{"errcode":"0"}')]


@pytest.mark.parametrize("fault", [bad_gateway(), http(500), http(429), reset(), cut(), *ODD])
@SQLITE
async def test_what_is_no_answer_is_a_passing_trouble(fake: FakeWeCom, api: Client, fault: Fault) -> None:
    fake.faults.once("message/send", fault)
    error = await failure_of(api, fake)
    assert (error.permanent, error.unreachable, error.retry_after) == (False, False, None)
    assert error.uncertain  # the message may be there
    await api.send(text(fake))


@pytest.mark.parametrize("endpoint", ["gettoken", "media/upload"])
@SQLITE
async def test_what_is_no_answer_to_another_call_leaves_no_doubt(
    fake: FakeWeCom, lane: Lane, endpoint: str
) -> None:
    fake.faults.once(endpoint, bad_gateway())
    async with opened(app_of(fake), lane) as api:
        with pytest.raises(ChannelError) as raised:
            await api.upload("file", "a.txt", b"content")
    assert not raised.value.uncertain


@SQLITE
async def test_a_server_that_takes_and_says_nothing_is_given_up(
    fake: FakeWeCom, api: Client, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.send(text(fake))  # there is a token: only the call that nobody answers is made in a hurry
    monkeypatch.setattr(client, "TIMEOUT", httpx.Timeout(60.0, read=0.1))
    fake.faults.once("message/send", hang())
    async with opened(app_of(fake), lane) as api:
        error = await failure_of(api, fake)
        assert (str(error), error.uncertain) == ("ReadTimeout", True)


def test_calls_are_given_up_after_fifteen_seconds_and_connections_after_five() -> None:
    assert (TIMEOUT.read, TIMEOUT.connect) == (15.0, 5.0)
    assert access.LEASE >= 25


async def test_a_host_that_is_not_there_is_a_passing_trouble(fake: FakeWeCom, lane: Lane) -> None:
    async with opened(replace(app_of(fake), api_base="http://127.0.0.1:9/cgi-bin"), lane) as api:
        error = await failure_of(api, fake)
        assert (str(error), error.uncertain) == ("ConnectError", False)


@pytest.mark.parametrize(
    ("code", "permanent", "unreachable", "pause", "everywhere"),
    [
        (-1, False, False, None, False),
        (6000, False, False, None, False),
        (45033, False, False, timedelta(seconds=1), True),
        (45009, False, False, MINUTE, True),
        (45011, False, False, MINUTE, True),
        (81013, False, True, None, False),
        (60111, False, True, None, False),
        (40003, False, True, None, False),
        (60020, False, False, 2 * MINUTE, True),
        (48002, False, False, 2 * MINUTE, True),
        (50003, False, False, 2 * MINUTE, True),
        (60011, False, False, 2 * MINUTE, False),
        (50002, False, False, 2 * MINUTE, False),
        (44004, True, False, None, False),
        (42031, True, False, None, False),
        (60140, True, False, None, False),
        (99999, False, False, None, False),
    ],
)
@SQLITE
async def test_an_errcode_becomes_what_it_means(
    fake: FakeWeCom, api: Client, code: int, permanent: bool, unreachable: bool, pause: Any, everywhere: bool
) -> None:
    fake.faults.once("message/send", errcode(code))
    error = await failure_of(api, fake)
    assert isinstance(error, Refusal)
    assert error.code.number == code
    assert (error.permanent, error.unreachable) == (permanent, unreachable)
    assert (error.retry_after, error.everywhere) == (pause, everywhere)
    assert len(error.reason) <= 80


@SQLITE
async def test_a_block_that_is_not_over_after_a_minute_is_one_of_an_hour(
    fake: FakeWeCom, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = fake.faults.always("message/send", errcode(45009))
    many = await asyncio.gather(*(api.send(text(fake)) for _ in range(20)), return_exceptions=True)
    assert {getattr(error, "retry_after", None) for error in many} == {MINUTE}
    real = lease_now
    monkeypatch.setattr(client, "lease_now", lambda: real() + timedelta(seconds=61))
    assert (await failure_of(api, fake)).retry_after == HOUR
    script.clear()
    monkeypatch.setattr(client, "lease_now", lambda: real() + 2 * HOUR)
    await api.send(text(fake))
    fake.faults.once("message/send", errcode(45009))
    assert (await failure_of(api, fake)).retry_after == MINUTE


@SQLITE
async def test_an_address_that_was_banned_for_wrong_secrets_waits(
    fake: FakeWeCom, api: Client, hands: Hands
) -> None:
    fake.faults.always("gettoken", errcode(45009))
    for _ in range(3):
        error = await failure_of(api, fake)
        assert error.everywhere
        assert timedelta(seconds=50) < (error.retry_after or timedelta()) <= MINUTE
    assert tokens(fake) == 1


# --- what is said --------------------------------------------------------------------------------------------------


@SQLITE
async def test_requests_are_real_utf8_and_the_same_bytes_each_time(fake: FakeWeCom, api: Client) -> None:
    await api.send(text(fake, "龑😀"))
    await api.send(text(fake, "龑😀"))
    first, second = fake.calls_of("message/send")
    assert first.raw == second.raw
    assert "龑😀".encode() in first.raw


@SQLITE
async def test_files_go_out_and_come_in_whole(fake: FakeWeCom, api: Client) -> None:
    content = bytes(range(256)) * 300
    media_id = await api.upload("file", "工作手册.xlsx", content)
    assert await api.download(media_id) == content
    assert fake.state.media[media_id].file.name == "工作手册.xlsx"
    with pytest.raises(ChannelError) as caught:
        await api.download("no-such-medium")
    assert caught.value.permanent
    assert not caught.value.too_large


@SQLITE
async def test_a_file_is_as_large_as_wecom_says_or_too_large(fake: FakeWeCom, api: Client) -> None:
    at_most = bytes(20 * 1024 * 1024)
    media_id = await api.upload("file", "名册.xlsx", at_most)
    assert await api.download(media_id) == at_most
    with pytest.raises(ChannelError):
        await api.upload("file", "名册.xlsx", at_most + b"0")
    larger = fake.state.keep_media("file", "名册.xlsx", at_most + b"0")  # what somebody sent in the app
    with pytest.raises(ChannelError) as caught:
        await api.download(larger)
    assert (caught.value.permanent, caught.value.too_large) == (True, True)
    assert await api.download(media_id) == at_most, "the connection is good for the next call"


@SQLITE
async def test_an_endless_answer_that_is_no_file_says_nothing_of_a_file(fake: FakeWeCom, api: Client) -> None:
    media_id = fake.state.keep_media("file", "名册.xlsx", b"PK")
    fake.faults.once("media/get", http(200, "0" * (1024 * 1024 + 1)))
    with pytest.raises(ChannelError) as caught:
        await api.download(media_id)
    assert (caught.value.permanent, caught.value.too_large) == (True, False)


@SQLITE
async def test_no_token_and_no_secret_is_ever_said(
    fake: FakeWeCom, api: Client, log: io.StringIO, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    set_up_logs("DEBUG")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(log), cache_logger_on_first_use=False)
    said = []
    faults = [errcode(c) for c in (42001, 60020, 45009, 40001, -1)]
    for fault in [*faults, bad_gateway(), reset(), cut(), http(500, SECRET)]:
        fake.faults.times("message/send", 2, fault)
        error = await failure_of(api, fake)
        fake.faults.clear()
        said.append(f"{error!r} {error} {getattr(error, '__context__', '')}")
    everything = log.getvalue() + caplog.text + "".join(said)
    assert "channel_refused" in everything
    for secret in (SECRET, *fake.state.tokens):
        assert secret not in everything
    assert SECRET not in repr(api.app)
