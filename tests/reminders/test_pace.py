"""The pace: never faster than the vendor wants, and one chat holds up no other."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import Session

from reminders import pace
from reminders.pace import Ask, Limits, Rate, Turn, Weight
from storage.lane import Lane, open_lane
from tests.make import at

NOW = at("2026-11-23", "09:00")
SECOND = timedelta(seconds=1)
OVERALL, CHAT = Rate(30, 1.0), Rate(1, 1.0, burst=3)


def turn(
    lane: Lane, address: str = "a", now: datetime = NOW, overall: Rate | None = OVERALL, *each: Rate
) -> Turn:
    def unit(session: Session) -> Turn:
        limits = Limits(overall, each or (CHAT,))
        return pace.take_turn(session, "c", Ask(address), limits, real_now=now)

    return lane.run_now(unit)


def hold(lane: Lane, address: str | None, until: datetime) -> None:
    lane.run_now(lambda s: pace.hold(s, "c", address, (CHAT,), until, real_now=NOW))


def test_a_chat_may_have_a_short_burst_and_then_one_a_second(lane: Lane) -> None:
    assert [turn(lane, overall=None).granted for _ in range(4)] == [True, True, True, False]
    refused = turn(lane, overall=None)
    assert refused == Turn(NOW + SECOND, granted=False, full="chat")
    assert turn(lane, now=refused.at, overall=None).granted
    assert not turn(lane, now=refused.at, overall=None).granted


def many(lane: Lane, number: int, now: datetime, last: datetime | None = None) -> list[Turn]:
    asks = [Ask(f"{now} {one}") for one in range(number)]
    limits = Limits(OVERALL, (CHAT,))
    return lane.run_now(lambda s: pace.take_turns(s, "c", asks, limits, real_now=now, last=last))


def test_turns_of_a_channel_come_one_after_the_other(lane: Lane) -> None:
    """Whoever always asks for more than there is gets as much as may be, evenly."""
    moments, now, last = list[datetime](), NOW, None
    while now < NOW + 4 * SECOND:
        granted = [one.at for one in many(lane, 40, now, last) if one.granted]
        last = granted[-1] if granted else last
        moments += granted
        now += timedelta(milliseconds=230)
    assert moments == sorted(set(moments))
    for moment in moments:  # in no second are there more than thirty
        assert sum(moment <= other <= moment + SECOND for other in moments) <= 30
    assert len(moments) >= 4 * 30 * 0.97


def test_a_turn_that_is_used_late_is_good_again_late(lane: Lane) -> None:
    first = many(lane, 30, NOW)
    assert sum(one.granted for one in first) > 10  # all that come within half a second
    late = NOW + timedelta(milliseconds=700)
    used = [(one, late) for one in first if one.granted]
    lane.run_now(lambda s: pace.use_late(s, "c", used))
    moments = [late] * len(used)
    for tenth in range(8, 30):
        moments += [one.at for one in many(lane, 40, NOW + tenth * SECOND / 10) if one.granted]
    for moment in moments:
        assert sum(moment <= other <= moment + SECOND for other in moments) <= 30


def test_a_turn_that_nobody_used_is_there_for_others(lane: Lane) -> None:
    all_of_them = [turn(lane, f"{number}") for number in range(30)]
    assert all(one.granted for one in all_of_them)
    assert not turn(lane, "more").granted
    lane.run_now(lambda s: pace.give_back(s, "c", all_of_them[:1]))
    assert turn(lane, "more", NOW + SECOND / 10).granted
    lane.run_now(lambda s: pace.give_back(s, "c", all_of_them[:1]))  # is somebody else's by now
    assert not turn(lane, "still more", NOW + SECOND / 10).granted


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_process_that_stands_still_in_its_taking_holds_up_no_other(lane: Lane, database_url: str) -> None:
    """It keeps what it was about to take, and nothing else."""
    beside = open_lane(database_url)
    try:

        def stands_still(session: Session) -> list[Turn]:
            limits = Limits(OVERALL)
            pace.take_turns(session, "c", [Ask("x")] * 10, limits, real_now=NOW)
            return beside.run_now(
                lambda s: pace.take_turns(s, "c", [Ask("y")] * 30, limits, real_now=NOW, ahead=SECOND)
            )

        many(lane, 1, NOW - timedelta(hours=1))
        assert sum(one.granted for one in lane.run_now(stands_still)) == 20
    finally:
        beside.close()


def test_a_chat_that_is_not_free_takes_no_turn_of_the_channel(lane: Lane) -> None:
    hold(lane, "full", NOW + timedelta(minutes=5))
    assert turn(lane, "full") == Turn(NOW + timedelta(minutes=5), granted=False, full="chat")
    free = [turn(lane, f"free {number}") for number in range(30)]
    assert all(one.granted and one.at == NOW for one in free)


def test_what_the_vendor_says_holds_for_the_chat_or_for_all(lane: Lane) -> None:
    hold(lane, "a", NOW + 30 * SECOND)
    assert not turn(lane, "a", NOW + 29 * SECOND).granted
    assert turn(lane, "a", NOW + 30 * SECOND).granted
    hold(lane, None, NOW + 90 * SECOND)
    assert turn(lane, "b") == Turn(NOW + 90 * SECOND, granted=False)


def test_a_clock_that_was_turned_back_holds_nobody_up(lane: Lane) -> None:
    turn(lane, now=NOW + timedelta(days=2))
    hold(lane, None, NOW + timedelta(days=2))
    one = turn(lane)
    assert (one.at, one.granted) == (NOW, True)


def test_two_processes_share_one_pace(lane: Lane, database_url: str) -> None:
    beside = open_lane(database_url)
    try:
        houses = ((lane, "x"), (beside, "y"))
        turns = [turn(house, f"{name}{n}") for n in range(20) for house, name in houses]
    finally:
        beside.close()
    assert [one.granted for one in turns] == [True] * 30 + [False] * 10
    assert all(one.at >= NOW + SECOND for one in turns[30:])


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
                lambda s, a=address, now=now: pace.take_turn(
                    s, "c", Ask(a, Weight.answer), Limits(day=day), real_now=now
                )  # type: ignore[misc]
            )
            went += [now] * one.granted
    assert went.count(NOW) == 2
    assert len(went) == 10 + 30 - 1
    for first in went:
        assert sum(first <= other < first + timedelta(days=1) for other in went) <= 20
    other = lane.run_now(lambda s: pace.take_turn(s, "other", Ask("a"), Limits(day=day), real_now=NOW))
    assert other.granted


def test_of_a_day_some_is_kept_for_what_must_not_wait(lane: Lane) -> None:
    """Five of a hundred for answers; a safety call goes even then, and counts."""
    limits = Limits(day=Rate(50, 86_400.0, burst=50))

    def went(weight: Weight, tries: int, now: datetime = NOW) -> int:
        asks = [Ask(f"{weight} {number}", weight) for number in range(tries)]
        return sum(
            t.granted for t in lane.run_now(lambda s: pace.take_turns(s, "c", asks, limits, real_now=now))
        )

    assert went(Weight.ordinary, 60) == 45
    refused = lane.run_now(lambda s: pace.take_turn(s, "c", Ask("x"), limits, real_now=NOW))
    assert (refused.granted, refused.full) == (False, "day")
    assert went(Weight.answer, 10) == 5
    assert went(Weight.safety, 3) == 3
    assert went(Weight.answer, 10, NOW + timedelta(hours=1)) == 0  # what the safety calls took is made up for
    assert went(Weight.ordinary, 60, NOW + timedelta(days=1)) == 42
