"""What is refused only when a form is handed in leads to the question that is at fault, not to the whole recap."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from bot.app import House
from bot.channels.disclosure import Level
from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import walk
from tests.story.test_admission import ended_yesterday
from tests.story.test_difficulty import ASKED, OPEN, TALK
from tests.story.words import CHINESE, ENGLISH, ON_SQLITE, OVERDUE_CASE, Words
from tests.telegram_town import telegram_town


@dataclass(frozen=True)
class Refusal:
    """Answers that hold one by one and not together: the steps to the recap, why it is refused, the question that is
    asked again, and a right answer to it."""

    steps: tuple[str, ...]
    why: str
    asked: str
    mended: tuple[str, ...]


Meanwhile = Callable[[], Awaitable[object]]  # what happens while somebody looks at the recap


async def nothing() -> None: ...


LEAVE = {
    "zh_CN": Refusal(
        ("say:11-30", "say:11-25", "跳过"), "11月25日早于11月30日", "请假到哪一天为止", ("say:12-2",)
    ),
    "en": Refusal(
        ("say:11-30", "say:11-25", "Skip"),
        "25 November is before 30",
        "the last day of your leave",
        ("say:12-2",),
    ),
}
PAPER = {
    "zh_CN": Refusal(("昨天", "跳过"), "签字日期不能早于这一天", "签字", ("今天",)),
    "en": Refusal(("Yesterday", "Skip"), "cannot have been signed before", "companion sign", ("Today",)),
}
SAME = {
    "zh_CN": Refusal(("地点", "本人办公室", "笔误"), "未作更正", "在何处开展", ("单位会议室",)),
    "en": Refusal(
        ("Place", "The person's office", "A slip"),
        "what the note says already",
        "Where did it take",
        ("A meeting",),
    ),
}
FILED = {
    "zh_CN": Refusal(("申诉", "say:2024年11月23日"), "2024年11月23日距今过久", "哪一天提出", ("say:11-20",)),
    "en": Refusal(("Appeal", "say:2024-11-23"), "is too long ago", "was it filed", ("say:11-20",)),
}
SUBMITTED = {"zh_CN": "已提交", "en": "Submitted"}
BACK = {"zh_CN": "上一步", "en": "Back"}
RECAP = {"zh_CN": "核对", "en": "Recap"}
LANGUAGES = pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh_CN", "en"])


async def leads_to_its_question(
    phone: Phone, form: Bubble, refusal: Refusal, words: Words, *, meanwhile: Meanwhile = nothing
) -> None:
    recap = await walk(phone, form, *refusal.steps)
    assert RECAP[words.language] in recap["text"]
    await meanwhile()
    asked = await phone.taps(words.submit, recap)
    head, said, question, *_ = asked["text"].splitlines()
    assert {"zh_CN": "步，共", "en": "| Step "}[words.language] in head
    assert refusal.why in said
    assert refusal.asked in question
    assert BACK[words.language] in labels(asked)
    kept = await phone.taps(BACK[words.language], asked)
    assert RECAP[words.language] in kept["text"], "nothing was lost"
    again = await phone.taps(words.submit, kept)
    assert refusal.why in again["text"]
    mended = await walk(phone, again, *refusal.mended)
    done = await phone.taps(words.submit, mended)
    assert SUBMITTED[words.language] in done["text"], done["text"]


async def noted(officer: Phone, words: Words, *companions: str) -> Bubble:
    asked = await officer.says("/today")
    steps = [step or f"say:{words.thought}" for step in words.steps]
    if companions:
        other = {"zh_CN": "陪同人员", "en": "Companion, for"}[words.language]
        steps[-1:] = [other, steps[-1], *companions]
    return await walk(officer, asked, f"{words.record} 张明", *steps, words.submit)


@ON_SQLITE
@LANGUAGES
async def test_a_leave_that_ends_before_it_begins(town: Town, words: Words) -> None:
    officer = await (await town.one("care_officer")).in_language(words.language)
    await leads_to_its_question(officer, await officer.says("/leave"), LEAVE[words.language], words)


@LANGUAGES
async def test_an_amendment_that_changes_nothing(town: Town, words: Words) -> None:
    officer = await (await town.one("care_officer")).in_language(words.language)
    outcome = await noted(officer, words)
    see, amend = {"zh_CN": ("查看或更正", "更正"), "en": ("See or amend", "Amend")}[words.language]
    form = await officer.taps(amend, await officer.taps(see, outcome))
    await leads_to_its_question(officer, form, SAME[words.language], words)


@ON_SQLITE
@LANGUAGES
async def test_a_paper_that_was_signed_before_the_visit(town: Town, words: Words) -> None:
    officer = await (await town.one("care_officer")).in_language(words.language)
    outcome = await noted(officer, words, "say:退休干部周老")
    enter = {"zh_CN": "登记签字材料", "en": "Enter the signed paper"}[words.language]
    form = await officer.taps(enter, outcome)
    await leads_to_its_question(officer, form, PAPER[words.language], words)


@ON_SQLITE
async def test_a_case_that_nobody_finds(town: Town) -> None:
    officer = await town.one("care_officer")
    outcome = await noted(officer, CHINESE)
    form = await officer.taps("作废或转入", await officer.taps("查看或更正", outcome))
    for typed, why in (("没有这份", "没有找到唯一的一份"), (OVERDUE_CASE, "已在这份档案中")):
        recap = await walk(officer, form, "转入", f"say:{typed}", "录错对象")
        asked = await officer.taps("提交", recap)
        assert why in asked["text"]
        assert "应转入哪份档案" in asked["text"]
        form = await walk(officer, asked, "上一步", "取消", "确认取消")
        form = await officer.taps("作废或转入", await officer.taps("查看或更正", outcome))


@LANGUAGES
async def test_an_amendment_bars_whom_the_note_itself_bars(town: Town, words: Words) -> None:
    """At the question, not when it is handed in."""
    officer, colleague = await town.one("care_officer"), await town.one("care_officer", 1)
    office = await town.one("commission_staff")
    await officer.in_language(words.language)
    outcome = await noted(officer, words)
    out = await office.taps("回避", await office.says(f"查询 {OVERDUE_CASE}"))
    await walk(office, out, colleague.name, "跳过", "提交")
    see, amend, who, barred = {
        "zh_CN": ("查看或更正", "更正", "陪同人员", "不能作为本次回访的陪同人员"),
        "en": ("See or amend", "Amend", "Companion", "cannot be named as a companion"),
    }[words.language]
    form = await officer.taps(amend, await officer.taps(see, outcome))
    asked = await officer.taps(who, form)
    for name in (colleague.name, "张明", officer.name):
        assert name not in labels(asked)
        refused = await officer.says(name)
        assert barred in refused["text"]
        assert labels(refused) == labels(asked), "the same question, once more"


async def test_at_coded_the_question_comes_without_what_was_typed(house: House) -> None:
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        asked = await officer.says("请假")
        for typed in ("11-30", "11-25"):
            asked = await officer.says(typed)
        asked = await officer.taps("提交", await officer.taps("跳过", asked))
        assert "请按先后填写" in asked.text
        assert "请假到哪一天为止" in asked.text


# --- what was right when it was answered, and is not when it is handed in --------------------------------------------


async def test_a_day_that_is_over_by_now(town: Town) -> None:
    officer = await town.one("care_officer")
    note = await officer.taps("记录 张明", await officer.says(f"查询 {OVERDUE_CASE}"))
    recap = await walk(officer, note, *TALK["zh_CN"], f"say:{ASKED}")
    form = await officer.taps(OPEN["zh_CN"], await officer.taps("提交", recap))
    over = Refusal(("家庭", "单位党组织", "say:12月1日"), "12月1日已过", "何时办结", ("say:12月8日",))
    await leads_to_its_question(
        officer, form, over, CHINESE, meanwhile=lambda: town.later(to="2026-12-02T09:00")
    )


@ON_SQLITE
@LANGUAGES
async def test_an_appeal_that_is_too_long_ago_by_now(town: Town, words: Words) -> None:
    """Its day was the first that the form takes, and at midnight it is that no longer."""
    office = await (await town.one("commission_staff")).in_language(words.language)
    note = {"zh_CN": "登记申诉", "en": "Note an appeal"}[words.language]
    form = await office.taps(note, await office.says(f"/case {OVERDUE_CASE}"))
    await leads_to_its_question(
        office, form, FILED[words.language], words, meanwhile=lambda: town.later(to="2026-11-24T09:00")
    )


async def out(town: Town, name: str) -> None:
    """A colleague of the office has somebody keep out of the case."""
    office = await town.one("commission_staff", 1)
    form = await office.taps("回避", await office.says(f"查询 {OVERDUE_CASE}"))
    await walk(office, form, name, "跳过", "提交")


@pytest.mark.parametrize(
    ("act", "why", "asked"), [("回避", "跳过", "哪位同志需要回避"), ("更换责任人", "岗位调动", "由谁担任")]
)
async def test_somebody_who_keeps_out_by_now(town: Town, act: str, why: str, asked: str) -> None:
    """They cannot be named once more, nor take over."""
    office = await town.one("commission_staff")
    one, other = await town.one("care_officer", 1), await town.one("care_officer", 2)
    form = await office.taps(act, await office.says(f"查询 {OVERDUE_CASE}"))
    barred = Refusal((one.name, why), "该选项已不可选", asked, (other.name,))
    await leads_to_its_question(office, form, barred, CHINESE, meanwhile=lambda: out(town, one.name))


async def test_a_decision_within_the_period_and_one_by_too_few(town: Town) -> None:
    office = await town.one("commission_staff")
    early = Refusal(
        ("无，已逐项核查", "say:2026年11月22日", "领导小组"), "影响期至11月22日", "何时", ("say:11-23",)
    )
    small = Refusal(
        ("无，已逐项核查", "say:2026年11月23日", "办公室会议"), "须由领导小组决定", "由谁", ("领导小组",)
    )
    for refusal in (early, small):
        code, _ = await ended_yesterday(town, heavy=refusal is small)
        form = await office.taps("纳入关怀回访", await office.says(f"查询 {code}"))
        await leads_to_its_question(office, form, refusal, CHINESE)
