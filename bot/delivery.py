"""The post office: takes rows out of the outbox and hands them to channels.

Claim, prepare (in one transaction: is it still true, whom does it reach, what may the channel know, what are the
words), send outside any transaction, mark. What was prepared is kept, so that a second attempt sends the same words.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import groupby
from typing import Any

import structlog
from sqlmodel import Session, col, select

from bot import notices
from bot.channels.base import Channel, ChannelError
from bot.channels.disclosure import Level, Undisclosable, check, reduce
from bot.channels.fit import fit
from bot.context import Context
from bot.messages import Message, Rendered, render
from locales.phrase import Reader
from reminders import outbox
from storage.clock import Clock, lease_now
from storage.ids import code, new_id
from storage.lane import Lane
from storage.sealed import SealBroken, seal, unseal
from storage.tables.mail import ADDRESS, PAYLOAD, Outbox, OutboxItem
from storage.tables.members import Address, Member, MemberState

log = structlog.get_logger()
BATCH = 50
TRIES = 3  # at putting a row into words


@dataclass(frozen=True)
class Parcel:
    """One row and all that its words depend on. `replaces` is the receipt of the message it edits."""

    row_id: int
    attempts: int
    owner: str
    channel: str
    address: str
    nonce: str
    message: Message
    reader: Reader
    replaces: str | None = None


@dataclass(frozen=True)
class NewRow:
    """What a parcel needs of a row that was written a moment ago."""

    id: int
    nonce: str
    owner: str
    attempts: int = 1


@dataclass(frozen=True)
class Outcome:
    parcel: Parcel
    receipt: str | None = None
    error: ChannelError | None = None


class PostOffice:
    """Delivers through the given channels. One a process; any number of processes."""

    def __init__(
        self,
        lane: Lane,
        clock: Clock,
        channels: Mapping[str, Channel],
        levels: Mapping[str, Level],
        language: str,
    ) -> None:
        self._lane, self._clock, self._channels = lane, clock, channels
        self.levels, self.language = levels, language
        self.owner = code(12)  # of the replies, which are born leased

    async def one_delivery(self) -> bool:
        """Claim a batch and deliver it; whether there was any."""
        # A name of its own for every claim: a delivery that slept past its lease finishes nothing, not even our own.
        now, real_now, owner = self._clock.now(), lease_now(), code(12)
        ids = await self._lane.run(
            lambda session: [
                row.id for row in outbox.claim(session, owner, now=now, real_now=real_now, limit=BATCH)
            ]
        )
        if not ids:
            return False
        await self.deliver(await self._lane.run(lambda session: self._prepare(session, ids, owner)))
        return True

    async def deliver(self, parcels: Sequence[Parcel]) -> None:
        """Send parcels: one address after the other in its order, different addresses side by side."""
        by_address = [list(group) for _, group in groupby(sorted(parcels, key=_address), key=_address)]
        outcomes = await asyncio.gather(*(self._send_in_order(group) for group in by_address))
        await self._lane.run(lambda session: self._mark(session, [o for group in outcomes for o in group]))

    async def _send_in_order(self, parcels: list[Parcel]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        for parcel in sorted(parcels, key=lambda parcel: parcel.row_id):
            try:
                outcomes.append(Outcome(parcel, await self._send(parcel)))
            except Undisclosable as error:
                outcomes.append(Outcome(parcel, error=ChannelError(str(error), permanent=True)))
            except ChannelError as error:
                outcomes.append(Outcome(parcel, error=error))
                if not error.permanent:
                    break  # the rest of this chat waits for its turn: its lease runs out, its order stays
            except Exception as error:
                log.error("channel_broke", channel=parcel.channel, error=type(error).__name__)
                outcomes.append(Outcome(parcel, error=ChannelError(type(error).__name__)))
                break
        return outcomes

    async def _send(self, parcel: Parcel) -> str | None:
        channel = self._channels[parcel.channel]
        receipt = None
        for part in self.words(parcel):
            receipt = await channel.send(parcel.address, part, replaces=parcel.replaces)
        return receipt

    def _mark(self, session: Session, outcomes: Iterable[Outcome]) -> None:
        now, real_now = self._clock.now(), lease_now()
        for outcome in outcomes:
            parcel, error = outcome.parcel, outcome.error
            if error is None:
                outbox.mark_sent(session, parcel.row_id, parcel.owner, outcome.receipt, now=now)
            elif error.permanent:
                outbox.mark_dead(session, parcel.row_id, parcel.owner, error.reason)
            else:
                outbox.mark_failed(
                    session, parcel.row_id, parcel.owner, parcel.attempts, error.reason, real_now=real_now
                )

    # --- preparing -------------------------------------------------------------------------------------------------

    def _prepare(self, session: Session, ids: Sequence[int], owner: str) -> list[Parcel]:
        mine = select(Outbox).where(col(Outbox.id).in_(ids), Outbox.owner == owner)
        rows = session.exec(mine.order_by(col(Outbox.id))).all()
        parcels = []
        for row in rows:
            try:
                with session.begin_nested():
                    parcel = self._parcel(session, row)
            except Exception as error:
                self._put_aside(session, row, error)
            else:
                if parcel is None:
                    outbox.mark_withdrawn(session, row.id, str(row.owner))
                else:
                    parcels.append(parcel)
        return parcels

    def _put_aside(self, session: Session, row: Outbox, error: Exception) -> None:
        """One row that cannot be put into words must not hold up the others: after few tries a person has to look."""
        reason, owner = type(error).__name__, str(row.owner)
        hopeless = isinstance(error, Undisclosable | SealBroken)
        if not isinstance(error, ChannelError):
            log.error("cannot_prepare", kind=row.kind, error=reason)
            hopeless = hopeless or row.attempts >= TRIES
        if hopeless:
            outbox.mark_dead(session, row.id, owner, reason)
        else:
            outbox.mark_failed(session, row.id, owner, row.attempts, reason, real_now=lease_now())

    def _parcel(self, session: Session, row: Outbox) -> Parcel | None:
        payload = outbox.payload_of(row.id, row.payload_sealed)
        if row.member_id is None:
            address = unseal(row.address_sealed or b"", ADDRESS, row.id)
            return parcel_of(
                row, str(row.channel), address, Message.load(payload["message"]), self.stranger()
            )
        member = session.get(Member, row.member_id)
        if member is None or member.state != MemberState.active:
            return None
        reached = self._reach(session, row, member)
        if reached is None:
            raise ChannelError("no address")
        channel, address, replaces = reached
        ctx = Context(session, member, self._clock.now(), self.levels[channel], self.language)
        message = self._message(ctx, row, payload)
        if message is None:
            return None
        row.channel = channel
        return parcel_of(row, channel, address, message, ctx.reader, replaces)

    def stranger(self, language: str | None = None) -> Reader:
        """The reader of a chat that is bound to nobody, or of one whose member may be told no more than this."""
        return Reader(language or self.language, UTC, self._clock.now().date())

    def _reach(self, session: Session, row: Outbox, member: Member) -> tuple[str, str, str | None] | None:
        """Where the member is reached: an edit where its message was, anything else at the latest address."""
        original = session.get(Outbox, row.replaces) if row.replaces is not None else None
        wanted = original.channel if original is not None else row.channel
        found = session.exec(
            select(Address)
            .where(Address.member_id == member.id, col(Address.unreachable_at).is_(None))
            .order_by(col(Address.bound_at).desc())
        ).all()
        for address in found:
            if address.channel in self._channels and wanted in (None, address.channel):
                return address.channel, address.address, original.receipt if original else None
        return None

    def _message(self, ctx: Context, row: Outbox, payload: dict[str, Any]) -> Message | None:
        if "message" in payload:
            return Message.load(payload["message"])
        if row.kind == "update" and not self._channels[self._kind_of(ctx, row)].can.edit:
            return None  # where nothing can be edited, the answer to the act has said it all
        composed = notices.compose(ctx, row, payload)
        if composed is None:
            return None
        payload["message"] = composed.message.dump()
        row.payload_sealed = seal(json.dumps(payload, ensure_ascii=False), PAYLOAD, row.id)
        items = [{"id": new_id(), "outbox_id": row.id, "visit_id": visit_id} for visit_id in composed.items]
        outbox.insert_new(ctx.session, OutboxItem, items)
        return composed.message

    def _kind_of(self, ctx: Context, row: Outbox) -> str:
        original = ctx.session.get(Outbox, row.replaces)
        return str(original.channel) if original is not None else ""

    def words(self, parcel: Parcel) -> list[Rendered]:
        """A message in its final words for one address: reduced to what the channel may know, checked, fitted."""
        level = self.levels[parcel.channel]
        told = reduce(parcel.message, level)
        check(told, level)
        return fit(render(told, parcel.reader, parcel.nonce), self._channels[parcel.channel].can)


def parcel_of(
    row: Outbox | NewRow,
    channel: str,
    address: str,
    message: Message,
    reader: Reader,
    replaces: str | None = None,
) -> Parcel:
    return Parcel(
        row.id, row.attempts, str(row.owner), channel, address, row.nonce, message, reader, replaces
    )


def _address(parcel: Parcel) -> tuple[str, str]:
    return parcel.channel, parcel.address
