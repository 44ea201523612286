"""One persisted dialog step, whole, beside the raw floor of the same run.

Whole: inbox key, who speaks, draft, engine, draft saved, reply in the outbox (sealed), commit; SQLite, FULL.
Floor B: the same four statements by hand on sqlite3, one transaction, no encryption, no engine.

    python -m bench step
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from itertools import count, cycle
from pathlib import Path

import uvloop

from bench.ground import NOW, Ground, Options, ground, median, spread
from bot.channels.base import Incoming

ROUNDS, STEPS, TOGETHER = 7, 480, 40
ANSWERS = ("今天", "会议室", "情绪平稳，愿意谈今后打算", "绿", "没有发现", "完成", *("上一步",) * 6)
_events = count()


def floor(folder: Path, steps: int) -> float:
    """Seconds a step, by hand."""
    path = folder / f"floor{next(_events)}.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        "CREATE TABLE inbox (channel TEXT, event_id TEXT, PRIMARY KEY (channel, event_id));"
        "CREATE TABLE draft (id INTEGER PRIMARY KEY, member INTEGER UNIQUE, state TEXT, revision INTEGER);"
        "CREATE TABLE outbox (id INTEGER PRIMARY KEY, member INTEGER, payload TEXT, state TEXT);"
        "INSERT INTO draft VALUES (1, 1, '{}', 0);"
    )
    payload = "x" * 600
    begin = time.perf_counter()
    for number in range(steps):
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO inbox VALUES ('sandbox', ?)", (str(number),))
        state, revision = connection.execute("SELECT state, revision FROM draft WHERE member = 1").fetchone()
        changed = json.dumps({**json.loads(state), "answer": number})
        connection.execute("UPDATE draft SET state = ?, revision = ? WHERE id = 1", (changed, revision + 1))
        connection.execute("INSERT INTO outbox (member, payload, state) VALUES (1, ?, 'todo')", (payload,))
        connection.execute("COMMIT")
    seconds = time.perf_counter() - begin
    connection.close()
    return seconds / steps


async def open_forms(here: Ground) -> None:
    for address in here.officers:
        await say(here, address, "记录")
        await tap_record(here, address)


async def tap_record(here: Ground, address: str) -> None:
    parcels = await here.house.lane.run(
        lambda s: here.house.conversation.take(s, event(address, "记录"), now=NOW)
    )
    token = f"{parcels[-1].nonce}.0"
    incoming = Incoming("sandbox", address, str(next(_events)), token=token)
    await here.house.lane.run(lambda s: here.house.conversation.take(s, incoming, now=NOW))


def event(address: str, text: str) -> Incoming:
    return Incoming("sandbox", address, str(next(_events)), text=text)


async def say(here: Ground, address: str, text: str) -> None:
    incoming = event(address, text)
    parcels = await here.house.lane.run(lambda s: here.house.conversation.take(s, incoming, now=NOW))
    if not parcels:
        raise RuntimeError("a step was not answered")


async def one_at_a_time(here: Ground, steps: int) -> float:
    texts = cycle(ANSWERS)
    begin = time.perf_counter()
    for _ in range(steps):
        await say(here, here.officers[0], next(texts))
    return (time.perf_counter() - begin) / steps


async def waiting_together(here: Ground, steps: int) -> float:
    """Seconds a step with 40 callers waiting at any time."""
    rounds = steps // len(ANSWERS) * 2

    async def one(address: str) -> None:
        for _ in range(rounds // 2):
            for text in ANSWERS:
                await say(here, address, text)

    begin = time.perf_counter()
    await asyncio.gather(*(one(address) for address in here.officers))
    return (time.perf_counter() - begin) / (len(here.officers) * (rounds // 2) * len(ANSWERS))


async def measure(here: Ground, rounds: int, steps: int) -> None:
    await open_forms(here)
    floors, alone, together = [], [], []
    for _ in range(rounds):
        floors.append(floor(here.folder, steps))
        alone.append(await one_at_a_time(here, steps))
    for _ in range(min(rounds, 3)):
        floors.append(floor(here.folder, steps))
        together.append(await waiting_together(here, steps))
    micro, base = 1e-6, median(floors)
    print(f"floor B, raw sqlite3, FULL   {spread(floors, micro)} µs a step")
    print(f"whole step, one at a time    {spread(alone, micro)} µs, {median(alone) / base:.2f}× the floor")
    print(
        f"whole step, {TOGETHER} waiting       {spread(together, micro)} µs, {median(together) / base:.2f}×"
    )


def main(options: Options) -> None:
    # uvloop, as the server runs
    with ground(officers=TOGETHER) as here, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(measure(here, 1 if options.quick else ROUNDS, 24 if options.quick else STEPS))
