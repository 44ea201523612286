"""An answer with a heading: bold where it helps, and never anything that somebody's name made of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.wecom import cards
from bot.channels.wecom.cards import Recipient, payloads
from bot.channels.wecom.headed import LONGEST, headed
from bot.channels.wecom.sending import told_apart
from bot.messages import Rendered
from tests.fakes.wecom.markdown import read

ZHANG = Recipient("zhangsan", 1000002)
HOSTILE = (
    "<@LiMin>", "[点我](http://evil.example)", '<font color="warning">急</font>', "**粗**", "`代码`", "# 标题",
    "> 引用", "http://evil.example/x", "www.evil.example", "\\*转义\\*", "<a href='http://evil.example'>点</a>",
)  # fmt: skip


def test_an_answer_of_several_lines_has_its_heading_in_bold() -> None:
    (payload,) = payloads(
        ZHANG, Rendered("JA-7K3Q 时间线\n11月3日｜谈心谈话\n12月1日｜廉政家访", answer=True), "t-1"
    )
    assert payload["msgtype"] == "markdown"
    seen = read(payload["markdown"]["content"])
    assert seen.bold == ("JA-7K3Q 时间线",)
    assert seen.text == "JA-7K3Q 时间线\n11月3日｜谈心谈话\n12月1日｜廉政家访"


@pytest.mark.parametrize(
    "message",
    [
        Rendered("晨报\n今日待办2项"),  # nobody asked: they may read it where no markdown is shown
        Rendered("好的。", answer=True),
        Rendered("标题\n" + "好" * 700, answer=True),
        Rendered("\n没有标题", answer=True),
    ],
)
def test_anything_else_is_a_text(message: Rendered) -> None:
    assert {payload["msgtype"] for payload in payloads(ZHANG, message, "t-1")} == {"text"}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("form", ["查询结果\n姓名：{}", "{}\n姓名：张明", "查询结果\n{}\n结束"])
def test_what_could_be_read_as_markup_is_shown_as_it_stands(name: str, form: str) -> None:
    text = form.format(name)
    (payload,) = payloads(ZHANG, Rendered(text, answer=True), "t-1")
    assert payload["msgtype"] == "text"
    assert payload["text"]["content"].replace("＜", "<") == text


@given(st.text(min_size=1, max_size=60), st.lists(st.sampled_from(HOSTILE), max_size=3))
def test_no_text_gains_a_mention_a_link_or_a_colour(text: str, names: list[str]) -> None:
    said = cards._clean("\n".join([text, *names]))
    content = headed(said)
    if content is None:
        return
    seen = read(content)
    assert (seen.mentions, seen.links, seen.others) == ((), (), ())
    assert len(content.encode()) <= LONGEST
    first, _, rest = said.partition("\n")
    assert seen.text == f"{first.strip()}\n{rest}"


def test_a_second_attempt_is_the_same_and_another_message_is_not() -> None:
    said = payloads(ZHANG, Rendered("标题\n一行", answer=True), "t-1")
    one, again, other = (json.dumps(told_apart(said, key)) for key in ("A-0", "A-0", "B-0"))
    assert one == again != other
