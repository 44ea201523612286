"""The forecast is what really happens when time passes and nobody does anything."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random

import pytest
from sqlmodel import Session, col, select, update

from bot.app import House
from casework import safety, visits
from reminders import days_off, forecast, outbox, schedule
from reminders.foreseen import Notice
from storage.clock import SandboxClock
from storage.errors import NotFound, Refused
from storage.lane import Lane
from storage.queries.access import actor_of
from storage.queries.recusals import is_barred
from storage.tables.calls import CallSource
from storage.tables.cases import Case
from storage.tables.counties import County
from storage.tables.leaves import Leave
from storage.tables.mail import Outbox, OutboxItem, OutboxState
from storage.tables.matters import MatterTold
from storage.tables.members import Address, Member, Role
from storage.tables.recusals import Recusal
from storage.tables.visits import Visit, VisitKind
from tests import make
from tests.make import MONDAY, at
from tests.reminders import county
from tests.reminders.test_leave import bound_town, look

Key = tuple[str, int, int | None, datetime]  # kind, member, the officer or the call that it is about, moment
ANNOUNCED = (
    "digest", "today", "alert", "absent", "cover", "leave", "leave_off", "safety", "safety_taken", "safety_unheard",
    "confirm", "unconfirmed", "days_off", "moved", "move_asked", "chase",
)  # fmt: skip


def foreseen(lane: Lane, now: datetime, until: datetime) -> list[Notice]:
    def unit(session: Session) -> list[Notice]:
        counties = session.exec(select(County.id)).all()
        return [n for one in counties for n in forecast.forecast(session, one, now=now, until=until)]

    return lane.run_now(unit)


def promised(notices: list[Notice]) -> dict[Key, set[int]]:
    """What reaches somebody: kind, member and moment, with the visits it speaks of."""
    found = {
        (n.kind, n.member_id, n.call.id if n.call else n.about_id, n.moment): {
            *(item.visit.id for item in n.items),
            *(one.visit_id or 0 for one in n.asked),
            *(one.id for one in n.matters),
        }
        for n in notices
        if n.reached
    }
    assert len(found) == sum(n.reached for n in notices), "each message once"
    return found


def sent(lane: Lane, after: datetime) -> dict[Key, set[int]]:
    """What was delivered since, in the same form. The step of somebody who could not be reached may come as a second
    message of the same moment."""

    def unit(session: Session) -> dict[Key, set[int]]:
        found: dict[Key, set[int]] = {}
        rows = select(Outbox).where(
            Outbox.state == OutboxState.sent, col(Outbox.sent_at) >= after, col(Outbox.kind).in_(ANNOUNCED)
        )
        for row in session.exec(rows).all():
            items = [*session.exec(select(OutboxItem.visit_id).where(OutboxItem.outbox_id == row.id)).all()]
            items += session.exec(select(MatterTold.matter_id).where(MatterTold.outbox_id == row.id)).all()
            assert row.sent_at is not None
            assert row.member_id is not None
            payload = outbox.payload_of(row.id, row.payload_sealed)
            about = payload.get("member", payload.get("call", payload.get("year")))
            if "leave" in payload:
                about = session.get_one(Leave, payload["leave"]).member_id
            found.setdefault((row.kind, row.member_id, about, row.sent_at), set()).update(items)
        return found

    return lane.run_now(unit)


async def lived(house: House, days: int) -> tuple[list[Notice], dict[Key, set[int]]]:
    """Foresee, then live through it: both are the same."""
    clock = house.clock
    assert isinstance(clock, SandboxClock)
    now, until = clock.now(), clock.now() + timedelta(days=days)
    before = set(sent(house.lane, now))
    notices = foreseen(house.lane, now, until)
    assert [n.moment for n in notices] == sorted(n.moment for n in notices)
    await house.ticker.advance(clock, until)
    found = sent(house.lane, now)
    assert {key: items for key, items in found.items() if key not in before} == promised(notices)
    return notices, found


@pytest.mark.usefixtures("december")
async def test_the_demo_county_hears_what_was_foreseen(house: House) -> None:
    await house.lane.run(lambda session: days_off.watch(session, now=house.clock.now()))
    notices, _ = await lived(house, 21)
    assert len(notices) > 50
    assert {n.kind for n in notices} == {"digest", "today", "alert", "unconfirmed", "days_off"}


@pytest.mark.soak
async def test_the_demo_county_for_a_quarter(house: House) -> None:
    notices, _ = await lived(house, 90)
    assert len(notices) > 200


# --- counties made by dice -------------------------------------------------------------------------------------------

STARTS = ("2026-01-12T08:00", "2026-02-13T16:40", "2026-09-18T12:00", "2026-09-26T21:00", "2026-11-20T09:00")


async def by_dice(
    lane: Lane, url: str, seed: int, days: int, visits: int, *, leave: bool = False
) -> Counter[str]:
    dice = Random(seed)
    start = datetime.fromisoformat(f"{dice.choice(STARTS)}+08:00")

    def made(session: Session) -> None:
        there = county.made(session, dice, start, visits=visits)
        county.promise(session, Random(seed), there, start)
        if leave:
            county.go_away(session, dice, there, start, days=days)

    lane.run_now(made)
    notices, _ = await lived(county.house_of(lane, url, start), days)
    return Counter(n.kind for n in notices)


@pytest.mark.parametrize("seed", range(3))
async def test_a_county_made_by_dice(lane: Lane, database_url: str, seed: int) -> None:
    kinds = await by_dice(lane, database_url, seed, days=14, visits=14)
    assert kinds["digest"] > 5
    assert kinds["alert"] > 5


@pytest.mark.parametrize("seed", range(20, 24))
async def test_leave_and_cover_are_foreseen(lane: Lane, database_url: str, seed: int) -> None:
    kinds = await by_dice(lane, database_url, seed, days=14, visits=14, leave=True)
    assert kinds["alert"] > 5


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(200, 230))
async def test_leave_and_cover_are_foreseen_in_many_counties(
    lane: Lane, database_url: str, seed: int
) -> None:
    kinds = await by_dice(lane, database_url, seed, days=40, visits=5 + seed % 40, leave=True)
    assert kinds["alert"] > 10


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 115))
async def test_many_counties_made_by_dice(lane: Lane, database_url: str, seed: int) -> None:
    kinds = await by_dice(lane, database_url, seed, days=45, visits=5 + seed % 60)
    assert kinds["alert"] > 20


def test_what_piled_up_is_foreseen_as_the_one_message_that_it_will_be(lane: Lane) -> None:
    """Of two days in which nothing was sent."""
    town = lane.run_now(bound_town)
    for day in ("2026-11-23", "2026-11-24", "2026-11-25"):
        for hour in ("08:30", "09:00", "14:30"):
            look(lane, at(day, hour))
    evening = at("2026-11-25", "18:00")
    told = [
        (n.member_id, n.kind, n.moment) for n in foreseen(lane, evening, evening + timedelta(hours=15))
        if n.member_id in (town.officer, town.supervisor)
    ]  # fmt: skip
    assert told == [
        (town.officer, "digest", at("2026-11-26", "08:30")),
        (town.supervisor, "alert", at("2026-11-26", "09:00")),
    ]


def test_what_rests_by_now_is_not_announced(lane: Lane) -> None:
    """It waits in the outbox, and will be withdrawn when its turn comes."""
    town = lane.run_now(bound_town)
    due = at(MONDAY, "14:30")
    look(lane, at(MONDAY, "08:30"))
    lane.run_now(
        lambda s: s.execute(update(Outbox).values(state=OutboxState.sent, sent_at=at(MONDAY, "08:30")))
    )
    look(lane, due)
    later = due + timedelta(minutes=1)
    assert [n.kind for n in foreseen(lane, due, later)].count("today") == 1
    lane.run_now(
        lambda s: schedule.rest(s, s.get_one(Visit, town.visit), due.date(), now=due, actor_id=town.officer)
    )
    assert [n.kind for n in foreseen(lane, due, later)].count("today") == 0


# --- what is put off, and asked to be --------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
async def test_what_waits_for_those_above_is_foreseen(lane: Lane, database_url: str, seed: int) -> None:
    """On a Sunday officers put visits off, some once more than is theirs to do; then those above leave, keep out,
    or cannot be reached any more."""
    dice, start = Random(seed), at("2026-11-22", "10:00")

    def made(session: Session) -> None:
        there = county.made(session, dice, start, visits=16)
        for visit_id in there.visits:
            _put_off(session, session.get_one(Visit, visit_id), dice, start)
        county.go_away(session, dice, there, start, days=8)
        above = [*there.supervisors, *there.staff]
        for visit_id in dice.sample(there.visits, 4):
            case_id, who = session.get_one(Visit, visit_id).case_id, dice.choice(above)
            if not is_barred(session, who, case_id):
                by = there.leaders[0]
                barred = Recusal(
                    county_id=there.county, case_id=case_id, member_id=who, by_id=by, since=start
                )
                session.add(barred)
        lost = dice.choice(above)
        for address in session.exec(select(Address).where(Address.member_id == lost)):
            address.unreachable_at = start

    lane.run_now(made)
    notices, _ = await lived(county.house_of(lane, database_url, start), 8)
    told = [n for n in notices if n.kind in ("moved", "move_asked")]
    assert len(told) > 1, "and what was foreseen came"


def _put_off(session: Session, visit: Visit, dice: Random, now: datetime) -> None:
    """Once to three times, each a few days later."""
    for _ in range(dice.randint(1, 3) if visit.officer_id is not None else 0):
        day = max(visit.due_on, now.date()) + timedelta(days=dice.randint(1, 9))
        try:
            with session.begin_nested():
                officer = actor_of(session, session.get_one(Member, visit.officer_id), "en")
                visits.reschedule(session, officer, visit.id, day, "road closed", now=now)
        except Refused:  # no visit proper, or nobody's
            return


@pytest.mark.parametrize("seed", range(3))
async def test_whom_a_chase_of_a_sunday_reaches_is_foreseen(lane: Lane, database_url: str, seed: int) -> None:
    """Officers are chased, and by Monday some of them are away: with a cover or without."""
    dice, start = Random(seed), at("2026-11-22", "10:00")

    def made(session: Session) -> None:
        there = county.made(session, dice, start, visits=16)
        leader = actor_of(session, session.get_one(Member, there.leaders[0]), "en")
        for visit_id in there.visits:
            with suppress(NotFound, Refused):  # not theirs to direct, or nobody's
                visits.chase(session, leader, visit_id, now=start)
        colleague, *others = there.officers
        for officer, cover in zip(others, (colleague, colleague, None), strict=True):
            last = MONDAY + timedelta(days=dice.randint(0, 60))
            session.add(
                Leave(county_id=there.county, member_id=officer, cover_id=cover, first_on=MONDAY, last_on=last,
                      created_at=start)
            )  # fmt: skip

    lane.run_now(made)
    notices, _ = await lived(county.house_of(lane, database_url, start), 3)
    assert len([n for n in notices if n.kind == "chase"]) > 1, "and what was foreseen came"


# --- safety calls ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
async def test_calls_are_foreseen_at_any_hour(lane: Lane, database_url: str, seed: int) -> None:
    """Of people on leave, suspended or out of reach, with one call that nobody has looked at and one that is taken."""
    dice, start = Random(seed), at("2026-10-01", "22:10")

    def made(session: Session) -> None:
        there = county.made(session, dice, start, visits=4)
        county.go_away(session, dice, there, start, days=8)
        for number, visit_id in enumerate(there.visits[:2]):
            visit = session.get_one(Visit, visit_id)
            case, who = session.get_one(Case, visit.case_id), session.get_one(Member, there.leaders[0])
            actor = actor_of(session, who, "en")
            call = safety.open_call(session, actor, case, CallSource.office, now=start, visit=visit)
            if number:
                safety.take(session, actor, call.id, now=start)

    lane.run_now(made)
    notices, _ = await lived(county.house_of(lane, database_url, start), 8)
    hours = {n.moment.hour for n in notices if n.kind == "safety"}
    assert {1, 2, 3, 4, 5} <= hours


async def test_what_unit_and_office_owe_is_foreseen_with_whoever_hears(lane: Lane, database_url: str) -> None:
    """An opinion, a care plan, a review and a long silence, all due today: who will hear of which, and does."""
    start = at(MONDAY, "08:00")
    who: dict[int, str] = {}

    def made(session: Session) -> None:
        place = make.county(session)

        def add(role: Role, name: str, over: Member | None = None, unit: str | None = None) -> Member:
            member = county.add(session, place, role, name, start, bound=True, over=over, unit=unit)
            who[member.id] = name
            return member

        boss = add(Role.supervisor, "督")
        for role, name in (
            (Role.commission_staff, "办甲"),
            (Role.commission_staff, "办乙"),
            (Role.leader, "领"),
        ):
            add(role, name)
        add(Role.unit_party_org, "党", unit=county.UNIT)
        case = make.case(session, place, add(Role.care_officer, "责", boss))
        for kind in (VisitKind.unit_opinion, VisitKind.care_plan, VisitKind.review, VisitKind.contact):
            make.visit(session, case, MONDAY, kind, now=start - timedelta(days=30))

    lane.run_now(made)
    notices, _ = await lived(county.house_of(lane, database_url, start), 15)
    heard: dict[VisitKind, list[str]] = {}
    for notice in notices:
        if notice.kind in ("today", "alert"):
            for item in notice.items:
                heard.setdefault(item.visit.kind, []).append(f"{notice.moment:%d} {who[notice.member_id]}")
    by_officer = ["23 责", "25 督", "30 办甲", "30 办乙", "03 领"]
    assert heard == {
        VisitKind.unit_opinion: ["23 党", "25 办甲", "25 办乙", "30 办甲", "30 办乙", "03 领"],
        VisitKind.care_plan: by_officer,
        VisitKind.review: ["23 办甲", "25 办乙", "30 办乙", "03 领"],
        VisitKind.contact: by_officer,
    }
