"""An answer that takes the place of the message whose button was tapped: what is ticked changes before one's eyes.

The row of such an answer says which one it edits, as those of notices do that are brought up to date.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, func, select

from bot.channels.base import Incoming
from bot.context import Context
from bot.messages import Message
from reminders import calls, outbox
from storage.prepared import Prepared
from storage.tables import METADATA

_TAPPED = METADATA.tables["outbox"].alias("tapped")
_FIRST = METADATA.tables["outbox"].alias("first")
_STANDS = Prepared(
    select(_FIRST.c.id, _FIRST.c.receipt)
    .join(_TAPPED, _FIRST.c.id == func.coalesce(_TAPPED.c.replaces, _TAPPED.c.id))
    .where(
        _TAPPED.c.id == bindparam("row"),
        _TAPPED.c.nonce == bindparam("nonce"),
        _FIRST.c.member_id == bindparam("member"),
        _FIRST.c.channel == bindparam("in"),
        _FIRST.c.receipt.is_not(None),
    )
)


@dataclass(frozen=True)
class Place:
    """Where an answer goes: the receipts of the message that stands there. Without one it is new. `kept`: what its own
    row says of that, or by what it is found when it is true no longer."""

    receipts: tuple[str, ...] = ()
    kept: dict[str, Any] = field(default_factory=dict)


ANEW = Place()


def place_of(ctx: Context, incoming: Incoming, messages: Sequence[Message]) -> Place:
    """The place of what is answered to a tick; anything else is said anew."""
    if ctx.call is not None and len(messages) == 1:
        return Place(kept={"dedupe": calls.answer_key(ctx.call)})
    if not (ctx.ticks and ctx.edits and incoming.token and len(messages) == 1):
        return ANEW
    nonce = incoming.token.partition(".")[0]
    key = {"row": outbox.row_called(ctx.session, nonce), "nonce": nonce}
    found = _STANDS.first(ctx.session, {**key, "member": ctx.member.id, "in": incoming.channel})
    return Place(outbox.receipts_of(found[1]), {"replaces": found[0]}) if found is not None else ANEW
