"""WeCom is a channel like any other: over HTTP to its API, and by encrypted callbacks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from bot.channels.base import ChannelError, Incoming
from bot.channels.fit import fit
from bot.channels.wecom.callback import PATH
from bot.channels.wecom.channel import WecomChannel, wecom
from bot.channels.wecom.sending import CAN, Receipt
from bot.config import Settings
from bot.messages import Rendered, RenderedButton
from storage.lane import Lane, open_lane
from tests.channels.contract import BUTTONS, ChannelContract, Shown
from tests.fakes.wecom import Delivery, FakeWeCom, Message, User
from tests.fakes.wecom.faults import cut, errcode, reset
from tests.wecom_town import Handed, is_rest_of


@pytest.fixture
def lane(tmp_path: Path, empty_sqlite: Path) -> Iterator[Lane]:
    path = tmp_path / "chat.db"
    path.write_bytes(empty_sqlite.read_bytes())
    opened = open_lane(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture
def handed() -> Handed:
    return Handed()


@pytest.fixture
async def fake(handed: Handed) -> AsyncIterator[FakeWeCom]:
    async with FakeWeCom(transport=handed, callback_url=f"http://app{PATH}") as server:
        yield server


def settings_of(fake: FakeWeCom) -> Settings:
    return Settings(
        wecom_corp_id=fake.corp_id,
        wecom_agent_id=fake.agent_id,
        wecom_secret=SecretStr(fake.secret),
        wecom_token=SecretStr(fake.token),
        wecom_aes_key=SecretStr(fake.aes_key),
        wecom_api_base=fake.api_base,
        _env_file=None,
    )


@pytest.fixture
def events() -> list[Incoming]:
    return []


@pytest.fixture
async def channel(
    fake: FakeWeCom, lane: Lane, handed: Handed, events: list[Incoming]
) -> AsyncIterator[WecomChannel]:
    made = wecom(settings_of(fake), lane, [])
    assert made is not None
    handed.inner = httpx.ASGITransport(app=Starlette(routes=made.routes()))

    async def handle(incoming: Incoming) -> None:
        events.append(incoming)

    await made.start(handle)
    yield made
    await made.stop()


def seen(message: Message) -> Shown:
    text = "\n".join(part for part in (message.title, message.text) if part)
    buttons = tuple((button.label, button.key) for button in message.buttons)
    file = (message.file.name, message.file.content) if message.file else None
    return Shown(text, buttons, file, message.edits > 0)


@dataclass
class WecomPhone:
    fake: FakeWeCom
    user: User
    other: User
    events: list[Incoming]
    sent: dict[str, Delivery] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.user.userid.lower()

    @property
    def neighbour(self) -> str:
        return self.other.userid.lower()

    async def shows(self) -> Sequence[Shown]:
        shown: list[Shown] = []
        last: Message | None = None
        for message in self.user.chat:
            if message.recalled:
                continue
            if last is not None and is_rest_of(message, last):
                rest = seen(message)
                shown[-1] = Shown(shown[-1].text, rest.buttons, rest.file, rest.edited)
            else:
                shown.append(seen(message))
            last = message
        return shown

    async def says(self, text: str, event_id: str) -> None:
        if event_id in self.sent:
            assert (await self.fake.forge.resealed(self.sent[event_id])).status_code == 200
        else:
            self.sent[event_id] = await self.user.says(text)

    async def taps(self, token: str, event_id: str) -> None:
        label = next(b.label for b in self.user.last.buttons if b.key == token)
        assert (await self.user.taps(label)).ok

    async def sends(self, name: str, content: bytes, event_id: str) -> None:
        assert (await self.user.sends_file(name, content)).ok

    def heard(self) -> Sequence[Incoming]:
        return self.events


@pytest.fixture
def phone(fake: FakeWeCom, events: list[Incoming]) -> WecomPhone:
    return WecomPhone(fake, fake.user("LiMin", "李敏"), fake.user("WuTao", "吴涛"), events)


class TestWecom(ChannelContract):
    edits_again = False  # each change of a card costs a code, and a code comes with the card and with a tap
    takes_back_theirs = False

    @pytest.fixture(autouse=True)
    def unhurried(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nobody keeps a pace here, so the fake does not drop what is more than a member is shown."""
        monkeypatch.setattr("tests.fakes.wecom.sending.member_takes", lambda member, now: True)

    async def test_the_url_proves_that_it_knows_the_key(self, channel: WecomChannel, fake: FakeWeCom) -> None:
        assert [getattr(route, "path", "") for route in channel.routes()] == [PATH]
        assert await fake.verify_url(), fake.verification


# --- cards ---------------------------------------------------------------------------------------------------------

SEVEN = tuple((RenderedButton(f"选项{n}", f"NONCE.{n}"),) for n in range(7))


def question(nonce: str = "Q") -> Rendered:
    return Rendered("今天谈了吗？", ((RenderedButton("谈了", f"{nonce}.0"),),), once=True)


async def test_a_question_is_settled_by_its_first_tap_without_saying_which(
    channel: WecomChannel, phone: WecomPhone, events: list[Incoming]
) -> None:
    await channel.send(phone.address, question())
    delivery = await phone.user.taps("谈了")
    assert (phone.user.last.greyed, phone.user.last.buttons) == ("已收到", ())
    assert "谈了" not in str(delivery.reply)
    assert [event.token for event in events] == ["Q.0"]


async def test_a_card_of_several_matters_stays_open(channel: WecomChannel, phone: WecomPhone) -> None:
    await channel.send(phone.address, Rendered("今日", BUTTONS))
    assert (await phone.user.taps("记录")).reply is None
    assert phone.user.last.labels == ("记录", "Back")


async def test_every_tap_brings_a_code_for_one_more_change(channel: WecomChannel, phone: WecomPhone) -> None:
    receipt = await channel.send(phone.address, Rendered("今日", BUTTONS))
    for round_ in range(3):
        await phone.user.taps("记录")
        changed = Rendered(f"今日 {round_}", (BUTTONS[0],))
        assert await channel.send(phone.address, changed, replaces=receipt) == receipt
    (message,) = phone.user.chat
    assert (message.title, message.edits) == ("今日 2", 3)


async def test_a_code_that_has_gone_stale_is_passed_over(
    channel: WecomChannel, phone: WecomPhone, fake: FakeWeCom
) -> None:
    receipt = await channel.send(phone.address, Rendered("今日", BUTTONS))
    await phone.user.taps("记录")
    fake.faults.once("message/update_template_card", errcode(60140))
    assert await channel.send(phone.address, Rendered("新"), replaces=receipt) == receipt
    assert len(fake.calls_of("message/update_template_card")) == 2
    assert [(m.title, m.greyed) for m in phone.user.chat] == [("新", "已更新")]


@pytest.mark.parametrize("first", [Rendered("一段文字"), Rendered("长" * 300, BUTTONS)])
async def test_what_is_no_card_alone_is_replaced_by_a_new_message(
    channel: WecomChannel, phone: WecomPhone, first: Rendered
) -> None:
    receipt = await channel.send(phone.address, first)
    buttons = ((RenderedButton("记录", "NEXT.0"),),)
    new = await channel.send(phone.address, Rendered("短" * 200, buttons), replaces=receipt)
    assert new != receipt
    assert [shown.text for shown in await phone.shows()] == ["短" * 200]


async def test_a_long_message_that_becomes_short_is_one_card(
    channel: WecomChannel, phone: WecomPhone
) -> None:
    receipt = await channel.send(phone.address, Rendered("长" * 300, BUTTONS))
    new = await channel.send(phone.address, Rendered("已办", BUTTONS), replaces=receipt)
    assert [shown.text for shown in await phone.shows()] == ["已办"]
    assert Receipt.read(new) == Receipt("NONCE-n", Receipt.read(receipt).msgids[-1:])  # type: ignore[union-attr]


async def test_what_wecom_will_not_change_is_sent_anew(
    channel: WecomChannel, phone: WecomPhone, fake: FakeWeCom
) -> None:
    receipt = await channel.send(phone.address, Rendered("今日", BUTTONS))
    fake.faults.once("message/update_template_card", errcode(42031))
    await channel.send(phone.address, Rendered("新"), replaces=receipt)
    assert [shown.text for shown in await phone.shows()] == ["新"]


@pytest.mark.parametrize("fault", [errcode(-1), reset(), cut(acts=False)])
async def test_a_change_that_fails_for_now_is_not_lost(
    channel: WecomChannel, phone: WecomPhone, fake: FakeWeCom, fault: Any
) -> None:
    receipt = await channel.send(phone.address, Rendered("今日", BUTTONS))
    fake.faults.once("message/update_template_card", fault)
    with pytest.raises(ChannelError) as caught:
        await channel.send(phone.address, Rendered("新"), replaces=receipt)
    assert not caught.value.permanent
    await channel.send(phone.address, Rendered("新"), replaces=receipt)
    assert [shown.text for shown in await phone.shows()] == ["新"]


# --- many buttons --------------------------------------------------------------------------------------------------


async def test_more_than_six_buttons_are_options_of_which_one_is_sent(
    channel: WecomChannel, phone: WecomPhone, events: list[Incoming]
) -> None:
    await channel.send(phone.address, Rendered("哪一种？", SEVEN, once=True))
    (card,) = phone.user.chat
    assert (card.title, card.labels) == ("哪一种？", ("确定",))
    assert (await phone.user.votes(["选项3"])).ok
    assert [event.token for event in events] == ["NONCE.3"]
    assert card.greyed == "已收到"


async def test_options_are_replaced_by_a_new_message(channel: WecomChannel, phone: WecomPhone) -> None:
    receipt = await channel.send(phone.address, Rendered("今日", SEVEN))
    await phone.user.votes(["选项3"])
    assert phone.user.last.greyed == ""
    assert await channel.send(phone.address, Rendered("已办", BUTTONS), replaces=receipt) != receipt
    assert [shown.text for shown in await phone.shows()] == ["已办"]


async def test_more_than_twenty_are_a_list_of_numbers(channel: WecomChannel) -> None:
    many = tuple((RenderedButton(f"选项{n}", f"N.{n}"),) for n in range(21))
    (part,) = fit(Rendered("哪一个？", many), channel.can)
    assert part.buttons == ()
    assert part.text.splitlines()[-1] == "21. 选项20"


# --- repeats -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message", [Rendered("一", BUTTONS), Rendered("一"), Rendered("长" * 300, BUTTONS)])
async def test_a_second_attempt_at_one_message_shows_it_once(
    channel: WecomChannel, phone: WecomPhone, fake: FakeWeCom, message: Rendered
) -> None:
    message = Rendered(message.text, message.buttons, key="NONCE-0")
    fake.faults.once("message/send", cut(acts=True))
    with pytest.raises(ChannelError):
        await channel.send(phone.address, message)
    await channel.send(phone.address, message)
    assert [shown.text for shown in await phone.shows()] == [message.text]
    assert len(fake.suppressed) == 1


async def test_the_same_words_said_twice_are_shown_twice(channel: WecomChannel, phone: WecomPhone) -> None:
    for key in ("A-0", "B-0", "", ""):
        await channel.send(phone.address, Rendered("好的", key=key))
    assert [shown.text for shown in await phone.shows()] == ["好的"] * 4


# --- who is there --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["visible", "licensed"])
async def test_who_cannot_be_written_to_is_unreachable(
    channel: WecomChannel, phone: WecomPhone, fake: FakeWeCom, how: str
) -> None:
    setattr(phone.user.member, how, False)
    with pytest.raises(ChannelError) as caught:
        await channel.send(phone.address, Rendered("x"))
    assert caught.value.unreachable


@pytest.mark.parametrize("address", ["@all", "a|b", "", "x" * 65, "李敏"])
async def test_nothing_is_ever_sent_to_more_than_one(
    channel: WecomChannel, fake: FakeWeCom, address: str
) -> None:
    with pytest.raises(ChannelError) as caught:
        await channel.send(address, Rendered("x"))
    assert caught.value.unreachable
    assert fake.calls_of("message/send") == []


async def test_an_answer_that_names_the_receiver_as_bad_is_understood(
    channel: WecomChannel, phone: WecomPhone, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def said(payload: Any) -> dict[str, Any]:
        return {"errcode": 0, "invaliduser": "limin", "msgid": "m"}

    monkeypatch.setattr(channel._client, "send", said)
    with pytest.raises(ChannelError) as caught:
        await channel.send(phone.address, Rendered("x"))
    assert caught.value.unreachable


# --- taking back ---------------------------------------------------------------------------------------------------


async def test_what_is_too_old_to_be_recalled_is_left_and_the_rest_goes(
    channel: WecomChannel, phone: WecomPhone, fake: FakeWeCom
) -> None:
    receipts = [await channel.send(phone.address, Rendered(text)) for text in ("old", "new")]
    fake.faults.once("message/recall", errcode(42052))
    await channel.remove(phone.address, [*receipts, "987654321", "~~"])
    assert [shown.text for shown in await phone.shows()] == ["old"]


async def test_a_long_message_is_taken_back_whole(channel: WecomChannel, phone: WecomPhone) -> None:
    receipt = await channel.send(phone.address, Rendered("长" * 300, BUTTONS))
    assert len(phone.user.chat) == 2
    await channel.remove(phone.address, [receipt])
    assert await phone.shows() == []


def test_a_receipt_has_at_most_two_hundred_characters() -> None:
    word = str(Receipt("N" * 16 + "-n", ("m" * 90, "n" * 90)))
    assert len(word) <= 200
    found = Receipt.read(word)
    assert found is not None
    assert found.msgids[-1] == "n" * 90


# --- pace ----------------------------------------------------------------------------------------------------------


def test_no_member_is_sent_more_than_they_are_shown() -> None:
    for rate, (seconds, most) in zip(CAN.each, ((60.0, 30), (3600.0, 1000)), strict=True):
        assert rate.seconds == seconds
        assert rate.count + rate.burst < most
    assert CAN.overall is not None
    assert timedelta(minutes=1) / CAN.overall.interval <= 10_000


async def test_a_message_that_is_two_for_wecom_takes_two_turns(
    channel: WecomChannel, phone: WecomPhone, fake: FakeWeCom
) -> None:
    cards = [Rendered("长" * 300, ((RenderedButton("记录", f"N{n}.0"),),)) for n in range(40)]
    outcomes = [await _outcome(channel, phone.address, card) for card in cards]
    refused = [outcome for outcome in outcomes if isinstance(outcome, ChannelError)]
    assert len(refused) == 26  # each of the others took one more turn beside that which the post office takes
    assert all(error.retry_after is not None and not error.everywhere for error in refused)
    assert len(phone.user.chat) == 28
    assert fake.dropped == []


async def _outcome(channel: WecomChannel, address: str, message: Rendered) -> str | ChannelError:
    try:
        return await channel.send(address, message)
    except ChannelError as error:
        return error
