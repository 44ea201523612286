"""The callback URL: what is not from WeCom is refused alike and in silence; what is has one effect, and one answer."""

from __future__ import annotations

import asyncio
import io
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import func
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select
from starlette.applications import Starlette

from bot.app import House
from bot.channels.base import Incoming
from bot.channels.wecom import callback as door
from bot.channels.wecom.callback import PATH
from bot.logs import set_up_logs
from storage.tables.mail import Inbox
from storage.tables.members import Address
from tests.fakes.wecom import Delivery, FakeWeCom
from tests.story.words import ON_SQLITE
from tests.wecom_town import WecomPhone, WecomTown, labels, wecom_town, words

CANARY = "金丝雀龑七三"


@pytest.fixture
async def county(house: House) -> AsyncIterator[WecomTown]:
    async with wecom_town(house) as town:
        yield town


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, ours and the libraries', as `serve` sets it up but at the most talkative level."""
    stream, handler = io.StringIO(), logging.StreamHandler()
    handler.setStream(stream)
    level = logging.root.level
    logging.root.addHandler(handler)
    logging.root.setLevel(logging.DEBUG)
    set_up_logs("DEBUG")
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(stream), cache_logger_on_first_use=False)
    yield stream
    logging.root.removeHandler(handler)
    logging.root.setLevel(level)
    structlog.reset_defaults()


async def handled(county: WecomTown) -> int:
    """How many events of this channel were taken."""

    def unit(session: Session) -> int:
        return session.exec(select(func.count()).select_from(Inbox).where(Inbox.channel == "wecom")).one()

    return await county.house.lane.read(unit)


# --- the check of the URL ------------------------------------------------------------------------------------------


@ON_SQLITE
async def test_the_url_is_verified_with_the_bare_plaintext_within_a_second(county: WecomTown) -> None:
    assert await county.fake.verify_url(), county.fake.verification


@ON_SQLITE
async def test_a_forged_check_is_refused_and_reflects_nothing(county: WecomTown) -> None:
    forge, courier = county.fake.forge, county.fake.courier
    sealed = courier.cipher.encrypt("<script>alert(1)</script>")
    old = courier.signed(sealed, at=time.time() - 901, echo=True)
    answers = [
        await forge.echo(),
        await forge.echo(sealed),
        await forge.raw_get({}),
        await forge.raw_get(
            {"echostr": CANARY, "msg_signature": CANARY, "timestamp": "x", "nonce": "\ud800"[:0]}
        ),
        await courier.get(old),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(403, b"")}
    good = await courier.get(courier.signed(sealed, echo=True))
    assert good.headers["content-type"].startswith("text/plain")
    assert good.content == b"<script>alert(1)</script>"


# --- what is refused -----------------------------------------------------------------------------------------------

Bad = Callable[[FakeWeCom], Awaitable[httpx.Response]]
BAD: dict[str, Bad] = {
    "wrong signature": lambda fake: fake.forge.wrong_signature(),
    "almost right signature": lambda fake: fake.forge.almost_right_signature(),
    "cut signature": lambda fake: fake.forge.cut_signature(),
    "no signature": lambda fake: fake.forge.no_signature(),
    "other token": lambda fake: fake.forge.other_token(),
    "old": lambda fake: fake.forge.old(),
    "ahead": lambda fake: fake.forge.ahead(),
    "an hour off": lambda fake: fake.forge.old(3600),
    "moved timestamp": lambda fake: fake.forge.moved_timestamp(),
    "other corp": lambda fake: fake.forge.other_corp(),
    "other key": lambda fake: fake.forge.other_key(),
    "bad padding": lambda fake: fake.forge.bad_padding(),
    "length overflow": lambda fake: fake.forge.length_overflow(),
    "bad base64": lambda fake: fake.forge.bad_base64(),
    "not a block": lambda fake: fake.forge.not_a_block(),
    "empty encrypt": lambda fake: fake.forge.empty_encrypt(),
    "flipped bit": lambda fake: fake.forge.flipped_bit(),
    "cut body": lambda fake: fake.forge.cut_body(),
    "garbage": lambda fake: fake.forge.garbage(),
    "no body": lambda fake: fake.forge.garbage(b""),
    "json": lambda fake: fake.forge.garbage(b'{"a": NaN}'),
    "inner garbage": lambda fake: fake.forge.inner_garbage(CANARY),
    "inner of another shape": lambda fake: fake.forge.inner_garbage(f"<xml><A>{CANARY}</A></xml>"),
    "for another app": lambda fake: fake.forge.sound(fake.forge.plain(AgentID=7)),
    "for another corp": lambda fake: fake.forge.sound(fake.forge.plain(ToUserName="wwother")),
    "entity bomb": lambda fake: fake.forge.entity_bomb(),
    "inner entity bomb": lambda fake: fake.forge.inner_entity_bomb(),
    "external entity": lambda fake: fake.forge.external_entity(),
    "deep": lambda fake: fake.forge.deep(),
    "oversized": lambda fake: fake.forge.huge(1024 * 1024),
}


@ON_SQLITE
async def test_whatever_is_wrong_the_refusal_is_the_same_and_nothing_is_said(
    county: WecomTown, log: io.StringIO
) -> None:
    fake, before = county.fake, await handled(county)
    for name, bad in BAD.items():
        answer = await bad(fake)
        headers = sorted(header for header in answer.headers if header != "date")
        assert (answer.status_code, answer.content, headers) == (403, b"", ["content-length"]), name
    assert await handled(county) == before
    assert (await fake.forge.sound(fake.forge.plain("li", CANARY))).status_code == 200
    assert log.getvalue() == ""


@ON_SQLITE
async def test_a_body_that_never_ends_is_given_up(county: WecomTown, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "BODY_SECONDS", 0.05)

    drawn = 0

    async def drip() -> AsyncIterator[bytes]:
        nonlocal drawn
        while drawn < 100:
            drawn += 1
            yield b"<"
            await asyncio.sleep(0.01)

    transport = httpx.ASGITransport(app=_app_of(county))
    async with httpx.AsyncClient(transport=transport, base_url="http://house") as client:
        answer = await client.post(PATH, content=drip())
    assert answer.status_code == 403
    assert drawn < 50


def _app_of(county: WecomTown) -> Any:
    return Starlette(routes=county.house.channels["wecom"].routes())


# --- one effect ----------------------------------------------------------------------------------------------------


async def test_a_repeat_has_one_effect_and_one_answer(county: WecomTown) -> None:
    officer = await county.bound("care_officer")
    delivery = await officer.user.says("今日")
    await officer.settled()
    told = len(officer.user.chat)
    answers = await asyncio.gather(*(county.fake.forge.replayed(delivery) for _ in range(10)))
    answers += await asyncio.gather(*(county.fake.forge.resealed(delivery) for _ in range(10)))
    await officer.settled()
    assert {answer.status_code for answer in answers} == {200}
    assert len(officer.user.chat) == told
    assert await handled(county) == 1


async def test_two_taps_in_one_second_are_two_when_they_differ_and_one_when_not(county: WecomTown) -> None:
    officer = await county.bound("care_officer")
    card = await officer.says("今日")
    ids = [option["id"] for option in card.card["checkbox"]["option_list"]]
    second = time.time()
    county.fake.state.clock = lambda: second
    before = await handled(county)
    for chosen in (ids[-1], ids[-1], ids[-2]):
        assert (await officer.user.votes([chosen], card, anyway=True)).ok
    await officer.settled()
    assert await handled(county) - before == 2


@ON_SQLITE
async def test_a_tap_on_a_question_that_was_answered_changes_nothing_and_shows_the_present_one(
    county: WecomTown,
) -> None:
    officer = await county.bound("care_officer")
    asked = await officer.taps("记录 张明", await officer.says("今日"))
    assert "第1步" in words(asked)
    await officer.taps("今天", asked)
    assert asked.greyed == "已收到"
    await officer.fills("昨天", on=asked, anyway=True)
    assert "第2步" in words(officer.last)


@ON_SQLITE
async def test_a_card_of_last_week_is_answered_though_its_visit_is_long_past(county: WecomTown) -> None:
    officer = await county.bound("care_officer")
    card = await officer.says("今日")
    await county.town.later(advance="P9D")
    for label in labels(card):
        told = len(officer.user.chat)
        await officer.taps(label, card)
        assert len(officer.user.chat) > told, label


@ON_SQLITE
async def test_a_card_of_somebody_else_does_nothing(county: WecomTown) -> None:
    officer, other = await county.bound("care_officer"), await county.bound("care_officer", 1)
    card = await officer.says("今日")
    token = card.card["checkbox"]["option_list"][0]["id"]
    about = {"TaskId": card.task_id, "CardType": "vote_interaction", "ResponseCode": "x"}
    assert (await other.user.event("template_card_event", token, about)).ok
    await other.settled()
    assert "按钮已失效" in words(other.last)


# --- other events --------------------------------------------------------------------------------------------------


async def _events_of(
    county: WecomTown, officer: WecomPhone, act: Callable[[], Awaitable[Delivery]]
) -> list[Incoming]:
    taken: list[Incoming] = []
    channel: Any = county.house.channels["wecom"]
    whole = channel._on_incoming

    async def listen(incoming: Incoming) -> None:
        taken.append(incoming)
        await whole(incoming)

    channel._on_incoming = listen
    delivery = await act()
    channel._on_incoming = whole
    assert not delivery.attempts or delivery.ok
    return taken


@ON_SQLITE
async def test_every_kind_of_callback_is_what_it_should_be(county: WecomTown) -> None:
    officer = await county.bound("care_officer")
    user = officer.user
    county.fake.state.menu = [{"type": "click", "name": "今日", "key": "today"}]
    amr = b"#!AMR\n" + bytes(10)
    acts: list[tuple[Callable[[], Awaitable[Delivery]], tuple[str, str] | None]] = [
        (lambda: user.says(" 今日\n"), ("text", " 今日\n")),
        (lambda: user.clicks_menu("今日"), ("text", "/today")),
        (lambda: user.sends_image(b"\x89PNG1234"), ("file", "photo")),
        (lambda: user.sends_voice(amr), ("file", "voice")),
        (lambda: user.sends_file("名册.xlsx", b"PK\x03\x04xx"), ("file", "document")),
        (lambda: user.sends_video(b"video"), ("sign", "unreadable")),
        (lambda: user.sends_location(), ("sign", "place")),
        (lambda: user.sends_link("标题", "https://example.org"), ("sign", "unreadable")),
        (lambda: user.enters(), ("sign", "entered")),
        (lambda: user.reports_location(), None),
        (lambda: user.event("scancode_push", "x"), None),
        (lambda: user.event("view", "https://example.org"), None),
        (lambda: user.event("batch_job_result", None), None),
        (lambda: user.leaves(), ("sign", "left")),
        (lambda: user.joins(), ("sign", "returned")),
    ]
    for number, (act, expected) in enumerate(acts):
        events = await _events_of(county, officer, act)
        await officer.settled()
        if expected is None:
            assert events == [], number
            continue
        (event,) = events
        what, value = expected
        got = getattr(event, what)
        assert (got.kind if what == "file" else got) == value, number
        assert (event.channel, event.address) == ("wecom", "limin")


@ON_SQLITE
async def test_who_left_is_not_written_to_and_who_comes_back_is(county: WecomTown) -> None:
    officer = await county.bound("care_officer")

    def lost(session: Session) -> bool:
        query = select(col(Address.unreachable_at)).where(Address.channel == "wecom")
        return session.exec(query).one() is not None

    await officer.user.leaves()
    assert await county.house.lane.read(lost)
    await officer.user.joins()
    assert not await county.house.lane.read(lost)


async def test_who_enters_unbound_is_told_once_a_day_how_to_bind(
    county: WecomTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """WeCom tells of every entry. Neither a name nor what the app is for is said to whoever it may be."""
    moment = noon = datetime(2026, 11, 23, 4, tzinfo=UTC)  # in China
    monkeypatch.setattr(door, "lease_now", lambda: moment)
    county.fake.state.clock = lambda: moment.timestamp()
    officer, stranger = await county.bound("care_officer"), county.fake.user("ZhaoQiang", "赵强")
    for hours, times in ((0, 1), (0, 1), (1, 1), (11.9, 1), (12, 2), (35.9, 2), (36, 3)):
        moment = noon + timedelta(hours=hours)
        assert (await stranger.enters()).ok
        assert (await officer.user.enters()).ok
        await officer.settled()
        assert len(stranger.chat) == times, hours
    assert "绑定码" in stranger.last.text
    assert not any(word in stranger.last.text for word in ("纪", "访", "处分", "赵强"))
    assert officer.chat == []


@ON_SQLITE
async def test_odd_characters_do_no_harm(county: WecomTown) -> None:
    officer = await county.bound("care_officer")
    for text in ("\u202e李敏\u200b", "]]>", "<b>&amp;", "龑😀", "{{7*7}}", " " * 50, "x" * 5000):
        told = len(officer.told)
        await officer.says(text)
        assert len(officer.told) > told, text[:10]


# --- trouble of our own --------------------------------------------------------------------------------------------


@ON_SQLITE
async def test_a_busy_database_is_tried_again_by_wecom_and_nothing_is_lost(
    county: WecomTown, log: io.StringIO
) -> None:
    officer = await county.bound("care_officer")
    channel: Any = county.house.channels["wecom"]
    whole, tries = channel._on_incoming, 0

    async def busy(incoming: Incoming) -> None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OperationalError("statement", {"text": CANARY}, Exception(CANARY))
        await whole(incoming)

    channel._on_incoming = busy
    delivery = await officer.user.says(CANARY)
    await officer.settled()
    assert [attempt.status for attempt in delivery.attempts] == [503, 503, 200]
    assert await handled(county) == 1
    assert CANARY not in log.getvalue()


@ON_SQLITE
async def test_an_answer_comes_within_a_second_and_after_the_commit(county: WecomTown) -> None:
    officer = await county.bound("care_officer")
    took = []
    for _ in range(5):
        started = time.monotonic()
        await officer.user.says("今日")
        took.append(time.monotonic() - started)
    assert min(took) < timedelta(seconds=1).total_seconds()  # the best: a busy machine is slow now and then
    assert await handled(county) == 5
