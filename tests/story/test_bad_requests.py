"""What no page of ours would send: refused with one sentence, never 5xx, and nothing of it kept or logged."""

from __future__ import annotations

import io
import json
from typing import Any

import httpx
import pytest

from bot import web
from tests.chat import Town
from tests.story.test_bad_input import clean
from tests.story.words import ON_SQLITE

pytestmark = ON_SQLITE
JSON = {"content-type": "application/json"}
MULTIPART = {"content-type": "multipart/form-data; boundary=x"}
CHAT = "/sandbox/personas/officer-1/messages"
CANARY = "金丝雀八二六"

BODIES: list[bytes] = [
    b"", b"{", b"[", b"null", b"[]", b"1", b'"text"', b"{}", b"NaN", b'{"text": NaN}', b'{"text": null}',
    b'{"text": 1}', b'{"text": []}', b'{"text": {}}', b'{"action": 1}', b'{"action": null, "message_id": 1}',
    b'{"message_id": 1}', b"\xff\xfe\xfd", b'{"text": "\xff"}', b"\x00", b"<xml/>", b"text=hello",
    b"[" * 100_000, b'{"a":' * 100_000, b'{"text": "x"', b'{"text": "' + CANARY.encode() + b'", }',
]  # fmt: skip

FORMS: list[tuple[dict[str, str], bytes]] = [
    (MULTIPART, b""),
    (MULTIPART, b"garbage"),
    (MULTIPART, b"--x\r\n"),
    (MULTIPART, b"--x--\r\n"),
    (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nno file name\r\n--x--\r\n'),
    (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nhello\r\n--x--\r\n'),
    (MULTIPART, b'--x\r\nContent-Disposition: form-data; filename="a"\r\n\r\nnameless\r\n--x--\r\n'),
    (MULTIPART, b"--x\r\nContent-Disposition: form-data\r\n\r\n\xff\r\n--x--\r\n"),
    (MULTIPART, b"--x\r\n" + b"A: " + b"b" * 20_000 + b"\r\n\r\n\r\n--x--\r\n"),
    ({"content-type": "multipart/form-data"}, b"--x\r\n"),
    ({"content-type": "multipart/form-data; boundary="}, b"--\r\n"),
    ({"content-type": "multipart/form-data; boundary=x; charset=nosuch"}, b"garbage"),
    ({"content-type": "multipart/mixed; boundary=x"}, b"--x--"),
    (
        MULTIPART,
        b"".join(b'--x\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n1\r\n' % n for n in range(30))
        + b"--x--",
    ),
    (
        MULTIPART,
        b"".join(
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a%d"\r\n\r\n1\r\n' % n
            for n in range(3)
        )
        + b"--x--",
    ),
]


def refused(answer: httpx.Response, what: object, *statuses: int) -> None:
    assert 400 <= answer.status_code < 500, (what, answer.status_code, answer.text)
    assert answer.status_code in (statuses or (answer.status_code,)), (what, answer.status_code)
    detail = answer.json()["detail"]
    assert isinstance(detail, str), what
    assert 5 < len(detail) < 200, (what, detail)
    assert "\n" not in detail
    assert CANARY not in answer.text


async def kept(town: Town) -> int:
    officer = await town.one("care_officer")
    return len(await officer.messages())


async def test_malformed_bodies(town: Town, log: io.StringIO) -> None:
    before = await kept(town)
    for body in BODIES:
        for headers in (JSON, {"content-type": "text/plain"}, {}):
            refused(await town.client.post(CHAT, content=body, headers=headers), body[:40], 400)
        refused(await town.client.post("/sandbox/clock", content=body, headers=JSON), body[:40], 400)
    for headers, body in FORMS:
        refused(await town.client.post(CHAT, content=body, headers=headers), (headers, body[:80]), 400)
    assert await kept(town) == before
    assert CANARY not in await clean(town, log)


async def test_a_kind_of_file_there_is_not(town: Town) -> None:
    for kind in ("video", "x" * 1000, "\x00"):
        answer = await town.client.post(CHAT, files={"file": ("a.txt", b"1")}, data={"kind": kind})
        refused(answer, kind, 400)


async def test_a_file_is_answered_whatever_it_is_called(town: Town) -> None:
    officer = await town.one("care_officer")
    for name in ("a.xlsx", "../../etc/passwd", "记录.jpg", "x" * 1000, '"quoted";.txt', "a\\b.exe"):
        before = await officer.last_id()
        files = {"file": (name, b"\x00\xff" * 10, "text/html")}
        answer = await town.client.post(CHAT, files=files, data={"kind": "photo", "event_id": name})
        assert answer.status_code == 200, name
        mine, answered = await officer.messages(before)
        assert answered["text"]
        back = await town.client.get(mine["file"]["url"])
        assert back.content == b"\x00\xff" * 10
        assert back.headers["content-type"] == "application/octet-stream"
        assert back.headers["content-disposition"].startswith("attachment")


async def test_bodies_that_are_too_large(town: Town, log: io.StringIO) -> None:
    before = await kept(town)
    limit = web.BODY_LIMIT

    async def drip() -> Any:
        for _ in range(limit // 65_536 + 2):
            yield b" " * 65_536

    long = json.dumps({"text": "x" * limit}).encode()
    refused(await town.client.post(CHAT, content=long, headers=JSON), "announced", 413)
    refused(await town.client.post(CHAT, content=drip(), headers=JSON), "not announced", 413)
    refused(await town.client.post(CHAT, content=drip(), headers=MULTIPART), "a form", 400, 413)
    refused(await town.client.post(CHAT, files={"file": ("a", b"x" * limit)}), "a file", 413)
    refused(await town.client.post("/sandbox/clock", content=drip(), headers=JSON), "the clock", 413)
    fits = await town.client.post(CHAT, files={"file": ("a.bin", b"x" * (5 * 1024 * 1024))})
    assert fits.status_code == 200
    assert await kept(town) == before + 2
    await clean(town, log)


async def test_people_and_things_there_are_not(town: Town) -> None:
    nobody = ("officer-99", "nobody", "%00", "..%2f", "张明", "'", "x" * 3000, "officer-1%20", "OFFICER-1")
    for persona in nobody:
        path = f"/sandbox/personas/{persona}/messages"
        refused(await town.client.get(path), persona, 404)
        refused(await town.client.post(path, json={"text": "今日"}), persona, 404)
    numbers = ("0", "-1", "99999", "x", "1.5", "", "9" * 19, "9" * 30, "9" * 5000, "%00")
    for number in numbers:
        refused(await town.client.get(f"/sandbox/files/{number}"), number, 400, 404)
    for after in ("x", "", "1.5", "9" * 30, "-" + "9" * 30, "9" * 5000, "null"):
        refused(await town.client.get(CHAT, params={"after": after}), after, 400)
    for path in (
        "/nosuch",
        "/sandbox/nosuch",
        "/sandbox/static/../api.py",
        "/sandbox/static/%00",
        "/console/../x",
    ):
        refused(await town.client.get(path), path, 404)
    for method in ("PUT", "DELETE", "PATCH"):
        refused(await town.client.request(method, CHAT), method, 405)


async def test_an_error_of_ours_in_a_request(
    town: Town, log: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server would log the traceback of whatever escapes from the application: nothing may."""

    def broken(*_: Any) -> Any:
        raise RuntimeError(f"张明 {CANARY}")

    monkeypatch.setattr("bot.channels.sandbox.api._shown", broken)
    answer = await town.client.get(CHAT)
    assert answer.status_code == 500
    assert answer.json() == {"detail": "Something went wrong on our side."}
    told = await clean(town, log)
    assert "request_failed" in told
    assert CANARY not in told
