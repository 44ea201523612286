"""A tick with nothing due, at 10,000 and at 1,000,000 planned visits: it must not cost what exists, only what is due.

python -m bench.tick            on SQLite
python -m bench.tick postgres   on a PostgreSQL of its own (or TEST_DATABASE_URL)
"""

from __future__ import annotations

import sys
import time

from sqlalchemy import text
from sqlmodel import Session

from bench.ground import NOW, Ground, ground, median, spread
from reminders import outbox, sweep
from storage.clock import lease_now

SIZES = (10_000, 1_000_000)
ROUNDS = 50

_SERIES = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT :low UNION ALL SELECT i + 1 FROM n WHERE i < :high) ",
    "postgresql": "WITH n(i) AS (SELECT generate_series(CAST(:low AS int), CAST(:high AS int))) ",
}
_FILL = (
    "INSERT INTO visit (id, county_id, case_id, officer_id, code, kind, state, due_on, first_due_on, next_look_at,"
    " next_step, created_at) {series} SELECT i, v.county_id, v.case_id, v.officer_id, 'B' || i, 'talk', 'planned',"
    " v.due_on, v.due_on, v.next_look_at, v.next_step, v.created_at FROM n CROSS JOIN"
    " (SELECT * FROM visit ORDER BY id DESC LIMIT 1) v"
)


def fill(session: Session, low: int, high: int) -> None:
    dialect = session.get_bind().dialect.name
    statement = f"{_SERIES[dialect]} " + _FILL.format(series="") if dialect == "sqlite" else None
    session.execute(text(statement or _FILL.format(series=_SERIES[dialect])), {"low": low, "high": high})


def tick(session: Session) -> None:
    """What one tick asks of the database when nothing is due."""
    did = sweep.one_slice(session, now=NOW) or sweep.one_digest_slice(session, now=NOW)
    if did or outbox.claim(session, "bench", now=NOW, real_now=lease_now()):
        raise RuntimeError("something was due")


def measure(here: Ground) -> dict[int, list[float]]:
    lane, filled, found = here.house.lane, 0, {}
    for size in SIZES:
        low, high = filled + 1, size
        lane.run_now(lambda session, low=low, high=high: fill(session, low, high))  # type: ignore[misc]
        filled = size
        samples = []
        for _ in range(ROUNDS):
            begin = time.perf_counter()
            lane.run_now(tick)
            samples.append(time.perf_counter() - begin)
        found[size] = samples
    return found


def main() -> None:
    url = None
    if "postgres" in sys.argv[1:]:
        from tests import postgres

        url = postgres.fresh_database(postgres.server_uri())
    with ground(url) as here:
        found = measure(here)
    for size, samples in found.items():
        print(f"idle tick, {size:>9,} visits: {spread(samples, 1e-3, 2)} ms")
    small, large = (median(found[size]) for size in SIZES)
    print(f"{SIZES[1]:,} beside {SIZES[0]:,}: {large / small:.2f}×")


if __name__ == "__main__":
    main()
