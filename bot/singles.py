"""A notice of one visit, or of those of one case, brought up to date. Several that went out as one message stay one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlmodel import col, select

from bot import absence, merging, moving, standing, wording
from bot.context import Context
from bot.messages import Message
from locales.phrase import Phrase
from reminders import asking, outbox
from storage.queries import visits as visit_lists
from storage.queries.visits import VisitLine
from storage.tables.mail import UNASKED, Outbox, OutboxItem


def retold(
    ctx: Context, original: Outbox, since: datetime | None, digest: Callable[[Outbox], Message]
) -> Message | None:
    """The message as it should read now; None while all that it says still waits for its reader. `digest` puts one
    that went out with others anew."""
    rows = _together(ctx, original)
    told = [
        (row, (digest(row), True) if row.kind == merging.DIGEST else _one(ctx, row, since)) for row in rows
    ]
    if not any(changed for _, (_, changed) in told):
        return None
    parts = merging.in_order([(row, message) for row, (message, _) in told])
    whole = merging.joined(parts, None)
    if whole is None:  # two buttons that read the same by now: those of the first part are kept
        whole = merging.joined([parts[0], *(Message(part.lines) for part in parts[1:])], None)
    return whole


def _together(ctx: Context, original: Outbox) -> Sequence[Outbox]:
    """The notices that went out as one message with this one, itself among them."""
    query = select(Outbox).where(
        Outbox.member_id == original.member_id,
        text(f"outbox.{UNASKED}"),
        col(Outbox.kind).in_(merging.JOINED),
        Outbox.channel == original.channel,
        Outbox.receipt == original.receipt,
    )
    return ctx.session.exec(query.order_by(col(Outbox.id))).all()


def _one(ctx: Context, row: Outbox, since: datetime | None) -> tuple[Message, bool]:
    """What a row said, with what became of its visits, and whether anything did."""
    payload = outbox.payload_of(row.id, row.payload_sealed)
    said = Message.load(payload.get(merging.OWN) or payload["message"])
    if row.kind in asking.ABOVE:
        return moving.retold(ctx, row, payload, said, since)
    about = select(OutboxItem.visit_id).where(OutboxItem.outbox_id == row.id)
    items = visit_lists.by_ids(ctx.session, ctx.session.exec(about).all())
    waiting = [standing.waits(ctx, one, since) and absence.makes(ctx, one.visit) for one in items]
    if all(waiting):
        return said, False
    lines = (said.lines[0], *(_line(ctx, item, since) for item in items))
    return Message(lines, said.buttons if any(waiting) else ()), True


def _line(ctx: Context, item: VisitLine, since: datetime | None) -> Phrase:
    became = standing.became(ctx, item, since)
    if became is not None:
        return wording.settled_line(item, became, wording.case_ref(item))
    return wording.visit_line(item, ctx.now, ctx.mechanism)
