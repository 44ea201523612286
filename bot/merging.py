"""Several notices that wait for one person become one message, where the vendor limits how many a person gets.

The first of them carries it: its row keeps the words and the buttons, and which other rows went with it, so that a
second attempt sends the same to the same end. All are marked together.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from bot.messages import Action, Button, Message
from locales.phrase import P
from reminders import outbox
from storage.sealed import seal_data
from storage.tables.mail import PAYLOAD, Outbox

# What tells of one thing. Those that went as one are brought up to date as one (bot/singles.py).
MERGED = frozenset(
    {
        "chase",
        "assigned",
        "extended",
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
    }
)
AT_MOST = 40  # in one message
OWN, ALONE = "own", "alone"  # in a payload: what a row says by itself, and that it has to go by itself


def joined(messages: Sequence[Message], most: int | None) -> Message | None:
    """The messages as one, with an empty line between and each button once; None where its buttons do not go together:
    more than `most`, or two that read the same and do different things."""
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


def keep(row: Outbox, payload: dict[str, Any]) -> None:
    row.payload_sealed = seal_data(payload, PAYLOAD, row.id)


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
