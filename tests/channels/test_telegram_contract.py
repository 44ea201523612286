"""Telegram is a channel like any other: by polling and by webhook, over HTTP, with the library's own client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette

from bot.channels.base import Incoming
from bot.channels.telegram.channel import PATH, TelegramChannel, telegram
from bot.config import Settings
from storage.lane import Lane, open_lane
from tests.channels.contract import ChannelContract, Shown
from tests.fakes.telegram import FakeTelegram, User
from tests.telegram_town import SECRET, Handed, newest

WAYS = ("polling", "webhook")


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
async def fake(handed: Handed) -> AsyncIterator[FakeTelegram]:
    async with FakeTelegram(floods=False, webhook_transport=handed) as server:
        yield server


def settings_of(fake: FakeTelegram, way: str) -> Settings:
    return Settings(
        telegram_token=SecretStr(fake.token),
        telegram_api_base=fake.api_base,
        telegram_webhook_secret=SecretStr(SECRET) if way == "webhook" else None,
        public_url="http://127.0.0.1" if way == "webhook" else None,
        _env_file=None,
    )


@pytest.fixture(params=WAYS)
async def channel(
    request: pytest.FixtureRequest, fake: FakeTelegram, lane: Lane, handed: Handed, events: list[Incoming]
) -> AsyncIterator[TelegramChannel]:
    made = telegram(settings_of(fake, request.param), lane, [])
    assert made is not None
    handed.inner = httpx.ASGITransport(app=Starlette(routes=made.routes()))

    async def handle(incoming: Incoming) -> None:
        events.append(incoming)

    await made.start(handle)
    await fake.called("getMe")
    yield made
    await made.stop()


@pytest.fixture
def events() -> list[Incoming]:
    return []


@dataclass
class TelegramPhone:
    fake: FakeTelegram
    user: User
    other: User
    events: list[Incoming]
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return str(self.user.id)

    @property
    def neighbour(self) -> str:
        return str(self.other.id)

    async def shows(self) -> Sequence[Shown]:
        return [
            Shown(
                seen.text,
                tuple(button for row in seen.buttons for button in row),
                (seen.file.name, seen.file.content) if seen.file else None,
                seen.edited,
            )
            for seen in self.user.told
        ]

    async def says(self, text: str, event_id: str) -> None:
        if event_id in self.sent:
            self.fake.inject(self.sent[event_id])
        else:
            update_id, message = await self.user.says(text), newest(self.fake, self.user)
            self.sent[event_id] = {"update_id": update_id, "message": message}
        await self.fake.drained()

    async def taps(self, token: str, event_id: str) -> None:
        await self.user.taps_data(token, on=self.user.told[-1])
        await self.fake.drained()

    async def sends(self, name: str, content: bytes, event_id: str) -> None:
        await self.user.sends_document(name, content)
        await self.fake.drained()

    def heard(self) -> Sequence[Incoming]:
        return self.events


@pytest.fixture
def phone(fake: FakeTelegram, events: list[Incoming]) -> TelegramPhone:
    user, other = fake.user(7_000_000_001, "李敏", "zh-hans"), fake.user(7_000_000_002, "吴涛")
    user.person.started = other.person.started = True
    return TelegramPhone(fake, user, other, events)


class TestTelegram(ChannelContract):
    async def test_the_route_is_there_by_webhook_alone(
        self, channel: TelegramChannel, fake: FakeTelegram
    ) -> None:
        assert [getattr(route, "path", "") for route in channel.routes()] in ([], [PATH])
        assert bool(channel.routes()) == bool(fake.world.webhook.url)
