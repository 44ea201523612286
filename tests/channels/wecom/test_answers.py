"""What we answer a callback with says, read back, exactly what was meant."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Sign
from bot.channels.wecom.cipher import Cipher
from bot.channels.wecom.envelope import Callback, answer, encrypted_text, update_button, update_template_card
from bot.channels.wecom.reading import read as meant

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


def read(document: bytes) -> dict[str, str]:
    root = ElementTree.fromstring(document)
    return {child.tag: child.text or "" for child in root}


@pytest.mark.parametrize(
    "vector", [v for v in VECTORS if v["kind"] == "encrypt_message"], ids=lambda v: v["id"]
)
def test_an_answer_is_what_the_published_ones_are(vector: dict[str, Any]) -> None:
    given, expected = vector["inputs"], vector["expected"]
    cipher = Cipher(given["token"], given["encoding_aes_key"], given["receive_id"])
    at = datetime.fromtimestamp(int(given["timestamp"]), UTC)
    body = answer(
        cipher,
        given["message"].encode(),
        at,
        given["nonce"],
        random=lambda size: bytes.fromhex(given["random16_hex"])[:size],
    )
    assert read(body) == {
        "Encrypt": expected["encrypt"],
        "MsgSignature": expected["msg_signature"],
        "TimeStamp": given["timestamp"],
        "Nonce": given["nonce"],
    }
    assert encrypted_text(body) == expected["encrypt"]


def test_an_answer_has_the_form_that_the_official_page_shows() -> None:
    cipher = Cipher("t", "A" * 43, "ww1")
    body = answer(cipher, b"hello", NOW, "n]]>&")
    assert body.startswith(b"<xml><Encrypt><![CDATA[")
    assert (
        f"]]></MsgSignature><TimeStamp>{STAMP}</TimeStamp><Nonce><![CDATA[n]]]]><![CDATA[>&]]>".encode()
        in body
    )
    assert read(body)["Nonce"] == "n]]>&"


@given(
    in_xml | st.lists(st.sampled_from(["]", ">", "]]>", "<![CDATA[", "</xml>", "&lt;", "张"])).map("".join)
)
def test_any_text_survives_its_way_through_xml(text: str) -> None:
    root = ElementTree.fromstring(update_button(TAP, NOW, text))
    assert (root.findtext("Button/ReplaceName") or "") == text


def test_what_xml_cannot_hold_is_left_out() -> None:
    root = ElementTree.fromstring(update_button(TAP, NOW, "a\0b\x1b\ud800\ufffec\td"))
    assert root.findtext("Button/ReplaceName") == "abc\td"


def test_the_buttons_of_a_tapped_card_can_be_greyed_out() -> None:
    assert update_button(TAP, NOW, "已确认").decode() == (
        "<xml><ToUserName><![CDATA[zhang.ming]]></ToUserName><FromUserName><![CDATA[ww1]]></FromUserName>"
        f"<CreateTime>{STAMP}</CreateTime><MsgType><![CDATA[update_button]]></MsgType>"
        "<Button><ReplaceName><![CDATA[已确认]]></ReplaceName></Button></xml>"
    )


CARD = {
    "card_type": "vote_interaction",
    "source": {"icon_url": "https://i", "desc_color": 1},
    "main_title": {"title": "标题", "desc": None},
    "sub_title_text": "a]]>b",
    "horizontal_content_list": [
        {"keyname": "邀请人", "value": "张三", "userid": "u"},
        {"keyname": "k", "type": 3},
    ],
    "jump_list": [{"appid": "a", "pagepath": "p"}],
    "checkbox": {
        "question_key": "q",
        "mode": 1,
        "disable": True,
        "option_list": [
            {"id": "a", "text": "A", "is_checked": False},
            {"id": "b", "text": "B", "is_checked": True},
        ],
    },
    "submit_button": {"text": "提交", "key": "s"},
    "card_image": {"url": "https://i", "aspect_ratio": 1.3},
    "replace_text": "已提交",
    "button_list": [],
}


def test_a_card_becomes_the_elements_that_wecom_knows() -> None:
    root = ElementTree.fromstring(update_template_card(TAP, NOW, CARD))
    assert root.findtext("MsgType") == "update_template_card"
    (card,) = root.findall("TemplateCard")
    written = "".join(ElementTree.tostring(child, "unicode") for child in card)
    assert written == (
        "<CardType>vote_interaction</CardType>"
        "<Source><IconUrl>https://i</IconUrl><DescColor>1</DescColor></Source>"
        "<MainTitle><Title>标题</Title></MainTitle>"
        "<SubTitleText>a]]&gt;b</SubTitleText>"
        "<HorizontalContentList><KeyName>邀请人</KeyName><Value>张三</Value><UserId>u</UserId></HorizontalContentList>"
        "<HorizontalContentList><KeyName>k</KeyName><Type>3</Type></HorizontalContentList>"
        "<JumpList><AppId>a</AppId><PagePath>p</PagePath></JumpList>"
        "<CheckBox><QuestionKey>q</QuestionKey><Mode>1</Mode><Disable>true</Disable>"
        "<OptionList><Id>a</Id><Text>A</Text><IsChecked>false</IsChecked></OptionList>"
        "<OptionList><Id>b</Id><Text>B</Text><IsChecked>true</IsChecked></OptionList></CheckBox>"
        "<SubmitButton><Text>提交</Text><Key>s</Key></SubmitButton>"
        "<CardImage><Url>https://i</Url><AspectRatio>1.3</AspectRatio></CardImage>"
        "<ReplaceText>已提交</ReplaceText>"
    )


@pytest.mark.parametrize(
    "card", [{"a><b": "x"}, {"": "x"}, {"Title": "x"}, {"a b": "x"}, {"a": object()}, {"a": {"b": b"bytes"}}]
)
def test_a_card_that_is_none_is_refused(card: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a card"):
        update_template_card(TAP, NOW, card)


def test_a_list_that_was_sent_with_nothing_chosen_is_a_sign() -> None:
    sent = replace(TAP, event_key="submit", card_type="vote_interaction")
    (incoming,) = meant(sent)
    assert (incoming.sign, incoming.token) == (Sign.unchosen, None)
    (chosen,) = meant(replace(sent, selected=(("q", ("N.2",)),)))
    assert (chosen.sign, chosen.token) == (None, "N.2")
