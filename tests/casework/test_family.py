"""While the family does not know no home visit is planned, whatever else happens to the case; a talk is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import Session

from casework import family, misfiled, notes, standing
from casework.notes import NoteData
from reminders import catching_up, schedule
from reminders.mechanism import mechanism_of
from storage.errors import NotFound, Refused
from storage.lane import Lane
from storage.queries.access import Actor
from storage.queries.standing import uninformed
from storage.tables.cases import Case, CaseEventKind
from storage.tables.members import Member
from storage.tables.visits import Visit, VisitKind, VisitState
from tests import make
from tests.make import Town, at

NOW = at("2026-11-25", "09:00")


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def actor(session: Session, town: Town, who: str) -> Actor:
    return make.actor(session, session.get_one(Member, getattr(town, who)))


def does_not_know(session: Session, town: Town) -> Visit:
    """The home visit that was planned, withdrawn."""
    visit = make.visit(session, session.get_one(Case, town.case), date(2026, 11, 27), VisitKind.home_visit)
    family.does_not_know(session, actor(session, town, "officer"), visit, now=NOW)
    return visit


def kinds(session: Session, town: Town) -> set[VisitKind]:
    return {visit.kind for visit in schedule.open_visits(session, town.case)}


def held_and_resumed(session: Session, town: Town) -> None:
    for kind in (CaseEventKind.held, CaseEventKind.resumed):
        standing.change(session, actor(session, town, "staff"), town.case, kind, "想一想", now=NOW)


def anew(session: Session, town: Town) -> None:
    case = session.get_one(Case, town.case)
    schedule.plan_next(session, case, mechanism_of(session, case.county_id), now=NOW)
    session.flush()


def caught_up(session: Session, town: Town) -> None:
    catching_up.complete(session, now=NOW)


@pytest.mark.parametrize("then", [held_and_resumed, anew, caught_up])
def test_home_visits_rest_until_the_family_knows(
    lane: Lane, town: Town, then: Callable[[Session, Town], None]
) -> None:
    def unit(session: Session) -> None:
        visit = does_not_know(session, town)
        assert visit.state is VisitState.withdrawn
        then(session, town)
        assert VisitKind.talk in kinds(session, town)
        assert VisitKind.home_visit not in kinds(session, town)
        _, planned = family.knows(session, actor(session, town, "staff"), town.case, now=NOW)
        assert planned is not None
        assert planned.due_on > NOW.date()
        assert VisitKind.home_visit in kinds(session, town)
        _, again = family.knows(session, actor(session, town, "officer"), town.case, now=NOW)
        assert again is None, "said already"

    lane.run_now(unit)


def test_of_a_case_on_hold_it_is_planned_when_its_visits_go_on(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> None:
        does_not_know(session, town)
        staff = actor(session, town, "staff")
        standing.change(session, staff, town.case, CaseEventKind.held, "想一想", now=NOW)
        assert family.knows(session, staff, town.case, now=NOW)[1] is None
        standing.change(session, staff, town.case, CaseEventKind.resumed, "想好了", now=NOW)
        assert VisitKind.home_visit in kinds(session, town)

    lane.run_now(unit)


@pytest.mark.parametrize("who", ["supervisor", "colleague", "leader"])
def test_nobody_else_says_so(lane: Lane, town: Town, who: str) -> None:
    def unit(session: Session) -> None:
        does_not_know(session, town)
        with pytest.raises((NotFound, Refused)):
            family.knows(session, actor(session, town, who), town.case, now=NOW)

    lane.run_now(unit)


def test_a_note_of_a_home_visit_says_that_it_knows_as_long_as_it_stands(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> None:
        does_not_know(session, town)
        data = NoteData(town.case, "home_visit", 1, NOW.date(), {"family_informed": True})
        note = notes.record_visit(session, actor(session, town, "officer"), data, now=NOW).note
        assert VisitKind.home_visit in kinds(session, town), "the next one is planned"
        assert uninformed(session, town.case) is None
        misfiled.void(session, actor(session, town, "staff"), note.id, "录错档案", now=NOW)
        session.flush()
        assert VisitKind.home_visit not in kinds(session, town)
        assert uninformed(session, town.case) is not None

    lane.run_now(unit)
