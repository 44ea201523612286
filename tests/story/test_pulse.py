"""Its own death is noticed: ticks that stop, hang or fail, deliveries that nobody makes; and what heals by itself."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import httpx
import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select

from bot import app, pulse, ticking
from bot.app import House, build, web_of
from bot.channels.base import Incoming
from reminders import heartbeats, hold, outbox
from reminders.scheduler import Scheduler
from storage.clock import lease_now
from storage.lane import open_lane
from storage.tables.mail import Outbox, OutboxState
from storage.tables.processes import Heartbeat
from tests.fakes.telegram import FakeTelegram
from tests.story.test_telegram_kill import free_port, served
from tests.story.words import ON_SQLITE

LATE = 0.6


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Scheduler]:
    """All that takes a minute takes half a second. The schedulers that were made."""
    schedulers: list[Scheduler] = []

    def quick(tick: Any) -> Scheduler:
        schedulers.append(Scheduler(tick, every_seconds=0.1))
        return schedulers[-1]

    monkeypatch.setattr(app, "Scheduler", quick)
    monkeypatch.setattr(app, "LOOKED_AFTER", 3 * LATE)
    monkeypatch.setattr(pulse, "TICK_LATE", timedelta(seconds=LATE))
    monkeypatch.setattr(pulse, "EVERY", timedelta(seconds=0.1))
    return schedulers


class Watched(app.Engine):
    """Nobody looks after it until the test lets them: what is amiss stays to be seen."""

    made: ClassVar[list[Watched]] = []

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.looks = asyncio.Event()
        self.made.append(self)

    async def look_after(self) -> None:
        await self.looks.wait()
        await super().look_after()


@pytest.fixture
def engines(made: list[Scheduler], monkeypatch: pytest.MonkeyPatch) -> list[Watched]:
    Watched.made.clear()
    monkeypatch.setattr(app, "Engine", Watched)
    return Watched.made


@asynccontextmanager
async def running(house: House) -> AsyncIterator[Callable[[], Any]]:
    """The program without a server around it; what /readyz says."""
    web = web_of(house)
    async with (
        web.router.lifespan_context(web),
        httpx.AsyncClient(transport=httpx.ASGITransport(app=web), base_url="http://house") as client,
    ):

        async def ready() -> Any:
            answer = await client.get("/readyz")
            assert answer.status_code == (200 if answer.json() == {"status": "ok"} else 503)
            return answer.json()

        yield ready


async def says(ready: Callable[[], Any], wanted: Any, within: float = 60.0) -> None:
    until = time.monotonic() + within
    while (said := await ready()) != wanted:
        assert time.monotonic() < until, said
        await asyncio.sleep(0.05)


WELL = {"status": "ok"}


@pytest.mark.parametrize("trouble", ["hangs", "fails"])
@ON_SQLITE
async def test_ticks_that_hang_or_fail_are_noticed_and_go_on_afterwards(
    house: House, made: list[Scheduler], monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    units, limit = ticking._UNITS, ticking.UNIT_LIMIT

    def bad(session: Session, *, now: datetime, most: int) -> bool:
        if trouble == "fails":
            raise ValueError("a rule that nobody thought of")
        time.sleep(0.3)
        return False

    async with running(house) as ready:
        await says(ready, WELL)
        monkeypatch.setattr(ticking, "UNIT_LIMIT", timedelta(seconds=0.2))
        monkeypatch.setattr(ticking, "_UNITS", (bad,))
        await says(ready, ["ticks"])
        monkeypatch.setattr(ticking, "UNIT_LIMIT", limit)
        monkeypatch.setattr(ticking, "_UNITS", units)
        await says(ready, WELL)


class Stopwatch:
    """Shows what the work takes that it is told of."""

    def __init__(self) -> None:
        self.shows = 0.0

    def __call__(self) -> float:
        return self.shows


@ON_SQLITE
async def test_slices_take_their_time_and_a_small_one_while_somebody_works(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thing takes 0.1 ms: four hundred fit into a slice, and fifteen while people work, who then come first."""
    stopwatch, sizes, pauses = Stopwatch(), list[int](), list[float]()
    ticker = ticking.Ticker(house.lane, house.clock, house.office, house.ticker._pulse, stopwatch)
    working = True

    def unit(session: Session, *, now: datetime, most: int) -> int:
        sizes.append(most)
        stopwatch.shows += most / 10_000
        return most if len(sizes) % 20 else 0

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if working:
            await house.lane.run(lambda _: None)

    monkeypatch.setattr(ticking, "_UNITS", (unit,))
    monkeypatch.setattr("bot.ticking.asyncio.sleep", pause)
    await ticker.tick()  # its own first unit of work is somebody's, for all it knows
    assert sizes[-1] == ticking.BUSY_SLICE * 10_000
    assert pauses == [pytest.approx(size / 10_000) for size in sizes[:-1]]
    working = False
    for _ in range(2):
        sizes.clear()
        pauses.clear()
        await ticker.tick()
    assert set(sizes[-10:]) == {ticking.SLICE * 10_000}
    assert not pauses


@ON_SQLITE
async def test_a_safety_call_waits_for_one_slice_of_a_tick_and_not_for_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = list[str]()
    calls_due = [0, 0, 0, 2, 0]  # what each look finds; after that there is nothing

    def call(session: Session, *, now: datetime, most: int) -> int:
        found = calls_due.pop(0) if calls_due else 0
        order.append("call" if found else "-")
        return found

    def visits(session: Session, *, now: datetime, most: int) -> int:
        order.append("visits")
        return order.count("visits") < 4

    monkeypatch.setattr(ticking, "_URGENT", call)
    monkeypatch.setattr(ticking, "_UNITS", (call, visits))
    rung = list[int]()
    monkeypatch.setattr(house.office, "ring", lambda: rung.append(order.count("visits")))
    await house.ticker.tick()
    assert order == ["-", "visits", "-", "visits", "-", "visits", "call", "-", "visits"]
    assert rung == [3, 4]  # it goes out at once, and not when the tick has ended


@ON_SQLITE
async def test_a_scheduler_and_a_post_office_that_end_are_begun_anew(
    house: House, made: list[Scheduler], engines: list[Watched]
) -> None:
    async with running(house) as ready:
        await says(ready, WELL)
        engines[0].scheduler.stop()
        engines[0].delivering.cancel()
        await says(ready, ["ticks"])
        engines[0].looks.set()
        await says(ready, WELL)
        assert not engines[0].delivering.done()
    assert len(made) == 2


@ON_SQLITE
async def test_a_scheduler_whose_clock_was_set_back_is_begun_anew(
    house: House, made: list[Scheduler], engines: list[Watched]
) -> None:
    """It waits for a moment of the old clock, alive and silent."""
    async with running(house) as ready:
        await says(ready, WELL)
        (job,) = made[0]._scheduler.get_jobs()
        job.modify(next_run_time=lease_now() + timedelta(days=2))
        await says(ready, ["ticks"])
        engines[0].looks.set()
        await says(ready, WELL)
    assert len(made) == 2


@ON_SQLITE
async def test_a_clock_that_was_set_forward_costs_one_tick(house: House, made: list[Scheduler]) -> None:
    """And not one for each moment that it leapt over."""
    async with running(house) as ready:
        await says(ready, WELL)
        (job,) = made[0]._scheduler.get_jobs()
        began = time.monotonic()
        job.modify(next_run_time=lease_now() - timedelta(days=400))
        before = house.ticker.begun
        while house.ticker.begun == before:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        assert time.monotonic() - began < 60


@ON_SQLITE
async def test_without_its_database_it_is_not_ready_and_comes_back_by_itself(
    house: House, made: list[Scheduler], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(_unit: Any) -> Any:
        raise OperationalError("SELECT 1", None, Exception())

    async with running(house) as ready:
        await says(ready, WELL)
        with monkeypatch.context() as away:
            away.setattr(house.lane, "run", gone)
            away.setattr(house.lane, "read", gone)
            with monkeypatch.context() as soon:  # on a slow machine, too, before any tick is late
                soon.setattr(pulse, "TICK_LATE", timedelta(hours=1))
                await says(ready, ["database"])
            await says(ready, ["database", "ticks"])
        await says(ready, WELL)


@ON_SQLITE
async def test_a_loop_that_was_blocked_misses_no_tick_for_good(house: House, made: list[Scheduler]) -> None:
    async with running(house) as ready:
        await says(ready, WELL)
        time.sleep(2 * LATE)  # noqa: ASYNC251
        before = house.ticker.ticks
        await says(ready, WELL)
        while house.ticker.ticks <= before:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


@pytest.mark.soak
@pytest.mark.timeout(600)
@ON_SQLITE
async def test_without_its_database_for_two_minutes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the program's own times: red within two minutes, well again by itself."""

    async def gone(_unit: Any) -> Any:
        raise OperationalError("SELECT 1", None, Exception())

    async with running(house) as ready:
        await says(ready, WELL)
        began = time.monotonic()
        with monkeypatch.context() as away:
            away.setattr(house.lane, "run", gone)
            away.setattr(house.lane, "read", gone)
            await says(ready, ["database"], within=10)
            await says(ready, ["database", "ticks"], within=120)
            await asyncio.sleep(120 - (time.monotonic() - began))
        await says(ready, WELL, within=120)


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("blocked", [5, 30])
@ON_SQLITE
async def test_a_loop_that_was_blocked_for_long_tells_each_once(house: House, blocked: int) -> None:
    """Two mornings' digests and steps fall due while nothing moves: one digest each, of that morning."""
    async with running(house) as ready:
        await says(ready, WELL)
        house.clock.move_to(datetime.fromisoformat("2026-11-25T09:30+08:00"))  # type: ignore[attr-defined]
        time.sleep(blocked)  # noqa: ASYNC251
        before = house.ticker.ticks
        while house.ticker.ticks < before + 3:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await house.office.settled()
        await says(ready, WELL)
        since = date(2026, 11, 24)
        told = await house.lane.read(lambda s: s.exec(select(Outbox).where(col(Outbox.day) >= since)).all())
    notices = Counter((row.member_id, row.kind) for row in told if row.state is OutboxState.sent)
    assert {kind for _, kind in notices} >= {"digest", "alert"}
    assert set(notices.values()) == {1}
    assert {row.state for row in told} <= {OutboxState.sent, OutboxState.withdrawn}


@ON_SQLITE
async def test_messages_that_nobody_claims_are_noticed(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "STALLED", timedelta())
    row = outbox.row("today", now=house.clock.now(), county_id=None, member_id=None)
    await house.lane.run(lambda session: outbox.put(session, [row]))
    assert await house.ticker.problems() == ["deliveries", "ticks"]
    house.office.last_done = lease_now() + timedelta(hours=1)  # much to do, and it is being done
    assert await house.ticker.problems() == ["ticks"]


@ON_SQLITE
async def test_each_process_writes_its_heartbeat_and_takes_it_away(
    house: House, made: list[Scheduler], tmp_path: Path
) -> None:
    file = tmp_path / "alive"
    settings = house.settings.model_copy(update={"heartbeat_file": file})
    lane = open_lane(settings.database)
    mine = build(settings, lane, house.clock)
    mine.pulse.process = "host:1"

    async def beats() -> Any:
        rows = await house.lane.read(lambda s: s.exec(select(Heartbeat)).all())
        return [row.process for row in rows if row.ticked_at > began]

    began = lease_now()
    async with running(mine):
        await says(beats, ["host:1"])
        began = lease_now()
        await says(beats, ["host:1"])  # and again
        assert file.exists()
    began -= timedelta(days=1)
    assert await beats() == []


@pytest.mark.parametrize("house", ["postgresql"], indirect=True)
async def test_three_replicas_all_go_on_ticking_and_tell_nobody_twice(
    house: House, made: list[Scheduler]
) -> None:
    replicas = [build(house.settings, open_lane(house.settings.database), house.clock) for _ in range(3)]
    house.clock.move_to(datetime.fromisoformat("2026-11-25T09:30+08:00"))  # type: ignore[attr-defined]
    async with AsyncExitStack() as stack:
        for number, replica in enumerate(replicas):
            replica.pulse.process = f"host:{number}"
            await stack.enter_async_context(running(replica))
        for _ in range(2):
            before = [replica.ticker.ticks for replica in replicas]
            async with asyncio.timeout(60):
                while any(  # noqa: ASYNC110
                    replica.ticker.ticks <= then for replica, then in zip(replicas, before, strict=True)
                ):
                    await asyncio.sleep(0.1)
        beats = await house.lane.read(heartbeats.all_processes)
        assert [beat.process for beat in beats] == ["host:0", "host:1", "host:2"]
        today = select(Outbox.member_id).where(Outbox.kind == "digest", Outbox.day == date(2026, 11, 25))
        digests = await house.lane.read(lambda s: s.exec(today).all())
    assert digests
    assert max(Counter(digests).values()) == 1


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.parametrize("house", ["postgresql"], indirect=True)
async def test_three_programs_are_still_ticking_after_ten_minutes(house: House) -> None:
    async with FakeTelegram(floods=False) as fake, AsyncExitStack() as stack:
        for _ in range(3):
            await stack.enter_async_context(served(house, fake, free_port()))
        for _ in range(10):
            await asyncio.sleep(60)
            beats = await house.lane.read(heartbeats.all_processes)
            assert len(beats) == 3
            assert all(lease_now() - beat.ticked_at < timedelta(seconds=40) for beat in beats)


@ON_SQLITE
async def test_a_held_outbox_is_said_and_answers_go_out_all_the_same(
    house: House, made: list[Scheduler]
) -> None:
    async with running(house) as ready:
        await house.lane.run(lambda s: hold.hold(s, now=house.clock.now()))
        await says(ready, ["held"])
        row = outbox.row("today", now=house.clock.now(), county_id=None, member_id=None)
        await house.lane.run(lambda session: outbox.put(session, [row]))
        await house.conversation.handle(Incoming("sandbox", "somebody", "e1", text="你好"))
        await house.office.settled()
        rows = await house.lane.read(
            lambda s: s.exec(select(Outbox).where(col(Outbox.member_id).is_(None))).all()
        )
        assert {row.kind: row.state.value for row in rows} == {"today": "todo", "reply": "sent"}
