"""The fake itself: a corp with one app, served on loopback inside the running loop."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route

from tests.fakes.wecom.app import Api
from tests.fakes.wecom.delivery import Courier, Delivery
from tests.fakes.wecom.faults import Faults
from tests.fakes.wecom.forge import Forge
from tests.fakes.wecom.page import Page
from tests.fakes.wecom.state import Call, LoginCode, Member, State, TokenReuse
from tests.fakes.wecom.user import User

AES_KEY = "FakeWeComFakeWeComFakeWeComFakeWeComFakeWeC"
CALLBACK = "http://127.0.0.1:8000/channels/wecom/callback"


class FakeWeCom:
    """`async with FakeWeCom() as fake:` is a WeCom one can talk to at `fake.api_base` and act in by `fake.user(…)`."""

    def __init__(
        self,
        corp_id: str = "wwtest",
        agent_id: int = 1000002,
        secret: str = "s",
        token: str = "t",
        aes_key: str = AES_KEY,
        *,
        callback_url: str = CALLBACK,
        clock: Callable[[], float] = time.time,
        port: int = 0,
        token_reuse: TokenReuse = "same",
        report_enter: bool = True,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.corp_id, self.agent_id, self.secret, self.token, self.aes_key = (
            corp_id,
            agent_id,
            secret,
            token,
            aes_key,
        )
        self.state = State(corp_id, agent_id, secret, clock, token_reuse)
        self.state.agent["isreportenter"] = int(report_enter)
        self.faults = Faults()
        # Its own limits of time are the ones that count, and a loopback needs neither proxy nor
        # certificates (which take longer to load than most tests to run).
        client = httpx.AsyncClient(timeout=None, trust_env=False, verify=False, transport=transport)
        self.courier = Courier(self.state, token, aes_key, callback_url, client)
        self.forge = Forge(self.courier, aes_key)
        self.api = Api(self.state, self.faults, lambda: bool(self.courier.url))
        self.port, self.verification = port, ""
        self._users: dict[str, User] = {}
        self._server: _Server | None = None

    # --- life ------------------------------------------------------------------------------------------------------

    async def __aenter__(self) -> Self:
        # The protocol is named so that asyncio sees TCP and sends small answers at once, not 40 ms later.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        self._server = _Server(self.app(), listener)
        await self._server.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.api.closing.set()
        await self.state.tell()
        await self.courier.client.aclose()
        if self._server is not None:
            await self._server.stop()

    def app(self) -> Starlette:
        """The ASGI application: the API, the login page, and the page for people."""
        methods = ["GET", "POST"]
        page = Page(self.state, self.courier, self.user, self.api.closing)
        return Starlette(
            routes=[Route("/cgi-bin/{endpoint:path}", self.api.handle, methods=methods), *page.routes()]
        )

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_base(self) -> str:
        return f"{self.origin}/cgi-bin/"

    @property
    def callback_url(self) -> str:
        return self.courier.url

    @callback_url.setter
    def callback_url(self, url: str) -> None:
        self.courier.url = url

    @property
    def settings(self) -> dict[str, str]:
        """What points the product at this fake."""
        given = {
            "CORP_ID": self.corp_id,
            "AGENT_ID": str(self.agent_id),
            "SECRET": self.secret,
            "TOKEN": self.token,
            "AES_KEY": self.aes_key,
            "API_BASE": self.api_base,
        }
        return {f"FANGPINGCHA_WECOM_{name}": value for name, value in given.items()}

    # --- people ----------------------------------------------------------------------------------------------------

    def user(self, userid: str, name: str = "", **more: Any) -> User:
        """A member of the corp, made at the first mention: in the app's visible range unless `visible=False`.

        More are `licensed`, `departments`, `tags` and `position`.
        """
        key = userid.lower()
        if key not in self._users:
            more = {"departments": [1], "tags": set(), **more}
            member = Member(userid, name or userid, **more)
            self.state.members[key] = member
            self._users[key] = User(self.state, self.courier, member, f"{self.origin}/pic/")
        return self._users[key]

    @property
    def users(self) -> list[User]:
        return list(self._users.values())

    def stranger_code(self) -> str:
        """A login code of somebody who is no member."""
        code = self.state.unique("code")
        self.state.login_codes[code] = LoginCode(None, "snsapi_base", self.state.now())
        return code

    async def verify_url(self) -> bool:
        """The check that saving the callback URL makes; `verification` says what was wrong."""
        passed, self.verification = await self.courier.verify_url()
        return passed

    # --- the administrator's and the test's side -------------------------------------------------------------------

    def expire_tokens(self, errcode: int = 42001) -> None:
        """Every token given out so far is answered with this (42001 or 40014); the next gettoken gives a new one."""
        for token in self.state.tokens.values():
            token.refused = token.refused or errcode

    def calls_of(self, endpoint: str) -> list[Call]:
        return [call for call in self.state.calls if call.endpoint == endpoint]

    @property
    def calls(self) -> list[Call]:
        return self.state.calls

    @property
    def deliveries(self) -> list[Delivery]:
        return self.courier.deliveries

    @property
    def dropped(self) -> list[tuple[str, dict[str, Any]]]:
        """(userid, request) of what vanished although its sender was told all is well."""
        return self.state.dropped

    @property
    def suppressed(self) -> list[dict[str, Any]]:
        """Requests that were repeats within their interval."""
        return self.state.suppressed

    @property
    def truncated(self) -> list[dict[str, Any]]:
        """Requests whose text was cut."""
        return self.state.truncated

    @property
    def advice(self) -> list[str]:
        """What would not be seen in full on a card."""
        return self.state.advice

    @property
    def problems(self) -> list[str]:
        """Passive replies that WeCom would ignore without a word."""
        return self.state.problems


class _Server:
    """uvicorn without its own loop, its signals, and its rests of a tenth of a second at the end."""

    def __init__(self, app: Starlette, listener: socket.socket) -> None:
        # A connection is kept for as long as the test takes: let go after five seconds, on a busy machine it is let go
        # just as the next call comes by it.
        config = uvicorn.Config(
            app, log_config=None, access_log=False, lifespan="off", ws="none", timeout_keep_alive=3600
        )
        config.load()
        self._listener, self._server = listener, uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)

    async def start(self) -> None:
        await self._server.startup(sockets=[self._listener])

    async def stop(self) -> None:
        """No new connections, a moment for what is being answered, and then the end for all that is left."""
        state = self._server.server_state
        for server in self._server.servers:
            server.close()
        for connection in list(state.connections):
            connection.shutdown()
        if state.tasks:
            await asyncio.wait(state.tasks, timeout=1.0)
        for task in list(state.tasks):
            task.cancel()
        for connection in list(state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        await asyncio.sleep(0)
        for server in self._server.servers:
            await server.wait_closed()
