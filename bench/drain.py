"""The outbox, emptied: real notices of visits that are due today, composed, rendered, sent to a stub, marked; and once
more those whose words are there already, as after an attempt that failed.

Beside it, on the same database: the floor, which claims and marks rows by hand, a hundred at a time; on PostgreSQL also
one whose claims are as durable as ours (their commits are not waited for), and two queues of others with jobs that do
nothing (bench/queues.py, in an environment of their own that has pgqueuer, procrastinate and asyncpg:
PEERS=/path/to/its/python).
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import uvloop
from sqlalchemy import Engine, make_url, text
from sqlmodel import Session, col, func, select

from bench.ground import PEERS, Ground, Options, engine_of, ground, median, spread
from bench.province import TICK_AT
from bench.webhook import on_telegram
from bot.app import House
from reminders import claiming, outbox, sweep
from storage.clock import SandboxClock, lease_now
from storage.ids import code
from storage.tables.mail import Outbox, OutboxState

ROUNDS, NOTICES, JOBS = 5, 1_000, 10_000
COMPOSED = 2  # rounds in which they are put into words, which takes most of the time
FLOOR, ALONE = "floor: claim and mark a hundred", "outbox: claim and mark"
AS_OURS = "the same, claims not waited for"
SENT, COMPOSED_TOO = "notices in words, sent and marked", "notices composed, sent and marked"
_FRESH = (
    "UPDATE outbox SET state = 'todo', ended = NULL, owner = NULL, lease_until = NULL, attempts = 0,"
    " tried_since = NULL"
)
_CLAIM = (
    "UPDATE outbox SET state = 'sending', owner = 'floor', attempts = attempts + 1 WHERE id IN (SELECT id FROM outbox"
    " WHERE ended IS NULL ORDER BY due_at, id LIMIT 100{locked}) RETURNING id{waits}"
)
_NO_WAIT = ", (SELECT set_config('synchronous_commit', 'off', true))"
_ACK = "UPDATE outbox SET state = 'sent', ended = 'sent', sent_at = due_at WHERE owner = 'floor' AND state = 'sending'"


def notices(house: House) -> int:
    """Have the visits of all officers fall due, and the notices of it wait. How many."""
    while house.lane.run_now(lambda session: sweep.one_slice(session, now=TICK_AT)):
        pass
    return house.lane.run_now(waiting)


def waiting(session: Session) -> int:
    return session.exec(select(func.count()).where(col(Outbox.state) == OutboxState.todo)).one()


def again(engine: Engine, *, with_words: bool = False) -> None:
    """As they were before anybody sent them: without their words, too, unless those are to be used again."""
    with engine.begin() as connection:
        if with_words:
            connection.execute(text(f"{_FRESH}, receipt = NULL, sent_at = NULL"))
            return
        connection.execute(text("DELETE FROM outboxitem"))
        connection.execute(
            text(f"{_FRESH}, payload_sealed = NULL, receipt = NULL, sent_at = NULL, channel = NULL")
        )


def on_postgresql(engine: Engine) -> bool:
    return engine.dialect.name == "postgresql"


def floor(engine: Engine, *, waits: bool = True) -> float:
    """Seconds to claim and mark all, a hundred at a time, two commits each. `waits`: for the one of a claim, too."""
    locked = " FOR UPDATE SKIP LOCKED" if on_postgresql(engine) else ""
    claim, ack = text(_CLAIM.format(locked=locked, waits="" if waits else _NO_WAIT)), text(_ACK)
    begin = time.perf_counter()
    with engine.connect() as connection:
        claimed = True
        while claimed:
            with connection.begin():
                claimed = bool(connection.execute(claim).all())
            with connection.begin():
                connection.execute(ack)
    return time.perf_counter() - begin


def empty(house: House) -> float:
    """Seconds for the outbox's own part of it: claimed and marked a hundred at a time, and nothing sent."""

    def some(session: Session) -> int:
        owner = code(12)
        ids = claiming.claim_ids(session, owner, now=TICK_AT, real_now=lease_now(), limit=100)
        claimed[:] = [(row_id, owner, ("1",)) for row_id in ids]
        return len(ids)

    claimed: list[tuple[int, str, Sequence[str]]] = []
    begin = time.perf_counter()
    while house.lane.run_now(some):
        house.lane.run_now(lambda session: outbox.mark_all_sent(session, claimed, now=TICK_AT))
    return time.perf_counter() - begin


async def drain(house: House) -> float:
    begin = time.perf_counter()
    await house.office.settled()
    return time.perf_counter() - begin


def later(here: Ground) -> House:
    """The house at half past two, when officers hear what is due today: on Telegram, where they were bound last."""
    clock = here.house.clock
    assert isinstance(clock, SandboxClock)
    clock.move_to(TICK_AT)
    return on_telegram(here)


async def measure(here: Ground, rounds: int) -> None:
    engine, house = engine_of(here), later(here)
    floors = (FLOOR, AS_OURS) if on_postgresql(engine) else (FLOOR,)
    number, rates = notices(house), {name: list[float]() for name in (*floors, ALONE, SENT, COMPOSED_TOO)}
    for count in range(rounds):
        for name in floors:
            again(engine)
            rates[name].append(number / floor(engine, waits=name == FLOOR))
        again(engine)
        rates[ALONE].append(number / empty(house))
        if count < COMPOSED:
            again(engine)
            rates[COMPOSED_TOO].append(number / await drain(house))
        again(engine, with_words=True)
        rates[SENT].append(number / await drain(house))
        if left := house.lane.run_now(waiting):
            raise RuntimeError(f"{left} were not sent")
    engine.dispose()
    for name, found in rates.items():
        beside = " and ".join(f"{median(found) / median(rates[each]):.2f}×" for each in floors)
        print(f"  {name:<33} {spread(found, 1)} a second, {beside} the floor")


def others(url: str, jobs: int) -> None:
    """What the queues of others do in a second with jobs that do nothing."""
    python = os.environ.get(PEERS)
    if python is None:
        print(f"  (pgqueuer and procrastinate were not asked: {PEERS} names no interpreter)")
        return
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    subprocess.run([python, str(Path(__file__).with_name("queues.py")), plain, str(jobs)], check=True)


def main(options: Options) -> None:
    number, rounds = (20, 1) if options.quick else (NOTICES, ROUNDS)
    for name, fresh in options.databases():
        print(f"[{name}]", flush=True)
        url = fresh()
        with (
            ground(url, officers=number) as here,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            runner.run(measure(here, rounds))
        if url is not None:
            others(url, 100 if options.quick else JOBS)
