"""A note in the wrong case: voided or refiled, it leaves nothing behind there, and counts where it belongs."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest
from sqlmodel import Session, col, select

from casework import amendments, cases, misfiled, notes, rulebooks, safety
from casework.forms.catalog.amendment import WHICH, WHY
from casework.misfiled import Voided
from casework.notes import NoteData, Recorded
from reminders import sweep
from reminders.mechanism import mechanism_of
from storage.errors import NotFound, Refused
from storage.lane import Lane
from storage.queries import notes as note_lists
from storage.rulebook import Ladder
from storage.tables.audit import AuditRecord
from storage.tables.calls import SafetyCall
from storage.tables.cases import Case
from storage.tables.confirmations import Confirmation
from storage.tables.counties import County
from storage.tables.members import Member
from storage.tables.notes import Note, NoteEventKind
from storage.tables.recusals import Recusal
from storage.tables.visits import Reminder, Visit, VisitKind, VisitState
from tests import make
from tests.make import MONDAY, NOW, Town, at

LATER = at("2026-11-23", "16:00")
DAYS_LATER = at("2026-11-27")


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


@pytest.fixture
def right(lane: Lane, town: Town) -> tuple[int, int]:
    """The case that the note should have gone to, of the same officer, and its talk, due a week later."""

    def unit(session: Session) -> tuple[int, int]:
        officer = session.get_one(Member, town.officer)
        county = session.get_one(County, town.county)
        case = make.case(session, county, officer, name="王芳")
        return case.id, make.visit(session, case, date(2026, 11, 30)).id

    return lane.run_now(unit)


def record(
    lane: Lane, town: Town, visit: int = 0, form: str = "talk", now: datetime = NOW, **more: Any
) -> Recorded:
    answers = {"date": MONDAY.isoformat(), "thinking": "平稳", "state_of_mind": "stable", **more}

    def unit(session: Session) -> Recorded:
        me = make.actor(session, session.get_one(Member, town.officer))
        mood, safety = answers["state_of_mind"], bool(answers.get("safety"))
        data = NoteData(visit or town.visit, form, 1, MONDAY, answers, mood, safety)
        return notes.record_visit(session, me, data, now=now)

    return lane.run_now(unit)


def acts(lane: Lane, who: int, act: Any, *args: Any, now: datetime = LATER) -> Any:
    return lane.run_now(lambda s: act(s, make.actor(s, s.get_one(Member, who)), *args, now=now))


def void(lane: Lane, town: Town, note: Note, now: datetime = LATER) -> Voided:
    done: Voided = acts(lane, town.staff, misfiled.void, note.id, "wrong_person", now=now)
    return done


def refile(lane: Lane, who: int, note: Note, case: int, now: datetime = LATER) -> Voided:
    done: Voided = acts(lane, who, misfiled.refile, note.id, case, "wrong_person", now=now)
    return done


def planned(lane: Lane, case: int) -> list[tuple[VisitKind, date]]:
    query = select(Visit).where(Visit.case_id == case, Visit.state == VisitState.planned)
    found = lane.run_now(lambda s: s.exec(query).all())
    return sorted((one.kind, one.due_on) for one in found if one.kind is not VisitKind.contact)


def snapshot(lane: Lane, town: Town, case: int) -> tuple[object, ...]:
    """What its readers see of a case: what is planned, done and rated, and what the timeline tells."""

    def unit(session: Session) -> tuple[object, ...]:
        me = make.actor(session, session.get_one(Member, town.staff))
        mechanism = mechanism_of(session, town.county)
        status = cases.status(session, me, case, mechanism, now=LATER)
        history = cases.history(session, me, case, now=LATER)
        told = sorted((event.kind, event.due_on) for event in history.events if event.kind != "reopened")
        counts = status.ratings, status.planned, status.done, status.besides, status.overdue
        return *counts, told, [line.visit.id for line in history.visits if line.visit.state != "withdrawn"]

    return (*lane.run_now(unit), planned(lane, case))


def test_a_visit_that_waits_again_climbs_the_ladder_that_holds_by_now(lane: Lane, town: Town) -> None:
    """The first two steps went while it was recorded: what was told keeps its place, and the next one comes."""
    for moment in (at("2026-11-12"), at("2026-11-24"), at("2026-11-25")):
        lane.run_now(lambda s, now=moment: sweep.one_slice(s, now=now))  # type: ignore[misc]
    note = record(lane, town, now=at("2026-11-25", "10:00")).note
    shorter = json.dumps({"ladder": Ladder(steps=Ladder().steps[2:]).model_dump(mode="json")}).encode()

    def changed(session: Session) -> None:
        county, author = session.get_one(County, town.county), session.get_one(Member, town.leader)
        rulebooks.save(session, county, shorter, author, now=at("2026-11-25", "11:00"))

    lane.run_now(changed)
    void(lane, town, note, now=at("2026-11-25", "16:00"))
    visit = lane.run_now(lambda s: s.get_one(Visit, town.visit))
    assert (visit.next_step, visit.next_look_at) == (4, at("2026-11-30"))
    told = lane.run_now(lambda s: s.exec(select(Reminder).where(Reminder.visit_id == town.visit)).all())
    assert {(one.step, one.distance) for one in told if one.member_id == town.supervisor} == {(3, 2)}


def test_a_voided_note_leaves_the_case_as_it_was(lane: Lane, town: Town) -> None:
    before = snapshot(lane, town, town.case)
    note = record(lane, town, state_of_mind="unsettled").note
    assert snapshot(lane, town, town.case) != before
    done = void(lane, town, note)
    assert done.reopened is not None
    after = snapshot(lane, town, town.case)
    assert after[:5] == before[:5]
    assert after[6:] == before[6:]
    # the withdrawn successor is no part of the story either
    assert after[5] == before[5]
    visit = lane.run_now(lambda s: s.get_one(Visit, town.visit))
    assert (visit.state, visit.done_on) == (VisitState.planned, None)
    assert visit.next_look_at is not None
    kept = lane.run_now(lambda s: s.get_one(Note, note.id))
    assert kept.answers["thinking"] == "平稳"
    audited = lane.run_now(
        lambda s: s.exec(select(AuditRecord).where(AuditRecord.verb == "note_voided")).one()
    )
    assert (audited.actor_id, audited.subject_id) == (town.staff, note.id)


def test_a_note_that_nobody_had_planned_is_gone_with_its_visit(lane: Lane, town: Town) -> None:
    before = snapshot(lane, town, town.case)
    note = record(lane, town, town.case, "unit_interview").note
    assert snapshot(lane, town, town.case) != before
    assert void(lane, town, note).reopened is None
    assert snapshot(lane, town, town.case) == before


def test_a_visit_is_as_late_as_it_was_when_the_note_came(lane: Lane, town: Town) -> None:
    note = record(lane, town).note
    void(lane, town, note, now=DAYS_LATER)  # four working days later
    assert planned(lane, town.case) == [(VisitKind.talk, date(2026, 11, 27))]


def test_a_visit_that_is_made_again_since_does_not_come_back(lane: Lane, town: Town) -> None:
    first = record(lane, town)
    assert first.following is not None
    following = first.following.id
    record(lane, town, following, now=DAYS_LATER)
    assert void(lane, town, first.note, now=DAYS_LATER).reopened is None
    assert len(planned(lane, town.case)) == 1


def test_who_was_told_of_it_is_not_told_again_on_the_same_day(lane: Lane, town: Town) -> None:
    lane.run_now(lambda s: sweep.one_slice(s, now=at("2026-11-26")))
    told = lane.run_now(lambda s: make.told(s, town.visit))
    note = record(lane, town, now=at("2026-11-26", "10:00")).note
    void(lane, town, note, now=at("2026-11-26", "11:00"))
    visit = lane.run_now(lambda s: s.get_one(Visit, town.visit))
    assert visit.due_on == MONDAY
    assert visit.next_step == max(step for step, _ in told) + 1


def test_a_talk_that_the_note_brought_nearer_is_due_when_it_was(lane: Lane, town: Town) -> None:
    def study(session: Session) -> int:
        session.get_one(Visit, town.visit).due_on = date(2027, 2, 1)
        return make.visit(session, session.get_one(Case, town.case), MONDAY, VisitKind.study_visit).id

    note = record(lane, town, lane.run_now(study), "study_visit", state_of_mind="concern").note
    assert (VisitKind.talk, date(2026, 11, 26)) in planned(lane, town.case)
    void(lane, town, note)
    assert planned(lane, town.case) == [
        (VisitKind.study_visit, MONDAY),
        (VisitKind.talk, date(2027, 2, 1)),
    ]


def test_refiled_it_counts_as_if_it_had_been_recorded_there(
    lane: Lane, town: Town, right: tuple[int, int]
) -> None:
    before = snapshot(lane, town, town.case)
    note = record(lane, town, state_of_mind="unsettled", basis="当场落泪").note
    amended = {WHICH: "thinking", WHY: "slip", "thinking": "低落"}
    acts(lane, town.officer, amendments.amend, note.id, amended)
    done = refile(lane, town.officer, note, right[0])
    assert snapshot(lane, town, town.case) == before
    assert done.recorded is not None
    assert done.recorded.visit.id == right[1]
    assert done.recorded.because == "unsettled"
    there = lane.run_now(lambda s: note_lists.of_case(s, right[0]))
    assert [(kept.answers["thinking"], kept.note.author_id, kept.note.submitted_at) for kept in there] == [
        ("低落", town.officer, NOW)
    ]
    assert there[0].note.answers["thinking"] == "平稳"
    assert there[0].happened(NoteEventKind.arrived) is not None
    assert planned(lane, right[0]) == [(VisitKind.talk, date(2026, 12, 23))]
    facts = lane.run_now(
        lambda s: s.exec(select(AuditRecord).where(AuditRecord.verb == "note_refiled")).one()
    ).facts
    assert facts == {"case": town.case, "to": done.recorded.note.id}
    # and back again, for the office: it stays its author's
    back = refile(lane, town.staff, done.recorded.note, town.case).recorded
    assert back is not None
    assert (back.note.author_id, back.note.submitted_at) == (town.officer, NOW)
    assert [
        kept.answers["thinking"] for kept in lane.run_now(lambda s: note_lists.of_case(s, town.case))
    ] == ["低落"]
    assert planned(lane, right[0]) == [(VisitKind.talk, date(2026, 11, 30))]


def test_a_safety_call_goes_with_the_note(lane: Lane, town: Town, right: tuple[int, int]) -> None:
    note = record(lane, town, safety=True).note
    done = refile(lane, town.officer, note, right[0])
    calls = lane.run_now(lambda s: s.exec(select(SafetyCall).order_by(col(SafetyCall.id))).all())
    assert [(call.case_id, call.closed_at is None) for call in calls] == [
        (town.case, False),
        (right[0], True),
    ]
    assert done.recorded is not None
    assert done.recorded.call is not None
    assert calls[1].opened_by == town.officer


def test_a_call_that_had_another_reason_too_stays_open(lane: Lane, town: Town) -> None:
    note = record(lane, town, safety=True).note
    acts(lane, town.supervisor, safety.raise_concern, town.case)
    void(lane, town, note)
    assert lane.run_now(lambda s: s.exec(select(SafetyCall)).one()).closed_at is None


def test_the_office_is_asked_once_and_told_that_it_is_settled(lane: Lane, town: Town) -> None:
    note = record(lane, town, state_of_mind="concern", basis="拒绝交谈").note
    acts(lane, town.officer, misfiled.ask, note.id, "twice")
    with pytest.raises(Refused):
        acts(lane, town.officer, misfiled.ask, note.id, "twice")
    rows = lane.run_now(lambda s: [row for row in make.mail(s) if row.kind in ("void_asked", "concern")])
    assert {row.member_id for row in rows} == {town.staff}

    def sent(session: Session) -> None:
        for row in rows:
            make.sent(session, session.merge(row), now=NOW)

    lane.run_now(sent)
    void(lane, town, note)
    updates = lane.run_now(lambda s: [row.replaces for row in make.mail(s, "update")])
    assert set(updates) >= {row.id for row in rows}
    assert [row.member_id for row in lane.run_now(lambda s: make.mail(s, "note_withdrawn"))] == [town.officer]
    # told again of the next one, for it is another note
    record(lane, town, state_of_mind="concern", basis="拒绝交谈", now=at("2026-11-24"))
    assert len(lane.run_now(lambda s: make.mail(s, "concern"))) == 2


def test_whoever_makes_the_visit_is_told_where_somebody_else_wrote_the_note(
    lane: Lane, town: Town, right: tuple[int, int]
) -> None:
    note = record(lane, town).note
    lane.run_now(lambda s: setattr(s.get_one(Visit, town.visit), "officer_id", town.colleague))
    refile(lane, town.officer, note, right[0])
    rows = lane.run_now(lambda s: make.mail(s, "reopened"))
    assert [row.member_id for row in rows] == [town.colleague]
    assert lane.run_now(lambda s: make.mail(s, "note_withdrawn")) == []


def test_who_may_do_what(lane: Lane, town: Town, right: tuple[int, int]) -> None:
    note = record(lane, town).note
    for who in (town.officer, town.supervisor, town.leader):
        with pytest.raises(Refused):
            acts(lane, who, misfiled.void, note.id, "twice")
    for who in (town.colleague, town.supervisor, town.leader):
        with pytest.raises(NotFound):
            refile(lane, who, note, right[0])
    foreign = lane.run_now(lambda s: make.town(s, code="ZZ"))
    with pytest.raises(NotFound):
        refile(lane, town.officer, note, foreign.case)
    lane.run_now(lambda s: setattr(s.get_one(Case, right[0]), "care_officer_id", town.colleague))
    with pytest.raises(NotFound):
        refile(lane, town.officer, note, right[0])  # not theirs: the office does it
    with pytest.raises(Refused):
        refile(lane, town.staff, note, town.case)
    refile(lane, town.staff, note, right[0])
    with pytest.raises(NotFound):
        acts(lane, town.staff, misfiled.void, note.id, "twice")  # it is void by now


@pytest.mark.parametrize("who", ["officer", "staff", "leader"])
def test_a_voided_note_is_read_by_the_office_alone(lane: Lane, town: Town, who: str) -> None:
    note = record(lane, town).note
    void(lane, town, note)

    def unit(session: Session) -> int:
        me = make.actor(session, session.get_one(Member, getattr(town, who)))
        return note_lists.access_note(session, me, note.id, to="read").id

    if who == "officer":
        with pytest.raises(NotFound):
            lane.run_now(unit)
    else:
        assert lane.run_now(unit) == note.id


def test_whoever_keeps_out_of_the_right_case_cannot_put_a_note_there(
    lane: Lane, town: Town, right: tuple[int, int]
) -> None:
    note = record(lane, town).note

    def recuse(session: Session) -> None:
        session.add(
            Recusal(
                county_id=town.county, case_id=right[0], member_id=town.staff, by_id=town.leader, since=NOW
            )
        )

    lane.run_now(recuse)
    with pytest.raises(NotFound):
        refile(lane, town.staff, note, right[0])


def test_the_companion_is_asked_about_the_right_case_alone(
    lane: Lane, town: Town, right: tuple[int, int]
) -> None:
    note = record(lane, town, companions=[str(town.colleague)]).note
    done = refile(lane, town.officer, note, right[0])
    assert done.recorded is not None
    query = select(Confirmation).order_by(col(Confirmation.id))
    asked = [(one.note_id, one.state.value) for one in lane.run_now(lambda s: s.exec(query).all())]
    assert asked == [(note.id, "withdrawn"), (done.recorded.note.id, "asked")]
    void(lane, town, done.recorded.note)
    assert {one.state.value for one in lane.run_now(lambda s: s.exec(query).all())} == {"withdrawn"}


# --- entered twice ---------------------------------------------------------------------------------------------------


def of_pair(lane: Lane, town: Town, voided: Note, stands: Note, now: datetime = DAYS_LATER) -> Voided:
    def unit(session: Session) -> Voided:
        me = make.actor(session, session.get_one(Member, town.staff))
        return misfiled.void(session, me, voided.id, "twice", now=now, stands=stands.id)

    return lane.run_now(unit)


def talks(lane: Lane, town: Town) -> list[tuple[VisitState, bool]]:
    query = (
        select(Visit).where(Visit.case_id == town.case, Visit.kind == VisitKind.talk).order_by(col(Visit.id))
    )
    return lane.run_now(lambda s: [(one.state, one.unplanned) for one in s.exec(query)])


def twice(lane: Lane, town: Town) -> tuple[Recorded, Recorded]:
    return record(lane, town), record(lane, town, visit=town.case, now=LATER)


def test_of_a_pair_the_first_goes_and_the_visit_took_place(lane: Lane, town: Town) -> None:
    first, second = twice(lane, town)
    waiting = planned(lane, town.case)
    done = of_pair(lane, town, first.note, second.note)
    assert done.reopened is None
    assert planned(lane, town.case) == waiting, "the schedule is that of the note that stands"
    states = [state for state, _ in talks(lane, town)]
    assert states == [VisitState.withdrawn, VisitState.done, VisitState.planned]


@pytest.mark.parametrize(
    ("first", "second"),
    [("stable", "stable"), ("concern", "stable"), ("stable", "concern"), ("concern", "concern")],
)
@pytest.mark.parametrize("due", [date(2026, 11, 16), date(2026, 11, 27)])
def test_of_a_pair_the_first_goes_as_if_the_second_had_been_the_only_one(
    lane: Lane, town: Town, first: str, second: str, due: date
) -> None:
    """What is planned, when it is due, and how late the visit was: as in a case whose note came but once."""

    def unit(session: Session) -> tuple[tuple[int, int], ...]:
        officer, county = session.get_one(Member, town.officer), session.get_one(County, town.county)
        found = []
        for name in ("王芳", "赵强"):
            case = make.case(session, county, officer, name=name)
            found.append((case.id, make.visit(session, case, due).id))
        return tuple(found)

    (pair, planned_first), (alone, planned_alone) = lane.run_now(unit)
    voided = record(lane, town, planned_first, state_of_mind=first).note
    stands = record(lane, town, pair, now=LATER, state_of_mind=second).note
    record(lane, town, planned_alone, now=LATER, state_of_mind=second)
    of_pair(lane, town, voided, stands)
    assert planned(lane, pair) == planned(lane, alone)

    def done(session: Session, case: int) -> list[tuple[VisitKind, date, date | None]]:
        query = select(Visit).where(Visit.case_id == case, Visit.state == VisitState.done)
        return [(one.kind, one.due_on, one.done_on) for one in session.exec(query)]

    assert lane.run_now(lambda s: done(s, pair)) == lane.run_now(lambda s: done(s, alone))

    def asked(session: Session) -> list[str]:
        return [one.state.value for one in session.exec(select(Confirmation))]

    assert "asked" not in lane.run_now(asked), (
        "no second person is needed for a rating that has nothing before it"
    )


def test_of_a_pair_the_second_goes_and_the_next_visit_waits_as_it_did(lane: Lane, town: Town) -> None:
    first = record(lane, town)
    waiting = planned(lane, town.case)
    second = record(lane, town, visit=town.case, now=LATER)
    of_pair(lane, town, second.note, first.note)
    assert planned(lane, town.case) == waiting
    states = [state for state, _ in talks(lane, town)]
    assert states == [VisitState.done, VisitState.planned, VisitState.withdrawn]


def test_of_a_pair_whose_other_was_not_planned_something_waits(lane: Lane, town: Town) -> None:
    """Both officers were there: one had the visit, the other recorded it as one that nobody had planned."""

    def given(session: Session) -> int:
        visit = session.get_one(Visit, town.visit)
        other = make.member(session, session.get_one(County, town.county), name="赵强")
        visit.officer_id, visit.due_on = other.id, date(2026, 11, 27)
        return other.id

    colleague = lane.run_now(given)
    stands = record(lane, town, visit=town.case)
    assert talks(lane, town)[1] == (VisitState.done, True)
    data = NoteData(town.visit, "talk", 1, MONDAY, stands.note.answers, "stable")
    voided = acts(lane, colleague, notes.record_visit, data)
    waiting = planned(lane, town.case)
    of_pair(lane, town, voided.note, stands.note)
    kinds = [kind for kind, _ in planned(lane, town.case)]
    assert kinds == [kind for kind, _ in waiting]
    assert talks(lane, town)[0] == (VisitState.withdrawn, False), "it was made, as the other note says"


def test_only_a_note_of_the_same_visit_can_stand(lane: Lane, town: Town) -> None:
    first, second = twice(lane, town)
    other = record(lane, town, visit=town.case, form="unit_interview", now=LATER)

    def near(session: Session) -> list[int]:
        me = make.actor(session, session.get_one(Member, town.officer))
        return [kept.id for kept in misfiled.twins(session, me, session.get_one(Note, first.note.id))]

    assert lane.run_now(near) == [second.note.id]
    with pytest.raises(Refused):
        of_pair(lane, town, first.note, other.note)
    of_pair(lane, town, second.note, first.note)
    assert lane.run_now(near) == []
