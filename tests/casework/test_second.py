"""A rating two grades from the last one takes two people; until then the more worrying one sets the pace of care."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlmodel import Session, col, select

from casework import amendments, cases, confirmations, notes, second, standing
from casework.forms.catalog.amendment import WHICH, WHY
from reminders import confirming
from storage.errors import NotFound
from storage.lane import Lane
from storage.queries import confirmations as lists
from storage.tables.cases import Case, CaseEventKind
from storage.tables.confirmations import Confirmation, ConfirmationState
from storage.tables.members import Member, MemberRole, Role
from storage.tables.notes import Note
from storage.tables.recusals import Recusal
from storage.tables.visits import Visit, VisitKind, VisitState
from tests import make
from tests.make import MONDAY, NOW, Town, at

EARLIER, LATER = date(2026, 11, 2), at("2026-11-24")
IN_90, IN_30, IN_14 = date(2027, 2, 22), date(2026, 12, 23), date(2026, 12, 7)


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def who(session: Session, member_id: int) -> Any:
    return make.actor(session, session.get_one(Member, member_id))


def rated(
    lane: Lane, town: Town, grade: str, day: date = MONDAY, *, about: int | None = None
) -> notes.Recorded:
    def unit(session: Session) -> notes.Recorded:
        answers = {"date": day.isoformat(), "state_of_mind": grade, "basis": "当场落泪", "more": []}
        data = notes.NoteData(about or town.visit, "talk", 2, day, answers, grade)
        return notes.record_visit(session, who(session, town.officer), data, now=NOW)

    return lane.run_now(unit)


def history(lane: Lane, town: Town, grade: str) -> None:
    """A rating before, whose next talk is the visit that everybody speaks of."""

    def unit(session: Session) -> None:
        note = Note(
            county_id=town.county, case_id=town.case, author_id=town.officer, kind=VisitKind.talk, form="talk",
            form_version=2, held_on=EARLIER, submitted_at=at(EARLIER), answers_sealed=b"", state_of_mind_sealed=b"",
        )  # fmt: skip
        note.answers, note.state_of_mind = {"state_of_mind": grade}, grade
        session.add(note)

    lane.run_now(unit)


def next_talk(lane: Lane, town: Town) -> date:
    query = select(col(Visit.due_on)).where(Visit.case_id == town.case, Visit.state == VisitState.planned)
    return lane.run_now(lambda s: s.exec(query.where(Visit.kind == VisitKind.talk)).one())


def asked(lane: Lane) -> list[Confirmation]:
    return lane.run_now(lambda s: list(s.exec(select(Confirmation)).all()))


@pytest.mark.parametrize(
    ("before", "after", "takes_two", "pace"),
    [
        (None, "concern", False, IN_14),
        ("stable", "unsettled", False, IN_30),
        ("settled", "stable", False, IN_90),
        ("settled", "unsettled", True, IN_30),
        ("stable", "concern", True, IN_14),
        ("settled", "concern", True, IN_14),
        ("unsettled", "settled", True, IN_30),
        ("concern", "stable", True, IN_14),
        ("concern", "not_rated", False, IN_90),
        ("not_rated", "concern", False, IN_14),
    ],
)
def test_when_it_takes_two_and_what_sets_the_pace(
    lane: Lane, town: Town, before: str | None, after: str, takes_two: bool, pace: date
) -> None:
    if before is not None:
        history(lane, town, before)
    rated(lane, town, after)
    assert len(asked(lane)) == takes_two
    assert next_talk(lane, town) == pace
    told = lane.run_now(lambda s: [town.who(row.member_id or 0) for row in make.mail(s, confirming.SECOND)])
    assert told == (["staff"] if takes_two else [])


def test_once_agreed_it_sets_the_pace(lane: Lane, town: Town) -> None:
    history(lane, town, "concern")
    recorded = rated(lane, town, "stable")
    assert recorded.because is None
    (one,) = asked(lane)
    assert next_talk(lane, town) == IN_14
    lane.run_now(lambda s: second.agree(s, who(s, town.staff), one.id, now=LATER))
    assert next_talk(lane, town) == IN_90
    assert lane.run_now(lambda s: cases.ratings(s, s.get_one(Case, town.case), 5))[-1].standing is None


def test_not_agreed_to_the_pace_stays(lane: Lane, town: Town) -> None:
    history(lane, town, "concern")
    rated(lane, town, "stable")
    (one,) = asked(lane)
    lane.run_now(lambda s: second.disagree(s, who(s, town.staff), one.id, "刚谈过", now=LATER))
    assert next_talk(lane, town) == IN_14
    last = lane.run_now(lambda s: cases.ratings(s, s.get_one(Case, town.case), 5))[-1]
    assert last.standing is ConfirmationState.refused
    told = lane.run_now(lambda s: [town.who(row.member_id or 0) for row in make.mail(s, confirming.DISPUTED)])
    assert told == ["officer"]


@pytest.mark.parametrize("name", ["officer", "colleague", "supervisor"])
def test_a_supervisor_and_a_colleague_do_not_rate(lane: Lane, town: Town, name: str) -> None:
    """They see no ratings; and whoever gave it cannot be the second person."""
    history(lane, town, "concern")
    rated(lane, town, "stable")
    (one,) = asked(lane)
    with pytest.raises(NotFound):
        lane.run_now(lambda s: second.agree(s, who(s, getattr(town, name)), one.id, now=LATER))


def test_whoever_gave_it_is_no_second_person_though_they_work_in_the_office(lane: Lane, town: Town) -> None:
    history(lane, town, "concern")
    rated(lane, town, "stable")
    (one,) = asked(lane)
    role = MemberRole(county_id=town.county, member_id=town.officer, role=Role.commission_staff)
    lane.run_now(lambda s: s.add(role))
    with pytest.raises(NotFound):
        lane.run_now(lambda s: second.agree(s, who(s, town.officer), one.id, now=LATER))
    lane.run_now(lambda s: second.agree(s, who(s, town.staff), one.id, now=LATER))


def test_a_rating_that_was_not_agreed_to_is_no_measure_for_the_next(lane: Lane, town: Town) -> None:
    """Of concern, then settled, which the office does not see: the next one is compared with "of concern"."""
    history(lane, town, "concern")
    rated(lane, town, "settled", date(2026, 11, 20))
    (one,) = asked(lane)
    lane.run_now(lambda s: second.disagree(s, who(s, town.staff), one.id, "刚谈过", now=LATER))
    rated(lane, town, "stable", about=town.case)
    assert [found.state for found in asked(lane)] == [ConfirmationState.refused, ConfirmationState.asked]
    assert next_talk(lane, town) == IN_14


def test_whoever_keeps_out_is_no_second_person(lane: Lane, town: Town) -> None:
    def out(session: Session) -> None:
        session.add(
            Recusal(
                county_id=town.county, case_id=town.case, member_id=town.staff, by_id=town.leader, since=NOW
            )
        )

    lane.run_now(out)
    history(lane, town, "concern")
    rated(lane, town, "stable")
    told = lane.run_now(lambda s: [town.who(row.member_id or 0) for row in make.mail(s, confirming.SECOND)])
    assert told == ["leader"]
    assert lane.run_now(lambda s: lists.ratings_for(s, who(s, town.staff))) == []


def test_an_amended_rating_is_looked_at_anew(lane: Lane, town: Town) -> None:
    history(lane, town, "concern")
    note = rated(lane, town, "stable").note.id

    def amend(grade: str) -> None:
        given = {WHICH: "state_of_mind", WHY: "slip", "state_of_mind": grade, "basis": "当场落泪"}
        lane.run_now(lambda s: amendments.amend(s, who(s, town.officer), note, given, now=LATER))

    amend("unsettled")
    (one,) = asked(lane)
    assert one.state is ConfirmationState.withdrawn
    assert next_talk(lane, town) == IN_30
    amend("settled")
    (one,) = asked(lane)
    assert one.state is ConfirmationState.asked
    assert next_talk(lane, town) == IN_14


@pytest.mark.parametrize(
    ("rests", "goes_on"),
    [(CaseEventKind.held, CaseEventKind.resumed), (CaseEventKind.closed, CaseEventKind.reopened)],
)
def test_after_a_hold_the_office_is_asked_anew(
    lane: Lane, town: Town, rests: CaseEventKind, goes_on: CaseEventKind
) -> None:
    """What asked it said meanwhile that nothing is needed, or was never sent."""
    history(lane, town, "concern")
    rated(lane, town, "stable")

    def change(kind: CaseEventKind, day: date) -> list[str]:
        lane.run_now(lambda s: standing.change(s, who(s, town.staff), town.case, kind, "想一想", now=at(day)))
        return lane.run_now(
            lambda s: [town.who(row.member_id or 0) for row in make.mail(s, confirming.SECOND)]
        )

    assert change(rests, date(2026, 11, 24)) == ["staff"]
    assert change(goes_on, date(2026, 11, 26)) == ["staff", "staff"]
    (one,) = asked(lane)
    assert one.state is ConfirmationState.asked
    lane.run_now(lambda s: second.agree(s, who(s, town.staff), one.id, now=at(date(2026, 11, 27))))
    assert change(rests, date(2026, 11, 28)) == change(goes_on, date(2026, 11, 30)) == ["staff", "staff"]


def test_it_makes_no_visit_formal(lane: Lane, town: Town) -> None:
    history(lane, town, "concern")
    rated(lane, town, "stable")
    assert lane.run_now(lambda s: confirmations.of_case(s, town.case, 2)) == {}
