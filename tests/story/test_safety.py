"""A safety call, as its people meet it: it breaks through, names nothing below `full`, and ends by a record alone."""

from __future__ import annotations

import io

import pytest
from sqlmodel import Session, select

from bot.channels.disclosure import Level
from storage.tables.cases import Case, CaseState
from tests.chat import Bubble, Town, labels
from tests.story.acts import digest, secrets_of, talk, walk, whole_chat
from tests.story.words import ON_SQLITE, OVERDUE_CASE

NIGHT = "2026-11-28T23:30"  # a Saturday
WORRY = talk("情绪低落。", "积极稳定", safety="有风险迹象")
SPOKEN = ("电话", "刚刚", "近日再谈一次", "跳过", "提交")
SHOWING = ("安全", "危险", "风险", "12356", "心理", "情绪")


async def raised(town: Town, *, at: str = NIGHT) -> Bubble:
    """The officer hands in a note with a worry, late on a day off; the answer."""
    await town.later(to=at)
    officer = await town.one("care_officer")
    card = await officer.says(f"/case {OVERDUE_CASE}")
    return await walk(officer, await officer.taps("记录 张明", card), *WORRY, "提交")


async def test_it_climbs_by_night_until_somebody_has_spoken_with_the_person(
    town: Town, log: io.StringIO
) -> None:
    done = await raised(town)
    assert "已记录" in done["text"]
    assert "已联系本人" in labels(done)
    office, leader = await town.one("commission_staff"), await town.one("leader")
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    first, seen = await office.last(), await leader.last_id()
    assert first["sent_at"].startswith(NIGHT)
    assert OVERDUE_CASE in first["text"]
    assert labels(first) == ["已联系本人", "我来联系"]
    assert "00:00" in first["text"], "when it is told again"
    await town.later(to="2026-11-29T00:00")
    assert [m["sent_at"][:16] for m in await leader.told(seen)] == ["2026-11-29T00:00"]
    await town.later(to="2026-11-29T02:00")
    assert [m["sent_at"][11:16] for m in await leader.told(seen)] == ["00:00", "01:00", "02:00"]
    assert (await officer.last())["sent_at"][11:16] == "02:00"
    *before, newest = await leader.told(seen)
    assert [(m["text"], labels(m)) for m in before] == [
        (f"张明 {OVERDUE_CASE}：已再次提醒，请看最新一条消息。", [])
    ] * 2
    assert "11月28日23:30发起，已提醒您3次。" in newest["text"]
    assert labels(newest) == ["已联系本人", "我来联系"]

    form = await supervisor.taps("已联系本人", await supervisor.last())
    assert "以何种方式" in form["text"]
    closed = await walk(supervisor, form, *SPOKEN)
    assert "已提交" in closed["text"]
    assert "已办结" in closed["text"]
    assert "谈心谈话：12月2日前" in closed["text"], "soon is within three working days"
    assert labels(closed) == ["档案概况"]
    assert OVERDUE_CASE in (await supervisor.taps("档案概况", closed))["text"]
    for phone in (office, leader, officer):
        told = [m for m in await phone.told(seen) if m["sent_at"] >= NIGHT and OVERDUE_CASE in m["text"]]
        calls = [m for m in told if m["text"].startswith("✓ 已联系本人 02:00")]
        assert calls, phone.name
        assert all(labels(m) == [] for m in calls)
    quiet = {phone.id: await phone.last_id() for phone in (office, leader, supervisor)}
    await town.later(to="2026-11-30T08:00")
    for phone in (office, leader, supervisor):
        assert await phone.told(quiet[phone.id]) == []
    secrets = await town.house.lane.read(secrets_of)
    assert not any(word in log.getvalue() for word in secrets)


async def test_two_record_at_once_and_the_second_hears_so(town: Town) -> None:
    await raised(town)
    office, supervisor = await town.one("commission_staff"), await town.one("supervisor")
    mine = await walk(office, await office.taps("已联系本人"), *SPOKEN[:-1])
    theirs = await walk(supervisor, await supervisor.taps("已联系本人"), *SPOKEN[:-1])
    assert "已提交" in (await office.taps("提交", mine))["text"]
    late = await supervisor.taps("提交", theirs)
    assert "无需再办理" in late["text"]
    assert "已提交" not in late["text"]
    again = await supervisor.says("查询 JA-7K3Q")
    assert "需要立即" not in again["text"]


async def test_who_is_on_it_is_told_to_the_others_and_the_climb_rests_once(town: Town) -> None:
    await raised(town)
    office, supervisor = await town.one("commission_staff"), await town.one("supervisor")
    alert = await supervisor.last()
    noted = await office.taps("我来联系")
    assert "仅此不算办结" in noted["text"]
    assert "00:30" in noted["text"]
    heard = await supervisor.last()
    assert office.name in heard["text"]
    assert OVERDUE_CASE in heard["text"]
    assert "已有人正在联系" in (await supervisor.again(alert))["text"]
    since = await supervisor.last_id()
    await town.later(to="2026-11-29T00:29")
    assert await supervisor.told(since) == []
    await town.later(to="2026-11-29T00:30")
    assert len(await supervisor.told(since)) == 1


@ON_SQLITE
async def test_a_supervisor_who_is_on_it_learns_whom_to_call(town: Town) -> None:
    await raised(town)
    supervisor = await town.one("supervisor")
    alert = await supervisor.last()
    assert "点〔我来联系〕后显示姓名" in alert["text"]
    assert "张明" not in alert["text"]
    taken = await supervisor.taps("我来联系", alert)
    assert taken["text"].startswith(f"安全风险｜张明 {OVERDUE_CASE}")
    assert "张明" in (await supervisor.again(alert))["text"]
    assert "张明" in (await supervisor.says("逾期"))["text"]
    how = await walk(supervisor, await supervisor.taps("已联系本人", taken), "电话", "say:今天上午")
    await walk(supervisor, how, *SPOKEN[2:])
    settled = (await supervisor.again(alert))["text"]
    assert settled.startswith("✓ 已联系本人")
    assert "张明" not in settled, "no longer theirs to call"


@ON_SQLITE
async def test_who_may_know_sees_it_where_they_look(town: Town) -> None:
    await raised(town, at="2026-11-23T10:00")
    office, officer = await town.one("commission_staff"), await town.one("care_officer")
    supervisor, colleague = await town.one("supervisor"), await town.one("care_officer", 1)
    for phone, words in (
        (office, f"查询 {OVERDUE_CASE}"),
        (office, "逾期"),
        (supervisor, "逾期"),
        (officer, "今日"),
        (officer, f"查询 {OVERDUE_CASE}"),
    ):
        shown = await phone.says(words)
        assert shown["text"].startswith("安全风险｜"), words
        assert "已联系本人" in labels(shown)
    assert "安全风险" not in (await colleague.says("今日"))["text"]
    assert "不分时间" in (await office.says("为什么"))["text"]


@ON_SQLITE
async def test_a_held_case_does_not_silence_it(town: Town) -> None:
    await raised(town)
    leader = await town.one("leader")
    seen = await leader.last_id()

    def hold(session: Session) -> None:
        session.exec(select(Case).where(Case.code == OVERDUE_CASE)).one().state = CaseState.held

    await town.house.lane.run(hold)
    await town.later(to="2026-11-29T00:00")
    assert len(await leader.told(seen)) == 1


@ON_SQLITE
async def test_it_survives_a_restart_between_two_steps(town: Town) -> None:
    await raised(town)
    await town.restart()
    leader = await town.one("leader")
    seen = await leader.last_id()
    await town.later(to="2026-11-29T01:00")
    assert [m["sent_at"][11:16] for m in await leader.told(seen)] == ["00:00", "01:00"]


@ON_SQLITE
@pytest.mark.parametrize("level", [Level.coded, Level.notice])
async def test_below_full_it_names_nothing(town: Town, level: Level) -> None:
    await town.later(to=NIGHT)
    phones = [await town.one(role) for role in ("commission_staff", "supervisor", "leader")]
    since = {phone.id: await phone.last_id() for phone in phones}
    officer = await town.one("care_officer")
    form = await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    form = await walk(officer, form, *WORRY)
    office = town.house.office
    office.levels = {**office.levels, "sandbox": level}
    done = await officer.taps("提交", form)
    assert not any(word in done["text"] for word in SHOWING)
    await town.later(to="2026-11-29T01:00")
    for phone in phones:
        told = await phone.told(since[phone.id])
        assert told, phone.name
        for bubble in told:
            assert not any(word in bubble["text"] for word in (*SHOWING, "张明", "李敏")), bubble["text"]
            if bubble is not told[-1]:
                assert bubble["text"].endswith("已再次提醒，请看最新一条消息。")
                continue
            if level is Level.coded:
                assert bubble["text"].startswith(f"有一项需要立即联系的事项：档案{OVERDUE_CASE}")
                assert "紧急情况请先拨打110、120。" in bubble["text"]
                assert labels(bubble) == ["已联系本人", "我来联系"]
            else:
                assert bubble["text"].startswith("您有1项需要立即办理的事项。")
                assert OVERDUE_CASE not in bubble["text"]
                assert labels(bubble) == []
    if level is Level.coded:
        boss = phones[1]
        closed = await walk(boss, await boss.taps("已联系本人"), *SPOKEN)
        assert "已提交" in closed["text"]
        chat = (await whole_chat(phones[2])).splitlines()
        assert any(line.startswith(f"✓ 已联系本人 01:00｜{OVERDUE_CASE}｜") for line in chat)


@ON_SQLITE
async def test_worry_about_somebody_who_cannot_be_reached_opens_one_too(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    since = await office.last_id()
    moved = await officer.taps("未能开展", await digest(officer))
    if "廉政家访" in " ".join(labels(moved)):
        moved = await officer.taps("廉政家访", moved)
    done = await walk(officer, moved, "联系不上", "令人担心", "11月24日", "提交")
    assert "已联系本人" in labels(done)
    (told,) = await office.told(since)
    assert "未能联系上该同志" in told["text"]
