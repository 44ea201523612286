from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.dialogs.engine import Mode, State
from bot.dialogs.inputs import (
    Answer,
    Back,
    Cancel,
    Done,
    Edit,
    Help,
    Input,
    Keep,
    Resume,
    Skip,
    Submit,
    Unread,
)
from bot.dialogs.words import CONTROLS, QUOTED, quoted, read, to_input
from casework.forms.catalog import FORMS
from casework.forms.form import Env, Field, Option
from casework.forms.kinds import listed
from locales.phrase import FreeText, Name, Phrase

ENV = Env(
    date(2026, 11, 23),
    {
        "companions": (Option("7", Name("李敏")), Option("8", Name("王强"))),
        "place": (Option("乡政府", FreeText("乡政府")),),
    },
)
TALK = FORMS["talk"]
EITHER = "“{text}” could mean either here. Tap one, or type its number."
ANSWERED = {"date": "2026-11-20", "place": "meeting_room", "thinking": "平稳"}


def talk(key: str) -> Field:
    return TALK.by_key[key]


def typed(text: str, cursor: str | None = "date", mode: Mode = "", **answers: Any) -> Input:
    return to_input(TALK, State(answers or ANSWERED, cursor, mode=mode), text, ENV)


def test_a_number_is_that_of_what_is_listed() -> None:
    """Of many the first are listed, then those of one name: the tenth that is known may be the ninth there."""
    many = tuple(Option(str(n), Name(f"同志{n}"), shared=n >= 11) for n in range(1, 13))
    env = replace(ENV, options={"companions": many})
    field = TALK.by_key["companions"]
    assert [one.value for one in listed(field, many, ("10",))] == [*map(str, range(1, 9)), "11", "12", "10"]
    assert read(field, "8 9 10", env) == ["8", "11", "12"]
    assert isinstance(read(field, "11", env), Phrase)


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("上一步", Back()),
        ("/back", Back()),
        (" ＢＡＣＫ ", Back()),
        ("返回", Back()),
        ("跳过", Skip()),
        ("/skip", Skip()),
        ("取消", Cancel()),
        ("／cancel", Cancel()),
        ("提交。", Submit()),
        ("Submit", Submit()),
        ("完成", Done()),
        ("修改", Edit()),
        ("继续", Resume()),
        ("\u200b继续\ufeff", Resume()),
        ("保留原答案", Keep()),
        ("？", Help()),
        ("改第3题", Edit("thinking")),
        ("修改第３题", Edit("thinking")),
        ("改第三题", Edit("thinking")),
        ("改3", Edit("thinking")),
        ("edit 3", Edit("thinking")),
        ("Edit question 2", Edit("place")),
        ("/edit 1", Edit("date")),
    ],
)
@pytest.mark.parametrize("cursor", ["date", "state_of_mind", None])
def test_control_words_work_everywhere(text: str, means: Input, cursor: str | None) -> None:
    assert typed(text, cursor) == means


def test_every_control_word_is_data_in_both_languages() -> None:
    assert CONTROLS["zh_CN"].keys() == CONTROLS["en"].keys()


def test_a_question_that_is_not_there_cannot_be_changed() -> None:
    answer = typed("改第99题")
    assert isinstance(answer, Unread)
    assert answer.problem.msgid == "There is no question {number}; the last one is {last}."


def test_done_is_an_answer_where_a_text_is_asked_for() -> None:
    assert typed("完成", "thinking") == Answer("完成")
    assert typed("/done", "thinking") == Done()


def test_that_is_all_leaves_out_a_text_that_may_be_left_out() -> None:
    so_far: dict[str, Any] = {**ANSWERED, "more": ["next_steps"], "state_of_mind": "settled", "safety": False}
    for text in ("就这些", "没了", "没有其他了", "无补充"):
        assert typed(text, "next_steps", **so_far) == Skip()
        assert typed(text, "thinking") == Answer(text)
    for text in ("完成", "好了", "done"):
        assert typed(text, "next_steps", **so_far) == Answer(text)
    assert typed("取消", "thinking") == Cancel()


def test_while_choosing_what_to_change_a_number_is_enough() -> None:
    assert typed("2", None, mode="picking") == Edit("place")
    assert typed("第2题", None, mode="picking") == Edit("place")


@pytest.mark.parametrize(
    ("text", "means"), [("是", Cancel()), ("yes", Cancel()), ("不", Keep()), ("no", Keep())]
)
def test_whether_to_cancel_can_be_typed(text: str, means: Input) -> None:
    assert typed(text, mode="cancelling") == means


@pytest.mark.parametrize("text", ["有", "有的。"])
def test_an_answer_about_facts_throws_no_draft_away(text: str) -> None:
    """Somebody answers about signs of danger while another device has just asked whether to cancel."""
    assert typed(text, mode="cancelling") == Answer(text)


def test_the_label_of_the_help_button_can_be_typed() -> None:
    assert typed("查看各档标准", "state_of_mind") == Help()
    assert typed("what the grades mean", "state_of_mind") == Help()
    assert typed("查看风险情形", "state_of_mind") == Help("safety"), "the next question, on the same card"
    assert typed("查看风险情形", "safety") == Help()


def test_text_at_the_recap_is_out_of_place() -> None:
    assert typed("什么？", None) == Answer("什么？")


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("thinking", "  情绪平稳，\u200b愿意谈。\r\n有打算 ", "情绪平稳，愿意谈。\n有打算"),
        ("thinking", "无", "无"),
        ("thinking", "1", "1"),
        ("date", "昨天", "2026-11-22"),
        ("date", "1", "2026-11-23"),
        ("date", "２", "2026-11-22"),
        ("date", "11月2", "2026-11-02"),
        ("date", "昨天（11月22日）", "2026-11-22"),
        ("state_of_mind", "1", "settled"),
        ("state_of_mind", "1.", "settled"),
        ("state_of_mind", "１、", "settled"),
        ("state_of_mind", "第2个", "stable"),
        ("state_of_mind", "三", "unsettled"),
        ("state_of_mind", "④", "concern"),
        ("state_of_mind", "积极稳定（绿）", "settled"),
        ("state_of_mind", "基本平稳", "stable"),
        ("state_of_mind", "基本", "stable"),
        ("state_of_mind", "黄", "unsettled"),
        ("state_of_mind", "Of concern (red)", "concern"),
        ("state_of_mind", "RED", "concern"),
        ("state_of_mind", "暂不", "not_rated"),
        ("place", "会议室", "meeting_room"),
        ("place", "乡政府", "乡政府"),
        ("place", "村委会", "村委会"),
        ("place", "2", "own_office"),
        ("safety", "未发现", False),
        ("safety", "没有", False),
        ("safety", "无。", False),
        ("safety", "否", False),
        ("safety", "no", False),
        ("safety", "1", False),
        ("safety", "有", True),
        ("safety", "是", True),
        ("safety", "Yes", True),
        ("safety", "2", True),
        ("more", "1 3 5", ["work", "unit_opinion", "execution"]),
        ("more", "1、3、5", ["work", "unit_opinion", "execution"]),
        ("more", "１，３", ["work", "unit_opinion"]),
        ("more", "1和3", ["work", "unit_opinion"]),
        ("more", "1-3", ["work", "correction", "unit_opinion"]),
        ("more", "第1个和第3个", ["work", "unit_opinion"]),
        ("more", "工作表现、群众反映", ["work", "public_feedback"]),
        ("more", "Work, Next steps", ["work", "next_steps"]),
        ("more", "无", []),
        ("more", "none", []),
        ("companions", "李敏、赵强", ["7", "赵强"]),
        ("companions", "李敏 王强", ["7", "8"]),
        ("companions", "1", ["7"]),
        ("companions", "、李敏，", ["7"]),
        ("span", "9点到10点半", "09:00-10:30"),
        ("span", "上午9点，两小时", "09:00-11:00"),
        ("safety", "无异常", False),
        ("safety", "是啊", True),
        ("safety", "没有🙏", False),
        ("safety", "没有[抱拳]", False),
        ("safety", "没什么异常", False),
        ("safety", "没有任何迹象。", False),
        ("safety", "no concerns", False),
        ("date", "昨天👌", "2026-11-22"),
        ("date", "昨天～", "2026-11-22"),
        ("place", "会议室🙏", "meeting_room"),
        ("place", "就在会议室谈的", "meeting_room"),
        ("place", "他办公室里", "own_office"),
        ("place", "茶馆😊", "茶馆😊"),
        ("place", "3号会议室", "3号会议室"),
        ("state_of_mind", "🟢", "settled"),
        ("state_of_mind", "绿的", "settled"),
        ("state_of_mind", "评蓝吧", "stable"),
        ("span", "三点聊到四点半吧", "15:00-16:30"),
        ("more", "没有补充的", []),
        ("more", "就这样吧", []),
    ],
)
def test_what_is_typed_is_understood(key: str, text: str, value: Any) -> None:
    assert read(talk(key), text, ENV) == value


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("thinking", "\u200b", "Please type a few words."),
        ("date", "随便", "“{text}” is not a date. Type it as 11-20, yesterday or 2026-11-20."),
        ("date", "7", "“{text}” is not a date. Type it as 11-20, yesterday or 2026-11-20."),
        ("follow_up_due", "随便", "“{text}” is not a date. Type it as 12-3, next Monday or 2026-12-03."),
        ("date", "月底前", "“{text}” does not say which day. Please give one."),
        (
            "date",
            "腊月廿八",
            "“{text}” is a day of the lunar calendar. Please give it by the common calendar.",
        ),
        ("date", "周一至周三", "“{text}” is more than one day. Please give one."),
        ("span", "十一点半", "“{text}” is one time of day. Please give both: 9:00-10:30."),
        ("span", "3点一刻", "“{text}” is one time of day. Please give both: 9:00-10:30."),
        ("date", "11月20日（周四）", "{day} is a {weekday}. Which day do you mean?"),
        ("date", "5/11/2026", "“{text}” may be {one} or {other}. Which one?"),
        (
            "span",
            "两小时",
            "“{text}” is how long it lasted. Please say when it began, too: 9:00-10:30, or 9:00, 2 hours.",
        ),
        (
            "span",
            "聊了半个多钟头",
            "“{text}” is how long it lasted. Please say when it began, too: 9:00-10:30, or 9:00, 2 hours.",
        ),
        ("date", "下午三点", "“{text}” does not say which day. Please give one."),
        ("date", "中午", "“{text}” does not say which day. Please give one."),
        ("place", "下午3点", "“{text}” is not among the choices. Tap one, or type its number."),
        ("place", "1和3", "“{text}” is not among the choices. Tap one, or type its number."),
        ("place", "忘了", "“{text}” is not among the choices. Tap one, or type its number."),
        ("safety", "应该没有吧", "“{text}” is neither yes nor no. Tap one, or type yes or no."),
        ("safety", "没有，就是说活着没意思", "“{text}” is neither yes nor no. Tap one, or type yes or no."),
        ("span", "一会儿", "“{text}” is not a span of time. Type it as 9:00-10:30."),
        ("state_of_mind", "9", "“{text}” is not among the choices. Tap one, or type its number."),
        ("state_of_mind", "0", "“{text}” is not among the choices. Tap one, or type its number."),
        ("state_of_mind", "紫", "“{text}” is not among the choices. Tap one, or type its number."),
        ("state_of_mind", "。", "“{text}” is not among the choices. Tap one, or type its number."),
        (
            "companions",
            "、",
            "“{text}” is not among the choices. Tap them, or type their numbers, as in 1 3 5.",
        ),
        ("state_of_mind", "", "Please tap or type an answer."),
        ("place", "9", "“{text}” is not among the choices. Tap one, or type its number."),
        ("safety", "也许", "“{text}” is neither yes nor no. Tap one, or type yes or no."),
        *(
            ("safety", vague, EITHER)
            for vague in ("好", "好的。", "可以", "行", "嗯", "确认", "不用", "OK", "sure")
        ),
        ("more", "1 99", "“{text}” is not among the choices. Tap them, or type their numbers, as in 1 3 5."),
        ("more", "天气", "“{text}” is not among the choices. Tap them, or type their numbers, as in 1 3 5."),
    ],
)
def test_a_problem_says_what_would_be_right(key: str, text: str, problem: str) -> None:
    found = read(talk(key), text, ENV)
    assert isinstance(found, Phrase)
    assert found.msgid == problem


@pytest.mark.parametrize("text", ["没有", "忘了", "待定", "不记得了。", "没有🙏"])
@pytest.mark.parametrize("cursor", ["span", "follow_up_due"])
def test_a_day_or_a_time_may_be_left_out_in_words(text: str, cursor: str) -> None:
    so_far: dict[str, Any] = {**ANSWERED, "more": ["attendance", "follow_up"], "follow_up": "看病"}
    assert typed(text, cursor, **so_far) == Skip()
    assert isinstance(typed(text, "date"), Unread)


def test_to_submit_where_nothing_is_left_but_what_else_there_is_to_add() -> None:
    so_far: dict[str, Any] = {**ANSWERED, "state_of_mind": "settled", "safety": False}
    assert typed("提交", "more", **so_far) == Done()
    assert typed("提交", "companions", **so_far, more=["companions", "attendance"]) == Submit()


def test_a_beginning_that_fits_two_options_is_not_guessed() -> None:
    reason = FORMS["not_done"].by_key["reason"]
    assert isinstance(read(reason, "本人", ENV), Phrase)
    assert read(reason, "本人外", ENV) == "away"
    assert read(FORMS["reschedule"].by_key["reason"], "本人外", ENV) == "本人外"


def test_numbers_add_to_what_is_ticked() -> None:
    state = State(ANSWERED, "more", partial=("next_steps",))
    assert to_input(TALK, state, "1 2", ENV) == Answer(["next_steps", "work", "correction"])


def test_what_is_not_understood_is_quoted_within_bounds() -> None:
    assert quoted("很 长\n" + "长" * 100).text == "很 长 " + "长" * (QUOTED - 5) + "…"
    assert quoted("短") == FreeText("短")


@given(
    st.text(max_size=30),
    st.sampled_from([*TALK.by_key, None]),
    st.sampled_from(["", "picking", "cancelling"]),
)
def test_nothing_typed_is_an_error(text: str, cursor: str | None, mode: Mode) -> None:
    assert isinstance(typed(text, cursor, mode), Input)
