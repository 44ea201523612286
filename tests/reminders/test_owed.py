"""What unit, office and officer owe besides visits, at each step of the ladder: one second before it nobody has heard,
at the moment they have, and afterwards nothing more is said."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from sqlmodel import Session

from reminders import sweep
from storage.lane import Lane
from storage.tables.cases import Case
from storage.tables.counties import County
from storage.tables.members import Member, Role
from storage.tables.visits import VisitKind
from tests import make
from tests.make import MONDAY, Town, at, told

SECOND = timedelta(seconds=1)
BEFORE_LONG = at("2026-10-26")
# moment, and the step that is told then: to the maker on the day and the day after, then up the line
CLIMB = (
    ("2026-11-12", "08:30", 0),
    ("2026-11-18", "08:30", 1),
    ("2026-11-20", "08:30", 2),
    ("2026-11-23", "14:30", 3),
    ("2026-11-24", "08:30", 4),
    ("2026-11-25", "09:00", 5),
    ("2026-11-30", "09:00", 6),
    ("2026-12-03", "09:00", 7),
    ("2026-12-10", "09:00", 8),
)
OWED = (VisitKind.unit_opinion, VisitKind.care_plan, VisitKind.review, VisitKind.contact)


def owed(lane: Lane, kind: VisitKind) -> tuple[Town, int, int]:
    """A county in which one thing of a kind is due on the Monday; its members, the row, and whose it is."""

    def unit(session: Session) -> tuple[Town, int, int]:
        town = make.town(session)
        county = session.get_one(County, town.county)
        make.member(session, county, Role.unit_party_org, name="许永康", unit="县财政局")
        make.member(session, county, Role.commission_staff, name="方敏")
        visit = make.visit(session, session.get_one(Case, town.case), MONDAY, kind, now=BEFORE_LONG)
        assert visit.officer_id is not None
        return town, visit.id, visit.officer_id

    return lane.run_now(unit)


def steps(lane: Lane, visit_id: int) -> set[int]:
    return {step for step, _ in lane.run_now(lambda session: told(session, visit_id))}


@pytest.mark.parametrize("kind", OWED)
def test_nothing_a_second_before_a_step_and_nothing_twice_after_it(lane: Lane, kind: VisitKind) -> None:
    _, visit_id, _ = owed(lane, kind)
    for day, hour, step in CLIMB:
        moment = at(day, hour)
        seen = []
        for now in (moment - SECOND, moment, moment + SECOND):
            lane.run_now(partial(sweep.one_slice, now=now))
            seen.append(step in steps(lane, visit_id))
        assert seen == [False, True, True], (kind, day, hour)
        rows = lane.run_now(lambda session: told(session, visit_id))
        assert len(rows) == len(set(rows)), "nobody twice"


@pytest.mark.parametrize("kind", OWED)
def test_each_step_is_told_to_the_next_in_line(lane: Lane, kind: VisitKind) -> None:
    town, visit_id, maker = owed(lane, kind)
    for day, hour, _ in CLIMB:
        lane.run_now(partial(sweep.one_slice, now=at(day, hour)))
    heard = lane.run_now(lambda session: told(session, visit_id))

    def name(member_id: int) -> str:
        return lane.run_now(lambda session: session.get_one(Member, member_id).name)

    by_step = {step: sorted(name(one) for at_step, one in heard if at_step == step) for step, _ in heard}
    office = ["方敏", "陈刚"] if kind is not VisitKind.review else sorted({"方敏", "陈刚"} - {name(maker)})
    second = ["王强"] if kind in (VisitKind.care_plan, VisitKind.contact) else office
    assert [by_step[step] for step in (3, 4, 5, 6, 7)] == [
        [name(maker)],
        [name(maker)],
        second,
        office,
        ["刘伟"],
    ]
    assert town.who(town.leader) == "leader"
