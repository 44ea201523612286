from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.channels.wecom_fake.app import Caller, Clock, button_card, notice_card, select_card, vote_card
from tests.fakes.wecom import FakeWeCom, User


async def test_a_text_arrives(api: Caller, li: User, clock: Clock) -> None:
    answer = await api.send(content={"content": "今日有 3 项"})
    assert answer["errcode"] == 0
    assert answer["msgid"]
    assert "response_code" not in answer
    seen = await li.hears("3 项")
    assert (seen.kind, seen.text, seen.sent_at) == ("text", "今日有 3 项", clock())


async def test_a_long_text_is_cut_and_nobody_told(fake: FakeWeCom, api: Caller, li: User) -> None:
    assert (await api.send(content={"content": "好" * 683}))["errcode"] == 0
    assert li.last.text == "好" * 682  # 2046 bytes; a third of a character is none
    assert len(fake.truncated) == 1


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"agentid": 7}, 40056),
        ({"agentid": "1000002"}, 40056),
        ({"agentid": None}, 41011),
        ({"msgtype": "shout"}, 40008),
        ({"msgtype": ["text"]}, 40008),
        ({"text": {"content": ""}}, 44004),
        ({"text": "今日"}, 40035),
        ({"msgtype": "markdown", "markdown": {"content": "好" * 683}}, 45002),
        ({"msgtype": "image", "image": {"media_id": "gone"}}, 40007),
        ({"msgtype": "file", "file": {}}, 41006),
        ({"safe": 2}, 40035),
        ({"enable_duplicate_check": 1, "duplicate_check_interval": 14_401}, 40035),
        ({"touser": ""}, 82001),
        ({"touser": "nobody|LiuHidden"}, 81013),
        ({"touser": "|".join(["x"] * 1001)}, 40035),
        ({"touser": ["LiMin"]}, 40035),
        ({"msgtype": "textcard", "textcard": {"title": "a", "description": "b"}}, 41010),
        ({"msgtype": "news", "news": {"articles": []}}, 45008),
    ],
)
async def test_refused(fake: FakeWeCom, api: Caller, li: User, body: dict[str, Any], errcode: int) -> None:
    fake.user("LiuHidden", visible=False)
    assert (await api.send(**body))["errcode"] == errcode
    assert li.chat == []


async def test_escapes_are_no_utf8(api: Caller, li: User) -> None:
    body = b'{"touser":"LiMin","msgtype":"text","agentid":1000002,"text":{"content":"%s"}}'
    assert (await api.post("message/send", body % b"\\u4eca\\u65e5"))["errcode"] == 40033
    assert (await api.post("message/send", body % "今日".encode("gbk")))["errcode"] == 40033
    assert (await api.post("message/send", body[:30]))["errcode"] == 40035
    assert (await api.post("message/send", body % b"a path C:\\\\users"))["errcode"] == 0
    assert li.last.text == "a path C:\\users"


async def test_receivers_who_cannot_be_reached_are_listed_in_lower_case(
    fake: FakeWeCom, api: Caller, li: User
) -> None:
    fake.user("ZhaoQiang", visible=False)
    fake.user("SunLi", licensed=False)
    answer = await api.send(touser="LIMIN|ZhaoQiang|NoBody|SunLi")
    assert answer["errcode"] == 0
    assert (answer["invaliduser"], answer["unlicenseduser"]) == ("zhaoqiang|nobody", "sunli")
    assert len(li.chat) == 1  # whose id has no case


async def test_parties_tags_and_everybody(fake: FakeWeCom, api: Caller, li: User) -> None:
    wang = fake.user("WangFang", departments=[2], tags={5})
    assert (await api.send(touser="", toparty="2|9"))["invalidparty"] == "9"
    assert (await api.send(touser="", totag="5"))["errcode"] == 0
    await api.send(touser="@all")
    assert (len(li.chat), len(wang.chat)) == (1, 3)


async def test_above_thirty_a_minute_messages_vanish(
    fake: FakeWeCom, api: Caller, li: User, clock: Clock
) -> None:
    answers = await asyncio.gather(*(api.send(content={"content": str(n)}) for n in range(32)))
    assert {answer["errcode"] for answer in answers} == {0}
    assert (len(li.chat), len(fake.dropped)) == (30, 2)
    assert fake.dropped[0][0] == "LiMin"
    clock.advance(60)
    await api.send()
    assert len(li.chat) == 31


async def test_above_a_thousand_an_hour_too(fake: FakeWeCom, api: Caller, li: User, clock: Clock) -> None:
    li.member.accepted = [clock() - 1800] * 1000
    await api.send()
    assert (len(li.chat), len(fake.dropped)) == (0, 1)
    clock.advance(1801)
    await api.send()
    assert len(li.chat) == 1


async def test_the_days_quota(fake: FakeWeCom, api: Caller, li: User, clock: Clock) -> None:
    fake.state.daily_quota = 1
    assert (await api.send())["errcode"] == 0
    assert (await api.send())["errcode"] == 45009
    fake.state.over_quota_drops = True
    assert (await api.send())["errcode"] == 0
    assert (len(li.chat), len(fake.dropped)) == (1, 1)
    await api.later(clock, 16 * 3600)  # past midnight
    await api.send()
    assert len(li.chat) == 2


async def test_other_calls_have_a_frequency(fake: FakeWeCom, api: Caller, clock: Clock) -> None:
    fake.state.calls_per_minute = 2
    codes = [(await api.get("getcallbackip"))["errcode"] for _ in range(3)]
    assert codes == [0, 0, 45009]
    clock.advance(60)
    assert (await api.get("getcallbackip"))["errcode"] == 0


async def test_identical_requests_are_delivered_once(
    fake: FakeWeCom, api: Caller, li: User, clock: Clock
) -> None:
    once: dict[str, Any] = {"enable_duplicate_check": 1, "duplicate_check_interval": 600}
    for _ in range(3):
        assert (await api.send(**once))["errcode"] == 0
    await api.send(**once, safe=0)  # not the same bytes
    assert (len(li.chat), len(fake.suppressed)) == (2, 2)
    clock.advance(600)
    await api.send(**once)
    assert len(li.chat) == 3


async def test_without_the_check_a_repeat_is_a_message(api: Caller, li: User) -> None:
    await api.send()
    await api.send()
    assert len(li.chat) == 2


@pytest.mark.parametrize(
    ("card", "due"),
    [
        (button_card(), True),
        (vote_card(), True),
        (select_card(), True),
        (notice_card(), False),
        (
            notice_card(
                task_id="n", action_menu={"desc": "…", "action_list": [{"text": "不再提醒", "key": "off"}]}
            ),
            True,
        ),
    ],
)
async def test_a_response_code_only_where_due(api: Caller, li: User, card: dict[str, Any], due: bool) -> None:
    answer = await api.card(card)
    assert answer["errcode"] == 0, answer
    assert ("response_code" in answer) == due
    assert li.last.kind == "card"


async def test_a_task_id_is_never_used_again(fake: FakeWeCom, api: Caller, li: User) -> None:
    assert (await api.card(button_card("t1")))["errcode"] == 0
    assert (await api.card(button_card("t1", sub_title_text="另一张")))["errcode"] == 42014
    fake.callback_url = ""
    assert (await api.card(button_card("t2")))["errcode"] == 43012
    assert (await api.card(notice_card()))["errcode"] == 0


async def test_recall_for_a_day(api: Caller, li: User, clock: Clock) -> None:
    first, second = (await api.send())["msgid"], (await api.send())["msgid"]
    assert (await api.post("message/recall", {"msgid": first}))["errcode"] == 0
    assert [message.recalled for message in li.chat] == [True, False]
    await api.later(clock, 86_400)
    assert (await api.post("message/recall", {"msgid": second}))["errcode"] == 42052
    assert (await api.post("message/recall", {"msgid": "none"}))["errcode"] == 40035
