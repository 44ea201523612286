"""Answers that nobody sends any more: the process that took the message in is gone.

An answer is born in the hands of its process (`IN_HAND`), and none of the indexes of what is open knows it: every step
of a dialog would write two of them for what nearly always is sent a moment later. What was not sent within its lease is
found by its number, which says when it was made, and from then on stands with all that is open.

How far somebody has seen to that is noted, so that a process which begins looks at all since then and no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from reminders import outbox
from storage.bulk import among, listed
from storage.clock import Moment
from storage.ids import first_id_at
from storage.prepared import Prepared
from storage.tables import METADATA
from storage.tables.counties import Setting
from storage.tables.mail import IN_HAND

# By so much at most two processes' clocks differ, and so long at most a row waits for its commit.
SLACK = timedelta(minutes=5)
NOTE = "abandoned_seen_to"
_TABLE = METADATA.tables["outbox"]

# An end that no number reaches, so that PostgreSQL without statistics takes it for few: of all from some number on it
# thinks a third, and would read the whole table every quarter of a minute.
_LAST = (1 << 63) - 1
_LEFT = Prepared(
    select(_TABLE.c.id)
    .where(
        _TABLE.c.id.between(bindparam("first"), bindparam("last")),
        _TABLE.c.ended == IN_HAND,
        _TABLE.c.lease_until <= bindparam("real_now", type_=Moment()),
    )
    .order_by(_TABLE.c.id)
)


def left(session: Session, seen_to: datetime | None, *, real_now: datetime) -> Sequence[int]:
    """The answers whose lease is over. Those that were so at `seen_to` somebody has seen to; None goes by the note."""
    since = min(seen_to or _noted(session, real_now), real_now) - outbox.LEASE - SLACK
    found = _LEFT.all(session, {"first": first_id_at(since), "last": _LAST, "real_now": real_now})
    return [row_id for (row_id,) in found]


def _noted(session: Session, real_now: datetime) -> datetime:
    """Without a note there were no such answers before now, or nobody would still try to send them. That of a clock
    which was ahead says nothing of what was left since it was set back."""
    kept = session.get(Setting, NOTE)
    noted = None if kept is None else datetime.fromisoformat(kept.value)
    return real_now - outbox.GIVE_UP if noted is None or noted > real_now else noted


def see_to(session: Session, ids: Sequence[int], *, real_now: datetime) -> None:
    """Have these stand with all that is open: whoever claims next may send them. And note how far that goes."""
    if ids:
        theirs = update(_TABLE).where(among(session, _TABLE.c.id), _TABLE.c.ended == IN_HAND)
        session.connection().execute(theirs.values(ended=None), listed(session, ids))
    session.merge(Setting(key=NOTE, value=real_now.isoformat()))
