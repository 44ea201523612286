"""Recording a visit: what is kept, what ends, what follows, and who has to know at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, select

from casework import notes
from casework.notes import NoteData, Recorded
from storage.errors import NotFound, Refused
from storage.lane import Lane
from storage.tables.cases import Case
from storage.tables.members import Member
from storage.tables.notes import Note
from storage.tables.visits import Visit, VisitKind, VisitState
from tests import make
from tests.make import MONDAY, NOW, Town

IN_90_DAYS = date(2027, 2, 22)
IN_30_DAYS, IN_14_DAYS = date(2026, 12, 23), date(2026, 12, 7)
IN_3_WORKDAYS = date(2026, 11, 26)


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def record(lane: Lane, town: Town, visit_id: int | None = None, **more: Any) -> Recorded:
    data: dict[str, Any] = {"held_on": MONDAY, "answers": {"work": "调研报告"}, **more}

    def unit(session: Session) -> Recorded:
        me = make.actor(session, session.get_one(Member, town.officer))
        return notes.record_visit(session, me, NoteData(visit_id or town.visit, "talk", 1, **data), now=NOW)

    return lane.run_now(unit)


def test_a_note_is_kept_and_ends_the_ladder(lane: Lane, town: Town) -> None:
    record(lane, town)
    kept = lane.run_now(lambda s: s.exec(select(Note)).one())
    assert kept.answers == {"work": "调研报告"}
    assert (kept.author_id, kept.case_id, kept.held_on, kept.submitted_at) == (
        town.officer,
        town.case,
        MONDAY,
        NOW,
    )
    visit = lane.run_now(lambda s: s.get_one(Visit, town.visit))
    assert (visit.state, visit.done_on, visit.next_look_at) == (VisitState.done, MONDAY, None)


def test_answers_and_the_state_of_mind_are_sealed(lane: Lane, town: Town) -> None:
    record(lane, town, state_of_mind="unsettled")
    kept = lane.run_now(lambda s: s.exec(select(Note)).one())
    assert kept.state_of_mind == "unsettled"
    raw = bytes(kept.answers_sealed) + bytes(kept.state_of_mind_sealed)
    assert "调研报告".encode() not in raw
    assert b"unsettled" not in raw


def test_a_visit_is_recorded_once(lane: Lane, town: Town) -> None:
    record(lane, town)
    with pytest.raises(NotFound):
        record(lane, town)
    assert len(lane.run_now(lambda s: s.exec(select(Note)).all())) == 1


def test_nothing_is_told_of_a_day_that_has_not_come(lane: Lane, town: Town) -> None:
    with pytest.raises(Refused):
        record(lane, town, held_on=date(2026, 11, 24))
    assert lane.run_now(lambda s: s.exec(select(Note)).all()) == []


@pytest.mark.parametrize(
    ("grade", "due_on", "because"),
    [
        ("not_rated", IN_90_DAYS, None),
        ("settled", IN_90_DAYS, None),
        ("stable", IN_90_DAYS, None),
        ("unsettled", IN_30_DAYS, "unsettled"),
        ("concern", IN_14_DAYS, "concern"),
    ],
)
def test_the_state_of_mind_decides_when_the_next_talk_is(
    lane: Lane, town: Town, grade: str, due_on: date, because: str | None
) -> None:
    recorded = record(lane, town, state_of_mind=grade)
    assert recorded.following is not None
    planned = lane.run_now(lambda s: s.get_one(Visit, recorded.following.id))  # type: ignore[union-attr]
    days_off = (planned.due_on - due_on).days
    assert 0 <= days_off <= 4, planned.due_on  # a day off moves it to the next working day
    assert recorded.because == because


def test_worry_at_another_visit_brings_the_next_talk_nearer(lane: Lane, town: Town) -> None:
    def far_talk_and_home_visit(session: Session) -> int:
        case = session.get_one(Case, town.case)
        session.get_one(Visit, town.visit).due_on = date(2027, 2, 1)
        return make.visit(session, case, MONDAY, VisitKind.home_visit).id

    home = lane.run_now(far_talk_and_home_visit)
    recorded = record(lane, town, home, state_of_mind="concern")
    assert recorded.because == "concern"
    assert lane.run_now(lambda s: s.get_one(Visit, town.visit).due_on) == IN_3_WORKDAYS


# --- who has to know -------------------------------------------------------------------------------------------------


def heard(lane: Lane, town: Town, kind: str) -> set[str]:
    return {town.who(row.member_id or 0) for row in lane.run_now(lambda s: make.mail(s, kind))}


@pytest.mark.parametrize("grade", ["not_rated", "settled", "stable", "unsettled"])
def test_what_is_no_concern_is_told_to_nobody(lane: Lane, town: Town, grade: str) -> None:
    record(lane, town, state_of_mind=grade)
    assert lane.run_now(make.mail) == []


def test_a_concern_is_told_to_the_office(lane: Lane, town: Town) -> None:
    record(lane, town, state_of_mind="concern")
    assert heard(lane, town, "concern") == {"staff"}


def test_fear_for_safety_is_told_to_the_office_and_the_supervisor_and_only_once(
    lane: Lane, town: Town
) -> None:
    record(lane, town, state_of_mind="concern", safety=True)
    assert heard(lane, town, "safety") == {"staff", "supervisor"}
    assert heard(lane, town, "concern") == set()
