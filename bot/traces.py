"""Leaving little behind: what was said in a form is taken back from the chat when the form is done.

A channel that can take messages back (`can.remove`) gives every message a receipt. Those of a form's questions
stand in the outbox, those of a person's answers in the inbox, both under the draft. When the form is handed in or
given up, one row in the outbox has all of them taken back; a form that lies open is cleared of what is old while the
vendor still allows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, update

from bot.channels.base import Incoming
from bot.context import Context
from bot.messages import Message
from reminders import outbox, taking_back
from storage.prepared import Prepared
from storage.tables import METADATA

Removers = Mapping[str, timedelta]


_INBOX = METADATA.tables["inbox"]
_REMEMBER = Prepared(
    update(_INBOX)
    .where(_INBOX.c.channel == bindparam("in"), _INBOX.c.event_id == bindparam("event"))
    .values(about=bindparam("draft"), receipt=bindparam("as"))
)


def asked_by(message: Message) -> int | None:
    """The draft whose question (recap, choice) a message is; the offer to go on with a form is none."""
    if message.draft is not None:
        return int(message.draft[0])
    for row in message.buttons:  # in what was kept until 2026-11-30 each says it
        for button in row:
            if button.action.verb == "draft" and button.action.get("do") != "resume":
                return int(button.action.get("id") or 0) or None
    return None


def keep(ctx: Context, incoming: Incoming, answers: Iterable[Message], removers: Removers) -> None:
    """Remember what was said in a form, and have it taken back in its time; all of it once the form is done. What names
    somebody to a channel that may not know names is taken back at once."""
    draft, receipt = ctx.said_in, incoming.receipt
    if draft is not None and receipt is not None:  # where theirs cannot be taken back, ours still are
        key = {"in": incoming.channel, "event": incoming.event_id[:200], "draft": draft, "as": receipt}
        _REMEMBER.write(ctx.session, key)
    within = removers.get(incoming.channel)
    if within is not None:
        for lies_open in _lying_open(ctx, answers):
            _in_time(ctx, lies_open, incoming.channel, within)
    if ctx.named_somebody and receipt is not None:
        _take_back(ctx, incoming.channel, {"receipts": [receipt]})
    take_back_ended(ctx)


def take_back_read(ctx: Context, channel: str, receipt: str | None, removers: Removers) -> None:
    """Have a file taken back that was read and belongs to no form."""
    if receipt is not None and channel in removers:
        _take_back(ctx, channel, {"receipts": [receipt]})


def take_back_ended(ctx: Context) -> None:
    """Have all taken back that was said in the forms which came to their end just now."""
    for ended, said in ctx.ended.items():
        taking_back.of_form(
            ctx.session, ended, ctx.member.county_id, ctx.member.id, said=said, now=ctx.now
        )  # fmt: skip


def _lying_open(ctx: Context, answers: Iterable[Message]) -> set[int]:
    """The open forms of which there is now something in this chat that must not stay there: what was typed, and, where
    a question shows names and answers, what was asked."""
    found = {ctx.said_in} if ctx.said_in is not None else set[int]()
    if ctx.tells_names:
        found |= {asked for message in answers if (asked := asked_by(message)) is not None}
    return found - ctx.ended.keys()


def _in_time(ctx: Context, draft: int, channel: str, within: timedelta) -> None:
    """While a form lies open: one row for each quarter of the vendor's time takes back what was said in it, in the last
    quarter. What is younger stays, for it may be the question that waits."""
    quarter = within / 4
    number = int(ctx.now.timestamp() // quarter.total_seconds())
    older = {"draft": draft, "older": quarter.total_seconds()}
    _take_back(ctx, channel, older, f"{taking_back.KIND}:{draft}:{channel}:{number}", after=3 * quarter)


def _take_back(
    ctx: Context,
    channel: str,
    what: Mapping[str, Any],
    dedupe: str | None = None,
    *,
    after: timedelta = timedelta(),
) -> None:
    row = outbox.row(
        taking_back.KIND,
        now=ctx.now,
        county_id=ctx.member.county_id,
        member_id=ctx.member.id,
        due_at=ctx.now + after,
        payload=dict(what),
        dedupe=dedupe,
        channel=channel,
    )
    outbox.put_once(ctx.session, row)
