"""Who went along on a visit whose note is moved or amended later: nobody who left or keeps out stands in its way, and
nobody bears out a day of which they were not asked."""

from __future__ import annotations

from sqlmodel import Session, select

from bot.channels.disclosure import Level
from casework import people
from storage.tables.members import Member
from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import walk
from tests.story.test_companion import QUESTION, other, record
from tests.story.test_own_word import NONE, TRUE, noted
from tests.story.words import HOME_VISIT, ON_SQLITE, OVERDUE_CASE

DISPUTED = "陪同人员对以下回访记录提出不同意见"
RATED = "经办公室复核认可前为暂定"
AWAITED = "待1名陪同人员确认，确认前按日常关怀计。"


async def moved(officer: Phone, outcome: Bubble) -> Bubble:
    seen = await officer.taps("查看或更正", outcome)
    asked = await walk(officer, seen, "作废或转入", "转入正确档案", f"say:{HOME_VISIT}", "录错对象")
    return await officer.taps("提交", asked)


async def amended(officer: Phone, outcome: Bubble, *steps: str) -> Bubble:
    seen = await officer.taps("查看或更正", outcome)
    return await walk(officer, seen, "更正", *steps, "笔误", "提交")


@ON_SQLITE
async def test_a_companion_who_left_does_not_keep_the_note_in_the_wrong_case(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)
    await town.later(to="2026-11-23T10:00")
    outcome = await record(officer, companion.name)
    await companion.taps("确认", await companion.finds(QUESTION))

    def leaves(session: Session) -> None:
        gone = next(one for one in session.exec(select(Member)) if one.name == companion.name)
        people.suspend(session, gone.id, now=town.house.clock.now())

    await town.house.lane.run(leaves)
    done = await moved(officer, outcome)
    assert f"该记录已转入王芳 {HOME_VISIT}" in done["text"]
    assert AWAITED in done["text"]
    await town.later(to="2026-11-24T10:00")
    office = await town.one("commission_staff")
    told = await office.finds("陪同人员尚未确认")
    assert HOME_VISIT in told["text"]
    assert labels(told)[0] == "登记签字材料"


@ON_SQLITE
async def test_a_companion_who_keeps_out_there_is_not_asked(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)
    office = await town.one("commission_staff")
    await town.later(to="2026-11-23T10:00")
    kept_out = await walk(office, await office.says(f"/case {HOME_VISIT}"), "回避", companion.name, "跳过")
    await office.taps("提交", kept_out)
    done = await moved(officer, await record(officer, companion.name))
    assert f"该记录已转入王芳 {HOME_VISIT}" in done["text"]
    assert AWAITED not in done["text"]
    assert HOME_VISIT not in (await companion.says("待办"))["text"]
    note = await officer.taps("查看或更正", done)
    again = await walk(officer, note, "更正", "日期", "say:11-20", "笔误", "提交")
    assert "已提交" in again["text"], "whom nobody names anew is in nobody's way"


@ON_SQLITE
async def test_a_contradiction_is_over_once_the_amended_note_is_confirmed(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)
    office = await town.one("commission_staff")
    await town.later(to="2026-11-23T10:00")
    outcome = await record(officer, companion.name)
    await walk(companion, await companion.finds(QUESTION), "有误", "日期有误", "提交")
    told = [(phone, await phone.finds(DISPUTED)) for phone in (officer, office)]
    done = await amended(officer, outcome, "日期", "say:11-20")
    assert AWAITED in done["text"]
    for phone, bubble in told:
        assert DISPUTED not in (await phone.again(bubble))["text"], "they have not contradicted this day"
    await companion.taps("确认", await companion.finds(QUESTION))
    for phone, bubble in told:
        assert (await phone.again(bubble))["text"].startswith("✓ 已确认｜10:00｜11月20日")


@ON_SQLITE
async def test_whoever_is_no_companion_any_more_need_not_confirm(town: Town) -> None:
    officer, companion, supervisor = (
        await town.one("care_officer"),
        await other(town),
        await town.one("supervisor"),
    )
    await town.later(to="2026-11-23T10:00")
    road = ("陪同人员", f"✓ {companion.name}", supervisor.name, "完成")
    done = await amended(officer, await record(officer, companion.name), *road)
    assert AWAITED in done["text"]
    note = (await officer.taps("查看或更正", done))["text"]
    assert f"陪同人员 {companion.name}｜无需确认" in note
    done = await amended(officer, done, "陪同人员", "say:退休干部周老")
    assert "凭其签字材料确认" in done["text"]
    assert labels(done)[0] == "登记签字材料"


@ON_SQLITE
async def test_a_rating_that_is_amended_by_two_grades_says_that_it_is_provisional(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)
    outcome = await record(officer, companion.name)
    done = await amended(officer, outcome, "思想状况", "重点关注", "say:摔门而出")
    assert RATED in done["text"]
    done = await moved(officer, done)
    assert RATED in done["text"], "in the right case, too, it is two grades from the last one"


@ON_SQLITE
async def test_the_person_has_borne_out_no_other_day(town: Town) -> None:
    person, officer, _ = await noted(town)
    await person.taps(TRUE, await person.says("我的"))
    outcome = await officer.finds("已记录")
    assert "本人确认属实" in (await officer.taps("查看", outcome))["text"]
    done = await amended(officer, outcome, "日期", "say:11-20")
    assert "本人确认属实" not in (await officer.taps("查看", done))["text"]
    mine = await person.says("我的")
    assert "11月20日｜谈心谈话\n" in mine["text"]
    assert labels(mine)[:2] == [TRUE, NONE]
    await person.taps("没有这次见面", await person.taps(NONE, mine))
    done = await amended(officer, done, "日期", "say:11-19")
    office = await town.one("commission_staff")
    assert "本人表示没有" in (await office.says("待办"))["text"], "no amendment takes a contradiction away"


@ON_SQLITE
async def test_whoever_was_forgotten_is_added_and_the_others_stay(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)
    third, supervisor = await other(town, 2), await town.one("supervisor")
    await town.later(to="2026-11-23T10:00")
    outcome = await record(officer, companion.name, third.name, "say:退休干部周老")
    for phone in (companion, third):
        await phone.taps("确认", await phone.finds(QUESTION))

    def leaves(session: Session) -> None:
        gone = next(one for one in session.exec(select(Member)) if one.name == third.name)
        people.suspend(session, gone.id, now=town.house.clock.now())

    await town.house.lane.run(leaves)
    seen = await officer.taps("查看或更正", outcome)
    begun = await officer.taps("更正", seen)
    assert "已取消" in (await officer.taps("取消", begun))["text"], "nothing is lost that was not answered"
    asked = await walk(officer, seen, "更正", "陪同人员")
    ticked = [label for label in labels(asked) if label.startswith("✓ ")]
    assert [label.removeprefix("✓ ")[:2] for label in ticked] == [companion.name[:2], third.name[:2], "退休"]
    done = await walk(officer, asked, supervisor.name, "完成", "笔误", "提交")
    assert "已提交" in done["text"]
    note = (await officer.taps("查看或更正", done))["text"]
    for phone in (companion, third):
        assert f"陪同人员 {phone.name}｜已确认" in note
    assert f"陪同人员 {supervisor.name}｜待确认" in note
    assert "陪同人员 退休干部周老｜待确认" in note


@ON_SQLITE
async def test_at_coded_a_name_is_asked_for_and_not_forbidden(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)
    outcome = await record(officer, companion.name, "say:退休干部周老")
    town.house.office.levels = {**town.house.office.levels, "sandbox": Level.coded}
    asked = await walk(officer, await officer.says("/today"), "记录", "知情", "今天")
    assert "此处请勿写姓名" in asked["text"]
    asked = await walk(officer, await officer.taps("查看或更正", outcome), "更正", "陪同人员")
    assert "请勿写姓名" not in asked["text"]
    assert "此处可直接输入姓名；渠道支持的，记录后即从会话中删除。" in asked["text"]
    ticked = [label for label in labels(asked) if label.startswith("✓ ")]
    assert len(ticked) == 2
    assert ticked[-1] == "✓ 未开通账号人员"
    assert not any(name in asked["text"] + str(ticked) for name in (companion.name, "周老"))


@ON_SQLITE
async def test_of_a_voided_note_the_office_reads_who_had_confirmed_it(town: Town) -> None:
    officer, companion, third = await town.one("care_officer"), await other(town), await other(town, 2)
    office = await town.one("commission_staff")
    await town.later(to="2026-11-23T10:00")
    outcome = await record(officer, companion.name, third.name)
    await companion.taps("确认", await companion.finds(QUESTION))
    await walk(third, await third.finds(QUESTION), "有误", "日期有误", "提交")
    await moved(officer, outcome)
    await town.later(to="2026-11-25T10:00")
    await office.taps("时间线", await office.says(f"/case {OVERDUE_CASE}"))
    note = await walk(office, await office.last(), "已作废的记录", "11月23日 谈心谈话")
    assert f"陪同人员 {companion.name}｜曾于11月23日确认" in note["text"]
    assert f"陪同人员 {third.name}｜曾于11月23日答复未予确认｜日期有误" in note["text"]
