"""The morning digest, the next moment, and a sweep that is killed in the middle."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlmodel import Session, col, func, select

from casework import people
from reminders import claiming, outbox, sweep
from storage.ids import new_id
from storage.lane import Lane, open_lane
from storage.tables.mail import Outbox
from storage.tables.members import Member
from storage.tables.visits import Reminder, Visit
from tests import make
from tests.make import MONDAY, at

SECOND = timedelta(seconds=1)


def officer(lane: Lane, *, digest_at: datetime | None) -> int:
    def unit(session: Session) -> int:
        member = make.member(session, make.county(session))
        member.digest_at = digest_at
        return member.id

    return lane.run_now(unit)


def digests(lane: Lane) -> Sequence[tuple[date | None, datetime]]:
    return [(row.day, row.due_at) for row in lane.run_now(lambda s: make.mail(s, "digest"))]


def look(lane: Lane, moment: datetime) -> None:
    while lane.run_now(lambda session: sweep.one_digest_slice(session, now=moment)):
        pass


def test_a_digest_at_its_moment_and_once_a_working_day(lane: Lane) -> None:
    officer(lane, digest_at=at(MONDAY, "08:30"))
    look(lane, at(MONDAY, "08:30") - SECOND)
    assert digests(lane) == []
    for moment in (at(MONDAY, "08:30"), at(MONDAY, "08:30"), at(MONDAY, "16:00")):
        look(lane, moment)
        assert digests(lane) == [(MONDAY, at(MONDAY, "08:30"))]


def test_a_day_has_one_morning_though_its_hour_was_moved(lane: Lane) -> None:
    member = officer(lane, digest_at=at(MONDAY, "08:30"))
    look(lane, at(MONDAY, "08:30"))

    def moved(session: Session) -> None:
        session.get_one(Member, member).digest_at = at(MONDAY, "10:00")

    lane.run_now(moved)
    look(lane, at(MONDAY, "10:00"))
    assert digests(lane) == [(MONDAY, at(MONDAY, "08:30"))]


def test_no_digest_on_a_day_off(lane: Lane) -> None:
    officer(lane, digest_at=at("2026-11-27", "08:30"))
    for day in range(27, 31):
        look(lane, at(f"2026-11-{day}", "08:30"))
    assert [day for day, _ in digests(lane)] == [date(2026, 11, 27), date(2026, 11, 30)]


def test_after_an_outage_of_days_one_digest(lane: Lane) -> None:
    officer(lane, digest_at=at("2026-11-16", "08:30"))
    look(lane, at(MONDAY, "11:00"))
    look(lane, at("2026-11-24", "08:30"))
    assert [due for _, due in digests(lane)] == [at(MONDAY, "11:00"), at("2026-11-24", "08:30")]


def test_after_an_outage_that_ends_at_night_the_next_morning(lane: Lane) -> None:
    member = officer(lane, digest_at=at(MONDAY, "08:30"))
    look(lane, at(MONDAY, "23:00"))
    look(lane, at("2026-11-24", "08:30"))
    assert digests(lane) == [(date(2026, 11, 24), at("2026-11-24", "08:30"))]
    assert lane.run_now(lambda s: s.get_one(Member, member).digest_at) == at("2026-11-25", "08:30")


def test_whoever_is_suspended_gets_no_digest(lane: Lane) -> None:
    member = officer(lane, digest_at=at(MONDAY, "08:30"))
    lane.run_now(lambda s: people.suspend(s, member, now=make.NOW))
    look(lane, at(MONDAY, "08:30"))
    assert digests(lane) == []


@pytest.mark.parametrize("hour", ["14:30", "16:59"])
def test_a_late_digest_says_what_is_due_today_and_no_second_message_does(lane: Lane, hour: str) -> None:
    town = lane.run_now(make.town)
    lane.run_now(lambda s: setattr(s.get_one(Member, town.officer), "digest_at", at(MONDAY, "08:30")))
    while lane.run_now(lambda session: sweep.one_slice(session, now=at(MONDAY, hour))):
        pass
    look(lane, at(MONDAY, hour))
    assert (MONDAY, at(MONDAY, hour)) in digests(lane)
    assert lane.run_now(lambda s: make.mail(s, "today")) == []
    assert lane.run_now(lambda s: make.told(s, town.visit)) == [(3, town.officer)]


# --- the next moment -------------------------------------------------------------------------------------------------


def test_the_next_moment_is_the_first_of_visits_digests_and_mail(lane: Lane) -> None:
    def after(moment: datetime) -> datetime | None:
        return lane.run_now(lambda s: sweep.next_moment(s, after=moment))

    assert after(make.LONG_AGO) is None
    town = lane.run_now(make.town)

    def quiet(session: Session) -> None:
        for member in session.exec(select(Member)):
            member.digest_at = at("2026-11-13", "08:30")
        row = outbox.row("today", now=make.NOW, county_id=town.county, member_id=1, due_at=at("2026-11-14"))
        outbox.put(session, [row])

    lane.run_now(quiet)
    assert after(make.LONG_AGO) == at("2026-11-12", "08:30")  # the visit's first step
    assert after(at("2026-11-12", "08:30")) == at("2026-11-13", "08:30")
    assert after(at("2026-11-13", "08:30")) == at("2026-11-14")
    assert after(at("2026-11-14")) is None


# --- killed in the middle --------------------------------------------------------------------------------------------

MANY = 600

KILLED = """
import os, sys
from datetime import datetime
from reminders import claiming, outbox, sweep
from storage.bulk import Bulk
from storage.lane import open_lane
from storage.clock import lease_now

url, point, moment = sys.argv[1], sys.argv[2], datetime.fromisoformat(sys.argv[3])

def die(*_args, **_kwargs):
    os._exit(137)

lane = open_lane(url)
if point == "claimed":
    lane.run_now(lambda session: claiming.claim(session, "killed", now=moment, real_now=lease_now()))
    die()

left = [int(point)]
write = Bulk.write

def counted(*args, **kwargs):
    left[0] -= 1
    return write(*args, **kwargs) if left[0] else die()

sweep.SLICE, Bulk.write = 200, counted
while lane.run_now(lambda session: sweep.one_slice(session, now=moment)):
    pass
"""


def killed(url: str, point: str, moment: datetime) -> None:
    run = subprocess.run(
        [sys.executable, "-c", KILLED, url, point, moment.isoformat()],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert run.returncode == 137, run.stderr


def many(session: Session, size: int = MANY) -> None:
    """So many visits of one officer, all due on the same Monday."""
    town = make.town(session)
    first = session.get_one(Visit, town.visit)
    rows = [{**first.model_dump(), "id": new_id(), "code": f"T-{number}"} for number in range(size - 1)]
    session.execute(insert(Visit), rows)


def count(lane: Lane) -> int:
    return lane.run_now(lambda s: s.exec(select(func.count()).select_from(Reminder)).one())


SIZES = pytest.mark.parametrize("size", [MANY, pytest.param(10_000, marks=pytest.mark.soak)])


@SIZES
def test_a_sweep_that_is_killed_leaves_no_half_and_the_next_ones_tell_everybody_once(
    lane: Lane, database_url: str, size: int
) -> None:
    lane.run_now(lambda session: many(session, size))
    morning, late = at("2026-11-24", "08:30"), at("2026-11-25", "09:00")
    # In the morning a slice writes who was told, then the next looks.
    killed(database_url, "2", morning)
    assert count(lane) == 0  # the slice it was in is undone as a whole
    killed(database_url, "6", morning)
    assert count(lane) == 2 * 200
    later = select(func.count()).where(col(Visit.next_look_at) > morning)
    assert lane.run_now(lambda s: s.exec(later).one()) == 2 * 200  # state and telling go together
    for _ in range(3):
        swept(lane, morning)
        assert count(lane) == size
    # When the supervisor hears it writes the notice, who was told, then the next looks.
    killed(database_url, "2", late)
    assert lane.run_now(lambda s: make.mail(s, "alert")) == []
    assert count(lane) == size
    killed(database_url, "5", late)
    assert count(lane) == size + 200
    swept(lane, late)
    assert count(lane) == 2 * size
    assert len(lane.run_now(lambda s: make.mail(s, "alert"))) == 1  # one message, whoever wrote what of it


@SIZES
def test_after_three_days_without_a_tick_each_hears_once_and_of_everything(lane: Lane, size: int) -> None:
    lane.run_now(lambda session: many(session, size))
    for _ in range(3):
        swept(lane, at("2026-11-26", "10:00"))
        look(lane, at("2026-11-26", "10:00"))
    for kind in ("alert", "digest"):
        hearers = [row.member_id for row in lane.run_now(lambda s, kind=kind: make.mail(s, kind))]  # type: ignore[misc]
        assert hearers
        assert len(hearers) == len(set(hearers)), kind
    alerts = select(Outbox.id).where(Outbox.kind == "alert")
    told = select(func.count(func.distinct(Reminder.visit_id))).where(col(Reminder.outbox_id).in_(alerts))
    assert lane.run_now(lambda s: s.exec(told).one()) == size


def swept(lane: Lane, moment: datetime) -> None:
    while lane.run_now(lambda session: sweep.one_slice(session, now=moment)):
        pass


def test_a_sender_that_is_killed_after_its_claim_loses_nothing(lane: Lane, database_url: str) -> None:
    row = outbox.row("today", now=make.NOW, county_id=1, member_id=1)
    lane.run_now(lambda session: outbox.put(session, [row]))
    killed(database_url, "claimed", make.NOW)
    held = lane.run_now(lambda s: s.get_one(Outbox, row["id"]))
    assert held.owner == "killed"
    assert held.lease_until is not None

    def claim(session: Session) -> list[int]:
        lease = held.lease_until
        assert lease is not None
        return [found.id for found in claiming.claim(session, "next", now=make.NOW, real_now=lease)]

    assert lane.run_now(claim) == [row["id"]]


@SIZES
def test_two_processes_sweep_side_by_side_and_tell_everybody_once(
    lane: Lane, database_url: str, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(sweep, "SLICE", size // 30)
    lane.run_now(lambda session: many(session, size))
    morning, beside = at("2026-11-24", "08:30"), open_lane(database_url)

    def sweeper(mine: Lane) -> int:
        worked = 0
        while mine.run_now(lambda session: sweep.one_slice(session, now=morning)):
            worked += 1
        return worked

    with ThreadPoolExecutor(2) as threads:
        worked = list(threads.map(sweeper, (lane, beside)))
    beside.close()
    assert sum(worked) >= 30
    assert count(lane) == size
