"""The turnstile: who goes first, and what becomes of a turn for which somebody comes late."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlmodel import Session, col, select

from bot import turnstile
from bot.channels.base import Capabilities, Channel
from bot.turnstile import Full, Turnstile
from reminders import pace
from reminders.pace import Ask, Rate, Turn, Weight
from storage.clock import lease_now
from storage.lane import Lane
from storage.tables.mail import Pace

OVERALL = Rate(10, 1.0)
LONG = timedelta(seconds=60)
HOUR = timedelta(hours=1)


def stile(lane: Lane, **can: Any) -> Turnstile:
    channel = SimpleNamespace(kind="c", can=Capabilities(**can))
    return Turnstile(lane, cast("Channel", channel))


def good_again(session: Session) -> list[datetime]:
    return list(
        session.exec(select(Pace.free_at).where(Pace.channel == "c:turns").order_by(col(Pace.free_at)))
    )


async def test_an_answer_goes_before_what_waits(lane: Lane) -> None:
    one, went = stile(lane, overall=OVERALL), list[str]()

    async def go(name: str, weight: Weight) -> None:
        await one.turn(Ask(name, weight), LONG)
        went.append(name)

    notices = [asyncio.create_task(go(f"{number}", Weight.ordinary)) for number in range(25)]
    await asyncio.sleep(0.1)
    answers = [
        asyncio.create_task(go("trace", Weight.trace)),
        asyncio.create_task(go("answer", Weight.answer)),
        asyncio.create_task(go("call", Weight.safety)),
    ]
    await asyncio.gather(*notices, *answers)
    assert max(went.index("call"), went.index("answer")) < 20
    assert went[-1] == "trace"
    assert len(went) == 28


async def test_a_turn_that_is_used_late_is_good_again_so_much_later(
    lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, late = stile(lane, overall=OVERALL), timedelta(seconds=0.2)
    said, use = list[tuple[Turn, datetime]](), pace.use_late

    def noted(session: Session, channel: str, given: list[tuple[Turn, datetime]]) -> None:
        use(session, channel, given)
        if given:
            said.extend(given)
            assert given[0][1] + OVERALL.window in good_again(session)

    monkeypatch.setattr(pace, "use_late", noted)
    monkeypatch.setattr(turnstile, "TOO_LATE", HOUR)
    await stalled(one, late, monkeypatch)
    assert one._working is not None
    await one._working
    assert [late <= used_at - turn.at < HOUR for turn, used_at in said] == [True]


async def stalled(one: Turnstile, late: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody takes a turn, and while they wait for its moment the process stands still for so long."""
    settle = one._settle

    def then(*given: Any) -> None:
        monkeypatch.setattr(turnstile, "lease_now", lambda: lease_now() + late)  # from now on
        settle(*given)

    monkeypatch.setattr(one, "_settle", then)
    await one.turn(Ask("b"), HOUR)


async def test_a_turn_that_is_much_too_late_is_not_used(lane: Lane, monkeypatch: pytest.MonkeyPatch) -> None:
    one, took = stile(lane, overall=OVERALL), list[int]()
    take = pace.take_turns

    def counted(*given: Any, **more: Any) -> Any:
        turns = take(*given, **more)
        took.append(len(turns))
        return turns

    monkeypatch.setattr(pace, "take_turns", counted)
    monkeypatch.setattr(turnstile, "TOO_LATE", timedelta(minutes=1))  # however busy the machine is besides
    monkeypatch.setattr(turnstile, "_LONGEST_LAG", timedelta(seconds=1))
    await stalled(one, timedelta(minutes=2), monkeypatch)
    assert sum(took) == 2  # the second one was used


async def test_whoever_would_wait_too_long_is_told_for_how_long_and_why(lane: Lane) -> None:
    one = stile(lane, each=(Rate(1, 3600.0),))
    await one.turn(Ask("a"), LONG)
    with pytest.raises(Full) as full:
        await one.turn(Ask("a"), LONG)
    assert full.value.of == "chat"
    assert timedelta(minutes=59) < full.value.wait <= timedelta(hours=1)
    await one.turn(Ask("b"), LONG)


async def test_a_vendor_that_wants_to_be_left_alone_is(lane: Lane) -> None:
    one, until = stile(lane, overall=OVERALL), lease_now() + timedelta(minutes=5)
    lane.run_now(lambda s: pace.hold(s, "c", None, (), until, real_now=lease_now()))
    with pytest.raises(Full) as full:
        await one.turn(Ask("a"), LONG)
    assert full.value.wait > timedelta(minutes=4)
