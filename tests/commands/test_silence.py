"""Nothing recorded for long: whatever is planned, moved, acknowledged or waiting for its note, it is noticed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial

import pytest
from sqlmodel import Session, col, select

from bot.channels.disclosure import Level
from casework import notes, safety, standing, visits
from reminders import cadence, schedule
from reminders.mechanism import mechanism_of
from reminders.workdays import WorkCalendar
from storage.errors import NotFound, Refused
from storage.queries.access import Actor, actor_of
from storage.rulebook import Rulebook
from storage.tables.calls import CallSource
from storage.tables.cases import Case, CaseEventKind, Stage
from storage.tables.members import Member
from storage.tables.visits import Visit, VisitKind, VisitState
from tests.commands.test_why import deliver
from tests.commands.world import World, at, not_done, plan, record

CASE = "JA-7K3Q"
CONTACT, TALK = VisitKind.contact, VisitKind.talk
LABEL = "Contact with the person"
SETTLES = (VisitKind.talk, VisitKind.home_visit, VisitKind.study_visit)


def actor(session: Session, world: World, who: str) -> Actor:
    return actor_of(session, session.get_one(Member, world.members[who]), "en")


def met(world: World, day: str) -> None:
    """The person was met on a day, as of which the watch counts."""

    def unit(session: Session) -> None:
        case = session.get_one(Case, world.cases[CASE])
        mechanism = mechanism_of(session, case.county_id)
        schedule.met(session, case, date.fromisoformat(day), mechanism, now=at(day), actor_id=None)

    world.do(unit)


def _deed(world: World, who: str, deed: Callable[[Session, Actor], object], session: Session) -> None:
    deed(session, actor(session, world, who))


def watch(world: World) -> Visit:
    query = select(Visit).where(Visit.kind == CONTACT, Visit.state == VisitState.planned)
    return world.do(lambda session: session.exec(query).one())


# --- after how many days -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stage", "heavy", "days"),
    [
        (Stage.early_care, False, 210),
        (Stage.early_care, True, 120),
        (Stage.follow_up, False, 120),
        (Stage.evaluation, False, 120),
        (Stage.observation, False, 120),
    ],
)
def test_it_is_longer_than_any_interval_of_the_stage(stage: Stage, heavy: bool, days: int) -> None:
    book, calendar, since = Rulebook.default(), WorkCalendar(), date(2026, 11, 23)
    due = cadence.next_due_on(stage, CONTACT, since, book, calendar, heavy=heavy)
    assert due == calendar.add_workdays(since + timedelta(days=days), 0)
    for mood in ("settled", "stable", "unsettled", "concern", "not_rated"):
        talk = cadence.next_due_on(stage, TALK, since, book, calendar, state_of_mind=mood, heavy=heavy)
        assert talk is not None
        assert due is not None
        assert talk < due
        same = cadence.next_due_on(stage, CONTACT, since, book, calendar, state_of_mind=mood, heavy=heavy)
        assert same == due, "it tells nothing of the state of mind"


# --- what puts it off, and what does not ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SETTLES)
def test_meeting_the_person_puts_it_off(world: World, kind: VisitKind) -> None:
    met(world, "2026-07-27")
    assert watch(world).due_on == date(2026, 11, 24)
    record(world, plan(world, CASE, "2026-11-20", kind), "2026-11-20")
    assert watch(world).due_on == date(2027, 3, 22)


WITHOUT_THE_PERSON = (
    VisitKind.unit_interview,
    VisitKind.colleague_interview,
    VisitKind.family_interview,
    VisitKind.file_read,
    VisitKind.post_change,
    VisitKind.care_plan,
)


@pytest.mark.parametrize("kind", WITHOUT_THE_PERSON)
def test_what_was_done_without_the_person_does_not(world: World, kind: VisitKind) -> None:
    met(world, "2026-07-27")
    record(world, plan(world, CASE, "2026-11-20", kind), "2026-11-20")
    assert watch(world).due_on == date(2026, 11, 24)


def test_a_note_that_tells_of_longer_ago_leaves_it(world: World) -> None:
    met(world, "2026-07-27")
    record(world, plan(world, CASE, "2026-11-20"), "2026-07-20")
    assert watch(world).due_on == date(2026, 11, 24)


def test_moving_acknowledging_and_promising_a_note_do_not_silence_it(world: World) -> None:
    """The talk is moved ahead, again and again: nobody is told of it, but of the silence somebody is."""
    met(world, "2026-07-27")
    talk = plan(world, CASE, "2026-10-26")
    not_done(world, talk, "2026-10-23", "2026-12-11", "away")
    world.do(
        lambda session: (
            visits.note_follows(session, actor(session, world, "officer"), talk, now=world.now).__class__
        )
    )
    deliver(world, "2026-11-24", "14:30")
    assert f"JA-7K3Q | {LABEL} | due 24 November" in world.asks("officer", "/why").text
    deliver(world, "2026-11-26", "09:00")
    told = world.asks("boss", "/why")
    assert "Rule: 2 working days after the due day, at 09:00: Supervisor." in told.lines
    assert (
        "No talk or visit with the person was recorded for 120 days; any that is recorded settles this."
        in told.lines
    )
    assert "张明" not in told.text


def test_having_spoken_in_a_safety_call_counts(world: World) -> None:
    met(world, "2026-07-27")

    def unit(session: Session) -> None:
        case = session.get_one(Case, world.cases[CASE])
        officer = actor(session, world, "officer")
        call = safety.open_call(session, officer, case, CallSource.office, now=world.now)
        safety.record_spoken(session, officer, call.id, {"how": "phone"}, now=world.now)

    world.do(unit)
    assert watch(world).due_on == date(2027, 3, 23)


# --- what can be done about it -------------------------------------------------------------------------------------


def test_its_button_asks_what_took_place_and_a_note_settles_it(world: World) -> None:
    met(world, "2026-07-27")
    deliver(world, "2026-11-25", "08:30")
    seen = world.asks("officer", "/today")
    assert f"1 working day overdue | {LABEL} | 张明 JA-7K3Q" in seen.lines
    assert not {"note_follows", "not_done", "reschedule"} & set(seen.verbs)
    kinds = world.follows("officer", seen, "Record 张明")
    assert kinds.lines == ["张明 JA-7K3Q: what took place?"]
    form = world.follows("officer", kinds, "Record Heart-to-heart talk")
    assert form.lines[0].startswith("Heart-to-heart talk | 张明 JA-7K3Q | Step 1 of")

    def write(session: Session) -> None:
        answers = {
            "date": "2026-11-25",
            "place": "meeting_room",
            "thinking": "平稳",
            "safety": False,
            "more": [],
        }
        data = notes.NoteData(world.cases[CASE], "talk", 1, date(2026, 11, 25), answers, "stable")
        notes.record_visit(session, actor(session, world, "officer"), data, now=world.now)

    world.do(write)
    assert LABEL not in world.asks("officer", "/today").text


def test_it_can_be_acknowledged_and_put_off_and_neither_moved_nor_given_away(world: World) -> None:
    met(world, "2026-07-27")
    world.now = at("2026-11-26")
    seen = world.asks("boss", "/overdue")
    assert LABEL in seen.text
    assert "reassign" not in seen.verbs
    assert {"chase", "extend", "acknowledge"} <= set(seen.verbs)
    one = watch(world).id
    deeds: tuple[tuple[str, Callable[[Session, Actor], object]], ...] = (
        ("officer", lambda s, a: visits.reschedule(s, a, one, date(2026, 12, 1), "忙", now=world.now)),
        ("officer", lambda s, a: visits.not_done(s, a, one, date(2026, 12, 1), "away", now=world.now)),
        ("officer", lambda s, a: visits.note_follows(s, a, one, now=world.now)),
        ("boss", lambda s, a: visits.reassign(s, a, one, world.members["colleague"], now=world.now)),
    )
    for who, deed in deeds:
        with pytest.raises(Refused):
            world.do(partial(_deed, world, who, deed))
    with pytest.raises(NotFound):
        world.taps("stranger", "record", visit=one)
    world.do(lambda session: visits.extend(session, actor(session, world, "boss"), one, now=world.now).id)
    assert watch(world).due_on == date(2026, 12, 3)


# --- where it is seen, and where not -------------------------------------------------------------------------------


def test_it_is_no_visit_of_the_plan(world: World) -> None:
    met(world, "2026-07-27")
    talk = plan(world, CASE, "2026-12-11")
    for seen in (
        world.asks("staff", f"查询 {CASE}"),
        world.taps("staff", "timeline", id=world.cases[CASE]),
        world.taps("staff", "review", id=world.cases[CASE]),
        world.asks("boss", f"查询 {CASE}"),
        world.asks("officer", "/record"),
    ):
        assert LABEL not in seen.text
    assert "1 visits planned" in world.asks("staff", f"查询 {CASE}").text
    load = world.do(
        lambda session: {
            member.id: n
            for member, n in visits.candidates(session, actor(session, world, "staff"), talk, now=world.now)
        }
    )
    assert set(load.values()) == {0}


def test_once_it_is_overdue_the_card_says_so_to_whoever_may_see_the_case(world: World) -> None:
    met(world, "2026-07-27")
    plan(world, CASE, "2026-12-11")
    world.now = at("2026-11-26")
    card = world.asks("staff", f"查询 {CASE}")
    assert f"{LABEL} (2 working days overdue)" in card.text
    assert {"chase", "extend", "acknowledge"} <= set(card.verbs)
    assert LABEL in world.asks("boss", f"查询 {CASE}").text
    coded = world.asks("officer", "/today", Level.coded)
    assert f"2 working days overdue | {LABEL} | JA-7K3Q" in coded.lines
    assert "张明" not in coded.text


@pytest.mark.parametrize(
    ("stop", "go"),
    [(CaseEventKind.held, CaseEventKind.resumed), (CaseEventKind.closed, CaseEventKind.reopened)],
)
def test_while_no_visits_are_made_it_rests_and_then_counts_from_that_day(
    world: World, stop: CaseEventKind, go: CaseEventKind
) -> None:
    met(world, "2026-07-27")
    talk = plan(world, CASE, "2026-12-11")

    def stand(kind: CaseEventKind, now: str) -> list[VisitKind]:
        def unit(session: Session) -> list[VisitKind]:
            staff = actor(session, world, "staff")
            done = standing.change(session, staff, world.cases[CASE], kind, "因工作安排", now=at(now))
            return [visit.kind for visit in done.visits]

        return world.do(unit)

    assert CONTACT not in stand(stop, "2026-11-23"), "it is counted as no visit"
    deliver(world, "2026-12-02", "09:00")
    assert LABEL not in world.asks("boss", "/why").text
    assert CONTACT not in stand(go, "2026-12-02")
    assert watch(world).due_on == date(2027, 4, 1)
    assert watch(world).next_look_at is not None
    assert talk


def test_a_new_care_officer_takes_it_over(world: World) -> None:
    met(world, "2026-07-27")

    def hand_over(session: Session) -> None:
        case = session.get_one(Case, world.cases[CASE])
        schedule.hand_over(session, case, world.members["colleague"], now=world.now, actor_id=None)

    world.do(hand_over)
    assert watch(world).officer_id == world.members["colleague"]
    everyone = world.do(lambda session: session.exec(select(Visit).order_by(col(Visit.id))).all())
    assert len(everyone) == 1


def test_a_stage_in_which_talks_are_closer_is_silent_for_less_long(world: World) -> None:
    def enter(session: Session) -> None:
        case = session.get_one(Case, world.cases[CASE])
        mechanism = mechanism_of(session, case.county_id)
        case.stage = Stage.early_care
        schedule.met(session, case, date(2026, 11, 20), mechanism, now=world.now, actor_id=None)
        case.stage, case.stage_since = Stage.follow_up, date(2026, 11, 23)
        schedule.plan_next(session, case, mechanism, now=world.now)

    world.do(enter)
    assert watch(world).due_on == date(2027, 3, 23)


# --- soon after a rating of concern --------------------------------------------------------------------------------


def rated(world: World, day: str, grade: str, kind: VisitKind = TALK, **more: object) -> int:
    visit = plan(world, CASE, day, kind)
    record(world, visit, day, grade, **more)
    return visit


def test_a_first_red_rating_asks_for_contact_within_three_working_days(world: World) -> None:
    met(world, "2026-11-20")
    world.now = at("2026-11-26")  # a Thursday
    rated(world, "2026-11-26", "concern", basis="当面表示没有意义")
    assert watch(world).due_on == date(2026, 12, 1)
    deliver(world, "2026-12-01", "14:30")
    assert f"Today | {LABEL} | 张明 JA-7K3Q" in world.asks("officer", "/today").text
    world.now = at("2026-12-04")
    assert f"{LABEL} | Care officer 李敏 | 3 working days overdue" in world.asks("boss", "/overdue").text


@pytest.mark.parametrize("kind", SETTLES)
def test_whatever_is_recorded_with_the_person_settles_it(world: World, kind: VisitKind) -> None:
    rated(world, "2026-11-24", "concern", basis="当面表示没有意义")
    assert watch(world).due_on == date(2026, 11, 27)
    rated(world, "2026-11-26", "not_rated", kind)
    assert watch(world).due_on > date(2027, 1, 1)


def test_contact_that_finds_the_person_no_better_starts_no_new_three_days(world: World) -> None:
    rated(world, "2026-11-24", "concern", basis="当面表示没有意义")
    rated(world, "2026-11-26", "concern", basis="当面表示没有意义")
    assert watch(world).due_on > date(2027, 1, 1), "then the interval for such a rating holds"
    rated(world, "2026-12-10", "stable")
    rated(world, "2026-12-17", "concern", basis="当面表示没有意义")
    assert watch(world).due_on == date(2026, 12, 22)


def test_a_talk_that_is_due_by_then_is_the_contact(world: World) -> None:
    plan(world, CASE, "2027-01-20")
    rated(world, "2026-11-24", "concern", VisitKind.home_visit, basis="当面表示没有意义")
    assert watch(world).due_on > date(2027, 1, 1)


def test_why_it_is_asked_for_hears_who_may_know_the_rating(world: World) -> None:
    world.now = at("2026-11-24")
    rated(world, "2026-11-24", "concern", basis="当面表示没有意义")
    deliver(world, "2026-12-01", "09:00")
    world.now = at("2026-12-01")
    told = world.asks("boss", "/why").text
    assert LABEL in told
    assert "any talk or visit that is recorded settles this" in told
    for word in ("concern", "Rated", "120 days"):
        assert word not in told
    deliver(world, "2026-12-01", "14:30")
    world.now = at("2026-12-01", "15:00")
    assert "Rated Of concern (red): the person is contacted again" in world.asks("officer", "/why").text
    coded = world.asks("officer", "/why", Level.coded).text
    assert "Of concern" not in coded
    assert "The person is to be contacted by then" in coded
