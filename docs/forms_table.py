"""The tables of docs/forms.md: what each form costs its reader, and what typed words are understood.

`python docs/forms_table.py` writes them anew; nothing in them is typed by hand. A form is walked through with the
engine that asks it in the chat, once by the shortest road and once with every topic and every answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from bot.dialogs.dates import read_date
from bot.dialogs.engine import Ask, Completed, Recap, start, step
from bot.dialogs.inputs import Answer, Back, Cancel, Edit, Input, Later, Skip, Submit
from bot.dialogs.several import several, understand
from bot.dialogs.times import read_span
from bot.dialogs.vocabulary import VAGUE, YES_NO
from bot.dialogs.words import read
from casework.forms.catalog import AMENDMENTS, FORMS
from casework.forms.catalog.common import NEW_DATE_WITHIN
from casework.forms.form import Env, Field, Form, Option
from casework.forms.kinds import KINDS, options_of
from locales.catalogue import gettext
from locales.phrase import Name, Phrase, Reader
from reminders.workdays import WorkCalendar

PAGE = Path(__file__).with_name("forms.md")
SENTENCE = 15
"""Characters that are counted for each free text: a short sentence, such as “情绪平稳，愿意谈今后的打算。”."""
MONDAY = date(2026, 11, 23)
_ENV = Env(
    MONDAY,
    {
        key: (Option("7", Name("李敏")),)
        for key in ("officer", "companions", "cover", "member", "case", "photo", "stands")
    },
    workdays_on=WorkCalendar().add_workdays,
)
KNOWN = {"difficulty": {"asked": "调整值班"}}  # what a form begins with in a chat
_SLOT = "<!-- {name}: made by forms_table.py -->\n{body}<!-- end -->"
_SLOTS = re.compile(r"<!-- (\w+): made by forms_table\.py -->\n.*?<!-- end -->", re.DOTALL)


@dataclass(frozen=True)
class Effort:
    """Inputs from the button that begins to the one that submits, both included; of these messages typed."""

    inputs: int
    typed: int

    @property
    def characters(self) -> int:
        return self.typed * SENTENCE


def effort(form: Form, *, full: bool) -> Effort:
    """What one road through a form costs."""
    state, effect = start(form, replace(_ENV, prefill=KNOWN.get(form.id, {})))
    inputs, typed = 1, 0  # the button that opened it
    while isinstance(effect, Ask):
        field = form.by_key[effect.key]
        given, taps = _given(field, full=full)
        inputs, typed = inputs + taps, typed + (field.kind in ("text", "span"))
        after, effect = step(form, state, given, _ENV)
        if after is None or (isinstance(effect, Ask) and effect.problem is not None):
            raise ValueError(f"{form.id}: {field.key} did not take {given}")
        state = after
    if effect != Recap():
        raise ValueError(f"{form.id} does not end in a recap")
    _, outcome = step(form, state, Submit(), _ENV)
    if not isinstance(outcome, Completed):
        raise ValueError(f"{form.id} cannot be submitted")
    return Effort(inputs + 1, typed)


def _given(field: Field, *, full: bool) -> tuple[Input, int]:
    """An answer, and how many inputs it is. A many-choice is its ticks and then Done."""
    if not full and not field.required:
        return Skip(), 1
    options = [one.value for one in options_of(field, _ENV)]
    answer: Any
    match field.kind:
        case "text":
            answer = "情绪平稳，愿意谈今后的打算。"
        case "span":
            answer = "09:00-10:30"
        case "many":
            answer = options if full else options[: field.at_least]
            return Answer(answer), len(answer) + 1
        case "yes_no":
            # the road that asks more: there is a concern; the family knows
            answer = full or field.key == "family_informed"
        case "number":
            answer = 1
        case "rating":
            answer = "unsettled" if full else options[0]
        case "choice" if full and "other" in options:
            answer = "other"
        case _:
            answer = options[0]
    return Answer(answer), 1


def inputs() -> Iterator[str]:
    yield "| 表单 | form | fewest inputs | of these typed | characters | everything | of these typed | characters |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|"
    for form in FORMS.values():
        if form.id in AMENDMENTS and form.id != "amend_talk":
            continue  # the others are as long
        least, most = effort(form, full=False), effort(form, full=True)
        yield (
            f"| {gettext('zh_CN', form.title)} | {form.title} | {least.inputs} | {least.typed} | {least.characters} "
            f"| {most.inputs} | {most.typed} | {most.characters} |"
        )


DAYS = (
    "昨天", "昨天下午3点", "前天晚上", "上周五", "上周三下午三点半", "11-20", "11月20日（周五）", "2026年11月20日",
    "２０２６年１１月２０日", "二〇二六年十一月二十日", "十一月二十日", "11.20", "20号", "上个月5号", "3天前",
    "26.11.20", "两周前", "20261120", "昨天15:30", "昨天下午3点到5点", "周五（20号）", "就是昨天", "yesterday at 3 pm",
    "last Friday", "Fri 20 Nov", "20 Nov", "two days ago", "a week ago", "大前天", "礼拜五", "昨天晚8点", "昨晚7点半",
    "11月20号下午两点多", "11月20日15时30分", "11.20日", "二十号", "三日前", "刚聊完", "昨天下午聊的", "上周周五",
)  # fmt: skip
DAYS_TO_COME = (
    "明天", "大后天", "这周五", "周五", "下周一", "下周三下午", "12-3", "元月5日", "下个月5号", "20号", "25日前",
    "12月5日以前", "3天后", "下周三之前", "next Monday", "in two weeks", "月底前", "12月底", "年底前", "三天内",
    "两周内", "本周内", "下周内", "5个工作日内", "三个工作日内办结", "下一个工作日", "12月10日前完成",
    "end of the month", "by the end of December", "within 5 working days",
)  # fmt: skip
NO_DAYS = (
    "周末", "月底", "月底前", "年底前", "12月上旬", "下周", "三日内", "5个工作日", "春节前", "前几天", "两三天前",
    "一二号", "改天", "腊月廿八", "农历十月十五", "正月初八", "周一至周三", "周一或周二", "11月20日至22日", "20、21号",
    "11-20日", "11月20日（周四）", "2月30日", "5/11/2026", "next week", "下午三点", "中午",
)  # fmt: skip
SPANS = (
    "9:00-10:30", "上午9点到10点半", "下午2点到3点半", "９：００－１０：３０", "上午9点，两小时", "下午2点，一个半小时",
    "9点半开始，半小时", "2 to 3:30 pm", "上午10:00-11:00", "三点聊到四点半", "上午11点到1点",
    "下午3时至4时30分", "晚7点-8点半", "两点到三点",
)  # fmt: skip
NO_SPANS = ("两小时", "聊了半个多钟头", "上午", "十一点半", "3点一刻", "15时30分", "两点多")
NUMBERS = ("8", "８", "八", "十二", "一百", "3人", "两位", "共3名同志", "8 people", "three people")
NO_NUMBERS = ("5-6人", "10人左右", "三四个", "两三人", "十几个")
SEVERAL = (
    "昨天，会议室", "会议室 昨天下午3点", "昨天下午在他办公室谈的", "yesterday at 3 pm in the meeting room",
    "昨天\n会议室\n情绪平稳\n绿\n没有发现\n无", "昨天，在路上谈的",
    "绿，没有发现", "绿，好", "黄，老说睡不着", "黄，情绪低落，没有风险",
)  # fmt: skip
CHANGES = (
    "改第1题", "改一下第一题", "第1题填错了", "第2题改成会议室", "第2题", "更正第1题", "edit 2",
    "question 2", "question 1 is wrong", "修改", "上一步", "退回", "上一个",
    "跳过", "跳过吧", "先放着", "取消", "不记了", "算了",
)  # fmt: skip
RIGHT = (
    "不对，应该是周四", "不是昨天，是前天", "日期错了，是前天", "刚才日期填错了", "上一题错了", "日期：昨天",
    "no, Thursday", "I meant Thursday",
)  # fmt: skip
_MEANING: dict[type[Input], str] = {
    Edit: "选择要修改的题目 · choose what to change",
    Back: "上一题 · the question before",
    Skip: "跳过本题（必填的再问） · skip, where that is possible",
    Later: "草稿保留，发送“继续”接着填写 · kept, to go on with later",
    Cancel: "放弃填写（先确认） · give it up, once confirmed",
}
_COUNTED = Field(key="n", kind="number", prompt="?", label="N")
_DAY = Field(key="d", kind="date", prompt="?", label="D")
_TO_COME = Field(key="t", kind="date", prompt="?", label="T", direction="future", latest=NEW_DATE_WITHIN)
_SPAN = Field(key="s", kind="span", prompt="?", label="S")
_READER = Reader("zh_CN", UTC, MONDAY)


def changes() -> Iterator[str]:
    """What is typed at the text of a talk, to change an answer given before or to leave the form; and at its place,
    where what is put right needs no number."""
    form = FORMS["talk"]
    state, _ = start(form, replace(_ENV, prefill={"date": "2026-11-20", "place": "own_office"}))
    at_place, _ = start(form, replace(_ENV, prefill={"date": "2026-11-20"}))
    yield "| 输入 · typed | 理解为 · understood as |"
    yield "|---|---|"
    for said in (*CHANGES, *RIGHT):
        given = understand(form, at_place if said in RIGHT else state, said, _ENV)
        if isinstance(given, Answer):
            raise ValueError(f"{said} is taken for an answer")
        meaning = _MEANING[type(given)]
        if isinstance(given, Edit) and given.key is not None:
            label = form.by_key[given.key].label
            meaning = f"修改{gettext('zh_CN', label)} · change: {label}"
            if given.value is not None:
                shown = KINDS[form.by_key[given.key].kind].shown(form.by_key[given.key], given.value, _ENV)
                meaning += f" → {shown.render(_READER)}"
        yield f"| {said} | {meaning} |"


def words() -> Iterator[str]:
    yield "| 输入 · typed | 理解为 · understood as |"
    yield "|---|---|"
    for said in DAYS:
        yield f"| {said} | {read_date(said, MONDAY)} |"
    for said in DAYS_TO_COME:
        yield f"| {said}（将来 · to come） | {read(_TO_COME, said, _ENV)} |"
    for said in SPANS:
        yield f"| {said} | {read_span(said)} |"
    for said in NUMBERS:
        yield f"| {said} | {read(_COUNTED, said, _ENV)} |"
    for field, unclear in ((_DAY, NO_DAYS), (_SPAN, NO_SPANS), (_COUNTED, NO_NUMBERS)):
        for said in unclear:
            asked = read(field, said, _ENV)
            if not isinstance(asked, Phrase):
                raise ValueError(f"{said} is understood")
            yield f"| {said} | 再问一次 · asked again：{asked.render(_READER)} |"
    for truth, meaning in ((True, "是 · yes"), (False, "否 · no")):
        words = (word for said in YES_NO.values() for word in said[truth] if word not in VAGUE)
        yield f"| {'、'.join(words)} | {meaning} |"
    vague = (word for said in YES_NO.values() for words in said.values() for word in words if word in VAGUE)
    yield f"| {'、'.join(vague)} | 核对、取消时是或否，回答时再问 · at the end yes or no, else asked again |"


def together() -> Iterator[str]:
    """Several answers in one message, at the first question of a talk, or at the one about the state of mind."""
    form = FORMS["talk"]
    yield "| 输入 · typed | 理解为 · understood as |"
    yield "|---|---|"
    for said in SEVERAL:
        known = (
            {"date": "2026-11-20", "place": "own_office", "thinking": "平稳"}
            if said.startswith(("绿，", "黄，"))
            else {}
        )
        found = several(form, start(form, replace(_ENV, prefill=known))[0], said, _ENV)
        labels = [gettext("zh_CN", form.by_key[key].label) for key, _ in found.answers] if found else []
        meaning = (
            f"{len(labels)}项 · {len(labels)} answers：{'、'.join(labels)}"
            if found
            else "再问一次 · asked again"
        )
        yield f"| {said.replace(chr(10), '⏎')} | {meaning} |"


TABLES = {"inputs": inputs, "words": words, "together": together, "changes": changes}


def renewed(page: str) -> str:
    """The page with every table as the forms are now."""

    def fill(slot: re.Match[str]) -> str:
        body = "".join(f"{line}\n" for line in TABLES[slot[1]]())
        return _SLOT.format(name=slot[1], body=body)

    return _SLOTS.sub(fill, page)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
