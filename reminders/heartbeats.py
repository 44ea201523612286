"""Each process writes down that it lives; the others notice when one falls silent, and have the administrators told.

All moments are real time. Once an outage somebody is told, and once that it is over.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import Session, col, delete, select

from reminders import outbox
from reminders.ladder import is_reachable
from reminders.mechanism import mechanism_of
from reminders.outbox import insert_new
from storage.queries import leaves
from storage.queries.access import active_members
from storage.tables.counties import County, Setting
from storage.tables.mail import OutboxState
from storage.tables.members import Duty, Member, MemberRole, MemberState, Role
from storage.tables.processes import Heartbeat

KINDS = ("silent", "back")
EVERY = timedelta(seconds=30)  # a row written each tick would cost the disk more than the tick itself
SILENT = timedelta(minutes=5)  # longer than a restart or an upgrade takes
_FORGOTTEN = timedelta(days=1)  # a machine that is gone for good is remembered for so long
TOLD = "silence_told"  # since when nobody ticks, as far as a command has told the administrators


@dataclass(frozen=True)
class Beat:
    """What a process says of itself."""

    process: str
    started_at: datetime
    ticked_at: datetime
    delivered_at: datetime | None


def beat(session: Session, mine: Beat, *, now: datetime, real_now: datetime, watch: bool) -> None:
    """Write it down; tell that this process, or the whole assistant, is back. With `watch`, look at the others: whoever
    could not write until a moment ago knows nothing of them."""
    row = session.get(Heartbeat, mine.process, with_for_update=True)
    if row is None:
        insert_new(session, Heartbeat, [vars(mine)])
    else:
        if row.missed_at is not None:
            tell(session, "back", row.ticked_at, now=now, process=mine.process)
        row.started_at, row.ticked_at, row.delivered_at = mine.started_at, mine.ticked_at, mine.delivered_at
        row.missed_at = None
    told = session.get(Setting, TOLD, with_for_update=True)
    if told is not None:
        tell(session, "back", datetime.fromisoformat(told.value), now=now)
        session.delete(told)
    if watch:
        _look_around(session, mine.process, now=now, real_now=real_now)


def _look_around(session: Session, mine: str, *, now: datetime, real_now: datetime) -> None:
    others = select(Heartbeat).where(Heartbeat.process != mine, col(Heartbeat.missed_at).is_(None))
    silent = others.where(col(Heartbeat.ticked_at) < real_now - SILENT)
    for other in session.exec(silent.with_for_update(skip_locked=True)).all():
        other.missed_at = real_now
        tell(session, "silent", other.ticked_at, now=now, process=other.process)
    gone = col(Heartbeat.ticked_at) < real_now - _FORGOTTEN
    session.execute(delete(Heartbeat).where(gone, col(Heartbeat.process) != mine))


def leave(session: Session, process: str) -> None:
    """It was stopped in peace: nobody need miss it."""
    session.execute(delete(Heartbeat).where(col(Heartbeat.process) == process))


def tell(
    session: Session,
    kind: str,
    since: datetime,
    *,
    now: datetime,
    process: str | None = None,
    **lease: Any,
) -> list[int]:
    """Have the administrators of the system told: of one process, or without a name of them all. Where no message
    reaches any of them, the next in line. The new rows."""
    payload = {"since": since.isoformat()} | ({"process": process} if process is not None else {})
    occasion = f"{kind}:{zlib.crc32((process or '').encode()):x}:{since.timestamp():.0f}"
    made = []
    administrators = system_administrators(session)
    told = [*administrators]
    if not any(is_reachable(session, one.id) for one in administrators):
        for county_id in session.exec(select(County.id).order_by(col(County.id))).all():
            told += stand_ins(session, county_id, mechanism_of(session, county_id).day(now))
    for member in told:
        row = outbox.row(
            kind,
            now=now,
            county_id=member.county_id,
            member_id=member.id,
            payload=payload,
            dedupe=None if lease else f"{occasion}:{member.id}",
        )
        if outbox.put_once(session, row | lease):
            made.append(int(row["id"]))
    return made


def leased(owner: str, real_now: datetime) -> dict[str, Any]:
    """What makes a new row one that its maker sends itself."""
    return {
        "state": OutboxState.sending,
        "owner": owner,
        "lease_until": real_now + outbox.LEASE,
        "attempts": 1,
    }


def system_administrators(session: Session, county_id: int | None = None) -> Sequence[Member]:
    """Those of a county, or of all."""
    query = (
        select(Member)
        .join(MemberRole, col(MemberRole.member_id) == Member.id)
        .where(
            MemberRole.role == Role.administrator,
            MemberRole.duty == Duty.system,
            Member.state == MemberState.active,
        )
        .order_by(col(Member.id))
    )
    if county_id is not None:
        query = query.where(Member.county_id == county_id)
    return session.exec(query).unique().all()


def stand_ins(session: Session, county_id: int, day: date, *, without: int | None = None) -> list[Member]:
    """Who hears what no administrator of the system can be told: those of the office whom a message reaches and who are
    there, else of the leading group; where all of them are on leave, they nevertheless."""
    away = leaves.running(session, county_id, day)
    for passed_over in (away, {}):
        for role in (Role.commission_staff, Role.leader):
            found = [
                one
                for one in active_members(session, county_id, role)
                if one.id != without and one.id not in passed_over and is_reachable(session, one.id)
            ]
            if found:
                return found
    return []


def others(session: Session, kind: str, reader: Member, day: date) -> list[Member]:
    """Who hears instead of the reader of a message about the house: the other administrators (of all counties, where it
    is about a process); where no message reaches one of them, the next in line of the reader's county."""
    there = system_administrators(session, None if kind in KINDS else reader.county_id)
    found = [one for one in there if one.id != reader.id and is_reachable(session, one.id)]
    return found or stand_ins(session, reader.county_id, day, without=reader.id)


def last_tick(session: Session) -> datetime | None:
    """When any process last ticked."""
    latest = select(Heartbeat.ticked_at).order_by(col(Heartbeat.ticked_at).desc()).limit(1)
    return session.exec(latest).first()


def all_processes(session: Session) -> Sequence[Heartbeat]:
    return session.exec(select(Heartbeat).order_by(col(Heartbeat.process))).all()
