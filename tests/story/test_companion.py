"""A formal visit in chat: the companion confirms it, contradicts it, or is silent; and what it counts as meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlmodel import Session, select

from bot.app import House
from bot.channels.disclosure import Level
from casework import people
from casework.people import NewMember
from storage.tables.counties import County
from storage.tables.members import Role
from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import walk, whole_chat
from tests.story.words import OVERDUE_CASE
from tests.telegram_town import TelegramTown, telegram_town
from tests.wecom_town import WecomTown, wecom_town, words
from tests.wecom_town import labels as wecom_labels

TO_TOPICS = ("今天", "本人办公室", "say:情绪平稳，工作正常。", "积极稳定", "未发现")
QUESTION = "请您确认：以下1项由您陪同的回访是否确已开展？"
THOUGHT = "情绪平稳"


async def record(officer: Phone, *companions: str, start: Bubble | None = None) -> Bubble:
    """The officer's note of the overdue talk, with whoever went along."""
    begun = start or await officer.says(f"/case {OVERDUE_CASE}")
    form = await officer.taps("记录 张明", begun)
    typed = companions[-1].startswith("say:")
    recap = await walk(
        officer, form, *TO_TOPICS, "陪同人员", "完成", *companions, *(() if typed else ("完成",))
    )
    return await officer.taps("提交", recap)


async def silences(office: Phone, companion: Phone) -> list[Bubble]:
    """What the office heard of this companion's silence."""
    who = f"陪同人员 {companion.name}"
    return [one for one in await office.told() if "陪同人员尚未确认" in one["text"] and who in one["text"]]


async def other(town: Town, number: int = 1) -> Phone:
    return await town.one("care_officer", number)


async def test_it_is_formal_once_the_companion_has_confirmed(town: Town) -> None:
    officer, companion, office = (
        await town.one("care_officer"),
        await other(town),
        await town.one("commission_staff"),
    )
    await town.later(to="2026-11-23T10:00")
    done = await record(officer, companion.name)
    assert "已记录" in done["text"]
    assert "待1名陪同人员确认，确认前按日常关怀计。" in done["text"]
    card = await companion.finds(QUESTION)
    assert f"11月23日｜谈心谈话｜{OVERDUE_CASE}｜记录人 {officer.name}" in card["text"]
    assert labels(card) == ["确认", "有误"]
    assert "待陪同人员确认1次" in (await office.says(f"/case {OVERDUE_CASE}"))["text"]
    timeline = await office.taps("时间线")
    assert "11月23日｜谈心谈话｜已开展｜待陪同人员确认" in timeline["text"]
    thanks = await companion.taps("确认", card)
    assert thanks["text"].startswith("已确认，谢谢。")
    settled = await companion.again(card)
    assert settled["text"].startswith("✓ 已确认｜10:00｜11月23日｜谈心谈话")
    assert labels(settled) == []
    assert "正式回访1次" in (await office.says(f"/case {OVERDUE_CASE}"))["text"]
    chat = await whole_chat(companion)
    assert THOUGHT not in chat
    assert "张明" not in card["text"] + settled["text"]  # the case is not theirs: its code alone


async def test_who_contradicts_is_heard_and_it_stays_informal_care(town: Town) -> None:
    officer, companion, office = (
        await town.one("care_officer"),
        await other(town),
        await town.one("commission_staff"),
    )
    await town.later(to="2026-11-23T10:00")
    await record(officer, companion.name)
    card = await companion.finds(QUESTION)
    asked = await companion.taps("有误", card)
    assert labels(asked)[:3] == ["本人未参加", "回访未开展", "日期有误"]
    done = await companion.taps("提交", await companion.taps("本人未参加", asked))
    assert "已提交" in done["text"]
    for phone in (officer, office):
        told = await phone.finds("陪同人员对以下回访记录提出不同意见")
        assert f"陪同人员 {companion.name}｜本人未参加" in told["text"]
        assert "该次回访按日常关怀计。" in told["text"]
        assert labels(told) == ["查看或更正" if phone is officer else "查看记录"]
        assert THOUGHT in (await phone.taps(labels(told)[0], told))["text"]
    timeline = await office.taps("时间线", await office.says(f"/case {OVERDUE_CASE}"))
    assert "已开展｜日常关怀" in timeline["text"]
    again = await companion.posts({"action": card["buttons"][0][0]["action"], "message_id": card["id"]})
    assert "此项已无需确认" in again["text"]
    assert "陪同人员未予确认" in (await officer.says("/todo"))["text"]


async def test_after_three_silent_working_days_the_office_hears(town: Town) -> None:
    officer, companion, office = (
        await town.one("care_officer"),
        await other(town),
        await town.one("commission_staff"),
    )
    await town.later(to="2026-11-23T10:00")
    await record(officer, companion.name)
    await town.later(to="2026-11-26T08:59")
    assert await silences(office, companion) == []
    await town.later(to="2026-11-26T09:00")
    (told,) = await silences(office, companion)
    assert told["sent_at"][:16] == "2026-11-26T09:00"
    assert f"陪同人员 {companion.name}" in told["text"]
    assert labels(told) == ["登记签字材料", "为什么"]
    why = (await office.says("/why"))["text"]
    assert "满3个工作日（请假日不计）仍未答复的，告知办公室一次" in why
    await town.later(to="2026-12-04T18:00")
    assert len(await silences(office, companion)) == 1  # once
    assert f"陪同人员 {companion.name}" in (await office.says("待办"))["text"]
    await companion.taps("确认", await companion.says("/todo"))
    assert "陪同人员尚未确认" not in (await office.again(told))["text"]
    assert labels(await office.again(told)) == []


async def test_several_wait_on_one_card_and_are_confirmed_together(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)
    await town.later(to="2026-11-23T10:00")
    await record(officer, companion.name)
    first = await companion.finds(QUESTION)
    await town.later(to="2026-11-23T10:20")
    home = await officer.taps("记录 王芳", await officer.says("/record"))
    steps = (
        "知情",
        "今天",
        "say:家庭和睦。",
        "积极稳定",
        "未发现",
        "陪同人员",
        "完成",
        companion.name,
        "完成",
    )
    await officer.taps("提交", await walk(officer, home, *steps))
    both = await companion.finds("以下2项由您陪同的回访")
    assert labels(both)[0] == "全部确认"
    assert f"确认 {OVERDUE_CASE}" in labels(both)
    older = await companion.again(first)
    assert "见最新消息" in older["text"]
    assert labels(older) == []
    await companion.taps("全部确认", both)
    assert (await companion.again(both))["text"].count("✓ 已确认") == 2
    assert "陪同" not in (await companion.says("/todo"))["text"], "nothing waits to be confirmed"


async def test_without_an_account_the_signed_paper_bears_it_out(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    done = await record(officer, "say:退休干部周老")
    assert "凭其签字材料确认" in done["text"]
    assert "待陪同人员确认1次" in (await office.says(f"/case {OVERDUE_CASE}"))["text"]
    asked = await officer.taps("登记签字材料", done)
    recap = await walk(officer, asked, "今天", "跳过")
    kept = await officer.taps("提交", recap)
    assert "该次回访现计为：正式回访。" in kept["text"]
    assert "正式回访1次" in (await office.says(f"/case {OVERDUE_CASE}"))["text"]


async def test_a_name_that_is_typed_is_the_member_of_that_name(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)
    await record(officer, f"say:{companion.name}")
    await town.later(to="2026-11-23T09:00")
    assert await companion.finds(QUESTION)


async def test_companions_of_several_units_are_told_apart(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)

    def namesakes(session: Session) -> None:
        county = session.exec(select(County)).one()
        for _ in range(2):
            twin = NewMember(companion.name, Role.stationed_group, "县审计局")
            people.add_member(session, county, twin, now=town.house.clock.now())

    await town.house.lane.run(namesakes)
    begun = await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    asked = await walk(officer, begun, *TO_TOPICS, "陪同人员", "完成")
    called = [label for label in labels(asked) if label.startswith(companion.name)]
    assert len(set(called)) == len(called) == 3
    assert sum("（县审计局、" in label and "号成员" in label for label in called) == 2
    asked = await officer.says(companion.name)
    assert "不止一位" in asked["text"], "a name that is typed is of three"
    chosen = await officer.taps(called[0], asked)
    assert f"✓ {called[0]}" in labels(chosen)
    recap = await officer.taps("完成", chosen)
    assert f"陪同人员：{called[0]}" in recap["text"]


async def test_whoever_keeps_out_cannot_have_gone_along(town: Town) -> None:
    officer, companion, office = (
        await town.one("care_officer"),
        await other(town),
        await town.one("commission_staff"),
    )
    asked = await office.taps("回避", await office.says(f"/case {OVERDUE_CASE}"))
    named = await office.taps(companion.name, asked)
    await office.taps("提交", await office.taps("跳过", named))
    form = await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    question = await walk(officer, form, *TO_TOPICS, "陪同人员", "完成")
    assert companion.name not in labels(question)
    assert officer.name not in labels(question)
    refused = await officer.says(companion.name)
    assert "不能作为本次回访的陪同人员" in refused["text"]


async def test_their_hours_and_their_leave_count(town: Town) -> None:
    officer, companion, office = (
        await town.one("care_officer"),
        await other(town),
        await town.one("commission_staff"),
    )
    await companion.says("时段 14点到16点")
    await town.later(to="2026-11-23T10:00")
    await record(officer, companion.name)
    await town.later(to="2026-11-23T13:59")
    assert not any("请您确认" in one["text"] for one in await companion.told())
    await town.later(to="2026-11-23T14:00")
    assert (await companion.finds(QUESTION))["sent_at"][:16] == "2026-11-23T14:00"
    await companion.says("/leave 11-24至11-25")
    await town.later(to="2026-11-27T18:00")
    assert await silences(office, companion) == []
    await town.later(to="2026-11-30T09:00")
    assert [one["sent_at"][:16] for one in await silences(office, companion)] == ["2026-11-30T09:00"]


async def test_on_hold_the_card_is_taken_back_and_comes_again(town: Town) -> None:
    officer, companion, office = (
        await town.one("care_officer"),
        await other(town),
        await town.one("commission_staff"),
    )
    await town.later(to="2026-11-23T10:00")
    await record(officer, companion.name)
    card = await companion.finds(QUESTION)
    asked = await office.taps("暂缓", await office.says(f"/case {OVERDUE_CASE}"))
    await office.taps("提交", await walk(office, asked, "say:工作安排"))
    back = await companion.again(card)
    assert back["text"] == "✓ 此项无需再处理。"
    assert labels(back) == []
    assert "陪同" not in (await companion.says("/todo"))["text"], "nothing waits to be confirmed"
    await town.later(to="2026-12-03T10:00")
    assert await silences(office, companion) == []
    asked = await office.taps("恢复", await office.says(f"/case {OVERDUE_CASE}"))
    await office.taps("提交", await walk(office, asked, "say:恢复"))
    again = await companion.finds(QUESTION)
    assert again["id"] > card["id"]
    await companion.taps("确认", again)
    assert "正式回访1次" in (await office.says(f"/case {OVERDUE_CASE}"))["text"]


async def test_what_was_contradicted_is_there_again_when_visits_go_on(town: Town) -> None:
    officer, companion = await town.one("care_officer"), await other(town)
    office, said = await town.one("commission_staff"), "陪同人员对以下回访记录提出不同意见"
    await town.later(to="2026-11-23T10:00")
    await record(officer, companion.name)
    asked = await companion.taps("有误", await companion.finds(QUESTION))
    await companion.taps("提交", await companion.taps("本人未参加", asked))
    told = [(phone, await phone.finds(said)) for phone in (officer, office)]
    asked = await office.taps("暂缓", await office.says(f"/case {OVERDUE_CASE}"))
    await office.taps("提交", await walk(office, asked, "say:先行核实"))
    for phone, message in told:
        assert labels(await phone.again(message)) == []
    await town.later(advance="P1D")
    asked = await office.taps("恢复", await office.says(f"/case {OVERDUE_CASE}"))
    await office.taps("提交", await walk(office, asked, "say:恢复"))
    for phone, message in told:
        now = await phone.again(message)
        assert (now["text"], labels(now)) == (message["text"], labels(message))


# --- abroad ----------------------------------------------------------------------------------------------------------


@pytest.fixture
async def telegram(house: House) -> AsyncIterator[TelegramTown]:
    async with telegram_town(house, "polling", Level.coded) as county:
        yield county


@pytest.fixture
async def wecom(house: House) -> AsyncIterator[WecomTown]:
    async with wecom_town(house, Level.coded) as county:
        yield county


async def test_on_telegram_at_coded(telegram: TelegramTown) -> None:
    await telegram.town.later(to="2026-11-23T10:00")
    companion = await telegram.bound("care_officer", 1)
    officer = await telegram.town.one("care_officer")
    await record(officer, (await other(telegram.town)).name)
    await telegram.house.office.settled()
    card = next(seen for seen in companion.user.told if "请您确认" in seen.text)
    assert OVERDUE_CASE in card.text
    assert card.labels == ["确认", "有误"]
    assert "张明" not in card.text
    assert officer.name not in card.text
    await companion.taps("确认", card)
    assert any(seen.text.startswith("✓ 已确认") for seen in companion.user.told)


async def test_on_wecom_at_coded(wecom: WecomTown) -> None:
    await wecom.town.later(to="2026-11-23T10:00")
    companion = await wecom.bound("care_officer", 1)
    officer = await wecom.town.one("care_officer")
    await record(officer, (await other(wecom.town)).name)
    await wecom.house.office.settled()
    card = companion.last
    assert OVERDUE_CASE in words(card)
    assert wecom_labels(card) == ["确认", "有误"]
    assert not any(name in words(card) for name in ("张明", officer.name))
    await companion.taps("确认", card)
    assert "已确认" in words(companion.last)
    assert "正式回访1次" in (await officer.says(f"/case {OVERDUE_CASE}"))["text"]


@pytest.mark.parametrize("house", ["sqlite"], indirect=True)
async def test_at_notice_it_is_a_number_and_a_link(house: House) -> None:
    async with telegram_town(house, "polling", Level.notice) as county:
        await county.town.later(to="2026-11-23T10:00")
        companion = await county.bound("care_officer", 1)
        officer = await county.town.one("care_officer")
        await record(officer, (await other(county.town)).name)
        await county.house.office.settled()
        card = next(seen for seen in companion.user.told if "请您确认" in seen.text)
        assert OVERDUE_CASE not in card.text
        assert card.labels == []


async def test_of_many_the_first_are_listed_and_the_others_typed(town: Town) -> None:
    officer = await town.one("care_officer")
    seldom = (await town.everyone("personnel_bureau"))[-1]
    form = await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    asked = await walk(officer, form, *TO_TOPICS, "陪同人员", "完成")
    usual = labels(asked)[: labels(asked).index("完成")]
    assert len(usual) == 8
    assert "未列出的同志，可直接输入姓名。" in asked["text"]
    assert not any(seldom.name in label for label in usual)
    assert "选项中没有“9”" in (await officer.says("9"))["text"], "a number of what is not seen is none"
    recap = await officer.says(seldom.name)
    assert f"陪同人员：{seldom.name}（" in recap["text"], "known by name, with the unit"
    again = await officer.says("改第7题")
    assert [label for label in labels(again) if label.startswith("✓")] == [f"✓ {recap_name(recap)}"]
    await officer.taps("提交", await officer.taps("完成", again))
    await town.later(to="2026-11-23T10:30")
    assert QUESTION in (await seldom.finds(OVERDUE_CASE))["text"]
    next_one = await officer.taps("记录 孙丽华", await officer.says("/record"))
    listed = labels(await walk(officer, next_one, *TO_TOPICS, "陪同人员", "完成"))
    assert listed[0].startswith(seldom.name), "named last, so listed first"


def recap_name(recap: Bubble) -> str:
    """Who went along, as the recap has it."""
    return next(
        str(line).partition("陪同人员：")[2] for line in recap["text"].splitlines() if "陪同人员：" in line
    )
