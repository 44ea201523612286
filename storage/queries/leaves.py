"""Leave: who is away on a day, and who acts for them. What was withdrawn never counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, or_, select

from storage.tables.leaves import Leave


def _standing(first: Any, last: Any) -> tuple[Any, ...]:
    """The conditions for leave that holds on any day from the first to the last."""
    return col(Leave.withdrawn_at).is_(None), col(Leave.last_on) >= first, col(Leave.first_on) <= last


# Asked for whatever is told to anybody: put together once.
_RUNNING = select(Leave).where(
    col(Leave.county_id).in_(bindparam("counties", expanding=True)),
    *_standing(bindparam("day"), bindparam("day")),
)


def running(session: Session, county_id: int, day: date) -> dict[int, Leave]:
    """Everybody of a county who is on leave on a day, by member."""
    return running_in(session, [county_id], day)[county_id]


def running_in(session: Session, county_ids: Sequence[int], day: date) -> dict[int, dict[int, Leave]]:
    """Everybody of these counties who is on leave on a day: by county and member."""
    found: dict[int, dict[int, Leave]] = {county_id: {} for county_id in county_ids}
    for leave in session.exec(_RUNNING, params={"counties": list(county_ids), "day": day}):
        found[leave.county_id][leave.member_id] = leave
    return found


def on_leave(session: Session, member_id: int, day: date) -> Leave | None:
    """The leave that a member is on."""
    return session.exec(select(Leave).where(Leave.member_id == member_id, *_standing(day, day))).first()


def covered_by(session: Session, member_id: int, day: date) -> list[Leave]:
    """The leave that runs on a day in which this member acts for somebody. Who is away themselves acts for nobody."""
    query = select(Leave).where(Leave.cover_id == member_id, *_standing(day, day)).order_by(col(Leave.id))
    found = list(session.exec(query))
    return found if found and on_leave(session, member_id, day) is None else []


def overlapping(session: Session, member_id: int, first: date, last: date) -> list[Leave]:
    """The leave of a member that touches these days, in their order."""
    query = select(Leave).where(Leave.member_id == member_id, *_standing(first, last))
    return list(session.exec(query.order_by(col(Leave.first_on))))


def away_between(session: Session, county_id: int, first: date, last: date) -> set[int]:
    """Everybody of a county who is on leave on any of these days."""
    query = select(Leave.member_id).where(Leave.county_id == county_id, *_standing(first, last))
    return set(session.exec(query))


def concerning(session: Session, member_id: int, since: date) -> list[Leave]:
    """A member's own leave that is not over by a day, and that in which they act for somebody."""
    query = select(Leave).where(
        or_(Leave.member_id == member_id, Leave.cover_id == member_id), *_standing(since, date.max)
    )
    return list(session.exec(query.order_by(col(Leave.first_on), col(Leave.id))))


def covers(session: Session, member_id: int, officer_id: int | None, due_on: date, day: date) -> bool:
    """Whether a member acts for an officer on a day, for what falls due before the officer is back."""
    return any(
        leave.member_id == officer_id and due_on <= leave.last_on
        for leave in covered_by(session, member_id, day)
    )
