"""Who somebody is who comes from inside WeCom: the address of its silent login, and the code that comes back."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from bot.channels.wecom.client import App, Client

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
