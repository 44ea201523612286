"""The bot's side over HTTP: `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from tests.fakes.telegram.account import Polls
from tests.fakes.telegram.errors import ApiError, too_many
from tests.fakes.telegram.faults import Fault, Faults
from tests.fakes.telegram.given import Given, read_given, whole_number
from tests.fakes.telegram.methods import GET_UPDATES, METHODS, canonical
from tests.fakes.telegram.state import Call
from tests.fakes.telegram.wire import Torn, held
from tests.fakes.telegram.world import World

BAD_GATEWAY = (
    "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n"
    "<hr><center>nginx/1.18.0</center>\r\n</body>\r\n</html>\r\n"
)
NOT_FOUND = ApiError(404, "Not Found")
UNAUTHORIZED = ApiError(401, "Unauthorized")


class Api:
    """Takes calls, notes each of them, and lets the script of faults have its way with them."""

    def __init__(self, token: str, world: World, faults: Faults) -> None:
        self._token, self._world, self._faults = token, world, faults
        self._polls = Polls(world)
        self.closing = asyncio.Event()

    async def call(self, request: Request) -> Response:
        """One call of a method."""
        method = canonical(request.path_params["method"])
        try:
            given = await read_given(request)
        except ApiError as wrong:
            return self._refused(None, wrong)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        noted = self._note(method, given)
        if request.path_params["token"] != self._token:
            return self._refused(noted, UNAUTHORIZED)
        early = self._world.floods.left(method, noted.chat)
        if early:
            self._world.early_calls.append(noted)
            return self._refused(noted, too_many(early))
        fault = self._faults.take(method, noted.chat)
        if fault is None:
            return await self._act(noted, given)
        return await self._fail(fault, noted, given, request)

    def _note(self, method: str, given: Given) -> Call:
        chat = whole_number(given.text("chat_id"))
        files = [(file.name, len(file.content)) for file in given.files.values()]
        noted = Call(method, chat, given.recorded(), self._world.clock(), files)
        self._world.calls.append(noted)
        self._world.bell.ring()
        return noted

    def _refused(self, noted: Call | None, error: ApiError) -> Response:
        if noted is not None:
            noted.status, noted.error = error.code, error.description
        return JSONResponse(error.body(), error.code)

    async def _act(self, noted: Call, given: Given) -> Response:
        try:
            if noted.method == GET_UPDATES:
                result: object = await self._polls.get_updates(given)
            elif noted.method in METHODS:
                result = METHODS[noted.method](self._world, given)
            else:
                raise NOT_FOUND
        except ApiError as wrong:
            return self._refused(noted, wrong)
        noted.status = 200
        return JSONResponse({"ok": True, "result": result})

    async def _fail(self, fault: Fault, noted: Call, given: Given, request: Request) -> Response:
        answer = await self._act(noted, given) if fault.after_acting else None
        noted.status = None
        if fault.kind == "hang":
            if not await held(fault, request.receive, self.closing):
                return Torn()
            return answer or await self._act(noted, given)
        if fault.kind == "reset":
            return Torn()
        if fault.kind == "bad_gateway":
            noted.status = 502
            return HTMLResponse(BAD_GATEWAY, 502)
        if fault.kind == "cut" and answer is not None:
            return Response(bytes(answer.body)[: len(answer.body) // 2], media_type="application/json")
        error = fault.error or ApiError(500, "Internal Server Error")
        if error.retry_after is not None:
            methods = frozenset({fault.method}) if fault.method else None
            self._world.floods.hold(error.retry_after, methods, fault.chat)
        return self._refused(noted, error)

    async def file(self, request: Request) -> Response:
        """Download what getFile named."""
        if request.path_params["token"] != self._token:
            return JSONResponse(UNAUTHORIZED.body(), 401)
        path = request.path_params["path"]
        for file in self._world.files.values():
            if file.path == path and len(file.content) <= self._world.limits.download:
                return Response(file.content, media_type="application/octet-stream")
        return JSONResponse(NOT_FOUND.body(), 404)
