"""A county may say how many formal visits a person gets in a year; the next home visit then waits for the new one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import Session

from reminders import schedule
from storage.lane import Lane
from storage.tables.cases import Case
from storage.tables.confirmations import Confirmation, ConfirmationKind, ConfirmationState
from storage.tables.members import Member, Role
from storage.tables.notes import Note
from storage.tables.visits import VisitKind, VisitState
from tests import make
from tests.make import NOW

FIRST_WORKDAY = date(2027, 1, 4)  # the first of January is a day off, and a weekend follows


def held(
    session: Session, case: Case, by: Member, kind: VisitKind, day: date, state: ConfirmationState
) -> None:
    """A visit that took place, and what became of its companion's confirmation."""
    visit = make.visit(session, case, day, kind)
    visit.state, visit.done_on = VisitState.done, day
    note = Note(
        county_id=case.county_id, case_id=case.id, visit_id=visit.id, author_id=by.id, kind=kind, form=kind.value,
        form_version=1, held_on=day, submitted_at=NOW, answers_sealed=b"", state_of_mind_sealed=b"",
    )  # fmt: skip
    session.add(note)
    session.flush()
    session.add(
        Confirmation(
            county_id=case.county_id,
            note_id=note.id,
            kind=ConfirmationKind.companion,
            state=state,
            member_id=by.id,
            asked_at=NOW,
        )
    )
    session.flush()


def planned(
    lane: Lane, most: int, *had: ConfirmationState, kind: VisitKind = VisitKind.home_visit, due_on: date
) -> date:
    """The day for which a visit is planned in a case that has had these formal visits in 2026."""

    def unit(session: Session) -> date:
        county = make.county(session)
        officer = make.member(session, county, Role.care_officer, name="李敏")
        case = make.case(session, county, officer)
        for number, state in enumerate(had):
            day = date(2026, 3, 2) + timedelta(weeks=number)
            held(session, case, officer, VisitKind.home_visit if number % 2 else VisitKind.talk, day, state)
        mechanism = make.mechanism(session, case)
        book = mechanism.rulebook
        book = book.model_copy(update={"formal": book.formal.model_copy(update={"a_year": most})})
        visit = schedule.plan(session, case, kind, due_on, replace(mechanism, rulebook=book), now=NOW)
        return visit.due_on

    return lane.run_now(unit)


SURE, ASKED, REFUSED = ConfirmationState.confirmed, ConfirmationState.asked, ConfirmationState.refused
WANTED = date(2026, 12, 7)


@pytest.mark.parametrize(
    ("most", "had", "day"),
    [
        (0, (SURE, SURE, SURE), WANTED),  # as it is: no limit
        (2, (SURE,), WANTED),
        (2, (SURE, SURE), FIRST_WORKDAY),
        (2, (SURE, ASKED), FIRST_WORKDAY),
        (2, (SURE, REFUSED), WANTED),  # that one was informal care
        (3, (SURE, SURE), WANTED),
    ],
)
def test_a_home_visit_beyond_the_limit_waits_for_the_new_year(
    lane: Lane, most: int, had: tuple[ConfirmationState, ...], day: date
) -> None:
    assert planned(lane, most, *had, due_on=WANTED) == day


def test_another_year_has_a_limit_of_its_own(lane: Lane) -> None:
    assert planned(lane, 2, SURE, SURE, due_on=date(2027, 2, 22)) == date(2027, 2, 22)


def test_a_talk_is_never_put_off(lane: Lane) -> None:
    assert planned(lane, 1, SURE, SURE, kind=VisitKind.talk, due_on=WANTED) == WANTED
