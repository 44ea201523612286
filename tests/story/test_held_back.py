"""The hours of whoever receives a message count when it goes out, however it came to wait until then; and what piled up
meanwhile comes as one message, true by then. Only a safety call breaks through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import update

from bot.channels.base import ChannelError
from reminders import hold, outbox, sweep
from storage.clock import SandboxClock, lease_now
from storage.tables.mail import Outbox
from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import talk, walk
from tests.story.words import ON_SQLITE, OVERDUE_CASE

SATURDAY = "2026-11-28T22:10"
MORNING = "2026-11-30T08:30:00+08:00"  # of the working day after it


def notices(bubbles: list[Bubble], *heads: str) -> list[Bubble]:
    return [one for one in bubbles if any(head in one["text"].partition("\n")[0] for head in heads)]


async def since(phone: Phone, before: int, *heads: str) -> list[Bubble]:
    return notices(await phone.told(before), *heads)


@contextmanager
def down(town: Town, monkeypatch: pytest.MonkeyPatch, **how: Any) -> Iterator[None]:
    """A vendor that refuses everything; and whoever failed waits for long, by the real clock."""

    async def away(*_: Any, **__: Any) -> str:
        raise ChannelError("away", **how)

    with monkeypatch.context() as broken:
        broken.setattr(outbox, "BACKOFF", (3600, 3600))
        broken.setattr(town.house.channels["sandbox"], "send", away)
        yield


async def up(town: Town) -> None:
    """It answers again, and everything is tried."""
    await town.house.lane.run(lambda s: s.execute(update(Outbox).values(lease_until=None)))
    await town.house.office.settled()


def clock_of(town: Town) -> SandboxClock:
    assert isinstance(town.house.clock, SandboxClock)
    return town.house.clock


def moved(town: Town, moment: str) -> datetime:
    """The clock shows another moment, and nothing was done on the way: nobody ran."""
    clock_of(town).move_to(datetime.fromisoformat(f"{moment}+08:00"))
    return town.house.clock.now()


async def swept(town: Town) -> None:
    now = town.house.clock.now()
    for unit in (sweep.one_slice, sweep.one_digest_slice):
        while await town.house.lane.run(lambda session, unit=unit: unit(session, now=now)):  # type: ignore[misc]
            pass


async def test_after_two_days_without_the_vendor_each_gets_one_message_of_that_morning(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    office = await town.one("commission_staff")
    seen = {phone.id: await phone.last_id() for phone in (officer, supervisor, office)}
    with down(town, monkeypatch):
        await town.later(to="2026-11-25T18:00")
    await up(town)
    for phone in (officer, supervisor, office):
        assert await phone.told(seen[phone.id]) == []  # it is evening
    await town.later(to="2026-11-26T09:00")
    (digest,) = await since(officer, seen[officer.id], "早上好")
    assert digest["sent_at"] == "2026-11-26T08:30:00+08:00"
    assert "逾期" in digest["text"]
    assert await since(officer, seen[officer.id], "今日到期") == []  # of the 23rd it would be false
    for phone in (supervisor, office):
        (alert,) = await since(phone, seen[phone.id], "逾期提醒")
        assert alert["sent_at"] == "2026-11-26T09:00:00+08:00"
        assert "逾期3个工作日" in alert["text"]  # as it is, not as it was when it was tried first
    assert (await officer.says("今日"))["text"]


async def test_after_an_outage_over_the_afternoon_s_moment_the_digest_says_what_is_due(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await town.one("care_officer")
    before = await officer.last_id()
    with down(town, monkeypatch):
        await town.later(to="2026-11-23T15:00")
    await up(town)
    (due,) = await officer.told(before)  # the morning's digest had gone out
    assert "今日到期提醒" in due["text"]
    before = await officer.last_id()
    with down(town, monkeypatch):
        await town.later(to="2026-11-24T15:00")
    await up(town)
    (digest,) = await officer.told(before)
    assert "早上好" in digest["text"]


async def test_a_vendor_that_takes_nothing_more_until_midnight(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = await town.one("supervisor")
    before = await supervisor.last_id()
    with down(town, monkeypatch, retry_after=timedelta(hours=15)):
        await town.later(to="2026-11-25T09:30")
    await town.later(to="2026-11-26T00:00")
    await town.house.lane.run(lambda s: s.execute(update(outbox._TABLE).values(lease_until=None)))
    await _forget_pace(town)
    await up(town)
    assert await supervisor.told(before) == []
    await town.later(to="2026-11-26T12:00")
    (alert,) = await since(supervisor, before, "逾期提醒")
    assert alert["sent_at"] == "2026-11-26T09:00:00+08:00"


async def _forget_pace(town: Town) -> None:
    from sqlmodel import delete

    from storage.tables.mail import Pace

    await town.house.lane.run(lambda s: s.execute(delete(Pace)))


async def test_nobody_ran_over_the_evening(town: Town) -> None:
    """Queued at nine in the morning, and nobody there to send it before ten at night."""
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    seen = await supervisor.last_id(), await officer.last_id()
    moved(town, "2026-11-25T09:00")
    await swept(town)
    moved(town, "2026-11-25T22:00")
    await swept(town)
    await town.house.office.settled()
    assert await supervisor.told(seen[0]) == []
    assert await officer.told(seen[1]) == []
    await town.later(to="2026-11-26T09:00")
    (alert,) = await since(supervisor, seen[0], "逾期提醒")
    assert alert["sent_at"] == "2026-11-26T09:00:00+08:00"
    assert len(await since(officer, seen[1], "早上好")) == 1


@pytest.mark.parametrize("released", ["2026-11-25T20:00", "2026-11-28T11:00"])
async def test_what_was_held_is_released_in_the_evening_or_on_a_day_off(town: Town, released: str) -> None:
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    seen = await supervisor.last_id(), await officer.last_id()
    start = town.house.clock.now()
    await town.house.lane.run(lambda s: hold.hold(s, now=start))
    await town.later(to=released)
    now = town.house.clock.now()
    await town.house.lane.run(lambda s: hold.release(s, now=now, real_now=lease_now()))
    await town.house.office.settled()
    assert await supervisor.told(seen[0]) == []
    assert await officer.told(seen[1]) == []
    await town.later(to=f"{_next_working_day(released)}T09:00")
    assert len(await since(supervisor, seen[0], "逾期提醒")) == 1
    assert len(await since(officer, seen[1], "早上好")) == 1
    assert await since(officer, seen[1], "今日到期") == []


def _next_working_day(moment: str) -> str:
    return {"2026-11-25": "2026-11-26", "2026-11-28": "2026-11-30"}[moment[:10]]


# --- what people do at night ------------------------------------------------------------------------------------------


async def chased(supervisor: Phone) -> Bubble:
    return await supervisor.taps("催办", await supervisor.finds("逾期提醒"))


async def extended(supervisor: Phone) -> Bubble:
    return await supervisor.taps("同意延期", await supervisor.finds("逾期提醒"))


async def reassigned(supervisor: Phone) -> Bubble:
    question = await supervisor.taps("改派本次任务", await supervisor.finds("逾期提醒"))
    return await supervisor.taps(question["buttons"][0][0]["label"], question)


@pytest.mark.parametrize("act", [chased, extended, reassigned])
async def test_what_an_overseer_does_on_a_saturday_night_waits_for_the_officer_s_morning(
    town: Town, act: Callable[[Phone], Any]
) -> None:
    supervisor = await town.one("supervisor")
    await town.later(to=SATURDAY)
    officers = await town.everyone("care_officer")
    seen = {phone.id: await phone.last_id() for phone in officers}
    answer = await act(supervisor)
    assert answer["sent_at"].startswith(SATURDAY)  # whoever acts is answered
    assert "11月30日" in answer["text"]
    assert "已告知" not in answer["text"]
    assert "已催办" not in answer["text"]
    await town.later(to="2026-11-30T08:29")
    for phone in officers:
        assert await phone.told(seen[phone.id]) == []
    await town.later(to="2026-11-30T08:30")
    told = [one for phone in officers for one in await phone.told(seen[phone.id])]
    heads = [line for one in told for line in one["text"].split("\n") if "｜" not in line]
    assert any(head in line for line in heads for head in ("催办", "任务已改派给您", "延期"))
    assert {one["sent_at"] for one in told} == {MORNING}


async def test_leave_entered_at_night_is_told_in_the_supervisor_s_hours(town: Town) -> None:
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    await supervisor.taps("14:00至17:00", await supervisor.says("时段"))
    await town.later(to=SATURDAY)
    before = await supervisor.last_id()
    answer = await officer.says("请假12月1日到12月4日")
    assert "将于11月30日14:00告知分管负责人。" in answer["text"], "in whose hours, not in whose who acts"
    assert "已告知" not in answer["text"]
    await town.later(to="2026-11-30T13:59")
    assert await since(supervisor, before, "请假") == []
    await town.later(to="2026-11-30T14:00")
    assert len(await since(supervisor, before, "请假")) == 1


async def test_a_safety_call_breaks_through(town: Town) -> None:
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    await town.later(to=SATURDAY)
    before = await supervisor.last_id()
    question = await officer.says("安全")
    await walk(officer, question, question["buttons"][0][0]["label"], "立即告知")
    (call,) = await supervisor.told(before)
    assert call["sent_at"].startswith(SATURDAY)


@ON_SQLITE
async def test_what_is_due_today_is_not_said_on_the_day_after_it(town: Town) -> None:
    """For somebody who hears in the mornings the afternoon's notice would come a day late, beside the digest."""
    officer = await town.one("care_officer")
    await officer.says("时段 10:00-12:00")
    before = await officer.last_id()
    await town.later(to="2026-11-27T12:00")
    told = await officer.told(before)
    assert notices(told, "早上好")
    assert notices(told, "今日到期") == []


# --- what waited, and the morning's digest --------------------------------------------------------------------------


async def test_what_waited_comes_with_the_digest_as_one_message(town: Town) -> None:
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    await town.later(to=SATURDAY)
    before = await officer.last_id()
    await supervisor.taps("催办", await supervisor.says(f"查询 {OVERDUE_CASE}"))
    await town.later(to="2026-11-30T08:31")
    (one,) = await officer.told(before)
    assert one["sent_at"] == MORNING
    assert one["text"].startswith("李敏同志，早上好")
    assert "催办：请您尽快开展" in one["text"]
    assert len(set(labels(one))) == len(labels(one))
    assert "记录 张明" in labels(one)
    # it stays one when one of its visits is settled
    recap = await walk(officer, await officer.taps("记录 张明", one), *talk("催办后谈话。"))
    await officer.taps("提交", recap)
    now = await officer.again(one)
    assert now["text"].count("✓ 已记录 08:31") == 2, "in the digest, and where it was asked about"
    assert now["text"].startswith("李敏同志，早上好")
    assert "记录 张明" not in labels(now)


async def test_several_that_waited_are_one_message_where_there_is_no_digest(town: Town) -> None:
    supervisor, officer = await town.one("supervisor"), await town.one("care_officer")
    colleague = await town.one("care_officer", 1)
    await town.later(to=SATURDAY)
    before = await supervisor.last_id()
    await officer.says("请假12月1日到12月4日")
    await colleague.says("请假12月2日到12月3日")
    await town.later(to="2026-11-30T08:31")
    (one,) = await supervisor.told(before)
    assert one["text"].count("请假") >= 2
    assert one["sent_at"] == MORNING
