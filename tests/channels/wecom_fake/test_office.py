from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.channels.wecom_fake.app import Callbacks, Caller, Clock, button_card
from tests.fakes.wecom import FakeWeCom, User
from tests.fakes.wecom.__main__ import serve

AGENT = {"agentid": "1000002"}
ENTRY = {"type": "click", "name": "今日", "key": "today"}
VIEW = {"type": "view", "name": "网页", "url": "https://example.org"}
MENUS: list[tuple[list[Any], int]] = [
    ([], 40016),
    ([ENTRY] * 4, 40016),
    ([{**ENTRY, "name": "六个汉字太长"}], 40018),
    ([{**ENTRY, "type": "shout"}], 40017),
    ([{**ENTRY, "key": "x" * 129}], 40019),
    ([{**VIEW, "url": ""}], 40020),
    ([{"name": "更多", "sub_button": [ENTRY] * 6}], 40023),
    ([{"name": "更多", "sub_button": [{**ENTRY, "name": "十四个汉字的名字总归是太长了"}]}], 40025),
    ([{"name": "更多", "sub_button": [{**ENTRY, "sub_button": [ENTRY]}]}], 40022),
    ([ENTRY, VIEW, {"name": "更多", "sub_button": [ENTRY] * 5}], 0),
]


@pytest.mark.parametrize(("buttons", "errcode"), MENUS)
async def test_menu_limits(api: Caller, buttons: list[Any], errcode: int) -> None:
    assert (await api.post("menu/create", {"button": buttons}, **AGENT))["errcode"] == errcode


async def test_a_menu_comes_and_goes(api: Caller) -> None:
    assert (await api.get("menu/get", **AGENT))["errcode"] == 46003
    assert (await api.post("menu/create", {"button": [ENTRY]}))["errcode"] == 41011
    await api.post("menu/create", {"button": [ENTRY]}, **AGENT)
    assert (await api.get("menu/get", **AGENT))["button"] == [ENTRY]
    assert (await api.get("menu/delete", **AGENT))["errcode"] == 0
    assert (await api.get("menu/get", agentid="7"))["errcode"] == 40056


@pytest.mark.parametrize(
    ("kind", "content", "errcode"),
    [
        ("poster", b"123456", 40005),
        ("file", b"", 44001),
        ("file", b"12345", 40006),
        ("file", b"x" * (20 * 1024 * 1024 + 1), 45001),
        ("image", b"\x89PNG" + b"x" * (10 * 1024 * 1024), 40009),
        ("image", b"no picture", 40004),
        ("voice", b"no recording", 40004),
        ("file", b"123456", 0),
        ("image", b"\xff\xd8\xff jpeg", 0),
    ],
)
async def test_upload_limits(api: Caller, kind: str, content: bytes, errcode: int) -> None:
    assert (await api.upload(kind, "a.bin", content))["errcode"] == errcode


async def test_a_file_is_uploaded_sent_and_kept_three_days(
    fake: FakeWeCom, api: Caller, li: User, clock: Clock
) -> None:
    uploaded = await api.upload("file", "回访.docx", b"content")
    media_id = uploaded["media_id"]
    assert uploaded["created_at"] == str(int(clock()))
    assert fake.calls[-1].payload == {"name": "回访.docx", "size": 7}
    assert (await api.send("file", {"media_id": media_id}))["errcode"] == 0
    seen = await li.hears(lambda message: message.file is not None)
    assert seen.file is not None
    assert (seen.kind, seen.file.name, seen.file.content) == ("file", "回访.docx", b"content")
    assert (await api.send("image", {"media_id": media_id}))["errcode"] == 40007
    fetched = await api.http.get("media/get", params={"access_token": api.token, "media_id": media_id})
    assert (fetched.content, "json" in fetched.headers["content-type"]) == (b"content", False)
    await api.later(clock, 3 * 86_400)
    assert (await api.get("media/get", media_id=media_id))["errcode"] == 40007
    assert (await api.get("media/get"))["errcode"] == 41006


async def test_an_upload_that_is_none(api: Caller) -> None:
    assert (await api.raw("media/upload", b"123456", type="file")).json()["errcode"] == 41005


async def test_the_app_and_its_people(fake: FakeWeCom, api: Caller, li: User) -> None:
    fake.user("ZhaoQiang", visible=False)
    home = {"agentid": 1000002, "home_url": "https://example.org/home", "isreportenter": 1}
    assert (await api.post("agent/set", home))["errcode"] == 0
    app = await api.get("agent/get", **AGENT)
    assert (app["home_url"], app["allow_userinfos"]) == (home["home_url"], {"user": [{"userid": "LiMin"}]})
    assert (await api.post("agent/set", {"agentid": 1000002, "isreportenter": "yes"}))["errcode"] == 40035
    assert (await api.get("user/get", userid="limin"))["name"] == "李敏"
    assert (await api.get("user/get", userid="ZhaoQiang"))["errcode"] == 60011
    assert (await api.get("user/get", userid="nobody"))["errcode"] == 60111


async def test_the_workbench(fake: FakeWeCom, api: Caller, li: User) -> None:
    template = {"agentid": 1000002, "type": "keydata", "replace_user_data": True}
    assert (await api.post("agent/set_workbench_template", template))["errcode"] == 0
    data = {
        "agentid": 1000002,
        "userid": "LiMin",
        "type": "keydata",
        "keydata": {"items": [{"key": "待办", "data": "3"}]},
    }
    assert (await api.post("agent/set_workbench_data", data))["errcode"] == 0
    assert fake.state.workbench_data["limin"]["keydata"]["items"][0]["data"] == "3"
    assert (await api.post("agent/set_workbench_data", {**data, "keydata": {"items": []}}))[
        "errcode"
    ] == 40035
    assert (await api.post("agent/set_workbench_data", {**data, "type": "poster"}))["errcode"] == 40035


async def test_login_codes_work_once_and_for_five_minutes(
    fake: FakeWeCom, api: Caller, li: User, clock: Clock
) -> None:
    code = li.login_code()
    assert await api.get("auth/getuserinfo", code=code) == {"errcode": 0, "errmsg": "ok", "userid": "LiMin"}
    assert (await api.get("auth/getuserinfo", code=code))["errcode"] == 42022
    assert (await api.get("auth/getuserinfo", code="invented"))["errcode"] == 40029
    assert "user_ticket" in await api.get("auth/getuserinfo", code=li.login_code("snsapi_privateinfo"))
    assert "openid" in await api.get("auth/getuserinfo", code=fake.stranger_code())
    late = li.login_code()
    clock.advance(300)
    assert (await api.get("auth/getuserinfo", code=late))["errcode"] == 42003


async def test_the_login_page_sends_one_back(fake: FakeWeCom, api: Caller, li: User) -> None:
    query = {"appid": "wwtest", "redirect_uri": "https://example.org/in?x=1", "state": "abc", "as": "LiMin"}
    url = f"{fake.origin}/connect/oauth2/authorize"
    back = await api.http.get(url, params=query)
    target = parse_qs(urlsplit(back.headers["location"]).query)
    assert (back.status_code, target["state"], target["x"]) == (302, ["abc"], ["1"])
    assert (await api.get("auth/getuserinfo", code=target["code"][0]))["userid"] == "LiMin"
    asked = await api.http.get(url, params={**query, "as": ""})
    assert (asked.status_code, "李敏" in asked.text) == (200, True)
    assert (await api.http.get(url, params={**query, "appid": "wwother"})).status_code == 400


# --- the page for people -------------------------------------------------------------------------------------------


async def test_the_page_plays_everybody(fake: FakeWeCom, app: Callbacks, api: Caller, li: User) -> None:
    page = (await api.http.get(fake.origin)).text
    assert "企业微信" in page
    assert "src=" not in page  # it needs nothing from anywhere
    await api.card(button_card())

    async def act(**what: object) -> dict[str, Any]:
        answer: dict[str, Any] = (await _post(f"{fake.origin}/page/act", {"user": "LiMin", **what})).json()
        return answer

    async def _post(url: str, body: object) -> httpx.Response:
        return await api.http.post(url, json=body)

    state = (await api.http.get(f"{fake.origin}/page/state")).json()
    assert state["users"][0]["messages"][0]["buttons"][0]["label"] == "记录"
    assert await act(do="taps", label="记录", on=0) == {"problem": ""}
    assert app.fields["EventKey"] == "rec:1"
    assert await act(do="says", text="今日") == {"problem": ""}
    assert app.fields["Content"] == "今日"
    verified = await api.http.post(f"{fake.origin}/page/verify")
    assert verified.json() == {"problem": ""}
    assert "no button" in (await act(do="taps", label="没有", on=0))["problem"]
    await api.http.post(
        f"{fake.origin}/page/file", params={"user": "LiMin", "name": "a.png"}, content=b"\x89PNG picture"
    )
    assert app.fields["MsgType"] == "image"
    later = (await api.http.get(f"{fake.origin}/page/state", params={"after": state["version"]})).json()
    assert [one["kind"] for one in later["users"][0]["messages"]] == ["card", "text", "image"]
    picture = await api.http.get(f"{fake.origin}/page/file/{app.fields['MediaId']}")
    assert picture.headers["content-type"] == "image/png"


async def test_it_starts_by_hand(capsys: pytest.CaptureFixture[str]) -> None:
    serving = asyncio.create_task(serve(0, "http://127.0.0.1:8000/channels/wecom/callback"))
    printed = ""
    while "LiMin" not in printed and not serving.done():
        await asyncio.sleep(0.01)
        printed += capsys.readouterr().out
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)
    printed += capsys.readouterr().out
    assert "FANGPINGCHA_WECOM_API_BASE=http://127.0.0.1:" in printed
    assert "LiMin 李敏" in printed


def test_the_settings_for_the_product() -> None:
    settings = FakeWeCom("wwtest", port=9001).settings
    assert settings["FANGPINGCHA_WECOM_API_BASE"] == "http://127.0.0.1:9001/cgi-bin/"
    assert len(settings["FANGPINGCHA_WECOM_AES_KEY"]) == 43
