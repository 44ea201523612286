"""The care plan (一人一策): within fifteen working days of admission, on the ladder like a visit, once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, col, select

from bot.channels.disclosure import Level
from casework import standing
from reminders import cadence, schedule
from storage.queries.access import actor_of
from storage.tables.cases import Case, CaseEventKind, Stage
from storage.tables.members import Member
from storage.tables.notes import Note
from storage.tables.visits import Visit, VisitKind, VisitState
from tests.commands.test_why import deliver
from tests.commands.world import World, plan, record

CASE = "JA-7K3Q"
PLAN = VisitKind.care_plan


def plans(world: World) -> list[Visit]:
    query = select(Visit).where(Visit.kind == PLAN).order_by(col(Visit.id))
    return world.do(lambda session: list(session.exec(query).all()))


def made(world: World, visit_id: int, day: str = "2026-11-20") -> None:
    record(world, visit_id, day, "not_rated", goal="放下包袱，重拾信心。", measures=["talks", "study"])


def admitted(world: World, stage: Stage, since: str = "2026-11-23") -> list[VisitKind]:
    """What is planned for a case that enters a stage."""

    def unit(session: Session) -> list[VisitKind]:
        case = session.get_one(Case, world.cases[CASE])
        case.stage, case.stage_since = stage, date.fromisoformat(since)
        mechanism = world.context(session, "officer").mechanism
        return [visit.kind for visit in schedule.plan_next(session, case, mechanism, now=world.now)]

    return world.do(unit)


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ("2026-11-23", "2026-12-14"),  # fifteen ordinary working days
        ("2026-09-21", "2026-10-19"),  # Mid-Autumn and National Day do not count, the Saturday made up does
        ("2026-11-21", "2026-12-11"),  # admitted on a Saturday: Monday is the first day
    ],
)
def test_it_is_due_fifteen_working_days_after_admission(world: World, since: str, due: str) -> None:
    def unit(session: Session) -> date | None:
        mechanism = world.context(session, "officer").mechanism
        day = date.fromisoformat(since)
        return cadence.first_due(Stage.follow_up, PLAN, day, mechanism.rulebook, mechanism.calendar)

    assert world.do(unit) == date.fromisoformat(due)


@pytest.mark.parametrize("stage", [Stage.early_care, Stage.evaluation, Stage.observation])
def test_it_belongs_to_follow_up(world: World, stage: Stage) -> None:
    assert PLAN not in admitted(world, stage)
    assert PLAN in admitted(world, Stage.follow_up)


def test_once_made_it_is_not_asked_again(world: World) -> None:
    visit_id = plan(world, CASE, "2026-12-11", PLAN)
    made(world, visit_id)
    assert PLAN not in admitted(world, Stage.follow_up)
    assert [visit.state for visit in plans(world)] == [VisitState.done]


def stand(world: World, kind: CaseEventKind) -> None:
    def unit(session: Session) -> None:
        staff = actor_of(session, session.get_one(Member, world.members["staff"]), "en")
        standing.change(session, staff, world.cases[CASE], kind, "因工作安排", now=world.now)

    world.do(unit)


@pytest.mark.parametrize(
    ("stop", "go"),
    [
        (CaseEventKind.held, CaseEventKind.resumed),
        (CaseEventKind.closed, CaseEventKind.reopened),
    ],
)
def test_a_case_that_returns_keeps_its_plan_and_asks_for_one_that_is_missing(
    world: World, stop: CaseEventKind, go: CaseEventKind
) -> None:
    visit_id = plan(world, CASE, "2026-11-20", PLAN)
    stand(world, stop)
    stand(world, go)
    (waiting,) = [visit for visit in plans(world) if visit.state is VisitState.planned]
    assert waiting.due_on == date(2026, 12, 14), "as of today"
    made(world, waiting.id, "2026-11-23")
    stand(world, stop)
    stand(world, go)
    assert VisitState.planned not in {visit.state for visit in plans(world)}
    assert visit_id in {visit.id for visit in plans(world)}


def test_the_officer_hears_writes_it_down_and_the_notice_settles(world: World) -> None:
    plan(world, CASE, "2026-11-23", PLAN)
    deliver(world, "2026-11-23", "14:30")
    why = world.asks("officer", "/why")
    assert "张明 JA-7K3Q | Care plan | due 23 November | due today" in why.lines
    assert "The care plan is made within 15 working days of admission." in why.lines
    listed = world.asks("officer", "/today")
    assert "Today | Care plan | 张明 JA-7K3Q" in listed.lines
    form = world.follows("officer", listed, "Record 张明")
    assert form.lines[0].startswith("Care plan | 张明 JA-7K3Q | Step 1 of")
    (visit,) = plans(world)
    made(world, visit.id, "2026-11-23")
    assert world.asks("officer", "/today").lines[0] == "Nothing is due today."


def test_overdue_it_climbs_like_a_visit_and_names_nobody_to_the_supervisor(world: World) -> None:
    plan(world, CASE, "2026-11-20", PLAN)
    deliver(world, "2026-11-24", "09:00")
    why = world.asks("boss", "/why")
    assert "Rule: 2 working days after the due day, at 09:00: Supervisor." in why.lines
    assert "JA-7K3Q | Care plan | due 20 November | 2 working days overdue" in why.lines
    assert "张明" not in why.text
    assert "张明" not in world.asks("boss", "/overdue", Level.coded).text


def test_a_second_plan_may_be_written_at_any_time(world: World) -> None:
    made(world, plan(world, CASE, "2026-11-20", PLAN))
    card = world.asks("officer", f"查询 {CASE}")
    kinds = world.follows("officer", card, "Record something else")
    opened = world.follows("officer", kinds, "Record Care plan")
    assert opened.lines[0].startswith("Care plan | 张明 JA-7K3Q | Step 1 of")


def test_the_review_button_shows_the_plan(world: World) -> None:
    made(world, plan(world, CASE, "2026-11-20", PLAN))
    shown = world.follows("staff", world.asks("staff", f"查询 {CASE}"), "Review")
    assert "Care plan (20 November): 放下包袱，重拾信心。" in shown.text
    note = world.do(lambda session: session.exec(select(Note)).one())
    assert note.answers["measures"] == ["talks", "study"]
