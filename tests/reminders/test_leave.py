"""Leave on the ladder: who hears instead, from which second, what the mornings are, and that nothing stays silent."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, select

from casework import leave, people
from casework.people import NewMember, grant
from reminders import mechanism, passing, rules, sweep
from reminders.ladder import Recipients, overseers_of
from reminders.workdays import WorkCalendar
from storage.clock import SandboxClock
from storage.lane import Lane
from storage.queries import leaves
from storage.queries import visits as visit_lists
from storage.queries.access import actor_of
from storage.rulebook import Recipient
from storage.tables.leaves import Leave
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Address, Member, Role
from storage.tables.visits import Visit
from tests import make
from tests.make import MONDAY, NOW, Town, at, told
from tests.reminders.county import house_of

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
FRIDAY = date(2026, 11, 27)
EVERYBODY = ("officer", "colleague", "supervisor", "staff", "leader")


@pytest.fixture
def town(lane: Lane) -> Town:
    mechanism.forget()
    return lane.run_now(bound_town)


def bound_town(session: Session, due_on: date = MONDAY) -> Town:
    made = make.town(session, due_on=due_on)
    for name in EVERYBODY:
        member = session.get_one(Member, getattr(made, name))
        people.bind_address(session, member, "telegram", str(member.number), now=make.LONG_AGO)
    return made


def lose(session: Session, *member_ids: int) -> None:
    """From now on no message reaches them."""
    for address in session.exec(select(Address)):
        address.unreachable_at = NOW if address.member_id in member_ids else None


def away(
    lane: Lane, who: int, first: date, last: date, cover: int | None = None, *, now: datetime | None = None
) -> int:
    def unit(session: Session) -> int:
        actor = actor_of(session, session.get_one(Member, who), "en")
        return leave.take(session, actor, first, last, cover, now=now or at(first, "07:00")).id

    return lane.run_now(unit)


def look(lane: Lane, moment: datetime) -> None:
    while lane.run_now(lambda s: sweep.one_slice(s, now=moment)):
        pass
    while lane.run_now(lambda s: sweep.one_digest_slice(s, now=moment)):
        pass


def heard(lane: Lane, town: Town) -> list[tuple[int, str]]:
    return [(step, town.who(member_id)) for step, member_id in lane.run_now(lambda s: told(s, town.visit))]


def notices(lane: Lane, *kinds: str) -> list[Outbox]:
    return [row for row in lane.run_now(make.mail) if row.kind in kinds]


# --- the ladder ------------------------------------------------------------------------------------------------------


def test_the_covers_hour(lane: Lane, town: Town) -> None:
    """Every step of the officer goes to the cover, at its own moment; those above hear when they always do."""
    away(lane, town.officer, date(2026, 11, 16), date(2026, 12, 11), town.colleague)
    look(lane, at("2026-11-12", "08:30"))
    for moment, step, who in [
        (at("2026-11-18", "08:30"), 1, "colleague"),
        (at("2026-11-20", "08:30"), 2, "colleague"),
        (at("2026-11-23", "14:30"), 3, "colleague"),
        (at("2026-11-24", "08:30"), 4, "colleague"),
        (at("2026-11-25", "09:00"), 5, "supervisor"),
        (at("2026-11-30", "09:00"), 6, "staff"),
        (at("2026-12-03", "09:00"), 7, "leader"),
    ]:
        look(lane, moment - SECOND)
        assert (step, who) not in heard(lane, town)
        look(lane, moment)
        assert heard(lane, town)[-1] == (step, who)
        look(lane, moment + SECOND)
        assert heard(lane, town)[-1] == (step, who)
    assert (0, "officer") in heard(lane, town)
    assert [step for step, who in heard(lane, town) if who == "officer"] == [0]


@pytest.mark.parametrize(
    ("first", "last", "who"),
    [
        (date(2026, 11, 21), date(2026, 11, 22), "officer"),  # over the evening before
        (date(2026, 11, 22), MONDAY, "colleague"),
        (MONDAY, MONDAY, "colleague"),
        (date(2026, 11, 24), FRIDAY, "officer"),  # begins the day after
    ],
)
def test_the_notice_of_the_day_by_the_day_of_the_leave(
    lane: Lane, town: Town, first: date, last: date, who: str
) -> None:
    away(lane, town.officer, first, last, town.colleague, now=at("2026-11-20", "17:30"))
    look(lane, at(MONDAY, "14:30"))
    assert [one for step, one in heard(lane, town) if step == 3] == [who]


def test_without_a_cover_the_supervisor_hears_from_the_due_day_on(lane: Lane, town: Town) -> None:
    away(lane, town.officer, date(2026, 11, 16), date(2026, 12, 11))
    for day in ("2026-11-18", "2026-11-20"):
        look(lane, at(day, "09:00"))
    assert heard(lane, town) == []  # of these the supervisor heard when the leave was entered
    look(lane, at(MONDAY, "14:30"))
    look(lane, at("2026-11-24", "09:00"))
    assert heard(lane, town) == [(3, "supervisor"), (4, "supervisor")]
    rows = [(row.kind, row.due_at) for row in notices(lane, "today", "alert")]
    assert rows == [("today", at(MONDAY, "14:30")), ("alert", at("2026-11-24", "09:00"))]


def test_what_falls_due_after_the_leave_waits_for_the_officer(lane: Lane, town: Town) -> None:
    away(lane, town.officer, date(2026, 11, 16), date(2026, 11, 20), town.colleague)
    look(lane, at("2026-11-18", "08:30"))
    look(lane, at("2026-11-20", "08:30"))
    assert [who for step, who in heard(lane, town) if step in (1, 2)] == []
    look(lane, at(MONDAY, "14:30"))
    assert heard(lane, town)[-1] == (3, "officer")


@pytest.mark.parametrize(
    ("absent", "who"), [({"supervisor"}, "staff"), ({"supervisor", "staff"}, "leader"), (set(), "supervisor")]
)
def test_whoever_oversees_and_is_away_is_passed_over(
    lane: Lane, town: Town, absent: set[str], who: str
) -> None:
    for name in absent:
        away(lane, getattr(town, name), MONDAY, FRIDAY)
    look(lane, at("2026-11-25", "09:00"))
    assert [one for step, one in heard(lane, town) if step == 5] == [who]


def test_rather_somebody_on_leave_than_nobody(lane: Lane, town: Town) -> None:
    for one in (town.officer, town.supervisor, town.staff, town.leader):
        away(lane, one, MONDAY, FRIDAY)
    look(lane, at("2026-11-25", "09:00"))
    assert [one for step, one in heard(lane, town) if step == 5] == ["supervisor"]
    assert "officer" not in [who for step, who in heard(lane, town) if step > 2]


def test_a_cover_who_oversees_does_not_hear_of_what_is_theirs_to_make(lane: Lane, town: Town) -> None:
    def also_supervises(session: Session) -> None:
        colleague = session.get_one(Member, town.colleague)
        grant(session, colleague, NewMember("吴涛", Role.supervisor), now=NOW, actor=None)
        session.get_one(Member, town.officer).supervisor_id = colleague.id

    lane.run_now(also_supervises)
    away(lane, town.officer, MONDAY, FRIDAY, town.colleague)
    look(lane, at("2026-11-25", "09:00"))
    assert [one for step, one in heard(lane, town) if step == 5] == ["staff"]


def test_leave_across_spring_festival_and_a_working_saturday(lane: Lane) -> None:
    """Due on Friday 13 February 2026; the 14th is a Saturday that is worked, 15 to 23 are off."""
    town = lane.run_now(lambda s: make.town(s, due_on=date(2026, 2, 13)))
    away(
        lane,
        town.officer,
        date(2026, 2, 14),
        date(2026, 2, 24),
        town.colleague,
        now=at("2026-02-13", "18:00"),
    )
    look(lane, at("2026-02-13", "14:30"))
    assert heard(lane, town)[-1] == (3, "officer")
    look(lane, at("2026-02-14", "08:30") - SECOND)
    assert heard(lane, town)[-1] == (3, "officer")
    look(lane, at("2026-02-14", "08:30"))
    assert heard(lane, town)[-1] == (4, "colleague")
    look(lane, at("2026-02-24", "09:00") - SECOND)
    assert heard(lane, town)[-1] == (4, "colleague")
    look(lane, at("2026-02-24", "09:00"))
    assert heard(lane, town)[-1] == (5, "supervisor")


# --- what waited when the leave began --------------------------------------------------------------------------------


def hand_on(lane: Lane, row: Outbox, now: datetime) -> bool:
    def unit(session: Session) -> bool:
        mine = session.get_one(Outbox, row.id)
        return passing.hand_on(
            session,
            mine,
            Recipients(session, reachable=True),
            mechanism.mechanism_of(session, mine.county_id or 0),
            now=now,
        )

    return lane.run_now(unit)


def test_a_notice_that_waits_for_somebody_who_is_away_by_then_goes_to_others(lane: Lane, town: Town) -> None:
    look(lane, at("2026-11-25", "17:30"))  # too late in the day: it waits for the next morning
    (alert,) = notices(lane, "alert")
    assert (alert.member_id, alert.due_at) == (town.supervisor, at("2026-11-26", "09:00"))
    assert not hand_on(lane, alert, at("2026-11-26", "09:00"))
    away(lane, town.supervisor, date(2026, 11, 26), FRIDAY, now=at("2026-11-25", "20:00"))
    assert not hand_on(lane, alert, at("2026-11-25", "23:59"))
    assert hand_on(lane, alert, at("2026-11-26", "09:00"))
    assert [row.member_id for row in notices(lane, "alert")] == [town.supervisor, town.staff]
    assert hand_on(lane, alert, at("2026-11-26", "09:00"))
    assert len(notices(lane, "alert")) == 2


def test_rather_somebody_on_leave_than_somebody_who_cannot_be_reached(lane: Lane, town: Town) -> None:
    look(lane, at("2026-11-25", "17:30"))
    (alert,) = notices(lane, "alert")
    away(lane, town.supervisor, date(2026, 11, 26), FRIDAY, now=at("2026-11-25", "20:00"))
    lane.run_now(lambda s: lose(s, town.staff, town.leader))
    assert not hand_on(lane, alert, at("2026-11-26", "09:00"))
    assert [row.member_id for row in notices(lane, "alert")] == [town.supervisor]


async def test_the_post_asks_for_those_who_can_be_reached(lane: Lane, database_url: str, town: Town) -> None:
    """The same as it goes out: one row, for the one who is left, and none for those whom nothing reaches."""

    def by_sandbox(session: Session) -> None:
        for address in session.exec(select(Address)):
            address.channel = "sandbox"

    lane.run_now(by_sandbox)
    look(lane, at("2026-11-25", "17:30"))
    away(lane, town.supervisor, date(2026, 11, 26), FRIDAY, now=at("2026-11-25", "20:00"))
    lane.run_now(lambda s: lose(s, town.staff, town.leader))
    house = house_of(lane, database_url, at("2026-11-25", "21:00"))
    assert isinstance(house.clock, SandboxClock)
    await house.ticker.advance(house.clock, at("2026-11-26", "09:00"))
    rows = [row for row in notices(lane, "alert") if row.state is not OutboxState.withdrawn]
    assert [(row.member_id, row.state, row.sent_at) for row in rows] == [
        (town.supervisor, OutboxState.sent, at("2026-11-26", "09:00"))
    ]


def test_where_nobody_at_all_can_be_reached_the_message_stays_and_dies_in_sight(
    lane: Lane, town: Town
) -> None:
    look(lane, at("2026-11-25", "17:30"))
    (alert,) = notices(lane, "alert")
    away(lane, town.supervisor, date(2026, 11, 26), FRIDAY, now=at("2026-11-25", "20:00"))
    lane.run_now(lambda s: lose(s, town.supervisor, town.staff, town.leader))
    assert not hand_on(lane, alert, at("2026-11-26", "09:00"))


def test_what_is_due_and_nobodys_goes_past_whoever_cannot_be_reached(lane: Lane, town: Town) -> None:
    away(lane, town.officer, MONDAY, FRIDAY)
    look(lane, at(MONDAY, "14:30"))
    (row,) = notices(lane, "today")
    assert row.member_id == town.supervisor
    lane.run_now(lambda s: lose(s, town.supervisor))
    for _ in range(2):
        lane.run_now(lambda s: _pass_on(s, row, at(MONDAY, "14:31")))
    assert [one.member_id for one in notices(lane, "today")] == [town.supervisor, town.staff]
    assert notices(lane, "absent") == [], "it was not theirs to make"


def test_the_end_of_a_leave_reaches_each_of_them_once(lane: Lane, town: Town) -> None:
    taken = away(lane, town.officer, MONDAY, FRIDAY, town.colleague)
    actor = lane.run_now(lambda s: actor_of(s, s.get_one(Member, town.officer), "en"))
    lane.run_now(lambda s: leave.withdraw(s, actor, taken, now=at("2026-11-24", "10:00")))
    rows = notices(lane, "leave_off")
    assert [row.member_id for row in rows] == [town.supervisor, town.colleague]
    lane.run_now(lambda s: _pass_on(s, rows[1], at("2026-11-24", "10:01")))
    assert len(notices(lane, "leave_off")) == 2
    lane.run_now(lambda s: lose(s, town.supervisor))
    for row in rows:
        lane.run_now(lambda s, row=row: _pass_on(s, row, at("2026-11-24", "10:02")))  # type: ignore[misc]
    assert [row.member_id for row in notices(lane, "leave_off")][2:] == [town.staff]


def _pass_on(session: Session, row: Outbox, now: datetime) -> None:
    passing.pass_on(session, row, mechanism.mechanism_of(session, row.county_id or 0), now=now)


def test_a_digest_that_waits_is_told_by_the_first_morning_back(lane: Lane, town: Town) -> None:
    look(lane, at(MONDAY, "08:30"))
    digest = next(row for row in notices(lane, "digest") if row.member_id == town.officer)
    away(lane, town.officer, MONDAY, FRIDAY, now=at(MONDAY, "08:31"))
    assert hand_on(lane, digest, at(MONDAY, "08:32"))


# --- mornings --------------------------------------------------------------------------------------------------------


def mornings(lane: Lane, member_id: int) -> list[date | None]:
    return [row.day for row in notices(lane, "digest") if row.member_id == member_id]


def from_monday(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> None:
        for one in (town.officer, town.colleague):
            session.get_one(Member, one).digest_at = at(MONDAY, "08:30")

    lane.run_now(unit)


def test_no_morning_on_leave_and_one_on_the_first_day_back(lane: Lane, town: Town) -> None:
    from_monday(lane, town)
    away(lane, town.officer, date(2026, 11, 24), date(2026, 11, 29), town.colleague, now=at(MONDAY, "12:00"))
    for n in range(9):
        look(lane, at(MONDAY + DAY * n, "08:30"))
    assert mornings(lane, town.officer) == [MONDAY, date(2026, 11, 30), date(2026, 12, 1)]
    assert mornings(lane, town.colleague) == [MONDAY + DAY * n for n in (0, 1, 2, 3, 4, 7, 8)]


def test_leave_after_leave_is_one_absence(lane: Lane, town: Town) -> None:
    from_monday(lane, town)
    away(lane, town.officer, MONDAY, date(2026, 11, 24))
    away(lane, town.officer, date(2026, 11, 25), FRIDAY)
    for n in range(9):
        look(lane, at(MONDAY + DAY * n, "08:30"))
    assert mornings(lane, town.officer) == [date(2026, 11, 30), date(2026, 12, 1)]


def test_whoever_is_back_early_has_their_morning(lane: Lane, town: Town) -> None:
    from_monday(lane, town)
    made = away(lane, town.officer, MONDAY, FRIDAY)
    look(lane, at(MONDAY, "08:30"))

    def back(session: Session) -> None:
        actor = actor_of(session, session.get_one(Member, town.officer), "en")
        leave.withdraw(session, actor, made, now=at("2026-11-24", "10:00"))

    lane.run_now(back)
    look(lane, at("2026-11-25", "08:30"))
    assert mornings(lane, town.officer) == [date(2026, 11, 25)]


def listed(lane: Lane, member_id: int, today: date) -> int:
    return len(lane.run_now(lambda s: visit_lists.to_make(s, member_id, until=today + DAY * 30, today=today)))


def test_the_covers_list_by_the_day(lane: Lane, town: Town) -> None:
    away(lane, town.officer, date(2026, 11, 24), FRIDAY, town.colleague, now=NOW)
    expected = {23: 0, 24: 1, 27: 1, 28: 0}
    assert {n: listed(lane, town.colleague, date(2026, 11, n)) for n in expected} == expected
    assert listed(lane, town.officer, FRIDAY) == 1


# --- days that are not held against the officer --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "spared"),
    [
        ("2026-11-24", "2026-11-24", 1),
        ("2026-11-23", "2026-11-23", 0),  # the due day itself is not late
        ("2026-11-20", "2026-11-24", 1),
        ("2026-11-27", "2026-11-30", 2),  # a weekend in it
        ("2026-11-28", "2026-11-29", 0),
        ("2026-11-24", "2026-12-31", 6),  # up to today
        ("2026-12-02", "2026-12-04", 0),
    ],
)
def test_spared_days(first: str, last: str, spared: int) -> None:
    span = (date.fromisoformat(first), date.fromisoformat(last))
    assert rules.spared(MONDAY, date(2026, 12, 1), [span], WorkCalendar()) == spared


def test_lateness_itself_does_not_know_of_leave(lane: Lane, town: Town) -> None:
    away(lane, town.officer, MONDAY, FRIDAY)
    assert rules.lateness(MONDAY, FRIDAY, WorkCalendar()) == 4
    assert rules.spared(MONDAY, FRIDAY, [(MONDAY, FRIDAY)], WorkCalendar()) == 4


# --- the doors -------------------------------------------------------------------------------------------------------


def test_who_oversees_an_officer(lane: Lane, town: Town) -> None:
    def hearers(day: date) -> list[str]:
        return lane.run_now(
            lambda s: [town.who(one) for one in overseers_of(s, s.get_one(Member, town.officer), day)]
        )

    away(lane, town.supervisor, MONDAY, FRIDAY)
    assert hearers(date(2026, 11, 22)) == ["supervisor"]
    assert hearers(MONDAY) == ["staff"]
    away(lane, town.staff, FRIDAY, FRIDAY)
    assert hearers(FRIDAY) == ["leader"]
    away(lane, town.leader, FRIDAY, FRIDAY)
    assert hearers(FRIDAY) == ["supervisor"]


def test_leave_that_was_withdrawn_counts_nowhere(lane: Lane, town: Town) -> None:
    made = away(lane, town.officer, MONDAY, FRIDAY, town.colleague)

    def withdraw(session: Session) -> None:
        session.get_one(Leave, made).withdrawn_at = NOW

    lane.run_now(withdraw)
    assert lane.run_now(lambda s: leaves.running(s, town.county, MONDAY)) == {}
    assert lane.run_now(lambda s: leaves.covered_by(s, town.colleague, MONDAY)) == []
    assert lane.run_now(lambda s: leaves.overlapping(s, town.officer, MONDAY, FRIDAY)) == []
    assert lane.run_now(lambda s: leaves.concerning(s, town.colleague, MONDAY)) == []
    assert lane.run_now(lambda s: leaves.away_between(s, town.county, MONDAY, FRIDAY)) == set()


def test_recipients_remember_leave_within_a_slice(lane: Lane, town: Town) -> None:
    away(lane, town.officer, MONDAY, FRIDAY, town.colleague)

    def unit(session: Session) -> list[list[int]]:
        people, visit = Recipients(session), session.get_one(Visit, town.visit)
        return [people.of(visit, Recipient.care_officer, day) for day in (MONDAY - DAY, MONDAY, MONDAY)]

    assert lane.run_now(unit) == [[town.officer], [town.colleague], [town.colleague]]
