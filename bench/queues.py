"""Queues of others, for bench/drain.py: run by an interpreter that has them, and knows nothing of this product.

python queues.py postgresql://… 10000
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

import asyncpg
import procrastinate
from pgqueuer import AsyncpgDriver, PgQueuer, Queries

ROUNDS, TOGETHER = 3, 1_000


async def with_pgqueuer(dsn: str, jobs: int) -> list[float]:
    """Seconds to work off so many, in batches of a hundred."""
    connection = await asyncpg.connect(dsn)
    driver = AsyncpgDriver(connection)
    await Queries(driver).install()
    found = [await one_round(PgQueuer(driver), jobs) for _ in range(ROUNDS)]
    await connection.close()
    return found


async def one_round(queue: PgQueuer, jobs: int) -> float:
    left, done = jobs, asyncio.Event()

    @queue.entrypoint("nothing")
    async def nothing(_job: object) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            done.set()

    for first in range(0, jobs, TOGETHER):
        number = min(TOGETHER, jobs - first)
        await queue.qm.queries.enqueue(["nothing"] * number, [None] * number, [0] * number)
    begin = time.perf_counter()
    working = asyncio.create_task(queue.run(batch_size=100))
    await done.wait()
    seconds = time.perf_counter() - begin
    queue.shutdown.set()
    await working
    return seconds


async def with_procrastinate(dsn: str, jobs: int) -> list[float]:
    app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=dsn))

    @app.task(name="nothing")
    async def nothing() -> None:
        return None

    found = []
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        for _ in range(ROUNDS):
            for first in range(0, jobs, TOGETHER):
                await nothing.batch_defer_async(*[{}] * min(TOGETHER, jobs - first))
            begin = time.perf_counter()
            await app.run_worker_async(
                wait=False, concurrency=10, install_signal_handlers=False, listen_notify=False
            )
            found.append(time.perf_counter() - begin)
    return found


def main() -> None:
    dsn, jobs = sys.argv[1], int(sys.argv[2])
    for name, work, number in (
        ("pgqueuer", with_pgqueuer, jobs),
        ("procrastinate", with_procrastinate, max(jobs // 10, 1)),
    ):
        rates = [number / seconds for seconds in asyncio.run(work(dsn, number))]
        print(
            f"  {name:<33} {statistics.median(rates):.0f} ({min(rates):.0f}\u2013{max(rates):.0f}, n={len(rates)})"
            " jobs a second that do nothing",
            flush=True,
        )


if __name__ == "__main__":
    main()
