"""Why a message that is due has not been sent: read from its row, so that nobody has to guess.

What a channel or a chat has no room for is put back with what was used up; everything else follows from the row's
state, its lease, and what lies before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import and_, select
from sqlmodel import Session

from reminders import claiming, outbox
from storage.tables import METADATA
from storage.tables.mail import OutboxState

_TABLE = METADATA.tables["outbox"]


class Why(StrEnum):
    held = "held"  # the whole outbox is
    sending = "sending"
    day = "day"  # what the channel may send in a day is used up but for what is kept for answers and safety calls
    chat = "chat"  # the chat has had as many as it may have for now
    channel = "channel"  # the vendor wants to be left alone, or more wait than may go soon
    failed = "failed"  # it was tried, and will be again
    behind = "behind"  # an earlier one to the same person comes first
    free = "free"  # anybody could send it: nobody has yet


_FULL = {f"full: {why}": why for why in (Why.day, Why.chat, Why.channel)}


def full(of: str) -> str:
    """What the row of a message says that waits because this was used up."""
    return f"full: {of}"


class Waits(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def state(self) -> OutboxState: ...
    @property
    def lease_until(self) -> datetime | None: ...
    @property
    def error(self) -> str | None: ...


def reasons(session: Session, rows: Sequence[Waits], *, now: datetime, real_now: datetime) -> dict[int, Why]:
    """Of rows whose time has come and that have not been sent, why each of them waits."""
    if not rows:
        return {}
    held = outbox.is_held(session)
    behind = claiming.behind_others(session, [row.id for row in rows], now=now)
    return {row.id: _why(row, behind, real_now, held=held) for row in rows}


def _why(row: Waits, behind: Collection[int], real_now: datetime, *, held: bool) -> Why:
    rests = row.lease_until is not None and row.lease_until > real_now
    if row.state == OutboxState.sending and rests:
        return Why.sending
    if held:
        return Why.held
    if rests:
        return _FULL.get(row.error or "", Why.failed if row.error else Why.behind)
    return Why.behind if row.id in behind else Why.free


def counted(session: Session, condition: Any, *, now: datetime, real_now: datetime) -> Counter[Why]:
    """How many of the open rows that meet a condition wait for what."""
    opened = and_(_TABLE.c.ended.is_(None), _TABLE.c.state.in_((OutboxState.todo, OutboxState.sending)))
    columns = _TABLE.c.id, _TABLE.c.state, _TABLE.c.lease_until, _TABLE.c.error
    rows: Any = session.execute(select(*columns).where(and_(opened, condition))).all()
    return Counter(reasons(session, rows, now=now, real_now=real_now).values())
