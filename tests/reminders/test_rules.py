from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reminders.rules import (
    Look,
    Status,
    Step,
    acknowledged_until,
    collapse,
    due_day,
    in_hours,
    in_own_hours,
    lateness,
    next_digest,
    next_look,
    passed_steps,
    rests_until,
    status,
    step,
    steps_at,
)
from reminders.workdays import WorkCalendar
from storage.rulebook import Recipient, Rulebook, Via

RULES = Rulebook.default()
CHINA = WorkCalendar()
unhurried = settings(deadline=None)  # a busy machine is no failure
ZONE = ZoneInfo("Asia/Shanghai")
SECOND = timedelta(seconds=1)
OFFICER, SUPERVISOR = Recipient.care_officer, Recipient.supervisor
STAFF, LEADER = Recipient.commission_staff, Recipient.leader

MONDAY = date(2026, 11, 23)
SATURDAY = date(2026, 11, 21)

days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
moments = st.builds(datetime.combine, days, st.times(), st.just(ZONE))


def at(month: int, day: int, hour: int = 0, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


def look(
    due_on: date, after: datetime, ack_until: datetime | None = None, rest_until: datetime | None = None
) -> Look:
    return next_look(due_on, after, RULES, CHINA, ZONE, ack_until=ack_until, rest_until=rest_until)


def passed(due_on: date, since_step: int, now: datetime) -> list[Step]:
    return passed_steps(due_on, since_step, now, RULES, CHINA, ZONE)


# --- late, and how late ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "late", "expected"),
    [
        (date(2026, 11, 11), -8, Status.not_due),
        (date(2026, 11, 12), -7, Status.due_soon),
        (date(2026, 11, 20), -1, Status.due_soon),
        (SATURDAY, -1, Status.due_soon),
        (MONDAY, 0, Status.due_today),
        (date(2026, 11, 24), 1, Status.overdue),
        (date(2026, 11, 27), 4, Status.overdue),
        (date(2026, 11, 29), 4, Status.overdue),  # a Sunday: nothing moves
        (date(2026, 11, 30), 5, Status.overdue),
    ],
)
def test_lateness_counts_working_days(today: date, late: int, expected: Status) -> None:
    assert lateness(MONDAY, today, CHINA) == late
    assert status(MONDAY, today, RULES, CHINA) is expected


def test_a_visit_due_before_the_weekend_is_not_overdue_during_it() -> None:
    friday = date(2026, 11, 20)
    assert [status(friday, friday + timedelta(days=n), RULES, CHINA) for n in range(4)] == [
        Status.due_today,
        Status.due_today,
        Status.due_today,
        Status.overdue,
    ]


def test_a_due_date_on_a_day_off_counts_from_the_next_working_day() -> None:
    assert due_day(SATURDAY, CHINA) == MONDAY
    assert status(SATURDAY, SATURDAY, RULES, CHINA) is Status.due_soon
    assert status(SATURDAY, MONDAY, RULES, CHINA) is Status.due_today
    assert steps_at(SATURDAY, RULES, CHINA, ZONE) == steps_at(MONDAY, RULES, CHINA, ZONE)


def test_lateness_over_spring_festival() -> None:
    """Due on Friday the 13th; Saturday the 14th is worked, then nine days off."""
    due = date(2026, 2, 13)
    assert lateness(due, date(2026, 2, 14), CHINA) == 1
    assert {lateness(due, date(2026, 2, day), CHINA) for day in range(15, 24)} == {1}
    assert lateness(due, date(2026, 2, 24), CHINA) == 2
    assert lateness(due, date(2026, 2, 28), CHINA) == 6
    assert lateness(due, date(2026, 3, 1), CHINA) == 6


@unhurried
@given(days, days)
def test_the_status_is_nothing_but_the_lateness(due: date, today: date) -> None:
    late, found = lateness(due, today, CHINA), status(due, today, RULES, CHINA)
    assert (found is Status.overdue) == (late > 0)
    assert (found is Status.due_today) == (late == 0)
    assert (found is Status.due_soon) == (-7 <= late < 0)


@unhurried
@given(days, days)
def test_lateness_never_falls_as_days_pass(due: date, today: date) -> None:
    grown = lateness(due, today + timedelta(days=1), CHINA) - lateness(due, today, CHINA)
    assert grown == CHINA.is_workday(today + timedelta(days=1))


# --- the steps ------------------------------------------------------------------------------------------


def test_the_steps_of_an_ordinary_visit() -> None:
    assert steps_at(MONDAY, RULES, CHINA, ZONE) == [
        (0, at(11, 12, 8, 30)),
        (1, at(11, 18, 8, 30)),
        (2, at(11, 20, 8, 30)),
        (3, at(11, 23, 14, 30)),
        (4, at(11, 24, 8, 30)),
        (5, at(11, 25, 9)),
        (6, at(11, 30, 9)),
        (7, at(12, 3, 9)),
    ]


def test_repeats_follow_every_five_working_days() -> None:
    repeats = [step(MONDAY, 8 + k, RULES, CHINA, ZONE) for k in range(3)]
    assert [r.moment for r in repeats] == [at(12, 10, 9), at(12, 17, 9), at(12, 24, 9)]
    assert [r.offset for r in repeats] == [13, 18, 23]
    assert all(r.to == (SUPERVISOR, STAFF, LEADER) and r.via is Via.notice for r in repeats)


def test_a_step_before_the_first_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="begins with step 0"):
        step(MONDAY, -1, RULES, CHINA, ZONE)


@pytest.mark.parametrize(
    ("due_on", "index", "moment"),
    [
        (date(2026, 2, 13), 4, at(2, 14, 8, 30)),  # the digest of a Saturday that is worked
        (date(2026, 2, 13), 5, at(2, 24, 9)),  # the supervisor after the nine days off
        (date(2026, 2, 24), 2, at(2, 14, 8, 30)),  # the day before, before the festival
        (date(2026, 2, 26), 5, at(2, 28, 9)),  # the supervisor on the other worked Saturday
        (date(2026, 2, 18), 3, at(2, 24, 14, 30)),  # due during the festival
    ],
)
def test_one_second_before_at_and_after_a_step(due_on: date, index: int, moment: datetime) -> None:
    assert step(due_on, index, RULES, CHINA, ZONE).moment == moment
    assert look(due_on, moment - SECOND) == (moment, index)
    assert look(due_on, moment).step == index + 1
    assert look(due_on, moment + SECOND).step == index + 1
    assert [s.index for s in passed(due_on, index - 1, moment - SECOND)] == []
    assert [s.index for s in passed(due_on, index - 1, moment)] == [index]
    assert [s.index for s in passed(due_on, index - 1, moment + SECOND)] == [index]


def test_moments_compare_across_zones() -> None:
    moment = at(11, 25, 9)
    assert look(MONDAY, moment.astimezone(UTC) - SECOND) == (moment, 5)
    assert look(MONDAY, moment.astimezone(UTC)).step == 6


@unhurried
@given(days, moments)
def test_the_next_look_is_the_first_step_still_to_come(due: date, after: datetime) -> None:
    candidates = (step(due, index, RULES, CHINA, ZONE) for index in range(400))
    expected = next(found for found in candidates if found.moment > after)
    assert look(due, after) == (expected.moment, expected.index)


@unhurried
@given(days)
def test_looks_follow_each_other_without_end_or_gap(due: date) -> None:
    now, told = at(1, 1, year=2024), []
    for _ in range(20):
        now, index = look(due, now)
        told.append(step(due, index, RULES, CHINA, ZONE))
        assert told[-1].moment == now
    assert [s.index for s in told] == list(range(20))
    assert all(later.moment > earlier.moment for earlier, later in pairwise(told))
    assert all(CHINA.is_workday(s.moment.date()) for s in told)


# --- outages, acknowledging, resting --------------------------------------------------------------------


def test_after_an_outage_each_recipient_hears_the_newest_only() -> None:
    kept = collapse(passed(MONDAY, -1, at(12, 2, 10)))
    assert [(s.index, s.to) for s in kept] == [(4, (OFFICER,)), (5, (SUPERVISOR,)), (6, (STAFF,))]
    late = collapse(passed(MONDAY, -1, at(12, 28, 10)))
    assert [(s.index, s.to) for s in late] == [(4, (OFFICER,)), (10, (SUPERVISOR, STAFF, LEADER))]
    assert collapse([]) == []


@unhurried
@given(days, moments)
def test_collapsing_keeps_one_step_for_each_recipient(due: date, now: datetime) -> None:
    steps = passed(due, -1, now)
    kept = collapse(steps)
    names = [recipient for s in kept for recipient in s.to]
    assert len(names) == len(set(names))
    assert set(names) == {recipient for s in steps for recipient in s.to}
    for s in kept:
        assert not any(set(s.to) & set(later.to) for later in steps if later.index > s.index)


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (at(11, 23, 14, 30), [3]),
        (at(11, 23, 17), [3]),
        (at(11, 23, 17) + SECOND, []),  # it would arrive on Tuesday morning
        (at(11, 24, 8), []),
        (at(11, 24, 8, 30), [4]),
    ],
)
def test_due_today_is_not_told_tomorrow(now: datetime, told: list[int]) -> None:
    assert [s.index for s in passed(MONDAY, 2, now)] == told


def test_acknowledging_holds_back_and_loses_nothing() -> None:
    """Acknowledged on Friday, quiet until Wednesday: the office's step of Monday comes then."""
    now = at(11, 27, 10)
    until = acknowledged_until(now, RULES, CHINA, ZONE)
    assert until == at(12, 2, 9)
    assert look(MONDAY, now, ack_until=until) == (until, 6)
    assert [s.index for s in collapse(passed(MONDAY, 5, until))] == [6]
    assert look(MONDAY, until, ack_until=until) == (at(12, 3, 9), 7)


def test_a_rest_lasts_through_its_last_day() -> None:
    """Visited on Monday, the note to follow: quiet on Tuesday and Wednesday, the supervisor hears on Thursday."""
    now = at(11, 23, 16)
    until = rests_until(now, RULES, CHINA, ZONE)
    assert until == at(11, 25, 17)
    assert look(MONDAY, now, rest_until=until) == (until, 5)
    assert look(MONDAY, now, rest_until=until + SECOND) == (at(11, 26, 9), 5)


def test_the_later_of_rest_and_acknowledgement_holds() -> None:
    now = at(11, 25, 8)
    assert look(MONDAY, now, at(11, 26, 9), at(12, 1, 9)) == (at(12, 1, 9), 5)
    assert look(MONDAY, now, at(12, 1, 9), at(11, 26, 9)) == (at(12, 1, 9), 5)
    assert look(MONDAY, now, at(11, 24, 9), at(11, 24, 9)) == (at(11, 25, 9), 5)


def test_digest_lines_are_not_made_up_for() -> None:
    quiet = at(11, 20, 9)
    assert look(MONDAY, at(11, 17, 9), ack_until=quiet) == (at(11, 23, 14, 30), 3)


@unhurried
@given(days, moments, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_quiet_is_kept_and_ends(due: date, now: datetime, pause: timedelta) -> None:
    until = now + pause
    quiet, plain = look(due, now, ack_until=until), look(due, now)
    assert quiet.moment >= until or quiet == plain
    assert quiet.moment > now
    assert quiet.step >= plain.step
    # every notice that was to be told meanwhile is among what the next look finds
    held = {s.index for s in passed(due, plain.step - 1, until) if s.via is Via.notice and s.offset > 0}
    assert held <= {s.index for s in passed(due, quiet.step - 1, quiet.moment)}


# --- hours ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("after", "digest"),
    [
        (at(11, 23, 8, 30) - SECOND, at(11, 23, 8, 30)),
        (at(11, 23, 8, 30), at(11, 24, 8, 30)),
        (at(11, 20, 12), at(11, 23, 8, 30)),
        (at(11, 21, 7), at(11, 23, 8, 30)),
        (at(2, 13, 9), at(2, 14, 8, 30)),
        (at(2, 14, 8, 30), at(2, 24, 8, 30)),
        (at(2, 27, 9), at(2, 28, 8, 30)),
    ],
)
def test_the_next_digest(after: datetime, digest: datetime) -> None:
    assert next_digest(after, RULES, CHINA, ZONE) == digest


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (at(11, 23, 9), at(11, 23, 9)),
        (at(11, 23, 17), at(11, 23, 17)),
        (at(11, 23, 9) - SECOND, at(11, 23, 9)),
        (at(11, 23, 17) + SECOND, at(11, 24, 9)),
        (at(11, 21, 12), at(11, 23, 9)),
        (at(2, 14, 17) + SECOND, at(2, 24, 9)),
    ],
)
def test_notices_go_out_within_the_hours(moment: datetime, allowed: datetime) -> None:
    assert in_hours(moment, RULES, CHINA, ZONE) == allowed
    assert in_hours(moment.astimezone(UTC), RULES, CHINA, ZONE) == allowed


def test_a_digest_goes_out_at_its_time_to_whoever_wants_to_hear_then() -> None:
    early, morning = (time(8, 30), time(11)), at(11, 23, 8, 30)
    assert in_own_hours(morning, early, RULES, CHINA, ZONE, early=True) == morning
    assert in_own_hours(morning, early, RULES, CHINA, ZONE) == at(11, 23, 9)
    assert in_own_hours(morning, (time(10), time(16)), RULES, CHINA, ZONE, early=True) == at(11, 23, 10)


@unhurried
@given(moments)
def test_a_moment_in_hours_stays(moment: datetime) -> None:
    once = in_hours(moment, RULES, CHINA, ZONE)
    assert once >= moment
    assert CHINA.is_workday(once.date())
    assert time(9) <= once.time() <= time(17)
    assert in_hours(once, RULES, CHINA, ZONE) == once


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = at(11, 23, 9).replace(tzinfo=None)
    calls: list[Callable[[], object]] = [
        lambda: look(MONDAY, naive),
        lambda: look(MONDAY, at(11, 23), ack_until=naive),
        lambda: look(MONDAY, at(11, 23), rest_until=naive),
        lambda: passed(MONDAY, -1, naive),
        lambda: in_hours(naive, RULES, CHINA, ZONE),
        lambda: next_digest(naive, RULES, CHINA, ZONE),
        lambda: acknowledged_until(naive, RULES, CHINA, ZONE),
        lambda: rests_until(naive, RULES, CHINA, ZONE),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="time zone"):
            call()
