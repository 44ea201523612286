"""The office puts a case on hold, resumes it, closes and reopens it; what everybody else sees of that, and what not."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session, select

from reminders import sweep
from storage.tables.audit import AuditRecord
from storage.tables.cases import Case, CaseEvent
from storage.tables.drafts import Draft
from storage.tables.mail import Outbox, OutboxState
from tests.chat import Bubble, Nothing, Phone, Town, labels
from tests.story.acts import digest, talk, walk, whole_chat
from tests.story.words import ON_SQLITE, OVERDUE_CASE

WHY = "另有新情况，先行核实"
HOLD, RESUME, CLOSE, REOPEN = "暂缓", "恢复", "归档", "重新启用"
QUIET = "目前不安排回访"


async def deed(office: Phone, label: str, reason: str = WHY) -> Bubble:
    """From the status card to the outcome."""
    question = await office.taps(label, await office.says(f"查询 {OVERDUE_CASE}"))
    recap = await (office.taps(reason, question) if reason in labels(question) else office.says(reason))
    return await office.taps("提交", recap)


async def people(town: Town) -> tuple[Phone, Phone, Phone]:
    return await town.one("commission_staff"), await town.one("care_officer"), await town.one("supervisor")


async def heard_of_it(phone: Phone, since: int) -> list[str]:
    return [bubble["text"] for bubble in await phone.told(since) if OVERDUE_CASE in bubble["text"]]


@pytest.mark.parametrize("label", [HOLD, CLOSE])
async def test_what_was_sent_is_resolved_and_nothing_more_comes(town: Town, label: str) -> None:
    office, officer, supervisor = await people(town)
    morning, alert = await digest(officer), await supervisor.last()
    assert "记录 张明" in labels(morning)
    since = await officer.last_id()
    done = await deed(office, label)
    assert f"已提交｜{label}｜张明 {OVERDUE_CASE}" in done["text"]
    assert "不说明原因" in done["text"]

    # In place, in one neutral wording for both
    assert f"✓ {QUIET}" in (await officer.again(morning))["text"]
    assert "记录 张明" not in labels(await officer.again(morning))
    settled = await supervisor.again(alert)
    assert settled["text"].startswith("逾期提醒：已办")
    assert f"✓ {QUIET}" in settled["text"]
    assert labels(settled) == []
    (notice,) = await officer.told(since)
    assert notice["text"].startswith(f"张明 {OVERDUE_CASE}：{QUIET}")

    # The buttons of before answer, and change nothing
    for phone, button, old in ((officer, "记录 张明", morning), (supervisor, "催办", alert)):
        assert f"{QUIET}，此次操作未作改动" in (await phone.taps(button, old))["text"]

    # No list has it, and no question brings it out
    seen = [await officer.last_id(), await supervisor.last_id(), await office.last_id()]
    for phone, words in ((officer, ("今日", "本周", "记录")), (supervisor, ("逾期",)), (office, ("逾期",))):
        for word in words:
            assert OVERDUE_CASE not in (await phone.says(word))["text"]
    assert "目前不安排本档案的回访" in (await officer.says("为什么"))["text"]
    assert QUIET in (await supervisor.says("为什么"))["text"]
    assert QUIET in (await officer.says(f"查询 {OVERDUE_CASE}"))["text"]
    for query in (f"查询 {OVERDUE_CASE}", OVERDUE_CASE, "查询 7K3Q"):
        answer = await supervisor.says(query)
        assert answer["text"].startswith(f"{OVERDUE_CASE}：{QUIET}")
        assert labels(answer) == ["安全风险"]
    stranger = await town.one("supervisor", 1)
    assert "没有查到" in (await stranger.says(f"查询 {OVERDUE_CASE}"))["text"]
    await officer.taps("时间线")
    seen[1] = await supervisor.last_id()
    with pytest.raises(Nothing):
        await officer.taps(label)
    await town.later(advance="P40D")
    for phone, before in zip((supervisor, office), seen[1:], strict=True):
        assert await heard_of_it(phone, before) == []
    mornings = [m["text"] for m in await officer.told(seen[0]) if m["text"].count("早上好")]
    assert mornings
    assert not any(OVERDUE_CASE in text for text in mornings)
    for phone in (officer, supervisor):
        chat = await whole_chat(phone)
        assert WHY not in chat
        assert not any(word in chat for word in (HOLD, CLOSE, "不再需要"))


async def test_the_office_reads_since_when_by_whom_and_why(town: Town) -> None:
    office, leader = await town.one("commission_staff"), await town.one("leader")
    await deed(office, HOLD)
    for phone in (office, leader):
        card = (await phone.says(f"查询 {OVERDUE_CASE}"))["text"].splitlines()
        assert card[0].endswith("｜暂缓")
        assert card[1] == f"自11月23日起暂缓｜经办人 {office.name}"
        assert card[2] == f"原因：{WHY}"
    assert {RESUME, CLOSE} <= set(labels(await office.says(f"查询 {OVERDUE_CASE}")))
    assert RESUME not in labels(await leader.last())

    await town.later(advance="P1D")
    await deed(office, CLOSE, "退休")
    card = (await office.says(f"查询 {OVERDUE_CASE}"))["text"]
    assert "11月24日归档" in card
    assert "原因：退休" in card
    assert labels(await office.last())[-1:] == [REOPEN]
    entries = (await office.taps("时间线"))["text"].splitlines()
    assert f"11月23日｜暂缓｜{WHY}" in entries
    assert "11月24日｜归档｜退休" in entries

    def kept(session: Session) -> tuple[list[str], list[str]]:
        events = session.exec(select(CaseEvent)).all()
        assert all(WHY.encode() not in event.reason_sealed for event in events)
        acts = session.exec(select(AuditRecord).where(AuditRecord.subject == "case")).all()
        return [e.reason for e in events], [a.verb for a in acts if a.verb in ("case_held", "case_closed")]

    assert await town.house.lane.read(kept) == ([WHY, "retired"], ["case_held", "case_closed"])


async def test_what_went_to_and_fro_after_hours_is_told_once(town: Town) -> None:
    office, officer, _ = await people(town)
    await town.later(to="2026-11-23T18:00")
    since = await officer.last_id()
    for label in (HOLD, RESUME, HOLD, RESUME):
        await deed(office, label)
    await town.later(to="2026-11-24T12:00")
    lines = [line for text in await heard_of_it(officer, since) for line in text.splitlines()]
    assert [line for line in lines if line.endswith("回访。")] == [f"张明 {OVERDUE_CASE}：恢复回访。"]


async def test_after_the_hold_dates_begin_anew(town: Town) -> None:
    office, officer, supervisor = await people(town)
    await deed(office, HOLD)
    await town.later(to="2026-12-14T10:00")
    since, theirs = await officer.last_id(), await supervisor.last_id()
    done = await deed(office, RESUME, "本人已返岗")
    assert "自今天起恢复以下回访" in done["text"]
    (notice,) = await officer.told(since)
    assert notice["text"].startswith(f"张明 {OVERDUE_CASE}：恢复回访")
    assert "逾期" not in notice["text"]
    card = (await office.says(f"查询 {OVERDUE_CASE}"))["text"]
    assert HOLD not in card
    assert "下次：" in card
    assert "逾期" not in card
    assert OVERDUE_CASE not in (await officer.says("今日"))["text"]
    await town.later(to="2027-04-15T10:00")
    assert any("逾期" in text for text in await heard_of_it(supervisor, theirs))
    assert any("早上好" in text for text in await heard_of_it(officer, since))


async def test_a_closed_case_is_reopened(town: Town) -> None:
    office, officer, _ = await people(town)
    await deed(office, CLOSE, "调离")
    since = await officer.last_id()
    done = await deed(office, REOPEN, "本人调回")
    assert "谈心谈话" in done["text"]
    (notice,) = await officer.told(since)
    assert "恢复回访" in notice["text"]
    assert {HOLD, CLOSE} <= set(labels(await office.says(f"查询 {OVERDUE_CASE}")))


@pytest.mark.parametrize("label", [HOLD, "记录"])
async def test_a_question_of_the_supervisor_is_settled_too(town: Town, label: str) -> None:
    office, officer, supervisor = await people(town)
    since = await officer.last_id()
    await supervisor.taps("催办", await supervisor.last())
    (chased,) = await officer.told(since)
    await supervisor.taps("知悉", await supervisor.finds("督促"))
    assert await officer.again(chased) == chased  # it still waits for the officer
    if label == HOLD:
        await deed(office, HOLD)
    else:
        recap = await walk(officer, await officer.taps("记录 张明", chased), *talk("谈得不错。"))
        await officer.taps("提交", recap)
    now = await officer.again(chased)
    assert now["text"].splitlines()[0] == chased["text"].splitlines()[0]
    assert now["text"].splitlines()[1].startswith("✓ 目前不安排" if label == HOLD else "✓ 已记录")
    assert labels(now) == []


@ON_SQLITE
async def test_a_note_that_was_begun_is_kept_and_tells_of_what_was_before(town: Town) -> None:
    office, officer, _ = await people(town)
    recap = await walk(officer, await officer.taps("记录 张明", await digest(officer)), *talk("谈得不错。"))
    since = await officer.last_id()
    await deed(office, HOLD)
    (notice,) = await officer.told(since)
    assert "仍然保留" in notice["text"]
    await town.later(advance="P2D")
    late = await walk(officer, recap, "修改", "1. 日期", "今天")
    refused = await officer.taps("提交", late)
    assert "11月23日后不安排回访" in refused["text"]
    assert "哪一天" in refused["text"], "what was refused is asked again"
    recorded = await walk(officer, refused, "say:11-23", "提交")
    assert "已记录" in recorded["text"]
    assert "下次" not in recorded["text"]
    assert QUIET in (await office.says(f"查询 {OVERDUE_CASE}") and await officer.says(OVERDUE_CASE))["text"]


@ON_SQLITE
async def test_who_comes_second_changes_nothing(town: Town) -> None:
    office = await town.one("commission_staff")
    card = await office.says(f"查询 {OVERDUE_CASE}")
    hold = await office.says(WHY) if await office.taps(HOLD, card) else card
    close = await office.taps("退休", await office.taps(CLOSE, card))
    assert "已提交" in (await office.taps("提交", close))["text"]
    assert "已经归档" in (await office.taps("提交", hold))["text"]
    assert "已经归档" in (await office.taps(HOLD, card))["text"]

    def stands(session: Session) -> tuple[str, int, int]:
        case = session.exec(select(Case).where(Case.code == OVERDUE_CASE)).one()
        events = session.exec(select(CaseEvent)).all()
        return case.state.value, len(events), len(session.exec(select(Draft)).all())

    assert await town.house.lane.read(stands) == ("closed", 1, 0)


@ON_SQLITE
async def test_one_person_has_one_case_at_a_time(town: Town) -> None:
    office = await town.one("commission_staff")
    await deed(office, CLOSE, "调离")

    def admitted_again(session: Session) -> str:
        old = session.exec(select(Case).where(Case.code == OVERDUE_CASE)).one()
        other = session.exec(select(Case).where(Case.code != OVERDUE_CASE)).first()
        assert other is not None
        other.person_id = old.person_id
        return other.code

    code = await town.house.lane.run(admitted_again)
    assert code in (await office.taps(REOPEN, await office.says(f"查询 {OVERDUE_CASE}")))["text"]


@ON_SQLITE
@pytest.mark.parametrize("role", ["care_officer", "leader", "supervisor"])
async def test_nobody_but_the_office_changes_it(town: Town, role: str) -> None:
    office, other = await town.one("commission_staff"), await town.one(role)
    card = await office.says(f"查询 {OVERDUE_CASE}")
    assert HOLD not in labels(await other.says(f"查询 {OVERDUE_CASE}"))
    refused = await other.posts({"action": _token(card, HOLD), "message_id": card["id"]})
    assert "按钮已失效" in refused["text"]


def _token(bubble: Bubble, label: str) -> str:
    return str(next(b["action"] for row in bubble["buttons"] for b in row if b["label"] == label))


async def test_what_is_queued_is_withdrawn(town: Town) -> None:
    office, officer, supervisor = await people(town)
    await supervisor.taps(
        "同意延期", await supervisor.last()
    )  # due on the 30th: its notices are still to come
    await town.later(to="2026-11-30T14:29")
    soon = datetime.fromisoformat("2026-11-30T14:30+08:00")
    assert await town.house.lane.run(lambda session: sweep.one_slice(session, now=soon))
    assert set(await town.house.lane.read(_queued)) == {"today"}
    since, theirs = await officer.last_id(), await supervisor.last_id()
    await deed(office, HOLD)
    await town.later(to="2026-12-08T12:00")
    assert not any("今日到期" in text for text in await heard_of_it(officer, since))
    assert await heard_of_it(supervisor, theirs) == []
    assert await town.house.lane.read(_queued) == []


def _queued(session: Session) -> list[str]:
    states = (OutboxState.todo, OutboxState.sending, OutboxState.dead)
    return [row.kind for row in session.exec(select(Outbox)).all() if row.state in states]
