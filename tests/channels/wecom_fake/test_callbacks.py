from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest

from tests.channels.wecom_fake.app import (
    Callbacks,
    Caller,
    Clock,
    button_card,
    notice_card,
    select_card,
    vote_card,
)
from tests.fakes.wecom import FakeWeCom, Nothing, User
from tests.fakes.wecom.delivery import Delivery


async def test_the_url_is_verified(fake: FakeWeCom, app: Callbacks) -> None:
    assert await fake.verify_url()
    for spoilt in ('"{}"', "{}\n", "\ufeff{}"):
        app.echo = spoilt.format
        assert not await fake.verify_url()
        assert "answered" in fake.verification
    fake.callback_url = "http://app/elsewhere"
    assert not await fake.verify_url()
    assert fake.verification == "HTTP 404"


async def test_a_text(app: Callbacks, li: User, clock: Clock) -> None:
    sent = await li.says("今日 ]]> <&>")
    assert sent.ok
    fields = app.fields
    assert int(fields.pop("MsgId")) > 2**32
    assert fields == {
        "ToUserName": "wwtest",
        "FromUserName": "LiMin",
        "CreateTime": str(int(clock())),
        "MsgType": "text",
        "Content": "今日 ]]> <&>",
        "AgentID": "1000002",
    }
    assert li.chat == []
    assert li.timeline[0].mine


@pytest.mark.parametrize(
    ("statuses", "tries", "ok"),
    [([500], 2, True), ([500, 0], 3, True), ([500, 403, 204], 3, False), ([0, 0, 0, 0], 3, False)],
)
async def test_failures_are_repeated_with_the_same_content(
    fake: FakeWeCom, app: Callbacks, li: User, statuses: list[int], tries: int, ok: bool
) -> None:
    app.statuses = statuses
    sent = await li.says("今日")
    assert (len(sent.attempts), sent.ok) == (tries, ok)
    assert len(app.heard) == tries
    assert len(set(app.heard)) == 1
    assert len({query["nonce"] for query in app.queries}) == 1


async def test_repeats_with_a_fresh_envelope(fake: FakeWeCom, app: Callbacks, li: User) -> None:
    fake.courier.fresh_timestamps = True
    app.statuses = [500, 500]
    await li.says("今日")
    assert len(set(app.heard)) == 1
    assert len({query["nonce"] for query in app.queries}) == 3


EVENTS: list[tuple[Callable[[User], Awaitable[Delivery]], dict[str, str]]] = [
    (lambda u: u.enters(), {"Event": "enter_agent", "EventKey": ""}),
    (lambda u: u.joins(), {"Event": "subscribe"}),
    (lambda u: u.leaves(), {"Event": "unsubscribe"}),
    (
        lambda u: u.sends_location(39.9, 116.4, "村部"),
        {"MsgType": "location", "Location_X": "39.9", "Label": "村部"},
    ),
    (lambda u: u.sends_voice(b"#!AMR\n0"), {"MsgType": "voice", "Format": "amr"}),
    (lambda u: u.sends_video(b"video"), {"MsgType": "video"}),
    (lambda u: u.sends_file("名单.xlsx", b"x"), {"MsgType": "file", "FileName": "名单.xlsx"}),
    (lambda u: u.sends_link("公告", "https://example.org"), {"MsgType": "link", "Title": "公告"}),
    (lambda u: u.event("batch_job_result"), {"Event": "batch_job_result"}),
]


@pytest.mark.parametrize(("act", "expected"), EVENTS)
async def test_events(
    app: Callbacks, li: User, act: Callable[[User], Awaitable[Delivery]], expected: dict[str, str]
) -> None:
    assert (await act(li)).ok
    assert expected.items() <= app.fields.items()
    assert ("MsgId" in app.fields) == ("Event" not in app.fields)


async def test_entering_is_told_only_on_request(
    fake: FakeWeCom, app: Callbacks, api: Caller, li: User
) -> None:
    await api.post("agent/set", {"agentid": 1000002, "isreportenter": 0, "report_location_flag": 1})
    assert not (await li.enters()).ok
    assert app.heard == []
    await li.reports_location(1.5, 2.5)
    assert (app.fields["Event"], app.fields["Latitude"]) == ("LOCATION", "1.5")


async def test_what_is_sent_can_be_fetched(fake: FakeWeCom, app: Callbacks, api: Caller, li: User) -> None:
    await li.sends_image(b"\x89PNG picture")
    query = {"access_token": api.token, "media_id": app.fields["MediaId"]}
    assert (await api.http.get("media/get", params=query)).content == b"\x89PNG picture"
    assert (await api.http.get(app.fields["PicUrl"])).content == b"\x89PNG picture"


async def test_whoever_left_gets_nothing(api: Caller, li: User) -> None:
    await li.leaves()
    assert (await api.send())["errcode"] == 81013
    await li.joins()
    assert (await api.send())["errcode"] == 0


# --- cards ---------------------------------------------------------------------------------------------------------


def selected(plain: str) -> dict[str, list[str]]:
    items = ET.fromstring(plain).findall("SelectedItems/SelectedItem")
    return {
        one.findtext("QuestionKey", ""): [x.text or "" for x in one.findall("OptionIds/OptionId")]
        for one in items
    }


async def test_a_tap(app: Callbacks, api: Caller, li: User) -> None:
    await api.card(button_card())
    await li.taps("记录")
    fields = app.fields
    code = fields["ResponseCode"]
    assert (fields["Event"], fields["EventKey"], fields["TaskId"]) == (
        "template_card_event",
        "rec:1",
        "visit_1",
    )
    assert (fields["CardType"], selected(app.heard[-1])) == ("button_interaction", {})
    await li.taps("记录")  # as often as one likes, until it is updated
    assert (await api.update(code, {"button": {"replace_name": "已记录"}}))["errcode"] == 0
    with pytest.raises(Nothing, match="no button"):
        await li.taps("记录")
    assert (await li.taps("记录", anyway=True)).ok
    assert (await api.update(code, {"button": {"replace_name": "又"}}))["errcode"] == 60140


async def test_votes_and_selects(app: Callbacks, api: Caller, li: User) -> None:
    await api.card(vote_card())
    await li.votes(["a", "需关心"])
    assert selected(app.heard[-1]) == {"q1": ["a", "c"]}
    await api.card(select_card())
    await li.selects({"k2": "好"})
    assert (app.fields["EventKey"], selected(app.heard[-1])) == ("submit", {"k1": ["0"], "k2": ["1"]})
    await api.card(vote_card("single", mode=0))
    with pytest.raises(Nothing, match="only one"):
        await li.votes(["a", "b"])
    with pytest.raises(Nothing, match="no option"):
        await li.votes(["z"])
    with pytest.raises(Nothing, match="cannot be chosen"):
        await li.selects({"k9": "好"})


async def test_drop_downs_menus_and_pages(app: Callbacks, api: Caller, li: User) -> None:
    options = [{"id": "0", "text": "未选"}, {"id": "1", "text": "上门"}]
    more: dict[str, Any] = {
        "button_selection": {"question_key": "how", "option_list": options},
        "action_menu": {"desc": "…", "action_list": [{"text": "不再提醒", "key": "off"}]},
    }
    await api.card(button_card(**more))
    await li.taps("记录", choosing="上门")
    assert selected(app.heard[-1]) == {"how": ["1"]}
    await li.taps("不再提醒")
    assert (app.fields["Event"], app.fields["EventKey"]) == ("template_card_menu_event", "off")
    await api.card(notice_card(jump_list=[{"type": 1, "title": "查看", "url": "https://example.org/w"}]))
    assert li.opens("查看") == "https://example.org/w"


async def test_the_menu(app: Callbacks, api: Caller, li: User) -> None:
    sub = [{"type": "click", "name": "我的任务", "key": "mine"}]
    page = {"type": "view", "name": "网页", "url": "https://example.org"}
    body = {
        "button": [
            {"type": "click", "name": "今日", "key": "today"},
            {"name": "更多", "sub_button": sub},
            page,
        ]
    }
    assert (await api.post("menu/create", body, agentid="1000002"))["errcode"] == 0
    for entry, event, key in (
        ("today", "click", "today"),
        ("我的任务", "click", "mine"),
        ("网页", "view", page["url"]),
    ):
        await li.clicks_menu(entry)
        assert (app.fields["Event"], app.fields["EventKey"]) == (event, key)
    with pytest.raises(Nothing, match="更多"):
        await li.clicks_menu("更多")


# --- passive replies -----------------------------------------------------------------------------------------------


async def test_a_passive_text(app: Callbacks, li: User) -> None:
    app.reply = lambda fields: {
        "ToUserName": "LiMin",
        "MsgType": "text",
        "Content": "收到：" + fields["Content"],
    }
    sent = await li.says("今日")
    assert (await li.hears("收到：今日")).passive
    assert sent.reply is not None
    assert sent.reply["MsgType"] == "text"


async def test_a_passive_grey_button_is_the_clickers_own(
    fake: FakeWeCom, app: Callbacks, api: Caller, li: User
) -> None:
    wang = fake.user("WangFang")
    await api.card(button_card(), touser="LiMin|WangFang")
    app.reply = lambda fields: {
        "ToUserName": fields["FromUserName"],
        "MsgType": "update_button",
        "Button": {"ReplaceName": "已确认"},
    }
    await li.taps("记录")
    assert (li.last.greyed, wang.last.greyed) == ("已确认", "")


async def test_a_passive_card(fake: FakeWeCom, app: Callbacks, api: Caller, li: User) -> None:
    await api.card(button_card())
    app.reply = lambda fields: {
        "ToUserName": "limin",
        "MsgType": "update_template_card",
        "TemplateCard": {
            "CardType": "button_interaction",
            "MainTitle": {"Title": "已安排", "Desc": "周三"},
            "HorizontalContentList": [
                {"KeyName": "单位", "Value": "河边村"},
                {"KeyName": "时间", "Value": "周三"},
            ],
            "ButtonList": {"Text": "撤销", "Style": 1, "Key": "undo:1"},
        },
    }
    await li.taps("改期")
    assert fake.problems == []
    assert (li.last.title, li.last.rows["单位"], li.last.labels) == ("已安排", "河边村", ("撤销",))
    app.reply = lambda fields: None
    await li.taps("撤销")
    assert (app.fields["EventKey"], app.fields["TaskId"]) == ("undo:1", "visit_1")


BAD_REPLIES = [
    {"ToUserName": "WangFang", "MsgType": "text", "Content": "x"},
    {"ToUserName": "LiMin", "MsgType": "text", "Content": "好" * 683},
    {"ToUserName": "LiMin", "MsgType": "shout"},
    {"ToUserName": "LiMin", "MsgType": "image", "Image": {"MediaId": "none"}},
    {"ToUserName": "LiMin", "MsgType": "update_button", "Button": {"ReplaceName": "x"}},
    {"ToUserName": "LiMin", "MsgType": "text", "Content": "x", "FromUserName": "wwother"},
]


@pytest.mark.parametrize("reply", BAD_REPLIES)
async def test_replies_that_wecom_would_ignore(
    fake: FakeWeCom, app: Callbacks, li: User, reply: dict[str, str]
) -> None:
    app.reply = lambda fields: dict(reply)
    assert (await li.says("今日")).ok
    assert (len(fake.problems), li.chat) == (1, [])


@pytest.mark.parametrize("raw", [b"success", b"<xml><Encrypt>x</Encrypt></xml>"])
async def test_answers_that_are_no_reply(fake: FakeWeCom, app: Callbacks, li: User, raw: bytes) -> None:
    app.raw = raw
    assert (await li.says("今日")).ok
    assert len(fake.problems) == 1


# --- waiting -------------------------------------------------------------------------------------------------------


async def test_hears_waits_and_gives_each_message_once(api: Caller, li: User) -> None:
    waiting = asyncio.create_task(li.hears("二"))
    await api.send(content={"content": "一"})
    await api.send(content={"content": "二"})
    assert (await waiting).text == "二"
    assert (await li.hears()).text == "一"
    with pytest.raises(Nothing, match=r"李敏 heard nothing that fits(.|\n)*text:  一"):
        await li.hears(timeout=0.01)
    assert (await li.sees("一", timeout=0.01)).heard


# --- forged --------------------------------------------------------------------------------------------------------


FORGERIES = [
    "wrong_signature almost_right_signature cut_signature no_signature other_token moved_timestamp",
    "other_corp other_key bad_padding length_overflow bad_base64 not_a_block empty_encrypt flipped_bit",
    "cut_body garbage entity_bomb external_entity huge",
]


@pytest.mark.parametrize("name", " ".join(FORGERIES).split())
async def test_forgeries_are_refused_by_an_app_that_checks(
    fake: FakeWeCom, app: Callbacks, name: str
) -> None:
    forge: Callable[[], Awaitable[httpx.Response]] = getattr(fake.forge, name)
    assert (await forge()).status_code == 403
    assert app.heard == []


async def test_the_control_is_sound(fake: FakeWeCom, app: Callbacks, li: User, clock: Clock) -> None:
    assert (await fake.forge.sound()).status_code == 200
    assert app.fields["Content"] == "今日"
    sent = await li.says("一次")
    for again in (fake.forge.replayed, fake.forge.resealed):
        assert (await again(sent)).status_code == 200
        assert app.heard[-1] == sent.plain
    assert app.queries[-2] == app.queries[-3]
    await fake.forge.old(901)
    assert int(app.queries[-1]["timestamp"]) == clock() - 901
    await fake.forge.ahead()
    assert int(app.queries[-1]["timestamp"]) == clock() + 901
    with pytest.raises(ET.ParseError):  # sealed so well that it is for the app to refuse
        await fake.forge.inner_garbage("no xml <")
