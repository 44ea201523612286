"""Whether the database went back in time: a restored backup knows of less than a process remembers.

With each beat a process writes down in the database until when it was used, and remembers the same outside it, in a
file. A database that has not got that far is an older one; the outbox is held then, before anything is sent again. Real
time, which never goes back here. Another database, with another name of its own, says nothing about this one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from reminders import hold
from reminders.outbox import insert_new
from storage.ids import code
from storage.tables.counties import Setting

LIVED = "lived_until"


@dataclass(frozen=True)
class Memory:
    """What is remembered of a database: its own name, and until when it was used."""

    database: str
    until: datetime

    def dump(self) -> str:
        return json.dumps({"database": self.database, "until": self.until.isoformat()})

    @classmethod
    def load(cls, text: str) -> Memory:
        """What `dump` made.

        Raises:
            ValueError: it is something else.
        """
        try:
            data = json.loads(text)
            return cls(str(data["database"]), datetime.fromisoformat(data["until"]))
        except (TypeError, KeyError) as error:
            raise ValueError("not a memory") from error


def look(session: Session, known: Memory | None, *, now: datetime, real_now: datetime) -> tuple[Memory, bool]:
    """Hold the outbox if the database is older than what is known of it. What is known from now on, and whether it was
    held for that."""
    first = Memory(code(12), real_now)
    insert_new(session, Setting, [{"key": LIVED, "value": first.dump()}])
    kept = session.get_one(Setting, LIVED, with_for_update=True, populate_existing=True)
    inside = Memory.load(kept.value)
    same = known is not None and known.database == inside.database
    went_back = same and known is not None and inside.until < known.until
    until = max(inside.until, real_now, known.until if known is not None and same else real_now)
    memory = Memory(inside.database, until)
    kept.value = memory.dump()
    return memory, went_back and hold.hold(session, now=now)
