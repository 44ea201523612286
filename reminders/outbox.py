"""The outbox: messages as rows. Enqueue, mark as sent, or try again later; claimed in reminders/claiming.py.

A row is written in the transaction of the act it tells of, so neither exists without the other. Finishing is fenced by
the owner's name, so a sender that slept past its lease finishes nothing.
A row is marked only after the send: a crash in between sends once more and never loses. What perhaps went out without
anybody knowing is counted in the row (`unanswered`). `due_at` is on the people's clock; leases, backoff (`lease_until`)
and how long somebody has been trying (`tried_since`) are on the real one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, TypedDict, Unpack

from sqlalchemy import (
    bindparam,
    case,
    insert,
    literal_column,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, SQLModel

from storage.bulk import SetByKey
from storage.clock import lease_now
from storage.ids import new_id, nonce, row_of
from storage.prepared import Prepared
from storage.sealed import seal_data, unseal_data
from storage.tables import METADATA
from storage.tables.mail import OLD_NONCE, PAYLOAD, SENT, OutboxState

LEASE = timedelta(seconds=60)
# In seconds; the last repeats: what piled up in an outage is out within minutes of its end.
BACKOFF = (5, 30, 120, 240)
GIVE_UP = timedelta(hours=36)  # of trying: an outage over a night and the day after it is got over
HOLD = "outbox_hold"  # the setting that is there while nothing is to be claimed (reminders/hold.py)
REMOVAL = "removal"  # what takes messages back (reminders/taking_back.py)
NO_MESSAGE = ("update", REMOVAL, "fetch")  # doing one of these twice shows nobody anything twice
_TABLE, _SETTING = METADATA.tables["outbox"], METADATA.tables["setting"]


def insert_new(session: Session, table: type[SQLModel], rows: list[dict[str, Any]]) -> int:
    """Insert the rows that break no unique key, and say how many those were."""
    if not rows:
        return 0
    connection = session.connection()
    return len(connection.execute(_insert_unless_known(table, connection.dialect.name), rows).all())


@cache
def _insert_unless_known(table: type[SQLModel], dialect: str) -> Any:
    insert_into = postgres_insert if dialect == "postgresql" else sqlite_insert
    # Counted by what comes back: for several rows at once the PostgreSQL driver gives no row count.
    return insert_into(table).on_conflict_do_nothing().returning(literal_column("1"))


class More(TypedDict, total=False):
    """What only some new rows say of themselves."""

    dedupe: str | None
    day: date | None
    replaces: int | None
    about: int | None
    channel: str | None
    state: OutboxState
    owner: str
    lease_until: datetime
    attempts: int


def row(
    kind: str,
    *,
    now: datetime,
    county_id: int | None,
    member_id: int | None,
    due_at: datetime | None = None,
    payload: dict[str, Any] | None = None,
    **more: Unpack[More],
) -> dict[str, Any]:
    """A new outbox row as values for an insert; what it does not name is NULL."""
    row_id = new_id()
    values: dict[str, Any] = {
        "id": row_id,
        "kind": kind,
        "county_id": county_id,
        "member_id": member_id,
        "state": OutboxState.todo,
        "due_at": due_at or now,
        "nonce": nonce(row_id),
        "attempts": 0,
        "unanswered": 0,
        "created_at": now,
    }
    if payload is not None:
        values["payload_sealed"] = seal_data(payload, PAYLOAD, row_id)
    return values | more


def in_hand(
    payload: dict[str, Any],
    *,
    now: datetime,
    county_id: int | None,
    member_id: int | None,
    channel: str,
    owner: str,
) -> dict[str, Any]:
    """A new answer as values for `put_in_hand`: from its birth in the hands of the process that made it."""
    row_id = new_id()
    return {
        "id": row_id,
        "county_id": county_id,
        "member_id": member_id,
        "channel": channel,
        "due_at": now,
        "nonce": nonce(row_id),
        "payload_sealed": seal_data(payload, PAYLOAD, row_id),
        "owner": owner,
        "lease_until": lease_now() + LEASE,
        "created_at": now,
    }


_OF_OLD_NONCE = Prepared(select(_TABLE.c.id).where(text(OLD_NONCE), _TABLE.c.nonce == bindparam("nonce")))


def row_called(session: Session, nonce: str) -> int | None:
    """The row whose buttons begin with a nonce, if there is one; whether its nonce is this one is still to be asked."""
    row_id = row_of(nonce)
    if row_id is not None:
        return row_id
    found = _OF_OLD_NONCE.first(session, {"nonce": nonce})
    return None if found is None else int(found[0])


def payload_of(row_id: int, sealed: bytes | None) -> dict[str, Any]:
    data: dict[str, Any] = unseal_data(sealed, PAYLOAD, row_id) if sealed else {}
    return data


_INSERT = Prepared(insert(_TABLE))


def put(session: Session, rows: list[dict[str, Any]]) -> None:
    """Insert rows that cannot meet another one."""
    for new in rows:
        _INSERT.write(session, new)


# What all answers say of themselves stands in the text: around each value that it is handed SQLite's driver lets other
# threads run, and every step writes an answer.
_EACH = {"kind": "'reply'", "state": "'sending'", "ended": "'sending'", "attempts": "1", "unanswered": "0"}
_INSERT_IN_HAND = Prepared(
    insert(_TABLE).values({name: literal_column(said) for name, said in _EACH.items()})
)


def put_in_hand(session: Session, rows: list[dict[str, Any]]) -> None:
    """Insert answers that `in_hand` made."""
    for new in rows:
        _INSERT_IN_HAND.write(session, new)


_INSERT_ONCE = Prepared(
    {
        "sqlite": sqlite_insert(_TABLE).on_conflict_do_nothing(),
        "postgresql": postgres_insert(_TABLE).on_conflict_do_nothing(),
    }
)


def put_once(session: Session, new_row: dict[str, Any]) -> bool:
    """Insert a row unless its `dedupe` key is taken; whether it was inserted."""
    return _INSERT_ONCE.write(session, new_row) == 1


HELD = select(_SETTING.c.key).where(_SETTING.c.key == HOLD)  # finds something while nothing is to be claimed
_HELD = Prepared(HELD)


def is_held(session: Session) -> bool:
    return _HELD.first(session, {}) is not None


_MARK_SENT = SetByKey(
    _TABLE, ("id", "owner", "receipt"), keys=2, same=("state", "ended", "sent_at", "lease_until", "error")
)


def mark_sent(session: Session, row_id: int, owner: str, receipts: Sequence[str], *, now: datetime) -> bool:
    """Mark as delivered; False when the lease was lost meanwhile and somebody else finishes it."""
    return mark_all_sent(session, [(row_id, owner, receipts)], now=now) == 1


def mark_all_sent(
    session: Session, delivered: Iterable[tuple[int, str, Sequence[str]]], *, now: datetime
) -> int:
    """`mark_sent` for many: each with its row, who held it, and its receipts. How many that were."""
    rows = [(row_id, owner, _joined(receipts)) for row_id, owner, receipts in delivered]
    return _MARK_SENT.write(session, rows, (OutboxState.sent, OutboxState.sent, now, None, None))


def mark_moved(session: Session, row_id: int, receipts: Sequence[str]) -> None:
    """What this row edited, and what went out as one with that, stands elsewhere now: the next edit goes there."""
    one = _TABLE.alias("one")
    edited = select(_TABLE.c.replaces).where(_TABLE.c.id == row_id).scalar_subquery()
    place = tuple_(_TABLE.c.member_id, _TABLE.c.channel, _TABLE.c.receipt)
    same = place.in_(select(one.c.member_id, one.c.channel, one.c.receipt).where(one.c.id == edited))
    moved = update(_TABLE).where(same, text(f"outbox.{SENT}"))
    session.execute(moved.values(receipt=_joined(receipts)))


def mark_withdrawn(session: Session, row_id: int, owner: str) -> bool:
    """The message no longer makes sense: it is not sent, and nobody is troubled."""
    return _finish(session, row_id, owner, state=OutboxState.withdrawn, lease_until=None)


def withdraw(session: Session, ids: Sequence[int]) -> int:
    """Take back what has not been sent yet, whoever holds it. How many that were."""
    unsent = _TABLE.c.state.in_((OutboxState.todo, OutboxState.sending))
    statement = update(_TABLE).where(_TABLE.c.id.in_(ids), unsent)
    values = {
        "state": OutboxState.withdrawn,
        "ended": OutboxState.withdrawn,
        "owner": None,
        "lease_until": None,
    }
    return int(session.connection().execute(statement.values(**values)).rowcount)


def mark_dead(session: Session, row_id: int, owner: str, error: str, *, uncertain: bool = False) -> bool:
    """Nobody sends it any more, and a person has to look; whoever marks it so also tells the next in line
    (`passing.give_up`)."""
    return _finish(
        session,
        row_id,
        owner,
        state=OutboxState.dead,
        error=error[:80],
        lease_until=None,
        unanswered=_TABLE.c.unanswered + int(uncertain),
    )


def mark_failed(
    session: Session,
    row_id: int,
    owner: str,
    attempts: int,
    error: str,
    *,
    real_now: datetime,
    after: timedelta | None = None,
    receipts: Sequence[str] = (),
    uncertain: bool = False,
) -> bool:
    """Try again later, with growing pauses or `after` as long as the vendor wants. The parts that did go out
    (`receipts`) are not sent again; `uncertain`: one more perhaps did."""
    pause = after if after is not None else pause_after(attempts)
    return _finish(
        session,
        row_id,
        owner,
        state=OutboxState.todo,
        owner_after=None,
        error=error[:80],
        lease_until=real_now + pause,
        receipt=_joined(receipts),
        unanswered=_TABLE.c.unanswered + int(uncertain),
    )


def has_tried_enough(session: Session, row_id: int, *, real_now: datetime) -> bool:
    """Whether somebody has been trying for so long that a person has to look. Counted in time and not in attempts:
    a vendor may want hours between two of them."""
    query = select(_TABLE.c.id).where(_TABLE.c.id == row_id, _TABLE.c.tried_since <= real_now - GIVE_UP)
    return session.connection().execute(query).first() is not None


def pause_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts."""
    return timedelta(seconds=BACKOFF[min(max(attempts, 1), len(BACKOFF)) - 1])


def put_back(
    session: Session,
    row_id: int,
    owner: str,
    *,
    until: datetime | None = None,
    receipts: Sequence[str] = (),
    why: str | None = None,
) -> bool:
    """Give a claimed row back untried: it is not its turn yet (`why`), or it has to find another way. To wait is not to
    try."""
    back: dict[str, Any] = {
        "state": OutboxState.todo,
        "owner_after": None,
        "lease_until": until,
        "receipt": _joined(receipts),
    }
    if why is not None:
        back["error"] = why
    since = case((_TABLE.c.attempts > 1, _TABLE.c.tried_since))
    return _finish(session, row_id, owner, **back, attempts=_TABLE.c.attempts - 1, tried_since=since)


def receipts_of(receipt: str | None) -> tuple[str, ...]:
    """The receipts of the parts that went out, in their order."""
    return tuple(receipt.split()) if receipt else ()


def _joined(receipts: Sequence[str]) -> str | None:
    return " ".join(receipts) or None


def _finish(session: Session, row_id: int, owner: str, **values: Any) -> bool:
    if "owner_after" in values:
        values["owner"] = values.pop("owner_after")
    values["ended"] = values["state"].at_its_end
    statement = update(_TABLE).where(_TABLE.c.id == row_id, _TABLE.c.owner == owner).values(**values)
    return session.connection().execute(statement).rowcount == 1
