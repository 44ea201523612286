"""Ninety virtual days against the oracle, with visits, acts and outages by dice: who heard what, and when, is equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

import pytest
from sqlmodel import Session, col, select

from casework import people, visits
from reminders import schedule
from storage.clock import SandboxClock
from storage.lane import Lane
from storage.tables.cases import Case, CaseState
from storage.tables.counties import County
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member, Role
from storage.tables.visits import Visit
from tests import make
from tests.reminders import county, oracle
from tests.reminders.oracle import Act, Message, Oracle, Staffing

KINDS = ("digest", "today", "alert", "extended", "assigned", "taken_over")
STARTS = (
    "2026-01-28T12:00",
    "2026-03-27T12:00",
    "2026-08-24T12:00",
)  # Spring Festival, Qingming and May, National Day
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
Down = list[tuple[datetime, datetime]]


def nights(start: datetime, days: int, dice: Random) -> Down:
    first = start.replace(hour=1) + oracle.DAY
    return [(first + n * oracle.DAY, first + n * oracle.DAY + 3 * HOUR) for n in range(days)]


def whole_days(start: datetime, days: int, dice: Random) -> Down:
    began = [start + timedelta(days=n, hours=dice.randint(1, 24), minutes=7) for n in range(5, days, 10)]
    return [(gone, gone + oracle.DAY) for gone in began]


def never(start: datetime, days: int, dice: Random) -> Down:
    return []


class World:
    """The same county twice: in the database, and as the oracle sees it."""

    def __init__(self, lane: Lane, url: str, dice: Random, start: datetime, size: int) -> None:
        self.lane, self.dice, self.start = lane, dice, start
        self.house = county.house_of(lane, url, start)
        self.visits: dict[int, oracle.Visit] = {}
        self.staffing = lane.run_now(lambda session: self._found(session, size))

    def _found(self, session: Session, size: int) -> Staffing:
        place = make.county(session)

        def add(role: Role, name: str, over: Member | None = None) -> Member:
            return county.add(session, place, role, name, self.start, bound=True, over=over)

        bosses = [add(Role.supervisor, f"督{n}") for n in range(3)]
        staff = [add(Role.commission_staff, f"办{n}").id for n in range(2)]
        leaders = [add(Role.leader, "领").id]
        officers = [
            add(Role.care_officer, f"责{n}", over) for n, over in enumerate([*bosses, None, bosses[0]])
        ]
        officers[4].supervisor_id = officers[4].id  # who oversees themselves is not told about themselves
        both = people.NewMember(officers[3].name, Role.commission_staff)
        people.grant(session, officers[3], both, now=self.start, actor=None)
        people.suspend(session, bosses[2].id, now=self.start)
        self.officers = [officer.id for officer in officers]
        for _ in range(size):
            self._visit(session, self.dice.choice(officers))
        above = {officer.id: officer.supervisor_id for officer in officers}
        return Staffing(above, [*staff, officers[3].id], leaders, away={bosses[2].id})

    def _visit(self, session: Session, officer: Member) -> None:
        place = session.get_one(County, officer.county_id)
        due = self.start.date() + timedelta(days=self.dice.randint(-15, 85))
        case = make.case(session, place, officer)
        visit = make.visit(session, case, due, now=self.start)
        self.visits[visit.id] = oracle.Visit(officer.id, due, self.start)

    # --- acts --------------------------------------------------------------------------------------------------------

    def acts(self, days: int, number: int, down: Down) -> list[Act]:
        """Acts at odd minutes of office hours, never while the assistant is down."""
        found: dict[datetime, Act] = {}
        while len(found) < number:
            at = self.start + timedelta(days=self.dice.randint(0, days - 1))
            at = at.replace(
                hour=self.dice.randint(9, 16), minute=self.dice.randint(1, 29), second=len(found) % 60
            )
            if at > self.start and not any(gone <= at <= up + HOUR for gone, up in down):
                what = self.dice.choices(
                    ("record", "hold", "reschedule", "extend", "acknowledge", "note_follows", "reassign"),
                    (3, 1, 3, 3, 6, 3, 4),
                )[0]
                found[at] = Act(at, self.dice.choice(list(self.visits)), what, self._to(what, at))
        return [found[at] for at in sorted(found)]

    def _to(self, what: str, at: datetime) -> date | int | None:
        if what == "reschedule":
            return oracle.later(at.date() + timedelta(days=self.dice.randint(0, 30)), 0)
        return self.dice.choice(self.officers) if what == "reassign" else None

    def possible(self, acts: list[Act]) -> list[Act]:
        """The acts that can be done: the visit is open, and nobody is given what they have."""
        gone: set[int] = set()
        officer = {number: visit.officer for number, visit in self.visits.items()}
        found = []
        for act in acts:
            if act.visit in gone or (act.what == "reassign" and act.to == officer[act.visit]):
                continue
            if act.what in ("record", "hold"):
                gone.add(act.visit)
            if act.what == "reassign" and isinstance(act.to, int):
                officer[act.visit] = act.to
            found.append(act)
        return found

    def do(self, session: Session, act: Act) -> None:
        visit = session.get_one(Visit, act.visit)
        leader = make.actor(session, session.get_one(Member, self.staffing.leaders[0]))
        assert visit.officer_id is not None
        officer = make.actor(session, session.get_one(Member, visit.officer_id))
        deeds: dict[str, Callable[[], object]] = {
            "record": lambda: schedule.finish(
                session, visit, act.at.date(), now=act.at, actor_id=officer.member_id
            ),
            "hold": lambda: setattr(session.get_one(Case, visit.case_id), "state", CaseState.held),
            "reschedule": lambda: visits.reschedule(
                session, officer, visit.id, _day(act.to), "有事", now=act.at
            ),
            "extend": lambda: visits.extend(session, leader, visit.id, now=act.at),
            "acknowledge": lambda: visits.acknowledge(session, leader, [visit.id], now=act.at),
            "note_follows": lambda: visits.note_follows(session, officer, visit.id, now=act.at),
            "reassign": lambda: self._reassign(session, leader.member_id, visit, act),
        }
        deeds[act.what]()

    def _reassign(self, session: Session, leader: int, visit: Visit, act: Act) -> None:
        """By its own steps: who may take over whose visit is another matter."""
        before = visit.officer_id
        assert isinstance(act.to, int)
        schedule.reassign(session, visit, act.to, now=act.at, actor_id=leader)
        session.flush()
        visits._inform(session, visit, "assigned", now=act.at)
        visits._inform(session, visit, "taken_over", now=act.at, member_id=before)

    # --- time passes -------------------------------------------------------------------------------------------------

    async def live(self, days: int, acts: list[Act], down: Down) -> Counter[Message]:
        clock = self.house.clock
        assert isinstance(clock, SandboxClock)
        doing: list[tuple[datetime, Act | datetime]] = [*((a.at, a) for a in acts), *down]
        for at, what in sorted(doing, key=lambda found: found[0]):
            if isinstance(what, Act):
                await self.house.ticker.advance(clock, at)
                await self.lane.run(lambda session, act=what: self.do(session, act))  # type: ignore[misc]
                await self.house.ticker.deliver_now()
            else:
                await self.house.ticker.advance(clock, at - SECOND)
                clock.move_to(what)
                await self.house.ticker.advance(clock, what)
        await self.house.ticker.advance(clock, self.start + timedelta(days=days))
        return self.lane.run_now(lambda session: _heard(session, self.start))


def _day(to: date | int | None) -> date:
    assert isinstance(to, date)
    return to


def _heard(session: Session, start: datetime) -> Counter[Message]:
    query = select(Outbox).where(Outbox.state == OutboxState.sent, col(Outbox.kind).in_(KINDS))
    found: Counter[Message] = Counter()
    for row in session.exec(query).all():
        assert row.member_id is not None
        assert row.sent_at is not None
        found[row.member_id, row.kind, row.sent_at.astimezone(start.tzinfo)] += 1
    return found


async def agree(
    lane: Lane, url: str, seed: int, outages: Callable[[datetime, int, Random], Down], *, days: int, size: int
) -> set[Message]:
    dice = Random(seed)
    start = datetime.fromisoformat(f"{STARTS[seed % len(STARTS)]}+08:00")
    world = World(lane, url, dice, start, size)
    down = outages(start, days, dice)
    acts = world.possible(world.acts(days, 2 * size, down))
    expected = Oracle(world.staffing, world.visits, down).live(start, start + timedelta(days=days), acts)
    heard = await world.live(days, acts, down)
    assert {kind for _, kind, _ in heard} >= {"digest", "today", "alert"}
    assert sorted(set(heard) - expected) == [], "told, and should not have been"
    assert sorted(expected - set(heard)) == [], "should have been told, and was not"
    assert [message for message, times in heard.items() if times > 1] == [], "told twice"
    return expected


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_ninety_days(lane: Lane, database_url: str) -> None:
    assert len(await agree(lane, database_url, 3, whole_days, days=90, size=5)) > 60


@ON_SQLITE
@pytest.mark.parametrize(("seed", "outages"), [(1, never), (2, nights)])
async def test_a_month(lane: Lane, database_url: str, seed: int, outages: Callable[..., Down]) -> None:
    assert len(await agree(lane, database_url, seed, outages, days=30, size=10)) > 40


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10, 16))
@pytest.mark.parametrize("outages", [never, nights, whole_days])
async def test_ninety_days_of_many(
    lane: Lane, database_url: str, seed: int, outages: Callable[..., Down]
) -> None:
    assert len(await agree(lane, database_url, seed, outages, days=90, size=40)) > 300
