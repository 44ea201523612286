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

from bot.channels.base import ChannelError, Incoming
from bot.channels.fit import fit
from bot.channels.telegram.channel import PATH, TelegramChannel, telegram
from bot.config import Settings
from bot.messages import Rendered
from storage.lane import Lane, open_lane
from tests.channels.contract import BUTTONS, ChannelContract, Shown
from tests.fakes.telegram import CannotDo, FakeTelegram, User
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

    @pytest.mark.parametrize(
        ("name", "media_type", "kind"),
        [
            ("走势.png", "image/png", "photo"),
            ("口述.ogg", "audio/ogg", "voice"),
            ("名册.xlsx", "x/y", "document"),
        ],
    )
    async def test_pictures_and_voices_go_as_what_they_are(
        self, channel: TelegramChannel, phone: TelegramPhone, name: str, media_type: str, kind: str
    ) -> None:
        await channel.send(phone.address, Rendered("见附件", BUTTONS, (name, media_type, b"content")))
        (seen,) = phone.user.told
        assert seen.file is not None
        assert (seen.file.kind, seen.file.content, seen.text) == (kind, b"content", "见附件")
        assert [label for label, _ in seen.buttons[0]] == ["记录", "Back"]
        assert not seen.protected  # it was asked for in order to be kept

    @pytest.mark.parametrize(("act", "kind"), [("sends_photo", "photo"), ("sends_voice", "voice")])
    async def test_pictures_and_voices_of_theirs_can_be_fetched(
        self, channel: TelegramChannel, phone: TelegramPhone, act: str, kind: str
    ) -> None:
        await getattr(phone.user, act)(b"content")
        await phone.fake.drained()
        (event,) = phone.heard()
        assert event.file is not None
        assert event.file.kind == kind
        assert await channel.fetch(event.file) == b"content"

    async def test_what_is_said_cannot_be_passed_on(
        self, channel: TelegramChannel, phone: TelegramPhone
    ) -> None:
        await channel.send(phone.address, Rendered("see https://example.org"))
        (seen,) = phone.user.told
        assert seen.protected
        with pytest.raises(CannotDo):
            await phone.user.forwards(seen)

    async def test_the_first_line_stands_out_and_nothing_typed_is_markup(
        self, channel: TelegramChannel, phone: TelegramPhone
    ) -> None:
        await channel.send(phone.address, Rendered("龑😀 <b>_*\n第二行"))
        (seen,) = phone.user.told
        assert seen.shown("bold") == ["龑😀 <b>_*"]
        assert seen.text == "龑😀 <b>_*\n第二行"

    @pytest.mark.parametrize(("units", "parts"), [(4096, 1), (4097, 2)])
    async def test_the_limit_counts_as_the_vendor_counts(
        self, channel: TelegramChannel, phone: TelegramPhone, units: int, parts: int
    ) -> None:
        """Half of the characters take two units each."""
        text = "张" * (units % 2) + "😀" * (units // 2)
        for part in fit(Rendered(text), channel.can):
            await channel.send(phone.address, part)
        assert len(phone.user.told) == parts
        assert "".join(seen.text for seen in phone.user.told) == text

    @pytest.mark.parametrize(
        ("script", "permanent", "unreachable", "seconds"),
        [
            ({"code": 403, "description": "Forbidden: bot was blocked by the user"}, False, True, None),
            ({"code": 403, "description": "Forbidden: user is deactivated"}, False, True, None),
            ({"code": 400, "description": "Bad Request: chat not found"}, False, True, None),
            ({"code": 400, "description": "Bad Request: BUTTON_DATA_INVALID"}, True, False, None),
            ({"code": 400, "description": "Bad Request: message is too long"}, True, False, None),
            ({"code": 500, "description": "Internal Server Error"}, False, False, None),
            ({"code": 401, "description": "Unauthorized"}, False, False, None),
        ],
    )
    async def test_refusals(
        self,
        channel: TelegramChannel,
        phone: TelegramPhone,
        script: dict[str, Any],
        permanent: bool,
        unreachable: bool,
        seconds: int | None,
    ) -> None:
        phone.fake.faults.refuse(**script, method="sendMessage")
        with pytest.raises(ChannelError) as caught:
            await channel.send(phone.address, Rendered("one"))
        error = caught.value
        assert (error.permanent, error.unreachable, error.retry_after) == (permanent, unreachable, seconds)
        assert "one" not in str(error)

    async def test_an_edit_that_changes_nothing_is_done(
        self, channel: TelegramChannel, phone: TelegramPhone
    ) -> None:
        receipt = await channel.send(phone.address, Rendered("one", BUTTONS))
        assert await channel.send(phone.address, Rendered("one", BUTTONS), replaces=receipt) == receipt
