"""The four statements of a step by SQLAlchemy's Core, in one hop: called from asyncio, run by one writer thread.

Storage alone, by the usual library, without a form, a word or a key: such code took three floors on the machine on
which the gate of a step was set.
"""

from __future__ import annotations

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    create_engine,
    event,
    insert,
    select,
    update,
)

_TABLES = MetaData()
_INBOX = Table(
    "inbox", _TABLES, Column("channel", Text, primary_key=True), Column("event_id", Text, primary_key=True)
)
_DRAFT = Table(
    "draft",
    _TABLES,
    Column("id", Integer, primary_key=True),
    Column("member", Integer, unique=True),
    Column("state", Text),
    Column("revision", Integer),
)
_OUTBOX = Table(
    "outbox",
    _TABLES,
    Column("id", Integer, primary_key=True),
    Column("member", Integer),
    Column("payload", Text),
    Column("state", Text),
)
_FOUND = select(_DRAFT.c.state, _DRAFT.c.revision).where(_DRAFT.c.member == bindparam("who"))
_CHANGED = update(_DRAFT).where(_DRAFT.c.id == bindparam("which"))
_PAYLOAD = "x" * 600


def _pragmas(connection: Any, _: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _engine(folder: str) -> Engine:
    engine = create_engine(f"sqlite:///{folder}/core.db")
    event.listen(engine, "connect", _pragmas)
    event.listen(engine, "begin", _begin)
    _TABLES.create_all(engine)
    with engine.begin() as connection:
        connection.execute(insert(_DRAFT), {"id": 1, "member": 1, "state": "{}", "revision": 0})
    return engine


def _step(engine: Engine, number: int) -> None:
    with engine.begin() as connection:
        connection.execute(insert(_INBOX), {"channel": "sandbox", "event_id": str(number)})
        state, revision = connection.execute(_FOUND, {"who": 1}).one()
        changed = json.dumps({**json.loads(state), "answer": number})
        connection.execute(_CHANGED, {"which": 1, "state": changed, "revision": revision + 1})
        connection.execute(insert(_OUTBOX), {"member": 1, "payload": _PAYLOAD, "state": "todo"})


async def one_hop(folder: Path, steps: int) -> float:
    """Seconds a step."""
    loop = asyncio.get_running_loop()
    with TemporaryDirectory(dir=folder) as own, ThreadPoolExecutor(1) as writer:
        engine = await loop.run_in_executor(writer, _engine, own)
        begin = time.perf_counter()
        for number in range(steps):
            await loop.run_in_executor(writer, _step, engine, number)
        seconds = time.perf_counter() - begin
        await loop.run_in_executor(writer, engine.dispose)
    return seconds / steps
