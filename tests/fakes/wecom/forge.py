"""Callbacks WeCom would never send. Each helper posts one and returns the raw HTTP answer."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Mapping
from dataclasses import replace
from urllib.parse import urlencode

import httpx

from tests.fakes.wecom.cipher import Cipher, pad, sign
from tests.fakes.wecom.delivery import Courier, Delivery, Envelope
from tests.fakes.wecom.xml import document

_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9))
    + "]><xml><ToUserName>x</ToUserName><Encrypt>&j;</Encrypt></xml>"
)
_OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    "<xml><ToUserName>x</ToUserName><Encrypt>&e;</Encrypt></xml>"
)


class Forge:
    """Somebody who knows the URL, and sometimes the token or the key as well."""

    def __init__(self, courier: Courier, aes_key: str) -> None:
        self.courier, self.aes_key = courier, aes_key

    def plain(self, userid: str = "LiMin", text: str = "今日", **more: str | int) -> str:
        """The inner XML of a text message."""
        state = self.courier.state
        fields: dict[str, str | int] = {"ToUserName": state.corp_id, "FromUserName": userid}
        fields |= {"CreateTime": int(state.now()), "MsgType": "text", "Content": text}
        fields |= {"MsgId": 7_100_000_000_000_000_000 + next(state.numbers), "AgentID": state.agent_id}
        return document({**fields, **more})

    def envelope(self, plain: str | None = None, *, at: float | None = None) -> Envelope:
        """A sound envelope; what the other helpers bend."""
        return self.courier.signed(self.courier.cipher.encrypt(plain or self.plain()), at=at)

    async def post(self, envelope: Envelope) -> httpx.Response:
        return await self.courier.post(envelope)

    async def sound(self, plain: str | None = None) -> httpx.Response:
        """Nothing wrong with it: the control."""
        return await self.post(self.envelope(plain))

    # --- signatures ------------------------------------------------------------------------------------------------

    async def wrong_signature(self) -> httpx.Response:
        """Of the right length; only its first character differs."""
        return await self._signature(lambda right: ("0" if right[0] != "0" else "1") + right[1:])

    async def almost_right_signature(self) -> httpx.Response:
        """Only the last character differs."""
        return await self._signature(lambda right: right[:-1] + ("0" if right[-1] != "0" else "1"))

    async def cut_signature(self) -> httpx.Response:
        return await self._signature(lambda right: right[:20])

    async def no_signature(self) -> httpx.Response:
        envelope = self.envelope()
        query = {key: value for key, value in envelope.query.items() if key != "msg_signature"}
        return await self.post(replace(envelope, query=query))

    async def other_token(self) -> httpx.Response:
        """Signed with another app's token."""
        encrypted, at = self.courier.cipher.encrypt(self.plain()), str(int(self.courier.state.now()))
        query = {"msg_signature": sign("other", at, "n", encrypted), "timestamp": at, "nonce": "n"}
        return await self.post(Envelope(query, self._outer(encrypted)))

    async def _signature(self, bend: Callable[[str], str]) -> httpx.Response:
        envelope = self.envelope()
        query = {**envelope.query, "msg_signature": bend(envelope.query["msg_signature"])}
        return await self.post(replace(envelope, query=query))

    # --- time ------------------------------------------------------------------------------------------------------

    async def old(self, seconds: float = 901) -> httpx.Response:
        """Rightly signed, but so long ago."""
        return await self.post(self.envelope(at=self.courier.state.now() - seconds))

    async def ahead(self, seconds: float = 901) -> httpx.Response:
        return await self.post(self.envelope(at=self.courier.state.now() + seconds))

    async def moved_timestamp(self) -> httpx.Response:
        """An old message under a fresh timestamp that its signature does not cover."""
        envelope = self.envelope(at=self.courier.state.now() - 86_400)
        query = {**envelope.query, "timestamp": str(int(self.courier.state.now()))}
        return await self.post(replace(envelope, query=query))

    async def replayed(self, delivery: Delivery) -> httpx.Response:
        """The very same bytes once more."""
        return await self.post(delivery.envelopes[-1])

    async def resealed(self, delivery: Delivery) -> httpx.Response:
        """The same message in a fresh envelope."""
        return await self.post(self.envelope(delivery.plain))

    # --- the cipher ------------------------------------------------------------------------------------------------

    async def other_corp(self, corp_id: str = "wwother") -> httpx.Response:
        """Right token and key, but meant for another corp."""
        return await self._sealed(Cipher(self.aes_key, corp_id).encrypt(self.plain()))

    async def other_key(self) -> httpx.Response:
        return await self._sealed(Cipher("x" * 43, self.courier.state.corp_id).encrypt(self.plain()))

    async def bad_padding(self) -> httpx.Response:
        """The last bytes do not agree about their number."""
        padded = pad(self._head(0) + self.plain().encode())
        return await self._sealed(self.courier.cipher.seal(padded[:-1] + b"\x00"))

    async def length_overflow(self) -> httpx.Response:
        """Claims to be longer than it is."""
        return await self._sealed(self.courier.cipher.seal(pad(self._head(0x7FFFFFFF) + b"<xml/>")))

    async def bad_base64(self) -> httpx.Response:
        return await self._sealed("?" * 64)

    async def not_a_block(self) -> httpx.Response:
        return await self._sealed("QUJD")

    async def empty_encrypt(self) -> httpx.Response:
        return await self._sealed("")

    async def flipped_bit(self) -> httpx.Response:
        """The signature is the flipped text's own: whoever holds the token may not hold the key."""
        encrypted = self.courier.cipher.encrypt(self.plain())
        return await self._sealed(("A" if encrypted[0] != "A" else "B") + encrypted[1:])

    def _head(self, length: int) -> bytes:
        return os.urandom(16) + struct.pack(">I", length)

    async def _sealed(self, encrypted: str) -> httpx.Response:
        return await self.post(self.courier.signed(encrypted))

    def _outer(self, encrypted: str) -> bytes:
        state = self.courier.state
        outer = {"ToUserName": state.corp_id, "AgentID": str(state.agent_id), "Encrypt": encrypted}
        return document(outer).encode()

    # --- bodies ----------------------------------------------------------------------------------------------------

    async def cut_body(self) -> httpx.Response:
        envelope = self.envelope()
        return await self.post(replace(envelope, body=envelope.body[: len(envelope.body) // 2]))

    async def garbage(self, body: bytes = b"\xff\xfe\x00garbage") -> httpx.Response:
        """Anything at all, under a query that looks right."""
        return await self.post(replace(self.envelope(), body=body))

    async def inner_garbage(self, plain: str = "no xml at all") -> httpx.Response:
        """Rightly sealed, but no message."""
        return await self.sound(plain)

    async def entity_bomb(self) -> httpx.Response:
        """Ten to the ninth laughs outside the cipher."""
        return await self.garbage(_BOMB.encode())

    async def inner_entity_bomb(self) -> httpx.Response:
        """The same from somebody who holds the key."""
        return await self.sound(_BOMB)

    async def external_entity(self) -> httpx.Response:
        return await self.garbage(_OUTSIDE.encode())

    async def deep(self, depth: int = 100_000) -> httpx.Response:
        return await self.garbage(b"<xml>" * depth)

    async def huge(self, size: int = 8 * 1024 * 1024) -> httpx.Response:
        return await self.garbage(b"<xml><Encrypt>" + b"A" * size + b"</Encrypt></xml>")

    # --- the check of the URL --------------------------------------------------------------------------------------

    async def echo(self, echostr: str = "<script>alert(1)</script>", **query: str) -> httpx.Response:
        """A GET whose echostr nobody sealed."""
        forged = {"msg_signature": "0" * 40, "timestamp": str(int(self.courier.state.now())), "nonce": "n"}
        return await self.courier.get(Envelope({**forged, "echostr": echostr, **query}))

    async def raw_get(self, query: Mapping[str, str]) -> httpx.Response:
        return await self.courier.client.get(f"{self.courier.url}?{urlencode(query)}")
