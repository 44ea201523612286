"""A form left lying: offered once more the day before it is dropped, and then gone."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session

from bot.app import House
from bot.ticking import Ticker
from reminders import retention
from reminders.retention import NO_EVENT, EventKey
from storage.clock import SandboxClock
from tests.chat import Town, labels
from tests.story.words import ON_SQLITE


async def test_a_form_left_lying_is_offered_once_more_and_then_dropped(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps("记录 张明", await officer.says("今日"))
    before = await officer.last_id()
    await town.later(to="2026-12-23T12:00")
    warnings = [m for m in await officer.told(before) if "清除" in m["text"]]
    assert [m["sent_at"][:16] for m in warnings] == ["2026-12-22T09:00"]
    assert labels(warnings[0]) == ["继续", "取消"]
    await town.later(to="2026-12-23T13:00")
    assert "已提交或已取消" in (await officer.taps("继续", warnings[0]))["text"]


async def test_a_form_that_is_gone_on_with_is_not_dropped(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps("记录 张明", await officer.says("今日"))
    await town.later(to="2026-12-22T10:00")
    asked = await officer.taps("继续", await officer.finds("清除"))
    await officer.taps(labels(asked)[0], asked)
    await town.later(to="2026-12-30T10:00")
    assert sum("清除" in m["text"] for m in await officer.told()) == 1
    assert "第" in (await officer.taps("继续", await officer.finds("清除")))["text"]


@ON_SQLITE
async def test_all_events_are_gone_through_once_a_day(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round that broke off is begun anew within the hour."""
    begun = list[EventKey]()
    last = ("telegram", "1")

    def unit(_: Session, after: EventKey, *, now: datetime) -> EventKey | None:
        begun.append(after)
        if len(begun) == 1:
            raise ValueError("broken")
        return last if after == NO_EVENT else None

    monkeypatch.setattr(retention, "purge_events", unit)
    ticker = Ticker(house.lane, house.clock, house.office, house.ticker._pulse)
    assert isinstance(house.clock, SandboxClock)
    for until, rounds in (
        ("2026-11-23T09:29", [NO_EVENT]),
        ("2026-11-23T09:30", [NO_EVENT, last]),
        ("2026-11-24T09:29", []),
        ("2026-11-24T09:30", [NO_EVENT, last]),
    ):
        begun_before = len(begun)
        await ticker.advance(house.clock, datetime.fromisoformat(f"{until}+08:00"))
        assert begun[begun_before:] == rounds, until


@ON_SQLITE
async def test_that_tidying_up_fails_holds_up_no_reminder(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> bool:
        raise ValueError("broken")

    monkeypatch.setattr(retention, "purge_events", broken)
    officer = await town.one("care_officer")
    before = await officer.last_id()
    await town.later(to="2026-11-24T08:30")
    assert await officer.told(before)
    await town.house.ticker.tick()
    assert "ticks" not in await town.house.ticker.problems()
