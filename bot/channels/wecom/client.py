"""The calls of WeCom's API: real UTF-8, a token that is always fresh, and every refusal as a `ChannelError`.

Nothing here says a token or a secret: they stand in addresses, and addresses are neither logged nor quoted.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import structlog

from bot.channels.base import ChannelError
from bot.channels.wecom.access import KIND, Refusal, TokenKeeper
from bot.channels.wecom.cards import Payload, to_bytes
from bot.channels.wecom.codes import Code, Kind, look_up
from storage.clock import lease_now
from storage.lane import Lane

log = structlog.get_logger()
CONNECTIONS = 64
TIMEOUT = httpx.Timeout(15.0, connect=5.0)
LARGEST_FILE = 20 * 1024 * 1024
_LARGEST_ANSWER = 1024 * 1024
_JSON = {"content-type": "application/json; charset=utf-8"}
SEND = "message/send"
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_TOO_OFTEN = frozenset({45009, 45011})
# Of the errcodes that only an operator can mend, those that concern one member and not the app.
_ONE_MEMBER = frozenset({50002, 60011})

Answer = dict[str, Any]
Query = Mapping[str, str]


@dataclass(frozen=True)
class App:
    """One self-built app of one corporation, and where its API is."""

    corp_id: str
    agent_id: int
    secret: str = field(repr=False)
    api_base: str

    @property
    def fingerprint(self) -> str:
        told = json.dumps([self.corp_id, self.agent_id, self.secret, self.api_base])
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True)
class Medium:
    """A file as WeCom handed it over."""

    content: bytes
    answer: Answer = field(default_factory=dict)


class Client:
    """Opens without asking WeCom, so that a process starts though the vendor is away."""

    def __init__(self, app: App, lane: Lane) -> None:
        self.app = app
        self._keeper = TokenKeeper(lane, app.fingerprint, self._get_token)
        self._http: httpx.AsyncClient | None = None
        self._blocks, self._blocked_until = 0, 0.0

    def open(self) -> None:
        if self._http is None:
            base = self.app.api_base.rstrip("/") + "/"
            limits = httpx.Limits(max_connections=CONNECTIONS)
            self._http = httpx.AsyncClient(base_url=base, timeout=TIMEOUT, limits=limits)

    async def close(self) -> None:
        if self._http is not None:
            http, self._http = self._http, None
            await http.aclose()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Open for a few calls. One that is open already stays so."""
        was_open = self._http is not None
        self.open()
        try:
            yield
        finally:
            if not was_open:
                await self.close()

    # --- the calls ---------------------------------------------------------------------------------------------------

    async def send(self, payload: Payload) -> Answer:
        return await self._call(SEND, body=payload)

    async def update_card(self, payload: Payload) -> Answer:
        return await self._call("message/update_template_card", body=payload)

    async def recall(self, msgid: str) -> Answer:
        return await self._call("message/recall", body={"msgid": msgid})

    async def upload(self, kind: str, name: str, content: bytes) -> str:
        """Hand over a file; its media_id, which lives for three days."""
        files = {"media": (name, content, "application/octet-stream")}
        answer = await self._call("media/upload", query={"type": kind}, files=files)
        return str(answer.get("media_id", ""))

    async def download(self, media_id: str) -> bytes:
        """A file that somebody sent.

        Raises:
            ChannelError: it is gone, or larger than WeCom says files can be.
        """
        return (await self._with_token("GET", "media/get", query={"media_id": media_id})).content

    async def create_menu(self, menu: Payload) -> Answer:
        return await self._call("menu/create", query={"agentid": str(self.app.agent_id)}, body=menu)

    async def set_tile(self, template: Payload) -> Answer:
        """What the app's tile on the workbench looks like, for everybody."""
        return await self._call("agent/set_workbench_template", body=template)

    async def fill_tile(self, data: Payload) -> Answer:
        """What stands on one member's tile."""
        return await self._call("agent/set_workbench_data", body=data)

    async def agent(self) -> Answer:
        return await self._call("agent/get", query={"agentid": str(self.app.agent_id)})

    async def who(self, login_code: str) -> Answer:
        return await self._call("auth/getuserinfo", query={"code": login_code})

    # --- how they are made -------------------------------------------------------------------------------------------

    async def _call(
        self, endpoint: str, *, query: Query | None = None, body: Payload | None = None, files: Any = None
    ) -> Answer:
        content = to_bytes(body) if body is not None else None
        method = "GET" if body is None and files is None else "POST"
        return (await self._with_token(method, endpoint, query=query, content=content, files=files)).answer

    async def _with_token(
        self,
        method: str,
        endpoint: str,
        *,
        query: Query | None = None,
        content: bytes | None = None,
        files: Any = None,
    ) -> Medium:
        """One call; with a new token a second time, if it was the token that was refused.

        Raises:
            ChannelError: it was not accepted.
        """
        more = query or {}
        token = await self._keeper.token()
        found = await self._ask(method, endpoint, {"access_token": token, **more}, content, files)
        uncertain = endpoint == SEND
        code = look_up(_errcode(found.answer, uncertain))
        if code.kind is Kind.refresh_token:
            token = await self._keeper.token(refused=token)
            found = await self._ask(method, endpoint, {"access_token": token, **more}, content, files)
            code = look_up(_errcode(found.answer, uncertain))
        if code.kind is not Kind.ok:
            raise self._refusal(code)
        if lease_now().timestamp() >= self._blocked_until:
            self._blocks = 0
        if "wrong json format" in str(found.answer.get("errmsg", "")):
            log.error("body_ignored", channel=KIND, kind=endpoint)  # part of what we sent had no effect
        return found

    async def _get_token(self) -> tuple[str, float]:
        """Ask for a token; it, and for how many seconds it lives."""
        asked = {"corpid": self.app.corp_id, "corpsecret": self.app.secret}
        answer = (await self._ask("GET", "gettoken", asked)).answer
        code = look_up(_errcode(answer), getting_token=True)
        if code.kind is not Kind.ok:
            raise self._refusal(code)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token or not isinstance(seconds, int | float):
            raise ChannelError("an answer without a token")
        return token, float(seconds)

    async def _ask(
        self, method: str, endpoint: str, params: Query, content: bytes | None = None, files: Any = None
    ) -> Medium:
        """One request. What is no sound answer is a passing trouble: the call may or may not have had its effect, which
        matters where that is a message."""
        uncertain = endpoint == SEND
        if self._http is None:
            raise ChannelError("not connected")
        headers = _JSON if content is not None else None
        request = self._http.build_request(
            method, endpoint, params=params, content=content, files=files, headers=headers
        )
        try:
            answer = await self._http.send(request, stream=True)
            try:
                body = await _body(answer)
            finally:
                await answer.aclose()
        except _NEVER_SENT as error:
            raise ChannelError(type(error).__name__) from None
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise ChannelError(type(error).__name__, uncertain=uncertain) from None
        if answer.status_code != 200:
            raise ChannelError(f"HTTP {answer.status_code}", uncertain=uncertain)
        if "content-disposition" in answer.headers:
            return Medium(body, {"errcode": 0})
        try:
            return Medium(b"", _json(body))
        except ChannelError as error:
            raise ChannelError(error.reason, uncertain=uncertain) from None

    def _refusal(self, code: Code) -> Refusal:
        """What an errcode means for the message, the chat and the channel."""
        if code.kind is Kind.unreachable:
            return Refusal(code, unreachable=True)
        if code.kind in (Kind.permanent, Kind.card_gone):
            return Refusal(code, permanent=True)
        if code.number in _TOO_OFTEN:
            return self._blocked(code)
        if code.kind is Kind.configuration:
            log.error("channel_refused", channel=KIND, error=str(code.number))
            return Refusal(code, retry_after=code.pause(), everywhere=code.number not in _ONE_MEMBER)
        if code.number == 45033:  # too many at the same time: everybody stands back for a moment
            return Refusal(code, retry_after=code.pause(), everywhere=True)
        log.warning("channel_refused", channel=KIND, error=str(code.number))
        return Refusal(code)

    def _blocked(self, code: Code) -> Refusal:
        """Nobody calls until the window that was exceeded is over. Which one it is we learn by its not being over."""
        now = lease_now().timestamp()
        if now >= self._blocked_until:
            self._blocks += 1
        pause = code.pause(self._blocks)
        self._blocked_until = now + (pause.total_seconds() if pause else 0.0)
        log.error("channel_refused", channel=KIND, error=str(code.number), count=self._blocks)
        return Refusal(code, retry_after=pause, everywhere=True)


async def _body(answer: httpx.Response) -> bytes:
    """The body, of a file or of JSON, and no more than either can be."""
    is_file = "content-disposition" in answer.headers
    most = LARGEST_FILE if is_file else _LARGEST_ANSWER
    body = bytearray()
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > most:
            raise ChannelError("an answer that is too large", permanent=True, too_large=is_file)
    return bytes(body)


def _json(body: bytes) -> Answer:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        raise ChannelError("an answer that cannot be read") from None
    if not isinstance(answer, dict):
        raise ChannelError("an answer that cannot be read")
    return answer


def _errcode(answer: Answer, uncertain: bool = False) -> int:
    errcode = answer.get("errcode")
    if not isinstance(errcode, int):
        raise ChannelError("an answer without errcode", uncertain=uncertain)
    return errcode
