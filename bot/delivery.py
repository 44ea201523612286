"""The post office: takes rows out of the outbox and hands them to channels.

Claim, pack (bot/parcels.py, in one transaction), send outside any transaction, mark. Each chat is a line of its own:
in it one message goes after the other, and a chat that is slow, full or gone holds up nobody else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

import structlog
from sqlmodel import Session, col, update

from bot import merging
from bot.channels.base import Channel, ChannelError
from bot.channels.disclosure import Level, Undisclosable
from bot.errands import nobody
from bot.lookout import Lookout
from bot.messages import Rendered
from bot.parcels import Line, Packer, Parcel, line_of, order_of
from bot.turnstile import Full, Turnstile
from reminders import claiming, outbox, pace, passing, waiting
from reminders.pace import Ask
from storage.clock import Clock, lease_now
from storage.ids import code
from storage.lane import Lane
from storage.once import once
from storage.tables.members import Address, address_index

log = structlog.get_logger()
BATCH = 50
PACKED = 10  # put into words in one transaction: nobody waits for the words of many
ABREAST = 200  # lines at a time
BREATH = 0.05  # seconds between two looks into an outbox that has nothing: the bell rings with every message
THIRDS = 3  # of a lease: one to begin, one to wait for a turn, one to call the vendor
CLOSING = 2.0  # seconds in which what was cut off is written down


class NotYet(Exception):
    """The chat has no turn for some time: the row waits in the outbox, not here. `full`: what was used up."""

    def __init__(self, wait: timedelta, full: str | None = None) -> None:
        super().__init__()
        self.wait, self.full = wait, full


@dataclass(frozen=True)
class Outcome:
    """What became of one parcel: the receipts of the parts that went out, and what stopped the rest."""

    parcel: Parcel
    receipts: tuple[str, ...] = ()
    error: ChannelError | NotYet | None = None

    @property
    def wait(self) -> timedelta | None:
        """For how long nothing else may go to this chat."""
        if isinstance(self.error, NotYet):
            return self.error.wait
        if self.error is None or self.error.permanent or self.error.unreachable:
            return None
        return self.error.retry_after or outbox.pause_after(self.parcel.attempts)


class PostOffice(Packer):
    """Delivers through the given channels. One a process; any number of processes."""

    def __init__(
        self,
        lane: Lane,
        clock: Clock,
        channels: Mapping[str, Channel],
        levels: Mapping[str, Level],
        language: str,
    ) -> None:
        super().__init__(clock, channels, levels, language)
        self._lane = lane
        self.owner = code(12)  # of the replies, which are born leased
        self.fetch: Callable[[Parcel], Awaitable[None]] = nobody  # takes files in (bot/intake.py)
        self._lookout = Lookout(lane)
        self._stiles: dict[str, Turnstile] = {}
        self._lines: dict[Line, asyncio.Task[timedelta | None]] = {}
        self._under_way: set[asyncio.Task[timedelta | None]] = set()
        self._posted = 0
        self._claiming, self._marking = asyncio.Lock(), asyncio.Lock()
        self._finished: list[Outcome] = []
        self._closing = False
        self.last_done: datetime | None = None  # in real time
        self._bell, self._rung = asyncio.Event(), asyncio.Event()  # the second only by others

    @once
    def removers(self) -> dict[str, timedelta]:
        """The channels that can take messages back, each with the time it has for that."""
        return {kind: within for kind, c in self.channels.items() if (within := c.can.remove) is not None}

    # --- the work ----------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Deliver whatever is there each time the bell rings, for ever."""
        while True:
            self._bell.clear()
            try:
                while await self.dispatch():
                    await self._room()
            except Exception as error:
                log.error("delivery_failed", error=type(error).__name__)
            await asyncio.sleep(BREATH)
            await self._bell.wait()

    def ring(self) -> None:
        """There may be something to deliver."""
        self._bell.set()
        self._rung.set()

    async def dispatch(self, *, only_urgent: bool = False) -> bool:
        """Claim a batch and begin to send it; whether there was any."""
        # A name of its own for every claim: a delivery that slept past its lease finishes nothing, not even our own.
        async with self._claiming:
            now, real_now, owner = self._clock.now(), lease_now(), code(12)
            await self._lookout.look(real_now)
            ids = await self._lane.run(
                lambda session: claiming.claim_ids(
                    session, owner, now=now, real_now=real_now, limit=BATCH, only_urgent=only_urgent
                )
            )
            for first in range(0, len(ids), PACKED):
                await self._post_some(ids[first : first + PACKED], owner)
        return bool(ids)

    async def _post_some(self, ids: Sequence[int], owner: str) -> None:
        self.post(await self._lane.run(lambda session: self.pack(session, ids, owner), apart=True))

    async def settled(self) -> None:
        """Return once all that is ready has been sent, or has failed for now."""
        while True:
            posted, idle = self._posted, not self._under_way
            if not await self.dispatch() and idle and self._posted == posted:
                return  # nothing was under way when we looked, and nothing began while we did
            if self._under_way:
                await asyncio.wait(self._under_way, return_when=asyncio.FIRST_COMPLETED)

    async def one_delivery(self) -> bool:
        """Claim one batch and see it through; whether there was any."""
        there_was = await self.dispatch()
        await self._all_done()
        return there_was

    async def deliver(self, parcels: Sequence[Parcel]) -> None:
        """Send parcels and return when they are sent, or have failed."""
        self.post(parcels)
        await self._all_done()

    async def close(self, grace: float) -> None:
        """Begin nothing more, and let what is under way come to its end for so many seconds. The rest is given back for
        whoever comes next: what was cut off as perhaps sent, what had not begun as it was."""
        self._closing = True
        if self._under_way:
            _, late = await asyncio.wait(self._under_way, timeout=grace)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=CLOSING)
        together, self._finished = self._finished, []
        if together:
            await self._lane.run(lambda session: self._mark_all(session, together))

    async def _all_done(self) -> None:
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def _room(self) -> None:
        """Until there is room for more lines. Safety calls go on meanwhile, for not all of them may be stuck."""
        while len(self._under_way) >= ABREAST:
            rung = asyncio.create_task(self._rung.wait())
            await asyncio.wait([rung, *self._under_way], return_when=asyncio.FIRST_COMPLETED)
            rung.cancel()
            if self._rung.is_set():
                self._rung.clear()
                await self.dispatch(only_urgent=True)

    # --- lines -------------------------------------------------------------------------------------------------------

    def post(self, parcels: Iterable[Parcel]) -> None:
        """Put parcels into the lines of their chats, and return at once."""
        for line, group in groupby(sorted(parcels, key=order_of), key=line_of):
            task = asyncio.create_task(self._send_line(list(group), self._lines.get(line)))
            self._lines[line] = task
            self._under_way.add(task)
            self._posted += 1
            task.add_done_callback(lambda done, line=line: self._leave(line, done))  # type: ignore[misc]

    def _leave(self, line: Line, task: asyncio.Task[timedelta | None]) -> None:
        self._under_way.discard(task)
        if self._lines.get(line) is task:
            del self._lines[line]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("line_broke", channel=line[0], error=type(error).__name__)
        self._bell.set()  # what waited behind these may go now

    async def _send_line(
        self, parcels: list[Parcel], before: asyncio.Task[timedelta | None] | None
    ) -> timedelta | None:
        """Send to one chat in its order, after what is under way to it. How long the chat has to wait, if it has to."""
        wait = await self._behind(before)
        for parcel in parcels:
            if wait is None or parcel.safety:
                outcome = await self._attempt(parcel)
            else:  # one before it did not get through: its order stays
                outcome = Outcome(parcel, parcel.sent, NotYet(wait))
            wait = wait if outcome.wait is None else outcome.wait
            await self._mark(outcome)
        return wait

    async def _behind(self, before: asyncio.Task[timedelta | None] | None) -> timedelta | None:
        """Wait for what is under way to the same chat; how long the chat has to wait after it."""
        if before is None:
            return None
        try:
            await asyncio.wait([before])
        except asyncio.CancelledError:
            if not self._closing:
                raise
            return timedelta()
        return before.result() if _ended_well(before) else None

    async def _attempt(self, parcel: Parcel) -> Outcome:
        receipts = list(parcel.sent)
        try:
            await self._hand_over(parcel, receipts)
        except Undisclosable as error:
            return Outcome(parcel, tuple(receipts), ChannelError(str(error), permanent=True))
        except (ChannelError, NotYet) as error:
            return Outcome(parcel, tuple(receipts), error)
        except Exception as error:
            log.error("channel_broke", channel=parcel.channel, error=type(error).__name__)
            return Outcome(parcel, tuple(receipts), ChannelError(type(error).__name__, uncertain=True))
        return Outcome(parcel, tuple(receipts))

    async def _hand_over(self, parcel: Parcel, receipts: list[str]) -> None:
        """Send the parts that have not been sent, noting the receipt of each as it goes."""
        channel, replaces = self.channels[parcel.channel], parcel.replaces
        if parcel.fetches is not None:
            await self.fetch(parcel)
            return
        if parcel.count is not None:
            await self._turn(parcel, message=False)
            await channel.show_count(parcel.address, parcel.count)
            return
        parts = self.words(parcel)
        if parcel.removes:
            await self._turn(parcel, message=False)
            await channel.remove(parcel.address, parcel.removes, parts[0].text)
            return
        for number, part in enumerate(parts):
            if number >= len(receipts):
                await self._turn(parcel)
                old = replaces[number] if number < len(replaces) else None
                receipts.append(await self._send(parcel, part, old))
        surplus = replaces[len(parts) :]
        if surplus and channel.can.remove is not None:
            await self._turn(parcel)
            await channel.remove(parcel.address, surplus)

    async def _send(self, parcel: Parcel, part: Rendered, old: str | None) -> str:
        try:
            async with asyncio.timeout((outbox.LEASE / THIRDS).total_seconds()):
                return await self.channels[parcel.channel].send(parcel.address, part, replaces=old)
        except (asyncio.CancelledError, TimeoutError) as end:
            if isinstance(end, asyncio.CancelledError) and not self._closing:
                raise
            raise ChannelError("stopped", uncertain=True) from None

    async def _turn(self, parcel: Parcel, *, message: bool = True) -> None:
        """Wait until the channel, and, for a message, this chat of it, may be written to.

        Raises:
            NotYet: that would take too long, or so much of the lease is over that somebody else might send it too.
        """
        late = parcel.until is not None and lease_now() > parcel.until - outbox.LEASE * 2 / THIRDS
        if self._closing or late:
            raise NotYet(timedelta())
        try:
            await self._wait_for_turn(parcel, message)
        except asyncio.CancelledError:
            if not self._closing:
                raise
            raise NotYet(timedelta()) from None

    async def _wait_for_turn(self, parcel: Parcel, message: bool) -> None:
        channel = self.channels[parcel.channel]
        if (stile := self._stiles.get(parcel.channel)) is None or stile.channel is not channel:
            stile = self._stiles[parcel.channel] = Turnstile(self._lane, channel)
        try:
            await stile.turn(Ask(parcel.address, parcel.weight, message), outbox.LEASE / THIRDS)
        except Full as full:
            raise NotYet(full.wait, waiting.full(full.of or "channel")) from None

    # --- marking -----------------------------------------------------------------------------------------------------

    async def _mark(self, outcome: Outcome) -> None:
        """Write down what became of a parcel, together with others that end at the same time."""
        self._finished.append(outcome)
        async with self._marking:
            together, self._finished = self._finished, []
            if together:
                await self._lane.run(lambda session: self._mark_all(session, together))
                self.last_done = lease_now()

    def _mark_all(self, session: Session, outcomes: Iterable[Outcome]) -> None:
        now, delivered = self._clock.now(), list[tuple[int, str, Sequence[str]]]()
        for outcome in outcomes:
            parcel, error = outcome.parcel, outcome.error
            if error is None and parcel.replaces in ((), outcome.receipts):
                ids = (parcel.row_id, *parcel.merged)
                delivered += ((row_id, parcel.owner, outcome.receipts) for row_id in ids)
            elif error is None:
                if outbox.mark_sent(session, parcel.row_id, parcel.owner, outcome.receipts, now=now):
                    outbox.mark_moved(session, parcel.row_id, outcome.receipts)
            elif isinstance(error, NotYet):
                until, row_id, sent = lease_now() + error.wait, parcel.row_id, outcome.receipts
                outbox.put_back(session, row_id, parcel.owner, until=until, receipts=sent, why=error.full)
                _put_back_merged(session, parcel, until)
            else:
                self._mark_refused(session, outcome, error)
        outbox.mark_all_sent(session, delivered, now=now)

    def _mark_refused(self, session: Session, outcome: Outcome, error: ChannelError) -> None:
        parcel, real_now = outcome.parcel, lease_now()
        # A second edit, or a second taking back, shows nobody anything twice.
        uncertain = error.uncertain and not (parcel.replaces or parcel.removes)
        if error.unreachable and parcel.known:
            # At once for the next address, or, where there is none, the next person.
            self._lose(session, parcel)
            outbox.put_back(session, parcel.row_id, parcel.owner)
            _put_back_merged(session, parcel)
        elif parcel.merged and error.permanent:
            merging.part(session, (parcel.row_id, *parcel.merged), parcel.owner)
        elif (
            error.permanent
            or error.unreachable
            or outbox.has_tried_enough(session, parcel.row_id, real_now=real_now)
        ):
            for row_id in (parcel.row_id, *parcel.merged):
                passing.give_up(
                    session,
                    row_id,
                    parcel.owner,
                    error.reason,
                    now=self._clock.now(),
                    uncertain=uncertain,
                )
        else:
            if error.retry_after is not None:
                each = self.channels[parcel.channel].can.each
                chat = None if error.everywhere else parcel.address
                until = real_now + error.retry_after
                pace.hold(session, parcel.channel, chat, each, until, real_now=real_now)
            outbox.mark_failed(
                session,
                parcel.row_id,
                parcel.owner,
                parcel.attempts,
                error.reason,
                real_now=real_now,
                after=outcome.wait,
                receipts=outcome.receipts,
                uncertain=uncertain,
            )
            _put_back_merged(session, parcel, real_now + (outcome.wait or timedelta()))

    def _lose(self, session: Session, parcel: Parcel) -> None:
        index = address_index(parcel.channel, parcel.address)
        lost = update(Address).where(
            col(Address.channel) == parcel.channel, col(Address.address_index) == index
        )
        session.execute(
            lost.where(col(Address.unreachable_at).is_(None)).values(unreachable_at=self._clock.now())
        )


def _put_back_merged(session: Session, parcel: Parcel, until: datetime | None = None) -> None:
    """The rows whose messages are in this one's wait with it."""
    for row_id in parcel.merged:
        outbox.put_back(session, row_id, parcel.owner, until=until)


def _ended_well(task: asyncio.Task[timedelta | None]) -> bool:
    return not task.cancelled() and task.exception() is None
