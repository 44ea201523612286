"""What the chat learns of a form that came to its end on a page: its open question becomes the outcome."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, select

from bot import traces
from bot.context import Context
from bot.messages import Message
from bot.traces import Removers
from locales.phrase import Phrase
from reminders import outbox
from storage.tables.mail import SENT, Outbox, OutboxState

ROWS = 60  # how far back the open question is looked for


def settle(ctx: Context, draft_id: int, said: Phrase, outcome: Message, removers: Removers) -> None:
    """Tell the outcome where the form was asked last. A form that no chat has asked is told to none."""
    question = _last_question(ctx.session, ctx, draft_id)
    if question is not None:
        row_id, channel = question
        message = Message((said, *outcome.lines), outcome.buttons)
        # Where questions are taken back the outcome is a message of its own; elsewhere it takes the last one's place.
        place: dict[str, Any] = {"channel": channel} if channel in removers else {"replaces": row_id}
        row = outbox.row(
            "reply" if channel in removers else "update",
            now=ctx.now,
            county_id=ctx.member.county_id,
            member_id=ctx.member.id,
            payload={"message": message},
            dedupe=f"settled:{draft_id}",
            **place,
        )
        outbox.put_once(ctx.session, row)


def _last_question(session: Session, ctx: Context, draft_id: int) -> tuple[int, str] | None:
    days = ctx.mechanism.rulebook.limits.button_days
    rows = session.exec(
        select(Outbox.id, Outbox.channel, Outbox.payload_sealed)
        .where(
            Outbox.member_id == ctx.member.id,
            text(f"outbox.{SENT}"),
            Outbox.kind == "reply",
            Outbox.state == OutboxState.sent,
            col(Outbox.created_at) > ctx.now - timedelta(days=days),
        )
        .order_by(col(Outbox.id).desc())
        .limit(ROWS)
    )
    for row_id, channel, sealed in rows:
        content = outbox.payload_of(row_id, sealed).get("message")
        if content and channel and traces.asked_by(Message.load(content)) == draft_id:
            return row_id, channel
    return None
