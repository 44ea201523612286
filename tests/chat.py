"""The chat as a test's interface: somebody says, taps and sees, through the sandbox API and nothing else."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from bot.app import House, web_of
from bot.channels.base import Incoming
from bot.channels.sandbox.channel import bubbles
from bot.demo_server import open_demo

Bubble = dict[str, Any]


class Nothing(AssertionError):
    """What a person looked for is not there."""


@dataclass
class Town:
    """The county: its people and its clock."""

    house: House
    client: httpx.AsyncClient = field(init=False)

    def __post_init__(self) -> None:
        self._connect()

    def _connect(self) -> None:
        transport = httpx.ASGITransport(app=web_of(self.house))
        self.client = httpx.AsyncClient(transport=transport, base_url="http://sandbox")

    async def close(self) -> None:
        await self.client.aclose()
        self.house.lane.close()

    async def restart(self) -> None:
        """The program ends and is started again on what it has kept."""
        await self.close()
        self.house = open_demo(self.house.settings, None, 44)
        self._connect()

    async def post(self, path: str, body: Any) -> httpx.Response:
        """Post a body as JSON. Written with escapes, so that it can carry what no text may: half a character, NUL."""
        headers = {"content-type": "application/json"}
        return await self.client.post(path, content=json.dumps(body).encode(), headers=headers)

    async def personas(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.client.get("/sandbox/personas")).json()
        return found

    async def one(self, role: str, number: int = 0) -> Phone:
        """The n-th person of a role."""
        people = [person for person in await self.personas() if person["role"] == role]
        return Phone(self, people[number]["id"], people[number]["name"])

    async def everyone(self, role: str = "") -> list[Phone]:
        """All people, or all of a role."""
        found = [person for person in await self.personas() if role in ("", person["role"])]
        return [Phone(self, person["id"], person["name"]) for person in found]

    async def later(self, **move: str) -> str:
        """Move the clock: `advance="P1D"` or `to="2026-11-24T08:30"`."""
        answer = await self.client.post("/sandbox/clock", json=move)
        assert answer.status_code == 200, answer.text
        now: str = answer.json()["now"]
        return now


@dataclass
class Phone:
    """One person's chat. `inputs` counts what the person typed and tapped."""

    town: Town
    id: str
    name: str
    inputs: int = 0
    seen: int = 0

    @property
    def path(self) -> str:
        return f"/sandbox/personas/{self.id}/messages"

    async def messages(self, after: int = 0) -> list[Bubble]:
        """Everything in the chat, one's own messages included."""
        answer = await self.town.client.get(self.path, params={"after": after})
        assert answer.status_code == 200, answer.text
        found: list[Bubble] = answer.json()
        return found

    async def told(self, after: int = 0) -> list[Bubble]:
        """What the assistant wrote."""
        return [bubble for bubble in await self.messages(after) if bubble["from"] == "bot"]

    async def last_id(self) -> int:
        self.seen = max((bubble["id"] for bubble in await self.messages(self.seen)), default=self.seen)
        return self.seen

    async def last(self) -> Bubble:
        found = await self.told()
        if not found:
            raise Nothing(f"{self.name} has no message")
        return found[-1]

    async def says(self, text: str, **more: str) -> Bubble:
        """Type a text; the last message of the answer."""
        return await self.posts({"text": text, **more})

    async def taps(self, label: str, on: Bubble | None = None) -> Bubble:
        """Tap the button whose label begins so, on the given or the last message; the last message of the answer."""
        bubble = on or await self.last()
        return await self.posts({"action": token(bubble, label), "message_id": bubble["id"]})

    async def posts(self, body: dict[str, Any]) -> Bubble:
        """Post a body, which has to be accepted and answered."""
        self.inputs += 1
        before = await self.last_id()
        answer = await self.town.post(self.path, body)
        assert answer.status_code == 200, answer.text
        told = await self.told(before) or await self._changed(body)
        if not told:
            raise Nothing(f"{self.name} got no answer to {str(body)[:80]}")
        return told[-1]

    async def _changed(self, body: dict[str, Any]) -> list[Bubble]:
        """The message that was tapped, where it was answered in its place."""
        tapped = [one for one in await self.messages() if one["id"] == body.get("message_id")]
        return [one for one in tapped if body["action"] not in str(one["buttons"])]

    async def finds(self, words: str) -> Bubble:
        """The latest message that contains these words."""
        for bubble in reversed(await self.told()):
            if words in bubble["text"]:
                return bubble
        raise Nothing(f"{self.name} has no message with {words!r}")

    async def again(self, bubble: Bubble) -> Bubble:
        """A message as it stands now: it may have been edited."""
        return next(one for one in await self.messages() if one["id"] == bubble["id"])

    async def in_language(self, language: str) -> Phone:
        await self.says(f"/language {language}")
        return self


@dataclass
class Stranger:
    """A chat that is bound to nobody. The page offers none, so its messages come in by the channel itself."""

    town: Town
    address: str

    async def says(self, text: str) -> list[str]:
        """Type a text; the texts of the answer."""
        house = self.town.house
        known = len(await self._texts())
        await house.conversation.handle(Incoming("sandbox", self.address, str(uuid4()), text=text))
        await house.office.settled()
        return (await self._texts())[known:]

    async def _texts(self) -> list[str]:
        found = await self.town.house.lane.read(lambda session: bubbles(session, self.address, 0))
        return [bubble.text for bubble in found]


def labels(bubble: Bubble) -> list[str]:
    return [button["label"] for row in bubble["buttons"] for button in row]


def token(bubble: Bubble, label: str) -> str:
    """What a tap on the first button whose label begins so sends."""
    for row in bubble["buttons"]:
        for button in row:
            if button["label"].startswith(label):
                sent: str = button["action"]
                return sent
    raise Nothing(f"no button {label!r} among {labels(bubble)} under: {bubble['text']}")
