"""A county made by dice: people suspended or out of reach, some with two roles, visits near and far, some quiet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from sqlmodel import Session

from bot.app import House, build
from casework import leave, people
from reminders import schedule
from reminders.cadence import KINDS
from storage.clock import SandboxClock
from storage.errors import Refused
from storage.lane import Lane
from storage.queries.access import actor_of
from storage.tables.cases import Case, CaseState
from storage.tables.counties import County
from storage.tables.leaves import Leave
from storage.tables.members import Member, Role
from storage.tables.recusals import Recusal
from storage.tables.visits import Visit, VisitKind
from tests import make
from tests.conftest import settings_of

CHANNEL = "sandbox"
UNIT = "县财政局"  # where everybody here works
VISITED = (*KINDS, VisitKind.contact)
"""Every kind that the ladder knows: what officers, the unit and the office do, and that nothing was recorded."""


@dataclass
class People:
    """The member ids of each role."""

    county: int
    officers: list[int] = field(default_factory=list)
    supervisors: list[int] = field(default_factory=list)
    staff: list[int] = field(default_factory=list)
    leaders: list[int] = field(default_factory=list)
    speakers: list[int] = field(default_factory=list)
    visits: list[int] = field(default_factory=list)


def house_of(lane: Lane, url: str, now: datetime) -> House:
    """A house on a database of one's own, whose clock stands at a moment."""
    return build(settings_of(url, Path("unused.key")), lane, SandboxClock(now, standing=True))


def add(
    session: Session,
    county: County,
    role: Role,
    name: str,
    now: datetime,
    *,
    bound: bool,
    over: Member | None = None,
    unit: str | None = None,
) -> Member:
    """A member as of long before `now`, so that their first morning is still to come."""
    member = make.member(session, county, role, name=name, supervisor=over, now=now, unit=unit)
    if bound:
        people.bind_address(session, member, CHANNEL, f"{county.code}-{name}", now=now)
    return member


def made(session: Session, dice: Random, now: datetime, *, visits: int, code: str = "JA") -> People:
    """A county with `visits` visits as of `now`, of which nobody was told yet."""
    county = make.county(session, code)
    there = People(county.id)
    for n in range(2):
        there.supervisors.append(
            add(session, county, Role.supervisor, f"督{n}", now, bound=dice.random() < 0.7).id
        )
    for n in range(2):
        there.staff.append(
            add(session, county, Role.commission_staff, f"办{n}", now, bound=dice.random() < 0.8).id
        )
    there.leaders.append(add(session, county, Role.leader, "领0", now, bound=dice.random() < 0.8).id)
    for n in range(dice.randint(0, 2)):
        speaker = add(
            session, county, Role.unit_party_org, f"党{n}", now, bound=dice.random() < 0.8, unit=UNIT
        )
        there.speakers.append(speaker.id)
    for n in range(4):
        over = dice.choice([None, *there.supervisors, *there.supervisors])
        boss = session.get(Member, over) if over else None
        there.officers.append(
            add(session, county, Role.care_officer, f"责{n}", now, bound=dice.random() < 0.8, over=boss).id
        )
    _oddities(session, dice, there, now)
    _hours(session, dice, there)
    for _ in range(visits):
        there.visits.append(_visit(session, dice, county, there, now))
    return there


def go_away(session: Session, dice: Random, there: People, now: datetime, *, days: int) -> None:
    """Most of them go on leave once or twice, some officers with a cover, who may be away too."""
    for who in [*there.officers, *there.supervisors, *there.staff, *there.leaders]:
        begins = dice.randint(-3, days // 2)
        for _ in range(dice.randint(0, 2)):
            first = now.date() + timedelta(days=begins)
            last = first + timedelta(days=dice.randint(0, 6))
            begins += (last - first).days + dice.randint(1, 5)
            cover = dice.choice([one for one in there.officers if one != who])
            covered = cover if who in there.officers and dice.random() < 0.6 else None
            _leave(session, there, who, (first, last), covered, now)


def promise(session: Session, dice: Random, there: People, now: datetime) -> None:
    """Half of the visits were preceded by a note that names something to follow up, some long ago and some to come."""
    for visit_id in there.visits:
        case = session.get_one(Case, session.get_one(Visit, visit_id).case_id)
        if dice.random() < 0.5:
            make.promise(session, case, now.date() + timedelta(days=dice.randint(-20, 12)), now=now)


def _leave(
    session: Session, there: People, who: int, days: tuple[date, date], cover: int | None, now: datetime
) -> None:
    """Entered by the member, which others are told of; or, where that is refused, there all the same."""
    first, last = days
    try:
        with session.begin_nested():
            leave.take(
                session, actor_of(session, session.get_one(Member, who), "en"), first, last, cover, now=now
            )
    except Refused:
        session.add(
            Leave(
                county_id=there.county,
                member_id=who,
                cover_id=cover,
                first_on=first,
                last_on=last,
                created_at=now,
            )
        )
        session.flush()


def _hours(session: Session, dice: Random, there: People) -> None:
    """Some want to hear within hours of their own."""
    for who in [*there.officers, *there.supervisors, *there.staff, *there.leaders]:
        if dice.random() < 0.3:
            member = session.get_one(Member, who)
            member.hours_from, member.hours_until = dice.choice(
                [(time(10), time(16)), (time(9), time(12)), (time(14), time(17)), (time(6), time(7))]
            )
    session.flush()


def _oddities(session: Session, dice: Random, there: People, now: datetime) -> None:
    """Somebody is suspended, somebody has no address any more, somebody holds two roles or is their own supervisor."""
    odd = session.get_one(Member, dice.choice(there.officers))
    if dice.random() < 0.5:
        odd.supervisor_id = odd.id
    if dice.random() < 0.5:
        people.suspend(session, dice.choice([*there.supervisors, *there.staff, there.officers[0]]), now=now)
    if dice.random() < 0.5:
        also = session.get_one(Member, there.officers[1])
        people.grant(session, also, people.NewMember(also.name, Role.commission_staff), now=now, actor=None)


def _visit(session: Session, dice: Random, county: County, there: People, now: datetime) -> int:
    officer = session.get_one(Member, dice.choice(there.officers)) if dice.random() < 0.95 else None
    case = make.case(session, county, officer)
    due_on = now.date() + timedelta(days=dice.randint(-40, 100))
    planned_at = now - timedelta(days=dice.randint(0, 60), minutes=dice.randint(0, 1440))
    visit = make.visit(session, case, due_on, dice.choice(VISITED), now=planned_at)
    fate = dice.random()
    if officer is not None and fate < 0.15:
        schedule.rest(session, visit, now.date(), now=now, actor_id=officer.id)
    elif fate < 0.3:
        schedule.acknowledge(session, [visit], now=now, actor_id=there.leaders[0])
    elif fate < 0.4:
        case.state = dice.choice([CaseState.held, CaseState.closed])
    if dice.random() < 0.3:
        who = dice.choice([*there.officers, *there.supervisors, *there.staff, *there.leaders])
        session.add(
            Recusal(
                county_id=county.id, case_id=case.id, member_id=who, by_id=there.leaders[0], since=planned_at
            )
        )
    session.flush()
    return visit.id
