"""The outbox held as a whole, as after a restore: nothing is claimed until an operator releases it.

Else everything that was sent since the backup would go out again. An answer to somebody who speaks now still does, for
it is born claimed. On release, what is older than a day is not sent any more as it was: each person gets one message
that says what is true now.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_
from sqlmodel import Session, col, select

from locales.catalogue import N_
from reminders import abandoned, outbox, rules
from reminders.letters import forget_words
from reminders.mechanism import mechanism_of
from reminders.outbox import HOLD, insert_new
from reminders.telling import take_over
from storage import audit
from storage.errors import Refused
from storage.tables.counties import Setting
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member, MemberState

OLD = timedelta(days=1)
TO_DIGEST = frozenset({"digest", "today", "chase"})  # what the digest says anyway
STALE = frozenset({"reply", "silent", "back"})  # of no use to anybody a day later
NOT_HELD = N_("The outbox is not held.")


@dataclass(frozen=True)
class Released:
    """How many messages go out as they are, how many are withdrawn, and how many people get one that catches up."""

    ready: int
    withdrawn: int
    caught_up: int


def held_since(session: Session) -> datetime | None:
    """Since when the outbox is held; None while it is not."""
    kept = session.get(Setting, HOLD)
    return datetime.fromisoformat(json.loads(kept.value)["since"]) if kept is not None else None


def hold(session: Session, *, now: datetime) -> bool:
    """Hold the outbox; False where it is held already."""
    value = json.dumps({"since": now.isoformat()})
    if not insert_new(session, Setting, [{"key": HOLD, "value": value}]):
        return False
    audit.record(session, None, "outbox_held", "outbox", None, now=now)
    return True


def release(session: Session, *, now: datetime, real_now: datetime) -> Released:
    """Let it go again.

    Raises:
        Refused: it is not held.
    """
    kept = session.get(Setting, HOLD, with_for_update=True)
    if kept is None:
        raise Refused(NOT_HELD)
    # What is in the hands of a process that is gone counts as well: else it would go out later, however old it is.
    abandoned.see_to(session, abandoned.left(session, None, real_now=real_now), real_now=real_now)
    free = or_(col(Outbox.lease_until).is_(None), col(Outbox.lease_until) <= real_now)
    waiting = select(Outbox).where(
        col(Outbox.ended).is_(None), col(Outbox.state).in_((OutboxState.todo, OutboxState.sending)), free
    )
    due = session.exec(
        waiting.where(col(Outbox.due_at) <= now).order_by(col(Outbox.id)).with_for_update()
    ).all()
    old = [row for row in due if row.due_at <= now - OLD]
    to_digest = [row for row in old if row.kind in TO_DIGEST]
    gone = [row.id for row in [*to_digest, *(row for row in old if row.kind in STALE)]]
    merged, alerted = _merge_alerts(session, due, now)
    outbox.withdraw(session, [*gone, *merged])
    digested = {
        row.member_id
        for row in to_digest
        if row.member_id is not None and _digest(session, row.member_id, now=now)
    }
    done = Released(len(due) - len(gone) - len(merged), len(gone) + len(merged), len(digested | alerted))
    session.delete(kept)
    facts = {"ready": done.ready, "withdrawn": done.withdrawn, "caught_up": done.caught_up}
    audit.record(session, None, "outbox_released", "outbox", None, now=now, **facts)
    return done


def _merge_alerts(session: Session, due: Sequence[Outbox], now: datetime) -> tuple[list[int], set[int]]:
    """The old alerts of each person into their newest one. Those that went into it, and who gets one."""
    alerts: dict[int, list[Outbox]] = {}
    for row in due:
        if row.kind == "alert" and row.member_id is not None:
            alerts.setdefault(row.member_id, []).append(row)
    merged, hearers = [], set()
    for member_id, rows in alerts.items():
        newest, old = rows[-1], [row.id for row in rows[:-1] if row.due_at <= now - OLD]
        if old:
            take_over(session, newest.id, old)
            forget_words(newest)
            merged += old
        if old or newest.due_at <= now - OLD:
            hearers.add(member_id)
    return merged, hearers


def _digest(session: Session, member_id: int, *, now: datetime) -> bool:
    """One digest of now, or of the next morning; none if that one is there already."""
    member = session.get_one(Member, member_id)
    if member.state != MemberState.active:
        return False
    mechanism = mechanism_of(session, member.county_id)
    moment = rules.morning(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    day = mechanism.day(moment)
    row = outbox.row(
        "digest",
        now=now,
        county_id=member.county_id,
        member_id=member_id,
        due_at=moment,
        dedupe=f"digest:{member_id}:{day.isoformat()}",
        day=day,
    )
    return outbox.put_once(session, row)
