"""A clock that was set back: nothing waits for a moment of the old one, and nothing under way is sent twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from reminders import claiming, outbox, pace, setback
from reminders.pace import Ask, Limits, Rate
from storage.clock import lease_now
from storage.lane import Lane
from tests import make

BEFORE = lease_now()  # the clock that was two days ahead
NOW = BEFORE - timedelta(days=2)
SECOND = timedelta(seconds=1)
EACH = (Rate(1, 1.0),)


def claimed(lane: Lane, owner: str, moment: object) -> list[int]:
    def unit(session: Session) -> list[int]:
        assert isinstance(moment, type(NOW))
        return [row.id for row in claiming.claim(session, owner, now=make.NOW, real_now=moment)]

    return lane.run_now(unit)


@pytest.fixture
def row_id(lane: Lane) -> int:
    row = outbox.row("today", now=make.NOW, county_id=None, member_id=1)
    lane.run_now(lambda session: outbox.put(session, [row]))
    return int(row["id"])


def set_back(lane: Lane) -> None:
    for _ in range(2):  # by two processes
        lane.run_now(lambda session: setback.cut(session, real_now=NOW))


def test_what_somebody_is_sending_stays_theirs_for_a_lease(lane: Lane, row_id: int) -> None:
    assert claimed(lane, "one", BEFORE) == [row_id]
    set_back(lane)
    assert claimed(lane, "two", NOW) == []
    assert claimed(lane, "two", NOW + outbox.LEASE - SECOND) == []
    assert claimed(lane, "two", NOW + outbox.LEASE) == [row_id]


def test_a_pause_is_no_longer_than_the_longest(lane: Lane, row_id: int) -> None:
    assert claimed(lane, "one", BEFORE) == [row_id]
    lane.run_now(lambda s: outbox.mark_failed(s, row_id, "one", 1, "away", real_now=BEFORE))
    set_back(lane)
    assert claimed(lane, "two", NOW) == []
    assert claimed(lane, "two", NOW + timedelta(seconds=outbox.BACKOFF[-1])) == [row_id]


def test_a_chat_has_its_turns_again(lane: Lane) -> None:
    an_hour = NOW + timedelta(hours=1)
    lane.run_now(lambda s: pace.take_turn(s, "telegram", Ask("1"), Limits(each=EACH), real_now=an_hour))
    set_back(lane)
    turn = lane.run_now(lambda s: pace.take_turn(s, "telegram", Ask("1"), Limits(each=EACH), real_now=NOW))
    assert not turn.granted
    assert turn.at <= NOW + 10 * SECOND
