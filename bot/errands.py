"""Rows of the outbox that are no messages: what is to be done at a channel's vendor without telling anybody anything.

Taking messages back, putting a number on an icon, fetching a file that somebody sent. They wait, are claimed and tried
again like messages, in the order of their chat, so that no handler waits for a vendor and a crash loses none of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select

from bot.channels.base import ChannelError, IncomingFile
from bot.context import Context
from reminders import outbox, taking_back
from storage.tables.mail import IN_HAND, Inbox, Outbox, OutboxState
from storage.tables.members import Role

REMOVAL, COUNT, FETCH = taking_back.KIND, "count", "fetch"
KINDS = frozenset({REMOVAL, COUNT, FETCH})
SOON = timedelta(seconds=1)


@dataclass(frozen=True)
class Fetch:
    """A file that is taken in: where it is, and what for. One that answers a question of a form has its draft; one
    that is an errand of its own has none, and is taken back from the chat by its receipt once it was read.
    """

    file: IncomingFile
    draft: int | None
    key: str
    receipt: str | None = None

    def dump(self) -> dict[str, Any]:
        file = self.file
        told = {"file": [file.kind, file.name, file.reference], "draft": self.draft, "key": self.key}
        return told if self.receipt is None else told | {"receipt": self.receipt}

    @classmethod
    def load(cls, data: dict[str, Any]) -> Fetch:
        return cls(IncomingFile(*data["file"]), data["draft"], str(data["key"]), data.get("receipt"))


async def nobody(errand: object) -> None:
    """Where nobody is there to take a file in: it waits."""
    raise ChannelError("nobody takes files in")


def waits_for_answers(session: Session, row: Outbox, *, real_now: datetime) -> bool:
    """Put off taking back what was said in a form while a question of it is in somebody's hands: what it could be taken
    back by is not known before it is sent. One whose process is gone stands with all that is open soon after its lease,
    and is waited for there."""
    draft = outbox.payload_of(row.id, row.payload_sealed).get("draft") if row.kind == REMOVAL else None
    if draft is None:
        return False
    under_way = select(Outbox.id).where(
        Outbox.about == draft,
        Outbox.channel == row.channel,
        Outbox.id < row.id,
        Outbox.ended == IN_HAND,
        col(Outbox.lease_until) > real_now - outbox.LEASE,
    )
    if session.exec(under_way).first() is None:
        return False
    return outbox.put_back(session, row.id, str(row.owner), until=real_now + SOON)


def to_remove(session: Session, row: Outbox, payload: dict[str, Any], *, now: datetime) -> tuple[str, ...]:
    """Messages to be taken back: those named, or what was said in a form here by both sides (`older` than so long)."""
    if "receipts" in payload:
        return tuple(payload["receipts"])
    draft = int(payload["draft"])
    ours = select(Outbox.receipt).where(
        Outbox.about == draft, Outbox.channel == row.channel, Outbox.member_id == row.member_id
    )
    theirs = select(Inbox.receipt).where(Inbox.about == draft, Inbox.channel == row.channel)
    if "older" in payload:
        before = now - timedelta(seconds=payload["older"])
        # What was changed since stands in an older row, too.
        changed = {one for one in session.exec(ours.where(col(Outbox.sent_at) > before)) if one is not None}
        ours = ours.where(col(Outbox.sent_at) <= before, col(Outbox.receipt).not_in(changed))
        theirs = theirs.where(col(Inbox.received_at) <= before)
    found = [*session.exec(ours), *session.exec(theirs)]
    return tuple(word for receipt in found for word in outbox.receipts_of(receipt))


def count_anew(ctx: Context, channel: str) -> None:
    """After a message about visits the number on the icon may have to be another. One such row waits at most."""
    member = ctx.member
    if not ctx.actor.has(Role.care_officer, Role.unit_party_org):
        return
    waiting = select(Outbox.id).where(
        Outbox.member_id == member.id,
        col(Outbox.ended).is_(None),
        Outbox.kind == COUNT,
        Outbox.channel == channel,
        Outbox.state == OutboxState.todo,
    )
    if ctx.session.exec(waiting).first() is None:
        row = outbox.row(COUNT, now=ctx.now, county_id=member.county_id, member_id=member.id, channel=channel)
        outbox.put(ctx.session, [row])
