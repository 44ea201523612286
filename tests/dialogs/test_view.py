from __future__ import annotations

from datetime import UTC, date
from typing import Any

import pytest
from msgspec.json import decode, encode
from msgspec.structs import replace

from bot.dialogs.engine import (
    Ask,
    Cancelled,
    Completed,
    ConfirmCancel,
    Effect,
    PickEdit,
    Recap,
    State,
    start,
    step,
)
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
    Toggle,
    Unread,
)
from bot.dialogs.view import Context, offer, pressed, view
from bot.dialogs.words import to_input
from bot.messages import Message, render
from casework.forms.catalog import FORMS
from casework.forms.form import Env, Form, Option
from locales.phrase import CaseRef, Code, Day, FreeText, Grade, P, Phrase, Reader, Several, Value

TODAY = date(2026, 11, 23)
ENV = Env(TODAY, {"date": (Option("2026-11-20", Day(date(2026, 11, 20))),)})
FULL = Context(CaseRef("JA-7K3Q", "张明"), (42, 7), facts=(P("{day}", day=date(2026, 11, 20)),))
CODED = Context(Code("JA-7K3Q"), (42, 7), show_answers=False)
TALK = FORMS["talk"]
MINIMUM: tuple[Input, ...] = (
    Answer("2026-11-20"),
    Answer("村委会"),
    Answer("李某情绪平稳"),
    Answer("stable"),
    Answer(False),
    Done(),
)
LANGUAGES = ["zh_CN", "en"]


def after(*inputs: Input, form: Form = TALK, env: Env = ENV) -> tuple[State, Effect]:
    state, effect = start(form, env)
    for given in inputs:
        following, effect = step(form, state, given, env)
        assert following is not None
        state = following
    return state, effect


def shown(*inputs: Input, context: Context = FULL, form: Form = TALK, env: Env = ENV) -> Message:
    state, effect = after(*inputs, form=form, env=env)
    return view(form, state, effect, env, context)


def said(message: Message, language: str = "zh_CN") -> tuple[list[str], list[list[str]]]:
    rendered = render(message, Reader(language, UTC, TODAY), "n")
    return rendered.text.split("\n"), [[button.label for button in row] for row in rendered.buttons]


def values(phrase: Value) -> list[Value]:
    if isinstance(phrase, Phrase):
        return [v for value in phrase.values.values() for v in values(value)]
    return [v for one in phrase.values for v in values(one)] if isinstance(phrase, Several) else [phrase]


def kept(message: Message) -> Message:
    """As the outbox has it, where it is looked up what a button does."""
    return Message.load(decode(encode(message)))


def all_values(message: Message) -> list[Value]:
    buttons = [button.label for row in message.buttons for button in row]
    return [value for phrase in (*message.lines, *buttons) for value in values(phrase)]


def test_a_question_in_chinese() -> None:
    lines, buttons = said(shown(*MINIMUM[:3]))
    assert lines == [
        "谈心谈话｜张明 JA-7K3Q｜第4步，共6步",
        "本次谈话中，该同志的思想状况更接近以下哪一种？",
    ]
    assert buttons == [
        ["积极稳定（绿）", "基本平稳（蓝）"],
        ["情绪波动（黄）", "重点关注（红）"],
        ["暂不评定"],
        ["查看各档标准"],
        ["上一步", "取消"],
    ]


def test_a_question_in_english() -> None:
    lines, buttons = said(shown(), "en")
    assert lines[0] == "Heart-to-heart talk | 张明 JA-7K3Q | Step 1 of 6"
    assert buttons == [["Today, 23 November", "Yesterday, 22 November"], ["20 November"], ["Cancel"]]


def test_the_minimum_recap() -> None:
    lines, buttons = said(shown(*MINIMUM))
    assert lines == [
        "谈心谈话｜张明 JA-7K3Q｜核对",
        "11月20日",
        "1. 日期：11月20日",
        "2. 地点：村委会",
        "3. 思想动态：李某情绪平稳",
        "4. 思想状况：基本平稳（蓝）",
        "5. 安全风险：未发现",
        "6. 补充内容：无",
        "请核对，无误后点〔提交〕。",
    ]
    assert buttons == [["修改", "取消"], ["提交"]]


def test_a_coded_recap_ticks_its_questions() -> None:
    state, effect = after(*MINIMUM[:5], Answer(["work"]), Skip())
    lines, _ = said(view(TALK, state, effect, ENV, CODED))
    assert lines[1:3] == ["1. 日期 ✓", "2. 地点 ✓"]
    assert lines[7] == "7. 工作表现：未填"


def test_coded_tells_no_answer_again_anywhere() -> None:
    chosen = (
        Answer("2026-11-20"),
        Answer("村委会"),
        Answer("李某情绪平稳"),
        Answer("concern"),
        Answer("李某说"),
    )
    for given in (
        (),
        (Edit("thinking"),),
        (Edit("state_of_mind"),),
        (Edit("place"),),
        (Unread(P("“{text}”", text="x")),),
    ):
        message = shown(*chosen, *given, context=CODED)
        assert not [value for value in all_values(message) if isinstance(value, FreeText | Grade)], given
    message = shown(*MINIMUM, Edit("safety"), context=CODED)
    assert "Answer so far: {answer}" not in {line.msgid for line in message.lines}


def test_coded_shows_no_typed_companion_again() -> None:
    opening = (*MINIMUM[:5], Answer(["companions"]), Answer(["赵强"]), Back())
    assert FreeText("赵强") in all_values(shown(*opening))
    assert FreeText("赵强") not in all_values(shown(*opening, context=CODED))


def test_coded_asks_to_name_nobody_where_a_text_is_typed() -> None:
    hint = P("On a page: {link}", link="x")
    context = replace(CODED, text_hint=(hint,))
    assert [line.msgid for line in shown(*MINIMUM[:2], context=context).lines][-2:] == [
        'Please name nobody here; "the person" will do.',
        hint.msgid,
    ]
    assert shown(*MINIMUM[:2], context=replace(FULL, text_hint=(hint,))).lines[-1] == hint
    assert hint not in shown(*MINIMUM[:3], context=context).lines


def test_a_refused_answer_says_why_before_the_question() -> None:
    state, _ = after()
    following, effect = step(TALK, state, to_input(TALK, state, "不记得了", ENV), ENV)
    lines, _ = said(view(TALK, following, effect, ENV, FULL))
    assert lines[1] == "“不记得了”不是有效日期，请输入如“11-20”“昨天”或“2026-11-20”。"
    lines, _ = said(view(TALK, following, effect, ENV, CODED))
    assert lines[1].startswith("“…”不是有效日期")


def test_what_is_ticked_carries_a_tick_and_many_closes_with_done() -> None:
    _, buttons = said(shown(*MINIMUM[:5], Toggle("work")))
    assert buttons[0][0] == "✓ 工作表现"
    assert buttons[-2:] == [["完成"], ["上一步", "取消"]]


def test_what_is_optional_can_be_skipped() -> None:
    _, buttons = said(shown(*MINIMUM[:5], Answer(["work"])), "en")
    assert buttons == [["Skip", "Back", "Cancel"]]


def test_an_answered_question_shows_its_answer_and_keeps_it_with_one_tap() -> None:
    lines, buttons = said(shown(*MINIMUM, Edit("thinking")))
    assert "原填写：李某情绪平稳" in lines
    assert buttons == [["保留原答案"], ["上一步", "取消"]]


def test_help_stands_above_the_question_and_the_question_stays_last() -> None:
    lines, buttons = said(shown(*MINIMUM[:3], Help()))
    assert len(lines) == 9
    assert any("申诉" in line for line in lines)
    assert lines[-1] == "本次谈话中，该同志的思想状况更接近以下哪一种？"
    assert ["查看各档标准"] not in buttons
    assert len(buttons) == 4


def test_which_answer_to_change() -> None:
    lines, buttons = said(shown(*MINIMUM[:3], Edit()))
    assert lines == ["谈心谈话｜张明 JA-7K3Q｜修改", "请选择要修改的题目："]
    assert buttons == [["1. 日期", "2. 地点"], ["3. 思想动态"], ["上一步", "取消"]]


def test_cancelling_is_asked_about() -> None:
    lines, buttons = said(shown(*MINIMUM[:1], Cancel()), "en")
    assert lines[1] == "Cancel this form? The answers so far will be lost."
    assert buttons == [["Continue the form", "Cancel for good"]]


@pytest.mark.parametrize(
    ("form", "language", "outcome"),
    [
        ("talk", "zh_CN", "已记录：谈心谈话｜张明 JA-7K3Q"),
        ("talk", "en", "Recorded: Heart-to-heart talk | 张明 JA-7K3Q"),
        ("not_done", "zh_CN", "已提交：未能开展｜张明 JA-7K3Q"),
        ("not_done", "en", "Submitted: Could not be done | 张明 JA-7K3Q"),
    ],
)
def test_the_outcome_carries_its_word(form: str, language: str, outcome: str) -> None:
    message = view(FORMS[form], None, Completed({}), ENV, FULL)
    assert said(message, language) == ([outcome], [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_before_the_outcome_carries_its_word(language: str) -> None:
    state, _ = after(*MINIMUM[:3])
    recap, _ = after(*MINIMUM)
    effects: list[tuple[State, Effect]] = [
        (state, ConfirmCancel()),
        (state, PickEdit()),
        (state, Cancelled()),
        (recap, Recap()),
        *(after(*MINIMUM[:n]) for n in range(len(MINIMUM))),
    ]
    messages = [view(TALK, state, effect, ENV, FULL) for state, effect in effects]
    messages += [offer(TALK, state, FULL), offer(TALK, recap, FULL)]
    for message in messages:
        text = str(said(message, language)).lower()
        assert not any(word in text for word in ("已记录", "已提交", "recorded", "submitted"))
        assert "ja-7k3q" in text


def test_a_dialog_that_goes_on_has_a_state() -> None:
    with pytest.raises(ValueError, match="has a state"):
        view(TALK, None, Recap(), ENV, FULL)


def test_a_waiting_draft_is_offered_with_its_step() -> None:
    state, _ = after(*MINIMUM[:3])
    assert said(offer(TALK, state, FULL)) == (
        ["谈心谈话｜张明 JA-7K3Q", "您有1份未填完的记录（第4步，共6步），是否继续？"],
        [["继续", "取消"]],
    )
    state, _ = after(*MINIMUM)
    assert (
        said(offer(TALK, state, FULL), "en")[0][1]
        == "Everything is answered but not handed in yet. Continue?"
    )


def test_a_button_knows_its_draft_and_revision() -> None:
    action = kept(shown()).buttons[0][0].action
    assert action.verb == "draft"
    assert action.args == {"id": 42, "rev": 7, "do": "answer", "value": "2026-11-23"}


def test_what_is_prepared_for_a_question_belongs_to_no_draft() -> None:
    ids = []
    for draft, revision in ((42, 7), (43, 1), (42, 7)):
        message = kept(shown(*MINIMUM[:3], context=replace(FULL, draft=(draft, revision))))
        ids.append({(one.action.get("id"), one.action.get("rev")) for row in message.buttons for one in row})
    assert ids == [{(42, 7)}, {(43, 1)}, {(42, 7)}]


@pytest.mark.parametrize("given", [(), MINIMUM[:5], MINIMUM, (*MINIMUM, Edit()), (*MINIMUM[:2], Cancel())])
def test_a_message_says_once_which_draft_it_is_of(given: tuple[Input, ...]) -> None:
    message = shown(*given)
    assert message.draft == (42, 7)
    assert not any({"id", "rev"} & set(button.action.args) for row in message.buttons for button in row)
    every = [button.action for row in kept(message).buttons for button in row]
    assert {(one.get("id"), one.get("rev")) for one in every} == {(42, 7)}


def test_a_question_is_shown_with_the_buttons_of_its_form_and_none_are_made_anew() -> None:
    first, again = (shown(MINIMUM[0], context=replace(FULL, draft=(42, n))) for n in (7, 8))
    pairs = zip(first.buttons, again.buttons, strict=True)
    assert all(one is other for one, other in pairs)


def test_an_offer_names_its_draft_for_it_may_stand_in_a_list() -> None:
    state, _ = after(*MINIMUM[:3])
    ((go_on, give_up),) = offer(TALK, state, FULL).buttons
    assert go_on.action.args == {"id": 42, "rev": 7, "do": "resume"}
    assert give_up.action.args == {"id": 42, "rev": 7, "do": "cancel"}


def test_what_is_offered_at_run_time_is_remembered_for_nobody_else() -> None:
    own = said(shown(MINIMUM[0]))[1]
    village = replace(ENV, options={**ENV.options, "place": (Option("village", FreeText("村委会")),)})
    assert said(shown(MINIMUM[0], env=village))[1][0] == ["村委会", own[0][0]]
    assert said(shown(MINIMUM[0]))[1] == own


def test_what_is_ticked_is_remembered_for_nobody_else() -> None:
    opens = said(shown(*MINIMUM[:5]))[1]
    assert said(shown(*MINIMUM[:5], Toggle("work")))[1][0][0] == "✓ 工作表现"
    assert said(shown(*MINIMUM[:5]))[1] == opens


@pytest.mark.parametrize(
    ("do", "value", "means"),
    [
        ("answer", "stable", Answer("stable")),
        ("answer", None, Resume()),
        ("toggle", "work", Toggle("work")),
        ("edit", "date", Edit("date")),
        ("edit", None, Edit()),
        ("done", None, Done()),
        ("back", None, Back()),
        ("skip", None, Skip()),
        ("keep", None, Keep()),
        ("submit", None, Submit()),
        ("cancel", None, Cancel()),
        ("resume", None, Resume()),
        ("help", None, Help()),
        ("dance", None, Resume()),
    ],
)
def test_a_tap_means_what_its_button_said(do: str, value: str | None, means: Input) -> None:
    state, _ = after(*MINIMUM[:3])
    assert pressed(TALK, state, do, value) == means


@pytest.mark.parametrize(("value", "meant"), [("no", False), ("yes", True)])
def test_a_tap_on_yes_or_no_is_a_truth(value: str, meant: Any) -> None:
    state, effect = after(*MINIMUM[:4])
    assert isinstance(effect, Ask)
    assert pressed(TALK, state, "answer", value) == Answer(meant)


def test_an_answer_tapped_at_the_recap_is_out_of_place() -> None:
    state, _ = after(*MINIMUM)
    assert pressed(TALK, state, "answer", "no") == Answer("no")


def test_the_answers_of_a_home_visit_while_the_family_does_not_know() -> None:
    lines, buttons = said(shown(Answer(False), form=FORMS["home_visit"], env=Env(TODAY)))
    assert lines[1].startswith("家属尚不知情的，为尊重本人意愿，不开展廉政家访。")
    assert buttons[0] == ["知情", "不知情"]
