"""What an incoming message brings about in the outbox: its replies, and the errand for a file that was sent.

Such rows are born leased to this process, so that the usual case needs no second claim; if the process dies before
they are sent, somebody else sends them when the lease ends. Replies are born in its hands, too: what has to be found
while it is under way, a file that is fetched or the answer to who is on a safety call, stands with all that is open.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from sqlmodel import Session

from bot import traces
from bot.channels.base import Incoming
from bot.context import Context
from bot.delivery import PostOffice
from bot.errands import FETCH, Fetch
from bot.in_place import ANEW, Place
from bot.messages import Message
from bot.parcels import NOTHING, Parcel
from locales.phrase import Reader
from reminders import outbox
from storage.clock import lease_now
from storage.queries.access import Speaker
from storage.sealed import seal
from storage.tables.mail import ADDRESS, OutboxState
from storage.tables.members import Member

_FIRST = 1  # of its attempts


def post(
    session: Session,
    office: PostOffice,
    incoming: Incoming,
    messages: list[Message],
    member: Member | Speaker | None,
    reader: Reader,
    place: Place = ANEW,
    *,
    now: datetime,
) -> list[Parcel]:
    """Put the replies into the outbox, leased to us, and have them ready for sending."""
    rows, parcels = [], []
    county_id, member_id = (member.county_id, member.id) if member is not None else (None, None)
    removes, in_hand = incoming.channel in office.removers, "dedupe" not in place.kept
    born = outbox.in_hand if in_hand else partial(_leased, "reply")
    for message in messages:
        row = born(
            {"message": message},
            now=now,
            county_id=county_id,
            member_id=member_id,
            channel=incoming.channel,
            owner=office.owner,
        )
        if place.kept:
            row.update(place.kept)
        if removes:
            row["about"] = traces.asked_by(message)
        if member is None:
            row["address_sealed"] = seal(incoming.address, ADDRESS, row["id"])
        rows.append(row)
        parcels.append(
            _parcel(
                row, incoming, message, reader, known=member is not None, replaces=place.receipts, answer=True
            )
        )
    (outbox.put_in_hand if in_hand else outbox.put)(session, rows)
    return parcels


def errand(ctx: Context, office: PostOffice, incoming: Incoming) -> Parcel:
    """What fetches the file that was sent, in its turn of this chat."""
    if incoming.file is None or ctx.wants_file is None:
        raise ValueError("only a file that is wanted is fetched")
    fetches = Fetch(incoming.file, ctx.said_in, ctx.wants_file, incoming.receipt)
    row = _leased(
        FETCH,
        fetches.dump(),
        now=ctx.now,
        county_id=ctx.member.county_id,
        member_id=ctx.member.id,
        channel=incoming.channel,
        owner=office.owner,
    )
    outbox.put(ctx.session, [row])
    return _parcel(row, incoming, NOTHING, ctx.reader, fetches=fetches)


def _parcel(row: dict[str, Any], incoming: Incoming, message: Message, reader: Reader, **more: Any) -> Parcel:
    """The parcel of a row that was made a moment ago; `more` are further fields of it."""
    return Parcel(
        row["id"],
        _FIRST,
        row["owner"],
        row["channel"],
        incoming.address,
        row["nonce"],
        message,
        reader,
        until=row["lease_until"],
        **more,
    )


def _leased(kind: str, payload: dict[str, Any], *, owner: str, **more: Any) -> dict[str, Any]:
    """A row that stands with all that is open, and is this process's for now."""
    until = lease_now() + outbox.LEASE
    return outbox.row(
        kind,
        payload=payload,
        state=OutboxState.sending,
        owner=owner,
        lease_until=until,
        attempts=_FIRST,
        **more,
    )
