"""A tick that is told to stop: it ends there, and writes nothing down any more."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import select

from bot import pulse
from bot.app import House
from storage.clock import lease_now
from storage.tables.processes import Heartbeat
from tests.story.words import ON_SQLITE


@pytest.mark.parametrize("turns", range(4))
@ON_SQLITE
async def test_a_tick_ends_where_it_is_told_to_though_its_answer_has_just_come(
    house: House, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    """Else it goes on while the program closes its database."""
    run, answered = house.lane.run, list[asyncio.Future[Any]]()

    async def waits(unit: Any, *, apart: bool = False, quick: bool = False) -> Any:
        if not apart:
            return await run(unit)
        answered.append(asyncio.get_running_loop().create_future())
        return await answered[-1]

    monkeypatch.setattr(house.lane, "run", waits)
    tick = asyncio.create_task(house.ticker.tick())
    while not answered:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    answered[0].set_result((0, 0.0))
    for _ in range(turns):  # of the loop, in which whoever waits for it is about to go on
        await asyncio.sleep(0)
    begun = len(answered)
    tick.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(tick, 60)
    assert len(answered) == begun


@ON_SQLITE
async def test_who_has_left_beats_no_more(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the others would miss a process that was stopped in peace."""
    monkeypatch.setattr(pulse, "EVERY", timedelta())
    house.pulse.process = "host:1"
    await house.pulse.begin()
    await house.pulse.beat(lease_now())
    await house.pulse.stop()
    await house.pulse.beat(lease_now())
    assert await house.lane.read(lambda session: session.exec(select(Heartbeat)).all()) == []
