"""A tick with nothing due, at 10,000 and at 1,000,000 planned visits: it costs what is due, not what exists."""

from __future__ import annotations

import time

from sqlmodel import Session

from bench.ground import Ground, Options, median, spread
from bench.province import TICK_AT, province
from reminders import calls, claiming, sweep
from storage.clock import lease_now

SIZES = (10_000, 1_000_000)
ROUNDS = 200


def tick(session: Session) -> None:
    """What one tick asks of the database when nothing is due."""
    units = (calls.one_slice, sweep.one_slice, sweep.one_digest_slice)
    if any(unit(session, now=TICK_AT) for unit in units) or claiming.claim(
        session, "bench", now=TICK_AT, real_now=lease_now()
    ):
        raise RuntimeError("something was due")


def measure(here: Ground, rounds: int) -> list[float]:
    samples = []
    for _ in range(rounds):
        begin = time.perf_counter()
        here.house.lane.run_now(tick)
        samples.append(time.perf_counter() - begin)
    return samples


def main(options: Options) -> None:
    sizes = (10_000, 20_000) if options.quick else SIZES
    for name, fresh in options.databases():
        print(f"[{name}]")
        found: dict[int, list[float]] = {size: [] for size in sizes}
        with province(sizes[0], fresh()) as small, province(sizes[1], fresh()) as large:
            # In turns: what else the machine does troubles both alike.
            for _ in range(1 if options.quick else 10):
                for size, here in zip(sizes, (small, large), strict=True):
                    found[size] += measure(here, ROUNDS // 10)
        for size, samples in found.items():
            print(f"idle tick, {size:>9,} visits: {spread(samples, 1e-3, 2)} ms")
        few, many = (median(found[size]) for size in sizes)
        print(f"{sizes[1]:,} beside {sizes[0]:,}: {many / few:.2f}×")
