"""A dialog step while a tick has 100,000 due visits to look at: nobody who talks to the assistant may wait for it.

One process as in service: one lane, one event loop. Officers fill in a form, step after step; first alone, then
while the tick runs.
"""

from __future__ import annotations

import asyncio
import time
from itertools import cycle

import uvloop

from bench.ground import NOW, Ground, Options
from bench.province import TICK_AT, make_due, province
from bench.step import ANSWERS, open_forms, say
from storage.clock import SandboxClock

OFFICERS, IDLE_SECONDS = 4, 10.0
Samples = list[float]


async def steps(here: Ground, until: asyncio.Event) -> Samples:
    """Seconds of each step until then."""
    samples, turns = Samples(), cycle((who, text) for text in ANSWERS for who in here.officers)
    while not until.is_set():
        who, text = next(turns)
        begin = time.perf_counter()
        await say(here, who, text)
        samples.append(time.perf_counter() - begin)
        await asyncio.sleep(0)
    return samples


async def alone(here: Ground, seconds: float) -> Samples:
    until = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, until.set)
    return await steps(here, until)


async def beside_a_tick(here: Ground) -> tuple[Samples, float]:
    """And for how many seconds the tick ran."""
    clock = here.house.clock
    assert isinstance(clock, SandboxClock)
    clock.move_to(TICK_AT)
    until = asyncio.Event()
    talking = asyncio.create_task(steps(here, until))
    begin = time.perf_counter()
    await here.house.ticker.tick()
    took = time.perf_counter() - begin
    until.set()
    return await talking, took


def at(samples: Samples, part: float) -> float:
    """Milliseconds."""
    return sorted(samples)[int(len(samples) * part)] * 1000


async def measure(here: Ground, due: int, visits: int, seconds: float) -> None:
    await open_forms(here)
    idle = await alone(here, seconds)
    make_due(here, due, visits)
    busy, took = await beside_a_tick(here)
    for name, samples in (("alone", idle), (f"beside a tick of {took:.1f} s", busy)):
        print(f"  {name:<26} p50 {at(samples, 0.5):.1f}, p99 {at(samples, 0.99):.1f} ms (n={len(samples)})")
    print(f"  p99 {at(busy, 0.99) / at(idle, 0.99):.1f}× the one alone")


def main(options: Options) -> None:
    visits, due, seconds = (10_000, 1_000, 0.5) if options.quick else (1_000_000, 100_000, IDLE_SECONDS)
    for name, fresh in options.databases():
        print(f"[{name}] {due:,} due of {visits:,}", flush=True)
        with (
            province(visits, fresh(), officers=OFFICERS) as here,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            if here.house.clock.now() != NOW:
                raise RuntimeError("the ground's clock stands still")
            runner.run(measure(here, due, visits, seconds))
