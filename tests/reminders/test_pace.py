"""The pace: never faster than the vendor wants, and one chat holds up no other."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from reminders import pace
from reminders.pace import Rate, Turn
from storage.lane import Lane, open_lane
from tests.make import at

NOW = at("2026-11-23", "09:00")
SECOND = timedelta(seconds=1)
OVERALL, CHAT = Rate(59, 2.0), Rate(1, 1.0, burst=3)


def turn(
    lane: Lane, address: str = "a", now: datetime = NOW, overall: Rate | None = OVERALL, *each: Rate
) -> Turn:
    def unit(session: Session) -> Turn:
        return pace.take_turn(session, "c", address, overall, each or (CHAT,), real_now=now)

    return lane.run_now(unit)


def hold(lane: Lane, address: str | None, until: datetime) -> None:
    lane.run_now(lambda s: pace.hold(s, "c", address, (CHAT,), until, real_now=NOW))


def test_a_chat_may_have_a_short_burst_and_then_one_a_second(lane: Lane) -> None:
    assert [turn(lane, overall=None).granted for _ in range(4)] == [True, True, True, False]
    refused = turn(lane, overall=None)
    assert refused == Turn(NOW + SECOND, granted=False)
    assert turn(lane, now=refused.at, overall=None).granted
    assert not turn(lane, now=refused.at, overall=None).granted


def test_turns_of_a_channel_come_one_after_the_other(lane: Lane) -> None:
    turns = [turn(lane, f"chat {number}") for number in range(90)]
    assert all(one.granted for one in turns)
    moments = [one.at for one in turns]
    assert moments == sorted(set(moments))
    for moment in moments:  # in no second are there more than thirty
        assert sum(moment <= other <= moment + SECOND for other in moments) <= 30


def test_a_chat_that_is_not_free_takes_no_turn_of_the_channel(lane: Lane) -> None:
    hold(lane, "full", NOW + timedelta(minutes=5))
    assert turn(lane, "full") == Turn(NOW + timedelta(minutes=5), granted=False)
    assert turn(lane, "free") == Turn(NOW, granted=True)


def test_what_the_vendor_says_holds_for_the_chat_or_for_all(lane: Lane) -> None:
    hold(lane, "a", NOW + 30 * SECOND)
    assert not turn(lane, "a", NOW + 29 * SECOND).granted
    assert turn(lane, "a", NOW + 30 * SECOND).granted
    hold(lane, None, NOW + 90 * SECOND)
    assert turn(lane, "b").at == NOW + 90 * SECOND


def test_a_clock_that_was_turned_back_holds_nobody_up(lane: Lane) -> None:
    turn(lane, now=NOW + timedelta(days=2))
    hold(lane, None, NOW + timedelta(days=2))
    assert turn(lane) == Turn(NOW, granted=True)


def test_two_processes_share_one_pace(lane: Lane, database_url: str) -> None:
    beside = open_lane(database_url)
    try:
        houses = ((lane, "x"), (beside, "y"))
        moments = [turn(house, f"{name}{n}").at for n in range(20) for house, name in houses]
    finally:
        beside.close()
    assert len(set(moments)) == 40
    assert max(moments) - NOW == 39 * OVERALL.interval


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 1500)), min_size=1, max_size=60),
    st.integers(1, 5),
)
def test_no_chat_gets_more_than_its_rate_in_any_window(calls: list[tuple[str, int]], burst: int) -> None:
    """By hand on one row, without a database: the same arithmetic, any calls."""
    rate = Rate(1, 1.0, burst=burst)
    free: dict[str, datetime] = {}
    sent: dict[str, list[datetime]] = {}
    now = NOW
    for chat, pause in calls:
        now += timedelta(milliseconds=pause)
        start = free.get(chat, now) - rate.ahead
        if start <= now:
            free[chat] = max(free.get(chat, now), now) + rate.interval
            sent.setdefault(chat, []).append(now)
    for moments in sent.values():
        for moment in moments:
            assert sum(moment <= other < moment + SECOND for other in moments) <= burst + 1


@pytest.mark.parametrize("rates", [(Rate(15, 60, burst=15), Rate(900, 3600, burst=90))])
def test_several_rates_of_a_chat_hold_together(lane: Lane, rates: tuple[Rate, ...]) -> None:
    granted, now = [], NOW
    while now < NOW + timedelta(hours=1):
        granted += [now] * turn(lane, "a", now, None, *rates).granted
        now += timedelta(milliseconds=1700)
    for moment in granted:
        assert sum(moment <= other < moment + timedelta(minutes=1) for other in granted) <= 30
    assert len(granted) <= 1000


def test_no_day_has_more_than_the_day_allows(lane: Lane) -> None:
    """A burst at once, then evenly: from whichever moment, 24 hours have no more than both; nobody else is held up."""
    day, went = Rate(10, 86_400.0, burst=10), list[datetime]()
    for half_hour in range(3 * 48):
        now = NOW + timedelta(minutes=30 * half_hour)
        for address in ("a", "b"):
            one = lane.run_now(
                lambda s, a=address, now=now: pace.take_turn(s, "c", a, None, (), day=day, real_now=now)  # type: ignore[misc]
            )
            went += [now] * one.granted
    assert went.count(NOW) == 2
    assert len(went) == 10 + 30 - 1
    for first in went:
        assert sum(first <= other < first + timedelta(days=1) for other in went) <= 20
    assert lane.run_now(lambda s: pace.take_turn(s, "other", "a", None, (), day=day, real_now=NOW)).granted
