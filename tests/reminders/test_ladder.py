"""The ladder in the database: who is told at which step, once, and who is told instead."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from casework import people
from reminders import claiming, ladder, outbox, schedule, sweep
from storage.ids import new_id
from storage.lane import Lane
from storage.tables.cases import Case, CaseState
from storage.tables.counties import County
from storage.tables.mail import Outbox, OutboxItem, OutboxState
from storage.tables.members import Member, MemberState, Role
from storage.tables.visits import Reminder, Visit, VisitKind
from tests import make
from tests.make import MONDAY, Town, at, told

SECOND = timedelta(seconds=1)

# A visit due on Monday 2026-11-23: who is told at which moment, by the calendar on the wall.
STEPS = [
    (at("2026-11-12", "08:30"), 0, {"officer"}),
    (at("2026-11-18", "08:30"), 1, {"officer"}),
    (at("2026-11-20", "08:30"), 2, {"officer"}),
    (at("2026-11-23", "14:30"), 3, {"officer"}),
    (at("2026-11-24", "08:30"), 4, {"officer"}),
    (at("2026-11-25", "09:00"), 5, {"supervisor"}),
    (at("2026-11-30", "09:00"), 6, {"staff"}),
    (at("2026-12-03", "09:00"), 7, {"leader"}),
    (at("2026-12-10", "09:00"), 8, {"supervisor", "staff", "leader"}),
    (at("2026-12-17", "09:00"), 9, {"supervisor", "staff", "leader"}),
]
DIGESTS = {0, 1, 2, 4}
LATE = at("2026-11-25", "09:00")  # the supervisor's step


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def look(lane: Lane, moment: datetime) -> None:
    """As a tick does it: the visits, then the mornings."""
    for unit in (sweep.one_slice, sweep.one_digest_slice):
        while lane.run_now(lambda session, unit=unit: unit(session, now=moment)):  # type: ignore[misc]
            pass


def heard(lane: Lane, town: Town) -> list[tuple[int, str]]:
    return [(step, town.who(member_id)) for step, member_id in lane.run_now(lambda s: told(s, town.visit))]


def test_every_step_is_told_at_its_moment_once_and_to_the_right_people(lane: Lane, town: Town) -> None:
    expected: list[tuple[int, str]] = []
    for moment, step, who in STEPS:
        look(lane, moment - SECOND)
        assert heard(lane, town) == expected, f"before step {step}"
        look(lane, moment)
        expected += [(step, name) for name in who]
        assert sorted(heard(lane, town)) == sorted(expected), f"at step {step}"
        expected = heard(lane, town)
        look(lane, moment)
        look(lane, moment + SECOND)
        assert heard(lane, town) == expected, f"after step {step}"
    reminders = lane.run_now(lambda s: s.exec(select(Reminder)).all())
    assert {found.step for found in reminders if found.outbox_id is None} == DIGESTS
    notices = [row for row in lane.run_now(make.mail) if row.kind in ("today", "alert")]
    assert len(notices) == len(reminders) - len(DIGESTS)
    assert [row.kind for row in notices].count("today") == 1


def test_after_an_outage_everyone_is_told_once(lane: Lane, town: Town) -> None:
    look(lane, at("2026-12-12", "22:00"))  # a Saturday evening, a month later
    assert sorted(heard(lane, town)) == [(4, "officer"), (8, "leader"), (8, "staff"), (8, "supervisor")]
    notices = lane.run_now(lambda s: make.mail(s, "alert"))
    assert {row.due_at for row in notices} == {at("2026-12-14", "09:00")}  # nobody is woken for it
    assert len(notices) == 3
    look(lane, at("2026-12-13", "12:00"))
    assert len(heard(lane, town)) == 4


def test_the_notice_of_the_day_is_not_made_up_for_once_it_is_over(lane: Lane, town: Town) -> None:
    look(lane, at("2026-11-23", "17:00") + SECOND)
    assert heard(lane, town) == [(2, "officer")]


# --- who is told instead ---------------------------------------------------------------------------------------------


def change(lane: Lane, member_id: int, **columns: object) -> None:
    def unit(session: Session) -> None:
        member = session.get_one(Member, member_id)
        for name, value in columns.items():
            setattr(member, name, value)

    lane.run_now(unit)


def at_step_5(lane: Lane, town: Town) -> set[str]:
    look(lane, LATE)
    return {who for step, who in heard(lane, town) if step == 5}


def test_without_a_supervisor_the_office_is_told(lane: Lane, town: Town) -> None:
    change(lane, town.officer, supervisor_id=None)
    assert at_step_5(lane, town) == {"staff"}


def test_a_suspended_supervisor_is_passed_over(lane: Lane, town: Town) -> None:
    change(lane, town.supervisor, state=MemberState.suspended)
    assert at_step_5(lane, town) == {"staff"}


def test_with_nobody_in_the_office_the_leader_is_told(lane: Lane, town: Town) -> None:
    change(lane, town.supervisor, state=MemberState.suspended)
    change(lane, town.staff, state=MemberState.suspended)
    assert at_step_5(lane, town) == {"leader"}


def test_nobody_is_told_about_themselves(lane: Lane, town: Town) -> None:
    change(lane, town.officer, supervisor_id=town.officer)
    assert at_step_5(lane, town) == {"staff"}


def test_an_officer_who_works_in_the_office_is_not_told_of_their_own_visit(lane: Lane, town: Town) -> None:
    def also_staff(session: Session) -> None:
        officer = session.get_one(Member, town.officer)
        also = people.NewMember("李敏", Role.commission_staff)
        people.grant(session, officer, also, now=make.NOW, actor=None)

    lane.run_now(also_staff)
    look(lane, at("2026-11-30", "09:00"))
    assert {who for step, who in heard(lane, town) if step == 6} == {"staff"}


def test_a_suspended_officer_hears_nothing_and_the_supervisor_hears_of_it(lane: Lane, town: Town) -> None:
    change(lane, town.officer, state=MemberState.suspended)
    look(lane, at("2026-11-20", "08:30"))
    assert {who for _, who in heard(lane, town)} == {"supervisor"}


def test_where_there_is_nobody_at_all_the_ladder_goes_on(lane: Lane, town: Town) -> None:
    for member_id in (town.officer, town.supervisor, town.staff, town.leader):
        change(lane, member_id, state=MemberState.suspended)
    look(lane, LATE)
    assert heard(lane, town) == []
    change(lane, town.staff, state=MemberState.active)
    look(lane, at("2026-11-30", "09:00"))
    assert heard(lane, town) == [(6, "staff")]


def test_an_unassigned_visit_goes_up_the_line(lane: Lane, town: Town) -> None:
    def unassign(session: Session) -> None:
        session.get_one(Visit, town.visit).officer_id = None

    lane.run_now(unassign)
    look(lane, LATE)
    assert {who for _, who in heard(lane, town)} == {"staff"}


@pytest.mark.parametrize("state", [CaseState.closed, CaseState.held])
def test_of_a_case_that_is_not_open_nobody_is_told(lane: Lane, town: Town, state: CaseState) -> None:
    def close(session: Session) -> None:
        session.get_one(Case, town.case).state = state

    lane.run_now(close)
    look(lane, at("2026-12-17", "09:00"))
    assert heard(lane, town) == []
    assert lane.run_now(lambda s: s.get_one(Visit, town.visit).next_look_at) is None


# --- notices ---------------------------------------------------------------------------------------------------------


def three_more(session: Session, town: Town) -> list[int]:
    officer, county = session.get_one(Member, town.officer), session.get_one(County, town.county)
    return [make.visit(session, make.case(session, county, officer)).id for _ in range(3)]


def test_several_visits_make_one_notice(lane: Lane, town: Town) -> None:
    lane.run_now(lambda s: three_more(s, town))
    look(lane, LATE)
    alerts = lane.run_now(lambda s: make.mail(s, "alert"))
    assert [row.member_id for row in alerts] == [town.supervisor]
    assert lane.run_now(lambda s: len(s.exec(select(Reminder).where(Reminder.step == 5)).all())) == 4


def test_a_notice_that_is_gone_is_not_reopened(lane: Lane, town: Town) -> None:
    more = lane.run_now(lambda s: three_more(s, town))

    def apart(session: Session) -> None:
        session.get_one(Visit, more[0]).next_look_at = LATE + SECOND

    look(lane, LATE - SECOND)
    lane.run_now(apart)
    look(lane, LATE)
    lane.run_now(lambda s: claiming.claim(s, "a", now=LATE, real_now=LATE))
    look(lane, LATE + SECOND)
    alerts = lane.run_now(lambda s: make.mail(s, "alert"))
    assert [row.state for row in alerts] == [OutboxState.sending, OutboxState.todo]


# --- keeping told things true ----------------------------------------------------------------------------------------


def told_in(session: Session, town: Town, kind: str = "digest", *, on: datetime = make.NOW) -> Outbox:
    """A sent message that spoke of the town's visit."""
    row = outbox.row(kind, now=on, county_id=town.county, member_id=town.officer)
    outbox.put(session, [row])
    outbox.insert_new(session, OutboxItem, [{"id": new_id(), "outbox_id": row["id"], "visit_id": town.visit}])
    found = session.get_one(Outbox, row["id"])
    make.sent(session, found, now=on)
    return found


def refresh(session: Session, town: Town, *, now: datetime = make.NOW) -> list[Outbox]:
    ladder.refresh_messages(session, session.get_one(Visit, town.visit), now=now)
    return make.mail(session, "update")


def test_a_sent_message_is_brought_up_to_date(lane: Lane, town: Town) -> None:
    message, updates = lane.run_now(lambda s: (told_in(s, town).id, refresh(s, town)))
    assert [(row.replaces, row.member_id) for row in updates] == [(message, town.officer)]


def test_several_changes_make_one_update_until_it_is_sent(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> list[int]:
        told_in(session, town)
        first = refresh(session, town)
        again = refresh(session, town)
        make.sent(session, again[0], now=make.NOW)
        return [len(first), len(again), len(refresh(session, town))]

    assert lane.run_now(unit) == [1, 1, 2]


def test_what_was_never_sent_is_old_or_told_nothing_is_left_alone(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> list[Outbox]:
        told_in(session, town).state = OutboxState.todo
        told_in(session, town, on=make.NOW - timedelta(days=31))
        told_in(session, town, kind="taken_over")
        session.flush()
        return refresh(session, town)

    assert lane.run_now(unit) == []


def test_every_change_of_a_visit_refreshes_its_messages(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> int:
        visit, case = session.get_one(Visit, town.visit), session.get_one(Case, town.case)
        told_in(session, town)
        changes: list[Callable[[], object]] = [
            lambda: schedule.rest(session, visit, make.MONDAY, now=make.NOW, actor_id=town.officer),
            lambda: schedule.acknowledge(session, [visit], now=make.NOW, actor_id=town.supervisor),
            lambda: schedule.chase(session, visit, now=make.NOW, actor_id=town.supervisor),
            lambda: schedule.reassign(session, visit, town.colleague, now=make.NOW, actor_id=town.supervisor),
            lambda: schedule.hand_over(session, case, town.officer, now=make.NOW, actor_id=None),
            lambda: schedule.finish(session, visit, MONDAY, now=make.NOW, actor_id=town.officer),
            lambda: schedule.withdraw(session, visit, now=make.NOW, actor_id=None),
        ]
        for number, change_it in enumerate(changes, start=1):
            change_it()
            session.flush()
            updates = make.mail(session, "update")
            assert len(updates) == number
            make.sent(session, updates[-1], now=make.NOW)
        return len(make.mail(session, "update"))

    assert lane.run_now(unit) == 7


def test_a_slice_is_a_slice_and_none_is_left(lane: Lane, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "SLICE", 2)
    lane.run_now(lambda s: three_more(s, town))
    worked = 0
    while lane.run_now(lambda s: sweep.one_slice(s, now=LATE)):
        worked += 1
    assert worked == 2
    left = select(Visit.id).where(col(Visit.next_look_at) <= LATE)
    assert lane.run_now(lambda s: s.exec(left).all()) == []


def test_the_kind_of_visit_makes_no_difference_to_its_ladder(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> int:
        case = session.get_one(Case, town.case)
        return make.visit(session, case, date(2026, 11, 23), VisitKind.home_visit).id

    other = lane.run_now(unit)
    look(lane, LATE)
    assert lane.run_now(lambda s: told(s, other)) == lane.run_now(lambda s: told(s, town.visit))
