"""Who allowed what a channel may be told. The decision is the unit's; the product keeps it and asks for it."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session, col, select

from locales.catalogue import N_
from locales.phrase import Day
from storage import audit
from storage.errors import Refused
from storage.tables.approvals import ChannelApproval

LONGEST = 200


def approve(
    session: Session,
    channel: str,
    level: str,
    approver: str,
    document: str,
    on: date,
    *,
    today: date,
    now: datetime,
) -> ChannelApproval:
    """Record a decision. It replaces none: the newest of a channel holds, the older ones stay readable."""
    approver, document = approver.strip(), document.strip()
    if not approver or not document:
        raise Refused(N_("An approval names who gave it, and the document that says so."))
    if max(len(approver), len(document)) > LONGEST:
        raise Refused(N_("A name or a document has at most {limit} characters."), limit=LONGEST)
    if on > today:
        raise Refused(
            N_("{day} is still to come; an approval is recorded once it has been given."), day=Day(on)
        )
    given = ChannelApproval(
        channel=channel,
        level=level,
        approver_sealed=b"",
        document_sealed=b"",
        approved_on=on,
        recorded_at=now,
    )
    given.approver, given.document = approver, document
    session.add(given)
    session.flush()
    audit.record(
        session, None, "channel_approved", "approval", given.id, now=now, channel=channel, level=level, on=on
    )
    return given


def holding(session: Session, channel: str) -> ChannelApproval | None:
    """The decision that holds for a channel, if there is one."""
    query = select(ChannelApproval).where(ChannelApproval.channel == channel)
    return session.exec(query.order_by(col(ChannelApproval.id).desc()).limit(1)).first()
