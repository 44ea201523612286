"""The outbox held as a whole, and let go again without flooding anybody."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from reminders import claiming, hold, outbox, sweep
from reminders.hold import Released
from storage.errors import Refused
from storage.lane import Lane
from storage.tables.audit import AuditRecord
from storage.tables.counties import County
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member
from storage.tables.visits import Reminder
from tests import make
from tests.make import NOW, at

REAL = at("2030-01-01")


def put(lane: Lane, member_id: int, kind: str = "reply", due_at: datetime = NOW) -> int:
    row = outbox.row(kind, now=NOW, county_id=None, member_id=member_id, due_at=due_at)
    lane.run_now(lambda session: outbox.put(session, [row]))
    return int(row["id"])


def claimed(lane: Lane) -> int:
    return len(lane.run_now(lambda s: claiming.claim(s, "a", now=NOW, real_now=REAL)))


def release(lane: Lane, now: datetime = NOW) -> Released:
    return lane.run_now(lambda s: hold.release(s, now=now, real_now=REAL))


def waiting(lane: Lane) -> list[tuple[int | None, str]]:
    rows = lane.run_now(lambda s: s.exec(select(Outbox).where(Outbox.state == OutboxState.todo)).all())
    return sorted((row.member_id, row.kind) for row in rows)


def test_while_it_is_held_nothing_is_claimed(lane: Lane) -> None:
    put(lane, 1)
    assert lane.run_now(lambda s: hold.hold(s, now=NOW))
    assert not lane.run_now(lambda s: hold.hold(s, now=NOW + timedelta(hours=1)))
    assert lane.run_now(hold.held_since) == NOW
    assert claimed(lane) == 0
    assert release(lane) == Released(ready=1, withdrawn=0, caught_up=0)
    assert lane.run_now(hold.held_since) is None
    assert claimed(lane) == 1
    with pytest.raises(Refused):
        release(lane)
    verbs = lane.run_now(lambda s: s.exec(select(AuditRecord.verb).order_by(AuditRecord.id)).all())  # type: ignore[arg-type]
    assert verbs == ["outbox_held", "outbox_released"]


def test_what_is_old_becomes_one_message_a_person(lane: Lane) -> None:
    """Four days of a ladder in the outbox: the officer gets one digest, each of the others one alert."""
    town = lane.run_now(lambda s: make.town(s))

    def second(session: Session) -> None:
        officer = session.get_one(Member, town.officer)
        county = session.get_one(County, town.county)
        make.visit(session, make.case(session, county, officer, name="王芳"), make.MONDAY - timedelta(days=3))

    lane.run_now(second)
    lane.run_now(lambda s: hold.hold(s, now=NOW))
    for day in range(23, 28):
        for hour in ("08:30", "09:00", "14:30"):
            _tick(lane, at(f"2026-11-{day}", hour))
    before = Counter(waiting(lane))
    assert before[town.officer, "digest"] == 5
    assert before[town.supervisor, "alert"] == 2
    now = at("2026-11-29", "10:00")  # a Sunday
    done = release(lane, now)
    assert done.caught_up == 4
    # One of the officers has nothing to do, and will be told nothing.
    officers = [(who, "digest") for who in (town.officer, town.colleague)]
    assert waiting(lane) == sorted([*officers, (town.supervisor, "alert"), (town.staff, "alert")])
    digests = select(Outbox.due_at).where(Outbox.kind == "digest", Outbox.state == OutboxState.todo)
    assert set(lane.run_now(lambda s: s.exec(digests).all())) == {
        at("2026-11-30", "08:30")
    }  # not on a Sunday
    (alert,) = lane.run_now(
        lambda s: s.exec(
            select(Outbox).where(Outbox.member_id == town.supervisor, Outbox.state == OutboxState.todo)
        ).all()
    )
    told = lane.run_now(
        lambda s: s.exec(select(Reminder.visit_id).where(Reminder.outbox_id == alert.id)).all()
    )
    assert len(set(told)) == 2  # both visits, in the one message


def _tick(lane: Lane, now: datetime) -> None:
    for unit in (sweep.one_slice, sweep.one_digest_slice):
        while lane.run_now(lambda session, unit=unit: unit(session, now=now)):  # type: ignore[misc]
            pass


def test_a_worry_however_old_still_goes_out_and_an_old_answer_does_not(lane: Lane) -> None:
    old = NOW - timedelta(days=1)
    kept = [put(lane, number, kind, old) for number, kind in enumerate(("safety", "assigned", "removal"), 1)]
    put(lane, 9, "reply", old)
    put(lane, 10, "reply", old + timedelta(seconds=1))
    lane.run_now(lambda s: hold.hold(s, now=NOW))
    assert release(lane) == Released(ready=4, withdrawn=1, caught_up=0)
    assert len(waiting(lane)) == len(kept) + 1


def test_what_somebody_is_sending_is_left_to_them(lane: Lane) -> None:
    put(lane, 1, "reply", NOW - timedelta(days=2))
    claimed(lane)
    lane.run_now(lambda s: hold.hold(s, now=NOW))
    assert release(lane) == Released(0, 0, 0)
