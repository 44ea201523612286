"""The yearly notice of the days off: as long as next year's is not known, the administrators of a county are told what
to do, on two days of December; what was told settles once it is known. Where there is no administrator, or no message
reaches one, the next in line hears.

The messages wait in the outbox well before, so that the forecast has them; one that has become needless is withdrawn.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, col, select

from reminders import ladder, outbox
from reminders.heartbeats import stand_ins, system_administrators
from reminders.mechanism import Mechanism, mechanism_of
from storage.queries.access import holders
from storage.tables.counties import County
from storage.tables.mail import UNASKED, Outbox, OutboxState
from storage.tables.members import Role

KIND = "days_off"
DATES = ((12, 1), (12, 15))
AHEAD = timedelta(days=100)  # further than a forecast looks
COUNTIES = 5  # in one unit of work


def watch(session: Session, after: int = 0, *, now: datetime, most: int | None = None) -> int | None:
    """Have the administrators told in time, county by county; and settle what was told, or waits, of a year that is
    known by now. Done again, it does nothing. Goes through the counties by their ids, at most so many; the id to go on
    after, if there are more."""
    counties = select(County.id).where(col(County.id) > after).order_by(col(County.id)).limit(most)
    found = session.exec(counties).all()
    for county_id in found:
        mechanism = mechanism_of(session, county_id)
        _settle(session, county_id, mechanism, now)
        today = mechanism.day(now)
        if not mechanism.calendar.is_published(today.year + 1):
            days = (date(today.year, *one) for one in DATES)
            for day in days:
                if today <= day <= today + AHEAD:
                    _announce(session, county_id, day, mechanism, now)
    return found[-1] if found and len(found) == most else None


def _announce(session: Session, county_id: int, day: date, mechanism: Mechanism, now: datetime) -> None:
    """One message to each administrator of the system, or whoever stands in, on the day or the next one worked."""
    at = mechanism.rulebook.hours.notices_from
    moment = datetime.combine(mechanism.calendar.add_workdays(day, 0), at, mechanism.zone)
    there = system_administrators(session, county_id) or stand_ins(session, county_id, mechanism.day(now))
    for member in there:
        row = outbox.row(
            KIND,
            now=now,
            county_id=county_id,
            member_id=member.id,
            due_at=max(moment, now),
            payload={"year": day.year + 1},
            dedupe=f"{KIND}:{day.isoformat()}:{member.id}",
        )
        outbox.put_once(session, row)


def _settle(session: Session, county_id: int, mechanism: Mechanism, now: datetime) -> None:
    roles = (Role.administrator, Role.commission_staff, Role.leader)
    there = {one for found in holders(session, [county_id], roles).values() for one in found}
    query = select(Outbox).where(
        col(Outbox.member_id).in_(there),  # as an index has them
        text(f"outbox.{UNASKED}"),
        Outbox.kind == KIND,
        col(Outbox.state).in_((OutboxState.todo, OutboxState.sent)),
    )
    of_kind = select(Outbox.id).where(text(f"outbox.{UNASKED}"), Outbox.kind == "update")
    for row in session.exec(query.with_for_update(skip_locked=True)).all():
        year = outbox.payload_of(row.id, row.payload_sealed)["year"]
        if not mechanism.calendar.is_published(year):
            continue
        if row.state is OutboxState.todo:
            row.state = OutboxState.withdrawn
            continue
        told_anew = of_kind.where(Outbox.member_id == row.member_id, Outbox.replaces == row.id)
        if session.exec(told_anew).first() is None:
            ladder.retell(session, row, now=now)


def is_needless(session: Session, county_id: int, member_id: int) -> bool:
    """Whether a message to somebody who stands in has become needless: there is an administrator by now, who has it."""
    administrators = [one.id for one in system_administrators(session, county_id)]
    return member_id not in administrators and any(
        ladder.is_reachable(session, one) for one in administrators
    )


def day_of(key: str) -> date:
    """The day of December that a message under this key is for."""
    return date.fromisoformat(key.split(":")[1])
