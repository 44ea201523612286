"""What the forecast begins with: open visits in reach, what was told of them, and what waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from reminders import outbox, sweep
from reminders.outlook import Outlook, outlook
from storage.lane import Lane
from storage.tables.cases import Case, CaseState
from storage.tables.counties import County
from storage.tables.visits import Visit, VisitState
from tests import make
from tests.make import MONDAY, Town, at

LATE = at("2026-11-25", "09:00")  # the supervisor's step


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def seen(session: Session, town: Town) -> Outlook:
    mechanism = make.mechanism(session, session.get_one(County, town.county))
    return outlook(session, town.county, mechanism, now=make.NOW, until=make.NOW + timedelta(days=30))


def test_an_open_visit_with_its_next_look(lane: Lane, town: Town) -> None:
    (visit,) = lane.run_now(lambda s: seen(s, town)).visits.values()
    assert (visit.id, visit.officer_id, visit.due_on) == (town.visit, town.officer, MONDAY)
    assert (visit.look_at, visit.step) == (at("2026-11-12", "08:30"), 0)
    assert visit.case.startswith("JA-")


@pytest.mark.parametrize("state", [CaseState.held, CaseState.closed])
def test_a_case_that_is_not_open_is_not_there(lane: Lane, town: Town, state: CaseState) -> None:
    def unit(session: Session) -> Outlook:
        session.get_one(Case, town.case).state = state
        session.flush()
        return seen(session, town)

    assert lane.run_now(unit).visits == {}


def test_what_is_done_or_in_another_county_is_not_there(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> Outlook:
        make.town(session, code="KB")
        session.get_one(Visit, town.visit).state = VisitState.done
        session.flush()
        return seen(session, town)

    found = lane.run_now(unit)
    assert found.visits == {}
    assert found.mornings.keys() == {town.officer, town.colleague}


def test_a_notice_that_waits_has_its_visits_and_steps(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> Outlook:
        visit = session.get_one(Visit, town.visit)
        visit.next_step = 5
        sweep.one_slice(session, now=LATE)
        row = outbox.row("update", now=LATE, county_id=town.county, member_id=town.officer)
        outbox.put(session, [row])
        return seen(session, town)

    found = lane.run_now(unit)
    (waits,) = found.queued
    assert (waits.kind, waits.member_id, waits.due_at) == ("alert", town.supervisor, LATE)
    assert waits.visits == ((town.visit, 5),)
    assert found.told == {(town.visit, 5, town.supervisor, 2)}


def test_what_was_told_under_another_date_does_not_count(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> Outlook:
        visit = session.get_one(Visit, town.visit)
        sweep.one_slice(session, now=LATE)
        visit.due_on = MONDAY + timedelta(days=7)
        session.flush()
        return seen(session, town)

    found = lane.run_now(unit)
    assert found.told == frozenset()
    assert [waits.visits for waits in found.queued] == [()]
