"""Any message becomes payloads that WeCom takes and a person can read, and nothing of it is lost on the way."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from bot.channels.wecom import cards
from bot.channels.wecom.cards import DoesNotFit, Option, Payload, Question, Recipient, payloads, to_bytes
from bot.messages import Rendered, RenderedButton
from tests.channels.wecom.validator import complaints

ZHANG = Recipient("zhang.ming", 1000002)
SUBMIT = RenderedButton("提交", "N.s")
PDF = ("a.pdf", "application/pdf", b"%PDF")

words = st.text(st.sampled_from("ab 张明。\n😀龑"), max_size=400)
labels = st.text(st.sampled_from("ab张明龑"), min_size=1, max_size=30)


def buttons(*texts: str) -> tuple[tuple[RenderedButton, ...], ...]:
    return tuple((RenderedButton(text, f"N.{number}"),) for number, text in enumerate(texts))


def kinds(sent: list[Payload]) -> list[str]:
    return [payload["msgtype"] for payload in sent]


def shown(sent: list[Payload]) -> str:
    """All that a reader sees, in its order."""
    lines: list[str] = []
    for payload in sent:
        card = payload.get("template_card", {})
        lines += [payload["text"]["content"]] if "text" in payload else []
        lines += [card["main_title"]["title"], card.get("sub_title_text", "")] if card else []
        lines += [button["text"] for button in card.get("button_list", [])]
        lines += [option["text"] for option in card.get("checkbox", {}).get("option_list", [])]
    return "\n".join(lines)


# --- any message ---------------------------------------------------------------------------------------------------


@given(words, st.lists(labels, max_size=20), st.booleans())
def test_whatever_the_message_wecom_takes_it_and_nothing_is_lost(
    text: str, texts: list[str], with_file: bool
) -> None:
    message = Rendered(text, buttons(*texts), PDF if with_file else None)
    media_id = "M" if with_file else None
    if not text.strip() and not texts and not with_file:
        with pytest.raises(DoesNotFit):
            payloads(ZHANG, message, "t-1", media_id)
        return
    sent = payloads(ZHANG, message, "t-1", media_id)
    assert [complaints(payload) for payload in sent] == [[]] * len(sent)
    seen = "".join(shown(sent).split())
    assert "".join(text.split()) in seen
    assert all(label in seen for label in texts)
    assert [kind for kind in kinds(sent) if kind != "text"] == ["file"] * with_file + [
        "template_card"
    ] * bool(texts)


@given(st.text(max_size=3000))
def test_a_text_of_any_length_is_cut_between_characters(text: str) -> None:
    sent = cards.texts(ZHANG, text)
    assert all(1 <= len(payload["text"]["content"].encode()) <= 2048 for payload in sent)
    assert all(complaints(payload) == [] for payload in sent)
    assert bool(sent) is bool(cards._clean(text).strip())


def test_a_long_text_keeps_every_character() -> None:
    text = "访评察助手😀" * 700
    sent = cards.texts(ZHANG, text)
    assert len(sent) == 7
    assert "".join(payload["text"]["content"] for payload in sent) == text


# --- a text --------------------------------------------------------------------------------------------------------


def test_a_text_is_sent_as_the_official_page_says() -> None:
    assert payloads(ZHANG, Rendered("你好"), "t-1") == [
        {
            "touser": "zhang.ming",
            "agentid": 1000002,
            "msgtype": "text",
            "text": {"content": "你好"},
            "safe": 0,
            "enable_duplicate_check": 1,
            "duplicate_check_interval": 14400,
        }
    ]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('<a href="https://evil">点我</a>', '＜a href="https://evil">点我＜/a>'),
        ("< A HREF='x'>", "＜ A HREF='x'>"),
        ("<b>&amp; a<b, <张>, <abc>", "<b>&amp; a<b, <张>, <abc>"),
        ("a\0b\x1bc\ud800d\r\ne\tf", "abcd\ne\tf"),
    ],
)
def test_what_people_wrote_is_shown_and_not_obeyed(written: str, read: str) -> None:
    (payload,) = payloads(ZHANG, Rendered(written), "t-1")
    assert payload["text"]["content"] == read
    assert json.loads(to_bytes(payload))["text"]["content"] == read


def test_a_wide_bracket_does_not_make_a_text_too_long() -> None:
    sent = cards.texts(ZHANG, "<a>" * 800)
    assert [complaints(payload) for payload in sent] == [[], []]


# --- a card with options -------------------------------------------------------------------------------------------


def test_seven_buttons_are_options_and_what_is_sent_is_their_token() -> None:
    (payload,) = payloads(ZHANG, Rendered("哪一天？", buttons(*"一二三四五六日")), "t-1", submit="确定")
    card = payload["template_card"]
    assert card["card_type"] == "vote_interaction"
    assert card["main_title"] == {"title": "哪一天？"}
    assert card["checkbox"]["mode"] == 0
    assert [(option["id"], option["text"]) for option in card["checkbox"]["option_list"]][::6] == [
        ("N.0", "一"),
        ("N.6", "日"),
    ]
    assert card["submit_button"] == {"text": "确定", "key": "submit"}


def test_what_has_no_room_beside_options_is_said_before_them() -> None:
    long = "很长很长很长很长很长很长很长很长很长的选项"
    text, card = payloads(ZHANG, Rendered("哪一天？\n请选。", buttons(long, *"一二三四五六")), "t-1")
    assert text["text"]["content"].splitlines()[:3] == ["哪一天？", "请选。", f"1. {long}"]
    assert card["template_card"]["checkbox"]["option_list"][0]["text"].startswith("1. 很长")


# --- a card with buttons -------------------------------------------------------------------------------------------


def test_a_short_message_is_one_card() -> None:
    (payload,) = payloads(ZHANG, Rendered("回访安排\n\n11月23日 9:00", buttons("确认", "改期")), "visit_1-1")
    assert payload["template_card"] == {
        "card_type": "button_interaction",
        "task_id": "visit_1-1",
        "main_title": {"title": "回访安排"},
        "sub_title_text": "11月23日 9:00",
        "button_list": [
            {"text": "确认", "style": 1, "key": "N.0"},
            {"text": "改期", "style": 2, "key": "N.1"},
        ],
    }


@pytest.mark.parametrize(
    ("title", "body", "sent_as"),
    [
        ("题" * 36, "文" * 160, ["template_card"]),
        ("题" * 37, "文", ["text", "template_card"]),
        ("题", "文" * 161, ["text", "template_card"]),
        ("题", "文" * 600 + "\n" + "文" * 100, ["text", "text", "template_card"]),
    ],
)
def test_what_does_not_fit_on_a_card_goes_before_it_whole(title: str, body: str, sent_as: list[str]) -> None:
    sent = payloads(ZHANG, Rendered(f"{title}\n{body}", buttons("好")), "t-1")
    assert kinds(sent) == sent_as
    card = sent[-1]["template_card"]
    if len(sent) == 1:
        assert (card["main_title"]["title"], card["sub_title_text"]) == (title, body)
    else:
        assert card["main_title"]["title"] == (title if len(title) <= 36 else "题" * 35 + "…")
        assert "sub_title_text" not in card
        said = "".join(payload["text"]["content"] for payload in sent[:-1])
        assert said.replace("\n", "") == (title + body).replace("\n", "")


def test_labels_that_can_be_read_stay_as_they_are() -> None:
    (payload,) = payloads(
        ZHANG, Rendered("Q", buttons("十个汉字都看得见的吧", "Twenty half-width ch")), "t-1"
    )
    assert [b["text"] for b in payload["template_card"]["button_list"]] == [
        "十个汉字都看得见的吧",
        "Twenty half-width ch",
    ]


def test_labels_that_cannot_be_read_are_read_in_the_text_by_their_numbers() -> None:
    long = "这个按钮的文字太长了看不完"
    row = (RenderedButton("是", "N.1"), RenderedButton(long, "N.3"))
    (payload,) = payloads(ZHANG, Rendered("问题", (row,)), "t-1")
    card = payload["template_card"]
    assert card["sub_title_text"] == f"2. 是\n4. {long}"  # as `fit` numbers them: what is typed works too
    assert [b["text"] for b in card["button_list"]] == ["2. 是", "4. 这个按钮的文字…"]
    other = (RenderedButton("是", "yes"), RenderedButton(long, "no"))
    (payload,) = payloads(ZHANG, Rendered("", (other,)), "t-1")
    assert payload["template_card"]["main_title"] == {"title": "1. 是"}


def test_a_card_without_a_text_has_its_first_button_for_a_title() -> None:
    (payload,) = payloads(ZHANG, Rendered(" \n", buttons("好", "不")), "t-1")
    assert payload["template_card"]["main_title"] == {"title": "好"}


def test_two_buttons_that_do_the_same_are_one() -> None:
    row = (RenderedButton("A", "N.0"), RenderedButton("B", "N.1"), RenderedButton("C", "N.0"))
    (payload,) = payloads(ZHANG, Rendered("Q", (row,)), "t-1")
    assert [b["text"] for b in payload["template_card"]["button_list"]] == ["A", "B"]


# --- a file --------------------------------------------------------------------------------------------------------


def test_a_file_goes_between_the_text_and_the_buttons() -> None:
    long = Rendered("题\n" + "文" * 200, buttons("好"), PDF)
    sent = payloads(ZHANG, long, "t-1", "M")
    assert kinds(sent) == ["text", "file", "template_card"]
    assert sent[1]["file"] == {"media_id": "M"}
    picture = Rendered("", (), ("a.png", "image/png", b"PNG"))
    assert payloads(ZHANG, picture, "t-1", "M")[0]["image"] == {"media_id": "M"}
    assert kinds(
        payloads(ZHANG, structs.replace(picture, file=("a.svg", "image/svg+xml", b"")), "t-1", "M")
    ) == ["file"]


@pytest.mark.parametrize(("file", "media_id"), [(PDF, None), (None, "M")])
def test_a_file_that_was_not_uploaded_is_not_forgotten(file: Any, media_id: str | None) -> None:
    with pytest.raises(DoesNotFit):
        payloads(ZHANG, Rendered("Q", (), file), "t-1", media_id)


# --- cards to choose on --------------------------------------------------------------------------------------------


def options(count: int, chosen: int | None = None) -> tuple[Option, ...]:
    return tuple(Option(f"o{n}", f"选项{n}", n == chosen) for n in range(count))


@pytest.mark.parametrize("many", [False, True])
def test_a_vote_card(many: bool) -> None:
    payload = cards.vote_card(ZHANG, "问题", Question("q", options(20, 1), many=many), SUBMIT, "t-1")
    assert complaints(payload) == []
    box = payload["template_card"]["checkbox"]
    assert (box["question_key"], box["mode"], len(box["option_list"])) == ("q", int(many), 20)
    assert box["option_list"][1] == {"id": "o1", "text": "选项1", "is_checked": True}
    assert payload["template_card"]["submit_button"] == {"text": "提交", "key": "N.s"}


def test_a_card_of_lists() -> None:
    questions = [Question(f"q{n}", options(10, chosen), f"第{n}问") for n, chosen in enumerate([None, 3, 9])]
    payload = cards.multiple_card(ZHANG, "问题", "", questions, SUBMIT, "t-1")
    assert complaints(payload) == []
    lists = payload["template_card"]["select_list"]
    assert [one["selected_id"] for one in lists] == ["o0", "o3", "o9"]
    assert lists[1]["title"] == "第1问"


def test_a_notice() -> None:
    payload = cards.text_notice(ZHANG, "标题", "正文", "https://example.org/x", "t-1")
    assert complaints(payload) == []
    assert payload["template_card"]["card_action"] == {"type": 1, "url": "https://example.org/x"}


@pytest.mark.parametrize(
    "text", ["您的网页：{link}\n十分钟内可用一次。", "{link}\n您的网页\n十分钟内可用一次。"]
)
def test_what_has_a_link_and_no_buttons_is_a_card_that_opens_it(text: str) -> None:
    link = "https://example.org/page/in?code=abc"
    (payload,) = payloads(ZHANG, Rendered(text.format(link=link), link=link), "t-1")
    assert complaints(payload) == []
    card = payload["template_card"]
    assert (card["main_title"]["title"], card["sub_title_text"]) == ("您的网页", "十分钟内可用一次。")
    assert card["card_action"] == {"type": 1, "url": link}


def test_what_has_a_link_and_buttons_has_the_link_in_a_text() -> None:
    """On a card with buttons an address is words, which nobody can tap."""
    said = "走访提示\n请在本人页面查看：https://example.org/page/in?code=abc"
    text, card = payloads(ZHANG, Rendered(said, buttons("记录")), "t-1")
    assert text["text"] == {"content": said}
    assert card["template_card"]["main_title"] == {"title": "走访提示"}
    assert "sub_title_text" not in card["template_card"]


@pytest.mark.parametrize(
    ("text", "link"), [("长" * 200 + " {link}", "https://x.org"), ("见 {link}", "ftp://x.org")]
)
def test_a_link_that_no_card_holds_stays_in_the_text(text: str, link: str) -> None:
    (payload,) = payloads(ZHANG, Rendered(text.format(link=link), link=link), "t-1")
    assert payload["text"]["content"] == text.format(link=link)


# --- what cannot be sent -------------------------------------------------------------------------------------------

ONE, TWO = Question("q", options(2)), Question("r", options(2))
REFUSED: dict[str, Any] = {
    "21 buttons": lambda: payloads(ZHANG, Rendered("Q", buttons(*"abcdefghijklmnopqrstu")), "t"),
    "no label": lambda: payloads(ZHANG, Rendered("Q", buttons(" ")), "t"),
    "no token": lambda: payloads(ZHANG, Rendered("Q", ((RenderedButton("A", ""),),)), "t"),
    "long token": lambda: payloads(ZHANG, Rendered("Q", ((RenderedButton("A", "张" * 342),),)), "t"),
    "nothing": lambda: payloads(ZHANG, Rendered(""), "t"),
    "no buttons": lambda: cards.button_card(ZHANG, "Q", "", [], "t"),
    "no title": lambda: cards.button_card(ZHANG, " ", "", buttons("A")[0], "t"),
    "no task id": lambda: payloads(ZHANG, Rendered("Q", buttons("A")), ""),
    "long task id": lambda: payloads(ZHANG, Rendered("Q", buttons("A")), "t" * 129),
    "strange task id": lambda: payloads(ZHANG, Rendered("Q", buttons("A")), "t.1"),
    "task id with a newline": lambda: payloads(ZHANG, Rendered("Q", buttons("A")), "t\n"),
    "no options": lambda: cards.vote_card(ZHANG, "Q", Question("q", ()), SUBMIT, "t"),
    "21 options": lambda: cards.vote_card(ZHANG, "Q", Question("q", options(21)), SUBMIT, "t"),
    "same option": lambda: cards.vote_card(ZHANG, "Q", Question("q", options(1) * 2), SUBMIT, "t"),
    "long option id": lambda: cards.vote_card(
        ZHANG, "Q", Question("q", (Option("i" * 129, "A"),)), SUBMIT, "t"
    ),
    "empty option": lambda: cards.vote_card(ZHANG, "Q", Question("q", (Option("i", " "),)), SUBMIT, "t"),
    "long key": lambda: cards.vote_card(ZHANG, "Q", Question("q" * 1025, options(2)), SUBMIT, "t"),
    "no submit": lambda: cards.vote_card(ZHANG, "Q", ONE, RenderedButton("A", ""), "t"),
    "two of one": lambda: cards.vote_card(
        ZHANG, "Q", Question("q", (Option("a", "A", True), Option("b", "B", True))), SUBMIT, "t"
    ),
    "no lists": lambda: cards.multiple_card(ZHANG, "Q", "", [], SUBMIT, "t"),
    "4 lists": lambda: cards.multiple_card(
        ZHANG, "Q", "", [ONE, TWO, replace(ONE, key="s"), replace(ONE, key="u")], SUBMIT, "t"
    ),
    "11 in a list": lambda: cards.multiple_card(ZHANG, "Q", "", [Question("q", options(11))], SUBMIT, "t"),
    "same list": lambda: cards.multiple_card(ZHANG, "Q", "", [ONE, ONE], SUBMIT, "t"),
    "many of a list": lambda: cards.multiple_card(ZHANG, "Q", "", [replace(ONE, many=True)], SUBMIT, "t"),
    "no url": lambda: cards.text_notice(ZHANG, "Q", "", "javascript:alert(1)", "t"),
    "everybody": lambda: Recipient("@all", 1),
    "Everybody": lambda: Recipient("@ALL", 1),
    "two people": lambda: Recipient("a|b", 1),
    "nobody": lambda: Recipient("", 1),
}


@pytest.mark.parametrize("attempt", REFUSED)
def test_what_wecom_would_refuse_is_refused_here(attempt: str) -> None:
    with pytest.raises(DoesNotFit):
        REFUSED[attempt]()


def test_what_is_just_within_the_limits_is_taken() -> None:
    row = tuple(RenderedButton(letter, letter * 1024) for letter in "abcdef")
    sent = payloads(Recipient("u" * 64, 1), Rendered("Q", (row,)), "T_-@" * 32)
    assert [complaints(payload) for payload in sent] == [[]]
    option = Option("i" * 128, "A")
    assert complaints(cards.vote_card(ZHANG, "Q", Question("q" * 1024, (option,)), SUBMIT, "t")) == []


# --- bytes ---------------------------------------------------------------------------------------------------------


def test_the_same_payload_is_the_same_bytes_and_real_utf8() -> None:
    (payload,) = payloads(ZHANG, Rendered("张明😀\n🙂", buttons("好")), "t-1")
    body = to_bytes(payload)
    assert body == to_bytes(dict(reversed(payload.items())))
    assert "张明😀".encode() in body
    assert b"\\u" not in body
    assert json.loads(body) == payload
    assert body.startswith(b'{"agentid":1000002,"duplicate_check_interval":14400,"enable_duplicate_check":1,')


def test_the_same_can_be_said_twice_on_purpose() -> None:
    (payload,) = payloads(replace(ZHANG, once=False), Rendered("你好"), "t-1")
    assert complaints(payload) == []
    assert payload["enable_duplicate_check"] == 0
    assert "duplicate_check_interval" not in payload


def test_the_validator_itself_complains() -> None:
    (good,) = payloads(ZHANG, Rendered("Q\nbody", buttons("A", "B")), "t-1")
    bad = json.loads(to_bytes(good))
    bad["template_card"] |= {"task_id": "t.1", "sub_title_text": "x" * 161}
    bad["template_card"]["button_list"][1]["key"] = "N.0"
    assert complaints(bad) == ["42014 task_id", "sub_title_text cannot be read", "42039 button key"]
    lengths = [len(complaints(good | {"touser": user})) for user in ("a", "", "a|b")]
    assert all(first <= second for first, second in pairwise(lengths))
    assert lengths == [0, 1, 1]
