"""Cases that were there before a rule asked for something: it is planned once, and nothing of it is due today."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, select

from reminders import cadence, catching_up
from storage.lane import Lane
from storage.tables.cases import Case, CaseState, Stage
from storage.tables.counties import County
from storage.tables.members import Member
from storage.tables.visits import Visit, VisitKind
from tests import make
from tests.make import NOW


def kinds(session: Session, case_id: int) -> dict[VisitKind, date]:
    found = session.exec(select(Visit).where(Visit.case_id == case_id).order_by(col(Visit.id))).all()
    return {visit.kind: visit.due_on for visit in found}


def test_what_is_missing_is_planned_once_and_nothing_is_due_yet(lane: Lane) -> None:
    def unit(session: Session) -> None:
        town = make.town(session)  # one talk is planned; admitted in August
        assert catching_up.complete(session, now=NOW) == len(
            cadence.KINDS
        )  # one is there; the watch comes besides
        planned = kinds(session, town.case)
        assert set(planned) == {*cadence.KINDS, VisitKind.contact}
        assert planned[VisitKind.care_plan] == date(2026, 12, 14)
        assert all(due > NOW.date() for kind, due in planned.items() if kind is not VisitKind.talk)
        assert catching_up.complete(session, now=NOW) == 0

    lane.run_now(unit)


def test_no_case_on_hold_or_closed_and_none_of_another_stage_gets_one(lane: Lane) -> None:
    def unit(session: Session) -> None:
        town = make.town(session)
        county, officer = session.get_one(County, town.county), session.get_one(Member, town.officer)
        session.get_one(Case, town.case).state = CaseState.held
        closed = make.case(session, county, officer, name="王芳", state=CaseState.closed)
        early = make.case(session, county, officer, name="赵强", stage=Stage.early_care)
        catching_up.complete(session, now=NOW)
        assert set(kinds(session, town.case)) == {VisitKind.talk}
        assert kinds(session, closed.id) == {}
        assert set(kinds(session, early.id)) == {VisitKind.talk, VisitKind.contact}

    lane.run_now(unit)


def test_that_nothing_was_recorded_for_long_is_noticed_after_a_while_and_not_at_once(lane: Lane) -> None:
    def unit(session: Session) -> None:
        town = make.town(session)
        catching_up.complete(session, now=NOW)
        fresh = kinds(session, town.case)[VisitKind.contact]
        assert fresh == date(2027, 3, 23), "nobody was met so far: 120 days from today"
        case = session.get_one(Case, town.case)
        rules = make.mechanism(session, case)
        long_ago = catching_up.watch(session, case, date(2025, 1, 6), rules, now=NOW)
        assert long_ago.due_on == date(2026, 12, 23), "thirty days from today at the soonest"

    lane.run_now(unit)
