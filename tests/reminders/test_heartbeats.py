"""A process that falls silent is told of once, by one of the others, and once when it is back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from casework import people
from reminders import heartbeats, outbox, passing
from reminders.heartbeats import SILENT, Beat
from reminders.mechanism import mechanism_of
from storage.lane import Lane
from storage.tables.counties import Setting
from storage.tables.mail import Outbox
from storage.tables.members import Duty, Member, MemberRole, MemberState, Role
from storage.tables.processes import Heartbeat
from tests import make
from tests.make import NOW, at

REAL = at("2030-01-01")
TICK = timedelta(microseconds=1)


@pytest.fixture
def administrator(lane: Lane) -> int:
    """One who looks after the system, in one of two counties; and others who do not."""

    def unit(session: Session) -> int:
        first, second = make.county(session), make.county(session, "ZZ")
        make.member(session, first, Role.administrator, name="审计", duty=Duty.audit)
        make.member(session, first, Role.commission_staff, name="陈刚")
        return make.member(session, second, Role.administrator, name="袁志新", duty=Duty.system).id

    return lane.run_now(unit)


def beat(lane: Lane, process: str, real: datetime, *, watch: bool = True) -> None:
    mine = Beat(process, REAL, real, None)
    lane.run_now(lambda s: heartbeats.beat(s, mine, now=NOW, real_now=real, watch=watch))


def told(lane: Lane) -> list[tuple[str, str]]:
    def unit(session: Session) -> list[tuple[str, str]]:
        rows = [row for row in make.mail(session) if row.kind in ("silent", "back")]
        payloads = [outbox.payload_of(row.id, row.payload_sealed) for row in rows]
        return [
            (row.kind, payload.get("process", "all")) for row, payload in zip(rows, payloads, strict=True)
        ]

    return lane.run_now(unit)


def test_silence_is_told_once_and_so_is_the_return(lane: Lane, administrator: int) -> None:
    beat(lane, "a:1", REAL)
    beat(lane, "b:1", REAL + SILENT)
    assert told(lane) == []  # exactly five minutes are still a restart
    for process in ("b:1", "c:1", "b:1"):
        beat(lane, process, REAL + SILENT + TICK)
    assert told(lane) == [("silent", "a:1")]
    (row,) = lane.run_now(lambda s: make.mail(s, "silent"))
    assert row.member_id == administrator
    for later in (1, 2):
        beat(lane, "a:1", REAL + SILENT + timedelta(minutes=later))
    assert told(lane) == [("silent", "a:1"), ("back", "a:1")]
    beat(lane, "b:1", REAL + timedelta(hours=1))  # another outage is another one
    assert sorted(told(lane)[2:]) == [("silent", "a:1"), ("silent", "c:1")]


def test_one_that_could_not_write_itself_knows_nothing_of_the_others(lane: Lane, administrator: int) -> None:
    """The database was away: all of them were silent, and none of them is dead."""
    beat(lane, "a:1", REAL)
    beat(lane, "b:1", REAL)
    back = REAL + timedelta(minutes=10)
    beat(lane, "a:1", back, watch=False)
    beat(lane, "b:1", back + timedelta(seconds=9), watch=False)
    beat(lane, "a:1", back + timedelta(seconds=30))
    assert told(lane) == []


def test_one_that_was_stopped_in_peace_is_not_missed(lane: Lane, administrator: int) -> None:
    beat(lane, "a:1", REAL)
    lane.run_now(lambda s: heartbeats.leave(s, "a:1"))
    beat(lane, "b:1", REAL + timedelta(hours=1))
    assert told(lane) == []


def test_one_that_is_gone_for_good_is_forgotten(lane: Lane, administrator: int) -> None:
    beat(lane, "a:1", REAL)
    beat(lane, "b:1", REAL + timedelta(days=2))
    assert lane.run_now(lambda s: s.exec(select(Heartbeat.process)).all()) == ["b:1"]
    assert told(lane) == [("silent", "a:1")]


def test_whoever_ticks_again_after_all_were_silent_says_so_once(lane: Lane, administrator: int) -> None:
    lane.run_now(lambda s: s.add(Setting(key=heartbeats.TOLD, value=REAL.isoformat())))
    for process in ("a:1", "b:1"):
        beat(lane, process, REAL + timedelta(hours=1))
    assert told(lane) == [("back", "all")]


def test_the_last_tick_is_that_of_whichever_process(lane: Lane) -> None:
    assert lane.run_now(heartbeats.last_tick) is None
    beat(lane, "a:1", REAL + TICK, watch=False)
    beat(lane, "b:1", REAL, watch=False)
    assert lane.run_now(heartbeats.last_tick) == REAL + TICK


def test_a_suspended_administrator_is_not_told(lane: Lane, administrator: int) -> None:
    def unit(session: Session) -> list[Member]:
        session.get_one(Member, administrator).state = MemberState.suspended
        session.flush()
        return list(heartbeats.system_administrators(session))

    assert lane.run_now(unit) == []


def test_a_message_that_its_maker_sends_is_born_leased(lane: Lane, administrator: int) -> None:
    def unit(session: Session) -> Outbox:
        (row_id,) = heartbeats.tell(session, "silent", REAL, now=NOW, **heartbeats.leased("me", REAL))
        return session.get_one(Outbox, row_id)

    row = lane.run_now(unit)
    assert (row.owner, row.lease_until, row.dedupe) == ("me", REAL + outbox.LEASE, None)


def test_where_no_administrator_can_be_reached_the_office_of_each_county_is_told(
    lane: Lane, administrator: int
) -> None:
    def unit(session: Session) -> int:
        office = select(Member).join(MemberRole).where(MemberRole.role == Role.commission_staff)
        staff = session.exec(office).one()
        people.bind_address(session, staff, "sandbox", "office", now=NOW)
        return staff.id

    staff = lane.run_now(unit)
    beat(lane, "a:1", REAL)
    beat(lane, "b:1", REAL + SILENT + TICK)

    def hear(session: Session) -> list[int]:
        return sorted(row.member_id or 0 for row in make.mail(session, "silent"))

    assert lane.run_now(hear) == sorted([administrator, staff])

    def passed_on(session: Session) -> None:
        first = next(row for row in make.mail(session, "silent") if row.member_id == administrator)
        passing.pass_on(session, first, mechanism_of(session, first.county_id or 0), now=NOW)
        reached = session.get_one(Member, administrator)
        people.bind_address(session, reached, "sandbox", "admin", now=NOW)

    lane.run_now(passed_on)
    assert lane.run_now(hear) == sorted([administrator, staff])  # nobody of the office of that county
    beat(lane, "c:1", REAL + timedelta(hours=1))
    assert len(lane.run_now(hear)) == 3  # of the next silence they alone
