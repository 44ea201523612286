"""A tick with much due at once, of a province's visits, beside the same rows written by hand in raw SQL.

Floor: three statements in one transaction, which know only who is officer, supervisor or holder of a role: the notices
(INSERT … SELECT DISTINCT), the reminders (INSERT … SELECT), the next look of every visit (UPDATE … FROM). The tick does
the same with all the rules: leave and cover, suspension, cases on hold, the line of those who stand in, quiet hours.
"""

from __future__ import annotations

import time
from itertools import count
from pathlib import Path

from sqlalchemy import Engine, bindparam, text

from bench.ground import Ground, Options, engine_of, median, spread
from bench.province import TICK_AT, make_due, province
from reminders import sweep
from storage.clock import Moment

SIZES = (10_000, 100_000)
ROUNDS = {10_000: 5, 100_000: 3}
QUICK = (100, 1_000)
_numbers = count(1)

_HEARERS = """
    SELECT v.id AS visit_id, v.county_id, v.due_on, v.next_step AS step, r.kind,
           CASE r.role WHEN 'care_officer' THEN v.officer_id WHEN 'supervisor' THEN o.supervisor_id
                ELSE m.member_id END AS member_id
    FROM visit v
    JOIN care_case c ON c.id = v.case_id AND c.state = 'open'
    JOIN bench_rung r ON r.step = v.next_step
    LEFT JOIN member o ON o.id = v.officer_id
    LEFT JOIN memberrole m ON m.county_id = v.county_id AND m.role = r.role
         AND r.role IN ('commission_staff', 'leader')
    WHERE v.next_look_at <= :now AND v.state = 'planned'
"""
_KEY = "h.kind || ':' || h.member_id || ':20261123T1430:1'"
_FLOOR = (
    f"""
    INSERT INTO outbox (id, county_id, member_id, kind, dedupe, state, due_at, day, nonce, attempts, unanswered,
                        created_at)
    SELECT {{first}} + row_number() OVER (), h.county_id, h.member_id, h.kind, {_KEY}, 'todo', :now, '2026-11-23',
           'n' || (row_number() OVER ()), 0, 0, :now
    FROM (SELECT DISTINCT county_id, member_id, kind FROM ({_HEARERS}) q WHERE kind IS NOT NULL) h
    """,
    f"""
    INSERT INTO reminder (id, county_id, visit_id, member_id, due_on, step, day, at, outbox_id)
    SELECT {{first}} + row_number() OVER (), h.county_id, h.visit_id, h.member_id, h.due_on, h.step, '2026-11-23',
           :now, o.id
    FROM ({_HEARERS}) h LEFT JOIN outbox o ON o.dedupe = {_KEY}
    """,
    """
    UPDATE visit SET next_look_at = l.then_at, next_step = l.then_step
    FROM bench_ladder l WHERE l.step = visit.next_step AND visit.next_look_at <= :now AND visit.state = 'planned'
    """,
)
# What a careful hand adds: SQLite else goes by the state of visits or cases, and reads nearly all of them.
_HINTS = {
    "sqlite": (("FROM visit v\n    JOIN", "FROM visit v INDEXED BY ix_visit_next_look_at\n    CROSS JOIN"),),
    "postgresql": (("'2026-11-23'", "DATE '2026-11-23'"),),
}


def floor(engine: Engine) -> float:
    """Seconds for the whole of it, by hand."""
    moment = bindparam("now", TICK_AT, type_=Moment())
    first = next(_numbers) * 10_000_000
    statements = []
    for sql in _FLOOR:
        for told, rather in _HINTS[engine.dialect.name]:
            sql = sql.replace(told, rather)
        statements.append(text(sql.format(first=first)).bindparams(moment))
    begin = time.perf_counter()
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)
    return time.perf_counter() - begin


def tick(here: Ground) -> tuple[float, float]:
    """Seconds for the whole of it, and for the longest slice."""
    longest, begin = 0.0, time.perf_counter()
    more = True
    while more:
        began = time.perf_counter()
        more = here.house.lane.run_now(lambda session: sweep.one_slice(session, now=TICK_AT))
        longest = max(longest, time.perf_counter() - began)
    return time.perf_counter() - begin, longest


def rows(engine: Engine) -> str:
    with engine.connect() as connection:
        told, notices, left = (
            connection.execute(text(f"SELECT count(*) FROM {what}")).scalar_one()
            for what in (
                "reminder",
                "outbox",
                f"visit WHERE next_look_at <= '{TICK_AT:%Y-%m-%d} 06:30:00.000000'",
            )
        )
    if left:
        raise RuntimeError(f"{left} visits were not looked at")
    return f"{told:,} reminders, {notices:,} notices"


class Peak:
    """How far the memory of this process rises above where it stood."""

    _HIGH_WATER, _NOW = "VmHWM", "VmRSS"

    def __init__(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")  # forget the highest so far
        self._start = self._read(self._NOW)

    def megabytes(self) -> float:
        return (self._read(self._HIGH_WATER) - self._start) / 1024

    def _read(self, name: str) -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name))


def measure(here: Ground, due: int, visits: int, rounds: int) -> None:
    engine = engine_of(here)
    floors, ticks, slices, peaks, wrote = (
        list[float](),
        list[float](),
        list[float](),
        list[float](),
        dict[str, str](),
    )
    for _ in range(rounds):
        make_due(here, due, visits)
        floors.append(floor(engine))
        wrote["floor"] = rows(engine)
        make_due(here, due, visits)
        peak = Peak()
        seconds, longest = tick(here)
        peaks.append(peak.megabytes())
        ticks.append(seconds)
        slices.append(longest)
        wrote["tick"] = rows(engine)
    engine.dispose()
    ratio = median(ticks) / median(floors)
    print(f"{due:,} due of {visits:,}")
    print(f"  raw SQL, one transaction  {spread(floors, 1e-3)} ms; {wrote['floor']}")
    print(f"  tick, all rules           {spread(ticks, 1e-3)} ms, {ratio:.2f}×; {wrote['tick']}")
    print(f"  its longest slice         {spread(slices, 1e-3)} ms")
    print(f"  memory above the start    {spread(peaks, 1, 1)} MB")


def main(options: Options) -> None:
    visits, sizes = (10_000, QUICK) if options.quick else (1_000_000, SIZES)
    for name, fresh in options.databases():
        print(f"[{name}]")
        with province(visits, fresh()) as here:
            for due in sizes:
                measure(here, due, visits, 1 if options.quick else ROUNDS[due])
