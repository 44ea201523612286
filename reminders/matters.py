"""Matters to follow up: when a morning lists one, and keeping true what listed it.

A matter is told by the morning digest alone: on its day, and again in a while as long as it is open. What came due
while there was no digest (leave, days off, an outage) is in the next one, once.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlmodel import Session, col, select

from reminders import ladder, rules
from reminders.mechanism import Mechanism
from storage.queries import matters as lists
from storage.queries.matters import MatterLine
from storage.tables.mail import Outbox, OutboxState
from storage.tables.matters import Matter, MatterTold


def is_listed(due_on: date, told_on: date | None, today: date, mechanism: Mechanism) -> bool:
    """Whether the digest of a day lists an open matter to somebody whom one of `told_on` told last."""
    calendar, every = mechanism.calendar, mechanism.rulebook.limits.matters_every
    late = rules.lateness(due_on, today, calendar)
    if late < 0:
        return False
    turn = calendar.add_workdays(rules.due_day(due_on, calendar), late - late % every)
    return told_on is None or told_on < turn


def next_turn(due_on: date, today: date, mechanism: Mechanism) -> date:
    """The next day after today whose digest lists a matter that stays open."""
    calendar, every = mechanism.calendar, mechanism.rulebook.limits.matters_every
    late = rules.lateness(due_on, today, calendar)
    turns = 0 if late < 0 else (late // every + 1) * every
    return calendar.add_workdays(rules.due_day(due_on, calendar), turns)


def of_morning(session: Session, member_id: int, today: date, mechanism: Mechanism) -> list[MatterLine]:
    """What the digest of today lists to a member."""
    found = lists.open_of(session, member_id, today=today)
    told = lists.told_on(session, [one.matter.id for one in found], [member_id])
    return [
        one
        for one in found
        if one.matter.due_on is not None
        and is_listed(one.matter.due_on, told.get((one.matter.id, member_id)), today, mechanism)
    ]


def refresh(session: Session, matter_ids: Collection[int], *, now: datetime) -> None:
    """Have each member's newest digest that lists one of these brought up to date: what was before is history."""
    session.flush()
    query = (
        select(Outbox)
        .join(MatterTold, col(MatterTold.outbox_id) == Outbox.id)
        .where(
            col(MatterTold.matter_id).in_(matter_ids),
            col(Outbox.state).in_((OutboxState.sent, OutboxState.sending)),
        )
        .order_by(col(Outbox.id).desc())
    )
    newest: dict[int | None, Outbox] = {}
    for row in session.exec(query).all() if matter_ids else ():
        newest.setdefault(row.member_id, row)
    for row in newest.values():
        if row.sent_at is None or row.sent_at > now - ladder.REMEMBERED:
            ladder.retell(session, row, now=now)


def refresh_case(session: Session, case_id: int, *, now: datetime) -> None:
    """The same of all that belongs to a case."""
    open_ = select(Matter.id).where(Matter.case_id == case_id, col(Matter.done_at).is_(None))
    refresh(session, session.exec(open_).all(), now=now)
