"""From an outbox row to a parcel: is it still true, whom does it reach, what may the channel know, what are the words.

Everything here happens in one transaction, just before sending. What was put together is kept in the row, so that a
second attempt sends the same words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, timedelta
from typing import Any

import structlog
from sqlmodel import Session, col, select

from bot import notices
from bot.channels.base import Channel
from bot.channels.disclosure import Level, Undisclosable, check, reduce
from bot.channels.fit import fit
from bot.context import Context
from bot.messages import Message, Rendered, render
from locales.phrase import Reader
from reminders import outbox, passing
from reminders.mechanism import mechanism_of
from storage.clock import Clock, lease_now
from storage.ids import new_id
from storage.sealed import SealBroken, seal, unseal
from storage.tables.mail import ADDRESS, PAYLOAD, Inbox, Outbox, OutboxItem
from storage.tables.members import Address, Member, MemberState

log = structlog.get_logger()
TRIES = 3  # at putting a row into words
REMOVAL = "removal"
NOTHING = Message(())


class Unreachable(Exception):
    """The member has no address that works."""


@dataclass(frozen=True)
class Parcel:
    """One row and all that its words depend on.

    `known`: it is for a member, not for a chat that is bound to nobody. `replaces` are the receipts of the message that
    it edits, `removes` of messages it takes back, `sent` of those of its own parts that went out before.
    """

    row_id: int
    attempts: int
    owner: str
    channel: str
    address: str
    nonce: str
    message: Message
    reader: Reader
    known: bool = True
    replaces: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    sent: tuple[str, ...] = ()


@dataclass(frozen=True)
class NewRow:
    """What a parcel needs of a row that was written a moment ago."""

    id: int
    nonce: str
    owner: str
    attempts: int = 1
    receipt: str | None = None


@dataclass(frozen=True)
class _Reached:
    channel: str
    address: str
    replaces: tuple[str, ...] = ()


class Packer:
    """Makes parcels for the channels there are."""

    def __init__(
        self, clock: Clock, channels: Mapping[str, Channel], levels: Mapping[str, Level], language: str
    ) -> None:
        self._clock, self.channels = clock, channels
        self.levels, self.language = levels, language

    def pack(self, session: Session, ids: Sequence[int], owner: str) -> list[Parcel]:
        """Parcels of the rows that `owner` still holds; what needs no sending any more is marked as such."""
        mine = select(Outbox).where(col(Outbox.id).in_(ids), Outbox.owner == owner)
        parcels = []
        for row in session.exec(mine.order_by(col(Outbox.id))).all():
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
        reason, owner, now = type(error).__name__, str(row.owner), self._clock.now()
        if isinstance(error, Unreachable):
            if row.member_id is not None:
                mechanism = mechanism_of(session, session.get_one(Member, row.member_id).county_id)
                passing.pass_on(session, row, mechanism, now=now)
            outbox.mark_dead(session, row.id, owner, "unreachable")
            return
        log.error("cannot_prepare", kind=row.kind, error=reason)
        if isinstance(error, Undisclosable | SealBroken) or row.attempts >= TRIES:
            outbox.mark_dead(session, row.id, owner, reason)
        else:
            outbox.mark_failed(session, row.id, owner, row.attempts, reason, real_now=lease_now())

    def _parcel(self, session: Session, row: Outbox) -> Parcel | None:
        payload = outbox.payload_of(row.id, row.payload_sealed)
        if row.member_id is None:
            if row.channel not in self.channels:
                return None
            address = unseal(row.address_sealed or b"", ADDRESS, row.id)
            message = Message.load(payload["message"])
            return parcel_of(row, str(row.channel), address, message, self.stranger(), known=False)
        member = session.get(Member, row.member_id)
        if member is None or member.state != MemberState.active:
            return None
        mechanism = mechanism_of(session, member.county_id)
        if passing.hand_on(session, row, mechanism, now=self._clock.now()):
            return None
        reached = self._reach(session, row, member)
        ctx = Context(session, member, self._clock.now(), self.levels[reached.channel], self.language)
        if row.kind == REMOVAL:
            return _removal(ctx, row, payload, reached)
        found = self._message(ctx, row, payload, reached)
        if found is None:
            return None
        row.channel = reached.channel
        return parcel_of(row, reached.channel, reached.address, found, ctx.reader, replaces=reached.replaces)

    def stranger(self, language: str | None = None) -> Reader:
        """The reader of a chat that is bound to nobody, or of one whose member may be told no more than this."""
        return Reader(language or self.language, UTC, self._clock.now().date())

    def _reach(self, session: Session, row: Outbox, member: Member) -> _Reached:
        """Where the member is reached: an edit where its message was, anything else at the latest address.

        Raises:
            Unreachable: nowhere.
        """
        original = session.get(Outbox, row.replaces) if row.replaces is not None else None
        bound_to_channel = original is not None or row.kind in ("reply", REMOVAL)
        wanted = (original or row).channel if bound_to_channel else None
        found = session.exec(
            select(Address)
            .where(Address.member_id == member.id, col(Address.unreachable_at).is_(None))
            .order_by(col(Address.bound_at).desc())
        ).all()
        for address in found:
            if address.channel in self.channels and wanted in (None, address.channel):
                replaces = outbox.receipts_of(original.receipt) if original else ()
                return _Reached(address.channel, address.address, replaces)
        raise Unreachable

    def _message(
        self, ctx: Context, row: Outbox, payload: dict[str, Any], reached: _Reached
    ) -> Message | None:
        if "message" in payload:
            return Message.load(payload["message"])
        if row.kind == "update" and not (self.channels[reached.channel].can.edit and reached.replaces):
            return None  # where nothing can be edited, the answer to the act has said it all
        composed = notices.compose(ctx, row, payload)
        if composed is None:
            return None
        payload["message"] = composed.message.dump()
        row.payload_sealed = seal(json.dumps(payload, ensure_ascii=False), PAYLOAD, row.id)
        items = [{"id": new_id(), "outbox_id": row.id, "visit_id": visit_id} for visit_id in composed.items]
        outbox.insert_new(ctx.session, OutboxItem, items)
        return composed.message

    def words(self, parcel: Parcel) -> list[Rendered]:
        """A message in its final words for one address: reduced to what the channel may know, checked, fitted."""
        level = self.levels[parcel.channel]
        told = reduce(parcel.message, level)
        check(told, level)
        parts = fit(
            render(told, parcel.reader, parcel.nonce, parcel.message), self.channels[parcel.channel].can
        )
        return [replace(part, key=f"{parcel.nonce}-{number}") for number, part in enumerate(parts)]


def _removal(ctx: Context, row: Outbox, payload: dict[str, Any], reached: _Reached) -> Parcel | None:
    """Messages to be taken back: those named, or what was said in a form here by both sides (`older` than so long)."""
    if "receipts" in payload:
        removes = tuple(payload["receipts"])
        return parcel_of(row, reached.channel, reached.address, NOTHING, ctx.reader, removes=removes)
    draft = int(payload["draft"])
    ours = select(Outbox.receipt).where(Outbox.about == draft, Outbox.channel == row.channel)
    theirs = select(Inbox.receipt).where(Inbox.about == draft, Inbox.channel == row.channel)
    if "older" in payload:
        before = ctx.now - timedelta(seconds=payload["older"])
        ours = ours.where(col(Outbox.sent_at) <= before)
        theirs = theirs.where(col(Inbox.received_at) <= before)
    found = [*ctx.session.exec(ours), *ctx.session.exec(theirs)]
    receipts = tuple(word for receipt in found for word in outbox.receipts_of(receipt))
    if not receipts:
        return None
    return parcel_of(row, reached.channel, reached.address, NOTHING, ctx.reader, removes=receipts)


def parcel_of(
    row: Outbox | NewRow, channel: str, address: str, message: Message, reader: Reader, **more: Any
) -> Parcel:
    """The parcel of a row; `more` are further fields of `Parcel`."""
    sent = outbox.receipts_of(row.receipt)
    owner = str(row.owner)
    return Parcel(
        row.id, row.attempts, owner, channel, address, row.nonce, message, reader, sent=sent, **more
    )
