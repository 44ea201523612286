"""The chat as a test's interface: somebody says, taps and sees, through the sandbox API and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx

from bot.app import House

Bubble = dict[str, Any]


class Nothing(AssertionError):
    """What a person looked for is not there."""


@dataclass
class Town:
    """The county: its people and its clock."""

    client: httpx.AsyncClient
    house: House

    async def personas(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await self.client.get("/sandbox/personas")).json()
        return found

    async def one(self, role: str, number: int = 0) -> Phone:
        """The n-th person of a role."""
        people = [person for person in await self.personas() if person["role"] == role]
        return Phone(self, people[number]["id"], people[number]["name"])

    async def later(self, **move: str) -> str:
        """Move the clock: `advance="P1D"` or `to="2026-11-24T08:30"`."""
        answer = await self.client.post("/sandbox/clock", json=move)
        assert answer.status_code == 200, answer.text
        now: str = answer.json()["now"]
        return now


@dataclass
class Phone:
    """One person's chat."""

    town: Town
    id: str
    name: str

    async def messages(self, after: int = 0) -> list[Bubble]:
        answer = await self.town.client.get(f"/sandbox/personas/{self.id}/messages", params={"after": after})
        assert answer.status_code == 200, answer.text
        found: list[Bubble] = answer.json()
        return found

    async def last(self) -> Bubble:
        found = [bubble for bubble in await self.messages() if bubble["from"] == "bot"]
        if not found:
            raise Nothing(f"{self.name} has no message")
        return found[-1]

    async def says(self, text: str, **more: str) -> Bubble:
        """Type a text; the last message of the answer."""
        return await self._posts({"text": text, **more})

    async def taps(self, label: str, on: Bubble | None = None) -> Bubble:
        """Tap the button whose label begins so, on the given message or the last one; the last message of the answer."""
        bubble = on or await self.last()
        for row in bubble["buttons"]:
            for button in row:
                if button["label"].startswith(label):
                    return await self._posts({"action": button["action"], "message_id": bubble["id"]})
        raise Nothing(f"no button {label!r} among {labels(bubble)} under: {bubble['text']}")

    async def _posts(self, body: dict[str, Any]) -> Bubble:
        answer = await self.town.client.post(f"/sandbox/personas/{self.id}/messages", json=body)
        assert answer.status_code == 200, answer.text
        return await self.last()

    async def finds(self, words: str) -> Bubble:
        """The latest message that contains these words."""
        for bubble in reversed(await self.messages()):
            if bubble["from"] == "bot" and words in bubble["text"]:
                return bubble
        raise Nothing(f"{self.name} has no message with {words!r}")


def labels(bubble: Bubble) -> list[str]:
    return [button["label"] for row in bubble["buttons"] for button in row]
