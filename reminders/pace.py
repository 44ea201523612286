"""How fast a channel may be written to: one row a limit, kept in the database, so that several processes share it.

Each row holds the moment at which its limit is free again (the generic cell rate algorithm, GCRA). A vendor that says
“not before” moves it. All of it is real time: the people's clock may be moved, a vendor's patience may not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from reminders.outbox import insert_new
from storage.tables.mail import Pace
from storage.tables.members import address_index

LONGEST_HOLD = timedelta(hours=25)  # a later moment is no vendor's wish: the machine's clock was turned back
_WHOLE, _DAY = b"", b"day"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` messages in `seconds`, evenly; of them up to `burst` at once.

    In no window of that length are there more than `count + burst`; a vendor's hard limit wants a smaller count.
    """

    count: int
    seconds: float
    burst: int = 1

    @property
    def interval(self) -> timedelta:
        return timedelta(seconds=self.seconds / self.count)

    @property
    def ahead(self) -> timedelta:
        """How far the free moment may lie ahead while a message still may go."""
        return self.interval * (self.burst - 1)


@dataclass(frozen=True, slots=True)
class Turn:
    """When a message may go. Not `granted`: nothing was taken, ask again then."""

    at: datetime
    granted: bool


def take_turn(
    session: Session,
    channel: str,
    address: str,
    overall: Rate | None,
    each: Sequence[Rate],
    *,
    day: Rate | None = None,
    real_now: datetime,
) -> Turn:
    """The next turn of one message to `address`.

    A chat that is not free takes nothing of the channel's own pace, so that it holds up nobody else; nor does anybody
    take a turn while the `day`, what the whole channel may send in so long a time, is used up. A turn of the channel is
    granted for the moment at which it comes: the caller waits until then.
    """
    chat = [_row(session, channel, target, real_now) for target in _targets(channel, address, len(each))]
    if day is not None:
        chat.append(_row(session, channel, _DAY, real_now))
        each = (*each, day)
    starts = [row.free_at - rate.ahead for row, rate in zip(chat, each, strict=True)]
    if starts and max(starts) > real_now:
        return Turn(max(starts), granted=False)
    turn = real_now
    if overall is not None:
        row = _row(session, channel, _WHOLE, real_now)
        turn = max(real_now, row.free_at - overall.ahead)
        row.free_at = max(row.free_at, real_now) + overall.interval
    for row, rate in zip(chat, each, strict=True):
        row.free_at = max(row.free_at, turn) + rate.interval
    return Turn(turn, granted=True)


def hold(
    session: Session,
    channel: str,
    address: str | None,
    each: Sequence[Rate],
    until: datetime,
    *,
    real_now: datetime,
) -> None:
    """Write to nobody there (with an address: not to that chat) before `until`: the vendor said so."""
    rates: Sequence[Rate | None] = each if address is not None else (None,)
    targets = _targets(channel, address, len(each)) if address is not None else [_WHOLE]
    for target, rate in zip(targets, rates, strict=True):
        row = _row(session, channel, target, real_now)
        row.free_at = max(row.free_at, until + (rate.ahead if rate else timedelta()))


def _targets(channel: str, address: str, rates: int) -> list[bytes]:
    index = address_index(channel, address)
    return [index + bytes([number]) for number in range(rates)]


def _row(session: Session, channel: str, target: bytes, real_now: datetime) -> Pace:
    """The row of one limit, ours until the transaction ends."""
    key = (channel, target)
    row = session.get(Pace, key, with_for_update=True)
    if row is None:
        insert_new(session, Pace, [{"channel": channel, "target": target, "free_at": real_now}])
        row = session.get_one(Pace, key, with_for_update=True, populate_existing=True)
    if row.free_at - real_now > LONGEST_HOLD:
        row.free_at = real_now
    return row
