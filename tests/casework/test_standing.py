"""Standing of a case: the order of things when it is put on hold while its messages are on their way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial

import pytest
from sqlmodel import Session, col, select

from bot.app import House
from casework import people, standing
from reminders import claiming, outbox, schedule, sweep
from reminders.outlook import outlook
from storage.clock import lease_now
from storage.errors import NotFound, Refused
from storage.lane import Lane
from storage.queries.access import access_visit
from storage.queries.standing import stopped
from storage.queries.visits import load
from storage.tables.cases import Case, CaseEventKind, CaseState
from storage.tables.counties import County
from storage.tables.mail import Outbox, OutboxItem, OutboxState
from storage.tables.members import Member
from storage.tables.recusals import Recusal
from storage.tables.visits import Visit, VisitKind, VisitState
from tests import make
from tests.make import Town, at
from tests.reminders.county import house_of

LATE = at("2026-11-25", "09:00")  # the supervisor's step


@pytest.fixture
def town(lane: Lane) -> Town:
    def unit(session: Session) -> Town:
        made = make.town(session)
        for who in ("officer", "supervisor", "staff"):
            member = session.get_one(Member, getattr(made, who))
            people.bind_address(session, member, "sandbox", who, now=make.LONG_AGO)
            if member.digest_at is not None:
                member.digest_at = at("2026-12-01", "08:30")
        return made

    return lane.run_now(unit)


@pytest.fixture
def house(lane: Lane, database_url: str, town: Town) -> House:
    return house_of(lane, database_url, LATE)


def change(session: Session, town: Town, kind: CaseEventKind, reason: str = "想一想") -> standing.Changed:
    staff = make.actor(session, session.get_one(Member, town.staff))
    return standing.change(session, staff, town.case, kind, reason, now=LATE)


def claimed(lane: Lane, owner: str = "one") -> list[int]:
    """The notices of the ladder, claimed by somebody who has not put them into words."""
    while lane.run_now(lambda session: sweep.one_slice(session, now=LATE)):
        pass
    rows = lane.run_now(
        lambda s: [row.id for row in claiming.claim(s, owner, now=LATE, real_now=lease_now())]
    )
    assert rows
    return rows


def together(lane: Lane, first: Callable[[Session], object], second: Callable[[Session], object]) -> None:
    """Both at once: the second begins while the first has done all but end its transaction."""
    done, go_on = threading.Event(), threading.Event()

    def holding(session: Session) -> None:
        first(session)
        session.flush()
        done.set()
        go_on.wait(60)

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(lane.run_now, holding)
        assert done.wait(30)
        two = pool.submit(lane.run_now, second)
        with pytest.raises(TimeoutError):
            two.result(0.5)  # it waits
        go_on.set()
        one.result(30)
        two.result(30)


def rows(lane: Lane, kind: str) -> list[Outbox]:
    return lane.run_now(lambda s: list(s.exec(select(Outbox).where(Outbox.kind == kind)).all()))


def test_a_hold_waits_for_words_that_are_being_found_and_has_them_changed(
    lane: Lane, town: Town, house: House
) -> None:
    ids = claimed(lane)
    together(
        lane,
        lambda session: house.office.pack(session, ids, "one"),
        lambda session: change(session, town, CaseEventKind.held),
    )
    (alert,) = rows(lane, "alert")
    assert alert.state is OutboxState.sending
    assert [row.replaces for row in rows(lane, "update")] == [alert.id]


def test_words_wait_for_a_hold_and_are_not_found(lane: Lane, town: Town, house: House) -> None:
    ids = claimed(lane)
    parcels: list[object] = []
    together(
        lane,
        lambda session: change(session, town, CaseEventKind.held),
        lambda session: parcels.extend(house.office.pack(session, ids, "one")),
    )
    assert parcels == []
    assert [row.state for row in rows(lane, "alert")] == [OutboxState.withdrawn]


def test_words_that_were_tried_before_are_found_anew(lane: Lane, town: Town, house: House) -> None:
    ids = claimed(lane)
    lane.run_now(lambda session: house.office.pack(session, ids, "one"))
    lane.run_now(lambda s: outbox.mark_failed(s, ids[0], "one", 1, "away", real_now=at("2020-01-01")))
    lane.run_now(lambda session: change(session, town, CaseEventKind.closed))
    again = claimed(lane, "two")
    parcels = lane.run_now(lambda session: house.office.pack(session, again, "two"))
    assert {row.kind for row in rows(lane, "alert") if row.state is OutboxState.withdrawn} == {"alert"}
    assert ids[0] not in {parcel.row_id for parcel in parcels}
    assert lane.run_now(lambda s: s.exec(select(OutboxItem)).all()) == []


def test_a_note_and_a_hold_at_once_leave_no_visit_awake(lane: Lane, town: Town) -> None:
    """The note locks the visit, then looks at the case; whoever holds the case takes them in the same order."""

    def recorded(session: Session) -> None:
        officer = make.actor(session, session.get_one(Member, town.officer))
        visit = access_visit(session, officer, town.visit, to="record")
        case = session.get_one(Case, town.case)
        schedule.finish(session, visit, LATE.date(), now=LATE, actor_id=town.officer)
        session.flush()
        schedule.plan_next(session, case, make.mechanism(session, case), now=LATE, done=visit)

    together(lane, recorded, lambda session: change(session, town, CaseEventKind.closed))
    states = lane.run_now(lambda s: [(v.state, v.next_look_at) for v in s.exec(select(Visit)).all()])
    assert sorted(state.value for state, _ in states) == ["done", "withdrawn"]
    assert {look for _, look in states} == {None}


def test_of_two_who_act_at_once_the_second_is_told(lane: Lane, town: Town) -> None:
    refused: list[str] = []

    def second(session: Session) -> None:
        with pytest.raises(NotFound) as answer:
            change(session, town, CaseEventKind.held)
        refused.append(str(answer.value))

    together(lane, lambda session: change(session, town, CaseEventKind.held), second)
    assert refused == ["This case is on hold already."]
    assert len(rows(lane, "paused")) == 1


def test_a_date_to_come_stays_and_one_that_passed_is_given_anew(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> list[tuple[VisitKind, date]]:
        case = session.get_one(Case, town.case)
        make.visit(session, case, date(2026, 12, 4), VisitKind.study_visit)
        change(session, town, CaseEventKind.held)
        assert [visit.next_look_at for visit in schedule.open_visits(session, case.id)] == [None, None]
        done = change(session, town, CaseEventKind.resumed)
        assert all(visit.next_look_at is not None for visit in done.visits)
        return [(visit.kind, visit.due_on) for visit in done.visits]

    planned = dict(lane.run_now(unit))
    assert planned[VisitKind.study_visit] == date(2026, 12, 4)
    assert planned[VisitKind.talk] == date(2027, 2, 23)  # 90 days after the 25th of November
    assert planned[VisitKind.home_visit] > LATE.date()


def test_what_falls_due_on_a_day_off_is_still_to_come_on_that_day(lane: Lane, town: Town) -> None:
    saturday = date(2026, 11, 28)

    def unit(session: Session) -> date:
        visit = session.get_one(Visit, town.visit)
        visit.due_on = saturday
        change(session, town, CaseEventKind.held)
        staff = make.actor(session, session.get_one(Member, town.staff))
        sunday = at("2026-11-29", "10:00")
        standing.change(session, staff, town.case, CaseEventKind.resumed, "好了", now=sunday)
        return visit.due_on

    assert lane.run_now(unit) == saturday


def test_an_officer_who_keeps_out_of_the_case_hears_nothing_of_its_standing(
    lane: Lane, town: Town, house: House
) -> None:
    def unit(session: Session) -> None:
        recusal = Recusal(
            county_id=town.county, case_id=town.case, member_id=town.officer, by_id=town.leader, since=LATE
        )
        session.add(recusal)
        session.flush()
        change(session, town, CaseEventKind.held)
        change(session, town, CaseEventKind.resumed)

    lane.run_now(unit)
    assert rows(lane, "paused") + rows(lane, "resumed") == []


def test_the_first_stop_counts_until_visits_go_on(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> list[CaseEventKind | None]:
        found = []
        for kind in (
            CaseEventKind.held,
            CaseEventKind.closed,
            CaseEventKind.reopened,
            CaseEventKind.closed,
        ):
            change(session, town, kind)
            stop = stopped(session, town.case)
            found.append(stop.kind if stop else None)
        return found

    held, closed = CaseEventKind.held, CaseEventKind.closed
    assert lane.run_now(unit) == [held, held, None, closed]


def test_closing_what_was_on_hold_changes_no_message_again(lane: Lane, town: Town, house: House) -> None:
    ids = claimed(lane)
    lane.run_now(lambda session: house.office.pack(session, ids, "one"))
    lane.run_now(lambda s: [outbox.mark_sent(s, one, "one", ["1"], now=LATE) for one in ids])

    def deed(session: Session, kind: CaseEventKind) -> None:
        change(session, town, kind)
        for row in session.exec(select(Outbox).where(Outbox.kind == "update")):
            row.state = OutboxState.sent

    for kind in (CaseEventKind.held, CaseEventKind.closed):
        lane.run_now(partial(deed, kind=kind))
        assert (len(rows(lane, "update")), len(rows(lane, "paused"))) == (1, 1)


def test_nothing_counts_and_nothing_is_foreseen(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> tuple[dict[int, int], int]:
        change(session, town, CaseEventKind.held)
        case = session.get_one(Case, town.case)
        ahead = outlook(session, town.county, make.mechanism(session, case), now=LATE, until=at("2027-06-01"))
        return load(session, town.county), len(ahead.visits)

    assert lane.run_now(unit) == ({}, 0)


def test_whoever_stands_in_for_the_officer_is_told(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> set[int | None]:
        session.get_one(Visit, town.visit).officer_id = town.colleague
        session.flush()
        change(session, town, CaseEventKind.closed)
        assert session.get_one(Visit, town.visit).state is VisitState.withdrawn
        told = session.exec(select(col(Outbox.member_id)).where(Outbox.kind == "paused"))
        return set(told.all())

    assert lane.run_now(unit) == {town.colleague}


# --- the doors -----------------------------------------------------------------------------------------------------

EVERY = (CaseEventKind.held, CaseEventKind.resumed, CaseEventKind.closed, CaseEventKind.reopened)
POSSIBLE = {
    CaseState.open: {CaseEventKind.held, CaseEventKind.closed},
    CaseState.held: {CaseEventKind.resumed, CaseEventKind.closed},
    CaseState.closed: {CaseEventKind.reopened},
}


@pytest.mark.parametrize("who", ["officer", "colleague", "supervisor", "leader"])
@pytest.mark.parametrize("kind", EVERY)
def test_nobody_but_the_office_opens_any_of_these_doors(
    lane: Lane, town: Town, who: str, kind: CaseEventKind
) -> None:
    def unit(session: Session) -> None:
        actor = make.actor(session, session.get_one(Member, getattr(town, who)))
        with pytest.raises((NotFound, Refused)):
            standing.change(session, actor, town.case, kind, "想一想", now=LATE)
        assert session.get_one(Case, town.case).state is CaseState.open

    lane.run_now(unit)


@pytest.mark.parametrize("state", CaseState)
@pytest.mark.parametrize("kind", EVERY)
def test_each_door_leads_from_where_it_says_and_from_nowhere_else(
    lane: Lane, town: Town, state: CaseState, kind: CaseEventKind
) -> None:
    def unit(session: Session) -> None:
        session.get_one(Case, town.case).state = state
        session.flush()
        if kind in POSSIBLE[state]:
            change(session, town, kind)
            return
        with pytest.raises(NotFound):
            change(session, town, kind)
        assert session.get_one(Case, town.case).state is state

    lane.run_now(unit)


@pytest.mark.parametrize("other", CaseState)
def test_a_person_has_one_case_at_a_time(lane: Lane, town: Town, other: CaseState) -> None:
    def unit(session: Session) -> None:
        old = session.get_one(Case, town.case)
        county, officer = session.get_one(County, town.county), session.get_one(Member, town.officer)
        make.case(session, county, officer, state=other).person_id = old.person_id
        old.state = CaseState.closed
        session.flush()
        if other is CaseState.closed:
            assert change(session, town, CaseEventKind.reopened).case.state is CaseState.open
            return
        with pytest.raises(NotFound, match="another case"):
            change(session, town, CaseEventKind.reopened)

    lane.run_now(unit)


@pytest.mark.parametrize("made", [True, False])
def test_the_note_of_a_visit_made_before_a_hold_is_still_to_come(lane: Lane, town: Town, made: bool) -> None:
    """The visit is not to be made again in months: its note has the usual time, and is waited for after it."""

    def unit(session: Session) -> Visit:
        visit = session.get_one(Visit, town.visit)
        if made:
            schedule.rest(session, visit, make.MONDAY, now=at("2026-11-24", "10:00"), actor_id=town.officer)
        change(session, town, CaseEventKind.held)
        staff = make.actor(session, session.get_one(Member, town.staff))
        on = at("2026-12-14", "10:00")
        standing.change(session, staff, town.case, CaseEventKind.resumed, "想好了", now=on)
        return visit

    visit = lane.run_now(unit)
    if not made:
        assert (visit.done_on, visit.rest_until, visit.due_on > date(2026, 12, 14)) == (None, None, True)
        return
    assert (visit.done_on, visit.due_on, visit.state) == (make.MONDAY, make.MONDAY, VisitState.planned)
    assert visit.rest_until == at("2026-12-16", "17:00")
    assert visit.next_look_at == at("2026-12-17", "09:00")
