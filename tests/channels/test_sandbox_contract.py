"""The sandbox is a channel like any other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import Session

from bot.channels.base import ChannelError, Incoming
from bot.channels.sandbox import page
from bot.channels.sandbox.api import Sandbox, router
from bot.channels.sandbox.channel import KIND, SandboxChannel, bubbles, file_of
from bot.messages import Rendered
from casework import people
from storage.clock import SandboxClock
from storage.lane import Lane, open_lane
from tests import make
from tests.channels.contract import ChannelContract, Shown


@pytest.fixture
def lane(tmp_path: Path, empty_sqlite: Path) -> Iterator[Lane]:
    path = tmp_path / "chat.db"
    path.write_bytes(empty_sqlite.read_bytes())
    opened = open_lane(f"sqlite:///{path}")
    yield opened
    opened.close()


@pytest.fixture
def channel(lane: Lane) -> SandboxChannel:
    return SandboxChannel(lane, SandboxClock(make.NOW, standing=True))


@dataclass
class BrowserPhone:
    lane: Lane
    client: httpx.AsyncClient
    events: list[Incoming]
    address: str = "li-min"
    neighbour: str = "wu-tao"

    async def shows(self) -> Sequence[Shown]:
        def unit(session: Session) -> list[Shown]:
            found = [bubble for bubble in bubbles(session, self.address, 0) if bubble.sender == "bot"]
            return [
                Shown(
                    bubble.text,
                    tuple((button["label"], button["action"]) for row in bubble.buttons for button in row),
                    (bubble.file_name, file_of(session, bubble.id) or b"") if bubble.file_name else None,
                    bubble.edited,
                )
                for bubble in found
            ]

        return await self.lane.read(unit)

    async def _post(self, **content: object) -> None:
        answer = await self.client.post(f"/sandbox/personas/{self.address}/messages", **content)  # type: ignore[arg-type]
        assert answer.status_code == 200, answer.text

    async def says(self, text: str, event_id: str) -> None:
        await self._post(json={"text": text, "event_id": event_id})

    async def taps(self, token: str, event_id: str) -> None:
        await self._post(json={"action": token, "event_id": event_id})

    async def sends(self, name: str, content: bytes, event_id: str) -> None:
        await self._post(files={"file": (name, content)}, data={"event_id": event_id, "kind": "document"})

    def heard(self) -> Sequence[Incoming]:
        return self.events


@pytest.fixture
async def phone(lane: Lane, channel: SandboxChannel) -> AsyncIterator[BrowserPhone]:
    def live(session: Session) -> None:
        county = make.county(session)
        people.bind_address(session, make.member(session, county), KIND, "li-min", now=make.NOW)

    await lane.run(live)
    events: list[Incoming] = []

    async def handle(incoming: Incoming) -> None:
        events.append(incoming)

    async def nothing(*_: object) -> None:
        return None

    web = FastAPI()
    clock = SandboxClock(make.NOW, standing=True)
    cast = page.Cast({}, {})
    web.include_router(router(Sandbox(lane, channel, clock, handle, nothing, nothing, "zh_CN", cast)))
    transport = httpx.ASGITransport(app=web)
    async with httpx.AsyncClient(transport=transport, base_url="http://sandbox") as client:
        yield BrowserPhone(lane, client, events)


class TestSandbox(ChannelContract):
    async def test_a_repeated_event_is_one_bubble_of_mine(self, lane: Lane, phone: BrowserPhone) -> None:
        for _ in range(3):
            await phone.says("今日", "e1")
        mine = [b for b in await lane.read(lambda s: bubbles(s, phone.address, 0)) if b.sender == "me"]
        assert [bubble.text for bubble in mine] == ["今日"]

    async def test_nobody_edits_a_message_of_another_chat(
        self, channel: SandboxChannel, phone: BrowserPhone
    ) -> None:
        receipt = await channel.send(phone.address, Rendered("mine"))
        with pytest.raises(ChannelError):
            await channel.send("somebody-else", Rendered("yours"), replaces=receipt)
        assert [shown.text for shown in await phone.shows()] == ["mine"]

    async def test_open_pages_hear_of_every_message(
        self, channel: SandboxChannel, phone: BrowserPhone
    ) -> None:
        async with channel.feed.listen() as listener:
            receipt = await channel.send(phone.address, Rendered("one"))
            await channel.send(phone.address, Rendered("two"), replaces=receipt)
            told = [listener.news.get_nowait() for _ in range(2)]
        assert [(event, data["id"], data["edited"]) for event, data in told] == [
            ("message", int(receipt), False),
            ("message", int(receipt), True),
        ]

    async def test_a_page_that_does_not_read_is_dropped(
        self, channel: SandboxChannel, phone: BrowserPhone
    ) -> None:
        async with channel.feed.listen() as listener:
            for number in range(1002):
                channel.feed.tell("message", {"id": number})
            assert listener.lost
