"""The server itself: opened with `async with`, in the event loop of the test, on a free port of this machine."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, cast

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.telegram.api import NOT_FOUND, Api
from tests.fakes.telegram.delivery import Delivery
from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.faults import Faults
from tests.fakes.telegram.groups import Group
from tests.fakes.telegram.limits import Limits
from tests.fakes.telegram.page import page_routes
from tests.fakes.telegram.state import Call, Chat, Person
from tests.fakes.telegram.texts import Formatted
from tests.fakes.telegram.user import PATIENCE, User
from tests.fakes.telegram.wire import KeepTransport
from tests.fakes.telegram.world import World

TOKEN = "123456:fake-token-of-a-test"
METHODS = ["GET", "POST"]
LAST_BREATH = 2.0  # seconds for connections to go when the server stops


class FakeTelegram:
    """One bot's Bot API. Everything a test asks about is here; everything it does is done by a `user`."""

    def __init__(
        self,
        token: str = TOKEN,
        *,
        port: int = 0,
        clock: Callable[[], float] = time.time,
        floods: bool = True,
        limits: Limits | None = None,
        retry_scale: float = 0.001,
        webhook_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.token = token
        self.world = World(token, clock, limits or Limits(), floods)
        self.faults = Faults()
        self.floods = self.world.floods
        self.delivery = Delivery(self.world, retry_scale, webhook_transport)
        self._api = Api(token, self.world, self.faults)
        self._port = port
        self._users: dict[int, User] = {}

    # --- running -----------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        # With the protocol named: asyncio turns Nagle's waiting off only then, and every call is 40 ms faster.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self._port))
        self._port = listener.getsockname()[1]
        config = uvicorn.Config(
            KeepTransport(self._app()), http="h11", ws="none", lifespan="off", interface="asgi3",
            log_config=None, access_log=False, proxy_headers=False, date_header=False,
            timeout_keep_alive=3600,  # or, on a busy machine, it hangs up just as the next call comes
        )  # fmt: skip
        config.load()
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        # Not `serve()`: it would take the signals of the process, and look up ten times a second.
        await self._server.startup(sockets=[listener])
        self.delivery.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.world.closing = True
        self._api.closing.set()
        self.world.bell.ring()
        await self.delivery.stop()
        for listener in self._server.servers:
            listener.close()
        await self._let_go()

    async def _let_go(self) -> None:
        """Answers under way are finished; idle connections are closed."""
        state = self._server.server_state
        loop = asyncio.get_running_loop()
        until = loop.time() + LAST_BREATH
        while (state.connections or state.tasks) and loop.time() < until:
            for connection in list(state.connections):
                connection.shutdown()
            await asyncio.sleep(0.001)
        for connection in list(state.connections):
            cast(Any, connection).transport.abort()  # a request that never ended
        for task in list(state.tasks):
            task.cancel()

    def _app(self) -> Starlette:
        async def nothing(request: Request, error: Exception) -> Response:
            return JSONResponse(NOT_FOUND.body(), 404)

        return Starlette(
            routes=[
                Route("/bot{token}/{method}", self._api.call, methods=METHODS),
                Route("/file/bot{token}/{path:path}", self._api.file, methods=METHODS),
                *page_routes(self),
            ],
            exception_handlers={404: nothing, 405: nothing},
        )

    # --- where it is -------------------------------------------------------------------------------------------

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def api_base(self) -> str:
        """What python-telegram-bot calls `base_url`; the token is appended."""
        return f"{self.url}/bot"

    @property
    def file_base(self) -> str:
        """What python-telegram-bot calls `base_file_url`."""
        return f"{self.url}/file/bot"

    # --- what the bot did --------------------------------------------------------------------------------------

    @property
    def calls(self) -> list[Call]:
        return self.world.calls

    @property
    def early_calls(self) -> list[Call]:
        """Calls that came before the `retry_after` of an earlier answer was over. There should be none."""
        return self.world.early_calls

    def calls_of(self, method: str, chat: int | None = None) -> list[Call]:
        """The calls of one method, to one chat or to all."""
        return [call for call in self.calls if call.method == method and chat in (None, call.chat)]

    def commands(self, language: str = "", scope: str = '{"type": "default"}') -> list[Json]:
        """The menu of commands, as set for a language."""
        return self.world.commands.get((scope, language), [])

    async def drained(self, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109
        """Every update was taken: confirmed by a poll, or accepted by the webhook."""
        await self.world.bell.until(lambda: None if self.world.updates.waiting() else True, timeout)

    async def called(self, method: str, times: int = 1, timeout: float = PATIENCE) -> list[Call]:  # noqa: ASYNC109
        """Wait until the bot has called a method so often."""

        def enough() -> list[Call] | None:
            found = self.calls_of(method)
            return found if len(found) >= times else None

        return await self.world.bell.until(enough, timeout)

    # --- who talks to it ---------------------------------------------------------------------------------------

    def user(self, id: int, name: str = "", language: str = "", username: str = "") -> User:
        """A person with a phone; the same one again for the same id."""
        if id not in self._users:
            person = Person(id, name or f"User {id}", language, username)
            self.world.people[id] = person
            self.world.private_chat(person)
            self._users[id] = User(self.world, person)
        return self._users[id]

    @property
    def users(self) -> list[User]:
        return list(self._users.values())

    def group(self, id: int, members: Sequence[User] = (), title: str = "Group") -> Group:
        """A group the bot is in, and may read."""
        if id >= 0:
            raise ValueError("the id of a group is negative")
        people = {member.id for member in members}
        kind = "supergroup" if str(id).startswith("-100") else "group"
        chat = self.world.chats.setdefault(id, Chat(id, kind, title, people))
        return Group(self.world, chat)

    def channel_post(self, text: str, id: int = -1_009_000_000_001, title: str = "Channel") -> int:
        """A post in a channel the bot administers; the update's id."""
        chat = self.world.chats.setdefault(id, Chat(id, "channel", title))
        post = self.world.post(chat, chat.id, words=Formatted(text))
        return self.world.updates.add("channel_post", self.world.message_json(post))

    def inject(self, update: Json) -> int:
        """Any update as it is: of an unknown kind, broken, or the same one once more."""
        return self.world.updates.inject(update)
