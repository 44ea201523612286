"""Callbacks: built, encrypted, signed, posted and repeated as WeCom does; and what is answered in the same breath."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import httpx

from tests.fakes.wecom.cards import check_card
from tests.fakes.wecom.cipher import BadCipher, Cipher, sign
from tests.fakes.wecom.errors import ApiError
from tests.fakes.wecom.schema import TEXT_BYTES
from tests.fakes.wecom.state import Member, Message, State
from tests.fakes.wecom.xml import Xml, card_of, document, texts

TRIES = 3
# WeCom's own patience is five seconds, and one for the check of the URL. Whether an answer is quick enough is asked by
# tests of their own: here a busy machine would be told everything three times.
PATIENCE = 60.0


@dataclass(frozen=True)
class Envelope:
    """A signed request to the callback URL."""

    query: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Attempt:
    """One try: the HTTP status, or None with what went wrong."""

    status: int | None
    body: bytes = b""
    problem: str = ""


@dataclass(eq=False)
class Delivery:
    """One callback and its tries. Without any the app is not told of such things."""

    plain: str
    envelopes: list[Envelope] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    reply: dict[str, str] | None = None  # the passive reply's top-level texts

    @property
    def ok(self) -> bool:
        return bool(self.attempts) and self.attempts[-1].status == 200

    @property
    def fields(self) -> dict[str, str]:
        return texts(self.plain)


class Courier:
    """Between WeCom and the app's callback URL."""

    def __init__(self, state: State, token: str, aes_key: str, url: str, client: httpx.AsyncClient) -> None:
        self.state, self.token, self.url, self.client = state, token, url, client
        self.cipher = Cipher(aes_key, state.corp_id)
        self.timeout, self.verify_timeout, self.retry_pause = PATIENCE, PATIENCE, 0.0
        self.patience: asyncio.Timeout | None = None  # of the attempt under way
        self.fresh_timestamps = False
        self.deliveries: list[Delivery] = []

    # --- out -------------------------------------------------------------------------------------------------------

    def signed(self, encrypted: str, *, at: float | None = None, echo: bool = False) -> Envelope:
        """An envelope around a ciphertext."""
        timestamp, nonce = str(int(self.state.now() if at is None else at)), secrets.token_hex(5)
        query = {
            "msg_signature": sign(self.token, timestamp, nonce, encrypted),
            "timestamp": timestamp,
            "nonce": nonce,
        }
        if echo:
            return Envelope({**query, "echostr": encrypted})
        outer = {"ToUserName": self.state.corp_id, "AgentID": str(self.state.agent_id), "Encrypt": encrypted}
        return Envelope(query, document(outer).encode())

    async def post(self, envelope: Envelope) -> httpx.Response:
        """One bare request, without a limit of time."""
        headers = {"content-type": "text/xml"}
        url = f"{self.url}?{urlencode(envelope.query)}"
        return await self.client.post(url, content=envelope.body, headers=headers)

    async def get(self, envelope: Envelope) -> httpx.Response:
        return await self.client.get(f"{self.url}?{urlencode(envelope.query)}")

    async def verify_url(self) -> tuple[bool, str]:
        """Whether the URL proves that it knows the key, and what is wrong if not."""
        secret = str(secrets.randbelow(10**19))
        try:
            async with asyncio.timeout(self.verify_timeout):
                answer = await self.get(self.signed(self.cipher.encrypt(secret), echo=True))
        except (httpx.HTTPError, TimeoutError) as error:
            return False, f"no answer: {type(error).__name__}"
        if answer.status_code != 200:
            return False, f"HTTP {answer.status_code}"
        return answer.content == secret.encode(), f"answered {answer.content!r}"

    async def deliver(self, member: Member, fields: Mapping[str, Xml], on: Message | None = None) -> Delivery:
        """One callback, up to three tries; the reply takes effect in the member's chat."""
        common: dict[str, Xml] = {"ToUserName": self.state.corp_id, "FromUserName": member.userid}
        common["CreateTime"] = int(self.state.now())
        delivery = Delivery(document({**common, **fields}))
        self.deliveries.append(delivery)
        for number in range(TRIES):
            if number == 0 or self.fresh_timestamps:
                delivery.envelopes.append(self.signed(self.cipher.encrypt(delivery.plain)))
            if number and self.retry_pause:
                await asyncio.sleep(self.retry_pause)
            delivery.attempts.append(await self._attempt(delivery.envelopes[-1]))
            if delivery.ok:
                self._take_reply(delivery, member, on)
                break
        await self.state.tell()
        return delivery

    async def _attempt(self, envelope: Envelope) -> Attempt:
        try:
            async with asyncio.timeout(self.timeout) as self.patience:
                answer = await self.post(envelope)
        except (httpx.HTTPError, TimeoutError) as error:
            return Attempt(None, problem=type(error).__name__)
        return Attempt(answer.status_code, answer.content)

    # --- back ------------------------------------------------------------------------------------------------------

    def _take_reply(self, delivery: Delivery, member: Member, on: Message | None) -> None:
        """Whatever is wrong with a reply, WeCom ignores it without a word; the fake notes it in `problems`."""
        body = delivery.attempts[-1].body
        if not body:
            return
        try:
            plain = self.open_reply(body)
            delivery.reply = texts(plain)
            self._apply(ET.fromstring(plain), member, on)
        except (ET.ParseError, KeyError, ValueError, BadCipher, ApiError) as error:
            self.state.problems.append(f"passive reply: {type(error).__name__} {error}")

    def open_reply(self, body: bytes) -> str:
        """The plaintext of a passive reply.

        Raises:
            BadCipher, ElementTree.ParseError, KeyError: it is not one.
        """
        outer = texts(body.decode())
        expected = sign(self.token, outer["TimeStamp"], outer["Nonce"], outer["Encrypt"])
        if outer["MsgSignature"] != expected:
            raise BadCipher("bad_signature")
        return self.cipher.decrypt(outer["Encrypt"])

    def _apply(self, root: ET.Element, member: Member, on: Message | None) -> None:
        if root.findtext("FromUserName") != self.state.corp_id:
            raise ValueError("FromUserName is not the corp id")
        if (root.findtext("ToUserName") or "").lower() != member.userid.lower():
            raise ValueError("ToUserName is not the member")
        kind = root.findtext("MsgType") or ""
        if kind in ("update_button", "update_template_card"):
            self._update(root, kind, on)
            return
        member.timeline.append(self._new_message(root, kind))

    def _update(self, root: ET.Element, kind: str, on: Message | None) -> None:
        """Of the clicking member's card only."""
        if on is None:
            raise ValueError(f"{kind} answers no click")
        if kind == "update_button":
            name = root.findtext("Button/ReplaceName")
            if not name:
                raise ValueError("update_button without a ReplaceName")
            on.grey(name)
            return
        node = root.find("TemplateCard")
        if node is None:
            raise ValueError("update_template_card without a TemplateCard")
        card = card_of(node)
        check_card(card, update=True)
        on.replace(card)

    def _new_message(self, root: ET.Element, kind: str) -> Message:
        message = Message(kind, sent_at=self.state.now(), passive=True)
        if kind == "text":
            message.text = root.findtext("Content") or ""
            if not 0 < len(message.text.encode()) <= TEXT_BYTES:
                raise ValueError("Content is empty or too long")
        elif kind in ("image", "voice", "video"):
            medium = self.state.live_media(root.findtext(f"{kind.capitalize()}/MediaId"))
            if medium is None or medium.kind != kind:
                raise ValueError("MediaId is not known")
            message.file = medium.file
        else:
            raise ValueError(f"MsgType {kind!r} is no reply")
        return message
