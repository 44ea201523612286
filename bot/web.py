"""The HTTP side: health, the sandbox, and the rules every request meets (a body cap, errors in one sentence)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.channels.sandbox import page
from bot.channels.sandbox.api import Sandbox, router
from storage.lane import is_busy

log = structlog.get_logger()
BODY_LIMIT = 9 * 1024 * 1024  # a photo of 8 MB and its wrapping
Problems = Callable[[], Awaitable[list[str]]]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def make_web(
    lifespan: Lifespan, problems: Problems, sandbox: Sandbox | None, routes: Sequence[BaseRoute] = ()
) -> FastAPI:
    """The application. `problems` says what is not well, for /readyz. Without `sandbox` its routes do not exist;
    `routes` are those by which vendors call."""
    web = FastAPI(title="fangpingcha", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    web.add_middleware(BodyCap, limit=BODY_LIMIT)
    web.add_middleware(LastNet)
    _say_errors_in_one_sentence(web)

    @web.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @web.get("/readyz")
    async def readyz() -> JSONResponse:
        found = await problems()
        return JSONResponse(found or {"status": "ok"}, 503 if found else 200)

    web.router.routes.extend(routes)
    if sandbox is not None:
        web.include_router(router(sandbox))
        web.mount("/sandbox/static", StaticFiles(directory=page.STATIC), name="static")

        @web.get("/")
        async def home() -> RedirectResponse:
            return RedirectResponse("/sandbox/")

    return web


def _say_errors_in_one_sentence(web: FastAPI) -> None:
    @web.exception_handler(RequestValidationError)
    async def malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        # The framework's own answer would repeat the input.
        names = ", ".join(sorted({str(problem["loc"][-1]) for problem in error.errors()}))
        return JSONResponse({"detail": f"This is not valid: {names}."}, 400)

    @web.exception_handler(HTTPException)
    async def refused(request: Request, error: HTTPException) -> JSONResponse:
        return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)


class LastNet:
    """What nobody expected: one sentence for the caller, one line in the log.

    A handler for `Exception` would not do: the framework raises the error again after it, and the server then logs
    the traceback with whatever the error quotes.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if scope["type"] != "http":
                raise
            answer = _sorry(scope["path"], error)
            if not started:
                await answer(scope, receive, send)


def _sorry(path: str, error: Exception) -> JSONResponse:
    if is_busy(error):
        return JSONResponse({"detail": "The database is busy. Nothing was lost; please try again."}, 503)
    log.error("request_failed", path=path, error=type(error).__name__)
    return JSONResponse({"detail": "Something went wrong on our side."}, 500)


class BodyCap:
    """Refuses a request whose body is larger than `limit` bytes, announced or not, before anybody keeps it."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self._app, self._limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not announced.isdigit() or int(announced) > self._limit:
            await _too_large(scope, receive, send)
            return
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > self._limit:
                raise HTTPException(413, "The request is too large.")
            return message

        await self._app(scope, counted, send)


async def _too_large(scope: Scope, receive: Receive, send: Send) -> None:
    await JSONResponse({"detail": "The request is too large."}, 413)(scope, receive, send)
