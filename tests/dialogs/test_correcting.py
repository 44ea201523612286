"""改第3题 in the words of people; and what is no answer though it could be typed as one."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogs.deadlines import read_deadline
from bot.dialogs.engine import PickEdit, State, step
from bot.dialogs.inputs import Answer, Edit, Input, Later, Skip, Submit, Tell, Unread
from bot.dialogs.several import perhaps_right, understand
from bot.dialogs.words import read
from casework.forms.catalog import FORMS
from casework.forms.form import Env, Option
from locales.phrase import Count, Day, Name, Phrase
from reminders.workdays import WorkCalendar

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
    edit = typed("第1题改成下五")
    assert isinstance(edit, Edit)
    assert (edit.key, edit.value) == ("date", None)
    assert edit.problem is not None


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


COMPANIONS = Env(ENV.today, {"companions": (Option("7", Name("吴涛")), Option("8", Name("陈立群")))})


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("吴涛和陈立群", ["7", "8"]), ("我和陈立群", ["8"]), ("和陈立群一起", ["8"]), ("陈立群同志", ["8"]),
        ("陈立群跟王建国", ["8", "王建国"]), ("王建国与李红", ["王建国", "李红"]), ("吴涛 and 陈立群", ["7", "8"]),
        ("赵和平", ["赵和平"]), ("和平", ["和平"]), ("吴涛和和平", ["吴涛和和平"]), ("2 1", ["8", "7"]),
        ("just me and 吴涛", ["7"]), ("我、吴涛", ["7"]), ("只我一人", []),
        ("一个人去的", []), ("没别人", []), ("just me", []), ("nobody.", []), ("alone", []),
        ("没人一起去", []), ("没有人", []), ("没人陪我去", []), ("没带人", []), ("I went alone", []), ("无人陪同", []),
        ("和陈立群、吴涛一起去的", ["8", "7"]), ("吴涛陪我去的", ["7"]), ("有吴涛", ["7"]),
        ("还有吴涛和王建国", ["7", "王建国"]),
        ("吴涛主任", ["7"]), ("派驻组的吴涛", ["7"]), ("吴涛（派驻组）", ["7"]), ("吴涛科长和陈立群主任", ["7", "8"]),
        ("吴涛、陈立群两位同志", ["7", "8"]), ("和王建国一起去的", ["王建国"]), ("跟王建国", ["王建国"]),
        ("任小明", ["任小明"]), ("和平一起去的", ["和平"]), ("with 吴涛", ["7"]), ("我和吴涛去的", ["7"]),
    ],
)  # fmt: skip
def test_companions_are_read_one_by_one(text: str, who: list[str]) -> None:
    assert read(TALK.by_key["companions"], text, COMPANIONS) == who


@pytest.mark.parametrize("text", ["两人", "2位", "一个", "三个人"])
def test_how_many_they_were_names_nobody(text: str) -> None:
    assert isinstance(read(TALK.by_key["companions"], text, COMPANIONS), Phrase)


@pytest.mark.parametrize(
    "text",
    ["老王", "和老王、纪检室小李一起", "王主任", "吴涛，小李", "吴涛等2人", "审理室 吴涛", "村支书老张", "本人", "同上",
     "和上次一样", "上次那两位", "same as last time", "不知道"],
)  # fmt: skip
def test_who_cannot_be_found_by_it_is_no_companion(text: str) -> None:
    assert isinstance(read(TALK.by_key["companions"], text, COMPANIONS), Phrase)


@pytest.mark.parametrize("text", ["同上", "和上次一样", "跟上次那个地方", "老地方", "还是老地方。", "ditto"])
def test_what_only_another_note_would_tell_is_no_answer(text: str) -> None:
    found = read(TALK.by_key["place"], text, ENV)
    assert isinstance(found, Phrase)
    assert found.msgid == "“{text}” says nothing without another note. Please write it out."
    assert isinstance(read(FORMS["unit_interview"].by_key["unit_people"], text, ENV), Phrase)


@pytest.mark.parametrize("text", ["没什么", "没别的", "不用了", "暂时没有", "nothing else", "That's all."])
def test_nothing_to_add_in_other_words(text: str) -> None:
    assert read(TALK.by_key["more"], text, ENV) == []


def test_two_topics_with_and_between_them() -> None:
    assert read(TALK.by_key["more"], "工作和下一步措施", ENV) == ["work", "next_steps"]
    people = FORMS["unit_interview"].by_key["unit_people"]
    assert read(people, "书记和办公室主任", ENV) == ["party_secretary", "办公室主任"]
    assert read(people, "办公室主任和副主任", ENV) == ["办公室主任和副主任"]


@pytest.mark.parametrize(
    ("text", "topic"),
    [("困难", "hardship"), ("建议", "suggestions"), ("后续事项", "follow_up"), ("follow up", "follow_up")],
)
def test_a_topic_by_a_word_of_it(text: str, topic: str) -> None:
    assert read(TALK.by_key["more"], text, ENV) == [topic]


def test_an_english_label_needs_no_article() -> None:
    assert read(TALK.by_key["place"], "meeting room", ENV) == "meeting_room"


def test_none_is_no_beginning_of_a_label() -> None:
    outcome = FORMS["difficulty"].by_key["outcome"]
    assert not isinstance(read(outcome, "无", ENV), str)
    assert not isinstance(read(TALK.by_key["more"], "对", ENV), list)


@pytest.mark.parametrize("text", ["日期：昨天\n地点：会议室\n思想动态：平稳", "1.昨天\n2、会议室\n3. 平稳"])
def test_lines_may_say_which_question_they_answer(text: str) -> None:
    told = understand(TALK, State({}, "date"), text, ENV)
    assert told == Tell((("date", "2026-11-22"), ("place", "meeting_room"), ("thinking", "平稳")))


@pytest.mark.parametrize("text", ["9", "第九题"])
def test_a_number_that_is_none_is_said_so_in_the_list(text: str) -> None:
    state = State(ANSWERS, None, mode="picking")
    after, effect = step(TALK, state, understand(TALK, state, text, ENV), ENV)
    assert after == state
    assert isinstance(effect, PickEdit)
    assert effect.problem is not None
    assert effect.problem.values["number"] == Count(9)


@pytest.mark.parametrize("text", ["好", "跳过", "提交"])
def test_what_names_no_answer_to_change_is_said_so(text: str) -> None:
    state = State(ANSWERS, None, mode="picking")
    after, effect = step(TALK, state, understand(TALK, state, text, ENV), ENV)
    assert after == state
    assert isinstance(effect, PickEdit)
    assert effect.problem is not None


@pytest.mark.parametrize("text", ["先放着", "等会再填", "回头再填。", "稍后再填", "later"])
@pytest.mark.parametrize("cursor", ["date", "thinking", "safety", None])
def test_to_leave_it_for_later_is_no_answer(text: str, cursor: str | None) -> None:
    assert understand(TALK, State(ANSWERS, cursor), text, ENV) == Later()


@pytest.mark.parametrize("text", ["提交吧", "确认提交吧", "确认无误", "确认无误！", "核对无误"])
def test_at_the_recap_all_is_well_submits(text: str) -> None:
    assert understand(TALK, State(ANSWERS, None), text, ENV) == Submit()


@pytest.mark.parametrize("text", ["好", "可以", "确认", "没问题"])
def test_what_may_be_said_of_anything_does_not(text: str) -> None:
    assert not isinstance(understand(TALK, State(ANSWERS, None), text, ENV), Submit)


def test_all_is_well_is_an_answer_where_a_text_is_asked_for() -> None:
    assert typed("确认无误") == Answer("确认无误")


@pytest.mark.parametrize(
    "text",
    [
        "第一步改为每两周谈心一次",
        "第二项改为下周完成",
        "第一条有误",
        "改三项",
        "更正两条",
        "the date is wrong",
    ],
)
def test_what_may_be_said_of_anything_else_is_the_text(text: str) -> None:
    assert typed(text) == Answer(text)


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("更正日期", Edit("date")), ("更正第2题", Edit("place")), ("change the date", Edit("date")),
        ("the place is wrong", Edit("place")), ("question 2", Edit("place")), ("back to question 1", Edit("date")),
        ("change date to yesterday", Edit("date", "2026-11-22")),
        ("change question 1 to yesterday", Edit("date", "2026-11-22")),
    ],
)  # fmt: skip
def test_in_other_words_and_in_english(text: str, edit: Edit) -> None:
    assert typed(text, "state_of_mind") == edit


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("不对，应该是周四", Edit("date", "2026-11-19")), ("不是昨天，是前天", Edit("date", "2026-11-21")),
        ("不是，是前天", Edit("date", "2026-11-21")), ("日期错了，是昨天", Edit("date", "2026-11-22")),
        ("哎呀，时间写错了，是前天下午", Edit("date", "2026-11-21")), ("刚才日期填错了", Edit("date")),
        ("日期应该是昨天", Edit("date", "2026-11-22")), ("日期：昨天", Edit("date", "2026-11-22")),
        ("填错了", Edit("date")), ("不好意思，上一题选错了", Edit("date")),
        ("no, Thursday", Edit("date", "2026-11-19")),
        ("sorry, it was yesterday", Edit("date", "2026-11-22")), ("I meant Thursday", Edit("date", "2026-11-19")),
        ("应该是会议室", Answer("meeting_room")), ("地点是会议室", Answer("meeting_room")),
        ("不对，应该是村委会", Answer("村委会")), ("应该是他常去的茶馆", Answer("应该是他常去的茶馆")),
    ],
)  # fmt: skip
def test_a_slip_is_put_right_and_is_no_place(text: str, edit: Input) -> None:
    assert understand(TALK, State({"date": "2026-11-20"}, "place"), text, ENV) == edit


@pytest.mark.parametrize(
    ("text", "cursor", "edit"),
    [
        ("不对，应该是周四", "safety", Edit("date", "2026-11-19")),
        ("写错了，应该是会议室", "state_of_mind", Edit("place", "meeting_room")),
        ("不对，应该是村委会", "state_of_mind", Edit("thinking")),
        ("不对，应该是绿", "state_of_mind", Answer("settled")),
        ("地点：《村部》二楼，A座", "state_of_mind", Edit("place", "《村部》二楼，A座")),
        ("填错了", None, Edit()),
        ("不对，应该是会议室", None, Edit("place", "meeting_room")),
        ("日期错了", None, Edit("date")),
    ],
)
def test_which_answer_is_put_right(text: str, cursor: str | None, edit: Input) -> None:
    answers: dict[str, Any] = {**ANSWERS, "thinking": "平稳"}
    if cursor != "state_of_mind":
        answers["state_of_mind"] = "stable"
    if cursor is None:
        answers |= {"safety": False, "more": []}
    assert understand(TALK, State(answers, cursor), text, ENV) == edit


def test_the_first_answer_may_be_said_so_too() -> None:
    assert understand(TALK, State({}, "date"), "不对，应该是周四", ENV) == Answer("2026-11-19")
    assert isinstance(understand(TALK, State({}, "date"), "填错了", ENV), Unread)


@pytest.mark.parametrize(
    "text", ["记错了", "日期填错了", "上一题填错了", "不对，应该是周四", "日期不对，应该是周四"]
)
@pytest.mark.parametrize(
    ("form", "cursor", "answers"),
    [
        ("misfiled", "reason", {"what": "void"}),
        ("not_confirmed", "reason", {}),
        ("amend_talk", "amended_because", {"which_question": "date", "date": "2026-11-20"}),
    ],
)
def test_what_was_wrong_is_the_answer_where_just_that_is_asked(
    text: str, form: str, cursor: str, answers: dict[str, Any]
) -> None:
    at = FORMS[form]
    assert cursor in [field.key for field in at.visible(answers)]
    assert understand(at, State(answers, cursor), text, ENV) in (Answer(text), Answer("slip"))
    assert perhaps_right(at, State(answers, cursor), text, ENV) is None


def test_of_two_days_nobody_knows_which_was_wrong() -> None:
    leave = FORMS["leave"]
    first, last = (field.key for field in leave.fields[:2])
    state = State({first: "2026-11-25"}, last)
    assert understand(leave, state, "不对，应该是周四", ENV) == Edit()
    assert understand(leave, state, "应该是周四", ENV) == Answer("2026-11-26")


@pytest.mark.parametrize("text", ["不是，没有", "no, nothing", "no, none", "不是，没有了", "应该是没有"])
def test_nothing_to_add_takes_no_alarm_back(text: str) -> None:
    answers = {
        **ANSWERS,
        "thinking": "平稳",
        "state_of_mind": "stable",
        "safety": True,
        "safety_detail": None,
    }
    given = understand(TALK, State(answers, "more"), text, ENV)
    assert not isinstance(given, Edit | Tell)
    assert understand(TALK, State(answers, "more"), "安全风险应该是无", ENV) == Edit("safety", False)


@pytest.mark.parametrize("text", ["不对", "不是", "不对，他挺好的", "不是不愿意，是没机会"])
def test_a_no_where_yes_or_no_is_asked_is_no_slip(text: str) -> None:
    state = State({**ANSWERS, "thinking": "平稳", "state_of_mind": "stable"}, "safety")
    assert not isinstance(understand(TALK, state, text, ENV), Edit)


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("不对，应该是周四", Edit("date", "2026-11-19")), ("日期填错了", Edit("date")), ("改一下日期", Edit("date")),
        ("地点改成会议室", Edit("place", "meeting_room")), ("填错了", Edit("place")),
        ("不是不愿意，是没机会", None), ("日期是他定的", None), ("工作表现有误", None), ("地点：村里", None),
        ("应该是想通了", None), ("不是，是他爱人", None),
    ],
)  # fmt: skip
def test_where_a_text_is_asked_for_it_may_be_one(text: str, edit: Edit | None) -> None:
    assert typed(text) == Answer(text)
    assert perhaps_right(TALK, State(ANSWERS, "thinking"), text, ENV) == edit


DEADLINE = FORMS["difficulty_open"].by_key["due"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("月底前", "2026-11-30"), ("月底", "2026-11-30"), ("本月内", "2026-11-30"), ("12月底", "2026-12-31"),
        ("12月底前办结", "2026-12-31"), ("1月底", "2027-01-31"), ("明年2月底前", "2027-02-28"),
        ("年底前", "2026-12-31"), ("下月底", "2026-12-31"), ("10月底", "2026-10-31"),
        ("三天内", "2026-11-26"), ("3日之内", "2026-11-26"),
        ("一周内", "2026-11-30"), ("两个星期以内", "2026-12-07"), ("一个月内", "2026-12-23"),
        ("半个月内", "2026-12-08"), ("本周内", "2026-11-27"), ("下周内", "2026-12-04"), ("within 3 days", "2026-11-26"),
        ("by the end of the month", "2026-11-30"), ("end of next week", "2026-12-04"),
        ("下周一前办结", "2026-11-30"), ("12月10日前完成。", "2026-12-10"), ("明年年底前", "2027-12-31"),
        ("by the end of December", "2026-12-31"), ("by end of week", "2026-11-27"), ("within the month", "2026-11-30"),
    ],
)  # fmt: skip
def test_until_when(text: str, day: str) -> None:
    assert read(DEADLINE, text, ENV) == day
    assert isinstance(read(TALK.by_key["date"], text, ENV), Phrase), "no day that has been"


WORKING = Env(ENV.today, workdays_on=WorkCalendar({date(2026, 11, 26): False}).add_workdays)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("三个工作日内", "2026-11-27"), ("5个工作日内", "2026-12-01"), ("５个工作日之内办结", "2026-12-01"),
        ("within 5 working days", "2026-12-01"), ("in three business days", "2026-11-27"),
        ("下一个工作日", "2026-11-24"), ("the next working day", "2026-11-24"),
    ],
)  # fmt: skip
def test_working_days_are_those_of_the_county(text: str, day: str) -> None:
    assert read(DEADLINE, text, WORKING) == day
    assert isinstance(read(DEADLINE, text, ENV), Phrase), "nobody knows its calendar"
    assert isinstance(read(TALK.by_key["date"], text, WORKING), Phrase), "no day that has been"


@pytest.mark.parametrize("text", ["0个工作日内", "两三个工作日内", "9" * 30 + "个工作日内", "几个工作日内"])
def test_working_days_that_nobody_can_count(text: str) -> None:
    assert isinstance(read(DEADLINE, text, WORKING), Phrase)


@pytest.mark.parametrize(
    "text", ["5个工作日", "两三天内", "13月底", "0天内", "春节前", "尽快", "9" * 30 + "天内"]
)
def test_until_nobody_knows_when(text: str) -> None:
    assert isinstance(read(DEADLINE, text, ENV), Phrase)


@given(
    st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    st.sampled_from(["月底", "本周内", "三天内", "年底", "一个月内"]),
)
def test_a_deadline_is_never_over(today: date, said: str) -> None:
    last = read_deadline(said, today)
    assert last is not None
    assert last >= today


@pytest.mark.parametrize(
    "text",
    ["上周五 11月20日", "上周五11月20日", "上周五，11月20日", "上周五（11月20日）", "上周五是11月20日"],
)
def test_a_day_may_be_said_twice(text: str) -> None:
    assert read(TALK.by_key["date"], text, ENV) == "2026-11-20"


@pytest.mark.parametrize("text", ["昨天（11月20日）", "昨天11月20日", "11月20日 昨天"])
def test_two_days_are_told_as_that(text: str) -> None:
    asked = typed(text, "date")
    assert isinstance(asked, Unread)
    assert {asked.problem.values["one"], asked.problem.values["other"]} == {
        Day(date(2026, 11, 22)),
        Day(date(2026, 11, 20)),
    }
    assert asked.perhaps == ("2026-11-22", "2026-11-20")
