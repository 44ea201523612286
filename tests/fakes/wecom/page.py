"""What people meet in a browser: everybody's phone side by side, and the login page the app sends them to."""

from __future__ import annotations

import asyncio
import html
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.fakes.wecom.delivery import Courier
from tests.fakes.wecom.state import Message, State
from tests.fakes.wecom.user import Nothing, User

HTML = Path(__file__).with_name("page.html")
LONG_POLL_SECONDS = 25.0
LAST_CALLS = 40


class Page:
    """The routes beside /cgi-bin/."""

    def __init__(
        self, state: State, courier: Courier, user: Callable[[str], User], closing: asyncio.Event
    ) -> None:
        self.state, self.courier, self.user, self.closing = state, courier, user, closing

    def routes(self) -> list[Route]:
        return [
            Route("/", self.page),
            Route("/pic/{media_id}", self.file),
            Route("/page/file/{media_id}", self.file),
            Route("/page/state", self.look),
            Route("/page/act", self.act, methods=["POST"]),
            Route("/page/file", self.send_file, methods=["POST"]),
            Route("/page/verify", self.verify, methods=["POST"]),
            Route("/connect/oauth2/authorize", self.authorize),
        ]

    async def page(self, request: Request) -> Response:
        return HTMLResponse(HTML.read_text("utf-8"))

    async def look(self, request: Request) -> Response:
        """Everything, as soon as it is newer than what the page has."""
        seen = int(request.query_params.get("after", "-1"))
        try:
            async with asyncio.timeout(LONG_POLL_SECONDS), self.state.changed:
                await self.state.changed.wait_for(lambda: self.state.version > seen or self.closing.is_set())
        except TimeoutError:
            pass
        return JSONResponse(self._everything())

    def _everything(self) -> dict[str, Any]:
        state = self.state
        return {
            "version": state.version,
            "menu": state.menu,
            "problems": state.problems[-5:],
            "calls": [
                {
                    "endpoint": call.endpoint,
                    "errcode": call.errcode,
                    "status": call.status,
                    "fault": call.fault,
                    "at": call.at,
                }
                for call in state.calls[-LAST_CALLS:]
            ],
            "users": [
                {
                    "userid": member.userid,
                    "name": member.name,
                    "position": member.position,
                    "visible": member.visible,
                    "messages": [_shown(message) for message in member.timeline],
                }
                for member in state.members.values()
            ],
        }

    async def act(self, request: Request) -> Response:
        """One act of one person; what went wrong is told in words."""
        body = await request.json()
        if self.state.member(body["user"]) is None:
            return JSONResponse({"problem": "no such member"}, 404)
        try:
            delivery = await self._do(self.user(body["user"]), body)
        except Nothing as nothing:
            return JSONResponse({"problem": str(nothing)})
        tries = [attempt.status or attempt.problem for attempt in delivery.attempts]
        return JSONResponse({"problem": "" if delivery.ok or not tries else f"callback failed: {tries}"})

    async def _do(self, user: User, body: dict[str, Any]) -> Any:
        on = user.timeline[body["on"]] if "on" in body else None
        acts: dict[str, Callable[[], Any]] = {
            "says": lambda: user.says(body["text"]),
            "taps": lambda: user.taps(body["label"], on, choosing=body.get("choosing") or None),
            "votes": lambda: user.votes(body["options"], on),
            "selects": lambda: user.selects(body["choices"], on),
            "menu": lambda: user.clicks_menu(body["entry"]),
            "location": user.sends_location,
            "enters": user.enters,
            "leaves": user.leaves,
            "joins": user.joins,
        }
        return await acts[body["do"]]()

    async def verify(self, request: Request) -> Response:
        passed, problem = await self.courier.verify_url()
        return JSONResponse({"problem": "" if passed else problem})

    async def send_file(self, request: Request) -> Response:
        """A picture, a recording or any other file, told apart by its name."""
        user, name = self.user(request.query_params["user"]), request.query_params["name"]
        content, ending = await request.body(), name.rpartition(".")[2].lower()
        if ending in ("png", "jpg", "jpeg"):
            await user.sends_image(content, name)
        elif ending == "amr":
            await user.sends_voice(content)
        else:
            await user.sends_file(name, content)
        return JSONResponse({"problem": ""})

    async def file(self, request: Request) -> Response:
        """A medium's bytes. Only pictures are shown; everything else is a download, never run in this origin."""
        medium = self.state.media.get(request.path_params["media_id"])
        if medium is None:
            return Response("gone", 404)
        headers = {"X-Content-Type-Options": "nosniff"}
        if medium.kind == "image":
            kind = "image/png" if medium.file.content.startswith(b"\x89PNG") else "image/jpeg"
            return Response(medium.file.content, media_type=kind, headers=headers)
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(medium.file.name)}"
        return Response(medium.file.content, media_type="application/octet-stream", headers=headers)

    async def authorize(self, request: Request) -> Response:
        """The login page: WeCom knows who holds the phone, here one says who one is (or adds `as=` to the link)."""
        query = request.query_params
        target = urlsplit(query.get("redirect_uri", ""))
        if query.get("appid") != self.state.corp_id or target.scheme not in ("http", "https"):
            return HTMLResponse("50001 redirect_uri", 400)
        chosen = query.get("as")
        if chosen and self.state.member(chosen):
            code = self.user(chosen).login_code(query.get("scope", "snsapi_base"))
            more = urlencode({"code": code, "state": query.get("state", "")})
            joint = "&" if target.query else "?"
            return RedirectResponse(f"{target._replace(fragment='').geturl()}{joint}{more}", 302)
        links = "".join(
            f'<p><a href="?{html.escape(urlencode({**query, "as": member.userid}))}">{html.escape(member.name)}</a></p>'
            for member in self.state.members.values()
        )
        return HTMLResponse(f"<!doctype html><meta charset=utf-8><title>登录</title><h1>我是</h1>{links}")


def _shown(message: Message) -> dict[str, Any]:
    file = message.file
    return {
        "kind": message.kind,
        "title": message.title,
        "text": message.source or message.text,
        "card": message.card,
        "buttons": [{"label": one.label, "url": one.url, "menu": one.menu} for one in message.buttons],
        "greyed": message.greyed,
        "mine": message.mine,
        "recalled": message.recalled,
        "file": file and {"name": file.name, "id": file.media_id},
        "at": message.sent_at,
    }
