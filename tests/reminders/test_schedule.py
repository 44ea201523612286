"""Every change of a visit decides anew when the ladder has to look next."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from reminders import cadence, course, schedule, sweep
from storage.lane import Lane
from storage.tables.cases import Case, Stage
from storage.tables.counties import County
from storage.tables.members import Member
from storage.tables.visits import Visit, VisitEvent, VisitEventKind, VisitKind, VisitState
from tests import make
from tests.make import MONDAY, NOW, Town, at, told

SECOND = timedelta(seconds=1)
SUPERVISORS_STEP = at("2026-11-25", "09:00")


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def sweep_at(lane: Lane, moment: datetime) -> None:
    while lane.run_now(lambda session: sweep.one_slice(session, now=moment)):
        pass


def heard(lane: Lane, town: Town) -> list[tuple[int, str]]:
    return [(step, town.who(member_id)) for step, member_id in lane.run_now(lambda s: told(s, town.visit))]


def does(lane: Lane, town: Town, act: Any) -> Visit:
    """Something done to the town's visit; the visit as it is after that."""

    def unit(session: Session) -> Visit:
        visit = session.get_one(Visit, town.visit)
        act(session, visit)
        session.flush()
        return visit

    return lane.run_now(unit)


def rest(lane: Lane, town: Town, now: datetime) -> Visit:
    return does(lane, town, lambda s, v: schedule.rest(s, v, now.date(), now=now, actor_id=town.officer))


def acknowledge(lane: Lane, town: Town, now: datetime) -> Visit:
    return does(lane, town, lambda s, v: schedule.acknowledge(s, [v], now=now, actor_id=town.supervisor))


def move(lane: Lane, town: Town, due_on: date, now: datetime) -> Visit:
    def unit(session: Session, visit: Visit) -> None:
        rules = make.mechanism(session, session.get_one(County, town.county))
        kind = VisitEventKind.rescheduled
        schedule.move(session, visit, due_on, rules, kind=kind, now=now, actor_id=town.officer)

    return does(lane, town, unit)


# --- moved -----------------------------------------------------------------------------------------------------------


def test_a_new_visit_looks_to_its_first_step_and_its_event_says_so(lane: Lane, town: Town) -> None:
    visit = lane.run_now(lambda s: s.get_one(Visit, town.visit))
    assert (visit.next_look_at, visit.next_step) == (at("2026-11-12", "08:30"), 0)
    event = lane.run_now(lambda s: s.exec(select(VisitEvent)).one())
    assert (event.kind, event.due_on) == (VisitEventKind.planned, MONDAY)


def test_a_visit_that_is_moved_climbs_anew_from_its_new_date(lane: Lane, town: Town) -> None:
    sweep_at(lane, SUPERVISORS_STEP)
    before = heard(lane, town)
    assert (5, "supervisor") in before
    visit = move(lane, town, date(2026, 12, 21), SUPERVISORS_STEP + SECOND)
    assert (visit.due_on, visit.first_due_on) == (date(2026, 12, 21), MONDAY)
    assert visit.next_look_at == at("2026-12-10", "08:30")
    sweep_at(lane, at("2026-12-10", "08:30") - SECOND)
    assert heard(lane, town) == before
    sweep_at(lane, at("2026-12-23", "09:00"))
    assert heard(lane, town).count((5, "supervisor")) == 2  # a new date is told of anew


def test_moving_ends_a_rest_and_an_acknowledgement(lane: Lane, town: Town) -> None:
    rest(lane, town, NOW)
    acknowledge(lane, town, NOW)
    visit = move(lane, town, date(2026, 12, 21), NOW)
    assert (visit.rest_until, visit.acknowledged_until) == (None, None)


# --- quiet for a while -----------------------------------------------------------------------------------------------


def test_while_it_is_acknowledged_nobody_is_told_and_then_what_was_missed_is(lane: Lane, town: Town) -> None:
    sweep_at(lane, SUPERVISORS_STEP)
    before = heard(lane, town)
    visit = acknowledge(lane, town, at("2026-11-27", "10:00"))
    until = at("2026-12-02", "09:00")  # three working days on, in the morning
    assert visit.acknowledged_until == until
    sweep_at(lane, until - SECOND)  # the office's step of the 30th lies before
    assert heard(lane, town) == before
    sweep_at(lane, until)
    assert heard(lane, town) == [*before, (6, "staff")]


def test_acknowledging_again_puts_off_what_is_owed_and_swallows_nothing(lane: Lane, town: Town) -> None:
    sweep_at(lane, at("2026-11-27", "10:00"))
    acknowledge(lane, town, at("2026-11-27", "10:00"))  # the office's step of Monday falls into it
    visit = acknowledge(lane, town, at("2026-12-01", "10:00"))
    assert (visit.next_look_at, visit.next_step) == (at("2026-12-04", "09:00"), 6)
    sweep_at(lane, at("2026-12-04", "09:00"))
    assert heard(lane, town)[-2:] == [(6, "staff"), (7, "leader")]


def test_an_acknowledgement_that_outlasts_no_step_changes_nothing(lane: Lane, town: Town) -> None:
    acknowledge(lane, town, at("2026-11-25", "09:30"))
    assert lane.run_now(lambda s: s.get_one(Visit, town.visit).next_look_at) == at("2026-11-30", "09:00")


def test_a_visit_whose_note_follows_rests_for_two_working_days(lane: Lane, town: Town) -> None:
    sweep_at(lane, at(MONDAY, "14:30"))
    before = heard(lane, town)
    visit = rest(lane, town, at(MONDAY, "16:00"))
    until = at("2026-11-25", "17:00")
    assert visit.rest_until == until
    sweep_at(lane, until - SECOND)
    assert heard(lane, town) == before
    sweep_at(lane, until)
    assert (5, "supervisor") in heard(lane, town)


def test_what_was_made_is_judged_by_its_day_and_its_note_by_a_limit_of_its_own(
    lane: Lane, town: Town
) -> None:
    """Due on Monday and made on it; the note may come until Wednesday, 17:00."""
    visit = rest(lane, town, at(MONDAY, "16:00"))
    rules = lane.run_now(lambda s: make.mechanism(s, s.get_one(County, town.county)))
    assert (visit.done_on, visit.state) == (MONDAY, VisitState.planned)
    assert course.owed_on(visit, rules) == date(2026, 11, 25)
    late = {day: course.late(visit, date(2026, 11, day), rules) for day in (24, 25, 26, 27, 28, 30)}
    assert late == {24: -1, 25: 0, 26: 1, 27: 2, 28: 2, 30: 3}
    ends = at("2026-11-25", "17:00")
    assert [course.is_overdue(visit, moment, rules) for moment in (ends - SECOND, ends)] == [False, True]


def test_said_anew_of_another_day_it_gains_no_time(lane: Lane, town: Town) -> None:
    first = rest(lane, town, at(MONDAY, "16:00")).rest_until
    visit = rest(lane, town, at("2026-11-24", "10:00"))
    assert (visit.done_on, visit.rest_until) == (date(2026, 11, 24), first)


@pytest.mark.parametrize("ends", ["moved", "withdrawn"])
def test_no_day_outlasts_a_move_or_the_visit_itself(lane: Lane, town: Town, ends: str) -> None:
    rest(lane, town, NOW)
    if ends == "moved":
        assert move(lane, town, date(2026, 12, 21), NOW).done_on is None
    else:
        gone = does(lane, town, lambda s, v: schedule.withdraw(s, v, now=NOW, actor_id=town.officer))
        assert gone.done_on is None


# --- another officer -------------------------------------------------------------------------------------------------


def test_a_visit_that_is_reassigned_is_told_to_its_new_officer(lane: Lane, town: Town) -> None:
    sweep_at(lane, at("2026-11-18", "08:30"))
    does(
        lane,
        town,
        lambda s, v: schedule.reassign(s, v, town.colleague, now=at("2026-11-18"), actor_id=town.supervisor),
    )
    case = lane.run_now(lambda s: s.get_one(Case, town.case))
    assert case.care_officer_id == town.officer  # the case keeps its care officer
    before = heard(lane, town)
    sweep_at(lane, at(MONDAY, "14:30"))
    assert {who for _, who in heard(lane, town)[len(before) :]} == {"colleague"}


def test_handing_over_a_case_gives_every_open_visit_and_no_other(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> list[tuple[VisitState, bool]]:
        case = session.get_one(Case, town.case)
        done = make.visit(session, case, kind=VisitKind.home_visit)
        schedule.finish(session, done, MONDAY, now=NOW, actor_id=town.officer)
        make.visit(session, case, kind=VisitKind.study_visit)
        schedule.hand_over(session, case, town.colleague, now=NOW, actor_id=None)
        session.flush()
        found = session.exec(select(Visit).order_by(Visit.id)).all()  # type: ignore[arg-type]
        return [(visit.state, visit.officer_id == town.colleague) for visit in found]

    planned, done = VisitState.planned, VisitState.done
    assert lane.run_now(unit) == [(planned, True), (done, False), (planned, True)]


@pytest.mark.parametrize(("due_on", "quiet"), [(date(2026, 11, 20), True), (date(2026, 11, 21), False)])
def test_what_fell_due_on_a_day_off_is_not_late_on_the_next_working_day(
    lane: Lane, town: Town, due_on: date, *, quiet: bool
) -> None:
    """Its new officer is reminded of it on the day; of what is late they are left in peace at first."""

    def unit(session: Session) -> bool:
        visit = session.get_one(Visit, town.visit)
        visit.due_on = due_on
        case = session.get_one(Case, town.case)
        schedule.hand_over(session, case, town.colleague, now=NOW, actor_id=None, fresh_start=True)
        return visit.acknowledged_until is not None

    assert lane.run_now(unit) is quiet


# --- the end, and what follows ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["finish", "withdraw"])
def test_a_visit_that_is_over_is_looked_at_no_more(lane: Lane, town: Town, end: str) -> None:
    def over(session: Session, visit: Visit) -> None:
        if end == "finish":
            schedule.finish(session, visit, MONDAY, now=NOW, actor_id=town.officer)
        else:
            schedule.withdraw(session, visit, now=NOW, actor_id=None)

    visit = does(lane, town, over)
    assert (visit.next_look_at, visit.next_step) == (None, None)
    sweep_at(lane, at("2026-12-17", "09:00"))
    assert heard(lane, town) == []


def planned(session: Session, case: Case, now: datetime = NOW, **more: Any) -> dict[VisitKind, date]:
    found = schedule.plan_next(session, case, make.mechanism(session, case), now=now, **more)
    session.flush()
    return {visit.kind: visit.due_on for visit in found}


def test_a_stage_plans_every_kind_it_asks_for_once(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> list[dict[VisitKind, date]]:
        county, officer = session.get_one(County, town.county), session.get_one(Member, town.officer)
        case = make.case(session, county, officer, stage_since=date(2026, 11, 23))
        return [planned(session, case), planned(session, case)]

    first, again = lane.run_now(unit)
    assert set(first) == set(cadence.KINDS)
    assert again == {}


def test_in_early_care_there_are_talks_alone(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> dict[VisitKind, date]:
        county, officer = session.get_one(County, town.county), session.get_one(Member, town.officer)
        case = make.case(
            session,
            county,
            officer,
            stage=Stage.early_care,
            stage_since=MONDAY,
            expires_on=date(2027, 11, 22),
        )
        return planned(session, case)

    assert lane.run_now(unit) == {VisitKind.talk: date(2026, 12, 23)}  # within 30 days of the decision


def test_after_a_visit_only_its_own_kind_follows(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> dict[VisitKind, date]:
        visit, case = session.get_one(Visit, town.visit), session.get_one(Case, town.case)
        schedule.finish(session, visit, MONDAY, now=NOW, actor_id=town.officer)
        session.flush()
        return planned(session, case, done=visit)

    assert set(lane.run_now(unit)) == {VisitKind.talk}


def test_a_note_that_comes_late_does_not_make_the_next_visit_late_too(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> dict[VisitKind, date]:
        visit, case = session.get_one(Visit, town.visit), session.get_one(Case, town.case)
        schedule.finish(session, visit, date(2026, 5, 4), now=NOW, actor_id=town.officer)
        session.flush()
        return planned(session, case, done=visit)

    assert lane.run_now(unit) == {VisitKind.talk: date(2026, 11, 24)}


def test_only_a_later_talk_is_brought_forward(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> list[date | None]:
        case = session.get_one(Case, town.case)
        rules = make.mechanism(session, case)
        found = [
            schedule.bring_forward(session, case, day, rules, now=at("2026-11-02"))
            for day in (date(2026, 11, 24), MONDAY, date(2026, 11, 10))
        ]
        return [visit.due_on if visit else None for visit in found]

    assert lane.run_now(unit) == [None, None, date(2026, 11, 10)]
