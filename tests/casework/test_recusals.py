"""Recusal: whoever is too near to a case keeps out of it, at every door and on every step of the ladder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlmodel import Session, select

from casework import cases, concerns, leave, notes, people, recusals, safety, visits
from casework.people import NewMember
from reminders import sweep
from storage.errors import Conflict, NotFound, Refused
from storage.lane import Lane
from storage.queries import recusals as queries
from storage.queries import visits as visit_lists
from storage.queries.access import (
    access_case,
    access_case_to_record,
    access_visit,
    may_direct,
    may_hear,
    may_know_call,
)
from storage.queries.heads import head
from storage.tables.audit import AuditRecord
from storage.tables.calls import CallSource
from storage.tables.cases import Case
from storage.tables.counties import County
from storage.tables.mail import Outbox, OutboxItem
from storage.tables.members import Member, Role
from storage.tables.recusals import Recusal
from storage.tables.visits import Visit
from tests import make
from tests.make import MONDAY, NOW, Town, at


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


@pytest.fixture
def second(lane: Lane, town: Town) -> int:
    """One more of the office, so that the first may keep out."""

    def unit(session: Session) -> int:
        county = session.get_one(County, town.county)
        return make.member(session, county, Role.commission_staff, name="赵敏").id

    return lane.run_now(unit)


def acts(lane: Lane, member_id: int, act: Callable[..., Any], *args: Any, now: datetime = NOW) -> Any:
    def unit(session: Session) -> Any:
        return act(session, make.actor(session, session.get_one(Member, member_id)), *args, now=now)

    return lane.run_now(unit)


def recuse(lane: Lane, town: Town, who: int, reason: str | None = None) -> int:
    return int(acts(lane, town.leader, recusals.recuse, town.case, who, reason).id)


def told(lane: Lane, town: Town, *days: str) -> set[str]:
    """Who is told of the visit on these days, whatever the step."""

    def unit(session: Session) -> set[str]:
        for day in days:
            while sweep.one_slice(session, now=at(day, "16:00")):
                pass
        session.flush()
        names = {value: name for name, value in vars(town).items()}
        return {names.get(member_id, "second") for _, member_id in make.told(session, town.visit)}

    return lane.run_now(unit)


# --- the ladder ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("out", "day", "heard"),
    [
        ("supervisor", "2026-11-25", {"staff", "second"}),
        ("staff", "2026-11-30", {"supervisor", "second"}),
        ("leader", "2026-11-30", {"supervisor", "staff", "second"}),
    ],
)
def test_the_next_in_line_hears(
    lane: Lane, town: Town, second: int, out: str, day: str, heard: set[str]
) -> None:
    who = getattr(town, out)
    by = town.staff if out == "leader" else town.leader
    acts(lane, by, recusals.recuse, town.case, who, None)
    found = told(lane, town, "2026-11-25", day)
    assert found - {"officer"} == heard


def test_an_officer_who_keeps_out_makes_nothing(lane: Lane, town: Town) -> None:
    recuse(lane, town, town.officer)
    assert told(lane, town, "2026-11-23") == {"supervisor"}
    with pytest.raises(NotFound):
        acts(lane, town.officer, visits.reschedule, town.visit, MONDAY, None)
    seen = lane.run_now(lambda s: head(s, town.visit))  # before, and known for this message
    me = lane.run_now(lambda s: make.actor(s, s.get_one(Member, town.officer)))
    assert seen is not None
    with pytest.raises(NotFound):
        lane.run_now(lambda s: notes.about(s, me, "talk", seen, today=MONDAY, submitting=False))

    def agenda(session: Session) -> int:
        return len(visit_lists.to_make(session, town.officer, until=MONDAY, today=MONDAY))

    assert lane.run_now(agenda) == 0


def test_the_person_concerned_never_hears_of_their_own_case(lane: Lane, town: Town) -> None:
    """A supervisor whose own conduct the case is about: the office hears instead."""

    def one_and_the_same(session: Session) -> None:
        supervisor, case = session.get_one(Member, town.supervisor), session.get_one(Case, town.case)
        also = NewMember("王强", Role.subject, person_id=case.person_id)
        people.grant(session, supervisor, also, now=NOW, actor=None)

    lane.run_now(one_and_the_same)
    assert told(lane, town, "2026-11-25") == {"officer", "staff"}
    with pytest.raises(NotFound):
        acts(lane, town.supervisor, visits.chase, town.visit)


def test_who_was_recused_while_the_notice_waited(lane: Lane, town: Town) -> None:
    """What is queued is looked at again when it is sent: `may_hear` says no by then."""
    told(lane, town, "2026-11-25")
    recuse(lane, town, town.supervisor)

    def hears(session: Session, who: int) -> bool:
        actor = make.actor(session, session.get_one(Member, who))
        return may_hear(session, actor, session.get_one(Visit, town.visit), MONDAY)

    assert not lane.run_now(lambda session: hears(session, town.supervisor))
    assert lane.run_now(lambda session: hears(session, town.staff))


# --- the doors -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["officer", "staff", "leader"])
def test_a_case_one_keeps_out_of_is_not_there(lane: Lane, town: Town, second: int, who: str) -> None:
    by = town.staff if who == "leader" else town.leader
    acts(lane, by, recusals.recuse, town.case, getattr(town, who), None)

    def unit(session: Session) -> None:
        actor = make.actor(session, session.get_one(Member, getattr(town, who)))
        code = session.get_one(Case, town.case).code
        with pytest.raises(NotFound):
            access_case(session, actor, town.case)
        with pytest.raises(NotFound):
            access_visit(session, actor, town.visit, to="record", today=MONDAY)
        with pytest.raises(NotFound):
            access_case_to_record(session, actor, town.case, today=MONDAY)
        assert not may_direct(session, actor, session.get_one(Visit, town.visit), MONDAY)
        assert cases.find(session, actor, code, now=NOW).hits == ()
        assert visit_lists.due_before(session, actor, at("2026-12-24").date()) == []

    lane.run_now(unit)


def test_a_cover_who_keeps_out_covers_everything_else(lane: Lane, town: Town) -> None:
    acts(lane, town.officer, leave.take, MONDAY, MONDAY, town.colleague)
    recuse(lane, town, town.colleague)
    assert told(lane, town, "2026-11-23") == {"supervisor"}


def test_the_task_is_not_given_to_whoever_keeps_out(lane: Lane, town: Town) -> None:
    recuse(lane, town, town.colleague)
    with pytest.raises(Refused):
        acts(lane, town.supervisor, visits.reassign, town.visit, town.colleague)


def test_a_chase_of_an_officer_who_keeps_out_says_so(lane: Lane, town: Town) -> None:
    recuse(lane, town, town.officer)
    with pytest.raises(Refused, match="Nobody is there"):
        acts(lane, town.supervisor, visits.chase, town.visit)


# --- entering and ending it ------------------------------------------------------------------------------------------


def test_it_is_the_offices_to_enter(lane: Lane, town: Town) -> None:
    for who in (town.officer, town.supervisor, town.colleague):
        with pytest.raises(Refused):
            acts(lane, who, recusals.recuse, town.case, town.supervisor, None)


def test_somebody_of_the_office_has_to_remain(lane: Lane, town: Town) -> None:
    with pytest.raises(Refused, match="has to remain"):
        recuse(lane, town, town.staff)


def test_twice_is_once(lane: Lane, town: Town) -> None:
    recuse(lane, town, town.supervisor)
    with pytest.raises(Conflict):
        recuse(lane, town, town.supervisor)
    assert len(lane.run_now(lambda session: session.exec(select(Recusal)).all())) == 1


def test_the_reason_is_sealed(lane: Lane, town: Town) -> None:
    one = recuse(lane, town, town.supervisor, "系表亲")

    def unit(session: Session) -> tuple[str | None, bytes]:
        row = session.get_one(Recusal, one)
        return row.reason, row.reason_sealed or b""

    reason, sealed = lane.run_now(unit)
    assert reason == "系表亲"
    assert "系表亲".encode() not in sealed


def test_it_ends_and_is_kept(lane: Lane, town: Town, second: int) -> None:
    one = recuse(lane, town, town.staff)
    with pytest.raises(NotFound):  # nobody lets themselves in again
        acts(lane, town.staff, recusals.end, one)
    acts(lane, second, recusals.end, one)
    with pytest.raises(NotFound):
        acts(lane, second, recusals.end, one)
    assert lane.run_now(lambda session: queries.of_case(session, town.case)) == []
    recuse(lane, town, town.staff)
    verbs = lane.run_now(lambda session: [row.verb for row in session.exec(select(AuditRecord)).all()])
    assert [verb for verb in verbs if verb.startswith("recus")] == ["recused", "recusal_ended", "recused"]


def test_what_was_delivered_is_brought_up_to_date(lane: Lane, town: Town) -> None:
    told(lane, town, "2026-11-25")

    def deliver(session: Session) -> int:
        row = make.mail(session, "alert")[0]
        make.sent(session, row, now=at("2026-11-25"))
        session.add(make_item(row.id, town.visit))
        return row.id

    sent = lane.run_now(deliver)
    acts(lane, town.leader, recusals.recuse, town.case, town.supervisor, None, now=at("2026-11-25", "10:00"))
    updates = lane.run_now(lambda session: make.mail(session, "update"))
    assert [row.replaces for row in updates] == [sent]


def make_item(outbox_id: int, visit_id: int) -> Any:
    return OutboxItem(outbox_id=outbox_id, visit_id=visit_id)


def test_a_safety_call_passes_over_whoever_keeps_out(lane: Lane, town: Town, second: int) -> None:
    recuse(lane, town, town.staff)
    bind(lane, town.staff, second)

    def unit(session: Session) -> tuple[set[int], bool]:
        officer = make.actor(session, session.get_one(Member, town.officer))
        case = session.get_one(Case, town.case)
        call = safety.open_call(session, officer, case, CallSource.note, now=NOW)
        session.flush()
        staff = make.actor(session, session.get_one(Member, town.staff))
        told = {row.member_id or 0 for row in make.mail(session, "safety")}
        return told, may_know_call(session, staff, call, MONDAY)

    told_now, may_know = lane.run_now(unit)
    assert second in told_now
    assert town.staff not in told_now
    assert not may_know


def bind(lane: Lane, *members: int) -> None:
    def unit(session: Session) -> None:
        for one in members:
            member = session.get_one(Member, one)
            people.bind_address(session, member, "sandbox", f"chat-{one}", now=NOW)

    lane.run_now(unit)


def test_a_rating_of_concern_is_not_told_to_whoever_keeps_out(lane: Lane, town: Town, second: int) -> None:
    recuse(lane, town, town.staff)
    lane.run_now(lambda session: concerns.tell(session, session.get_one(Visit, town.visit), 1, now=NOW))
    assert [row.member_id for row in lane.run_now(make.mail)] == [second]


def test_nobody_of_another_county_is_asked(lane: Lane, town: Town) -> None:
    stranger = lane.run_now(lambda session: make.town(session, code="ZZ"))
    with pytest.raises(NotFound):
        acts(lane, stranger.staff, recusals.recuse, town.case, stranger.supervisor, None)
    with pytest.raises(Refused):
        acts(lane, town.leader, recusals.recuse, town.case, stranger.supervisor, None)
    assert lane.run_now(lambda session: session.exec(select(Outbox)).all()) == []
