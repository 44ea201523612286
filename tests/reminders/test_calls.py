"""The safety call in the database: who is told in which round, once, and who is told instead."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from bot.app import House
from casework import people, rulebooks, safety
from reminders import calls, passing, schedule, sweep
from reminders.mechanism import mechanism_of
from storage.clock import SandboxClock
from storage.errors import NotFound
from storage.lane import Lane
from storage.queries.access import access_call, actor_of
from storage.tables.audit import AuditRecord
from storage.tables.calls import CallSource, SafetyCall, SafetyTold
from storage.tables.cases import Case, CaseState
from storage.tables.counties import County
from storage.tables.leaves import Leave
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Address, Member, MemberState, Role
from tests import make
from tests.make import Town, at
from tests.reminders.county import house_of

NIGHT = at("2026-10-01", "23:40")  # a holiday
HALF, HOUR = timedelta(minutes=30), timedelta(hours=1)
NEAR, ALL = ["staff", "supervisor"], ["leader", "officer", "staff", "supervisor"]


@pytest.fixture
def town(lane: Lane) -> Town:
    def unit(session: Session) -> Town:
        made = make.town(session, due_on=date(2026, 12, 1))
        for name in ("officer", "colleague", "supervisor", "staff", "leader"):
            member = session.get_one(Member, getattr(made, name))
            people.bind_address(session, member, "sandbox", str(member.number), now=make.LONG_AGO)
        return made

    return lane.run_now(unit)


def opened(lane: Lane, town: Town, *, by: int | None = None, now: datetime = NIGHT) -> int:
    def unit(session: Session) -> int:
        who = actor_of(session, session.get_one(Member, by or town.officer), "en")
        case = session.get_one(Case, town.case)
        return safety.open_call(session, who, case, CallSource.note, now=now).id

    return lane.run_now(unit)


def look(lane: Lane, now: datetime) -> None:
    while lane.run_now(lambda session: calls.one_slice(session, now=now)):
        pass


def rounds(lane: Lane, town: Town) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for told in lane.run_now(lambda s: s.exec(select(SafetyTold)).all()):
        found.setdefault(told.round, []).append(town.who(told.member_id))
    return {number: sorted(names) for number, names in sorted(found.items())}


def act(lane: Lane, town: Town, verb: str, call: int, who: str, now: datetime) -> None:
    def unit(session: Session) -> None:
        actor = actor_of(session, session.get_one(Member, getattr(town, who)), "en")
        if verb == "take":
            safety.take(session, actor, call, now=now)
        else:
            safety.record_spoken(session, actor, call, {"how": "phone", "detail": None}, now=now)

    lane.run_now(unit)


def call_of(lane: Lane, call: int) -> SafetyCall:
    return lane.run_now(lambda s: s.get_one(SafetyCall, call))


def away(lane: Lane, town: Town, who: str, cover: int | None = None) -> None:
    def unit(session: Session) -> None:
        session.add(
            Leave(
                county_id=town.county, member_id=getattr(town, who), cover_id=cover, created_at=NIGHT,
                first_on=date(2026, 9, 30), last_on=date(2026, 10, 9),
            )
        )  # fmt: skip

    lane.run_now(unit)


def lose(lane: Lane, *members: int) -> None:
    def unit(session: Session) -> None:
        for address in session.exec(select(Address).where(col(Address.member_id).in_(members))):
            address.unreachable_at = NIGHT

    lane.run_now(unit)


# --- it climbs -------------------------------------------------------------------------------------------------------


def test_it_is_told_at_once_and_climbs_through_the_night_of_a_holiday(lane: Lane, town: Town) -> None:
    opened(lane, town)
    assert rounds(lane, town) == {1: NEAR}, "whoever opened it knows"
    look(lane, NIGHT + HALF - timedelta(seconds=1))
    assert rounds(lane, town) == {1: NEAR}
    for number, after in enumerate((HALF, HALF + HOUR, HALF + 2 * HOUR), start=2):
        look(lane, NIGHT + after)
        look(lane, NIGHT + after)  # a second tick of the same moment
        assert rounds(lane, town)[number] == ALL
        assert len(rounds(lane, town)) == number
    rows = lane.run_now(lambda s: make.mail(s, "safety"))
    assert {row.due_at for row in rows} == {NIGHT, *(NIGHT + HALF + n * HOUR for n in range(3))}


@pytest.mark.parametrize("state", [CaseState.held, CaseState.closed])
def test_neither_a_held_nor_a_closed_case_silences_it(lane: Lane, town: Town, state: CaseState) -> None:
    opened(lane, town)

    def end(session: Session) -> None:
        session.get_one(Case, town.case).state = state

    lane.run_now(end)
    look(lane, NIGHT + HALF)
    assert rounds(lane, town) == {1: NEAR, 2: ALL}


def test_after_an_outage_everybody_hears_once(lane: Lane, town: Town) -> None:
    opened(lane, town)
    look(lane, NIGHT + timedelta(days=2))
    look(lane, NIGHT + timedelta(days=2, seconds=5))
    assert rounds(lane, town) == {1: NEAR, 2: ALL}


def test_a_fresh_reason_joins_the_call_and_ends_its_rest(lane: Lane, town: Town) -> None:
    call = opened(lane, town)
    act(lane, town, "take", call, "staff", NIGHT + timedelta(minutes=5))
    assert opened(lane, town, by=town.staff, now=NIGHT + timedelta(minutes=10)) == call
    assert rounds(lane, town)[2] == ["officer", "staff", "supervisor"]
    found = call_of(lane, call)
    assert (found.taken_by, found.next_look_at) == (None, NIGHT + HALF)


# --- who is told instead ---------------------------------------------------------------------------------------------


def test_whoever_is_on_leave_is_passed_over_and_the_cover_hears(lane: Lane, town: Town) -> None:
    away(lane, town, "officer", cover=town.colleague)
    away(lane, town, "staff")
    opened(lane, town, by=town.supervisor)
    assert rounds(lane, town) == {1: ["colleague", "leader"]}


def test_where_everybody_is_on_leave_they_hear_all_the_same(lane: Lane, town: Town) -> None:
    for who in ("officer", "supervisor", "staff", "leader"):
        away(lane, town, who)
    opened(lane, town)
    assert rounds(lane, town)[1] == NEAR


def test_whoever_cannot_be_reached_is_passed_over(lane: Lane, town: Town) -> None:
    lose(lane, town.staff, town.supervisor)
    opened(lane, town)
    assert rounds(lane, town) == {1: ["leader"]}


def test_where_nobody_can_be_reached_the_administrators_hear_that_somebody_has_to_be_told(
    lane: Lane, town: Town
) -> None:
    def administrator(session: Session) -> int:
        new = make.member(session, session.get_one(County, town.county), Role.administrator, name="管理")
        people.bind_address(session, new, "sandbox", "admin", now=make.LONG_AGO)
        return new.id

    number = lane.run_now(administrator)
    lose(lane, town.officer, town.staff, town.supervisor, town.leader)
    opened(lane, town)
    look(lane, NIGHT + HALF)
    told = lane.run_now(lambda s: make.mail(s, "safety_unheard"))
    assert [row.member_id for row in told] == [number, number], "in every round"


def pass_on(lane: Lane, who: int, now: datetime, *, times: int = 1) -> None:
    def unit(session: Session) -> None:
        query = select(Outbox).where(Outbox.kind == "safety", Outbox.member_id == who)
        row = session.exec(query.order_by(col(Outbox.id).desc())).first()
        assert row is not None
        for _ in range(times):
            passing.pass_on(session, row, mechanism_of(session, row.county_id or 0), now=now)

    lane.run_now(unit)


def test_a_message_that_found_nobody_goes_to_whoever_is_left(lane: Lane, town: Town) -> None:
    opened(lane, town)
    lose(lane, town.staff)
    pass_on(lane, town.staff, NIGHT, times=2)
    assert rounds(lane, town) == {1: ["leader", *NEAR]}


def test_of_a_call_that_is_closed_nobody_hears_instead(lane: Lane, town: Town) -> None:
    call = opened(lane, town)
    act(lane, town, "close", call, "officer", NIGHT)
    pass_on(lane, town.staff, NIGHT)
    assert rounds(lane, town) == {1: NEAR}


# --- taken, and closed -----------------------------------------------------------------------------------------------


def test_who_takes_it_gains_a_rest_once_a_round_and_ends_nothing(lane: Lane, town: Town) -> None:
    call = opened(lane, town)
    for minute, who in ((5, "staff"), (50, "supervisor"), (55, "staff")):
        act(lane, town, "take", call, who, NIGHT + timedelta(minutes=minute))
    rest = NIGHT + timedelta(minutes=65)
    assert call_of(lane, call).next_look_at == rest, "no rest on top of a rest"
    taken = {(town.who(row.member_id or 0)) for row in lane.run_now(lambda s: make.mail(s, "safety_taken"))}
    assert taken == {"staff", "supervisor"}, "each hears of the other"
    look(lane, rest - timedelta(seconds=1))
    assert len(rounds(lane, town)) == 1
    look(lane, rest)
    assert rounds(lane, town)[2] == ALL
    act(lane, town, "take", call, "staff", rest + timedelta(minutes=50))
    assert call_of(lane, call).next_look_at == rest + timedelta(minutes=110)


def test_the_first_record_ends_it_and_the_second_is_told_so(lane: Lane, town: Town) -> None:
    call = opened(lane, town)
    act(lane, town, "close", call, "supervisor", NIGHT + timedelta(minutes=9))
    with pytest.raises(NotFound):
        act(lane, town, "close", call, "staff", NIGHT + timedelta(minutes=9))
    with pytest.raises(NotFound):
        act(lane, town, "take", call, "staff", NIGHT + timedelta(minutes=9))
    found = call_of(lane, call)
    assert (found.closed_by, found.next_look_at) == (town.supervisor, None)
    assert found.outcome == {"how": "phone"}
    look(lane, NIGHT + timedelta(days=3))
    assert len(rounds(lane, town)) == 1
    verbs = lane.run_now(lambda s: [row.verb for row in s.exec(select(AuditRecord)).all()])
    assert [verb for verb in verbs if verb.startswith("safety")] == [
        "safety_call_opened",
        "safety_call_closed",
    ]
    assert opened(lane, town) != call, "a new reason is a new call"


def on_its_way(session: Session) -> None:
    """The newest message is with the vendor, and nobody knows yet that it arrived."""
    make.mail(session, "safety")[-1].state = OutboxState.sending


def test_the_newest_message_of_each_is_brought_up_to_date(lane: Lane, town: Town) -> None:
    call = opened(lane, town)
    look(lane, NIGHT + HALF)

    def all_sent(session: Session) -> None:
        for row in make.mail(session, "safety"):
            make.sent(session, row, now=NIGHT + HALF)

    lane.run_now(all_sent)
    lane.run_now(on_its_way)
    act(lane, town, "take", call, "staff", NIGHT + HALF)
    assert len(lane.run_now(lambda s: make.mail(s, "update"))) == 4, "the newest of each"
    act(lane, town, "close", call, "staff", NIGHT + HALF)
    assert len(lane.run_now(lambda s: make.mail(s, "update"))) == 4, "those wait already"


def test_what_told_of_it_before_becomes_a_line_once_the_next_is_told(lane: Lane, town: Town) -> None:
    opened(lane, town)

    def all_sent(session: Session) -> list[int]:
        rows = make.mail(session, "safety")
        for row in rows:
            make.sent(session, row, now=NIGHT)
        return [row.id for row in rows]

    first = lane.run_now(all_sent)
    look(lane, NIGHT + HALF)
    updates = lane.run_now(lambda s: [(row.id, row.replaces) for row in make.mail(s, "update")])
    newer = {
        row.member_id: row.id for row in lane.run_now(lambda s: make.mail(s, "safety")) if row.id not in first
    }
    assert {replaced for _, replaced in updates} == set(first)
    assert all(at > min(newer.values()) for at, _ in updates), "each behind what tells of it now"


def test_what_waits_is_withdrawn_once_it_is_over_or_something_newer_is_told(lane: Lane, town: Town) -> None:
    call = opened(lane, town)

    def stands(session: Session) -> list[bool]:
        mechanism = mechanism_of(session, town.county)
        reader = actor_of(session, session.get_one(Member, town.staff), "en")
        rows = [row for row in make.mail(session, "safety") if row.member_id == town.staff]
        return [passing.stands(session, row, reader, mechanism, now=NIGHT) for row in rows]

    assert lane.run_now(stands) == [True]
    look(lane, NIGHT + HALF)
    assert lane.run_now(stands) == [False, True], "after an outage the newest only"
    act(lane, town, "close", call, "officer", NIGHT + HALF)
    assert lane.run_now(stands) == [False, False]


# --- the door --------------------------------------------------------------------------------------------------------


def test_who_may_know_of_it(lane: Lane, town: Town) -> None:
    call = opened(lane, town)

    def unit(session: Session) -> list[str]:
        county = session.get_one(County, town.county)
        other = make.town(session, code="PX")
        outsiders = {
            "colleague": town.colleague,
            "other boss": make.member(session, county, Role.supervisor, name="何静").id,
            "administrator": make.member(session, county, Role.administrator, name="管理").id,
            "subject": make.member(session, county, Role.subject, name="张明").id,
            "other county": other.staff,
        }
        insiders = {name: getattr(town, name) for name in ALL}
        let_in = []
        for name, member in (insiders | outsiders).items():
            try:
                who = actor_of(session, session.get_one(Member, member), "en")
                access_call(session, who, call, today=date(2026, 10, 1))
            except NotFound:
                continue
            let_in.append(name)
        return let_in

    assert lane.run_now(unit) == ALL


def test_the_next_care_officer_of_the_case_hears_and_a_suspended_one_does_not(lane: Lane, town: Town) -> None:
    opened(lane, town)

    def hand_over(session: Session) -> None:
        case = session.get_one(Case, town.case)
        schedule.hand_over(session, case, town.colleague, now=NIGHT, actor_id=None)
        session.get_one(Member, town.supervisor).state = MemberState.suspended

    lane.run_now(hand_over)
    look(lane, NIGHT + HALF)
    assert rounds(lane, town)[2] == ["colleague", "leader", "staff"]


# --- other rules, and time -------------------------------------------------------------------------------------------


def test_other_rules_hold_from_the_next_round(lane: Lane, town: Town) -> None:
    call = opened(lane, town)
    look(lane, NIGHT + HALF)

    def save(session: Session) -> None:
        county, leader = session.get_one(County, town.county), session.get_one(Member, town.leader)
        rulebooks.save(session, county, b'{"safety": {"repeat_minutes": 20}}', leader, now=NIGHT + HALF)

    lane.run_now(save)
    assert call_of(lane, call).next_look_at == NIGHT + HALF + timedelta(minutes=20)


def test_the_sandbox_clock_stops_at_its_moments(lane: Lane, town: Town) -> None:
    opened(lane, town)
    found = lane.run_now(lambda s: sweep.next_moment(s, after=NIGHT))
    assert found == NIGHT + HALF


async def test_an_idle_tick_asks_one_small_question(lane: Lane, town: Town, database_url: str) -> None:
    opened(lane, town)
    house: House = house_of(lane, database_url, NIGHT)
    assert isinstance(house.clock, SandboxClock)
    await house.ticker.advance(house.clock, NIGHT + HALF + HOUR)
    sent = [row for row in lane.run_now(lambda s: make.mail(s, "safety")) if row.state is OutboxState.sent]
    assert {row.sent_at for row in sent} == {NIGHT, NIGHT + HALF, NIGHT + HALF + HOUR}
    assert not await lane.run(lambda s: calls.one_slice(s, now=NIGHT + HALF + HOUR))
