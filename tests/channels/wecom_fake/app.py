"""The two other ends: an app that answers callbacks, and one that calls the API."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.fakes.wecom import FakeWeCom
from tests.fakes.wecom.cipher import BadCipher, Cipher, sign
from tests.fakes.wecom.xml import Xml, document, texts

MONDAY = 1_795_393_800.0  # 2026-11-23 08:30 in China
CALLBACK = "http://app/callback"


class Clock:
    """Time that moves when it is told to."""

    def __init__(self, moment: float = MONDAY) -> None:
        self.moment = moment

    def __call__(self) -> float:
        return self.moment

    def advance(self, seconds: float) -> None:
        self.moment += seconds


class Callbacks:
    """An app's callback URL. `statuses` are the next answers' (0: no answer at all), `reply` makes passive replies."""

    def __init__(self) -> None:
        self.cipher, self.token, self.corp_id = Cipher("x" * 43, ""), "", ""
        self.fake: FakeWeCom | None = None
        self.heard: list[str] = []
        self.queries: list[dict[str, str]] = []
        self.statuses: list[int] = []
        self.echo: Callable[[str], str] = lambda plain: plain
        self.reply: Callable[[dict[str, str]], dict[str, Xml] | None] = lambda fields: None
        self.raw: bytes | None = None
        routes = [Route("/callback", self._verify), Route("/callback", self._take, methods=["POST"])]
        self.transport = httpx.ASGITransport(app=Starlette(routes=routes))

    def of(self, fake: FakeWeCom) -> None:
        self.cipher, self.token = Cipher(fake.aes_key, fake.corp_id), fake.token
        self.corp_id, self.fake = fake.corp_id, fake

    async def _verify(self, request: Request) -> Response:
        return Response(self.echo(self._open(request, request.query_params["echostr"])))

    async def _take(self, request: Request) -> Response:
        self.queries.append(dict(request.query_params))
        try:
            plain = self._open(request, texts((await request.body()).decode())["Encrypt"])
        except (BadCipher, SyntaxError, ValueError, KeyError):
            return Response("", 403)
        self.heard.append(plain)
        status = self.statuses.pop(0) if self.statuses else 200
        if status == 0:
            assert self.fake is not None
            assert self.fake.courier.patience is not None
            # It is heard, and nothing will be said: WeCom's patience is over.
            self.fake.courier.patience.reschedule(asyncio.get_running_loop().time())
            await asyncio.Event().wait()
        answer = self.reply(texts(plain))
        if status != 200 or answer is None:
            return Response(self.raw or "", status)
        return Response(self.sealed({"FromUserName": self.corp_id, "CreateTime": 1, **answer}))

    def _open(self, request: Request, encrypted: str) -> str:
        given = request.query_params
        expected = sign(self.token, given["timestamp"], given["nonce"], encrypted)
        if given.get("msg_signature") != expected:
            raise BadCipher("bad_signature")
        return self.cipher.decrypt(encrypted)

    def sealed(self, fields: dict[str, Xml]) -> bytes:
        encrypted = self.cipher.encrypt(document(fields))
        signature = sign(self.token, "1", "n", encrypted)
        outer: dict[str, Xml] = {"Encrypt": encrypted, "MsgSignature": signature}
        return document({**outer, "TimeStamp": 1, "Nonce": "n"}).encode()

    @property
    def fields(self) -> dict[str, str]:
        """The last callback's top-level texts."""
        return texts(self.heard[-1])


class Caller:
    """An app that calls the API with a token it keeps."""

    def __init__(self, fake: FakeWeCom) -> None:
        self.fake, self.token = fake, ""
        self.http = httpx.AsyncClient(base_url=fake.api_base, trust_env=False, verify=False, timeout=60)

    async def get_token(self, **given: str) -> dict[str, Any]:
        secret = {"corpid": self.fake.corp_id, "corpsecret": self.fake.secret, **given}
        answer: dict[str, Any] = (await self.http.get("gettoken", params=secret)).json()
        self.token = answer.get("access_token", self.token)
        return answer

    async def later(self, clock: Clock, seconds: float) -> None:
        """Time passes, and the token is fetched anew."""
        clock.advance(seconds)
        await self.get_token()

    async def get(self, endpoint: str, **query: str) -> dict[str, Any]:
        params = {"access_token": self.token, **query}
        answer: dict[str, Any] = (await self.http.get(endpoint, params=params)).json()
        return answer

    async def post(self, endpoint: str, body: Any, **query: str) -> dict[str, Any]:
        answer: dict[str, Any] = (await self.raw(endpoint, body, **query)).json()
        return answer

    async def raw(self, endpoint: str, body: Any, **query: str) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
        params = {"access_token": self.token, **query}
        return await self.http.post(endpoint, params=params, content=content)

    async def send(self, kind: str = "text", content: Any = None, **more: Any) -> dict[str, Any]:
        """message/send, by default a short text to LiMin."""
        body = {"touser": "LiMin", "msgtype": kind, "agentid": self.fake.agent_id}
        return await self.post("message/send", {**body, kind: content or {"content": "今日"}, **more})

    async def card(self, card: dict[str, Any], **more: Any) -> dict[str, Any]:
        return await self.send("template_card", card, **more)

    async def update(self, code: str, change: dict[str, Any], **more: Any) -> dict[str, Any]:
        body = {"userids": ["LiMin"], "agentid": self.fake.agent_id, "response_code": code}
        return await self.post("message/update_template_card", {**body, **change, **more})

    async def upload(self, kind: str, name: str, content: bytes) -> dict[str, Any]:
        answer = await self.http.post(
            "media/upload",
            params={"access_token": self.token, "type": kind},
            files={"media": (name, content)},
        )
        found: dict[str, Any] = answer.json()
        return found


def button_card(task_id: str = "visit_1", **more: Any) -> dict[str, Any]:
    buttons = [{"text": "记录", "style": 1, "key": "rec:1"}, {"text": "改期", "style": 2, "key": "mv:1"}]
    title = {"main_title": {"title": "回访", "desc": "本周"}, "task_id": task_id}
    return {"card_type": "button_interaction", **title, "button_list": buttons, **more}


def vote_card(task_id: str = "vote_1", mode: int = 1, **more: Any) -> dict[str, Any]:
    options = [
        {"id": "a", "text": "情绪稳定"},
        {"id": "b", "text": "工作积极"},
        {"id": "c", "text": "需关心"},
    ]
    box = {"question_key": "q1", "mode": mode, "option_list": options}
    title = {"main_title": {"title": "表现"}, "task_id": task_id}
    submit = {"text": "提交", "key": "submit"}
    return {"card_type": "vote_interaction", **title, "checkbox": box, "submit_button": submit, **more}


def select_card(task_id: str = "pick_1", **more: Any) -> dict[str, Any]:
    options = [{"id": "0", "text": "未选"}, {"id": "1", "text": "好"}, {"id": "2", "text": "一般"}]
    selects = [{"question_key": key, "title": key, "option_list": options} for key in ("k1", "k2")]
    title = {"main_title": {"title": "评价"}, "task_id": task_id}
    submit = {"key": "submit"}
    return {
        "card_type": "multiple_interaction",
        **title,
        "select_list": selects,
        "submit_button": submit,
        **more,
    }


def notice_card(**more: Any) -> dict[str, Any]:
    action = {"type": 1, "url": "https://example.org/console"}
    return {"card_type": "text_notice", "main_title": {"title": "周报"}, "card_action": action, **more}
