"""Another care officer: who may become it, of which case, and that nobody begins with somebody else's lateness."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session

from casework import handing
from reminders import sweep
from storage.errors import NotFound, Refused
from storage.lane import Lane
from storage.tables.cases import Case, CaseState
from storage.tables.members import Member
from storage.tables.recusals import Recusal
from storage.tables.visits import Visit
from tests import make
from tests.make import NOW, Town, at

LATE = at("2026-11-24", "10:00")  # the visit was due the day before


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def hand_over(lane: Lane, town: Town, now: datetime = LATE, who: str = "staff") -> handing.HandedOver:
    def unit(session: Session) -> handing.HandedOver:
        me = make.actor(session, session.get_one(Member, getattr(town, who)))
        return handing.hand_over(session, me, town.case, town.colleague, "moved", now=now)

    return lane.run_now(unit)


def test_of_what_is_overdue_the_ladder_rests_as_after_an_acknowledgement(lane: Lane, town: Town) -> None:
    hand_over(lane, town)
    visit = lane.run_now(lambda s: s.get_one(Visit, town.visit))
    assert visit.officer_id == town.colleague
    assert visit.acknowledged_until is not None
    assert visit.acknowledged_until > LATE
    lane.run_now(lambda s: sweep.one_slice(s, now=at("2026-11-25")))
    assert (
        lane.run_now(lambda s: make.mail(s, "alert")) == []
    )  # two working days late, the supervisor would hear


def test_of_what_is_not_due_yet_nothing_rests(lane: Lane, town: Town) -> None:
    hand_over(lane, town, NOW)
    assert lane.run_now(lambda s: s.get_one(Visit, town.visit)).acknowledged_until is None


def test_whoever_keeps_out_of_a_case_does_not_get_it(lane: Lane, town: Town) -> None:
    def out(session: Session) -> None:
        one = Recusal(
            county_id=town.county, case_id=town.case, member_id=town.colleague, by_id=town.leader, since=NOW
        )
        session.add(one)

    lane.run_now(out)
    with pytest.raises(Refused):
        hand_over(lane, town)
    assert lane.run_now(lambda s: s.get_one(Case, town.case)).care_officer_id == town.officer


def test_a_closed_case_needs_no_care_officer(lane: Lane, town: Town) -> None:
    lane.run_now(lambda s: setattr(s.get_one(Case, town.case), "state", CaseState.closed))
    with pytest.raises(NotFound):
        hand_over(lane, town)


@pytest.mark.parametrize("who", ["officer", "colleague", "supervisor", "leader"])
def test_nobody_but_the_office_hands_a_case_over(lane: Lane, town: Town, who: str) -> None:
    with pytest.raises((NotFound, Refused)):
        hand_over(lane, town, who=who)
