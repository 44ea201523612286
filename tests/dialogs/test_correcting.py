"""改第3题 in the words of people; and what is no answer though it could be typed as one."""

from __future__ import annotations

from datetime import date

import pytest

from bot.dialogs.engine import State
from bot.dialogs.inputs import Answer, Edit, Input, Skip, Tell, Unread
from bot.dialogs.several import understand
from bot.dialogs.words import read
from casework.forms.catalog import FORMS
from casework.forms.form import Env

ENV = Env(date(2026, 11, 23))
TALK = FORMS["talk"]
ANSWERS = {"date": "2026-11-20", "place": "own_office"}


def typed(text: str, cursor: str = "thinking") -> Input:
    return understand(TALK, State(ANSWERS, cursor), text, ENV)


@pytest.mark.parametrize("cursor", ["place", "thinking", "state_of_mind", "safety"])
@pytest.mark.parametrize(
    "text", ["改一下第二题", "第2题填错了", "第2题", "回到第２题", "重填第2题", "修改一下第2题吧"]
)
def test_a_question_is_called_by_its_number(text: str, cursor: str) -> None:
    assert typed(text, cursor) == Edit("place")


@pytest.mark.parametrize(
    "text", ["第2题改成会议室", "把第二题改为会议室", "改第2题为会议室", "改一下第2题为会议室"]
)
def test_what_it_is_to_be_may_be_said_at_once(text: str) -> None:
    assert typed(text) == Edit("place", "meeting_room")


def test_what_it_cannot_be_is_said_where_it_is_asked() -> None:
    given = typed("第1题改成下五")
    assert isinstance(given, Edit)
    assert (given.key, given.value) == ("date", None)
    assert given.problem is not None


def test_by_its_label_where_no_text_is_asked_for() -> None:
    assert typed("地点改成会议室", "state_of_mind") == Edit("place", "meeting_room")
    assert typed("地点改成会议室") == Answer("地点改成会议室")
    assert understand(TALK, State(ANSWERS, None, mode="picking"), "地点", ENV) == Edit("place")


@pytest.mark.parametrize("text", ["嗯", "没有", "昨天", "会议室，情绪平稳，绿", "会议室\n情绪平稳\n说不清"])
def test_a_place_is_no_yes_no_day_and_no_answer_to_others(text: str) -> None:
    assert isinstance(typed(text, "place"), Unread)


def test_nobody_went_along() -> None:
    state = State({**ANSWERS, "more": ["companions"]}, "companions")
    for text in ("没有", "就我一个", "我自己", "没有陪同人员"):
        assert understand(TALK, state, text, ENV) == Skip()
    assert isinstance(understand(TALK, state, "嗯", ENV), Unread)


def test_none_is_no_beginning_of_a_label() -> None:
    outcome = FORMS["difficulty"].by_key["outcome"]
    assert not isinstance(read(outcome, "无", ENV), str)
    assert not isinstance(read(TALK.by_key["more"], "对", ENV), list)


@pytest.mark.parametrize("text", ["日期：昨天\n地点：会议室\n思想动态：平稳", "1.昨天\n2、会议室\n3. 平稳"])
def test_lines_may_say_which_question_they_answer(text: str) -> None:
    told = understand(TALK, State({}, "date"), text, ENV)
    assert told == Tell((("date", "2026-11-22"), ("place", "meeting_room"), ("thinking", "平稳")))
