"""What a step of a form asks of the database and writes into it, counted: it does not grow unseen. Its time is the
benchmark's affair."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.pool import Pool
from sqlmodel import Session

from bench.ground import NOW, Ground, ground
from bench.step import DIALOG, input_of, list_of, one_dialog, say
from reminders import mechanism
from storage import checkpoint, lane, sealed

# Inbox, who speaks and the draft they are at, draft saved, answer into the outbox.
STEP = 4
# The first: besides the inbox, who speaks and the answer, what the button does, its visit, whether a colleague asks
# them to finish that very note, their roles, recusal, which draft of theirs is in the way, and the new one.
FIRST = 10
# The recap: the case with what took place last. The end: which notes wait besides, and
# whether the officer's list is to be offered.
RECAP, END = STEP + 1, STEP + 2
# Pages of its commit: one for the inbox (the key is the table), the answer's row in the outbox, the draft.
PAGES = 3
# Whether to give it up: who could finish it instead is looked up then.
GIVE_UP = STEP + 3


@pytest.fixture(autouse=True)
def nobody_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted is the step's alone: no thread carries pages meanwhile, which takes a connection, statements and
    a lock that only one can have, and no rule is read anew because the machine was slow."""
    monkeypatch.setattr(checkpoint, "ROWS", 1_000_000)
    monkeypatch.setattr(mechanism, "_SECONDS", 3600.0)


@contextmanager
def statements() -> Iterator[list[str]]:
    """What SQLite is told by connections made meanwhile, BEGIN and COMMIT left out; a savepoint counts."""
    said: list[str] = []

    def hear(connection: Any, _: Any) -> None:
        connection.set_trace_callback(said.append)

    event.listen(Pool, "connect", hear)
    try:
        yield said
    finally:
        event.remove(Pool, "connect", hear)


def test_a_step_asks_no_more_than_it_needs() -> None:
    counted: list[int] = []
    with statements() as said, ground() as here:
        officer = here.officers[0]
        for _ in range(2):  # the first time rules are read, and remembered for the rest
            button = asyncio.run(list_of(here, officer))
            counted.clear()
            for text in DIALOG:
                said.clear()
                incoming = input_of(officer, text, button)
                asyncio.run(here.house.conversation.taken(incoming, now=NOW))
                counted.append(len([one for one in said if not one.startswith(("BEGIN", "COMMIT"))]))
    assert dict(zip(DIALOG, counted, strict=True)) == {
        **dict.fromkeys(DIALOG, STEP),
        DIALOG[0]: FIRST,
        "完成": RECAP,
        "取消": GIVE_UP,
        "是": END,
    }, "\n".join(said)


def test_a_step_writes_no_more_pages_than_it_needs() -> None:
    """The least of some rounds: now and then a page is full, and another one is begun. Not always by the same step: a
    dialog may take up whole pages, so that the next one begins where it did."""
    written: dict[str | None, list[int]] = {text: [] for text in DIALOG}
    with ground() as here:
        officer = here.officers[0]
        button = asyncio.run(list_of(here, officer))
        beside = sqlite3.connect(here.folder / "bench.db", isolation_level=None)
        for number in range(24):
            for _ in range(number % 8):
                asyncio.run(say(here, officer, "取消"))
            for text in DIALOG:
                assert beside.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
                incoming = input_of(officer, text, button)
                asyncio.run(here.house.conversation.taken(incoming, now=NOW))
                busy, pages, _ = beside.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                assert not busy
                written[text].append(pages)
        beside.close()
    least = {text: min(pages) for text, pages in written.items()}
    assert least == {
        **dict.fromkeys(DIALOG, PAGES),
        DIALOG[0]: PAGES + 3,  # makes a draft, with three indexes
        # Its row and the long one before it need more than a page: another is begun, and how many there are is changed.
        "完成": PAGES + 2,
        DIALOG[-1]: PAGES + 3,  # takes the draft away
    }


def test_a_step_does_nothing_anew_that_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A session, the fingerprint of the chat's address, which channels take messages back."""
    sessions, make_session = list[Connection](), lane._session

    def counted(connection: Connection) -> Session:
        sessions.append(connection)
        return make_session(connection)

    with ground() as here:
        officer = here.officers[0]
        button = asyncio.run(list_of(here, officer))
        known: Any = sealed.keyring().known_index
        before = known.cache_info()
        monkeypatch.setattr(lane, "_session", counted)
        asyncio.run(one_dialog(here, officer, button))
        after = known.cache_info()
        assert sessions == []
        assert (after.hits - before.hits, after.misses - before.misses) == (len(DIALOG), 0)
        assert here.house.office.removers is here.house.office.removers


def test_a_step_leaves_nothing_for_the_collector() -> None:
    """Else what was opened for it, a name or an answer, stays in memory until the collector comes, each step finds no
    memory that it used before, and a pass in which everybody waits comes the sooner."""

    async def left(here: Ground) -> int:
        officer = here.officers[0]
        button = await list_of(here, officer)
        await one_dialog(here, officer, button)
        gc.collect()
        await one_dialog(here, officer, button)
        return gc.collect()

    with ground() as here:
        gc.disable()
        try:
            assert asyncio.run(left(here)) == 0
        finally:
            gc.enable()
