"""A note in the wrong case, in chat: moved by its author, voided by the office; and what others see of it."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from bot.app import House
from bot.channels.disclosure import Level
from storage.tables.cases import Case, Person
from tests.chat import Phone, Town, labels
from tests.story.acts import walk, whole_chat
from tests.story.words import CHINESE, ENGLISH, HOME_VISIT, OVERDUE_CASE, Words
from tests.telegram_town import telegram_town

BOTH_LANGUAGES = pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh_CN", "en"])
SEE = {"zh_CN": "查看或更正", "en": "See or amend"}
VOID = {"zh_CN": "作废或转入", "en": "Void or refile"}
MOVE = {"zh_CN": ("转入正确档案",), "en": ("Move it",)}
DROP = {"zh_CN": ("作废", "重复录入"), "en": ("Void it", "Entered twice")}
WHY = {"zh_CN": "录错对象", "en": "Entered for the wrong"}
STANDS = {"zh_CN": "该记录已转入", "en": "It stands in"}
AGAIN = {"zh_CN": "本次任务恢复待办", "en": "This visit is to be made again"}
ASKED = {"zh_CN": "申请作废一份记录", "en": "asks to void a note"}
REASONS = {
    "zh_CN": ("录错对象", "同名混淆", "重复录入", "实际未开展"),
    "en": (
        "Entered for the wrong person",
        "Mistaken for somebody of that name",
        "Entered twice",
        "It did not take place",
    ),
}
ASIDE = ("上一步", "取消")
IS_VOID = {"zh_CN": "该记录已作废", "en": "The note is void"}
TOLD = {"zh_CN": "办公室已将您的记录作废", "en": "The office has voided your note"}
SETTLED = {"zh_CN": "已办理：该记录已不在本档案中", "en": "Settled: the note does not stand"}
LIST = {"zh_CN": "已作废的记录", "en": "Voided notes"}
DAY = {"zh_CN": "11月23日 谈心谈话", "en": "23 November Heart-to-heart talk"}


async def recorded(officer: Phone, words: Words) -> None:
    """The overdue talk is recorded, and the author looks at the note."""
    steps = tuple(step or f"say:{words.thought}" for step in words.steps)
    asked = await officer.says("/today")
    outcome = await walk(officer, asked, f"{words.record} 张明", *steps, words.submit)
    await officer.taps(SEE[words.language], outcome)


@BOTH_LANGUAGES
async def test_its_author_moves_a_note_into_the_right_case(town: Town, words: Words) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    supervisor = await town.one("supervisor")
    for phone in (officer, office):
        await phone.in_language(words.language)
    alert = await supervisor.finds(OVERDUE_CASE)
    await recorded(officer, words)
    assert "✓" in (await supervisor.again(alert))["text"]
    card = (await office.says(f"/case {OVERDUE_CASE}"))["text"]
    asked = await walk(officer, await officer.last(), VOID[words.language], *MOVE[words.language])
    assert any(HOME_VISIT in label for label in labels(asked))
    assert not any(OVERDUE_CASE in label for label in labels(asked))
    why = await officer.says(HOME_VISIT)
    assert labels(why)[: -len(ASIDE)] == list(REASONS[words.language][:2]), "what took place, and once"
    recap = await officer.taps(WHY[words.language], why)
    done = await officer.taps(words.submit, recap)
    assert STANDS[words.language] in done["text"]
    assert AGAIN[words.language] in done["text"]
    assert words.overdue in done["text"]
    # the alert that had been settled waits again, with its buttons
    live = await supervisor.again(alert)
    assert "✓" not in live["text"]
    assert "催办" in labels(live)

    # the wrong case is as it was, for whoever reads it
    timeline = await walk(office, await office.says(f"/case {OVERDUE_CASE}"), words.card[0])
    assert DAY[words.language] not in labels(timeline)
    assert words.thought not in (await office.taps(words.card[2]))["text"]
    assert words.overdue in (await office.says(f"/case {OVERDUE_CASE}"))["text"]
    assert card != (await office.last())["text"]
    # the right one has it
    there = await walk(office, await office.says(f"/case {HOME_VISIT}"), words.card[0])
    assert DAY[words.language] in labels(there)
    assert words.thought in (await office.taps(DAY[words.language], there))["text"]
    assert words.thought not in await whole_chat(supervisor)


@BOTH_LANGUAGES
async def test_its_author_asks_and_the_office_voids_it(town: Town, words: Words) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    for phone in (officer, office):
        await phone.in_language(words.language)
    await recorded(officer, words)
    why = await walk(officer, await officer.last(), VOID[words.language], DROP[words.language][0])
    assert labels(why)[: -len(ASIDE)] == list(REASONS[words.language])
    recap = await officer.taps(DROP[words.language][1], why)
    await officer.taps(words.submit, recap)
    await town.house.office.settled()
    asked = await office.finds(ASKED[words.language])
    assert OVERDUE_CASE in asked["text"]
    waiting = await office.says("/todo")  # the card may have been passed over
    assert ASKED[words.language] in waiting["text"]
    assert VOID[words.language] in labels(waiting)
    recap = await office.taps(VOID[words.language], asked)
    assert all(word in recap["text"] for word in DROP[words.language]), (
        "what the author asked for is filled in"
    )
    done = await office.taps(words.submit, recap)
    assert IS_VOID[words.language] in done["text"]
    await town.house.office.settled()
    assert SETTLED[words.language] in (await office.again(asked))["text"]
    assert ASKED[words.language] not in (await office.says("/todo"))["text"]
    told = await officer.finds(TOLD[words.language])
    assert AGAIN[words.language] in told["text"]
    assert f"{words.record} 张明" in labels(told)
    timeline = await walk(office, await office.says(f"/case {OVERDUE_CASE}"), words.card[0])
    listed = await office.taps(LIST[words.language], timeline)
    assert words.thought in (await office.taps(DAY[words.language], listed))["text"]
    why = await officer.says("/why")
    assert ("记录人" if words is CHINESE else "its author is told") in why["text"]


@pytest.mark.parametrize(
    ("reason", "asked_anew"), [("同名混淆", False), ("实际未开展", True), ("记错了", False)]
)
async def test_the_office_may_move_what_it_is_asked_to_void(
    town: Town, reason: str, asked_anew: bool
) -> None:
    """What the author gave as a reason is one of this, too, unless it is one to void alone."""
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    await recorded(officer, CHINESE)
    why = await walk(officer, await officer.last(), "作废或转入", "作废")
    await (officer.taps(reason, why) if reason in labels(why) else officer.says(reason))
    await officer.taps("提交")
    await town.house.office.settled()
    recap = await office.taps("作废或转入", await office.finds("申请作废一份记录"))
    await walk(office, recap, "修改", "1. 处理方式", "转入正确档案")
    then = await office.says(HOME_VISIT)
    assert ("原因是什么" in then["text"]) is asked_anew
    recap = await office.taps("录错对象", then) if asked_anew else then
    assert f"3. 原因：{'录错对象' if asked_anew else reason}" in recap["text"]
    assert "该记录已转入" in (await office.taps("提交", recap))["text"]


async def test_at_coded_the_whole_way_names_nobody(house: House) -> None:
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer, office = await county.bound("care_officer"), await county.bound("commission_staff")
        asked = await officer.taps(f"记录 {OVERDUE_CASE}", await officer.says("今日"))
        for step in ("今天", "本人办公室"):
            asked = await officer.taps(step, asked)
        asked = await officer.says("情绪平稳")
        for step in (
            "积极稳定",
            "未发现",
            "完成",
            "提交",
            "查看或更正",
            "作废或转入",
            "作废",
            "重复录入",
            "提交",
        ):
            asked = await officer.taps(step, asked)
        assert "已请办公室作废" in asked.text
        assert asked.labels == ["查看或更正"]
        await office.settled()
        request = next(one for one in reversed(office.user.chat) if "申请作废一份记录" in one.text)
        assert request.labels == ["查看记录", "作废或转入"], "who did not write it cannot amend it"
        for words in ("张明", "重复录入", "情绪平稳"):
            assert words not in request.text
        assert OVERDUE_CASE in request.text


TWICE = {"zh_CN": "重复录入", "en": "Entered twice"}
VOID_IT = {"zh_CN": "作废", "en": "Void it"}
REMAINS = {
    "zh_CN": "保留的记录：11月23日 谈心谈话（",
    "en": "The note that stands: 23 November Heart-to-heart talk",
}
WAS_MADE = {"zh_CN": "以11月23日的记录为准，不恢复待办", "en": "it is not to be made again"}
RECAP = {"zh_CN": "核对", "en": "Recap"}
ONCE_MORE = {
    "zh_CN": ("记录其他事项", "记录谈心谈话"),
    "en": ("Record something else", "Record Heart-to-heart talk"),
}


@BOTH_LANGUAGES
async def test_one_entered_twice_leaves_the_visit_made(town: Town, words: Words) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    supervisor = await town.one("supervisor")
    for phone in (officer, office):
        await phone.in_language(words.language)
    alert = await supervisor.finds(OVERDUE_CASE)
    steps = tuple(step or f"say:{words.thought}" for step in words.steps)
    await recorded(officer, words)
    card = await officer.says(f"/case {OVERDUE_CASE}")
    twice = await walk(officer, card, *ONCE_MORE[words.language], *steps, words.submit)
    await officer.taps(SEE[words.language], twice)
    recap = await walk(
        officer, await officer.last(), VOID[words.language], VOID_IT[words.language], TWICE[words.language]
    )
    assert REMAINS[words.language] in recap["text"], (
        "there is but one other note of that day: nobody is asked"
    )
    await officer.taps(words.submit, recap)
    await town.house.office.settled()
    # what the author asks for is filled in for the office
    recap = await office.taps(VOID[words.language], await office.finds(ASKED[words.language]))
    assert RECAP[words.language] in recap["text"]
    assert TWICE[words.language] in recap["text"]
    assert REMAINS[words.language] in recap["text"]
    done = await office.taps(words.submit, recap)
    assert IS_VOID[words.language] in done["text"]
    assert WAS_MADE[words.language] in done["text"]
    assert AGAIN[words.language] not in done["text"]
    await town.house.office.settled()
    told = await officer.finds(TOLD[words.language])
    assert WAS_MADE[words.language] in told["text"]
    assert labels(told) == []
    assert "✓" in (await supervisor.again(alert))["text"], "the visit was made, and nobody is chased for it"
    assert words.overdue not in (await office.says(f"/case {OVERDUE_CASE}"))["text"]


@BOTH_LANGUAGES
async def test_a_case_that_is_typed_is_recognised_like_one_that_is_picked(town: Town, words: Words) -> None:
    officer = await town.one("care_officer")
    await officer.in_language(words.language)
    await recorded(officer, words)
    shown = {}
    for given in ("taps", "says", "lost"):
        asked = await walk(officer, await officer.last(), VOID[words.language], *MOVE[words.language])
        label = next(one for one in labels(asked) if HOME_VISIT in one)
        typed = {"taps": label, "says": HOME_VISIT.lower(), "lost": "ZZ-9999"}[given]
        after = await (officer.taps(label, asked) if given == "taps" else officer.says(typed))
        recap = await officer.taps(WHY[words.language], after)
        shown[given] = recap["text"].split("\n")
        await walk(officer, recap, *CANCEL[words.language])
        await officer.taps(SEE[words.language], await officer.finds(words.recorded))
    lines = [line for line in shown["taps"] if "王芳" in line or "廉政家访" in line or "Home visit" in line]
    assert len(lines) >= 2
    assert set(lines) - set(shown["says"]) <= {line for line in lines if line.startswith("2.")}
    assert any(NOT_FOUND[words.language] in line for line in shown["lost"])


async def test_the_number_of_somebody_elses_case_shows_nothing(town: Town) -> None:
    """Numbers are what buttons carry; typed, they go through the same door."""
    officer = await town.one("care_officer")
    await recorded(officer, CHINESE)

    def foreign(session: Session) -> tuple[int, str, str]:
        mine = session.exec(select(Case).where(Case.code == OVERDUE_CASE)).one().care_officer_id
        others = select(Case, Person).join(Person).where(Case.care_officer_id != mine)
        found = [(case, person) for case, person in session.exec(others) if person.name != "张明"]
        case, person = found[0]
        return case.id, case.code, person.name

    number, code, name = await town.house.lane.read(foreign)
    await walk(officer, await officer.last(), VOID["zh_CN"], *MOVE["zh_CN"])
    recap = await officer.taps(WHY["zh_CN"], await officer.says(str(number)))
    assert NOT_FOUND["zh_CN"] in recap["text"]
    assert code not in recap["text"]
    assert name not in recap["text"]
    assert NOT_FOUND["zh_CN"] in (await officer.taps("提交", recap))["text"]


CANCEL = {"zh_CN": ("取消", "确认取消"), "en": ("Cancel", "Cancel for good")}
NOT_FOUND = {"zh_CN": "没有找到唯一的一份", "en": "not one case among those"}


async def test_at_coded_the_note_that_stands_is_named_by_day_and_kind(house: House) -> None:
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        asked = officer.last
        ways = (("今日", f"记录 {OVERDUE_CASE}"), (f"查询 {OVERDUE_CASE}", *ONCE_MORE["zh_CN"]))
        for said, *taps in ways:
            asked = await officer.says(said)
            for step in (*taps, "今天", "本人办公室"):
                asked = await officer.taps(step, asked)
            asked = await officer.says("情绪平稳")
            for step in ("积极稳定", "未发现", "完成", "提交"):
                asked = await officer.taps(step, asked)
        for step in ("查看或更正", "作废或转入", "作废", "重复录入"):
            asked = await officer.taps(step, asked)
        assert "保留的记录：11月23日 谈心谈话（" in asked.text
        for word in ("重复录入", "张明", "李敏"):
            assert word not in asked.text
