"""What is done about a planned visit: every act, tried by everybody."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from casework import notes, people, visits
from casework.notes import NoteData
from casework.people import NewMember
from casework.visits import LATEST_DAYS
from storage.errors import NotFound, Refused
from storage.lane import Lane
from storage.queries.access import Actor
from storage.tables.audit import AuditRecord
from storage.tables.counties import County
from storage.tables.members import Member, MemberState, Role
from storage.tables.visits import Visit, VisitEvent, VisitEventKind, VisitKind, VisitState
from tests import make
from tests.make import MONDAY, NOW, Town, at

Act = Callable[[Session, Actor, Town], Any]
NEXT_WEEK = date(2026, 11, 30)


def note(visit_id: int, held_on: date = MONDAY, **more: Any) -> NoteData:
    return NoteData(visit_id, "talk", 1, held_on, {"work": "…"}, **more)


OFFICERS: dict[str, Act] = {
    "record": lambda s, me, town: notes.record_visit(s, me, note(town.visit), now=NOW),
    "reschedule": lambda s, me, town: visits.reschedule(s, me, town.visit, NEXT_WEEK, "ill", now=NOW),
    "not_done": lambda s, me, town: visits.not_done(s, me, town.visit, NEXT_WEEK, "away", now=NOW),
    "note_follows": lambda s, me, town: visits.note_follows(s, me, town.visit, now=NOW),
}
OVERSEERS: dict[str, Act] = {
    "acknowledge": lambda s, me, town: visits.acknowledge(s, me, [town.visit], now=NOW),
    "chase": lambda s, me, town: visits.chase(s, me, town.visit, now=NOW),
    "extend": lambda s, me, town: visits.extend(s, me, town.visit, now=NOW),
    "candidates": lambda s, me, town: visits.candidates(s, me, town.visit, now=NOW),
    "reassign": lambda s, me, town: visits.reassign(s, me, town.visit, town.colleague, now=NOW),
}
ACTS = {**OFFICERS, **OVERSEERS}


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def does(lane: Lane, town: Town, who: str, act: Act) -> Any:
    def unit(session: Session) -> Any:
        if who == "stranger":
            roles = [Role.care_officer, Role.supervisor, Role.commission_staff, Role.leader]
            county = make.county(session, "ZZ")
            member = make.member(session, county, roles[0])
            for role in roles[1:]:
                people.grant(session, member, NewMember("", role), now=NOW, actor=None)
        else:
            member = session.get_one(Member, getattr(town, who))
        return act(session, make.actor(session, member), town)

    return lane.run_now(unit)


EVERYBODY = ("officer", "colleague", "supervisor", "staff", "leader", "stranger")


@pytest.mark.parametrize("name", ACTS)
def test_every_act_is_for_those_it_is_for(lane: Lane, town: Town, name: str) -> None:
    allowed = {"officer"} if name in OFFICERS else {"supervisor", "staff", "leader"}
    for who in EVERYBODY:
        if who in allowed:
            continue
        with pytest.raises(NotFound):
            does(lane, town, who, ACTS[name])
    untouched = lane.run_now(lambda s: s.get_one(Visit, town.visit))
    assert (untouched.due_on, untouched.officer_id, untouched.state) == (MONDAY, town.officer, "planned")
    assert lane.run_now(make.mail) == []
    does(lane, town, max(allowed), ACTS[name])


@pytest.mark.parametrize("name", sorted(set(ACTS) - {"candidates"}))
def test_every_act_leaves_an_event_and_a_record(lane: Lane, town: Town, name: str) -> None:
    before = lane.run_now(lambda s: len(s.exec(select(VisitEvent)).all()))
    does(lane, town, "officer" if name in OFFICERS else "supervisor", ACTS[name])
    events = lane.run_now(lambda s: s.exec(select(VisitEvent).where(VisitEvent.visit_id == town.visit)).all())
    assert len(events) == before + 1
    newest = max(events, key=lambda event: event.id)
    assert (newest.at, newest.due_on) == (NOW, MONDAY)  # the date it had, not the one it got
    records = lane.run_now(lambda s: s.exec(select(AuditRecord).where(AuditRecord.subject == "visit")).all())
    assert [record.subject_id for record in records] == [town.visit]


# --- made, and the note follows --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "good"), [(1, False), (0, True), (-1, True), (-365, True), (-366, False)])
def test_a_visit_was_made_by_today_though_it_was_planned_later(
    lane: Lane, town: Town, days: int, good: bool
) -> None:
    def planned(session: Session) -> None:
        session.get_one(Visit, town.visit).created_at = NOW

    def made(session: Session, me: Actor, town: Town) -> date | None:
        return visits.note_follows(session, me, town.visit, MONDAY + timedelta(days=days), now=NOW)[0].done_on

    lane.run_now(planned)
    if good:
        assert does(lane, town, "officer", made) == MONDAY + timedelta(days=days)
    else:
        with pytest.raises(Refused):
            does(lane, town, "officer", made)
        assert lane.run_now(lambda s: s.get_one(Visit, town.visit)).rest_until is None


def test_a_visit_was_not_made_before_the_last_one(lane: Lane, town: Town) -> None:
    """Who recorded a talk of today has the next one planned: it cannot have been made the day before."""

    def made(session: Session, me: Actor, town: Town, days: int = 0) -> date | None:
        talks = select(Visit.id).where(Visit.state == VisitState.planned, Visit.kind == VisitKind.talk)
        following = session.exec(talks).one()
        day = MONDAY - timedelta(days=days)
        return visits.note_follows(session, me, following, day, now=NOW)[0].done_on

    does(lane, town, "officer", lambda s, me, town: notes.record_visit(s, me, note(town.visit), now=NOW))
    with pytest.raises(Refused, match="the last visit of this kind") as refused:
        does(lane, town, "officer", lambda s, me, town: made(s, me, town, 1))
    assert refused.value.question == "date"
    assert does(lane, town, "officer", made) == MONDAY


# --- a new date ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [visits.reschedule, visits.not_done])
@pytest.mark.parametrize(
    ("days", "good"), [(-1, False), (0, True), (LATEST_DAYS, True), (LATEST_DAYS + 1, False)]
)
def test_a_new_date_is_neither_past_nor_far_away(
    lane: Lane, town: Town, act: Callable[..., Visit], days: int, good: bool
) -> None:
    def move(session: Session, me: Actor, town: Town) -> date:
        return act(session, me, town.visit, MONDAY + timedelta(days=days), "why", now=NOW).due_on

    if good:
        assert does(lane, town, "officer", move) >= MONDAY + timedelta(days=days)
    else:
        with pytest.raises(Refused):
            does(lane, town, "officer", move)


def test_a_day_off_moves_on_to_the_next_working_day(lane: Lane, town: Town) -> None:
    def move(session: Session, me: Actor, town: Town) -> date:
        return visits.reschedule(session, me, town.visit, date(2026, 11, 28), None, now=NOW).due_on

    assert does(lane, town, "officer", move) == NEXT_WEEK


def test_the_reason_is_kept_sealed(lane: Lane, town: Town) -> None:
    does(lane, town, "officer", OFFICERS["not_done"])
    query = select(VisitEvent).where(VisitEvent.kind == VisitEventKind.not_done)
    event = lane.run_now(lambda s: s.exec(query).one())
    assert event.detail == "away"
    assert b"away" not in (event.detail_sealed or b"")


# --- those who oversee -----------------------------------------------------------------------------------------------


def test_once_a_day_is_often_enough_to_chase(lane: Lane, town: Town) -> None:
    does(lane, town, "supervisor", OVERSEERS["chase"])
    with pytest.raises(Refused) as caught:
        does(lane, town, "staff", OVERSEERS["chase"])
    assert not isinstance(caught.value, NotFound)
    tomorrow = at("2026-11-24")
    does(lane, town, "staff", lambda s, me, town: visits.chase(s, me, town.visit, now=tomorrow))
    assert [row.member_id for row in lane.run_now(lambda s: make.mail(s, "chase"))] == [town.officer] * 2


def test_nobody_is_chased_for_a_visit_that_nobody_makes(lane: Lane, town: Town) -> None:
    def unassign(session: Session) -> None:
        session.get_one(Visit, town.visit).officer_id = None

    lane.run_now(unassign)
    with pytest.raises(Refused):
        does(lane, town, "staff", OVERSEERS["chase"])
    assert does(lane, town, "staff", OVERSEERS["candidates"]) == []


def test_more_time_is_told_to_the_officer(lane: Lane, town: Town) -> None:
    does(lane, town, "supervisor", OVERSEERS["extend"])
    assert lane.run_now(lambda s: s.get_one(Visit, town.visit).due_on) == NEXT_WEEK
    assert [row.member_id for row in lane.run_now(lambda s: make.mail(s, "extended"))] == [town.officer]


def test_whoever_takes_over_and_whoever_is_relieved_both_hear(lane: Lane, town: Town) -> None:
    does(lane, town, "supervisor", OVERSEERS["reassign"])
    assert lane.run_now(lambda s: s.get_one(Visit, town.visit).officer_id) == town.colleague
    told = {(row.kind, row.member_id) for row in lane.run_now(make.mail)}
    assert told == {("assigned", town.colleague), ("taken_over", town.officer)}


@pytest.mark.parametrize("to", ["officer", "supervisor", "staff"])
def test_a_visit_goes_to_nobody_who_cannot_make_it(lane: Lane, town: Town, to: str) -> None:
    with pytest.raises(Refused):
        does(
            lane,
            town,
            "supervisor",
            lambda s, me, town: visits.reassign(s, me, town.visit, getattr(town, to), now=NOW),
        )


def test_the_least_burdened_is_named_first_and_who_is_suspended_not_at_all(lane: Lane, town: Town) -> None:
    def more(session: Session) -> tuple[int, int]:
        county, boss = session.get_one(County, town.county), session.get_one(Member, town.supervisor)
        busy = session.get_one(Member, town.colleague)
        make.visit(session, make.case(session, county, busy, name="王芳"))
        idle = make.member(session, county, name="孙丽", supervisor=boss)
        make.member(session, county, name="周洁", supervisor=boss).state = MemberState.suspended
        return idle.id, busy.id

    idle, busy = lane.run_now(more)
    found = does(lane, town, "supervisor", OVERSEERS["candidates"])
    assert [(member.id, burden) for member, burden in found] == [(idle, 0), (busy, 1)]


# --- a day off, chosen knowingly -------------------------------------------------------------------------------------

SATURDAY = date(2026, 11, 28)


def moves(lane: Lane, town: Town, day: date) -> None:
    does(lane, town, "officer", lambda s, me, town: visits.reschedule(s, me, town.visit, day, "ill", now=NOW))


def keeps(lane: Lane, town: Town, who: str = "officer", day: date = SATURDAY, hour: str = "10:00") -> Visit:
    def act(session: Session, me: Actor, town: Town) -> Visit:
        return visits.keep_day_off(session, me, town.visit, day, now=at(MONDAY, hour))

    found: Visit = does(lane, town, who, act)
    return found


def test_a_day_off_is_kept_by_whoever_makes_the_visit(lane: Lane, town: Town) -> None:
    moves(lane, town, SATURDAY)
    for who in ("colleague", "supervisor", "stranger"):
        with pytest.raises(NotFound):
            keeps(lane, town, who)
    kept = keeps(lane, town)
    assert kept.due_on == SATURDAY
    assert kept.next_look_at is not None
    assert kept.next_look_at < at(SATURDAY, "00:00"), "the ladder goes on before it"


def test_but_not_once_it_has_another_day(lane: Lane, town: Town) -> None:
    moves(lane, town, SATURDAY)
    moves(lane, town, date(2026, 12, 3))
    with pytest.raises(Refused, match="another day"):
        keeps(lane, town)
    with pytest.raises(Refused, match="another day"):
        keeps(lane, town, day=date(2026, 12, 3))


def test_nor_while_another_one_is_asked_for(lane: Lane, town: Town) -> None:
    moves(lane, town, SATURDAY)

    def asked(session: Session) -> None:
        session.get_one(Visit, town.visit).asked_on = date(2026, 12, 2)

    lane.run_now(asked)
    with pytest.raises(Refused, match="another day"):
        keeps(lane, town)
