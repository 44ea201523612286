"""The sandbox clock: forward only, everything in its order and at its own moment, over holidays and the year's end."""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot.demo_server import open_demo
from storage.clock import SandboxClock
from storage.tables.mail import Outbox, OutboxState
from tests.chat import Town
from tests.conftest import settings_of
from tests.story.test_bad_input import clean
from tests.story.test_bad_requests import refused
from tests.story.words import ON_SQLITE


async def shown(town: Town) -> str:
    now: str = (await town.client.get("/sandbox/clock")).json()["now"]
    return now


@ON_SQLITE
async def test_forward_by_a_duration_or_to_a_moment(town: Town) -> None:
    assert await shown(town) == "2026-11-23T08:30:00+08:00"
    moves = [
        ({"advance": "PT1H"}, "2026-11-23T09:30:00+08:00"),
        ({"advance": "PT90M30S"}, "2026-11-23T11:00:30+08:00"),
        ({"advance": "P1DT2H"}, "2026-11-24T13:00:30+08:00"),
        ({"advance": "P0D"}, "2026-11-24T13:00:30+08:00"),
        ({"to": "2026-11-24T14:00"}, "2026-11-24T14:00:00+08:00"),  # without an offset: the county's time
        ({"to": "2026-11-24T07:00:00+00:00"}, "2026-11-24T15:00:00+08:00"),
        ({"to": "2026-11-24T08:00:00Z"}, "2026-11-24T16:00:00+08:00"),
        ({"to": "2026-11-24T16:00"}, "2026-11-24T16:00:00+08:00"),
        ({"advance": "P1W"}, "2026-12-01T16:00:00+08:00"),
    ]
    for move, expected in moves:
        assert await town.later(**move) == expected
        assert await shown(town) == expected


@ON_SQLITE
async def test_what_is_no_move(town: Town, log: io.StringIO) -> None:
    wrong: list[object] = [
        {}, {"advance": ""}, {"advance": None}, {"advance": 1}, {"advance": "1"}, {"advance": "P"}, {"advance": "PT"},
        {"advance": "-P1D"}, {"advance": "P-1D"}, {"advance": "P1M"}, {"advance": "P1Y"}, {"advance": "tomorrow"},
        {"advance": "P99999D"}, {"advance": "P9999W"}, {"advance": "P" + "9" * 5000 + "D"}, {"advance": ["P1D"]},
        {"advance": "P731D"}, {"advance": "P1D", "to": "2026-12-01T08:30"}, {"to": None}, {"to": ""}, {"to": 5},
        {"to": "tomorrow"}, {"to": "2026-13-01"}, {"to": "2026-11-23T08:29"}, {"to": "2020-01-01T00:00"},
        {"to": "0001-01-01T00:00"}, {"to": "0001-01-01T00:00+23:59"}, {"to": "9999-12-31T23:59"},
        {"to": "9999-12-31T23:59-23:59"}, {"to": "2026-11-23T08:30+99:00"}, {"to": "\ud800"}, {"to": "x" * 5000},
        {"Advance": "P1D"}, ["P1D"], "P1D", 1, None, True,
    ]  # fmt: skip
    for move in wrong:
        refused(await town.post("/sandbox/clock", move), move, 400)
        assert await shown(town) == "2026-11-23T08:30:00+08:00"
    await clean(town, log)


async def test_everything_is_told_at_its_own_moment_and_in_order(town: Town) -> None:
    phones = await town.everyone()
    since = {phone.id: await phone.last_id() for phone in phones}
    await town.later(advance="P3D")
    everything = [bubble for phone in phones for bubble in await phone.told(since[phone.id])]
    assert len(everything) > 25
    in_order = [bubble["sent_at"] for bubble in sorted(everything, key=lambda bubble: bubble["id"])]
    assert in_order == sorted(in_order)
    assert {moment[11:] for moment in in_order} == {
        f"{hour}:00+08:00" for hour in ("08:30", "09:00", "14:30")
    }
    assert min(in_order) > "2026-11-23T08:30:00"
    assert max(in_order) == "2026-11-26T08:30:00+08:00"  # what falls due at the very end is told, too
    assert all(datetime.fromisoformat(moment).utcoffset() is not None for moment in in_order)


@ON_SQLITE
async def test_step_by_step_is_the_same_as_at_once(town: Town, tmp_path: Path, lived_in: Path) -> None:
    shutil.copytree(lived_in, tmp_path / "other")
    folder = tmp_path / "other"
    other = Town(open_demo(settings_of(f"sqlite:///{folder / 'county.db'}", folder / "county.key"), None, 44))
    await town.later(to="2026-11-28T08:30")
    for _ in range(20):
        await other.later(advance="PT6H")
    told = [
        [
            [(bubble["sent_at"], bubble["text"]) for bubble in await phone.told()]
            for phone in await place.everyone()
        ]
        for place in (town, other)
    ]
    await other.close()
    assert told[0] == told[1]
    assert sum(len(chat) for chat in told[0]) > 60


@ON_SQLITE
async def test_the_clock_outlives_a_restart(town: Town) -> None:
    now = await town.later(to="2026-11-24T10:00")
    await town.restart()
    assert await shown(town) == now
    assert (await (await town.one("care_officer")).says("今日"))["sent_at"] == now


# --- a year whose holidays nobody has published yet ------------------------------------------------------------------


@pytest.fixture
async def opened(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Town]:
    """A county that opens at another moment."""
    settings = settings_of(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "other.key")
    # In a thread, because making the county runs a loop of its own.
    town = Town(await asyncio.to_thread(open_demo, settings, datetime.fromisoformat(request.param), 44))
    yield town
    await town.close()


@pytest.mark.parametrize(
    ("opened", "until", "told", "off"),
    [
        # New Year's Day is a Friday.
        (
            "2026-12-30T08:30+08:00",
            "2027-01-05T12:00",
            ["12-31", "01-04", "01-05"],
            ["01-01", "01-02", "01-03"],
        ),
        # By the law alone: the eve of Spring Festival (a Friday) and three days; the library moves two more.
        (
            "2027-02-03T08:30+08:00",
            "2027-02-12T12:00",
            ["02-04", "02-12"],
            ["02-05", "02-06", "02-07", "02-08"],
        ),
    ],
    indirect=["opened"],
)
async def test_holidays_that_are_not_published(
    opened: Town, until: str, told: list[str], off: list[str], log: io.StringIO
) -> None:
    officer = await opened.one("care_officer")
    since = await officer.last_id()
    await opened.later(to=until)
    mornings = {m["sent_at"][5:10] for m in await officer.told(since) if "早上好" in m["text"]}
    assert mornings >= set(told)
    assert not mornings & set(off)
    assert "08:30" in (await officer.says("为什么"))["text"]
    assert "failed" not in await clean(opened, log)


def test_what_was_made_a_moment_ago_is_served_at_once(tmp_path: Path) -> None:
    """`demo` lives through the days before in one event loop and serves in another: nothing waits for the first."""
    settings = settings_of(f"sqlite:///{tmp_path / 'county.db'}", tmp_path / "county.key")
    house = open_demo(settings, datetime.fromisoformat("2026-11-23T08:30+08:00"), 44)

    async def three_days() -> None:
        clock = house.clock
        assert isinstance(clock, SandboxClock)
        await house.ticker.advance(clock, clock.now() + timedelta(days=3))

    try:
        asyncio.run(three_days())
        held = select(Outbox.kind).where(Outbox.state == OutboxState.sending)
        assert house.lane.run_now(lambda session: session.exec(held).all()) == []
    finally:
        house.lane.close()
