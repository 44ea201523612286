"""What lies in the outbox, for those who run it: what died, what waits, what perhaps arrived twice; never its words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, func, or_, text
from sqlmodel import Session, col, select

from locales.catalogue import N_
from locales.phrase import Word
from reminders import waiting
from reminders.outbox import NO_MESSAGE, payload_of
from reminders.waiting import Why
from storage import audit, ids
from storage.errors import NotFound, Refused
from storage.sealed import SealBroken, seal_data
from storage.tables import mail
from storage.tables.mail import PAYLOAD, Outbox, OutboxState
from storage.tables.members import Member, MemberRole, Role

STUCK = timedelta(minutes=15)  # a message that failed waits four minutes at most between two attempts
LOOKED_BACK = timedelta(days=7)  # what died before that has been seen, or is of no use any more
IN_HAND_SHOWN = timedelta(hours=1)  # since it was made: an answer that its process is sending
OPEN = (OutboxState.todo, OutboxState.sending)
_DEAD = and_(text(f"outbox.{mail.DEAD}"), col(Outbox.state) == OutboxState.dead)
NO_SUCH_LETTER = N_("No message that died is called {id}. See: fangpingcha outbox list --dead")


class Which(StrEnum):
    dead = "dead"
    waiting = "waiting"  # its time has come, and it has not been sent
    twice = "twice"  # sent after an attempt of which nobody knows whether it arrived


@dataclass(frozen=True)
class Letter:
    """One row as an operator may know it."""

    row: Outbox
    number: int | None  # of the member
    roles: tuple[Role, ...]
    why: Why | None = None  # it waits, if it is due and not sent


def _condition(which: Which, now: datetime, real_now: datetime) -> Any:
    if which is Which.dead:
        return _DEAD
    if which is Which.waiting:
        opened = and_(col(Outbox.ended).is_(None), col(Outbox.state).in_(OPEN), col(Outbox.due_at) <= now)
        # By its number alone: those whose lease is long over stand with what is open, once somebody is there to see it.
        young = col(Outbox.id) >= ids.first_id_at(real_now - IN_HAND_SHOWN)
        return or_(opened, and_(young, col(Outbox.ended) == mail.IN_HAND))
    return and_(col(Outbox.unanswered) > 0, col(Outbox.state) == OutboxState.sent)


def listed(
    session: Session, which: Sequence[Which], limit: int, *, now: datetime, real_now: datetime
) -> list[Letter]:
    """The newest of these, oldest first."""
    query = select(Outbox).where(or_(*(_condition(one, now, real_now) for one in which)))
    rows = session.exec(query.order_by(col(Outbox.id).desc()).limit(limit)).all()
    open_rows = [row for row in rows if row.state in OPEN]
    why = waiting.reasons(session, open_rows, now=now, real_now=real_now)
    return [_letter(session, row, why.get(row.id)) for row in reversed(rows)]


def _letter(session: Session, row: Outbox, why: Why | None) -> Letter:
    member = session.get(Member, row.member_id) if row.member_id is not None else None
    if member is None:
        return Letter(row, None, (), why)
    roles = session.exec(select(MemberRole.role).where(MemberRole.member_id == member.id)).all()
    return Letter(row, member.number, tuple(Role(role) for role in roles), why)


def died(session: Session, *, now: datetime) -> int:
    """How many messages to members died of late. That an old message could not be edited or taken back is no loss."""
    query = select(func.count()).where(
        _DEAD,
        col(Outbox.due_at) > now - LOOKED_BACK,
        col(Outbox.member_id).is_not(None),
        col(Outbox.kind).not_in(NO_MESSAGE),
    )
    return session.exec(query).one()


def stuck(session: Session, *, now: datetime, real_now: datetime) -> Counter[Why]:
    """How many messages have been waiting for so long that something must be wrong, and for what."""
    return waiting.counted(session, col(Outbox.due_at) <= now - STUCK, now=now, real_now=real_now)


def perhaps_twice(session: Session, *, real_now: datetime) -> int:
    """How many of the messages made of late perhaps arrived twice."""
    query = select(func.count()).where(
        col(Outbox.unanswered) > 0,
        Outbox.state == OutboxState.sent,
        col(Outbox.id) >= ids.first_id_at(real_now - LOOKED_BACK),
    )
    return session.exec(query).one()


# --- once more -------------------------------------------------------------------------------------------------------


def retry(session: Session, called: str | None, *, now: datetime) -> int:
    """Have the dead message that is called so, or all of them, tried once more. How many that are."""
    dead = session.exec(select(Outbox).where(_DEAD).order_by(col(Outbox.id)).with_for_update()).all()
    chosen = [row for row in dead if called is None or ids.short(row.id) == called.strip().upper()]
    if called is not None and len(chosen) != 1:
        if not chosen:
            raise NotFound(NO_SUCH_LETTER, id=Word(called))
        raise Refused(N_("Several messages are called {id}. Use --all."), id=Word(called))
    for row in chosen:
        _revive(row)
        audit.record(
            session, None, "outbox_retried", "outbox", row.id, now=now, county_id=row.county_id, kind=row.kind
        )
    return len(chosen)


def _revive(row: Outbox) -> None:
    row.state, row.attempts = OutboxState.todo, 0
    row.owner = row.lease_until = row.tried_since = row.error = None
    forget_words(row)


def forget_words(row: Outbox) -> None:
    """Have a notice put into words anew: by now something else may be true."""
    if row.kind == "reply" or row.kind in NO_MESSAGE or row.receipt:
        return  # an answer stays what it was, and what is partly there goes on as it began
    try:
        payload = payload_of(row.id, row.payload_sealed)
    except SealBroken:
        return  # it will die of it again
    if payload.pop("message", None) is not None:
        row.payload_sealed = seal_data(payload, PAYLOAD, row.id)
