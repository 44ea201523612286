"""Who somebody is who comes from inside WeCom: the address of its silent login, and the code that comes back."""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from urllib.parse import urlencode

import structlog
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels.base import ChannelError
from bot.channels.wecom.access import KIND
from bot.channels.wecom.client import App, Client
from bot.pages import cookie
from casework import logins
from storage.clock import lease_now
from storage.errors import Refused
from storage.lane import Lane
from storage.queries.access import speaker_at
from storage.tables.logins import Purpose

log = structlog.get_logger()
PATH, BACK = f"/channels/{KIND}/login", f"/channels/{KIND}/back"
LONGEST_CODE = 512
AUTHORIZE = "https://open.weixin.qq.com/connect/oauth2/authorize"
_STATE = re.compile(r"[A-Za-z0-9]{1,128}")


def authorize_url(app: App, redirect: str, state: str) -> str:
    """Where to send a browser so that it comes back to `redirect` with `code` and `state`. Asks nobody anything.

    `state` is for whoever opens the page: random, of one session, and good for one return.

    Raises:
        ValueError: a state that WeCom would not bring back.
    """
    if not _STATE.fullmatch(state):
        raise ValueError("a state has 1 to 128 letters and digits")
    asked = {
        "appid": app.corp_id,
        "redirect_uri": redirect,
        "response_type": "code",
        "scope": "snsapi_base",
        "state": state,
        "agentid": str(app.agent_id),
    }
    return f"{AUTHORIZE}?{urlencode(asked)}#wechat_redirect"


async def who(client: Client, login_code: str) -> str | None:
    """The userid, in small letters, of the member who came back with a code; None for somebody who is no member.

    A code works once, for five minutes.

    Raises:
        ChannelError: the code does not work (for good), or WeCom could not be asked.
    """
    found = (await client.who(login_code)).get("userid")
    return found.lower() if isinstance(found, str) and found else None


class LoginDoor:
    """Sends a browser to WeCom and takes it back, logged in as the member who is bound to that userid."""

    def __init__(self, client: Client, lane: Lane, public_url: str) -> None:
        self._client, self._lane = client, lane
        self._back = f"{public_url.rstrip('/')}{BACK}"

    def routes(self) -> Sequence[BaseRoute]:
        return [Route(PATH, self.begin, methods=["GET"]), Route(BACK, self.back, methods=["GET"])]

    async def begin(self, request: Request) -> Response:
        state = await self._lane.run(
            lambda session: logins.new_code(session, Purpose.state, None, real_now=lease_now())
        )
        answer = RedirectResponse(authorize_url(self._client.app, self._back, state), 303)
        cookie.put(answer, cookie.STATE, state, request, logins.CODE_LIFE.total_seconds())
        return answer

    async def back(self, request: Request) -> Response:
        """Whatever is wrong leads to the page that says how to come in, and says no more."""
        answer = RedirectResponse(cookie.HOME, 303)
        answer.delete_cookie(cookie.STATE, path="/", httponly=True, samesite="lax")
        token = await self._token(request)
        if token is not None:
            cookie.log_in(answer, token, request)
        return answer

    async def _token(self, request: Request) -> str | None:
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        begun = request.cookies.get(cookie.STATE, "")
        if not begun or not hmac.compare_digest(begun.encode(), state.encode()) or len(code) > LONGEST_CODE:
            return None
        try:
            await self._lane.run(
                lambda session: logins.use_code(session, Purpose.state, state, real_now=lease_now())
            )
            userid = await who(self._client, code)
            return await self._lane.run(lambda session: _open(session, userid)) if userid else None
        except Refused:
            return None
        except ChannelError as error:
            log.warning("login_failed", channel=KIND, error=error.reason)
            return None


def _open(session: Session, userid: str) -> str | None:
    """A session for the member who is bound to this userid; None where nobody is."""
    member = speaker_at(session, KIND, userid)
    if member is None:
        return None
    now = lease_now()
    return logins.open_session(session, member.id, now=now, real_now=now)
