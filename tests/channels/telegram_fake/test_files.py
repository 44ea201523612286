"""Files in both directions, and their sizes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.channels.telegram_fake.caller import Caller, Refusal, StandingClock
from tests.fakes.telegram import FakeTelegram, Limits, SeenFile, User


@pytest.fixture
async def fake(clock: StandingClock) -> AsyncIterator[FakeTelegram]:
    """A server that finds a hundred bytes a lot."""
    small = Limits(upload=100, photo=50, download=80)
    async with FakeTelegram(token="123:abc", clock=clock, floods=False, limits=small) as running:
        yield running


async def test_uploads(call: Caller, user: User) -> None:
    sent = await call(
        "sendDocument", {"document": ("表.xlsx", b"PK", "application/x")}, chat_id=user.id, caption="c"
    )
    assert (sent["document"]["file_name"], sent["document"]["mime_type"]) == ("表.xlsx", "application/x")
    await call("sendPhoto", {"p": ("a.png", b"png")}, chat_id=user.id, photo="attach://p")
    voice = await call("sendVoice", {"voice": ("v.ogg", b"ogg")}, chat_id=user.id)
    again = await call("sendVoice", chat_id=user.id, voice=voice["voice"]["file_id"])
    assert again["voice"]["duration"] == 1
    assert [message.file for message in user.told] == [
        SeenFile("表.xlsx", b"PK", "document"),
        SeenFile("a.png", b"png", "photo"),
        SeenFile("v.ogg", b"ogg", "voice"),
        SeenFile("v.ogg", b"ogg", "voice"),
    ]
    assert user.told[0].text == "c"


async def test_uploads_that_are_refused(call: Caller, user: User) -> None:
    async def refusal(kind: str, content: bytes, caption: str = "") -> Refusal:
        files = {kind.removeprefix("send").lower(): ("a", content)}
        return await call.refused(kind, files, chat_id=user.id, caption=caption)

    assert await refusal("sendDocument", b"x" * 101) == Refusal(413, "Request Entity Too Large")
    assert (await refusal("sendPhoto", b"x" * 51)).description == (
        "Bad Request: file of size 51 bytes is too big for a photo; the maximum size is 50 bytes"
    )
    assert await refusal("sendDocument", b"") == Refusal(400, "Bad Request: file must be non-empty")
    long = await refusal("sendDocument", b"x", "c" * 1025)
    assert long == Refusal(400, "Bad Request: message caption is too long")
    none = await call.refused("sendDocument", chat_id=user.id)
    assert none == Refusal(400, "Bad Request: there is no document in the request")


async def test_downloads(fake: FakeTelegram, call: Caller, user: User) -> None:
    await user.sends_document("a.pdf", b"pdf", caption="读一下")
    await user.sends_photo(b"jpg")
    message, photo = (update["message"] for update in await call("getUpdates"))
    assert (message["caption"], photo["photo"][0]["width"]) == ("读一下", 800)
    file = await call("getFile", file_id=message["document"]["file_id"])
    where = f"{fake.file_base}{fake.token}/{file['file_path']}"
    assert (await call.client.get(where)).content == b"pdf"
    assert (await call.client.get(where + "x")).status_code == 404
    assert (await call.client.get(where.replace("123:abc", "123:xyz"))).status_code == 401


async def test_downloads_that_are_refused(call: Caller, user: User) -> None:
    await user.sends_document("a.bin", b"x" * 81)
    update = (await call("getUpdates"))[0]
    file_id = update["message"]["document"]["file_id"]
    big = await call.refused("getFile", file_id=file_id)
    assert big == Refusal(400, "Bad Request: file is too big")
    unknown = await call.refused("getFile", file_id="x")
    assert unknown == Refusal(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
