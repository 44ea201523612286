"""The demo county on WeCom: its people with phones, the fake WeCom between them and the house."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field, replace
from unittest.mock import patch

import httpx
from pydantic import SecretStr
from sqlmodel import Session, select

from bot.app import House, build, web_of
from bot.channels.disclosure import Level
from bot.channels.wecom.callback import PATH
from bot.channels.wecom.channel import WecomChannel
from casework import people
from storage.tables.members import Address
from tests.chat import Nothing, Town
from tests.fakes.wecom import Delivery, FakeWeCom, Message, User
from tests.fakes.wecom.state import words_of

USERIDS = ("LiMin", "FengGuodong", "WangFang", "ChenJing", "ZhaoQiang")

SHOWN = "tests.fakes.wecom.sending.member_takes"  # whether a member is shown one more


class Handed(httpx.AsyncBaseTransport):
    """The vendor's calls reach the house without a socket."""

    def __init__(self) -> None:
        self.inner: httpx.ASGITransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert self.inner is not None
        return await self.inner.handle_async_request(request)


@dataclass
class WecomTown:
    """`town` is the same county through the sandbox API: its clock, and the people who have no WeCom."""

    town: Town
    fake: FakeWeCom
    phones: dict[str, WecomPhone] = field(default_factory=dict)

    @property
    def house(self) -> House:
        return self.town.house

    async def invited(self, role: str, number: int = 0) -> WecomPhone:
        """The n-th person of a role, bound by typing the code of an invitation."""
        phone = await self._phone(role, number)
        code = await self.house.lane.run(
            lambda session: people.invite(
                session, member_of(session, phone.persona), now=self.house.clock.now()
            )[0]
        )
        await phone.says(f"绑定 {code}")
        return phone

    async def bound(self, role: str, number: int = 0) -> WecomPhone:
        """The n-th person of a role, whose userid the office has entered."""
        phone = await self._phone(role, number)
        userid = phone.user.userid.lower()
        await self.house.lane.run(
            lambda session: people.bind_known(
                session, member_of(session, phone.persona), "wecom", userid, now=self.house.clock.now()
            )
        )
        return phone

    async def _phone(self, role: str, number: int) -> WecomPhone:
        person = await self.town.one(role, number)
        user = self.fake.user(USERIDS[len(self.phones)], person.name)
        phone = self.phones[person.id] = WecomPhone(self, user, person.id)
        return phone


def member_of(session: Session, persona: str) -> int:
    """The member whom the sandbox knows by this address."""
    addresses = session.exec(select(Address).where(Address.channel == "sandbox"))
    return next(address.member_id for address in addresses if address.address == persona)


@dataclass
class WecomPhone:
    """One person's WeCom. `inputs` counts what the person typed and tapped."""

    town: WecomTown
    user: User
    persona: str
    inputs: int = 0

    @property
    def last(self) -> Message:
        return self.user.last

    @property
    def chat(self) -> list[Message]:
        """What there is to read: what was recalled is not."""
        return [message for message in self.user.chat if not message.recalled]

    @property
    def told(self) -> list[Message]:
        """The same without the cards and files that belong to the text before them."""
        chat = self.chat
        return [one for n, one in enumerate(chat) if n == 0 or not is_rest_of(one, chat[n - 1])]

    async def settled(self) -> None:
        """All answers have gone out."""
        await self.town.house.office.settled()

    async def says(self, text: str) -> Message:
        self.inputs += 1
        assert (await self.user.says(text)).ok
        await self.settled()
        return self.last

    async def taps(self, label: str, on: Message | None = None) -> Message:
        """Tap a button of a message. What was too long for a card has its buttons on the card after it; what has too
        many of them has a list, and the number is typed."""
        on = on or self.last
        if not on.card:
            after = self.user.chat[self.user.chat.index(on) + 1 :]
            on = after[0] if after and after[0].card else on
        if not on.card:
            return await self.says(number_of(label, on))
        self.inputs += 1
        assert (await self._touch(label, on)).ok
        await self.settled()
        return self.last

    async def _touch(self, label: str, card: Message) -> Delivery:
        """Tap the button, or tick the option and send it. A label that had no room has its number before it."""
        box = card.card.get("checkbox", {})
        for question in card.card.get("select_list", ()):
            for option in question["option_list"]:
                if option["text"].startswith(label):  # one answer alone: the other questions stay open
                    return await self.user.selects({question["question_key"]: option["id"]}, card)
        if box.get("mode") == 1 and card.labels and card.labels[0].startswith(label):
            return await self.user.votes([one["id"] for one in box["option_list"] if one["is_checked"]], card)
        for option in box.get("option_list", ()):
            if _begins(option["text"], label):
                return await self.user.votes([option["id"]], card)
        found = next((each for each in card.labels if _begins(each, label)), label)
        return await self.user.taps(found, card)

    async def chooses(self, *options: str, on: Message | None = None, anyway: bool = False) -> Message:
        """Tick these options, and no others, on a card that lets tick several; send them."""
        card = next(m for m in reversed(self.user.chat) if "checkbox" in m.card) if on is None else on
        self.inputs += 1
        assert (await self.user.votes(options, card, anyway=anyway)).ok
        await self.settled()
        return self.last

    async def fills(self, *answers: str, on: Message | None = None, anyway: bool = False) -> Message:
        """Pull these options down, one a question from the first; none where it is empty. Send them."""
        card = next(m for m in reversed(self.user.chat) if "select_list" in m.card) if on is None else on
        chosen = {}
        shown = card.earlier[0] if anyway and card.earlier else card.card
        for question, answer in zip(shown["select_list"], answers, strict=False):
            texts = {option["text"]: option["id"] for option in question["option_list"]}
            if answer:
                chosen[question["question_key"]] = next(i for t, i in texts.items() if t.startswith(answer))
        self.inputs += 1
        assert (await self.user.selects(chosen, card, anyway=anyway)).ok
        await self.settled()
        return self.last

    def finds(self, wanted: str) -> Message:
        """The latest message that contains these words."""
        found = next((message for message in reversed(self.told) if wanted in words(message)), None)
        if found is None:
            raise Nothing(f"{self.user.name} has no message with {wanted!r}: {[words(m) for m in self.chat]}")
        return found


def words(message: Message) -> str:
    """All that a message says, its buttons apart."""
    return "\n".join(part for part in (message.title, message.text) if part)


def is_rest_of(message: Message, before: Message) -> bool:
    """Whether it is the buttons, or the file, of the text before it: what has no room on a card stands there."""
    if before.kind not in ("text", "markdown") or before.recalled:
        return False
    first = before.text.partition("\n")[0]
    title = words_of((message.earlier or [message.card])[0])[0]  # as it was before it was answered
    return message.file is not None or (message.kind == "card" and first.startswith(title.rstrip("…")))


def labels(message: Message) -> list[str]:
    """All that can be chosen on a card: buttons, and options."""
    options = message.card.get("checkbox", {}).get("option_list", ())
    lists = [option["text"] for one in message.card.get("select_list", ()) for option in one["option_list"]]
    return [*message.labels, *(option["text"] for option in options), *lists]


def _begins(shown: str, label: str) -> bool:
    bare = re.sub(r"^\d+\. ", "", shown)
    return bare.startswith(label) or (bare.endswith("…") and label.startswith(bare[:-1]))


def number_of(label: str, message: Message) -> str:
    """The number of a button in a list of them."""
    found = re.findall(rf"^(\d+)\. {re.escape(label)}", message.text, re.MULTILINE)
    if not found:
        raise Nothing(f"no {label!r} in {message.text!r}")
    return str(found[-1])


@asynccontextmanager
async def wecom_town(
    plain: House, level: Level = Level.full, *, paced: bool = False, public_url: str | None = None
) -> AsyncIterator[WecomTown]:
    """The county of `plain` with WeCom beside the sandbox.

    A story that is not about the pace goes without it, on both sides: its people tap faster than any thumb.
    """
    handed = Handed()
    async with FakeWeCom(transport=handed, callback_url=f"http://house{PATH}") as fake:
        settings = plain.settings.model_copy(
            update={
                "wecom_corp_id": fake.corp_id,
                "wecom_agent_id": fake.agent_id,
                "wecom_secret": SecretStr(fake.secret),
                "wecom_token": SecretStr(fake.token),
                "wecom_aes_key": SecretStr(fake.aes_key),
                "wecom_api_base": fake.api_base,
                "wecom_disclosure": level,
                "public_url": public_url,
            }
        )
        house = build(settings, plain.lane, plain.clock)
        handed.inner = httpx.ASGITransport(app=web_of(house))
        channel = house.channels["wecom"]
        assert isinstance(channel, WecomChannel)
        if not paced:
            channel.can = replace(channel.can, overall=None, each=())
        town = Town(house)
        delivering = asyncio.create_task(house.office.run())
        await channel.start(house.conversation.handle)
        try:
            with nullcontext() if paced else patch(SHOWN, lambda member, now: True):
                yield WecomTown(town, fake)
        finally:
            delivering.cancel()
            await house.office.close(1)
            await channel.stop()
            await town.client.aclose()
