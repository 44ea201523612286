"""Amending a note: the original stays, and what the note had brought about follows what holds now."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from casework import amendments, cases, notes, visits
from casework.amendments import Amended
from casework.forms.catalog.amendment import WHICH, WHY
from casework.notes import NoteData
from storage.errors import NotFound, Refused
from storage.lane import Lane
from storage.queries import notes as note_lists
from storage.tables.audit import AuditRecord
from storage.tables.calls import SafetyCall
from storage.tables.cases import Case
from storage.tables.members import Member
from storage.tables.notes import Note
from storage.tables.recusals import Recusal
from storage.tables.visits import Visit, VisitKind, VisitState
from tests import make
from tests.make import MONDAY, NOW, Town, at

LATER = at("2026-11-24")
TALK = {
    "date": "2026-11-23",
    "place": "own_office",
    "thinking": "平稳",
    "state_of_mind": "stable",
    "safety": False,
}


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def record(lane: Lane, town: Town, visit_id: int | None = None, form: str = "talk", **more: Any) -> int:
    answers = {**TALK, "more": [], **more}

    def unit(session: Session) -> int:
        me = make.actor(session, session.get_one(Member, town.officer))
        data = NoteData(
            visit_id or town.visit, form, 1, MONDAY, answers, answers["state_of_mind"], answers["safety"]
        )
        return notes.record_visit(session, me, data, now=NOW).note.id

    return lane.run_now(unit)


def amend(lane: Lane, who: int, note: int, question: str, **given: Any) -> Amended:
    def unit(session: Session) -> Amended:
        me = make.actor(session, session.get_one(Member, who))
        answers = {WHICH: question, WHY: "slip", **given}
        return amendments.amend(session, me, note, answers, now=LATER)

    return lane.run_now(unit)


def due(lane: Lane, visit: Visit | None) -> date:
    assert visit is not None
    return lane.run_now(lambda s: s.get_one(Visit, visit.id).due_on)


def upcoming(lane: Lane, town: Town, kind: VisitKind = VisitKind.talk) -> list[date]:
    query = select(Visit).where(Visit.state == VisitState.planned, Visit.kind == kind)
    return sorted(visit.due_on for visit in lane.run_now(lambda s: s.exec(query).all()))


def test_the_original_stays_and_the_amendment_stands_beside_it(lane: Lane, town: Town) -> None:
    note = record(lane, town)
    before = lane.run_now(lambda s: bytes(s.get_one(Note, note).answers_sealed))
    amended = amend(lane, town.officer, note, "place", place="会议室")
    amend(lane, town.officer, note, "place", place="commission")
    assert amended.kept.answers["place"] == "会议室"
    kept = lane.run_now(lambda s: note_lists.keep(s, [s.get_one(Note, note)])[0])
    assert [event.answers for event in kept.amendments] == [{"place": "会议室"}, {"place": "commission"}]
    assert [event.reason for event in kept.amendments] == ["slip", "slip"]
    assert kept.answers["place"] == "commission"
    assert lane.run_now(lambda s: bytes(s.get_one(Note, note).answers_sealed)) == before
    audited = lane.run_now(
        lambda s: s.exec(select(AuditRecord).where(AuditRecord.verb == "note_amended")).all()
    )
    assert [(row.actor_id, row.facts["question"]) for row in audited] == [(town.officer, "place")] * 2
    assert "会议室".encode() not in bytes(kept.amendments[0].answers_sealed or b"")


def test_an_answer_is_added_with_its_topic_and_struck_out_again(lane: Lane, town: Town) -> None:
    note = record(lane, town)
    added = amend(lane, town.officer, note, "hardship", hardship="老人住院")
    assert added.kept.answers["hardship"] == "老人住院"
    assert added.kept.answers["more"] == ["hardship"]
    struck = amend(lane, town.officer, note, "hardship")
    assert "hardship" not in struck.kept.answers


def test_what_the_note_says_already_is_no_amendment(lane: Lane, town: Town) -> None:
    note = record(lane, town)
    with pytest.raises(Refused):
        amend(lane, town.officer, note, "thinking", thinking="平稳")


def test_a_worse_rating_brings_the_next_talk_nearer_and_a_better_one_puts_it_back(
    lane: Lane, town: Town
) -> None:
    note = record(lane, town)
    far = upcoming(lane, town)
    worse = amend(lane, town.officer, note, "state_of_mind", state_of_mind="unsettled", basis="当场落泪")
    assert worse.because == "unsettled"
    assert due(lane, worse.following) == date(2026, 12, 23)
    assert upcoming(lane, town) == [date(2026, 12, 23)]
    better = amend(lane, town.officer, note, "state_of_mind", state_of_mind="stable")
    assert better.because is None
    assert upcoming(lane, town) == far
    case = lane.run_now(lambda s: cases.ratings(s, s.get_one(Case, town.case), 5))
    assert [one[:2] for one in case] == [(MONDAY, "stable")]


def test_a_talk_that_somebody_moved_since_stays_where_it_is(lane: Lane, town: Town) -> None:
    note = record(lane, town)
    moved = date(2027, 1, 4)

    def unit(session: Session) -> None:
        me = make.actor(session, session.get_one(Member, town.officer))
        planned = select(Visit).where(Visit.state == VisitState.planned, Visit.kind == VisitKind.talk)
        waiting = session.exec(planned).one()
        visits.reschedule(session, me, waiting.id, moved, "work_conflict", now=NOW)

    lane.run_now(unit)
    amend(lane, town.officer, note, "state_of_mind", state_of_mind="concern", basis="拒绝交谈")
    # of concern, so that a talk is wanted at once all the same
    assert upcoming(lane, town) == [date(2026, 11, 27)]
    amend(lane, town.officer, note, "state_of_mind", state_of_mind="stable")
    assert upcoming(lane, town) == [moved]


def test_another_visit_that_showed_worry_moves_the_talk_and_puts_it_back(lane: Lane, town: Town) -> None:
    def far_talk_and_study(session: Session) -> int:
        session.get_one(Visit, town.visit).due_on = date(2027, 2, 1)
        return make.visit(session, session.get_one(Case, town.case), MONDAY, VisitKind.study_visit).id

    study = lane.run_now(far_talk_and_study)
    note = record(lane, town, study, "study_visit")
    assert upcoming(lane, town) == [date(2027, 2, 1)]
    amend(lane, town.officer, note, "state_of_mind", state_of_mind="concern", basis="拒绝交谈")
    assert upcoming(lane, town) == [date(2026, 11, 27)]
    amend(lane, town.officer, note, "state_of_mind", state_of_mind="settled")
    assert upcoming(lane, town) == [date(2027, 2, 1)]


def test_another_day_counts_for_the_visit_and_for_the_next_one(lane: Lane, town: Town) -> None:
    note = record(lane, town)
    before = upcoming(lane, town)
    amended = amend(lane, town.officer, note, "date", date="2026-11-16")
    visit = lane.run_now(lambda s: s.get_one(Visit, town.visit))
    assert visit.done_on == amended.kept.held_on == date(2026, 11, 16)
    assert upcoming(lane, town)[0] < before[0]
    with pytest.raises(Refused):
        amend(lane, town.officer, note, "date", date="2026-11-25")


def test_signs_of_danger_that_are_added_are_told_at_once(lane: Lane, town: Town) -> None:
    note = record(lane, town)
    amended = amend(lane, town.officer, note, "safety", safety=True)
    assert amended.call is not None
    assert {town.who(row.member_id or 0) for row in lane.run_now(lambda s: make.mail(s, "safety"))} == {
        "staff",
        "supervisor",
    }
    # taking it back ends no call: only a record of having spoken with the person does
    amend(lane, town.officer, note, "safety", safety=False)
    assert lane.run_now(lambda s: s.exec(select(SafetyCall)).one()).closed_at is None


def test_a_rating_of_concern_that_is_added_reaches_the_office(lane: Lane, town: Town) -> None:
    note = record(lane, town)
    amend(lane, town.officer, note, "state_of_mind", state_of_mind="concern", basis="拒绝交谈")
    assert {town.who(row.member_id or 0) for row in lane.run_now(lambda s: make.mail(s, "concern"))} == {
        "staff"
    }


@pytest.mark.parametrize("who", ["colleague", "supervisor", "staff", "leader"])
def test_nobody_but_the_author_amends(lane: Lane, town: Town, who: str) -> None:
    note = record(lane, town)
    with pytest.raises(NotFound):
        amend(lane, getattr(town, who), note, "place", place="会议室")


@pytest.mark.parametrize(
    ("who", "reads"),
    [("officer", True), ("staff", True), ("leader", True), ("supervisor", False), ("colleague", False)],
)
def test_who_reads_a_note(lane: Lane, town: Town, who: str, reads: bool) -> None:
    note = record(lane, town)

    def unit(session: Session) -> int:
        me = make.actor(session, session.get_one(Member, getattr(town, who)))
        return note_lists.access_note(session, me, note, to="read").id

    if reads:
        assert lane.run_now(unit) == note
    else:
        with pytest.raises(NotFound):
            lane.run_now(unit)


def test_an_author_reads_and_amends_after_the_case_was_handed_over_but_not_when_recused(
    lane: Lane, town: Town
) -> None:
    note = record(lane, town)
    lane.run_now(lambda s: setattr(s.get_one(Case, town.case), "care_officer_id", town.colleague))
    amend(lane, town.officer, note, "place", place="会议室")

    def recuse(session: Session) -> None:
        session.add(
            Recusal(
                county_id=town.county, case_id=town.case, member_id=town.officer, by_id=town.staff, since=NOW
            )
        )

    lane.run_now(recuse)
    with pytest.raises(NotFound):
        amend(lane, town.officer, note, "place", place="食堂")
    stranger = lane.run_now(lambda s: make.town(s, code="ZZ"))
    with pytest.raises(NotFound):
        amend(lane, stranger.officer, note, "place", place="食堂")


def test_the_watch_over_silence_counts_from_the_day_that_holds(lane: Lane, town: Town) -> None:
    note = record(lane, town)
    assert upcoming(lane, town, VisitKind.contact) == [date(2027, 3, 23)]
    amend(lane, town.officer, note, "date", date="2026-11-10")
    assert upcoming(lane, town, VisitKind.contact) == [date(2027, 3, 10)]
    amend(lane, town.officer, note, "date", date="2026-11-20")
    assert upcoming(lane, town, VisitKind.contact) == [date(2027, 3, 22)]


def test_amended_to_red_it_asks_the_office_for_a_review_and_amended_away_it_stays_theirs(
    lane: Lane, town: Town
) -> None:
    note = record(lane, town)
    assert upcoming(lane, town, VisitKind.review) == []
    amend(lane, town.officer, note, "state_of_mind", state_of_mind="concern", basis="拒绝交谈")
    assert upcoming(lane, town, VisitKind.review) == [date(2026, 12, 1)]
    amend(lane, town.officer, note, "state_of_mind", state_of_mind="stable")
    assert upcoming(lane, town, VisitKind.review) == [date(2026, 12, 1)]


def test_contact_soon_goes_with_the_rating(lane: Lane, town: Town) -> None:
    """Amended to red it is asked for; amended back, the watch is due as it was."""

    def watch(session: Session) -> date:
        query = select(Visit).where(Visit.kind == VisitKind.contact, Visit.state == VisitState.planned)
        return session.exec(query).one().due_on

    note = record(lane, town)
    before = lane.run_now(watch)
    amend(lane, town.officer, note, "state_of_mind", state_of_mind="concern", basis="拒绝交谈")
    soon = lane.run_now(watch)
    assert soon < before - timedelta(days=60)
    amend(lane, town.officer, note, "state_of_mind", state_of_mind="settled")
    assert lane.run_now(watch) == before
