"""The administrator is told that next year's days off are not known, pastes the notice, looks at it and adopts it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlmodel import Session, select

from reminders import heartbeats
from storage.tables.audit import AuditRecord
from storage.tables.members import MemberState
from tests.chat import Town, labels
from tests.story.words import ON_SQLITE

pytestmark = pytest.mark.usefixtures("december")

NOTICE = (Path(__file__).parents[1] / "data" / "notice-2027.txt").read_text("utf-8")
PASTE_IT = "请将全文粘贴发到这里"


async def test_told_in_december_and_settled_in_place_once_the_notice_is_adopted(town: Town) -> None:
    administrator = await town.one("administrator")
    officer = await town.one("care_officer")
    await town.later(to="2026-12-01T10:00")
    (told,) = [one for one in await administrator.told() if PASTE_IT in one["text"]]
    assert told["sent_at"][:16] == "2026-12-01T09:00"
    assert "2027年放假安排尚未公布" in told["text"]
    assert "12月1日和15日" in (await administrator.says("为什么"))["text"]
    assert PASTE_IT not in "".join(one["text"] for one in await officer.told())

    read = await administrator.says(NOTICE)
    assert "2月5日至2月11日" in read["text"].replace("2027年", "")
    assert "尚未采用" in read["text"]
    assert labels(read) == ["采用", "不采用"]
    assert "日期为推算" in (await administrator.says("日历"))["text"]
    assert "已采用" in (await administrator.taps("采用", read))["text"]
    assert "尚未公布" not in (await administrator.says("日历"))["text"]
    settled = await administrator.again(told)
    assert (settled["text"], settled["buttons"]) == ("2027年放假安排已收录。", [])
    await town.later(to="2026-12-15T12:00")
    assert not [
        one for one in await administrator.told() if PASTE_IT in one["text"] and one["sent_at"] > "2026-12-02"
    ]


@ON_SQLITE
async def test_what_is_not_adopted_changes_nothing(town: Town) -> None:
    administrator = await town.one("administrator")
    assert "没有变动" in (await administrator.taps("不采用", await administrator.says(NOTICE)))["text"]
    assert "尚未公布" in (await administrator.says("日历 2027"))["text"]
    slip = await administrator.says(NOTICE.replace("2月5日（农历除夕、周五）", "2月5日（农历除夕、周四）"))
    assert "2月5日" in slip["text"]
    assert "采用" not in labels(slip)


@ON_SQLITE
async def test_an_auditor_may_look_and_others_have_no_calendar(town: Town) -> None:
    auditor = next(one for one in await town.everyone("administrator") if one.id == "admin-3")
    assert "2026年" in (await auditor.says("日历"))["text"]
    for who in (auditor, await town.one("commission_staff"), await town.one("care_officer")):
        answer = await who.says(f"日历 {NOTICE}")
        assert "采用" not in labels(answer), answer
    assert "尚未公布" in (await auditor.says("日历"))["text"]


@ON_SQLITE
async def test_where_no_administrator_can_be_told_the_office_hears_once(town: Town) -> None:
    everyone = await town.everyone("administrator")
    office = await town.one("commission_staff")

    def suspended(session: Session) -> None:
        for member in heartbeats.system_administrators(session):
            member.state = MemberState.suspended

    await town.house.lane.run(suspended)
    await town.later(to="2026-12-01T10:00")
    (told,) = [one for one in await office.told() if "2027年放假安排尚未公布" in one["text"]]
    assert "请转告负责服务器的同志" in told["text"]
    assert told["buttons"] == []
    assert not [one for who in everyone for one in await who.told() if "尚未公布" in one["text"]]


@ON_SQLITE
async def test_a_day_of_the_countys_own_is_set_with_a_reason_and_taken_back(town: Town) -> None:
    administrator = await town.one("administrator")
    asked = await administrator.says("日历 12-24")
    assert "12月24日｜工作日" in asked["text"]
    assert asked["buttons"] == []
    assert "原因" in asked["text"]

    offered = await administrator.says("日历 12月24日停电检修")
    assert "原因：停电检修" in offered["text"]
    assert "尚未" in offered["text"]
    assert "停电" not in (await administrator.says("日历"))["text"]
    assert labels(offered) == ["设为休息日"]
    done = await administrator.taps("设为休息日", offered)
    assert "12月24日" in done["text"]
    assert "12月24日｜休息日｜本县｜停电检修" in (await administrator.says("日历"))["text"].replace(
        "手工设置：", ""
    )
    written = await town.house.lane.run(lambda session: session.exec(select(AuditRecord.verb)).all())
    assert "day_set" in written

    assert labels(await administrator.says("日历 12月24日")) == ["取消本县设置"]
    cleared = await administrator.taps("取消本县设置", done)
    assert "12月24日" in cleared["text"]
    assert "停电" not in (await administrator.says("日历"))["text"]
    assert "12月24日｜工作日" in (await administrator.says("日历 12-24"))["text"]
    await administrator.taps("取消本县设置", done)  # a second time there is nothing to take back
    assert "day_cleared" in await town.house.lane.run(
        lambda session: session.exec(select(AuditRecord.verb)).all()
    )


@ON_SQLITE
async def test_only_whoever_keeps_the_calendar_sets_a_day_and_none_of_the_notice(town: Town) -> None:
    administrator = await town.one("administrator")
    auditor = next(one for one in await town.everyone("administrator") if one.id == "admin-3")
    for who in (auditor, await town.one("care_officer")):
        answer = await who.says("日历 12-24 停电检修")
        assert "设为休息日" not in labels(answer), answer
    await administrator.taps("采用", await administrator.says(NOTICE))
    of_the_notice = await administrator.says("日历 2027年2月8日 加班")
    assert of_the_notice["buttons"] == []
    assert "放假通知" in of_the_notice["text"]
