"""The machine's clock was set back: leases, pauses and paces end at moments of the old clock, hours or days from now.

Whoever notices cuts them to what they could be if they began now. Doing so twice changes nothing, so every process may.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlmodel import Session, col

from reminders import outbox
from storage.ids import first_id_at
from storage.tables.mail import IN_HAND, Outbox, OutboxState, Pace

_LONGEST_PACE = timedelta(seconds=10)  # what limits of seconds reach; a vendor that wants more says so again


def cut(session: Session, *, real_now: datetime) -> None:
    """What somebody is sending stays theirs for the length of a lease: it is not sent a second time."""
    pause = timedelta(seconds=outbox.BACKOFF[-1])
    for state, longest in ((OutboxState.sending, outbox.LEASE), (OutboxState.todo, pause)):
        too_far = update(Outbox).where(
            col(Outbox.ended).is_(None),
            col(Outbox.state) == state,
            col(Outbox.lease_until) > real_now + longest,
        )
        session.execute(too_far.values(lease_until=real_now + longest))
    # Of answers that are in somebody's hands no index knows the lease; but the old clock is in their numbers, too.
    in_hand = update(Outbox).where(
        col(Outbox.id) >= first_id_at(real_now),
        col(Outbox.ended) == IN_HAND,
        col(Outbox.lease_until) > real_now + outbox.LEASE,
    )
    session.execute(in_hand.values(lease_until=real_now + outbox.LEASE))
    ahead = real_now + _LONGEST_PACE
    session.execute(update(Pace).where(col(Pace.free_at) > ahead).values(free_at=ahead))
