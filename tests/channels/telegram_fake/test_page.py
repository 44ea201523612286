"""The page for people, and what it asks the server for."""

from __future__ import annotations

import asyncio
import re

from tests.channels.telegram_fake.caller import Caller
from tests.fakes.telegram import FakeTelegram, User


async def test_the_page_needs_nothing_from_elsewhere(fake: FakeTelegram, call: Caller) -> None:
    page = (await call.client.get(f"{fake.url}/")).text
    assert "Fake Telegram" in page
    assert not re.search(r'(src|href)="(?!data:)', page)


async def test_a_person_is_played_by_hand(fake: FakeTelegram, call: Caller) -> None:
    made = await call.client.post(f"{fake.url}/try/people", json={"name": "Anna Example", "language": "en"})
    person, path = made.json()["id"], f"{fake.url}/try/people/{made.json()['id']}"
    await call.client.post(path, json={"do": "start", "text": "CODE"})
    await call.keyboard(person, "Yes", text="Sure?")
    state = (await call.client.get(f"{fake.url}/try/state")).json()
    chat = state["people"][0]["messages"]
    assert [message["text"] for message in chat] == ["/start CODE", "Sure?"]
    await call.client.post(path, json={"do": "tap", "data": "Yes", "message": chat[1]["id"]})
    assert fake.users[0].spinning
    await call.client.post(f"{path}/file", files={"file": ("a.txt", b"abc", "text/plain")})
    sent = fake.users[0].chat[-1]
    file = await call.client.get(f"{fake.url}/try/files/{person}/{sent.id}")
    assert file.content == b"abc"
    await call.client.post(path, json={"do": "block"})
    refused = await call.client.post(path, json={"do": "say", "text": "x"})
    assert (refused.status_code, "blocked" in refused.json()["error"]) == (400, True)
    assert (await call.client.post(path, json={"do": "fly"})).status_code == 400
    await call.client.post(path, json={"do": "unblock"})
    await call.client.post(path, json={"do": "say", "text": "back"})
    assert fake.users[0].chat[-1].text == "back"


async def test_the_page_waits_for_news(fake: FakeTelegram, call: Caller, user: User) -> None:
    tick = (await call.client.get(f"{fake.url}/try/state")).json()["tick"]
    waiting = asyncio.create_task(call.client.get(f"{fake.url}/try/state", params={"after": tick}))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await user.says("news")
    state = (await asyncio.wait_for(waiting, 15)).json()
    assert state["people"][0]["messages"][-1]["text"] == "news"
