"""From an outbox row to a parcel: is it still true, whom does it reach, what may the channel know, what are the words.

Everything here happens in one transaction, just before sending. What was put together is kept in the row, so that a
second attempt sends the same words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import structlog
from msgspec import Struct, structs
from sqlmodel import Session, col, select

from bot import errands, notices
from bot.channels.base import Channel
from bot.channels.disclosure import Level, Undisclosable, check, reduce
from bot.channels.fit import fit, noted
from bot.context import Context
from bot.errands import COUNT, FETCH, REMOVAL, Fetch
from bot.merging import (
    ALONE,
    AT_MOST,
    DIGEST,
    FOUND_AT,
    JOINED,
    MERGED,
    OWN,
    has_waited,
    in_order,
    is_put_anew,
    joined,
    keep,
    was_said,
)
from bot.messages import Message, Rendered, render
from bot.readers import Readers
from locales.phrase import P, Reader
from reminders import asking, calls, claiming, outbox, passing, taking_back, telling
from reminders.ladder import Recipients
from reminders.mechanism import mechanism_of
from reminders.pace import Weight
from storage.clock import Clock, lease_now
from storage.ids import new_id
from storage.queries import visits as visit_lists
from storage.sealed import SealBroken, unseal
from storage.tables.mail import ADDRESS, Outbox, OutboxItem
from storage.tables.matters import MatterTold
from storage.tables.members import Address, Member, MemberState

log = structlog.get_logger()
TRIES = 3  # at putting a row into words
SILENT = errands.KINDS | {"reply"}  # what tells nobody of a visit
NOTHING = Message(())
AGAIN = P("(This may have reached you before; it is the same message.)")


class Unreachable(Exception):
    """The member has no address that works."""


class Parcel(Struct, frozen=True):
    """One row and all that its words depend on.

    `known`: it is for a member, not for a chat that is bound to nobody. `replaces` are the receipts of the message that
    it edits, `removes` of messages it takes back (all that may be left of them is its own message), `sent` of those of
    its own parts that went out before. Until `until` nobody else sends it. With a `count` it is no message but the
    number of what waits for the member, with `fetches` a file that the member sent. `merged` are the rows whose
    messages are in this one's. `answer`: it answers what the chat asked. `safety`: of a safety call. `doubted`: it is
    perhaps there already.
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
    until: datetime | None = None
    count: int | None = None
    fetches: Fetch | None = None
    merged: tuple[int, ...] = ()
    answer: bool = False
    safety: bool = False
    doubted: bool = False

    @property
    def weight(self) -> Weight:
        if self.safety:
            return Weight.safety
        if self.removes:
            return Weight.trace
        return Weight.answer if self.answer else Weight.ordinary


@dataclass(frozen=True)
class _Reached:
    channel: str
    address: str
    replaces: tuple[str, ...] = ()


Line = tuple[str, str, bool]


def line_of(parcel: Parcel) -> Line:
    """What takes something back goes beside the chat's messages: none of them waits for it."""
    return parcel.channel, parcel.address, bool(parcel.removes)


def order_of(parcel: Parcel) -> tuple[Line, bool, int]:
    """By lines; in each a safety call first, which waits for nothing that was there before it."""
    return line_of(parcel), not parcel.safety, parcel.row_id


class Packer:
    """Makes parcels for the channels there are."""

    def __init__(
        self, clock: Clock, channels: Mapping[str, Channel], levels: Mapping[str, Level], language: str
    ) -> None:
        self._clock, self.channels = clock, channels
        self.levels, self.language = levels, language
        self.public_url: str | None = None

    def pack(self, session: Session, ids: Sequence[int], owner: str) -> list[Parcel]:
        """Parcels of the rows that `owner` still holds; what needs no sending any more is marked as such.

        Whoever changes what the words depend on waits for us, and we for them (`ladder.halt_senders`).
        """
        mine = select(Outbox).where(col(Outbox.id).in_(ids), Outbox.owner == owner)
        rows = session.exec(mine.order_by(col(Outbox.id)).with_for_update()).all()
        try:
            with session.begin_nested():
                return self._all_of(session, rows)
        except Exception:
            # Nearly always every row is well, and a savepoint for each costs more than a statement.
            return [parcel for row in rows for parcel in self._apart(session, row)]

    def _all_of(self, session: Session, rows: Sequence[Outbox]) -> list[Parcel]:
        readers = Readers(session, {row.member_id for row in rows if row.member_id is not None})
        return [parcel for row in rows for parcel in self._one(session, row, readers)]

    def _apart(self, session: Session, row: Outbox) -> list[Parcel]:
        """One row by itself, after one of them all has failed."""
        try:
            with session.begin_nested():
                return self._all_of(session, [row])
        except Exception as error:
            self._put_aside(session, row, error)
            return []

    def _one(self, session: Session, row: Outbox, readers: Readers) -> list[Parcel]:
        """The parcel of a row, if it goes out now."""
        if self._waits(session, row) or errands.waits_for_answers(session, row, real_now=lease_now()):
            return []
        parcel = self._parcel(session, row, readers)
        if parcel is None:
            outbox.mark_withdrawn(session, row.id, str(row.owner))
            return []
        return [parcel]

    def _put_aside(self, session: Session, row: Outbox, error: Exception) -> None:
        """One row that cannot be put into words must not hold up the others: after few tries a person has to look."""
        reason, owner, now = type(error).__name__, str(row.owner), self._clock.now()
        if row.kind == COUNT or (row.kind in errands.KINDS and isinstance(error, Unreachable)):
            outbox.mark_withdrawn(session, row.id, owner)
            return
        if isinstance(error, Unreachable):
            passing.give_up(session, row.id, owner, "unreachable", now=now)
            return
        log.error("cannot_prepare", kind=row.kind, error=reason)
        if isinstance(error, SealBroken):
            outbox.mark_dead(session, row.id, owner, reason)  # what cannot be read cannot be passed on either
        elif isinstance(error, Undisclosable) or row.attempts >= TRIES:
            passing.give_up(session, row.id, owner, reason, now=now)
        else:
            outbox.mark_failed(session, row.id, owner, row.attempts, reason, real_now=lease_now())

    def _parcel(self, session: Session, row: Outbox, readers: Readers) -> Parcel | None:
        payload = outbox.payload_of(row.id, row.payload_sealed)
        if row.member_id is None:
            if row.channel not in self.channels:
                return None
            address = unseal(row.address_sealed or b"", ADDRESS, row.id)
            message = Message.load(payload["message"])
            reader = self.stranger()
            return parcel_of(row, str(row.channel), address, message, reader, known=False, answer=True)
        member = session.get(Member, row.member_id)
        if member is None:
            return None
        # The chat of somebody who was suspended is cleared, too.
        if row.kind != REMOVAL and self._is_for_others(session, row, member, readers.people):
            return None
        reached = self._reach(session, row, readers.addresses_of(member.id))
        ctx = self._context(session, member, reached)
        ctx.reachable = readers.people
        if row.kind in errands.KINDS:
            return _errand(ctx, row, payload, reached)
        found = self._message(ctx, row, payload, reached)
        if found is None:
            return None
        row.channel = reached.channel
        if row.kind not in SILENT and self.channels[reached.channel].can.count:
            errands.count_anew(ctx, reached.channel)
        more: dict[str, Any] = {"replaces": reached.replaces, "answer": row.kind == "reply"}
        more["safety"] = row.kind in calls.KINDS
        more["doubted"] = row.unanswered > 0 and not (reached.replaces or row.kind in SILENT)
        each = self.channels[reached.channel].can.each
        if (row.kind in MERGED and each) or (row.kind in JOINED and has_waited(row)):
            found, more["merged"] = self._merged(ctx, row, payload, found, reached)
        return parcel_of(row, reached.channel, reached.address, found, ctx.reader, **more)

    def _context(self, session: Session, member: Member, reached: _Reached) -> Context:
        level, can = self.levels[reached.channel], self.channels[reached.channel].can
        return Context(
            session, member, self._clock.now(), level, self.language, self.public_url, buttons=can.buttons
        )

    def _waits(self, session: Session, row: Outbox) -> bool:
        """Whether the row is put off until its reader's hours, or has been overtaken meanwhile. What is in the chat in
        part is brought to its end."""
        at_once = row.kind in passing.AT_ANY_HOUR or row.receipt is not None
        member = session.get(Member, row.member_id) if row.member_id and not at_once else None
        if member is None:
            return False
        mechanism, now = mechanism_of(session, member.county_id), self._clock.now()
        until = passing.wait_for_reader(session, row, member, mechanism, now=now)
        if passing.is_overtaken(row, until or now, mechanism):
            return outbox.mark_withdrawn(session, row.id, str(row.owner))
        if until is None:
            return False
        row.due_at = until
        session.flush()
        return outbox.put_back(session, row.id, str(row.owner))

    def _is_for_others(self, session: Session, row: Outbox, member: Member, people: Recipients) -> bool:
        """Whether somebody else hears instead, because the member is suspended or on leave by now."""
        mechanism, now = mechanism_of(session, member.county_id), self._clock.now()
        if member.state != MemberState.active:
            passing.pass_on(session, row, mechanism, now=now)
            return True
        return passing.hand_on(session, row, people, mechanism, now=now)

    def _merged(
        self, ctx: Context, row: Outbox, payload: dict[str, Any], found: Message, reached: _Reached
    ) -> tuple[Message, tuple[int, ...]]:
        """A notice together with those that wait behind it, and their rows. Words that may have been seen stay."""
        now = {"now": ctx.now, "real_now": lease_now()}
        if "merged" in payload:
            again = claiming.claim_with(ctx.session, row, payload["merged"], **now)
            return found, tuple(other.id for other in again)
        if row.perhaps_seen or ALONE in payload:
            return found, ()
        own, together, ids = found, [(row, found)], list[int]()
        room = self.channels[reached.channel].can.buttons
        behind = claiming.claim_behind(ctx.session, row, JOINED, limit=AT_MOST, **now)
        for at, other in enumerate(behind):
            if other.kind in (DIGEST, passing.CHASE, *asking.ABOVE) and self._is_dropped(ctx, other):
                continue
            message, apart = self._other(ctx, other, reached)
            if message is None:
                continue
            if (other.kind, message) in [(one.kind, said) for one, said in together]:
                outbox.mark_withdrawn(ctx.session, other.id, str(row.owner))  # put twice while it waited
                continue
            whole = None if apart else joined(in_order([*together, (other, message)]), room)
            if whole is None:
                for left in behind[at:]:
                    outbox.put_back(ctx.session, left.id, str(row.owner))
                break
            together.append((other, message))
            ids.append(other.id)
            found = whole
        if ids:
            payload |= {"message": found, "merged": ids, OWN: own}
            keep(row, payload)
        return found, tuple(ids)

    def _is_dropped(self, ctx: Context, row: Outbox) -> bool:
        """Whether what stands behind other notices is not for its reader now: overtaken, or others hear instead."""
        member = ctx.session.get_one(Member, row.member_id)
        if self._waits(ctx.session, row):
            return True
        if not self._is_for_others(ctx.session, row, member, ctx.people):
            return False
        return outbox.mark_withdrawn(ctx.session, row.id, str(row.owner))

    def _other(self, ctx: Context, row: Outbox, reached: _Reached) -> tuple[Message | None, bool]:
        """What a row behind another one says, and whether it has to go by itself; None where it says nothing any more,
        or cannot be put into words: then it is looked at when it comes first."""
        try:
            with ctx.session.begin_nested():
                payload = outbox.payload_of(row.id, row.payload_sealed)
                message = self._message(ctx, row, payload, reached)
        except Exception as error:
            log.warning("cannot_prepare", kind=row.kind, error=type(error).__name__)
            outbox.put_back(ctx.session, row.id, str(row.owner))
            return None, True
        if message is None:
            outbox.mark_withdrawn(ctx.session, row.id, str(row.owner))
        row.channel = reached.channel
        return message, ALONE in payload

    def stranger(self, language: str | None = None) -> Reader:
        """The reader of a chat that is bound to nobody, or of one whose member may be told no more than this."""
        return Reader(language or self.language, UTC, self._clock.now().date())

    def _reach(self, session: Session, row: Outbox, addresses: Sequence[Address]) -> _Reached:
        """Where the member is reached: an edit where its message was, anything else at the latest address.

        Raises:
            Unreachable: nowhere.
        """
        original = session.get(Outbox, row.replaces) if row.replaces is not None else None
        bound_to_channel = original is not None or row.kind in SILENT
        wanted = (original or row).channel if bound_to_channel else None
        for address in addresses:
            if address.channel in self.channels and wanted in (None, address.channel):
                replaces = outbox.receipts_of(original.receipt) if original else ()
                return _Reached(address.channel, address.address, replaces)
        raise Unreachable

    def _message(
        self, ctx: Context, row: Outbox, payload: dict[str, Any], reached: _Reached
    ) -> Message | None:
        if row.kind == calls.KIND and not passing.stands(
            ctx.session, row, ctx.actor, ctx.mechanism, now=ctx.now
        ):
            return None
        if row.kind == "alert" and not row.perhaps_seen:
            telling.fold(ctx.session, row, now=ctx.now, real_now=lease_now())
        if row.kind in passing.STEPS and passing.hand_over(
            ctx.session, row, ctx.actor, ctx.mechanism, now=ctx.now
        ):
            payload.pop("message", None)
        if row.kind not in SILENT and "message" in payload and is_put_anew(ctx, row, payload):
            for key in ("message", "merged", OWN):
                payload.pop(key, None)
        if "message" in payload:
            return Message.load(payload["message"])
        if row.kind == "update" and not (self.channels[reached.channel].can.edit and reached.replaces):
            return None  # where nothing can be edited, the answer to the act has said it all
        if row.kind in MERGED and was_said(ctx.session, row, payload):
            return None
        composed = notices.compose(ctx, row, payload)
        if composed is None:
            return None
        payload |= {"message": composed.message, FOUND_AT: ctx.now.isoformat()}
        keep(row, payload)
        items = [{"id": new_id(), "outbox_id": row.id, "visit_id": visit_id} for visit_id in composed.items]
        outbox.insert_new(ctx.session, OutboxItem, items)
        listed = [{"id": new_id(), "outbox_id": row.id, "matter_id": one} for one in composed.matters]
        outbox.insert_new(ctx.session, MatterTold, listed)
        return composed.message

    def words(self, parcel: Parcel) -> list[Rendered]:
        """A message in its final words for one address: reduced to what the channel may know, checked, fitted."""
        level = self.levels[parcel.channel]
        told = reduce(parcel.message, level, has_pages=self.public_url is not None)
        check(told, level)
        can = self.channels[parcel.channel].can
        parts = fit(render(told, parcel.reader, parcel.nonce, parcel.message), can)
        if parcel.doubted and not can.drops_repeats:
            parts = noted(parts, len(parcel.sent), AGAIN.render(parcel.reader), can)
        told_apart = ((part, f"{parcel.nonce}-{number}") for number, part in enumerate(parts))
        return [structs.replace(part, key=key, answer=parcel.answer) for part, key in told_apart]


def _errand(ctx: Context, row: Outbox, payload: dict[str, Any], reached: _Reached) -> Parcel | None:
    """What is no message: to take messages back, to put a number on an icon, to fetch a file."""
    whom = (row, reached.channel, reached.address)
    if row.kind == FETCH:
        return parcel_of(*whom, NOTHING, ctx.reader, fetches=Fetch.load(payload))
    if row.kind == COUNT:
        count = len(visit_lists.to_make(ctx.session, ctx.member.id, until=ctx.today, today=ctx.today))
        return parcel_of(*whom, NOTHING, ctx.reader, count=count)
    removes = errands.to_remove(ctx.session, row, payload, now=ctx.now)
    left = Message((P(payload.get("said", taking_back.TAKEN_BACK)),))
    return parcel_of(*whom, left, ctx.reader, removes=removes) if removes else None


def parcel_of(
    row: Outbox, channel: str, address: str, message: Message, reader: Reader, **more: Any
) -> Parcel:
    """The parcel of a row; `more` are further fields of `Parcel`."""
    sent = outbox.receipts_of(row.receipt)
    owner = str(row.owner)
    more |= {"sent": sent, "until": row.lease_until}
    return Parcel(row.id, row.attempts, owner, channel, address, row.nonce, message, reader, **more)
