"""The API over HTTP: every call is recorded, may be struck by a fault, and is answered as WeCom would."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.fakes.wecom import office, sending
from tests.fakes.wecom.errors import ApiError, error_body
from tests.fakes.wecom.faults import Fault, Faults, Script
from tests.fakes.wecom.limits import check_concurrency, check_frequency
from tests.fakes.wecom.state import Call, State

_POSTS: dict[str, Callable[[State, bytes], dict[str, Any]]] = {
    "message/update_template_card": sending.update_card,
    "message/recall": sending.recall,
    "agent/set": office.agent_set,
    "agent/set_workbench_template": office.set_workbench_template,
    "agent/set_workbench_data": office.set_workbench_data,
}
_GETS: dict[str, Callable[[State, dict[str, str]], dict[str, Any]]] = {
    "gettoken": office.get_token,
    "menu/get": office.menu_get,
    "menu/delete": office.menu_delete,
    "agent/get": office.agent_get,
    "user/get": office.user_get,
    "auth/getuserinfo": office.user_info,
    "getcallbackip": lambda state, query: {**office.OK, "ip_list": ["127.0.0.1"]},
}
_OTHER_POSTS = ("message/send", "menu/create", "media/upload")
ENDPOINTS = (*_POSTS, *_GETS, *_OTHER_POSTS, "media/get")


class Api:
    """What stands behind /cgi-bin/."""

    def __init__(self, state: State, faults: Faults, has_callback: Callable[[], bool]) -> None:
        self.state, self.faults, self.has_callback = state, faults, has_callback
        self.closing = asyncio.Event()

    async def handle(self, request: Request) -> Response:
        """One call, from its record to its answer."""
        endpoint = request.path_params["endpoint"]
        raw, payload = await _body_of(request, endpoint)
        call = Call(endpoint, request.method, dict(request.query_params), payload, raw, self.state.now())
        self.state.calls.append(call)
        self.state.under_way[endpoint] += 1
        try:
            response = await self._answer(request, call)
            call.status = response.status_code
        finally:
            self.state.under_way[endpoint] -= 1
            await self.state.tell()
        return response

    async def _answer(self, request: Request, call: Call) -> Response:
        script = self.faults.next(call)
        if script is None:
            return self._act(call)
        call.fault = str(script.fault)
        return await self._fail(request, call, script)

    async def _fail(self, request: Request, call: Call, script: Script) -> Response:
        fault = script.fault
        if fault.kind == "errcode":
            call.errcode = fault.code
            return JSONResponse(error_body(fault.code))
        if fault.kind == "http":
            return Response(fault.body, fault.code, media_type="text/html")
        if fault.kind == "hold":
            await _first_of(script.cleared.wait, self.closing.wait)
            return self._act(call)
        if fault.kind == "hang":
            await _first_of(script.cleared.wait, self.closing.wait, request.receive)
            return await _reset(request)
        answer = await self._acted(call, fault)
        return _halved(answer) if fault.kind == "cut" else await _reset(request)

    async def _acted(self, call: Call, fault: Fault) -> Response:
        if not fault.acts:
            return JSONResponse(office.OK)
        answer = self._act(call)
        await self.state.tell()
        return answer

    def _act(self, call: Call) -> Response:
        """The call's effect and its true answer."""
        try:
            answer = self._result(call)
        except ApiError as error:
            answer = error.body()
        if isinstance(answer, Response):
            call.errcode = 0
            return answer
        call.errcode = answer["errcode"]
        # Not JSONResponse: the real answers are UTF-8 without escapes, and so are its; but with a charset named.
        return Response(json.dumps(answer, ensure_ascii=False), media_type="application/json; charset=UTF-8")

    def _result(self, call: Call) -> dict[str, Any] | Response:
        state, endpoint, query = self.state, call.endpoint, call.query
        if endpoint not in ENDPOINTS:
            return Response("404 page not found", 404)
        if call.method == "GET" and (endpoint in _POSTS or endpoint in _OTHER_POSTS):
            raise ApiError(40035, "POST sent as GET")
        if endpoint != "gettoken":
            office.check_token(state, query)
        check_concurrency(state, endpoint)
        check_frequency(state, endpoint)
        if endpoint in _POSTS:
            return _POSTS[endpoint](state, call.raw)
        if endpoint in _GETS:
            return _GETS[endpoint](state, query)
        if endpoint == "message/send":
            return sending.send(state, call.raw, self.has_callback())
        if endpoint == "menu/create":
            return office.menu_create(state, query, call.raw)
        if endpoint == "media/upload":
            return office.upload(state, query, call.payload.get("name"), call.raw)
        return _download(office.medium(state, query).file.name, office.medium(state, query).file.content)


def _download(name: str, content: bytes) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'.encode().decode("latin-1")}
    return Response(content, media_type="application/octet-stream", headers=headers)


async def _body_of(request: Request, endpoint: str) -> tuple[bytes, Any]:
    """The raw body and what can be read of it. Of an upload: the medium and its name."""
    if endpoint == "media/upload":
        if not request.headers.get("content-type", "").startswith("multipart/"):
            return await request.body(), {}
        async with request.form() as form:
            media = form.get("media")
            if not isinstance(media, UploadFile):
                return b"", {}
            content = await media.read()
            return content, {"name": media.filename, "size": len(content)}
    raw = await request.body()
    try:
        return raw, json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        return raw, raw


# --- broken answers ------------------------------------------------------------------------------------------------


def _halved(answer: Response) -> Response:
    """A well-formed HTTP answer whose JSON ends in the middle."""
    whole = bytes(answer.body)
    return Response(whole[: len(whole) // 2], answer.status_code, media_type="application/json")


async def _reset(request: Request) -> Response:
    """A real RST instead of an answer; what is returned is no longer sent."""
    # Of the server's own objects only the transport is used; ASGI has no word for breaking a connection.
    transport: asyncio.Transport = request.receive.__self__.transport  # type: ignore[attr-defined]
    sock = transport.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    while (await request.receive())["type"] != "http.disconnect":
        pass
    return Response()


async def _first_of(*waits: Callable[[], Awaitable[Any]]) -> None:
    """Until the first of them is over; the others are called off."""
    tasks = [asyncio.ensure_future(wait()) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
