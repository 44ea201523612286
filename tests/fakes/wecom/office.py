"""The other endpoints: tokens, media, the menu, the app's own card, members and login."""

from __future__ import annotations

from typing import Any

from tests.fakes.wecom.errors import ApiError
from tests.fakes.wecom.limits import check_secrets
from tests.fakes.wecom.schema import check_agent, read_json
from tests.fakes.wecom.state import LOGIN_CODE_LIFE, TOKEN_LIFE, Media, Member, State, Token

OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
Query = dict[str, str]
MEGABYTE = 1024 * 1024
MENU_TYPES = (
    "click",
    "view",
    "scancode_push",
    "scancode_waitmsg",
    "pic_sysphoto",
    "pic_photo_or_album",
    "pic_weixin",
    "location_select",
    "view_miniprogram",
)
_WORKBENCH = ("keydata", "image", "list", "webview", "normal")
# What a kind of medium may be: its size, the errcode above it, and how its bytes may begin.
_MEDIA: dict[str, tuple[int, int, tuple[bytes, ...]]] = {
    "image": (10 * MEGABYTE, 40009, (b"\x89PNG", b"\xff\xd8\xff")),
    "voice": (2 * MEGABYTE, 45001, (b"#!AMR",)),
    "video": (10 * MEGABYTE, 40011, ()),
    "file": (20 * MEGABYTE, 45001, ()),
}


# --- tokens --------------------------------------------------------------------------------------------------------


def get_token(state: State, query: Query) -> dict[str, Any]:
    check_secrets(state)
    if not query.get("corpid"):
        raise ApiError(41002)
    if not query.get("corpsecret"):
        raise ApiError(41004)
    if query["corpid"] != state.corp_id:
        raise ApiError(40013)
    if query["corpsecret"] != state.secret:
        state.wrong_secrets.append(state.now())
        raise ApiError(40001)
    token = _token(state)
    left = int(token.at + TOKEN_LIFE - state.now())
    return {**OK, "access_token": token.text, "expires_in": left}


def _token(state: State) -> Token:
    alive = [one for one in state.tokens.values() if not one.refused and state.now() - one.at < TOKEN_LIFE]
    if alive and state.token_reuse == "same":
        return alive[-1]
    if state.token_reuse == "revoke":
        for one in alive:
            one.refused = 40014
    token = Token(state.unique("token"), state.now())
    state.tokens[token.text] = token
    return token


def check_token(state: State, query: Query) -> None:
    text = query.get("access_token")
    if not text:
        raise ApiError(41001)
    token = state.tokens.get(text)
    if token is None:
        raise ApiError(40014)
    if token.refused:
        raise ApiError(token.refused)
    if state.now() - token.at >= TOKEN_LIFE:
        raise ApiError(42001)
    if state.untrusted_ip:
        raise ApiError(60020)


# --- media ---------------------------------------------------------------------------------------------------------


def upload(state: State, query: Query, name: str | None, content: bytes) -> dict[str, Any]:
    kind = query.get("type", "")
    if kind not in _MEDIA:
        raise ApiError(40005)
    if name is None:
        raise ApiError(41005)
    if not content:
        raise ApiError(44001)
    most, errcode, beginnings = _MEDIA[kind]
    if len(content) <= 5:
        raise ApiError(40006)
    if len(content) > most:
        raise ApiError(errcode)
    if beginnings and not content.startswith(beginnings):
        raise ApiError(40004)
    media_id = state.keep_media(kind, name, content)
    return {**OK, "type": kind, "media_id": media_id, "created_at": str(int(state.now()))}


def medium(state: State, query: Query) -> Media:
    if not query.get("media_id"):
        raise ApiError(41006)
    found = state.live_media(query["media_id"])
    if found is None:
        raise ApiError(40007)
    return found


# --- the menu ------------------------------------------------------------------------------------------------------


def menu_create(state: State, query: Query, raw: bytes) -> dict[str, Any]:
    _agent_of(state, query)
    buttons = read_json(raw).get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 3:
        raise ApiError(40016)
    for button in buttons:
        _name(button, 16, 40018)
        children = button.get("sub_button")
        if children:
            _sub_menu(children)
        else:
            _menu_entry(button, (40017, 40019, 40020))
    state.menu = buttons
    return OK


def _sub_menu(children: Any) -> None:
    if not isinstance(children, list) or not 1 <= len(children) <= 5:
        raise ApiError(40023)
    for child in children:
        _name(child, 40, 40025)
        if child.get("sub_button"):
            raise ApiError(40022)
        _menu_entry(child, (40024, 40026, 40027))


def _name(button: Any, limit: int, errcode: int) -> None:
    name = button.get("name") if isinstance(button, dict) else None
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= limit:
        raise ApiError(errcode)


def _menu_entry(button: dict[str, Any], errcodes: tuple[int, int, int]) -> None:
    bad_type, bad_key, bad_url = errcodes
    kind = button.get("type")
    if kind not in MENU_TYPES:
        raise ApiError(bad_type)
    if kind == "view":
        url = button.get("url")
        if not isinstance(url, str) or not 1 <= len(url.encode()) <= 1024:
            raise ApiError(bad_url)
    elif kind != "view_miniprogram":
        key = button.get("key")
        if not isinstance(key, str) or not 1 <= len(key.encode()) <= 128:
            raise ApiError(bad_key)


def menu_get(state: State, query: Query) -> dict[str, Any]:
    _agent_of(state, query)
    if not state.menu:
        raise ApiError(46003)
    return {**OK, "button": state.menu}


def menu_delete(state: State, query: Query) -> dict[str, Any]:
    _agent_of(state, query)
    state.menu = []
    return OK


# --- the app -------------------------------------------------------------------------------------------------------


def agent_get(state: State, query: Query) -> dict[str, Any]:
    _agent_of(state, query)
    seen = [{"userid": member.userid} for member in state.members.values() if member.visible]
    return {**OK, "agentid": state.agent_id, "close": 0, "allow_userinfos": {"user": seen}, **state.agent}


def agent_set(state: State, raw: bytes) -> dict[str, Any]:
    body = read_json(raw)
    check_agent(state, body.pop("agentid", None))
    for flag in ("isreportenter", "report_location_flag"):
        if body.get(flag, 0) not in (0, 1):
            raise ApiError(40035, flag)
    if len(body.get("name", "应用")) > 32:
        raise ApiError(45022)
    if not 4 <= len(body.get("description", "四个字符")) <= 120:
        raise ApiError(45004)
    state.agent.update(body)
    return OK


def set_workbench_template(state: State, raw: bytes) -> dict[str, Any]:
    body = read_json(raw)
    check_agent(state, body.get("agentid"))
    if body.get("type") not in _WORKBENCH:
        raise ApiError(40035, "type")
    state.workbench = body
    return OK


def set_workbench_data(state: State, raw: bytes) -> dict[str, Any]:
    body = read_json(raw)
    check_agent(state, body.get("agentid"))
    member = _member(state, body.get("userid"))
    kind = body.get("type")
    if kind not in _WORKBENCH or (kind != "normal" and not isinstance(body.get(kind), dict)):
        raise ApiError(40035, "type")
    if kind == "keydata" and not 1 <= len(body[kind].get("items", ())) <= 4:
        raise ApiError(40035, "keydata.items")
    if kind == "list" and not 1 <= len(body[kind].get("items", ())) <= 3:
        raise ApiError(40035, "list.items")
    state.workbench_data[member.userid.lower()] = body
    return OK


def _agent_of(state: State, query: Query) -> None:
    if "agentid" not in query:
        raise ApiError(41011)
    if query["agentid"] != str(state.agent_id):
        raise ApiError(40056)


# --- people --------------------------------------------------------------------------------------------------------


def _member(state: State, userid: Any) -> Member:
    if not userid:
        raise ApiError(41009)
    found = state.member(str(userid))
    if found is None:
        raise ApiError(60111)
    if not found.visible:
        raise ApiError(60011)
    return found


def user_get(state: State, query: Query) -> dict[str, Any]:
    """What newer apps get: no picture, no gender, no number."""
    member = _member(state, query.get("userid"))
    return {
        **OK,
        "userid": member.userid,
        "name": member.name,
        "department": member.departments,
        "position": member.position,
        "status": 1,
        "enable": 1,
        "isleader": 0,
    }


def user_info(state: State, query: Query) -> dict[str, Any]:
    """Who came back from the login page. A code works once, and for five minutes."""
    if not query.get("code"):
        raise ApiError(41008)
    code = state.login_codes.get(query["code"])
    if code is None:
        raise ApiError(40029)
    if code.used:
        raise ApiError(42022)
    if state.now() - code.at >= LOGIN_CODE_LIFE:
        raise ApiError(42003)
    code.used = True
    if code.userid is None:
        return {**OK, "openid": state.unique("openid"), "external_userid": ""}
    ticket = {"user_ticket": state.unique("ticket")} if code.scope == "snsapi_privateinfo" else {}
    return {**OK, "userid": code.userid, **ticket}
