from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reminders.cadence import contact_by, first_due, next_due_on, spread
from reminders.workdays import WorkCalendar
from storage.rulebook import Rulebook
from storage.tables.cases import Stage
from storage.tables.visits import VisitKind

RULES = Rulebook.default()
CHINA = WorkCalendar()
unhurried = settings(deadline=None)  # a busy machine is no failure
MONDAY = date(2026, 11, 23)
TALK, HOME, STUDY = VisitKind.talk, VisitKind.home_visit, VisitKind.study_visit

days = st.dates(date(2025, 1, 1), date(2027, 12, 31))


def workday_after(start: date, calendar_days: int) -> date:
    return CHINA.add_workdays(start + timedelta(days=calendar_days), 0)


@pytest.mark.parametrize(
    ("stage", "kind", "first", "following"),
    [
        (Stage.early_care, TALK, 30, 180),
        (Stage.follow_up, TALK, 90, 90),
        (Stage.follow_up, HOME, 180, 365),
        (Stage.follow_up, STUDY, 180, 180),
        (Stage.evaluation, TALK, 90, 90),
        (Stage.observation, TALK, 90, 90),
    ],
)
def test_the_cadence_of_each_stage(stage: Stage, kind: VisitKind, first: int, following: int) -> None:
    assert first_due(stage, kind, MONDAY, RULES, CHINA) == workday_after(MONDAY, first)
    assert next_due_on(stage, kind, MONDAY, RULES, CHINA) == workday_after(MONDAY, following)


@pytest.mark.parametrize("stage", [Stage.early_care, Stage.evaluation, Stage.observation])
@pytest.mark.parametrize("kind", [HOME, STUDY])
def test_home_and_study_belong_to_follow_up(stage: Stage, kind: VisitKind) -> None:
    assert first_due(stage, kind, MONDAY, RULES, CHINA) is None
    assert next_due_on(stage, kind, MONDAY, RULES, CHINA) is None


@pytest.mark.parametrize(
    ("stage", "state", "expected"),
    [
        (Stage.follow_up, "settled", 90),
        (Stage.follow_up, "stable", 90),
        (Stage.follow_up, "not_rated", 90),
        (Stage.follow_up, "unsettled", 30),
        (Stage.follow_up, "concern", 14),
        (Stage.early_care, "settled", 180),
        (Stage.early_care, "not_rated", 180),
        (Stage.early_care, "unsettled", 30),
        (Stage.observation, "concern", 14),
    ],
)
def test_worry_brings_the_next_talk_forward_in_every_stage(stage: Stage, state: str, expected: int) -> None:
    due = next_due_on(stage, TALK, MONDAY, RULES, CHINA, state_of_mind=state)
    assert due == workday_after(MONDAY, expected)


def test_the_example_of_the_storyboard() -> None:
    """Unsettled on 23 November: the next talk by 23 December."""
    due = next_due_on(Stage.follow_up, TALK, MONDAY, RULES, CHINA, state_of_mind="unsettled")
    assert due == date(2026, 12, 23)


def test_a_heavy_sanction_is_talked_about_more_often() -> None:
    due = next_due_on(Stage.early_care, TALK, MONDAY, RULES, CHINA, heavy=True)
    assert due == workday_after(MONDAY, 90)


def test_the_talk_before_expiry_is_brought_forward() -> None:
    expires = MONDAY + timedelta(days=120)
    due = next_due_on(Stage.early_care, TALK, MONDAY, RULES, CHINA, expires_on=expires)
    assert due == date(2027, 2, 19)  # the day itself is a Sunday
    # once it has been held, or where it would come later anyway, the usual interval holds
    held = MONDAY + timedelta(days=90)
    assert next_due_on(Stage.early_care, TALK, held, RULES, CHINA, expires_on=expires) == workday_after(
        held, 180
    )
    far = MONDAY + timedelta(days=400)
    assert next_due_on(Stage.early_care, TALK, MONDAY, RULES, CHINA, expires_on=far) == workday_after(
        MONDAY, 180
    )


def test_a_day_off_brings_the_talk_before_expiry_forward() -> None:
    sunday = date(2026, 3, 1)  # after a Saturday that is worked
    expires = sunday + timedelta(days=30)
    assert next_due_on(Stage.early_care, TALK, date(2026, 1, 5), RULES, CHINA, expires_on=expires) == date(
        2026, 2, 28
    )
    holidays = date(2026, 2, 20) + timedelta(days=30)
    assert next_due_on(Stage.early_care, TALK, date(2026, 1, 5), RULES, CHINA, expires_on=holidays) == date(
        2026, 2, 14
    )
    # held on that very day it is not asked for again
    held = date(2026, 2, 14)
    assert next_due_on(Stage.early_care, TALK, held, RULES, CHINA, expires_on=holidays) == workday_after(
        held, 180
    )


def test_visits_leave_spring_festival_and_national_day_alone() -> None:
    before = date(2026, 2, 18) - timedelta(days=90)
    assert next_due_on(Stage.follow_up, TALK, before, RULES, CHINA) == date(2026, 2, 24)
    before = date(2026, 10, 3) - timedelta(days=180)
    assert next_due_on(Stage.follow_up, STUDY, before, RULES, CHINA) == date(2026, 10, 8)


@unhurried
@given(
    st.sampled_from(Stage),
    st.sampled_from(VisitKind),
    days,
    st.sampled_from(["settled", "stable", "unsettled", "concern", "not_rated"]),
    st.booleans(),
    st.none() | days,
)
def test_what_is_planned_lies_ahead_on_a_working_day(
    stage: Stage, kind: VisitKind, last: date, state: str, heavy: bool, expires_on: date | None
) -> None:
    for plan in (first_due, next_due_on):
        due = plan(stage, kind, last, RULES, CHINA, state_of_mind=state, heavy=heavy, expires_on=expires_on)
        assert due is not None or kind is not TALK, "care does not stop"
        if due is not None:
            assert due > last
            assert CHINA.is_workday(due)


def test_somebody_of_concern_is_contacted_within_three_working_days() -> None:
    friday = date(2026, 11, 20)
    assert contact_by(friday, RULES, CHINA, safety=False) == date(2026, 11, 25)
    assert contact_by(friday, RULES, CHINA, safety=True) == friday
    sunday = date(2026, 11, 22)
    assert contact_by(sunday, RULES, CHINA, safety=True) == sunday, "safety does not wait for Monday"


def test_an_import_is_spread_evenly() -> None:
    dates = spread(6, MONDAY, 6, CHINA)
    assert dates[0] > MONDAY
    assert dates[-1] <= MONDAY + timedelta(weeks=6)
    gaps = [CHINA.workdays_between(a, b) for a, b in pairwise(dates)]
    assert set(gaps) <= {4, 5, 6}


def test_busy_days_are_avoided() -> None:
    free = CHINA.suggest(MONDAY, 5)
    load = {day: 2 for day in free if day != free[3]}
    assert spread(2, MONDAY, 1, CHINA, load) == [free[3], free[3]]


def test_an_import_before_a_long_holiday_finds_a_day() -> None:
    assert spread(2, date(2026, 2, 14), 1, CHINA) == [date(2026, 2, 24)] * 2
    assert spread(0, MONDAY, 6, CHINA) == []


@unhurried
@given(st.integers(0, 120), days, st.integers(1, 8), st.dictionaries(days, st.integers(0, 3), max_size=20))
def test_a_spread_is_level_and_makes_nothing_due_today(
    n: int, start: date, weeks: int, load: dict[date, int]
) -> None:
    dates = spread(n, start, weeks, CHINA, load)
    assert len(dates) == n
    assert dates == sorted(dates)
    assert all(day > start and CHINA.is_workday(day) for day in dates)
    total = Counter(dates) + Counter(load)
    last = max([*dates, start + timedelta(weeks=weeks)])
    open_days = CHINA.suggest(start, CHINA.workdays_between(start, last))
    used = [total[day] for day in set(dates)]
    assert not used or max(used) - min(total[day] for day in open_days) <= 1
