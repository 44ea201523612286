"""Moments are the same on both databases, and the sandbox's clock only moves forward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import DateTime
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import StatementError
from sqlmodel import Session, select

from storage.clock import Moment, SandboxClock, SystemClock, aware, lease_now, local_day
from storage.lane import Lane
from storage.tables.mail import Inbox
from tests.make import ZONE, at

SECOND = timedelta(seconds=1)
EAST = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 23, 8, 30, 0, 123456, tzinfo=EAST),
        datetime(2026, 11, 23, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=-11))),
        datetime(2028, 2, 29, 0, 0, 0, 1, tzinfo=EAST),
        datetime(1999, 12, 31, 16, tzinfo=UTC),
    ],
)
def test_a_moment_comes_back_to_the_microsecond_and_aware(lane: Lane, moment: datetime) -> None:
    lane.run_now(lambda s: s.add(Inbox(channel="x", event_id="1", received_at=moment)))
    kept = lane.run_now(lambda s: s.exec(select(Inbox)).one().received_at)
    assert kept == moment
    assert kept.tzinfo is UTC


def test_an_hour_that_a_place_has_twice_is_two_moments(lane: Lane) -> None:
    """In its own time the one is equal to the other, and has the same hash."""
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    again = first.replace(fold=1)
    assert first == again

    def unit(session: Session) -> list[datetime]:
        for moment in (first, again):
            session.add(Inbox(channel="x", event_id=str(moment.fold), received_at=moment))
        session.flush()
        session.expire_all()
        return list(session.exec(select(Inbox.received_at).order_by(Inbox.event_id)))

    assert lane.run_now(unit) == [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]


def test_moments_are_compared_as_moments(lane: Lane) -> None:
    """08:30 in the county is before 01:00 in Greenwich."""
    early, late = at("2026-11-23", "08:30"), datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

    def unit(session: Session) -> list[str]:
        session.add_all(
            [
                Inbox(channel="x", event_id="early", received_at=early),
                Inbox(channel="x", event_id="late", received_at=late),
            ]
        )
        session.flush()
        query = select(Inbox.event_id).where(Inbox.received_at < late.astimezone(EAST))
        return list(session.exec(query))

    assert lane.run_now(unit) == ["early"]


def test_a_moment_without_a_zone_is_refused(lane: Lane) -> None:
    naive = datetime(2026, 11, 23, 8, 30)  # noqa: DTZ001 - that is the point
    with pytest.raises(StatementError, match="time zone"):
        lane.run_now(lambda s: s.add(Inbox(channel="x", event_id="1", received_at=naive)))
    with pytest.raises(ValueError, match="time zone"):
        aware(naive)


def test_the_day_is_that_of_the_place() -> None:
    night = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    assert local_day(night, EAST).isoformat() == "2026-11-23"
    assert local_day(night, UTC).isoformat() == "2026-11-22"
    assert ZONE == "Asia/Shanghai"


# --- the sandbox's clock ---------------------------------------------------------------------------------------------

OPENING = at("2026-11-23", "08:30")


def test_a_standing_clock_stands() -> None:
    clock = SandboxClock(OPENING, standing=True)
    assert clock.now() == clock.now() == OPENING
    assert clock.standing


def test_a_running_clock_keeps_its_distance_to_the_real_one() -> None:
    clock = SandboxClock(OPENING, standing=False)
    first, second = clock.now(), clock.now()
    assert OPENING <= first <= second < OPENING + timedelta(minutes=1)


def test_time_moves_forward_alone() -> None:
    clock = SandboxClock(OPENING, standing=True)
    clock.move_to(OPENING + SECOND)
    assert clock.now() == OPENING + SECOND
    clock.move_to(OPENING)
    assert clock.now() == OPENING + SECOND


def test_a_clock_that_is_held_stands_and_then_runs_on_from_there() -> None:
    clock = SandboxClock(OPENING, standing=False)
    clock.hold()
    held = clock.now()
    assert (clock.standing, clock.now()) == (True, held)
    clock.move_to(held + timedelta(days=1))
    clock.release()
    assert not clock.standing
    assert timedelta(0) <= clock.now() - (held + timedelta(days=1)) < timedelta(minutes=1)


def test_releasing_a_running_clock_changes_nothing() -> None:
    clock = SandboxClock(OPENING, standing=False)
    before = clock.now()
    clock.release()
    assert timedelta(0) <= clock.now() - before < timedelta(minutes=1)


def test_a_clock_wants_a_moment_with_a_zone() -> None:
    naive = datetime(2026, 11, 23)  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="time zone"):
        SandboxClock(naive, standing=True)


def test_the_real_clocks_are_aware_and_agree() -> None:
    assert abs(SystemClock().now() - lease_now()) < timedelta(seconds=5)
    assert SystemClock().now().tzinfo is UTC


@pytest.mark.parametrize("moment", [at("2026-11-23", "08:30"), datetime(8, 1, 2, 3, 4, 5, 60, tzinfo=UTC)])
def test_sqlite_is_given_a_moment_as_sqlalchemy_writes_it(moment: datetime) -> None:
    """What an older version wrote is compared with it, as text."""
    dialect = sqlite.dialect()
    written = DateTime().dialect_impl(dialect).bind_processor(dialect)
    ours = Moment().bind_processor(dialect)
    assert written is not None
    assert ours(moment) == written(moment.astimezone(UTC).replace(tzinfo=None))
    assert ours(None) is None
