"""What SQLite wrote beside the database goes into it here, in a thread and by a connection of its own.

A commit writes pages into the WAL; now and then they have to be carried into the database itself. Left to its defaults
SQLite lets the commit do that which is the thousandth page, and whoever waits for that commit waits for the whole of
it. Here the writer only says how much it has written. When nobody waits for it, it carries itself the little that was
written since the thread began: once all is carried, the WAL is written from its start again. While people work it would
only grow, and a commit that makes the file longer takes longer than one into room that is there. Besides, the writer
carries pages when the WAL is far too long (`storage.engine.WAL_PAGES`), so that it stays bounded whatever becomes of
this thread.

Nothing hangs on it: what is committed is in the WAL, on the disk, before anybody is answered.
"""

from __future__ import annotations

import sqlite3
import threading
from contextlib import suppress
from typing import Any

from sqlalchemy import Engine

ROWS = 300  # changed rows after which it is worth it: about a thousand pages, as SQLite has it by itself
FEW = 100  # changed rows that the writer carries itself: those of some thirty steps
PAUSE = 0.25  # seconds between two, so that a long tick's disk is not kept busy by this


class Checkpointer:
    """Begins its thread with the first rows that are worth it: a short command has none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._thread: threading.Thread | None = None
        self._due, self._closing = threading.Event(), threading.Event()
        # Rows changed, by the writer's count: in all; when it was last worth it; when the thread last began, until the
        # writer has looked after the rest.
        self._written = self._seen = 0
        self._carried: int | None = None
        self.made = 0

    def wrote(self, changes: int) -> None:
        """So many rows has the writer's connection changed since it was opened. Called after each commit."""
        if changes < self._written:  # it is another connection
            self._seen, self._carried = 0, None
        self._written = changes
        if changes - self._seen < ROWS:
            return
        self._seen = changes
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="lane-checkpoint", daemon=True)
            self._thread.start()
        self._due.set()

    @property
    def unfinished(self) -> bool:
        """Whether something may be left that the writer carries."""
        return self._carried is not None

    def finish(self, writer: sqlite3.Connection) -> None:
        """Carry what was written meanwhile, if that is little. Called by the writer when nobody waits for it."""
        carried, self._carried = self._carried, None
        if carried is not None and self._written - carried < FEW:
            with suppress(sqlite3.Error):
                _carry(writer)

    def close(self) -> None:
        self._closing.set()
        self._due.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while self._due.wait() and not self._closing.is_set():
            self._due.clear()
            # A disk that is full or a database that is locked is the writer's news: its commits tell.
            with suppress(sqlite3.Error):
                self._carry()
            self._closing.wait(PAUSE)

    def _carry(self) -> None:
        written = self._written
        connection = self._engine.raw_connection()
        try:
            _carry(connection)
        finally:
            connection.close()
        self._carried = written
        self.made += 1


def _carry(connection: Any) -> None:
    """As much as can be carried without anybody waiting for it."""
    connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
