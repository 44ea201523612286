"""Several notices that wait for one person become one message, where the vendor limits how many a person gets; and
everywhere those that waited for the reader's hours, together with the digest of that morning.

The first of them carries it: its row keeps the words and the buttons, and which other rows went with it, so that a
second attempt sends the same to the same end. All are marked together. Words are kept only for as long as somebody
may have seen them: else what waited is put anew, for by then something else may be true.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, text
from sqlmodel import Session, col, select

from bot import moving
from bot.context import Context
from bot.messages import Action, Button, Message
from locales.phrase import P
from reminders import asking, outbox
from storage.sealed import seal_data
from storage.tables.cases import Case, CaseState
from storage.tables.mail import PAYLOAD, UNASKED, Outbox, OutboxItem, OutboxState
from storage.tables.matters import Matter, MatterTold
from storage.tables.visits import Visit

# What tells of one thing. Those that went as one are brought up to date as one (bot/singles.py).
MERGED = frozenset(
    {
        "chase",
        "assigned",
        "extended",
        "move_asked",
        "move_refused",
        "moved",
        "reopened",
        "taken_over",
        "absent",
        "cover",
        "leave",
        "leave_off",
        "paused",
        "resumed",
        "case_given",
        "case_moved",
        "home_visits",
    }
)
DIGEST = "digest"  # what waited for the morning goes with it
JOINED = MERGED | {DIGEST}
AT_MOST = 40  # in one message
# In a payload: what a row says by itself, that it has to go by itself, and when its words were found.
OWN, ALONE, FOUND_AT = "own", "alone", "found_at"


def joined(messages: Sequence[Message], most: int | None) -> Message | None:
    """The messages as one, with an empty line between and each button once; None where its buttons do not go together:
    more than `most`, or two that read the same and do different things."""
    messages = list(dict.fromkeys(messages))  # what was put twice while it waited is said once
    lines = [line for message in messages for line in (P(""), *message.lines)][1:]
    by_action: dict[Action, Button] = {}
    rows = []
    for message in messages:
        for row in message.buttons:
            new = tuple(button for button in row if button.action not in by_action)
            by_action |= {button.action: button for button in new}
            rows.append(new)
    if most is not None and len(by_action) > most:
        return None
    if len({button.label for button in by_action.values()}) < len(by_action):
        return None
    return Message(tuple(lines), tuple(row for row in rows if row))


def has_waited(row: Outbox) -> bool:
    """Whether a row was put off until its reader's hours."""
    return row.due_at > row.created_at


def in_order(said: Sequence[tuple[Outbox, Message]]) -> list[Message]:
    """What is to be one message: the digest first, the others as they came; visits that were moved as one list, where
    the first of them stands."""
    found = list[Message]()
    moved = [message for row, message in said if row.kind == asking.MOVED]
    for row, message in sorted(said, key=lambda one: one[0].kind != DIGEST):
        if row.kind != asking.MOVED:
            found.append(message)
        elif message is moved[0]:
            found.append(moving.listed(moved))
    return found


def keep(row: Outbox, payload: dict[str, Any]) -> None:
    row.payload_sealed = seal_data(payload, PAYLOAD, row.id)


def was_said(session: Session, row: Outbox, payload: dict[str, Any]) -> bool:
    """Whether an earlier notice of the same has gone to the same reader since this one was put: both waited for the
    reader's hours, and the earlier one has said how things stand by now."""
    query = select(Outbox).where(
        Outbox.member_id == row.member_id,
        text(f"outbox.{UNASKED}"),
        Outbox.kind == row.kind,
        col(Outbox.id) < row.id,
        Outbox.state == OutboxState.sent,
        col(Outbox.sent_at) >= row.created_at,
    )
    of = _put_with(payload)
    before = session.exec(query).all()
    return any(_put_with(outbox.payload_of(one.id, one.payload_sealed)) == of for one in before)


def _put_with(payload: dict[str, Any]) -> dict[str, Any]:
    """A payload without the words that were found for it, and without who chased, of whom none of them speaks."""
    apart = ("message", "merged", OWN, ALONE, FOUND_AT, "by")
    return {key: value for key, value in payload.items() if key not in apart}


def part(session: Session, ids: Sequence[int], owner: str) -> None:
    """What was refused as one message goes out again one by one: not all of it need be what was refused."""
    mine = select(Outbox).where(col(Outbox.id).in_(ids), Outbox.owner == owner)
    for row in session.exec(mine).all():
        payload = outbox.payload_of(row.id, row.payload_sealed)
        payload.pop("merged", None)
        payload["message"] = payload.pop(OWN, payload["message"])
        payload[ALONE] = True
        keep(row, payload)
        session.flush()
        outbox.put_back(session, row.id, owner)


def is_put_anew(ctx: Context, row: Outbox, payload: dict[str, Any]) -> bool:
    """Whether words that were tried before are found again: where nobody can have seen them, or where they speak of
    visits that nobody makes for now. Then what they speak of is forgotten, to be put down anew."""
    found_at = payload.get(FOUND_AT)
    if found_at and datetime.fromisoformat(found_at) < ctx.now and not row.perhaps_seen:
        _forget_spoken_of(ctx.session, row.id)
        return True
    return _speaks_of_rest(ctx, row, payload)


def _forget_spoken_of(session: Session, row_id: int) -> None:
    session.execute(delete(OutboxItem).where(col(OutboxItem.outbox_id) == row_id))
    session.execute(delete(MatterTold).where(col(MatterTold.outbox_id) == row_id))


def _speaks_of_rest(ctx: Context, row: Outbox, payload: dict[str, Any]) -> bool:
    together = [row.id, *payload.get("merged", ())]
    visits = (
        select(Visit.case_id)
        .join(OutboxItem, col(OutboxItem.visit_id) == Visit.id)
        .where(col(OutboxItem.outbox_id).in_(together))
    )
    matters = (
        select(Matter.case_id)
        .join(MatterTold, col(MatterTold.matter_id) == Matter.id)
        .where(col(MatterTold.outbox_id).in_(together))
    )
    resting = select(Case.id).where(
        or_(col(Case.id).in_(visits), col(Case.id).in_(matters)), Case.state != CaseState.open
    )
    if ctx.session.exec(resting.limit(1)).first() is None:
        return False
    _forget_spoken_of(ctx.session, row.id)
    return True
