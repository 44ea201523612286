"""When a message finds nobody, the next in line hears: of the overdue visit, of the worry, of the officer."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session, col, select

from casework import concerns, people, visits
from reminders import outbox, passing, schedule, sweep
from reminders.mechanism import mechanism_of
from storage.lane import Lane
from storage.queries.access import actor_of
from storage.tables.counties import County
from storage.tables.mail import Outbox
from storage.tables.members import Address, Member, MemberState, Role
from storage.tables.recusals import Recusal
from storage.tables.visits import Visit
from tests import make
from tests.make import Town, at

LATE = at("2026-11-25", "09:00")  # the supervisor's step
OFFICE = at("2026-11-30", "09:00")


@pytest.fixture
def town(lane: Lane) -> Town:
    def unit(session: Session) -> Town:
        made = make.town(session)
        for name in ("officer", "colleague", "supervisor", "staff", "leader"):
            member = session.get_one(Member, getattr(made, name))
            people.bind_address(session, member, "telegram", str(member.number), now=make.LONG_AGO)
            if member.digest_at is not None:
                member.digest_at = at("2026-12-01", "08:30")  # the mornings before were as they should be
        return made

    return lane.run_now(unit)


def lose(lane: Lane, *member_ids: int) -> None:
    def unit(session: Session) -> None:
        for address in session.exec(select(Address).where(col(Address.member_id).in_(member_ids))):
            address.unreachable_at = LATE

    lane.run_now(unit)


def look(lane: Lane, moment: datetime) -> None:
    while lane.run_now(lambda session: sweep.one_slice(session, now=moment)):
        pass


def pass_on(lane: Lane, kind: str, member_id: int, *, times: int = 1) -> None:
    def unit(session: Session) -> None:
        query = select(Outbox).where(Outbox.kind == kind, Outbox.member_id == member_id)
        row = session.exec(query.order_by(col(Outbox.id).desc())).first()
        assert row is not None
        mechanism = mechanism_of(session, row.county_id or 0)
        for _ in range(times):
            passing.pass_on(session, row, mechanism, now=LATE)

    lane.run_now(unit)


def hearers(lane: Lane, town: Town, kind: str) -> list[str]:
    return sorted(town.who(row.member_id or 0) for row in lane.run_now(lambda s: make.mail(s, kind)))


def test_the_alert_of_a_supervisor_who_is_gone_goes_to_the_office_once(lane: Lane, town: Town) -> None:
    look(lane, LATE)
    assert hearers(lane, town, "alert") == ["supervisor"]
    lose(lane, town.supervisor)
    pass_on(lane, "alert", town.supervisor, times=3)
    assert hearers(lane, town, "alert") == ["staff", "supervisor"]
    told = lane.run_now(lambda s: make.told(s, town.visit))
    assert [town.who(member) for step, member in told if step == 5] == ["supervisor", "staff"]


def test_whoever_cannot_be_reached_either_is_passed_over_at_once(lane: Lane, town: Town) -> None:
    """Not told in vain first: the next in line would hear a day and a half later."""
    look(lane, LATE)
    lose(lane, town.supervisor, town.staff)
    pass_on(lane, "alert", town.supervisor)
    assert hearers(lane, town, "alert") == ["leader", "supervisor"]


def test_where_nobody_of_the_office_is_left_the_leading_group_hears(lane: Lane, town: Town) -> None:
    look(lane, OFFICE)
    lose(lane, town.supervisor, town.staff)
    pass_on(lane, "alert", town.staff)
    assert "leader" in hearers(lane, town, "alert")


def test_a_visit_that_was_moved_meanwhile_is_not_passed_on(lane: Lane, town: Town) -> None:
    look(lane, LATE)
    lose(lane, town.supervisor)

    def move(session: Session) -> None:
        session.get_one(Visit, town.visit).due_on = make.MONDAY.replace(month=12)

    lane.run_now(move)
    pass_on(lane, "alert", town.supervisor)
    assert hearers(lane, town, "alert") == ["supervisor"]


def test_an_officer_who_is_gone_is_told_to_the_supervisor_once(lane: Lane, town: Town) -> None:
    look(lane, at("2026-11-23", "14:30"))
    lose(lane, town.officer)
    pass_on(lane, "today", town.officer, times=3)
    assert hearers(lane, town, "absent") == ["supervisor"]


@pytest.mark.parametrize("gone", ["unreachable", "suspended"])
def test_an_officer_whose_supervisor_is_gone_too_is_told_to_the_office(
    lane: Lane, town: Town, gone: str
) -> None:
    look(lane, at("2026-11-23", "14:30"))
    lose(lane, town.officer, *([town.supervisor] if gone == "unreachable" else []))

    def suspend(session: Session) -> None:
        session.get_one(Member, town.supervisor).state = MemberState.suspended

    if gone == "suspended":
        lane.run_now(suspend)
    pass_on(lane, "today", town.officer)
    assert hearers(lane, town, "absent") == ["staff"]


def test_worry_that_the_office_cannot_hear_goes_to_the_leading_group(lane: Lane, town: Town) -> None:
    lane.run_now(lambda s: concerns.tell(s, s.get_one(Visit, town.visit), 1, now=at("2026-11-23", "10:00")))
    assert hearers(lane, town, "concern") == ["staff"]
    lose(lane, town.staff)
    pass_on(lane, "concern", town.staff, times=2)
    assert hearers(lane, town, "concern") == ["leader", "staff"]


def test_a_worry_is_told_once_to_each_and_to_nobody_who_keeps_out(lane: Lane, town: Town) -> None:
    """A colleague of the office whom no message reaches takes nobody's place: the others have heard, or must not."""

    def unit(session: Session) -> None:
        place = session.get_one(County, town.county)
        staff = [make.member(session, place, Role.commission_staff, name=name) for name in ("赵六", "钱七")]
        for one in staff:
            people.bind_address(session, one, "telegram", one.name, now=make.LONG_AGO)
        barred = Recusal(
            county_id=place.id,
            case_id=town.case,
            member_id=staff[1].id,
            by_id=town.leader,
            since=make.LONG_AGO,
        )
        session.add(barred)
        session.flush()
        concerns.tell(session, session.get_one(Visit, town.visit), 1, now=at("2026-11-23", "10:00"))

    lane.run_now(unit)
    told = [row.member_id for row in lane.run_now(lambda s: make.mail(s, "concern"))]
    assert len(told) == 2
    lose(lane, town.staff)
    pass_on(lane, "concern", town.staff)
    assert [row.member_id for row in lane.run_now(lambda s: make.mail(s, "concern"))] == told


def test_an_answer_is_nobody_elses_business(lane: Lane, town: Town) -> None:
    def reply(session: Session) -> None:
        row = outbox.row("reply", now=LATE, county_id=town.county, member_id=town.officer, payload={})
        outbox.put(session, [row])

    lane.run_now(reply)
    lose(lane, town.officer)
    before = len(lane.run_now(make.mail))
    pass_on(lane, "reply", town.officer)
    assert len(lane.run_now(make.mail)) == before


# --- what died although its reader can be reached ---------------------------------------------------------------------


def give_up(lane: Lane, kind: str, member_id: int) -> None:
    """As a sender does when it was refused for good."""

    def unit(session: Session) -> None:
        query = select(Outbox).where(Outbox.kind == kind, Outbox.member_id == member_id)
        row = session.exec(query.order_by(col(Outbox.id).desc())).first()
        assert row is not None
        row.owner = "me"
        session.flush()
        assert not passing.give_up(session, row.id, "somebody else", "refused", now=LATE)
        assert passing.give_up(session, row.id, "me", "refused", now=LATE)

    lane.run_now(unit)


def test_an_alert_that_died_goes_to_the_next_in_line_though_its_reader_is_there(
    lane: Lane, town: Town
) -> None:
    look(lane, LATE)
    for _ in range(2):  # retried by an operator, and dead again
        give_up(lane, "alert", town.supervisor)
    assert hearers(lane, town, "alert") == ["staff", "supervisor"]


def test_a_worry_that_died_goes_past_its_reader(lane: Lane, town: Town) -> None:
    lane.run_now(lambda s: concerns.tell(s, s.get_one(Visit, town.visit), 1, now=at("2026-11-23", "10:00")))
    give_up(lane, "concern", town.staff)
    assert hearers(lane, town, "concern") == ["leader", "staff"]


def test_that_an_officers_message_died_is_told_once_a_day(lane: Lane, town: Town) -> None:
    look(lane, at("2026-11-23", "14:30"))
    for _ in range(2):
        give_up(lane, "today", town.officer)
    (row,) = lane.run_now(lambda s: make.mail(s, "absent"))
    assert town.who(row.member_id or 0) == "supervisor"
    assert outbox.payload_of(row.id, row.payload_sealed) == {"member": town.officer, "undelivered": 1}


# --- what those above read of a visit that was put off ---------------------------------------------------------------


def put_off(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> None:
        officer = actor_of(session, session.get_one(Member, town.officer), "en")
        day = at("2026-11-30").date()
        visits.reschedule(session, officer, town.visit, day, "road closed", now=at("2026-11-23", "10:00"))

    lane.run_now(unit)


def test_that_a_visit_was_put_off_goes_to_the_next_above_if_it_finds_nobody(lane: Lane, town: Town) -> None:
    put_off(lane, town)
    (row,) = lane.run_now(lambda s: make.mail(s, "moved"))
    assert row.due_at == at("2026-11-24", "08:30"), "in the morning"
    lose(lane, town.supervisor)
    for _ in range(2):
        pass_on(lane, "moved", town.supervisor)
    assert hearers(lane, town, "moved") == ["staff", "supervisor"]


def test_but_not_once_it_was_recorded(lane: Lane, town: Town) -> None:
    put_off(lane, town)
    lane.run_now(lambda s: finish(s, town))
    lose(lane, town.supervisor)
    pass_on(lane, "moved", town.supervisor)
    assert hearers(lane, town, "moved") == ["supervisor"]


def finish(session: Session, town: Town) -> None:
    visit = session.get_one(Visit, town.visit)
    schedule.finish(session, visit, at("2026-11-23").date(), now=LATE, actor_id=town.officer)
