"""The demo county on Telegram: its people with phones, the fake Bot API between them and the house."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from pydantic import SecretStr
from sqlmodel import Session, col, select

from bot.app import House, build, web_of
from bot.channels.disclosure import Level
from bot.channels.telegram.channel import TelegramChannel
from casework import people
from storage.tables.members import Address, Member
from tests.chat import Nothing, Town
from tests.fakes.telegram import FakeTelegram, Seen, User

SECRET = "a-secret-of-the-tests"
FIRST_ID = 7_000_000_001


class Handed(httpx.AsyncBaseTransport):
    """The vendor's calls reach the house without a socket."""

    def __init__(self) -> None:
        self.inner: httpx.ASGITransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        assert self.inner is not None
        return await self.inner.handle_async_request(request)


@dataclass
class TelegramTown:
    """`town` is the same county through the sandbox API: its clock, and the people who have no Telegram."""

    town: Town
    fake: FakeTelegram
    phones: dict[str, TelegramPhone] = field(default_factory=dict)

    @property
    def house(self) -> House:
        return self.town.house

    async def bound(self, role: str, number: int = 0, language: str = "") -> TelegramPhone:
        """The n-th person of a role, bound by the link of an invitation."""
        person = await self.town.one(role, number)
        code = await self.house.lane.run(lambda session: self.invite(session, person.id))
        user = self.fake.user(FIRST_ID + len(self.phones), person.name, language)
        phone = self.phones[person.id] = TelegramPhone(self, user)
        await user.start(code)
        await phone.settled()
        return phone

    def invite(self, session: Session, persona: str) -> str:
        found = session.exec(
            select(Member)
            .join(Address, col(Address.member_id) == Member.id)
            .where(Address.channel == "sandbox")
        )
        addresses = {a.member_id: a.address for a in session.exec(select(Address)) if a.channel == "sandbox"}
        member = next(member for member in found if addresses[member.id] == persona)
        return people.invite(session, member.id, now=self.house.clock.now())[0]


@dataclass
class TelegramPhone:
    """One person's Telegram. `inputs` counts what the person typed and tapped."""

    town: TelegramTown
    user: User
    inputs: int = 0

    async def settled(self) -> None:
        """All that was said has been taken, and all answers have gone out."""
        await self.town.fake.drained()
        await self.town.house.office.settled()

    @property
    def last(self) -> Seen:
        return self.user.told[-1]

    async def says(self, text: str) -> Seen:
        self.inputs += 1
        await self.user.says(text)
        await self.settled()
        return self.last

    async def taps(self, label: str, on: Seen | None = None) -> Seen:
        self.inputs += 1
        await self.user.taps(label, on or self.last)
        await self.settled()
        return self.last

    def finds(self, words: str) -> Seen:
        """The latest message that contains these words."""
        found = next((seen for seen in reversed(self.user.told) if words in seen.text), None)
        if found is None:
            raise Nothing(
                f"{self.user.name} has no message with {words!r}: {[s.text for s in self.user.told]}"
            )
        return found

    def again(self, seen: Seen) -> Seen:
        now = self.user.again(seen)
        if now is None:
            raise Nothing("the message is gone")
        return now


def newest(fake: FakeTelegram, user: User) -> dict[str, Any]:
    """The newest message of a private chat, as an update carries it."""
    messages = fake.world.chats[user.id].messages
    return fake.world.message_json(messages[max(messages)])


@asynccontextmanager
async def telegram_town(
    plain: House,
    way: str,
    level: Level = Level.full,
    *,
    paced: bool = False,
    script: Callable[[FakeTelegram], None] | None = None,
) -> AsyncIterator[TelegramTown]:
    """The county of `plain` with Telegram beside the sandbox, by `polling` or by `webhook`.

    A story that is not about the pace goes without it, on both sides: its people tap faster than any thumb. `script` is
    what shall go wrong from the start.
    """
    handed = Handed()
    async with FakeTelegram(floods=paced, webhook_transport=handed) as fake:
        if script is not None:
            script(fake)
        by_webhook = way == "webhook"
        settings = plain.settings.model_copy(
            update={
                "telegram_token": SecretStr(fake.token),
                "telegram_api_base": fake.api_base,
                "telegram_webhook_secret": SecretStr(SECRET) if by_webhook else None,
                "public_url": "http://127.0.0.1" if by_webhook else None,
                "telegram_disclosure": level,
            }
        )
        house = build(settings, plain.lane, plain.clock)
        handed.inner = httpx.ASGITransport(app=web_of(house))
        channel = house.channels["telegram"]
        assert isinstance(channel, TelegramChannel)
        if not paced:
            channel.can = replace(channel.can, overall=None, each=())
        town = Town(house)
        delivering = asyncio.create_task(house.office.run())
        await house.channels["telegram"].start(house.conversation.handle)
        await fake.called("getMe")
        try:
            yield TelegramTown(town, fake)
        finally:
            delivering.cancel()
            await house.office.close(1)
            await house.channels["telegram"].stop()
            await town.client.aclose()
