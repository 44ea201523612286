"""Who wants to hear within hours of their own: the morning at its time, and nothing that is over by then."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlmodel import Session, col, select

from casework import leave
from reminders import schedule
from storage.clock import SandboxClock
from storage.lane import Lane
from storage.tables.leaves import Leave
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member, Role
from storage.tables.visits import Visit
from tests import make
from tests.make import MONDAY, at
from tests.reminders import county
from tests.reminders.test_forecast import foreseen

START = at("2026-11-20", "18:00")


async def heard(lane: Lane, url: str, hours: tuple[time, time], *, days: int) -> list[tuple[str, datetime]]:
    """What the officer of a visit that is due on Monday, and that nobody makes, hears."""

    def made(session: Session) -> int:
        place = make.county(session)
        boss = county.add(session, place, Role.supervisor, "督", START, bound=True)
        officer = county.add(session, place, Role.care_officer, "责", START, bound=True, over=boss)
        officer.hours_from, officer.hours_until = hours
        make.visit(session, make.case(session, place, officer), MONDAY, now=START)
        return officer.id

    officer = lane.run_now(made)
    house = county.house_of(lane, url, START)
    assert isinstance(house.clock, SandboxClock)
    await house.ticker.advance(house.clock, START + timedelta(days=days))
    query = select(Outbox).where(Outbox.member_id == officer, Outbox.state == OutboxState.sent)
    rows = lane.run_now(lambda session: session.exec(query.order_by(col(Outbox.sent_at))).all())
    return [(row.kind, row.sent_at) for row in rows if row.sent_at is not None and row.kind != "count"]


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        ((time(8, 30), time(11)), [("digest", "08:30")]),
        ((time(10), time(12)), [("digest", "10:00")]),
        ((time(14), time(16)), [("digest", "14:00"), ("today", "14:30")]),
        ((time(15), time(17)), [("digest", "15:00")]),
    ],
)
async def test_the_day_itself(
    lane: Lane, database_url: str, hours: tuple[time, time], expected: list[tuple[str, str]]
) -> None:
    """That it is due today is not told tomorrow: the morning opens with it."""
    told = await heard(lane, database_url, hours, days=4)
    monday = [(kind, moment) for kind, moment in told if moment.astimezone(START.tzinfo).date() == MONDAY]
    assert monday == [(kind, at(MONDAY, hour)) for kind, hour in expected]
    assert {kind for kind, moment in told if moment > at(MONDAY, "23:00")} == {"digest"}


async def test_what_waits_for_its_readers_hours_is_quiet_with_its_visit(
    lane: Lane, database_url: str
) -> None:
    """The supervisor wants to hear in the afternoon. By then the officer has said that the note follows: two working
    days of peace, and then the supervisor hears after all."""

    def made(session: Session) -> tuple[int, int, int]:
        place = make.county(session)
        boss = county.add(session, place, Role.supervisor, "督", START, bound=True)
        boss.hours_from, boss.hours_until = time(14), time(17)
        officer = county.add(session, place, Role.care_officer, "责", START, bound=True, over=boss)
        visit = make.visit(session, make.case(session, place, officer), MONDAY, now=START)
        return boss.id, officer.id, visit.id

    boss, officer, visit = lane.run_now(made)
    house = county.house_of(lane, database_url, START)
    assert isinstance(house.clock, SandboxClock)
    await house.ticker.advance(house.clock, at("2026-11-25", "11:00"))

    def follows(session: Session) -> None:
        schedule.rest(
            session,
            session.get_one(Visit, visit),
            date(2026, 11, 25),
            now=at("2026-11-25", "11:00"),
            actor_id=officer,
        )

    lane.run_now(follows)
    until, heard_at = at("2026-11-30", "12:00"), at("2026-11-27", "17:00")
    notices = foreseen(lane, at("2026-11-25", "11:00"), until)
    assert [n.moment for n in notices if n.member_id == boss and n.items] == [heard_at]
    await house.ticker.advance(house.clock, until)
    query = select(Outbox.sent_at).where(Outbox.member_id == boss, Outbox.state == OutboxState.sent)
    assert lane.run_now(lambda session: session.exec(query).all()) == [heard_at]


async def test_what_waits_and_holds_no_more_is_not_foreseen(lane: Lane, database_url: str) -> None:
    """While the officer is away their supervisor hears that it is due today, later in the afternoon. Before that the
    officer is back."""

    def made(session: Session) -> tuple[int, int]:
        place = make.county(session)
        boss = county.add(session, place, Role.supervisor, "督", START, bound=True)
        boss.hours_from, boss.hours_until = time(15), time(17)
        officer = county.add(session, place, Role.care_officer, "责", START, bound=True, over=boss)
        make.visit(session, make.case(session, place, officer), MONDAY, now=START)
        session.add(
            Leave(county_id=place.id, member_id=officer.id, first_on=MONDAY, last_on=MONDAY, created_at=START)
        )
        return boss.id, officer.id

    boss, officer = lane.run_now(made)
    house = county.house_of(lane, database_url, START)
    assert isinstance(house.clock, SandboxClock)
    now, evening = at(MONDAY, "14:45"), at(MONDAY, "20:00")
    await house.ticker.advance(house.clock, now)

    def theirs() -> list[datetime]:
        return [n.moment for n in foreseen(lane, now, evening) if n.member_id == boss]

    assert theirs() == [at(MONDAY, "15:00")]

    def is_back(session: Session) -> None:
        taken = session.exec(select(Leave.id)).one()
        leave.withdraw(session, make.actor(session, session.get_one(Member, officer)), taken, now=now)

    lane.run_now(is_back)
    assert [n.kind for n in foreseen(lane, now, evening) if n.member_id == boss] == ["leave_off"]
    await house.ticker.advance(house.clock, evening)
    query = select(Outbox.kind).where(Outbox.member_id == boss, Outbox.state == OutboxState.sent)
    assert lane.run_now(lambda session: session.exec(query).all()) == ["leave_off"]
