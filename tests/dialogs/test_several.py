"""Several answers in one message: what is taken, and that nothing is taken which could be read in two ways."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.dialogs.engine import Ask, Recap, State, start, step
from bot.dialogs.inputs import Answer, Back, Edit, Tell
from bot.dialogs.several import several, understand
from bot.dialogs.words import to_input
from casework.forms.catalog import FORMS
from casework.forms.kinds import options_of
from locales.phrase import Reader
from tests.dialogs.test_walks import ENV, TEXTS, TODAY, fitting

TALK, HOME = FORMS["talk"], FORMS["home_visit"]
SO_FAR = {"date": "2026-11-20", "place": "meeting_room", "thinking": "平稳"}
WHOLE = "昨天下午3点\n会议室\n情绪平稳，愿意谈。\n绿\n没有发现\n无"


def at(form: str, **answers: Any) -> State:
    return start(FORMS[form], replace(ENV, prefill=answers))[0]


def told(form: str, text: str, **answers: Any) -> dict[str, Any] | None:
    found = several(FORMS[form], at(form, **answers), text, ENV)
    return dict(found.answers) if found else None


@pytest.mark.parametrize(
    "text",
    ["昨天，会议室", "会议室，昨天下午3点", "昨天 会议室", "11-22；会议室。", "昨天、会议室", "１１－２２，会议室",
     "yesterday, a meeting room", "yesterday at 3 pm; a meeting room", "昨天下午3点在会议室", "昨天在会议室谈的",
     "昨天下午三点，在会议室谈了", "在会议室，昨天", "yesterday, meeting room", "yesterday at 3 pm in the meeting room",
     "yesterday afternoon in a meeting room"],
)  # fmt: skip
def test_the_parts_of_a_line_find_their_questions(text: str) -> None:
    assert told("talk", text) == {"date": "2026-11-22", "place": "meeting_room"}


@pytest.mark.parametrize(
    "text", ["绿，没有发现", "没有发现，绿", "绿 无", "Settled; no sign", "积极稳定（绿），未发现"]
)
def test_in_either_order(text: str) -> None:
    assert told("talk", text, **SO_FAR) == {"state_of_mind": "settled", "safety": False}


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("talk", "昨天，在路上谈的"),  # a place of one's own could be anything
        ("talk", "昨天，1"),
        ("talk", "昨天，会议"),
        ("talk", "昨天在会议室谈的工作"),
        ("talk", "昨天在路上"),
        ("talk", "昨天我在会议室"),
        ("talk", "昨天在"),
        ("talk", "在会议室"),
        ("talk", "yesterday at 3"),
        ("talk", "yesterday in the morning"),
        ("home_visit", "昨天在家"),
        ("talk", "昨天，会议室，绿"),  # between them stands a text
        ("talk", "会议室，绿"),
        ("talk", "11、20"),
        ("talk", "Nov 20, 2026"),
        ("talk", "昨天，前天"),
        ("talk", "11月20日，周五"),
        ("home_visit", "是，否"),
        ("spoken", "电话，昨天，其他，其他"),
        ("leave", "11-25，11-27"),  # either could be the first day
        ("unit_interview", "，。"),
    ],
)
def test_what_can_be_read_in_two_ways_is_not_taken(form: str, text: str) -> None:
    assert told(form, text) is None


@pytest.mark.parametrize("vague", ["好", "可以", "OK", "嗯", "对"])
def test_a_word_said_of_anything_raises_no_alarm(vague: str) -> None:
    assert told("talk", f"绿，{vague}", **SO_FAR) is None
    assert told("talk", f"绿，{vague}") is None


@pytest.mark.parametrize(
    ("text", "so_far", "answers"),
    [
        ("黄，老说睡不着", SO_FAR, {"state_of_mind": "unsettled", "basis": "老说睡不着"}),
        (
            "重点关注，扬言要出走，其他没有",
            SO_FAR,
            {"state_of_mind": "concern", "basis": "扬言要出走，其他没有"},
        ),
        (
            "有，没精神，说活着没意思",
            {**SO_FAR, "state_of_mind": "stable"},
            {"safety": True, "safety_detail": "没精神，说活着没意思"},
        ),
        ("黄，没有", SO_FAR, {"state_of_mind": "unsettled", "safety": False}),
    ],
)
def test_what_an_answer_rests_on_may_be_said_behind_it(
    text: str, so_far: dict[str, Any], answers: dict[str, Any]
) -> None:
    assert told("talk", text, **so_far) == answers


@pytest.mark.parametrize(
    "text", ["黄，没有异常，就这样", "黄，情绪低落，没有风险", "蓝，有点顾虑", "黄，但是没什么事"]
)
def test_what_may_belong_to_another_question_is_no_ground(text: str) -> None:
    assert told("talk", text, **SO_FAR) is None


@pytest.mark.parametrize(
    "text", ["是的，应该没有", "有，没什么", "没有，就是说过活着没意思", "有，好像有点", "有，12"]
)
def test_an_alarm_that_is_taken_back_is_asked_again(text: str) -> None:
    assert told("talk", text, **SO_FAR, state_of_mind="stable") is None


def test_a_line_each_answers_in_the_order_of_the_questions() -> None:
    found = several(TALK, at("talk"), WHOLE, ENV)
    assert found is not None
    assert dict(found.answers) == {
        "date": "2026-11-22", "place": "meeting_room", "thinking": "情绪平稳，愿意谈。", "state_of_mind": "settled",
        "safety": False, "more": [],
    }  # fmt: skip
    state, effect = step(TALK, at("talk"), found, ENV)
    assert effect == Recap()
    assert state is not None
    assert state.answers["place"] == "meeting_room"


def test_a_line_may_answer_what_another_brought_up() -> None:
    text = "昨天\n村委会\n话少\n黄\n连续两次叹气\n无"
    assert told("talk", text) == {
        "date": "2026-11-22", "place": "村委会", "thinking": "话少", "state_of_mind": "unsettled",
        "basis": "连续两次叹气", "safety": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    "text", ["昨天\n会议室\n平稳\n第二段", "昨天\n会议室\n平稳\n绿\n没有\n无\n多一行", "\n"]
)
def test_a_line_that_answers_nothing_leaves_all_as_it_was(text: str) -> None:
    assert told("talk", text) is None


def test_a_text_a_many_choice_and_a_correction_take_the_whole_message() -> None:
    assert told("talk", "第一段\n第二段", date="2026-11-20", place="meeting_room") is None
    state = at("talk", **SO_FAR, state_of_mind="settled", safety=False)
    assert several(TALK, state, "工作表现\n群众反映", ENV) is None
    editing, _ = step(TALK, state, Edit("date"), ENV)
    assert editing is not None
    assert several(TALK, editing, "昨天，会议室", ENV) is None
    back, _ = step(TALK, at("talk", date="2026-11-20"), Back(), ENV)
    assert back is not None
    assert several(TALK, back, "昨天，会议室", ENV) is None


def test_one_that_the_form_refuses_is_asked_and_the_others_hold() -> None:
    state, effect = step(HOME, at("home_visit"), understand(HOME, at("home_visit"), "昨天，不知道", ENV), ENV)
    assert isinstance(effect, Ask)
    assert (effect.key, effect.problem is not None) == ("family_informed", True)
    assert state is not None
    assert state.answers == {"date": "2026-11-22"}
    state, effect = step(TALK, at("talk"), understand(TALK, at("talk"), "明天，会议室", ENV), ENV)
    assert isinstance(effect, Ask)
    assert (effect.key, effect.problem is not None) == ("date", True)
    assert state is not None
    assert state.answers == {"place": "meeting_room"}


def test_an_answer_that_was_given_is_not_overwritten() -> None:
    given = Tell((("date", "2026-11-01"), ("place", "own_office"), ("nothing", "x"), ("basis", "x")))
    state, _ = step(TALK, at("talk", date="2026-11-20"), given, ENV)
    assert state is not None
    assert state.answers == {"date": "2026-11-20", "place": "own_office"}


@settings(max_examples=300, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(FORMS)))
def test_whatever_is_typed_each_answer_is_one_of_its_question(data: st.DataObject, name: str) -> None:
    """The same parts, typed one by one, come to the same answers; and one part alone is never several."""
    form = FORMS[name]
    state: State | None
    state, effect = start(form, ENV)
    for _ in range(data.draw(st.integers(0, 6))):
        if not isinstance(effect, Ask) or state is None:
            return
        state, effect = step(form, state, Answer(data.draw(fitting(form.by_key[effect.key]))), ENV)
    if not isinstance(effect, Ask) or state is None:
        return
    parts = data.draw(st.lists(st.one_of(TEXTS, _words(name)), min_size=1, max_size=4))
    found = several(form, state, data.draw(st.sampled_from(["，", "\n", "; "])).join(parts), ENV)
    if found is None:
        return
    assert len(found.answers) > 1
    together, _ = step(form, state, found, ENV)
    alone: State | None = state
    for key, value in found.answers:
        assert alone is not None
        edited, _ = step(form, alone, Edit(key), ENV)
        assert edited is not None
        alone, _ = step(form, edited, Answer(value), ENV)
    assert together is not None
    assert alone is not None
    if all(key in together.answers for key, _ in found.answers):
        assert together.answers == alone.answers


def _words(name: str) -> st.SearchStrategy[str]:
    reader = Reader("zh_CN", UTC, TODAY)
    labels = [one.label.render(reader) for field in FORMS[name].fields for one in options_of(field, ENV)]
    return st.sampled_from([*labels, "昨天", "没有", "有"])


def test_one_answer_is_read_as_before() -> None:
    for text in ("昨天", "1", "改第1题", "取消", "改天"):
        assert understand(TALK, at("talk"), text, ENV) == to_input(TALK, at("talk"), text, ENV)
