"""The unit's opinion: asked of whoever speaks for the unit, on the ladder like a visit, and of nobody else."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from bot.channels.disclosure import Level
from casework import notes, people, recusals, visits
from casework.people import NewMember
from reminders import cadence, schedule
from reminders.ladder import Recipients
from storage.errors import NotFound, Refused
from storage.queries.access import actor_of
from storage.rulebook import Recipient
from storage.tables.cases import Case, Stage
from storage.tables.counties import County
from storage.tables.members import Member, MemberRole, Role
from storage.tables.notes import Note
from storage.tables.visits import Visit, VisitKind, VisitState
from tests.commands.world import World, at, plan

CASE = "JA-7K3Q"  # 张明 of 发改局


def speaker(world: World, key: str, name: str, unit: str = "发改局") -> int:
    """Somebody who speaks for a unit's Party organisation."""

    def add(session: Session) -> int:
        county = session.exec(select(County)).one()
        return people.add_member(
            session, county, NewMember(name, Role.unit_party_org, unit), now=at("2026-01-06")
        ).id

    world.members[key] = world.do(add)
    return world.members[key]


def opinion(world: World, due_on: str = "2026-11-20") -> int:
    return plan(world, CASE, due_on, VisitKind.unit_opinion)


def give(world: World, who: str, visit_id: int, *, safety: bool = False) -> notes.Recorded:
    def unit(session: Session) -> notes.Recorded:
        actor = actor_of(session, session.get_one(Member, world.members[who]), "en")
        answers = {"date": "2026-11-23", "unit_opinion": "表现稳定", "safety": safety, "more": []}
        data = notes.NoteData(visit_id, "unit_opinion", 1, date(2026, 11, 23), answers, safety=safety)
        return notes.record_visit(session, actor, data, now=world.now)

    return world.do(unit)


def maker(world: World, visit_id: int) -> int | None:
    return world.do(lambda session: session.get_one(Visit, visit_id).officer_id)


def test_it_is_asked_of_whoever_speaks_for_the_unit(world: World) -> None:
    speaker(world, "elsewhere", "蔡红梅", "水利局")
    first = speaker(world, "speaker", "许永康")
    assert maker(world, opinion(world)) == first


def test_opinion_lists_what_is_awaited_and_opens_the_form(world: World) -> None:
    speaker(world, "speaker", "许永康")
    assert world.asks("speaker", "意见").lines == ["No opinion of your unit is awaited at present."]
    opinion(world)
    plan(world, CASE, "2026-11-20")  # the officer's talk is none of theirs
    seen = world.asks("speaker", "/opinion")
    assert seen.lines == [
        "Your unit's opinion is awaited in 1 case:",
        "1 working day overdue | Unit's opinion | 张明 JA-7K3Q",
    ]
    assert seen.buttons == [["Give opinion 张明"]]
    assert (
        world.follows("speaker", seen, "Give opinion 张明").lines[0]
        == "Unit's opinion | 张明 JA-7K3Q | Step 1 of 4"
    )


def test_at_coded_it_names_nobody(world: World) -> None:
    speaker(world, "speaker", "许永康")
    opinion(world)
    seen = world.asks("speaker", "/opinion", Level.coded)
    assert "张明" not in seen.text + str(seen.buttons)
    assert seen.buttons == [["Give opinion JA-7K3Q"]]


def test_anybody_who_speaks_for_the_unit_may_give_it_and_nobody_else(world: World) -> None:
    speaker(world, "speaker", "许永康")
    speaker(world, "deputy", "方敏")
    speaker(world, "elsewhere", "蔡红梅", "水利局")
    visit_id = opinion(world)
    for who in ("elsewhere", "unit", "officer", "staff", "boss", "leader"):
        with pytest.raises(NotFound):
            give(world, who, visit_id)
        with pytest.raises((NotFound, Refused)):
            world.taps(who, "record", visit=visit_id)
    assert world.asks("elsewhere", "/opinion").lines == ["No opinion of your unit is awaited at present."]
    give(world, "deputy", visit_id)
    kept = world.do(lambda session: session.exec(select(Note)).one())
    assert (kept.author_id, kept.kind) == (world.members["deputy"], VisitKind.unit_opinion)


def test_the_person_concerned_never_speaks_for_their_own_unit(world: World) -> None:
    themselves = speaker(world, "themselves", "张明")

    def concerned(session: Session) -> None:
        case = session.get_one(Case, world.cases[CASE])
        member = session.get_one(Member, themselves)
        session.add(
            MemberRole(
                county_id=case.county_id, member_id=member.id, role=Role.subject, person_id=case.person_id
            )
        )

    world.do(concerned)
    visit_id = opinion(world)
    assert maker(world, visit_id) is None
    assert world.asks("themselves", "/opinion").lines == ["No opinion of your unit is awaited at present."]
    with pytest.raises(NotFound):
        give(world, "themselves", visit_id)


def test_who_is_recused_leaves_it_to_the_other_one(world: World) -> None:
    first, second = speaker(world, "speaker", "许永康"), speaker(world, "deputy", "方敏")
    visit_id = opinion(world)

    def recuse(session: Session) -> None:
        staff = actor_of(session, session.get_one(Member, world.members["staff"]), "en")
        recusals.recuse(session, staff, world.cases[CASE], first, None, now=world.now)

    world.do(recuse)
    assert maker(world, visit_id) == second
    assert world.asks("speaker", "/opinion").lines == ["No opinion of your unit is awaited at present."]
    with pytest.raises(NotFound):
        give(world, "speaker", visit_id)


def test_once_given_the_next_is_planned_by_the_rulebook(world: World) -> None:
    speaker(world, "speaker", "许永康")
    recorded = give(world, "speaker", opinion(world))
    assert recorded.following is not None
    following = world.do(lambda session: session.get_one(Visit, recorded.following.id))  # type: ignore[union-attr]
    assert following.kind is VisitKind.unit_opinion
    assert 180 <= (following.due_on - date(2026, 11, 23)).days <= 190
    assert following.officer_id == world.members["speaker"]


def test_the_office_hears_where_nobody_speaks_for_the_unit(world: World) -> None:
    visit_id = opinion(world)

    def hearers(session: Session) -> list[int]:
        visit = session.get_one(Visit, visit_id)
        return Recipients(session).of(visit, Recipient.care_officer, date(2026, 11, 23))

    assert world.do(hearers) == [world.members["staff"]]
    first = speaker(world, "speaker", "许永康")
    assert maker(world, visit_id) == first, "who is added later takes over what waits"
    assert world.do(hearers) == [first]


def test_who_is_suspended_leaves_it_to_the_other_one(world: World) -> None:
    first, second = speaker(world, "speaker", "许永康"), speaker(world, "deputy", "方敏")
    visit_id = opinion(world)
    world.do(lambda session: people.suspend(session, first, now=world.now).id)
    assert maker(world, visit_id) == second
    world.do(lambda session: people.suspend(session, second, now=world.now).id)
    assert maker(world, visit_id) is None


def test_a_new_care_officer_takes_over_the_visits_and_not_the_opinion(world: World) -> None:
    first = speaker(world, "speaker", "许永康")
    talk, visit_id = plan(world, CASE, "2026-12-01"), opinion(world)

    def hand_over(session: Session) -> None:
        case = session.get_one(Case, world.cases[CASE])
        schedule.hand_over(session, case, world.members["colleague"], now=world.now, actor_id=None)

    world.do(hand_over)
    assert (maker(world, talk), maker(world, visit_id)) == (world.members["colleague"], first)


def test_only_another_speaker_can_take_it_over(world: World) -> None:
    speaker(world, "speaker", "许永康")
    second = speaker(world, "deputy", "方敏")
    visit_id = opinion(world)

    def able(session: Session) -> list[int]:
        staff = actor_of(session, session.get_one(Member, world.members["staff"]), "en")
        return [member.id for member, _ in visits.candidates(session, staff, visit_id, now=world.now)]

    assert world.do(able) == [second]


def test_a_worry_of_the_unit_opens_a_safety_call(world: World) -> None:
    speaker(world, "speaker", "许永康")
    recorded = give(world, "speaker", opinion(world), safety=True)
    assert recorded.call is not None
    assert recorded.call.officer_id == world.members["officer"]


@pytest.mark.parametrize("stage", [Stage.early_care, Stage.evaluation, Stage.observation])
def test_it_belongs_to_follow_up(world: World, stage: Stage) -> None:
    def due(session: Session) -> date | None:
        mechanism = world.context(session, "officer").mechanism
        return cadence.first_due(
            stage, VisitKind.unit_opinion, date(2026, 11, 23), mechanism.rulebook, mechanism.calendar
        )

    assert world.do(due) is None


def test_the_office_sees_for_whom_it_waits(world: World) -> None:
    speaker(world, "speaker", "许永康")
    opinion(world)
    card = world.asks("staff", f"查询 {CASE}")
    assert "Unit's opinion (1 working day overdue)" in card.text
    assert world.do(lambda s: s.exec(select(Visit)).one().state) is VisitState.planned
