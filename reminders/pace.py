"""How fast a channel may be written to: kept in the database, so that several processes share it.

A channel as a whole has tickets, one for each message that may go in its length of time. A ticket is good again only
when that time is over since it was used, so that no such length of time, from whichever moment, has more. Processes
take those that nobody else is just taking. A chat, and the day of a channel, have one row a limit with the moment at
which it is free again (the generic cell rate algorithm, GCRA). A vendor that says “not before” moves it. All of it is
real time: the people's clock may be moved, a vendor's patience may not.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from sqlalchemy import func, select, update
from sqlmodel import Session

from storage.bulk import InsertNew, SetByKey
from storage.tables import METADATA
from storage.tables.mail import Pace
from storage.tables.members import address_index

LONGEST_HOLD = timedelta(hours=25)  # a later moment is no vendor's wish: the machine's clock was turned back
GRACE = timedelta(milliseconds=10)  # so late a turn may be used without a word
AHEAD = timedelta(
    seconds=0.5
)  # turns are given out for so long in advance: a process that dies wastes no more
KEPT_OF_DAY = 0.05  # of what a channel may send in a day, for what must not wait until tomorrow
_EVENLY = 0.9  # of the even distance: so near two turns of one process may be, to catch up
_CLOCKS_APART = timedelta(minutes=1)  # of several machines, at most
_WHOLE, _DAY = b"", b"day"
_PACE = METADATA.tables[str(Pace.__tablename__)]
_NEW = InsertNew(_PACE, ("channel", "target", "free_at"))
_SET = SetByKey(_PACE, ("channel", "target", "free_at"), keys=2)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` messages in `seconds`, evenly; of them up to `burst` at once.

    Of a chat or a day no window of that length has more than `count + burst`; a vendor's hard limit wants a smaller
    count. Of a whole channel none has more than `count`.
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

    @property
    def window(self) -> timedelta:
        """How long a ticket is used up: two turns of it may be nearer to each other than they should by the grace."""
        return timedelta(seconds=self.seconds) + GRACE

    @property
    def kept(self) -> timedelta:
        """What of it is kept for what is urgent, as a stretch of the free moment."""
        return self.interval * round((self.count + self.burst) * KEPT_OF_DAY)


@dataclass(frozen=True, slots=True)
class Limits:
    """How fast a vendor wants to be called: the whole channel at any moment and over a day, and each chat."""

    overall: Rate | None = None
    each: Sequence[Rate] = ()
    day: Rate | None = None

    def __bool__(self) -> bool:
        return self.overall is not None or bool(self.each) or self.day is not None


class Weight(IntEnum):
    """What a message is, where not all can go: the day's rest is kept for answers, and a safety call goes anyway.
    To take back what was said (`trace`) waits for everything else."""

    trace = -1
    ordinary = 0
    answer = 1
    safety = 2


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody wants to write to `address`. What is no `message` (a number on an icon) costs the chat nothing."""

    address: str
    weight: Weight = Weight.ordinary
    message: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """When a message may go. Not `granted`: nothing was taken, ask again then; `full` is what was used up.

    A turn of the channel is granted for the moment at which it comes: the caller waits until then. Who uses it later
    than the grace says so (`use_late`, `give_back`) before its `window` is over.
    """

    at: datetime
    granted: bool
    full: str | None = None
    ticket: bytes | None = None
    window: timedelta = timedelta()


def take_turns(
    session: Session,
    channel: str,
    asks: Sequence[Ask],
    limits: Limits,
    *,
    real_now: datetime,
    last: datetime | None = None,
    ahead: timedelta = AHEAD,
) -> list[Turn]:
    """The turns of so many messages, the first of them first; evenly after the `last` one of the same caller.

    A chat that is not free takes nothing of the channel's own pace, so that it holds up nobody else; nor does anybody
    take a turn while the day is used up.
    """
    gate = _Gate(session, channel, limits.overall, len(asks), real_now, last)
    chats = _Chats(session, channel, asks, limits, real_now)
    turns = list[Turn]()
    for ask in asks:
        turn = chats.refusal(ask) or gate.next(real_now + ahead)
        if turn.granted:
            chats.charge(ask, turn.at)
        turns.append(turn)
    gate.write()
    chats.write()
    return turns


def take_turn(
    session: Session, channel: str, ask: Ask, limits: Limits, *, real_now: datetime, ahead: timedelta = AHEAD
) -> Turn:
    """`take_turns` for one."""
    return take_turns(session, channel, [ask], limits, real_now=real_now, ahead=ahead)[0]


def use_late(session: Session, channel: str, late: Iterable[tuple[Turn, datetime]]) -> None:
    """Turns that were used later than the moment they were for."""
    for turn, used_at in late:
        _restamp(session, channel, turn, used_at + turn.window)


def give_back(session: Session, channel: str, turns: Iterable[Turn]) -> None:
    """Turns that nobody used."""
    for turn in turns:
        _restamp(session, channel, turn, turn.at)


def _restamp(session: Session, channel: str, turn: Turn, free_at: datetime) -> None:
    """Unless the ticket is somebody else's by now."""
    mine = (_PACE.c.channel == _of_tickets(channel)) & (_PACE.c.target == turn.ticket)
    session.execute(
        update(_PACE).where(mine, _PACE.c.free_at == turn.at + turn.window).values(free_at=free_at)
    )


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
    free = _free(session, channel, targets, real_now)
    for target, rate in zip(targets, rates, strict=True):
        free[target] = max(free[target], until + (rate.ahead if rate else timedelta()))
    _SET.write(session, [(channel, target, moment) for target, moment in free.items()])


class _Gate:
    """The tickets of a channel: those that nobody else is taking, ours until the transaction ends."""

    def __init__(
        self,
        session: Session,
        channel: str,
        overall: Rate | None,
        wanted: int,
        real_now: datetime,
        last: datetime | None,
    ) -> None:
        self._session, self._channel, self._overall, self._now = session, channel, overall, real_now
        self._used = list[tuple[bytes, datetime]]()
        self._not_before = last
        self._tickets = self._read(overall, min(wanted, overall.count)) if overall is not None else []

    def _read(self, overall: Rate, wanted: int) -> list[tuple[datetime, bytes]]:
        """Each with the moment from which it is good, in that order."""
        place = _of_tickets(self._channel)
        query = (
            select(_PACE.c.target, _PACE.c.free_at)
            .where(_PACE.c.channel == place, _PACE.c.target < _ticket(overall.count))
            .order_by(_PACE.c.free_at)
            .limit(wanted)
            .with_for_update(skip_locked=True)
        )
        found = self._session.execute(query).all()
        if len(found) < wanted and not self._laid_out(overall):
            new = [(place, _ticket(number), self._now) for number in range(overall.count)]
            _NEW.write(self._session, new)
            found = self._session.execute(query).all()
        soonest = _held_until(self._session, self._channel, self._now)
        # A later moment is nobody's: the machine's clock was turned back.
        sane = self._now + overall.window + AHEAD + _CLOCKS_APART
        return sorted(
            (max(free_at if free_at < sane else self._now, soonest), target) for target, free_at in found
        )

    def _laid_out(self, overall: Rate) -> bool:
        """Whether there are as many as there can be. To insert those that are there would wait for whoever has them."""
        query = select(func.count()).where(_PACE.c.channel == _of_tickets(self._channel))
        return int(self._session.execute(query).scalar_one()) >= overall.count

    def next(self, until: datetime) -> Turn:
        """The next turn, if it comes by then."""
        if self._overall is None:
            return Turn(self._now, granted=True)
        window, place = self._overall.window, len(self._used)
        if place == len(self._tickets):
            all_are_ours = place == self._overall.count
            return Turn(self._tickets[0][0] + window if all_are_ours else self._now + GRACE, granted=False)
        at, ticket = self._tickets[place]
        if self._not_before is not None:
            at = max(at, self._not_before + self._overall.interval * _EVENLY)
        if at > until:
            return Turn(at, granted=False)
        self._used.append((ticket, at + window))
        self._not_before = at
        return Turn(at, granted=True, ticket=ticket, window=window)

    def write(self) -> None:
        place = _of_tickets(self._channel)
        _SET.write(self._session, [(place, ticket, free_at) for ticket, free_at in self._used])


class _Chats:
    """The limits of the chats that are asked for, and of the day: ours until the transaction ends."""

    def __init__(
        self, session: Session, channel: str, asks: Sequence[Ask], limits: Limits, real_now: datetime
    ) -> None:
        self._session, self._channel, self._limits, self._now = session, channel, limits, real_now
        addresses = {ask.address for ask in asks if ask.message} if limits.each else ()
        self._targets = {one: _targets(channel, one, len(limits.each)) for one in addresses}
        targets = [target for of_one in self._targets.values() for target in of_one]
        if limits.day is not None and any(ask.message for ask in asks):
            targets.append(_DAY)
        self._free = _free(session, channel, targets, real_now)
        self._charged = set[bytes]()

    def refusal(self, ask: Ask) -> Turn | None:
        chat, day = self._rates(ask)
        start = max((self._free[target] - rate.ahead for target, rate in chat), default=self._now)
        if start > self._now:
            return Turn(start, granted=False, full="chat")
        if day is None or ask.weight is Weight.safety:
            return None
        kept = day.kept if ask.weight <= Weight.ordinary else timedelta()
        start = self._free[_DAY] - day.ahead + kept
        return Turn(start, granted=False, full="day") if start > self._now else None

    def charge(self, ask: Ask, at: datetime) -> None:
        chat, day = self._rates(ask)
        for target, rate in (*chat, *([(_DAY, day)] if day is not None else ())):
            self._free[target] = max(self._free[target], at) + rate.interval
            self._charged.add(target)

    def write(self) -> None:
        _SET.write(
            self._session,
            [(self._channel, target, self._free[target]) for target in sorted(self._charged)],
        )

    def _rates(self, ask: Ask) -> tuple[list[tuple[bytes, Rate]], Rate | None]:
        if not ask.message:
            return [], None
        targets = self._targets.get(ask.address, ())
        return list(zip(targets, self._limits.each, strict=False)), self._limits.day


def _of_tickets(channel: str) -> str:
    return f"{channel}:turns"


def _ticket(number: int) -> bytes:
    return number.to_bytes(2, "big")


def _targets(channel: str, address: str, rates: int) -> list[bytes]:
    index = address_index(channel, address)
    return [index + bytes([number]) for number in range(rates)]


def _held_until(session: Session, channel: str, real_now: datetime) -> datetime:
    """Until when the vendor wants to be left alone altogether; now, where it does not."""
    query = select(_PACE.c.free_at).where(_PACE.c.channel == channel, _PACE.c.target == _WHOLE)
    until: datetime | None = session.execute(query).scalar()
    return real_now if until is None or until - real_now > LONGEST_HOLD else max(real_now, until)


def _free(
    session: Session, channel: str, targets: Collection[bytes], real_now: datetime
) -> dict[bytes, datetime]:
    """When each of these limits is free, ours until the transaction ends."""
    if not targets:
        return {}
    query = (
        select(_PACE.c.target, _PACE.c.free_at)
        .where(_PACE.c.channel == channel, _PACE.c.target.in_(targets))
        .order_by(_PACE.c.target)
        .with_for_update()
    )
    found = dict(tuple(row) for row in session.execute(query))
    missing = sorted(set(targets) - found.keys())
    if missing:
        _NEW.write(session, [(channel, target, real_now) for target in missing])
        found = dict(tuple(row) for row in session.execute(query))
    return {
        target: real_now if free_at - real_now > LONGEST_HOLD else free_at
        for target, free_at in found.items()
    }
