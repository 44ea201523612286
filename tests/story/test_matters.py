"""A matter to follow up (跟进事项): named in a note, in the digest of its day, until somebody has seen to it."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial

import pytest
from sqlmodel import Session, col, select

from bot.channels.disclosure import Level
from casework import matters
from reminders import mechanism
from storage.errors import NotFound
from storage.queries.access import actor_of
from storage.tables.days import DayKind, OwnDay
from storage.tables.matters import Matter
from storage.tables.members import Member
from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import digest, walk
from tests.story.test_handing import hands_over
from tests.story.words import CHINESE, ENGLISH, HOME_VISIT, ON_SQLITE, OVERDUE_CASE, Words

BOTH_LANGUAGES = pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh_CN", "en"])
TEXT = "帮助联系镇卫生院，落实母亲复查"
TALK = {
    "zh_CN": ("今天", "本人办公室", "say:情绪平稳。", "积极稳定", "未发现", "跟进事项", "完成"),
    "en": (
        "Today",
        "The person's office",
        "say:情绪平稳。",
        "Settled",
        "No sign",
        "Matter to follow up",
        "Done",
    ),
}
KIND = {"zh_CN": "跟进事项", "en": "Matter to follow up"}
LINE = {"zh_CN": "今日｜跟进事项｜张明 JA-7K3Q", "en": "Today | Matter to follow up | 张明 JA-7K3Q"}
DONE = {"zh_CN": "已跟进 张明", "en": "Followed up 张明"}
TICKED = {
    "zh_CN": "✓ 已跟进｜跟进事项｜张明 JA-7K3Q",
    "en": "✓ Followed up | Matter to follow up | 张明 JA-7K3Q",
}
BACK = {"zh_CN": "尚未跟进", "en": "Not followed up"}
WHY = {"zh_CN": ("为什么", "每5个工作日"), "en": ("Why", "every 5 working days")}


async def promised(officer: Phone, words: Words, by: str = "12月1日") -> Bubble:
    """A talk that leaves something to follow up by a day; its outcome."""
    form = await officer.taps(f"{words.record} 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    recap = await walk(officer, form, *TALK[words.language], f"say:{TEXT}", f"say:{by}")
    return await officer.taps(words.submit, recap)


async def morning(phone: Phone, words: Words) -> Bubble:
    return await phone.finds(words.greeting)


@BOTH_LANGUAGES
async def test_from_the_note_to_the_day_it_is_seen_to(town: Town, words: Words) -> None:
    language = words.language
    officer = await town.one("care_officer")
    await officer.in_language(language)
    outcome = await promised(officer, words, "12-1")
    assert ("12月1日的晨报" if language == "zh_CN" else "digest of 1 December") in outcome["text"]
    await town.later(to="2026-11-30T08:35")
    assert KIND[language] not in (await morning(officer, words))["text"], "not before its day"

    await town.later(to="2026-12-01T08:35")
    told = await morning(officer, words)
    line = next(one for one in told["text"].splitlines() if KIND[language] in one)
    assert line.startswith(LINE[language])
    assert TEXT[:12] in line
    why, rule = WHY[language]
    assert rule in (await officer.taps(why, told))["text"]
    assert line in (await officer.says("/today"))["text"]
    assert line in (await officer.says("/todo"))["text"]

    done = await officer.taps(DONE[language], told)
    assert (await officer.again(told))["text"].count(TICKED[language]) == 1, "in place"
    assert DONE[language] not in labels(await officer.again(told))
    assert KIND[language] not in (await officer.says("/todo"))["text"]
    await officer.taps(BACK[language], done)
    assert TICKED[language] not in (await officer.again(told))["text"]
    await officer.taps(DONE[language], await officer.again(told))
    await officer.taps(DONE[language], told)  # twice is once
    await town.later(to="2026-12-08T08:35")
    assert KIND[language] not in (await morning(officer, words))["text"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("words", "by"), [(CHINESE, "5个工作日内"), (ENGLISH, "within 5 working days")], ids=["zh_CN", "en"]
)
async def test_by_working_days_of_the_countys_own_calendar(town: Town, words: Words, by: str) -> None:
    def day_off(session: Session) -> None:
        county_id = session.exec(select(Member.county_id)).first()
        now = town.house.clock.now()
        session.add(OwnDay(county_id=county_id, day=date(2026, 11, 26), kind=DayKind.off, created_at=now))

    await town.house.lane.run(day_off)
    mechanism.forget()
    officer = await (await town.one("care_officer")).in_language(words.language)
    outcome = await promised(officer, words, by)
    assert ("12月1日的晨报" if words is CHINESE else "digest of 1 December") in outcome["text"]


@ON_SQLITE
async def test_the_first_morning_of_the_demo_has_one(town: Town) -> None:
    officer = await town.one("care_officer", 1)
    told = await digest(officer)
    line = next(one for one in told["text"].splitlines() if "今日｜跟进事项｜" in one)
    assert "助学补助" in line
    await officer.taps("已跟进", told)
    assert "✓ 已跟进" in (await officer.again(told))["text"]


@ON_SQLITE
async def test_it_is_listed_again_after_a_week_and_no_sooner(town: Town) -> None:
    officer = await town.one("care_officer")
    await promised(officer, CHINESE)
    listed = {}
    for day in range(1, 10):
        await town.later(to=f"2026-12-{day:02}T08:35")
        told = [one for one in await officer.told() if one["sent_at"].startswith(f"2026-12-{day:02}T08:30")]
        listed[day] = any("跟进事项" in one["text"] for one in told)
    assert [day for day, is_listed in listed.items() if is_listed] == [1, 8]
    assert "应于12月1日｜跟进事项" in (await officer.finds("应于"))["text"]
    boss = await town.one("supervisor")
    assert not [one for one in await boss.told() if "跟进" in one["text"]], "nobody else is told"


@ON_SQLITE
async def test_what_came_due_on_leave_is_in_the_first_morning_back_once(town: Town) -> None:
    officer = await town.one("care_officer")
    await promised(officer, CHINESE)
    await officer.says("请假 11-30 到 12-3")
    await town.later(to="2026-12-04T08:35")
    back = await digest(officer)
    assert back["sent_at"].startswith("2026-12-04T08:30")
    assert "应于12月1日｜跟进事项" in back["text"]
    await town.later(to="2026-12-07T08:35")
    assert "跟进事项" not in (await digest(officer))["text"]


@ON_SQLITE
async def test_the_next_note_asks_whether_it_was_seen_to(town: Town) -> None:
    officer = await town.one("care_officer")
    await promised(officer, CHINESE)
    kinds = await officer.taps("记录其他事项", await officer.says(f"查询 {OVERDUE_CASE}"))
    form = await officer.taps("记录谈心谈话", kinds)
    steps = ("今天", "本人办公室", "say:已联系卫生院。", "积极稳定", "未发现", "完成")
    outcome = await officer.taps("提交", await walk(officer, form, *steps))
    assert "是否已办" in outcome["text"]
    assert TEXT[:12] in outcome["text"]
    await officer.taps("已跟进 张明", outcome)
    brief = await officer.taps("走访提示", await officer.says(f"查询 {OVERDUE_CASE}"))
    assert f"已于11月23日跟进（11月23日提出）：{TEXT}" in brief["text"]
    review = await officer.taps("综合研判", await officer.says(f"查询 {OVERDUE_CASE}"))
    assert "已于11月23日跟进" in review["text"]


@ON_SQLITE
async def test_the_card_counts_it_and_leads_to_it(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    await promised(officer, CHINESE)
    card = await officer.says(f"查询 {OVERDUE_CASE}")
    assert "待跟进事项1项" in card["text"]
    found = await officer.taps("跟进事项", card)
    assert TEXT[:12] in found["text"]
    assert "已跟进 张明" in labels(found)
    seen = await office.says(f"查询 {OVERDUE_CASE}")
    assert "待跟进事项1项" in seen["text"]
    assert "跟进事项" not in labels(seen), "it is the officer's to see to"


async def handed(town: Town, label: str, *steps: str) -> None:
    """The office does something with the case."""
    office = await town.one("commission_staff")
    form = await office.taps(label, await office.says(f"查询 {OVERDUE_CASE}"))
    await walk(office, form, *steps, "提交")


@ON_SQLITE
@pytest.mark.parametrize(("stop", "go"), [("暂缓", "恢复"), ("归档", "重新启用")])
async def test_a_case_at_rest_is_silent_and_says_not_why(town: Town, stop: str, go: str) -> None:
    officer = await town.one("care_officer")
    await promised(officer, CHINESE, "11月24日")
    await town.later(to="2026-11-24T08:35")
    told = await digest(officer)
    await handed(town, stop, "say:因工作安排")
    became = (await officer.again(told))["text"]
    assert "✓ 目前不安排回访｜跟进事项｜张明 JA-7K3Q" in became
    assert stop not in became
    assert "跟进" not in (await officer.says("待办"))["text"]
    with_button = next(button for row in told["buttons"] for button in row if "已跟进" in button["label"])
    refused = await officer.posts({"action": with_button["action"], "message_id": told["id"]})
    assert "没有这一项" in refused["text"]
    await town.later(to="2026-12-01T08:35")
    assert "跟进事项" not in (await digest(officer))["text"]
    await handed(town, go, "say:因工作安排")
    await town.later(to="2026-12-02T08:35")
    assert "应于11月24日｜跟进事项" in (await digest(officer))["text"]


@ON_SQLITE
async def test_it_goes_with_the_case_to_another_officer(town: Town) -> None:
    officer = await town.one("care_officer")
    await promised(officer, CHINESE)
    await town.later(to="2026-12-01T08:35")
    told = await digest(officer)
    heir = await town.one("care_officer", 1)
    await hands_over(await town.one("commission_staff"), heir.name)
    assert "✓ 已转由他人办理｜跟进事项" in (await officer.again(told))["text"]
    await town.later(to="2026-12-02T08:35")
    assert "跟进事项" not in (await digest(officer))["text"]
    mornings = [one["text"] for one in await heir.told() if "早上好" in one["text"]]
    assert sum("应于12月1日｜跟进事项｜张明" in text for text in mornings) == 1, "its new officer, once"


@ON_SQLITE
async def test_whoever_keeps_out_of_the_case_reads_of_it_no_more(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    await promised(officer, CHINESE)
    await town.later(to="2026-12-01T08:35")
    told = await digest(officer)
    form = await office.taps("回避", await office.says(f"查询 {OVERDUE_CASE}"))
    await walk(office, await office.taps(officer.name, form), "跳过", "提交")
    became = (await officer.again(told))["text"]
    assert "✓ 已转由他人办理｜跟进事项" in became
    assert TEXT[:12] not in became
    assert "跟进" not in (await officer.says("待办"))["text"]


@ON_SQLITE
async def test_a_cover_sees_to_what_falls_due_meanwhile(town: Town) -> None:
    officer, cover = await town.one("care_officer"), await town.one("care_officer", 1)
    await promised(officer, CHINESE)
    await officer.says(f"请假 11-30 到 12-3，{cover.name}代")
    await town.later(to="2026-12-01T08:35")
    told = await digest(cover)
    assert f"今日｜跟进事项｜张明 JA-7K3Q｜代{officer.name}" in told["text"]
    await cover.taps("已跟进 张明", told)
    await town.later(to="2026-12-04T08:35")
    assert "跟进事项" not in (await digest(officer))["text"]


@ON_SQLITE
async def test_an_amendment_moves_it_and_a_voided_note_ends_it(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    outcome = await promised(officer, CHINESE)
    note = await officer.taps("查看或更正", outcome)
    form = await officer.taps("更正", note)
    await walk(officer, form, "跟进时限", "say:12月3日", "笔误", "提交")
    await town.later(to="2026-12-01T08:35")
    assert "跟进事项" not in (await digest(officer))["text"]
    await town.later(to="2026-12-03T08:35")
    told = await digest(officer)
    assert "今日｜跟进事项" in told["text"]
    note = await officer.taps("查看或更正", outcome)
    form = await officer.taps("更正", note)
    await walk(officer, form, "跟进事项", "say:陪同复查", "笔误", "提交")
    assert "陪同复查" in (await officer.again(told))["text"], "its words are those of the note"
    void = await officer.taps("作废或转入", await officer.taps("查看或更正", outcome))
    await walk(officer, void, "作废", "重复录入", "提交")
    card = await office.finds("申请作废")
    await walk(office, await office.taps("作废或转入", card), "提交")  # it begins with what the author asked
    assert "✓ 无需跟进｜跟进事项" in (await officer.again(told))["text"]
    assert "跟进" not in (await officer.says("待办"))["text"]


@ON_SQLITE
async def test_a_refiled_note_takes_it_along_done_or_not(town: Town) -> None:
    officer = await town.one("care_officer")
    outcome = await promised(officer, CHINESE)
    form = await officer.taps("作废或转入", await officer.taps("查看或更正", outcome))
    await walk(officer, form, "转入正确档案", f"say:{HOME_VISIT}", "录错对象", "提交")
    assert "跟进事项" not in (await officer.says(f"查询 {OVERDUE_CASE}"))["text"]
    assert "待跟进事项1项" in (await officer.says(f"查询 {HOME_VISIT}"))["text"]
    await town.later(to="2026-12-01T08:35")
    told = [one for one in (await digest(officer))["text"].splitlines() if "跟进事项" in one]
    assert len(told) == 1
    assert HOME_VISIT in told[0]


@ON_SQLITE
async def test_nobody_else_ticks_it_off(town: Town) -> None:
    officer = await town.one("care_officer")
    outcome = await promised(officer, CHINESE)
    assert outcome
    town_people = (("care_officer", 1), ("supervisor", 0), ("commission_staff", 0), ("leader", 0))
    others = [(await town.one(role, number)).name for role, number in town_people]
    for name in others:
        with pytest.raises(NotFound):
            await town.house.lane.run(partial(_tick, name))


def _tick(name: str, session: Session) -> None:
    matter_id = session.exec(select(Matter.id).order_by(col(Matter.id).desc())).all()[0]
    member = next(one for one in session.exec(select(Member)) if one.name == name)
    actor = actor_of(session, member, "zh_CN")
    matters.followed_up(
        session, actor, matter_id, done=True, now=datetime.fromisoformat("2026-11-23T09:00+08:00")
    )


@pytest.mark.parametrize("level", [Level.coded, Level.notice])
@ON_SQLITE
async def test_its_text_and_the_name_stay_where_they_may_be_told(town: Town, level: Level) -> None:
    officer = await town.one("care_officer")
    await promised(officer, CHINESE)
    town.house.office.levels = {**town.house.office.levels, "sandbox": level}
    await town.later(to="2026-12-01T08:35")
    told = (await officer.told())[-1]
    shown = "\n".join([told["text"], *labels(told)])
    assert TEXT[:4] not in shown
    assert "张明" not in shown
    assert ("今日｜跟进事项｜JA-7K3Q" in shown) is (level is Level.coded)
    assert ("已跟进 JA-7K3Q" in shown) is (level is Level.coded)
