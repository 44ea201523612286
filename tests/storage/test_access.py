"""The doors: who may see a case and act on a visit. What is not yours answers as if it were not there."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from sqlmodel import Session

from casework import notes, people
from casework.people import NewMember
from locales.phrase import Reader
from storage.errors import NotFound, Refused
from storage.lane import Lane
from storage.queries.access import Actor, access_case, access_visit, actor_of, require, see_visit
from storage.queries.heads import head
from storage.tables.cases import Case, CaseState
from storage.tables.counties import County
from storage.tables.members import Member, Role
from storage.tables.visits import Visit, VisitState
from tests import make
from tests.make import Town

To = Literal["record", "direct"]


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def actor(lane: Lane, town: Town, who: str) -> Actor:
    """Somebody of the town; `stranger` does the same work in another county, `both` supervises and makes visits."""

    def unit(session: Session) -> Actor:
        if who.startswith("stranger"):
            role = {"stranger": Role.care_officer, "stranger_staff": Role.commission_staff}[who]
            return make.actor(session, make.member(session, make.county(session, "ZZ"), role))
        if not hasattr(town, who):
            county = session.get_one(County, town.county)
            return make.actor(session, make.member(session, county, Role[who], name="郑华"))
        return make.actor(session, session.get_one(Member, getattr(town, who)))

    return lane.run_now(unit)


MAY_READ = {
    "officer": True,
    "colleague": False,
    "supervisor": False,  # dates and lateness, never the content
    "staff": True,
    "leader": True,
    "stranger": False,
    "stranger_staff": False,
    "unit_party_org": False,
    "stationed_group": False,
    "subject": False,
    "administrator": False,
}
MAY_RECORD = {name: name == "officer" for name in MAY_READ}
MAY_DIRECT = {name: name in ("supervisor", "staff", "leader") for name in MAY_READ}


@pytest.mark.parametrize("who", MAY_READ)
def test_who_may_see_a_case_and_act_on_its_visit(lane: Lane, town: Town, who: str) -> None:
    me = actor(lane, town, who)
    assert opens(lane, lambda s: access_case(s, me, town.case)) is MAY_READ[who]
    code = lane.run_now(lambda s: s.get_one(Case, town.case).code)
    assert opens(lane, lambda s: access_case(s, me, code)) is MAY_READ[who]
    assert opens(lane, lambda s: access_visit(s, me, town.visit, to="record")) is MAY_RECORD[who]
    assert opens(lane, lambda s: access_visit(s, me, town.visit, to="direct")) is MAY_DIRECT[who]
    seen = lane.run_now(lambda s: head(s, town.visit))
    for of in (town.visit, seen):  # by what was read before as by its id
        assert (
            opens(lane, lambda s, of=of: see_visit(s, me, of, to="record", today=make.MONDAY))
            is MAY_RECORD[who]
        )
        assert (
            opens(lane, lambda s, of=of: see_visit(s, me, of, to="direct", today=make.MONDAY))
            is MAY_DIRECT[who]
        )
        assert (
            opens(lane, lambda s, of=of: notes.about(s, me, "talk", of, today=make.MONDAY, submitting=False))
            is MAY_RECORD[who]
        )


def opens(lane: Lane, door: Any) -> bool:
    try:
        lane.run_now(door)
    except NotFound:
        return False
    return True


def answer(lane: Lane, door: Any) -> str:
    with pytest.raises(NotFound) as caught:
        lane.run_now(door)
    return caught.value.phrase.render(Reader("en", make.NOW.tzinfo, make.MONDAY))  # type: ignore[arg-type]


@pytest.mark.parametrize("who", ["colleague", "supervisor", "stranger", "subject"])
def test_not_yours_is_told_as_not_there(lane: Lane, town: Town, who: str) -> None:
    me = actor(lane, town, who)
    code = lane.run_now(lambda s: s.get_one(Case, town.case).code)
    mine = answer(lane, lambda s: access_case(s, me, code)).replace(code, "…")
    assert mine == answer(lane, lambda s: access_case(s, me, "JA-0000")).replace("JA-0000", "…")
    visit = answer(lane, lambda s: access_visit(s, me, town.visit, to="record"))
    assert visit == answer(lane, lambda s: access_visit(s, me, 4711, to="record"))
    for visit_id in (town.visit, 4711):
        assert visit == answer(
            lane, lambda s, one=visit_id: see_visit(s, me, one, to="record", today=make.MONDAY)
        )


@pytest.mark.parametrize("state", [VisitState.done, VisitState.withdrawn])
@pytest.mark.parametrize(("who", "to"), [("officer", "record"), ("supervisor", "direct")])
def test_a_visit_that_is_over_is_nobodys(lane: Lane, town: Town, state: VisitState, who: str, to: To) -> None:
    def end(session: Session) -> None:
        session.get_one(Visit, town.visit).state = state

    lane.run_now(end)
    me = actor(lane, town, who)
    assert not opens(lane, lambda s: access_visit(s, me, town.visit, to=to))
    assert not opens(lane, lambda s: see_visit(s, me, town.visit, to=to, today=make.MONDAY))


@pytest.mark.parametrize("state", [CaseState.closed, CaseState.held])
def test_a_visit_of_a_case_that_is_not_open_is_not_to_be_made(
    lane: Lane, town: Town, state: CaseState
) -> None:
    def end(session: Session) -> None:
        session.get_one(Case, town.case).state = state

    lane.run_now(end)
    for who, to in (("officer", "record"), ("supervisor", "direct")):
        me = actor(lane, town, who)
        with pytest.raises(Refused, match="No visits are arranged") as refused:
            opens(lane, lambda s, me=me, to=to: access_visit(s, me, town.visit, to=to))
        assert not isinstance(refused.value, NotFound)
        with pytest.raises(Refused, match="No visits are arranged"):
            opens(lane, lambda s, me=me, to=to: see_visit(s, me, town.visit, to=to, today=make.MONDAY))
        assert opens(lane, lambda s, me=me, to=to: access_visit(s, me, town.visit, to=to, resting=True))
    stranger = actor(lane, town, "stranger")  # to whom it is said as of any visit
    assert not opens(lane, lambda s: access_visit(s, stranger, town.visit, to="record"))


def test_nobody_directs_a_visit_of_their_own(lane: Lane, town: Town) -> None:
    def all_in_one(session: Session) -> None:
        officer = session.get_one(Member, town.officer)
        officer.supervisor_id = officer.id
        for role in (Role.supervisor, Role.commission_staff):
            people.grant(session, officer, NewMember("李敏", role), now=make.NOW, actor=None)

    lane.run_now(all_in_one)
    me = actor(lane, town, "officer")
    assert not opens(lane, lambda s: access_visit(s, me, town.visit, to="direct"))
    assert opens(lane, lambda s: access_visit(s, me, town.visit, to="record"))


def test_an_officer_who_lost_the_visit_loses_access_at_once(lane: Lane, town: Town) -> None:
    me = actor(lane, town, "officer")

    def hand_over(session: Session) -> None:
        session.get_one(Visit, town.visit).officer_id = town.colleague

    lane.run_now(hand_over)
    assert not opens(lane, lambda s: access_visit(s, me, town.visit, to="record"))


def test_an_unassigned_visit_is_directed_by_the_office(lane: Lane, town: Town) -> None:
    def unassign(session: Session) -> None:
        session.get_one(Visit, town.visit).officer_id = None

    lane.run_now(unassign)
    may = {who: actor(lane, town, who) for who in ("supervisor", "staff", "officer")}
    assert {
        who: opens(lane, lambda s, me=me: access_visit(s, me, town.visit, to="direct"))
        for who, me in may.items()
    } == {"supervisor": False, "staff": True, "officer": False}


def test_a_role_is_required_or_refused() -> None:
    me = Actor(1, 1, frozenset({Role.supervisor}), "en")
    require(me, Role.care_officer, Role.supervisor)
    with pytest.raises(Refused):
        require(me, Role.care_officer)


def test_an_actor_speaks_their_own_language_or_that_of_the_house(lane: Lane) -> None:
    def unit(session: Session) -> list[str]:
        county = make.county(session)
        theirs = make.member(session, county, language="en")
        houses = make.member(session, county, name="吴涛")
        return [actor_of(session, member, "zh_CN").language for member in (theirs, houses)]

    assert lane.run_now(unit) == ["en", "zh_CN"]
