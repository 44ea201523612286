"""What WeCom posts is read whole, a repeat of it is known, and nothing else is read at all."""

from __future__ import annotations

import gzip
import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom.cipher import Forged
from bot.channels.wecom.envelope import (
    DEEPEST,
    LARGEST,
    MOST,
    Callback,
    Malformed,
    encrypted_text,
    event_key_of,
    parse_callback,
)

VECTORS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("vectors.json").read_text("utf-8"))[
    "vectors"
]
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
STAMP = int(NOW.timestamp())

# What XML can hold, except for the carriage return, which every parser turns into a line feed.
in_xml = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.just("\n")
)
TAP = Callback("ww1", "zhang.ming", STAMP, "event", 1000002, event="template_card_event", event_key="N.0")


def posted(**elements: str | int) -> bytes:
    common: dict[str, str | int] = {"ToUserName": "ww1", "FromUserName": "Zhang.Ming", "CreateTime": STAMP}
    return document(**(common | elements))


def document(**elements: str | int) -> bytes:
    inside = "".join(f"<{tag}><![CDATA[{text}]]></{tag}>" for tag, text in elements.items())
    return f"<xml>{inside}</xml>".encode()


# --- the outer document --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["<![CDATA[abc+/=]]>", "abc+/=", " \n abc+/= \n", "<![CDATA[abc]]>+/="])
def test_the_ciphertext_is_found_however_it_is_written(spelling: str) -> None:
    body = f"<xml><ToUserName>ww1</ToUserName><Encrypt>{spelling}</Encrypt><AgentID/></xml>"
    assert encrypted_text(body.encode()) == "abc+/="
    assert encrypted_text(b"\xef\xbb\xbf" + body.encode()) == "abc+/="
    assert encrypted_text(b'<?xml version="1.0" encoding="gbk"?>\n' + body.encode()) == "abc+/="


def bomb(levels: int = 9) -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, levels))
    return f'<!DOCTYPE x [<!ENTITY a0 "ha">{entities}]><xml><Encrypt>&a{levels - 1};</Encrypt></xml>'.encode()


QUADRATIC = f'<!DOCTYPE x [<!ENTITY a "{"a" * 20_000}">]><xml><Encrypt>{"&a;" * 10_000}</Encrypt></xml>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><xml><Encrypt>&e;</Encrypt></xml>'
HOSTILE = [
    pytest.param(b"", id="empty"),
    pytest.param(b"   \n", id="blank"),
    pytest.param(b"garbage", id="garbage"),
    pytest.param(bytes(range(256)), id="all bytes"),
    pytest.param(b'{"Encrypt": "abc"}', id="JSON"),
    pytest.param(gzip.compress(b"<xml><Encrypt>abc</Encrypt></xml>"), id="gzip"),
    pytest.param(b"<xml><Encrypt>abc</Encrypt>", id="cut at the end"),
    pytest.param(b"<xml><Encrypt><![CDATA[ab", id="cut in the middle"),
    pytest.param(b"<xml><Encrypt>abc</Encrypt></xml><xml/>", id="two documents"),
    pytest.param(b"<xml><Encrypt>\xff\xfe</Encrypt></xml>", id="invalid UTF-8"),
    pytest.param(b"<xml><Encrypt>\xed\xa0\x80</Encrypt></xml>", id="half a character"),
    pytest.param(b"<xml><Encrypt>a\0b</Encrypt></xml>", id="NUL"),
    pytest.param(b"<xml><Encrypt>&#0;</Encrypt></xml>", id="NUL as a reference"),
    pytest.param("<xml><Encrypt>abc</Encrypt></xml>".encode("utf-16"), id="UTF-16"),
    pytest.param(b"<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>", id="two ciphertexts"),
    pytest.param(b"<xml><ToUserName>ww1</ToUserName></xml>", id="no ciphertext"),
    pytest.param(b"<xml><In><Encrypt>abc</Encrypt></In></xml>", id="ciphertext elsewhere"),
    pytest.param(b"<html><Encrypt>abc</Encrypt></html>", id="another root"),
    pytest.param(b"<xml><Encrypt>&undefined;</Encrypt></xml>", id="undefined entity"),
    pytest.param(b"<!DOCTYPE xml><xml><Encrypt>abc</Encrypt></xml>", id="DTD"),
    pytest.param(b'<!DOCTYPE xml SYSTEM "http://x/y.dtd"><xml><Encrypt>a</Encrypt></xml>', id="external DTD"),
    pytest.param(bomb(), id="billion laughs"),
    pytest.param(QUADRATIC.encode(), id="quadratic"),
    pytest.param(EXTERNAL.encode(), id="external entity"),
    pytest.param(b"<xml>" * 200_000 + b"</xml>" * 200_000, id="200 000 deep"),
    pytest.param(b"<xml>" * 5_000 + b"</xml>" * 5_000, id="5000 deep, within the size"),
    pytest.param(b"<xml>" + b"<a/>" * 16_000 + b"</xml>", id="16 000 elements"),
    pytest.param(b"<xml><Encrypt>" + b"a" * 100 * 1024 * 1024 + b"</Encrypt></xml>", id="100 MiB"),
]


@pytest.mark.parametrize("body", HOSTILE)
def test_a_hostile_body_is_refused_at_once(body: bytes) -> None:
    taken = []
    for _ in range(3):  # the best of three, of the processor's time: other programs run here too
        begun = time.thread_time()
        with pytest.raises(Forged) as refused:
            encrypted_text(body)
        taken.append(time.thread_time() - begun)
        assert refused.value.args == ()
    assert min(taken) <= 0.010


@pytest.mark.parametrize("body", HOSTILE)
def test_nor_is_it_a_callback(body: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        parse_callback(body)
    assert "abc" not in str(refused.value)


def test_the_limits_are_where_they_are_said_to_be() -> None:
    deep = b"<a>" * (DEEPEST - 2) + b"</a>" * (DEEPEST - 2)
    good = b"<xml><Encrypt>abc</Encrypt><b>%s</b>%s</xml>"
    assert encrypted_text(good % (deep, b"")) == "abc"
    with pytest.raises(Forged):
        encrypted_text(good % (b"<a>" + deep + b"</a>", b""))
    many = b"<a/>" * (MOST - 3)
    assert encrypted_text(good % (b"", many)) == "abc"
    with pytest.raises(Forged):
        encrypted_text(good % (b"", many + b"<a/>"))
    long = b" " * (LARGEST - len(good % (b"", b"")))
    assert encrypted_text(good % (b"", long)) == "abc"
    with pytest.raises(Forged):
        encrypted_text(good % (b"", long + b" "))


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: f"<xml>{text}".encode("utf-8", "replace"))
)
def test_no_body_raises_anything_else(body: bytes) -> None:
    with pytest.raises(Forged):
        encrypted_text(body)
    with pytest.raises(Malformed):
        parse_callback(body)


# --- the inner document --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if v["kind"] == "decrypt_message"], ids=lambda v: v["id"]
)
def test_the_published_messages_are_read(vector: dict[str, Any]) -> None:
    read = parse_callback(vector["expected"]["message"].encode())
    names = {"FromUserName": "from_user", "Content": "content", "MsgType": "kind", "MsgId": "msg_id"}
    for element, text in vector["expected"]["fields"].items():
        if element in names:
            assert getattr(read, names[element]) == text
    assert read.kind == "text"
    assert read.agent_id == int(vector["expected"]["fields"].get("AgentID", 1))


BASE = Callback("ww1", "zhang.ming", STAMP, "")
MESSAGES: list[Any] = [
    ({"MsgType": "text", "Content": " 你好\n张明 "}, {"content": " 你好\n张明 "}),
    (
        {"MsgType": "image", "PicUrl": "http://p/1", "MediaId": "m"},
        {"pic_url": "http://p/1", "media_id": "m"},
    ),
    ({"MsgType": "voice", "MediaId": "m", "Format": "amr"}, {"media_id": "m", "format": "amr"}),
    ({"MsgType": "video", "MediaId": "m", "ThumbMediaId": "t"}, {"media_id": "m", "thumb_media_id": "t"}),
    (
        {"MsgType": "file", "MediaId": "m", "Title": "a.xlsx"},
        {"media_id": "m", "title": "a.xlsx", "file_name": "a.xlsx"},
    ),
    ({"MsgType": "file", "MediaId": "m", "FileName": "b.pdf"}, {"media_id": "m", "file_name": "b.pdf"}),
    (
        {"MsgType": "location", "Location_X": "23.1", "Location_Y": "113.3", "Scale": 15, "Label": "某街"},
        {"latitude": "23.1", "longitude": "113.3", "label": "某街"},
    ),
    (
        {"MsgType": "link", "Title": "t", "Description": "d", "Url": "http://u", "PicUrl": "http://p"},
        {"title": "t", "description": "d", "url": "http://u", "pic_url": "http://p"},
    ),
    ({"MsgType": "new_kind", "Unknown": "x"}, {}),
]
EVENTS: list[Any] = [
    ({"Event": "subscribe"}, {}),
    ({"Event": "unsubscribe"}, {}),
    ({"Event": "enter_agent", "EventKey": ""}, {}),
    (
        {"Event": "LOCATION", "Latitude": "23.1", "Longitude": "113.3"},
        {"latitude": "23.1", "longitude": "113.3"},
    ),
    ({"Event": "click", "EventKey": "today"}, {"event_key": "today"}),
    ({"Event": "view", "EventKey": "https://x"}, {"event_key": "https://x"}),
    (
        {"Event": "template_card_menu_event", "EventKey": "k", "TaskId": "t-1", "ResponseCode": "r"},
        {"event_key": "k", "task_id": "t-1", "response_code": "r"},
    ),
    ({"Event": "batch_job_result", "JobId": "j"}, {}),
]


@pytest.mark.parametrize(("sent", "meant"), MESSAGES, ids=lambda case: str(case.get("MsgType", "")))
def test_every_kind_of_message_is_read(sent: dict[str, Any], meant: dict[str, Any]) -> None:
    expected = replace(BASE, kind=sent["MsgType"], msg_id="7", agent_id=1000002, **meant)
    assert parse_callback(posted(MsgId=7, AgentID=1000002, **sent)) == expected


@pytest.mark.parametrize(("sent", "meant"), EVENTS, ids=lambda case: str(case.get("Event", "")))
def test_every_kind_of_event_is_read(sent: dict[str, Any], meant: dict[str, Any]) -> None:
    expected = replace(BASE, kind="event", event=sent["Event"], **meant)
    assert parse_callback(posted(MsgType="event", **sent)) == expected


CARD_EVENT = """<xml><ToUserName><![CDATA[corp]]></ToUserName><FromUserName><![CDATA[User]]></FromUserName>
<CreateTime>123456789</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[template_card_event]]></Event>
<EventKey><![CDATA[ok:123]]></EventKey><TaskId><![CDATA[visit_123-1]]></TaskId>
<CardType><![CDATA[button_interaction]]></CardType><ResponseCode><![CDATA[r_c]]></ResponseCode><AgentID>1</AgentID>
%s</xml>"""
SELECTED = """<SelectedItems><SelectedItem><QuestionKey><![CDATA[q1]]></QuestionKey>
<OptionIds><OptionId><![CDATA[a]]></OptionId><OptionId><![CDATA[b]]></OptionId></OptionIds></SelectedItem>
<SelectedItem><QuestionKey>q2</QuestionKey><OptionIds></OptionIds></SelectedItem></SelectedItems>"""


@pytest.mark.parametrize(
    ("items", "selected"),
    [("", ()), ("<SelectedItems/>", ()), (SELECTED, (("q1", ("a", "b")), ("q2", ())))],
    ids=["none", "empty", "two questions"],
)
def test_a_tapped_card_is_read(items: str, selected: tuple[Any, ...]) -> None:
    assert parse_callback((CARD_EVENT % items).encode()) == Callback(
        to_user="corp",
        from_user="user",
        created_at=123456789,
        kind="event",
        agent_id=1,
        event="template_card_event",
        event_key="ok:123",
        task_id="visit_123-1",
        card_type="button_interaction",
        response_code="r_c",
        selected=selected,
    )


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("ToUserName", ""),
        ("FromUserName", " "),
        ("MsgType", ""),
        ("CreateTime", ""),
        ("CreateTime", "soon"),
        ("CreateTime", "-1"),
        ("CreateTime", "１２３"),
        ("CreateTime", "1" * 5000),
        ("AgentID", "app"),
    ],
)
def test_a_callback_without_what_every_callback_has_is_named_by_the_element(element: str, text: str) -> None:
    elements: dict[str, str | int] = {"MsgType": "text", "MsgId": 7, element: text}
    with pytest.raises(Malformed, match=f"<{element}>"):
        parse_callback(posted(**elements))


# --- repeats -------------------------------------------------------------------------------------------------------


def key_of(**elements: str | int) -> str:
    return event_key_of(parse_callback(posted(**elements)))


def test_a_repeat_has_the_same_key_and_nothing_else_has() -> None:
    event: dict[str, str | int] = {
        "MsgType": "event",
        "Event": "click",
        "AgentID": 1,
        "EventKey": "a",
        "TaskId": "t",
    }
    others: list[dict[str, str | int]] = [
        {"AgentID": 2},
        {"FromUserName": "other"},
        {"CreateTime": STAMP + 1},
        {"Event": "view"},
        {"EventKey": "b"},
        {"EventKey": "at", "TaskId": ""},
        {"TaskId": "u"},
        {"EventKey": "", "TaskId": "at"},
    ]
    keys = [key_of(**event), *(key_of(**(event | other)) for other in others)]
    assert len(set(keys)) == len(keys)
    assert key_of(**event) == keys[0]
    assert key_of(**(event | {"FromUserName": "ZHANG.MING"})) == keys[0]


def test_who_enters_again_on_the_same_day_has_the_same_key() -> None:
    entry: dict[str, str | int] = {"MsgType": "event", "Event": "enter_agent", "AgentID": 1}
    midnight = int(datetime(2026, 11, 23, 16, tzinfo=UTC).timestamp())  # in China
    last, first, late = (key_of(**entry, CreateTime=midnight + late) for late in (-1, 0, 86_399))
    assert key_of(**entry) == last != first == late
    assert key_of(**entry, FromUserName="other") != last


def test_a_message_is_told_by_its_id_alone() -> None:
    first = key_of(MsgType="text", MsgId=7, Content="a")
    assert first == key_of(MsgType="text", MsgId=7, Content="a", CreateTime=STAMP + 5)
    assert first != key_of(MsgType="text", MsgId=8, Content="a")
    without = key_of(MsgType="text", Content="a")
    assert without == key_of(MsgType="text", Content="a")
    assert without != key_of(MsgType="text", Content="b")


@given(in_xml, in_xml, in_xml)
def test_a_key_is_short_and_says_nothing(user: str, key: str, task: str) -> None:
    made = event_key_of(replace(TAP, from_user=user, event_key=key, task_id=task))
    assert len(made) == 66
    assert made.isascii()
    assert len(user) < 8 or user not in made
