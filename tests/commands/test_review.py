"""The comprehensive review (综合研判): held by the office every half year, or soon after a red rating."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, col, select

from bot.channels.disclosure import Level
from casework import notes, people, recusals
from casework.people import NewMember
from reminders import cadence, schedule
from storage.errors import NotFound, Refused
from storage.queries.access import actor_of
from storage.tables.cases import Case, Stage
from storage.tables.counties import County
from storage.tables.members import Member, Role
from storage.tables.notes import Note
from storage.tables.visits import Visit, VisitKind, VisitState
from tests.commands.test_why import deliver
from tests.commands.world import World, at, plan, record

CASE = "JA-7K3Q"
REVIEW = VisitKind.review
SAID = {
    "thinking": "思想稳定", "work": "主动担事", "correction": "整改到位", "unit_opinion": "单位认可",
    "conclusion": "adjust", "adjustments": "每月谈心一次", "safety": False, "more": [],
}  # fmt: skip


def staff(world: World, key: str = "second", name: str = "方敏") -> int:
    """One more member of the office."""

    def add(session: Session) -> int:
        county = session.exec(select(County)).one()
        return people.add_member(
            session, county, NewMember(name, Role.commission_staff), now=at("2026-01-06")
        ).id

    world.members[key] = world.do(add)
    return world.members[key]


def hold(world: World, who: str, about: int, day: str = "2026-11-23") -> notes.Recorded:
    def unit(session: Session) -> notes.Recorded:
        actor = actor_of(session, session.get_one(Member, world.members[who]), "en")
        data = notes.NoteData(about, "review", 1, date.fromisoformat(day), {"date": day, **SAID})
        return notes.record_visit(session, actor, data, now=world.now)

    return world.do(unit)


def reviews(world: World, state: VisitState = VisitState.planned) -> list[Visit]:
    query = select(Visit).where(Visit.kind == REVIEW, Visit.state == state).order_by(col(Visit.id))
    return world.do(lambda session: list(session.exec(query).all()))


def maker(world: World, visit_id: int) -> int | None:
    return world.do(lambda session: session.get_one(Visit, visit_id).officer_id)


# --- when ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", Stage)
def test_it_is_due_every_half_year_in_follow_up_alone(world: World, stage: Stage) -> None:
    def unit(session: Session) -> list[date | None]:
        mechanism = world.context(session, "officer").mechanism
        book, calendar, since = mechanism.rulebook, mechanism.calendar, date(2026, 11, 23)
        return [
            asked(stage, REVIEW, since, book, calendar) for asked in (cadence.first_due, cadence.next_due_on)
        ]

    expected = date(2027, 5, 24) if stage is Stage.follow_up else None  # 22 May is a Saturday
    assert world.do(unit) == [expected, expected]


def test_once_held_the_next_is_planned_and_what_it_says_is_kept(world: World) -> None:
    recorded = hold(world, "staff", plan(world, CASE, "2026-11-20", REVIEW))
    assert recorded.following is not None
    (following,) = reviews(world)
    assert (following.due_on, following.officer_id) == (date(2027, 5, 24), world.members["staff"])
    note = world.do(lambda session: session.exec(select(Note)).one())
    assert (note.kind, note.author_id, note.answers["adjustments"]) == (
        REVIEW,
        world.members["staff"],
        "每月谈心一次",
    )


@pytest.mark.parametrize("stage", Stage)
def test_a_red_rating_asks_for_one_within_five_working_days_in_any_stage(world: World, stage: Stage) -> None:
    def enter(session: Session) -> None:
        session.get_one(Case, world.cases[CASE]).stage = stage

    world.do(enter)
    record(world, plan(world, CASE, "2026-11-20"), "2026-11-20", "concern", basis="当面表示没有意义")
    (review,) = reviews(world)
    assert (review.due_on, review.officer_id) == (date(2026, 11, 27), world.members["staff"])


def test_one_that_waits_comes_forward_and_never_goes_back(world: World) -> None:
    waiting = plan(world, CASE, "2027-05-24", REVIEW)
    record(world, plan(world, CASE, "2026-11-20"), "2026-11-20", "concern", basis="当面表示没有意义")
    assert [(one.id, one.due_on) for one in reviews(world)] == [(waiting, date(2026, 11, 27))]
    record(world, plan(world, CASE, "2026-11-25"), "2026-11-25", "concern", basis="当面表示没有意义")
    assert [(one.id, one.due_on) for one in reviews(world)] == [(waiting, date(2026, 11, 27))]


@pytest.mark.parametrize("grade", ["settled", "stable", "unsettled", "not_rated"])
def test_no_other_rating_does(world: World, grade: str) -> None:
    record(world, plan(world, CASE, "2026-11-20"), "2026-11-20", grade)
    assert reviews(world) == []


# --- whose it is ---------------------------------------------------------------------------------------------------


def test_it_goes_to_whoever_of_the_office_has_the_fewest(world: World) -> None:
    second = staff(world)
    found = [maker(world, plan(world, code, "2026-12-01", REVIEW)) for code in (CASE, "JA-5M2X", "JA-9P4T")]
    assert found == [world.members["staff"], second, world.members["staff"]]


def test_it_never_goes_to_who_is_recused_and_leaves_them_when_they_are(world: World) -> None:
    second = staff(world)
    visit_id = plan(world, CASE, "2026-12-01", REVIEW)
    assert maker(world, visit_id) == world.members["staff"]

    def recuse(session: Session) -> None:
        leader = actor_of(session, session.get_one(Member, world.members["leader"]), "en")
        recusals.recuse(session, leader, world.cases[CASE], world.members["staff"], "亲属", now=world.now)

    world.do(recuse)
    assert maker(world, visit_id) == second
    with pytest.raises(NotFound):
        hold(world, "staff", visit_id)
    with pytest.raises(NotFound):
        hold(world, "staff", world.cases[CASE])


def test_who_is_suspended_leaves_it_to_a_colleague_and_to_whoever_comes_next(world: World) -> None:
    visit_id = plan(world, CASE, "2026-12-01", REVIEW)
    world.do(lambda session: people.suspend(session, world.members["staff"], now=world.now).id)
    assert maker(world, visit_id) is None
    second = staff(world)
    assert maker(world, visit_id) == second
    assert world.do(lambda session: session.get_one(Member, second).digest_at) is not None


def test_anybody_of_the_office_may_hold_it_and_nobody_else(world: World) -> None:
    staff(world)
    visit_id = plan(world, CASE, "2026-11-20", REVIEW)
    for who in ("officer", "colleague", "stranger", "boss", "leader", "unit"):
        with pytest.raises((NotFound, Refused)):
            hold(world, who, visit_id)
        with pytest.raises((NotFound, Refused)):
            hold(world, who, world.cases[CASE])
        with pytest.raises((NotFound, Refused)):
            world.taps(who, "record_review", id=world.cases[CASE])
    hold(world, "second", visit_id)
    (done,) = reviews(world, VisitState.done)
    assert done.id == visit_id


def test_a_new_care_officer_does_not_take_it_over(world: World) -> None:
    visit_id = plan(world, CASE, "2026-12-01", REVIEW)

    def hand_over(session: Session) -> None:
        case = session.get_one(Case, world.cases[CASE])
        schedule.hand_over(session, case, world.members["colleague"], now=world.now, actor_id=None)

    world.do(hand_over)
    assert maker(world, visit_id) == world.members["staff"]


# --- the ladder ----------------------------------------------------------------------------------------------------


def test_the_office_finds_it_in_the_morning_and_writes_it_there(world: World) -> None:
    plan(world, CASE, "2026-11-23", REVIEW)
    deliver(world, "2026-11-23", "08:30")
    why = world.asks("staff", "/why")
    assert "Your last notice came on 23 November at 08:30: Morning digest." in why.lines
    assert "A review is held every 180 days in follow-up; sooner where a note gives reason to." in why.lines
    seen = world.taps("staff", "record", visit=reviews(world)[0].id)
    assert seen.lines[0].startswith("Comprehensive review | 张明 JA-7K3Q | Step 1 of")


def test_not_held_in_time_colleagues_and_then_the_leading_group_hear(world: World) -> None:
    staff(world)
    plan(world, CASE, "2026-11-20", REVIEW)
    deliver(world, "2026-11-24", "09:00")
    told = world.asks("second", "/why")
    assert "Rule: 2 working days after the due day, at 09:00: Supervisor." in told.lines
    assert "Nobody there could be told, so it came to the next in line: to you." in told.lines
    deliver(world, "2026-12-02", "09:00")
    leader = world.asks("leader", "/why")
    assert "Rule: 8 working days after the due day, at 09:00: Member of the leading group." in leader.lines
    assert "For the office 陈刚" in world.asks("leader", "/overdue").text


# --- what is shown of it -------------------------------------------------------------------------------------------


def test_the_card_shows_the_last_one_and_the_way_to_the_next(world: World) -> None:
    hold(world, "staff", plan(world, CASE, "2026-11-20", REVIEW))
    shown = world.taps("staff", "review", id=world.cases[CASE])
    assert "Last review (23 November): Adjust the plan" in shown.lines
    assert "Adjustments of the plan (23 November): 每月谈心一次" in shown.lines
    assert "State of thinking (23 November): 思想稳定" in shown.lines
    assert "record_review" in shown.verbs
    form = world.follows("staff", shown, "Record review")
    assert form.lines[0].startswith("Comprehensive review | 张明 JA-7K3Q | Step 1 of")
    mine = world.taps("officer", "review", id=world.cases[CASE])
    assert "Last review (23 November): Adjust the plan" in mine.lines
    assert "record_review" not in mine.verbs


@pytest.mark.parametrize("level", [Level.coded, Level.notice])
def test_where_words_may_not_pass_nothing_of_it_does(world: World, level: Level) -> None:
    hold(world, "staff", plan(world, CASE, "2026-11-20", REVIEW))
    shown = world.taps("staff", "review", level, id=world.cases[CASE])
    for word in ("Adjust", "每月谈心一次", "思想稳定", "张明"):
        assert word not in shown.text


def test_a_review_that_nobody_planned_may_be_held_too(world: World) -> None:
    hold(world, "staff", world.cases[CASE])
    (done,) = reviews(world, VisitState.done)
    assert done.unplanned
    (following,) = reviews(world)
    assert following.due_on == date(2027, 5, 24)


def test_todo_lists_what_is_to_be_held_soon(world: World) -> None:
    plan(world, CASE, "2026-11-20", REVIEW)
    plan(world, "JA-5M2X", "2027-03-01", REVIEW)
    seen = world.asks("staff", "/todo")
    assert "1 review is to be held:" in seen.lines
    assert "1 working day overdue | Comprehensive review | 张明 JA-7K3Q" in seen.lines
    form = world.follows("staff", seen, "Record review 张明")
    assert form.lines[0].startswith("Comprehensive review | 张明 JA-7K3Q | Step 1 of")
