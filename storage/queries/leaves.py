"""Leave: who is away on a day, and who acts for them. What was withdrawn never counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Date, bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from storage.bulk import asking_among, listed
from storage.prepared import Prepared
from storage.tables.leaves import Leave

# These are asked for whatever is told to anybody: put together once. What was withdrawn does not stand.
_FIRST, _LAST = bindparam("first", type_=Date), bindparam("last", type_=Date)
_MEMBER: Any = bindparam("member")
_STANDING = (col(Leave.withdrawn_at).is_(None), col(Leave.last_on) >= _FIRST, col(Leave.first_on) <= _LAST)
_OF_COUNTIES = asking_among(
    lambda among: select_columns(
        col(Leave.county_id), col(Leave.member_id), col(Leave.cover_id), col(Leave.last_on)
    ).where(among(col(Leave.county_id)), *_STANDING)
)
_OF_MEMBER = select(Leave).where(Leave.member_id == _MEMBER, *_STANDING).order_by(col(Leave.first_on))
_COVERED = select(Leave).where(Leave.cover_id == _MEMBER, *_STANDING).order_by(col(Leave.id))
_CONCERNING = (
    select(Leave)
    .where(or_(Leave.member_id == _MEMBER, Leave.cover_id == _MEMBER), *_STANDING)
    .order_by(col(Leave.first_on), col(Leave.id))
)

_COVERS = Prepared(
    select_columns(col(Leave.member_id), col(Leave.cover_id))
    .where(col(Leave.county_id) == bindparam("county"), *_STANDING)
    .order_by(col(Leave.id))
)


class Away(NamedTuple):
    """What follows for others from a leave that runs: who acts meanwhile, if anybody, and its last day."""

    cover_id: int | None
    last_on: date


def _found(
    session: Session, query: SelectOfScalar[Leave], first: date, last: date, **more: Any
) -> list[Leave]:
    """What a query finds of the leave that holds on any day from the first to the last."""
    return list(session.exec(query, params={"first": first, "last": last, **more}))


def running(session: Session, county_id: int, day: date) -> dict[int, Away]:
    """Everybody of a county who is on leave on a day, by member."""
    return running_in(session, [county_id], day)[county_id]


def running_in(session: Session, county_ids: Sequence[int], day: date) -> dict[int, dict[int, Away]]:
    """Everybody of these counties who is on leave on a day: by county and member."""
    found: dict[int, dict[int, Away]] = {county_id: {} for county_id in county_ids}
    rows = _OF_COUNTIES.all(session, {"first": day, "last": day, **listed(session, county_ids)})
    for county_id, member_id, *away in rows:
        found[county_id][member_id] = Away(*away)
    return found


def covers_on(session: Session, county_id: int, day: date) -> dict[int, int | None]:
    """Who acts for everybody of a county who is on leave on a day."""
    rows = _COVERS.all(session, {"county": county_id, "first": day, "last": day})
    return {row[0]: row[1] for row in rows}


def on_leave(session: Session, member_id: int, day: date) -> Leave | None:
    """The leave that a member is on."""
    return next(iter(overlapping(session, member_id, day, day)), None)


def covered_by(session: Session, member_id: int, day: date) -> list[Leave]:
    """The leave that runs on a day in which this member acts for somebody. Who is away themselves acts for nobody."""
    found = _found(session, _COVERED, day, day, member=member_id)
    return found if found and on_leave(session, member_id, day) is None else []


def overlapping(session: Session, member_id: int, first: date, last: date) -> list[Leave]:
    """The leave of a member that touches these days, in their order."""
    return _found(session, _OF_MEMBER, first, last, member=member_id)


def away_between(session: Session, county_id: int, first: date, last: date) -> set[int]:
    """Everybody of a county who is on leave on any of these days."""
    rows = _OF_COUNTIES.all(session, {"first": first, "last": last, **listed(session, [county_id])})
    return {member_id for _, member_id, *_ in rows}


def concerning(session: Session, member_id: int, since: date) -> list[Leave]:
    """A member's own leave that is not over by a day, and that in which they act for somebody."""
    return _found(session, _CONCERNING, since, date.max, member=member_id)


def covers(session: Session, member_id: int, officer_id: int | None, due_on: date, day: date) -> bool:
    """Whether a member acts for an officer on a day, for what falls due before the officer is back."""
    return any(
        leave.member_id == officer_id and due_on <= leave.last_on
        for leave in covered_by(session, member_id, day)
    )
