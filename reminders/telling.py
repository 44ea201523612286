"""What one unit of work tells, gathered first and written at once: as set-based as the database likes it.

Telling is a `Reminder` row (unique per visit, due date, step and member) and, for a notice, a place in one outbox row
per member and moment, so that several visits make one message.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select, text, update
from sqlmodel import Session, col
from sqlmodel import select as select_ids

from reminders import outbox, rules
from reminders.mechanism import Mechanism
from storage.bulk import InsertNew, asking_among, listed
from storage.ids import new_ids
from storage.rulebook import Recipient
from storage.tables import METADATA
from storage.tables.mail import UNASKED, Outbox, OutboxState
from storage.tables.visits import Reminder

_OUTBOX = METADATA.tables["outbox"]
_NOTICES = InsertNew(
    _OUTBOX,
    ("id", "county_id", "member_id", "kind", "dedupe", "state", "due_at", "day", "nonce", "attempts", "unanswered",
     "created_at"),
)  # fmt: skip
REMINDERS = InsertNew(
    METADATA.tables["reminder"],
    ("id", "county_id", "visit_id", "member_id", "due_on", "step", "distance", "recipient", "outbox_id", "day",
     "at"),
)  # fmt: skip


class Telling:
    """What is told at one moment in one county."""

    def __init__(self, county_id: int, mechanism: Mechanism, *, now: datetime) -> None:
        self._county_id, self.now = county_id, now
        self._goes_out = rules.in_hours(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
        self.day = mechanism.day(self._goes_out)
        self._key = f"{self._goes_out.astimezone(mechanism.zone):%Y%m%dT%H%M}"
        self._told: list[tuple[int, int, date, int, int, Recipient, str | None]] = []
        self.notices: dict[str, tuple[str, int]] = {}  # kind and member, by what their keys begin with

    def add(
        self,
        visit_id: int,
        member_id: int,
        due_on: date,
        step: rules.Step,
        recipient: Recipient,
        kind: str | None,
    ) -> None:
        """Have a member, who is or stands in for a recipient of the step, hear of a visit by a notice of this kind;
        without one by their digest."""
        notice = None
        if kind is not None:
            notice = f"{kind}:{member_id}:{self._key}"
            self.notices[notice] = kind, member_id
        self._told.append((visit_id, member_id, due_on, step.index, step.offset, recipient, notice))

    def row(self, notice: str, key: str) -> dict[str, Any]:
        """The outbox row of one of the notices."""
        kind, member_id = self.notices[notice]
        return outbox.row(
            kind,
            now=self.now,
            county_id=self._county_id,
            member_id=member_id,
            due_at=self._goes_out,
            dedupe=key,
            day=self.day,
        )

    def reminders(self, places: dict[str | None, int | None]) -> list[tuple[Any, ...]]:
        """All that was gathered, as rows."""
        county_id, day, now = self._county_id, self.day, self.now
        ids = new_ids(len(self._told))
        return [
            (
                row_id,
                county_id,
                visit_id,
                member_id,
                due_on,
                step,
                distance,
                recipient,
                places[notice],
                day,
                now,
            )
            for row_id, (visit_id, member_id, due_on, step, distance, recipient, notice) in zip(
                ids, self._told, strict=True
            )
        ]


def write(session: Session, tellings: Collection[Telling]) -> int:
    """Write all that was gathered; how many were told who had not been told before."""
    of = {notice: telling for telling in tellings for notice in telling.notices}
    places = _places(session, of)
    return REMINDERS.write(session, [row for telling in tellings for row in telling.reminders(places)])


def fold(session: Session, row: Outbox, *, now: datetime, real_now: datetime) -> None:
    """Have a notice that is about to go out tell what those that wait behind it would: what piled up for one person
    comes as one message."""
    behind = session.exec(
        select_ids(Outbox.id)
        .where(
            Outbox.member_id == row.member_id,
            col(Outbox.ended).is_(None),
            Outbox.kind == row.kind,
            col(Outbox.id) > row.id,
            Outbox.state == OutboxState.todo,
            col(Outbox.due_at) <= now,
            col(Outbox.receipt).is_(None),
            Outbox.unanswered == 0,
            or_(col(Outbox.lease_until).is_(None), col(Outbox.lease_until) <= real_now),
        )
        .with_for_update(skip_locked=True)
    ).all()
    if behind:
        take_over(session, row.id, behind)


def take_over(session: Session, row_id: int, others: Sequence[int]) -> None:
    """One notice tells what others told, and those are not sent."""
    told = update(Reminder).where(col(Reminder.outbox_id).in_(others)).values(outbox_id=row_id)
    session.execute(told)
    outbox.withdraw(session, others)


def digested_since(session: Session, row: Outbox) -> bool:
    """Whether a digest has gone to the reader of a notice since its moment came, however late that was."""
    query = select(_OUTBOX.c.id).where(
        _OUTBOX.c.member_id == row.member_id,
        text(f"outbox.{UNASKED}"),
        _OUTBOX.c.kind == "digest",
        _OUTBOX.c.day == row.day,
        _OUTBOX.c.state == OutboxState.sent,
        _OUTBOX.c.sent_at >= row.due_at,
    )
    return session.execute(query.limit(1)).first() is not None


def _places(session: Session, of: dict[str, Telling]) -> dict[str | None, int | None]:
    """Of each notice the row that tells it, made if need be; one that is gone already is not reopened."""
    places: dict[str | None, int | None] = {None: None}
    left, number = list(of), 0
    while left:
        number += 1
        keys = {f"{notice}:{number}": notice for notice in left}
        _put(session, [of[notice].row(notice, key) for key, notice in keys.items()])
        places |= {keys[key]: row_id for key, row_id in _waiting(session, sorted(keys))}
        left = [notice for notice in left if notice not in places]
    return places


def _put(session: Session, rows: list[dict[str, Any]]) -> None:
    """Insert those rows whose key is not taken; in the order of the keys, so that two processes that tell the same
    people do not wait for each other."""
    rows.sort(key=lambda row: str(row["dedupe"]))
    _NOTICES.write(session, [tuple(row[name] for name in _NOTICES.columns) for row in rows])


_TODO = asking_among(
    lambda among: (
        select(_OUTBOX.c.dedupe, _OUTBOX.c.id)
        .where(among(_OUTBOX.c.dedupe), _OUTBOX.c.state == OutboxState.todo)
        .order_by(_OUTBOX.c.dedupe)
        .with_for_update()
    )
)


def _waiting(session: Session, keys: Sequence[str]) -> list[tuple[str, int]]:
    """Those of the keys whose row nobody has taken up, each with the row; a sender on another connection is kept away
    from it until we have committed."""
    return [(key, row_id) for key, row_id in _TODO.all(session, listed(session, keys))]
