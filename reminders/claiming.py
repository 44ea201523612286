"""Who sends what: rows of the outbox that are claimed under a lease.

A claim is one conditional UPDATE. Safety calls come first, whatever else is due: they wait neither for what fell due
before them nor behind an older message to the same person, unless that is of a safety call, too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy import and_, bindparam, case, func, or_, select, text, type_coerce, update
from sqlalchemy.types import NullType
from sqlmodel import Session, col

from reminders import outbox
from reminders.outbox import NO_MESSAGE, REMOVAL
from storage.bulk import among, listed
from storage.clock import Moment
from storage.prepared import Prepared
from storage.tables import METADATA
from storage.tables.mail import OPEN, Outbox, OutboxState, urgent

_TABLE = METADATA.tables["outbox"]
_NOW, _REAL_NOW = bindparam("now", type_=Moment()), bindparam("real_now", type_=Moment())
_URGENT = urgent("outbox.")


# Which rows are open is said as the partial indexes say it, so that they are used; beside it, the state itself.
def _ready(now: Any, real_now: Any) -> Any:
    free = or_(_TABLE.c.lease_until.is_(None), _TABLE.c.lease_until <= real_now)
    return and_(
        _TABLE.c.ended.is_(None), text("outbox.state IN ('todo', 'sending')"), _TABLE.c.due_at <= now, free
    )


def _blocked(now: Any, *, urgent_ones: bool = False) -> Any:
    """Behind an older one for the same person, unless that only takes something back: nothing waits for it.
    With `urgent_ones`, behind an older one of those.

    Asked as “the first of the older ones, if any” and with its due moment hidden, so that it is looked up for each row
    by the index of the lines. Asked whether there is any, PostgreSQL without statistics (after a restore, or while
    thousands have just been written) goes through all that is due for every single row: seconds for some thousands.
    """
    older = _TABLE.alias("older")
    query = select(older.c.id).where(
        older.c.member_id == _TABLE.c.member_id,
        older.c.id < _TABLE.c.id,
        older.c.kind != REMOVAL,
        text(f"older.{OPEN} AND older.state IN ('todo', 'sending')"),
        func.coalesce(older.c.due_at, older.c.due_at) <= now,
    )
    if urgent_ones:
        query = query.where(text(urgent("older.")))
    first = query.order_by(older.c.id).limit(1).scalar_subquery()
    return func.coalesce(first, _TABLE.c.id) < _TABLE.c.id


def waits_unclaimed(session: Session, *, now: datetime, real_now: datetime) -> bool:
    """Whether there is a message that somebody should have claimed by these moments."""
    query = select(_TABLE.c.id).where(_ready(now, real_now), ~_blocked(now)).limit(1)
    return session.connection().execute(query).first() is not None


def behind_others(session: Session, ids: Sequence[int], *, now: datetime) -> set[int]:
    """Those of the rows that wait for an older one to the same person."""
    by_urgent, by_any = _blocked(now, urgent_ones=True), _blocked(now)
    waits = or_(and_(text(_URGENT), by_urgent), and_(text(f"NOT {_URGENT}"), by_any))
    query = select(_TABLE.c.id).where(among(session, _TABLE.c.id), waits)
    return {row_id for (row_id,) in session.execute(query, listed(session, ids))}


def _any(*conditions: Any) -> Any:
    """Whether any row is to be claimed: the earliest of them, by its index."""
    return (
        select(_TABLE.c.id)
        .where(
            text(f"{OPEN} AND state IN ('todo', 'sending')"),
            *conditions,
            _TABLE.c.due_at <= bindparam("now"),
            or_(_TABLE.c.lease_until.is_(None), _TABLE.c.lease_until <= bindparam("real_now")),
        )
        .order_by(_TABLE.c.due_at)
        .limit(1)
    )


_ANY_OPEN, _ANY_URGENT = _any(), _any(text(_URGENT))
_LOOKS = [each.scalar_subquery() for each in (_ANY_OPEN, _ANY_URGENT, outbox.HELD.limit(1))]
# This transaction's commit is not waited for until it is on the disk. SQLite knows nothing of the kind.
_NO_WAIT = func.set_config("synchronous_commit", "off", True)
_LOOK = Prepared({"sqlite": select(*_LOOKS), "postgresql": select(*_LOOKS, _NO_WAIT)})


# Of a row that is claimed: 1 if whoever held it before has perhaps sent it.
_SHOWS_ANEW = and_(*(_TABLE.c.kind != kind for kind in NO_MESSAGE))
_PERHAPS_SENT = case((and_(_TABLE.c.state == OutboxState.sending, _SHOWS_ANEW), 1), else_=0)


def _claim(*conditions: Any) -> Prepared:
    """Have the first rows that are ready and meet the conditions leased to somebody."""
    chosen = (
        select(_TABLE.c.id)
        .where(_ready(_NOW, _REAL_NOW), *conditions)
        .order_by(_TABLE.c.due_at, _TABLE.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True, of=_TABLE)
        # By itself, not within the condition: there PostgreSQL may run it once for each row, and claim more than asked.
        .cte("chosen")
    )
    return Prepared(
        update(_TABLE)
        .where(_TABLE.c.id.in_(select(chosen.c.id)))
        .values(
            state=OutboxState.sending,
            owner=bindparam("claimer"),
            lease_until=bindparam("until"),
            attempts=_TABLE.c.attempts + 1,
            unanswered=_TABLE.c.unanswered + _PERHAPS_SENT,
            tried_since=func.coalesce(_TABLE.c.tried_since, _REAL_NOW),
        )
        .returning(type_coerce(_TABLE.c.due_at, NullType()), _TABLE.c.id)  # to be put in order, and no more
    )


_CLAIM = _claim(~_blocked(_NOW))
_CLAIM_URGENT = _claim(text(_URGENT), ~_blocked(_NOW, urgent_ones=True))


def claim(
    session: Session, owner: str, *, now: datetime, real_now: datetime, limit: int = 50
) -> list[Outbox]:
    """The rows of `claim_ids`."""
    ids = claim_ids(session, owner, now=now, real_now=real_now, limit=limit)
    rows = select(Outbox).where(_TABLE.c.id.in_(ids)).execution_options(populate_existing=True)
    found = {row.id: row for row in session.execute(rows).scalars()} if ids else {}
    return [found[row_id] for row_id in ids]


def claim_ids(
    session: Session,
    owner: str,
    *,
    now: datetime,
    real_now: datetime,
    limit: int = 50,
    only_urgent: bool = False,
) -> list[int]:
    """Up to `limit` rows whose time has come, safety calls before all others, else oldest first; now leased to `owner`.

    A row waits while an older one for the same person is still open, whoever holds it: one at a time for each person,
    so the order within a chat is kept even while another process is in the middle of its own claim. (Answers that are
    still in the hands of the process which made them are not open: reminders/abandoned.py.) A row whose holder let its
    lease run out was perhaps sent by it. While the outbox is held nothing is claimed.

    On PostgreSQL the commit of a claim need not be on the disk: whoever sends locks the rows in another transaction
    first, puts them into words there (`Packer.pack`), and the commit of that waits for all before it. A server that
    falls before then forgets a claim of which nothing was sent.
    """
    moments = {"now": now, "real_now": real_now}
    any_open, any_urgent, held = (_LOOK.first(session, moments) or (None, None, None))[:3]
    if any_open is None or held is not None:
        return []
    lease, found = {"claimer": owner, "until": real_now + outbox.LEASE}, list[int]()

    def take(claimed: Prepared) -> None:
        rows = claimed.all(session, {**moments, **lease, "most": limit - len(found)})
        found.extend(row_id for _, row_id in sorted(map(tuple, rows)))

    if any_urgent is not None:
        take(_CLAIM_URGENT)
    if len(found) < limit and not only_urgent:
        take(_CLAIM)
    return found


def claim_behind(
    session: Session, first: Outbox, kinds: Collection[str], *, now: datetime, real_now: datetime, limit: int
) -> list[Outbox]:
    """The rows right behind a claimed one for the same person, of these kinds, ready and surely unseen, up to the
    first that is not: now of the same owner, under the same lease."""
    unseen = and_(_TABLE.c.state == OutboxState.todo, _TABLE.c.unanswered == 0, _TABLE.c.receipt.is_(None))
    fits = and_(_TABLE.c.kind.in_(kinds), unseen, _ready(now, real_now))
    behind = session.execute(
        select(_TABLE.c.id, fits.label("fits"))
        .where(
            _TABLE.c.member_id == first.member_id,
            _TABLE.c.id > first.id,
            _TABLE.c.ended.is_(None),
            _TABLE.c.state.in_((OutboxState.todo, OutboxState.sending)),
            _TABLE.c.due_at <= now,
        )
        .order_by(_TABLE.c.id)
        .limit(limit)
    ).all()
    ids = [row_id for row_id, _ in takewhile(lambda found: found.fits, behind)]
    return claim_with(session, first, ids, now=now, real_now=real_now)


def claim_with(
    session: Session, first: Outbox, ids: Sequence[int], *, now: datetime, real_now: datetime
) -> list[Outbox]:
    """Of these rows those that nobody holds, now of the owner of a claimed one, under the same lease."""
    if not ids:
        return []
    statement = (
        update(Outbox)
        .where(col(Outbox.id).in_(ids), _ready(now, real_now))
        .values(
            state=OutboxState.sending,
            owner=first.owner,
            lease_until=first.lease_until,
            attempts=col(Outbox.attempts) + 1,
        )
        .returning(Outbox)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    return sorted(session.execute(statement).scalars().all(), key=lambda found: found.id)
