"""Why any notice came, by the rules as they stood then; and why a visit is due on its day."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot import notices
from bot.channels.disclosure import Level
from casework import notes, rulebooks, visits
from reminders import course, outbox, schedule, sweep
from reminders.mechanism import forget, mechanism_of
from storage.errors import NotFound
from storage.queries.access import actor_of
from storage.rulebook import Recipient, Rulebook
from storage.tables.cases import Case, CaseState, Stage
from storage.tables.counties import County
from storage.tables.leaves import Leave
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member
from storage.tables.visits import Reminder, Visit, VisitKind
from tests import make
from tests.commands.test_why import deliver
from tests.commands.world import Seen, World, at, plan

STEPS = [step.model_dump(mode="json") for step in Rulebook.default().ladder.steps]


@pytest.fixture(autouse=True)
def _rules_from_the_database() -> None:
    forget()


def saves(world: World, changed: dict[str, Any], moment: str, hour: str = "18:00") -> None:
    """The office has other rules saved."""

    def unit(session: Session) -> None:
        author = session.get_one(Member, world.members["staff"])
        county = session.exec(select(County)).one()
        rulebooks.save(session, county, json.dumps(changed).encode(), author, now=at(moment, hour))

    world.now = at(moment, hour)
    world.do(unit)


def supervisor_hears_after(days: int) -> dict[str, Any]:
    moved = [step | {"offset": days} if step["to"] == "supervisor" else step for step in STEPS]
    return {"ladder": {"steps": moved}}


def notice(world: World, who: str, kind: str, *, last: bool = True) -> Outbox:
    def unit(session: Session) -> Outbox:
        query = select(Outbox).where(Outbox.member_id == world.members[who], Outbox.kind == kind)
        order = col(Outbox.id).desc() if last else col(Outbox.id)
        return session.exec(query.order_by(order)).first() or pytest.fail(f"no {kind} for {who}")

    return world.do(unit)


def message(world: World, who: str, row: Outbox, buttons: int | None = None) -> Seen:
    """The notice as its reader has it in the chat."""

    def unit(session: Session) -> Seen:
        ctx = world.context(session, who)
        ctx.buttons = buttons
        told = session.get_one(Outbox, row.id)
        composed = notices.compose(ctx, told, outbox.payload_of(told.id, told.payload_sealed))
        assert composed is not None
        return Seen.of(ctx, composed.message)

    return world.do(unit)


def test_an_alert_is_explained_by_the_rules_of_its_day(world: World) -> None:
    """The supervisor's step moves from the second to the third day, the evening after the alert."""
    plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")
    deliver(world, "2026-11-23", "09:00")
    saves(world, supervisor_hears_after(3), "2026-11-23")
    world.now = at("2026-11-24", "10:00")
    seen = world.asks("boss", "/why")
    assert seen.lines[1:3] == [
        "Rule: 2 working days after the due day, at 09:00: Supervisor.",
        "The rules were changed since; this is what they said then.",
    ]
    deliver(world, "2026-11-24", "09:01")
    assert world.asks("boss", "/why").lines[1:3] == [
        "Rule: 3 working days after the due day, at 09:00: Supervisor.",
        "",
    ]


def test_nor_by_a_ladder_in_which_the_step_has_no_place(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")
    deliver(world, "2026-11-23", "09:00")
    few = [STEPS[6] | {"to": "supervisor"}, STEPS[7]]
    saves(world, {"ladder": {"steps": few}}, "2026-11-23")
    seen = world.asks("boss", "/why")
    assert "Rule: 2 working days after the due day, at 09:00: Supervisor." in seen.lines
    assert "JA-7K3Q | Heart-to-heart talk | due 19 November | 2 working days overdue" in seen.lines
    deliver(world, "2026-11-26", "09:00")  # the first step there is now
    assert "Rule: 5 working days after the due day, at 09:00: Supervisor." in world.asks("boss", "/why").lines


def test_a_digest_by_the_hour_of_its_day(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-26", on="2026-11-19")
    deliver(world, "2026-11-23", "08:30")
    saves(world, {"hours": {"digest_at": "08:00:00"}}, "2026-11-23")
    assert "every working day at 08:30" in world.asks("officer", "/why").text
    deliver(world, "2026-11-24", "08:00")
    assert "every working day at 08:00" in world.asks("officer", "/why").text


def test_a_row_of_an_older_version_claims_nothing(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")
    deliver(world, "2026-11-23", "09:00")

    def unsaid(session: Session) -> None:
        for told in session.exec(select(Reminder)):
            told.distance = told.recipient = None

    world.do(unsaid)
    assert (
        world.asks("boss", "/why").lines[1] == "A step of the rules that held then; which one, was not kept."
    )


# --- any notice ----------------------------------------------------------------------------------------------------


def test_a_notice_carries_the_way_to_ask(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")
    deliver(world, "2026-11-20", "08:30")
    deliver(world, "2026-11-23", "09:00")
    digest, alert = notice(world, "officer", "digest", last=False), notice(world, "boss", "alert")
    assert message(world, "officer", digest).buttons[-1] == ["This week", "Brief", "Why"]
    for who, row in (("officer", digest), ("boss", alert)):
        seen = world.follows(who, message(world, who, row), "Why")
        assert seen.lines[0].startswith("This notice came on")
        assert ("2 working days after the due day" in seen.text) == (who == "boss")
    first = world.follows("officer", message(world, "officer", digest), "Why")
    assert first.lines[0] == "This notice came on 20 November at 08:30: Morning digest."


def test_where_a_card_has_no_room_it_says_how_to_ask(world: World) -> None:
    for _ in range(2):
        plan(world, "JA-7K3Q", "2026-11-23", on="2026-11-18")
    deliver(world, "2026-11-23", "08:30")
    row = notice(world, "officer", "digest")
    on_card = message(world, "officer", row, buttons=20)
    assert sum(map(len, on_card.buttons)) == 6
    assert "Why" not in [label for labels in on_card.buttons for label in labels]
    assert on_card.lines[-1] == "Why you hear of this: send “why”."
    assert "Why" in message(world, "officer", row).buttons[-1]


@pytest.mark.parametrize("level", [Level.full, Level.coded])
def test_the_earlier_ones_to_choose_from(world: World, level: Level) -> None:
    plan(world, "JA-7K3Q", "2026-11-18", on="2026-11-17")
    for day in ("2026-11-19", "2026-11-20", "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"):
        deliver(world, day, "08:30")
    assert world.asks("officer", "/why", level).buttons == [["Today", "Earlier notices"]]
    chosen = world.taps("officer", "why_earlier", level)
    assert len(chosen.buttons) == 5
    assert chosen.buttons[0] == ["26 November 08:30 Morning digest"]
    assert chosen.buttons[-1] == ["20 November 08:30 Morning digest"]
    notice = int(str(chosen.message.buttons[2][0].action.get("notice")))
    third = world.taps("officer", "why", level, notice=notice)
    assert third.lines[0].startswith("This notice came on 24 November at 08:30")
    assert "JA-7K3Q" in third.text
    for at_notice in (
        world.asks("officer", "/why", Level.notice),
        world.taps("officer", "why", Level.notice, notice=notice),
        world.taps("officer", "why_earlier", Level.notice),
    ):
        assert at_notice.lines == ["What you ask for may not be told on this channel."]


def test_one_notice_alone_offers_no_earlier_ones(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")
    deliver(world, "2026-11-20", "08:30")
    assert world.asks("officer", "/why").buttons == [["Today"]]


def test_what_was_told_to_others_does_not_exist(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")
    deliver(world, "2026-11-23", "09:00")
    row = notice(world, "boss", "alert")
    said = []
    for which in (row.id, 4711):
        with pytest.raises(NotFound) as refused:
            world.taps("officer", "why", notice=which)
        said.append(refused.value.phrase)
    assert said[0] == said[1]


def test_a_settled_notice_keeps_no_button(world: World) -> None:
    visit = plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")
    deliver(world, "2026-11-23", "09:00")
    world.do(
        lambda s: schedule.withdraw(s, s.get_one(Visit, visit), now=at("2026-11-23", "10:00"), actor_id=None)
    )
    world.now = at("2026-11-23", "10:01")
    updates = notice(world, "boss", "update")
    assert message(world, "boss", updates).buttons == []


# --- what held it back -----------------------------------------------------------------------------------------------


def own_hours(world: World, who: str, first: int, last: int) -> None:
    def unit(session: Session) -> None:
        member = session.get_one(Member, world.members[who])
        member.hours_from, member.hours_until = time(first), time(last)

    world.do(unit)


def test_a_digest_that_waited_for_hours_of_ones_own(world: World) -> None:
    own_hours(world, "officer", 10, 16)
    plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")
    held(world, "digest", "2026-11-23", "08:30", "10:00")
    seen = world.asks("officer", "/why")
    assert seen.lines[1:3] == [
        "It goes out every working day at 08:30 and lists what is overdue, due today or near.",
        "It waited for your own hours: 10:00-16:00.",
    ]


def held(world: World, kind: str, day: str, ready: str, sent: str) -> None:
    """A notice that is made at one hour, and goes out at another."""

    def unit(session: Session) -> None:
        while sweep.one_digest_slice(session, now=at(day, ready)):
            pass
        session.flush()
        _put_off(session, kind, at(day, sent))

    world.do(unit)
    deliver(world, day, sent)


def _put_off(session: Session, kind: str, moment: datetime) -> None:
    for row in session.exec(select(Outbox).where(Outbox.kind == kind, Outbox.state == OutboxState.todo)):
        row.due_at = moment


def test_what_was_said_in_the_evening_waited_for_the_morning(world: World) -> None:
    visit = plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")
    deliver(world, "2026-11-23", "08:30")
    world.now = at("2026-11-23", "19:00")
    world.do(
        lambda s: visits.chase(
            s, actor_of(s, s.get_one(Member, world.members["boss"]), "en"), visit, now=world.now
        )
    )
    world.do(lambda s: _put_off(s, "chase", at("2026-11-24", "08:30")))
    deliver(world, "2026-11-24", "08:31")
    said = "It was ready on 23 November at 19:00, and waited for working hours: nobody is disturbed before."
    assert said in world.taps("officer", "why", notice=notice(world, "officer", "chase").id).lines


def test_a_step_that_an_acknowledgement_had_put_off(world: World) -> None:
    visit = plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")
    deliver(world, "2026-11-23", "09:00")

    def acknowledge(session: Session) -> None:
        boss = actor_of(session, session.get_one(Member, world.members["boss"]), "en")
        visits.acknowledge(session, boss, [visit], now=at("2026-11-25", "10:00"))

    world.do(acknowledge)
    deliver(world, "2026-11-30", "09:00")
    seen = world.asks("staff", "/why")
    assert "Rule: 5 working days after the due day, at 09:00: Commission staff." in seen.lines
    assert "It was to be told on 26 November, and was put off: somebody was on it." in seen.lines


def test_what_came_because_of_leave(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-23", on="2026-11-18")

    def away(session: Session) -> None:
        officer = session.get_one(Member, world.members["officer"])
        session.add(
            Leave(
                county_id=officer.county_id, member_id=officer.id, first_on=date(2026, 11, 23),
                last_on=date(2026, 11, 25), created_at=at("2026-11-20"),
            )
        )  # fmt: skip

    world.do(away)
    deliver(world, "2026-11-23", "14:30")
    seen = world.asks("boss", "/why")
    assert "The care officer was on leave (23 November to 25 November), so it came to you." in seen.lines


# --- which case ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["paused", "resumed", "case_moved", "case_given"])
@pytest.mark.parametrize("state", [CaseState.held, CaseState.closed])
def test_a_notice_of_a_case_names_its_code(world: World, kind: str, state: CaseState) -> None:
    def unit(session: Session) -> None:
        session.get_one(Case, world.cases["JA-7K3Q"]).state = state
        row = outbox.row(
            kind, now=world.now, county_id=None, member_id=world.members["officer"],
            payload={"case": world.cases["JA-7K3Q"]},
        )  # fmt: skip
        outbox.put(session, [row])
        make.sent(session, session.get_one(Outbox, row["id"]), now=world.now)

    world.do(unit)
    assert world.asks("officer", "/why").lines[1] == "张明 JA-7K3Q"
    coded = world.asks("officer", "/why", Level.coded)
    assert coded.lines[1] == "JA-7K3Q"
    assert not any(word in coded.text for word in ("hold", "closed", "archive"))
    assert "JA-7K3Q" not in world.asks("officer", "/why", Level.notice).text


# --- why it is due on its day ----------------------------------------------------------------------------------------


def done(world: World, code: str, kind: VisitKind, held_on: str, grade: str = "stable", **more: Any) -> None:
    """A visit was made and its note handed in on the day itself; what comes next is planned by the cadence."""
    visit_id = plan(world, code, held_on, kind, on=held_on)

    def unit(session: Session) -> None:
        visit = session.get_one(Visit, visit_id)
        actor = actor_of(session, session.get_one(Member, visit.officer_id), "en")
        given = {"date": held_on, "state_of_mind": grade, "safety": False, "more": [], **more}
        day = date.fromisoformat(held_on)
        data = notes.NoteData(visit_id, kind.value, 1, day, given, grade, safety=False)
        notes.record_visit(session, actor, data, now=at(held_on, "16:00"))

    world.do(unit)


def told_of_next(world: World, kind: VisitKind) -> str:
    """The day of the visit that the cadence planned; everything until then is told."""

    def unit(session: Session) -> str:
        query = select(Visit).where(Visit.kind == kind, col(Visit.done_on).is_(None))
        return session.exec(query.order_by(col(Visit.due_on).desc())).first().due_on.isoformat()  # type: ignore[union-attr]

    return world.do(unit)


def test_a_talk_says_its_interval_to_those_who_may_see_the_rating(world: World) -> None:
    done(world, "JA-7K3Q", VisitKind.talk, "2026-10-26", "unsettled")
    due = told_of_next(world, VisitKind.talk)
    assert due == "2026-11-25"
    deliver(world, "2026-11-23", "08:30")
    deliver(world, "2026-11-27", "09:00")
    said = "Last on 26 October, rated “Unsettled (yellow)”; by the rule, again after 30 days."
    assert said in world.asks("officer", "/why").lines
    for level in (Level.coded, Level.notice):
        lower = world.asks("officer", "/why", level).text
        assert not any(told in lower for told in ("nsettled", "30 days", "26 October"))
    assert (
        "The day follows from the rules of its stage and the talk before."
        in world.asks("officer", "/why", Level.coded).lines
    )


@pytest.mark.parametrize("grade", ["settled", "stable", "unsettled", "concern", "not_rated"])
def test_whoever_may_not_see_it_reads_the_same_whatever_the_rating(world: World, grade: str) -> None:
    done(world, "JA-7K3Q", VisitKind.talk, "2026-06-26", grade)

    def same_day(session: Session) -> None:
        for visit in session.exec(
            select(Visit).where(Visit.kind == VisitKind.talk, col(Visit.done_on).is_(None))
        ):
            visit.due_on = date(2026, 11, 19)
            course.look_again(visit, mechanism_of(session, visit.county_id), at("2026-11-20"))
        for other in session.exec(select(Visit).where(Visit.kind != VisitKind.talk)):
            schedule.withdraw(session, other, now=at("2026-11-20"), actor_id=None, quietly=True)

    world.do(same_day)
    deliver(world, "2026-11-23", "09:00")
    seen = world.taps("boss", "why", notice=notice(world, "boss", "alert").id)
    assert seen.lines[2:] == [
        "",
        "JA-7K3Q | Heart-to-heart talk | due 19 November | 2 working days overdue",
        "Counted: 20 November, 23 November.",
        "Not counted: 21 November to 22 November (weekend).",
        "If nothing happens, told next on 26 November at 09:00: Commission staff.",
    ]


def test_other_kinds_say_their_interval_to_everybody(world: World) -> None:
    done(world, "JA-7K3Q", VisitKind.study_visit, "2026-05-20")
    due = told_of_next(world, VisitKind.study_visit)
    deliver(world, "2026-11-19", "08:30")
    assert due == "2026-11-16"
    assert "Last on 20 May; by the rule, every 180 days." in world.asks("officer", "/why").lines
    deliver(world, "2026-11-20", "09:00")
    assert "Last on 20 May; by the rule, every 180 days." in world.asks("boss", "/why", Level.coded).lines


def test_a_day_off_at_the_end_of_the_interval(world: World) -> None:
    done(world, "JA-7K3Q", VisitKind.study_visit, "2026-05-18")  # 180 days later is a Saturday
    deliver(world, "2026-11-16", "08:30")
    assert told_of_next(world, VisitKind.study_visit) == "2026-11-16"
    lines = world.asks("officer", "/why").lines
    place = lines.index("Last on 18 May; by the rule, every 180 days.")
    assert lines[place + 1] == "14 November is no working day, so the next one counts."


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda s, officer, boss, visit: visits.reschedule(
            s, officer, visit, date(2026, 11, 25), "asked", now=at("2026-11-20")),
         "The day was set anew on 20 November."),
        (lambda s, officer, boss, visit: visits.not_done(
            s, officer, visit, date(2026, 11, 25), "ill", now=at("2026-11-20")),
         "It could not be done; the day was set anew on 20 November."),
        (lambda s, officer, boss, visit: visits.extend(s, boss, visit, now=at("2026-11-20")),
         "More time was granted on 20 November."),
    ],
)  # fmt: skip
def test_a_day_that_somebody_set(world: World, act: Callable[..., Any], said: str) -> None:
    visit = plan(world, "JA-7K3Q", "2026-11-19", on="2026-11-18")

    def unit(session: Session) -> None:
        officer, boss = (
            actor_of(session, session.get_one(Member, world.members[who]), "en")
            for who in ("officer", "boss")
        )
        act(session, officer, boss, visit)

    world.do(unit)
    deliver(world, "2026-11-24", "08:30")
    assert said in world.taps("officer", "why", notice=notice(world, "officer", "digest").id).lines


def test_a_stage_counts_from_its_start(world: World) -> None:
    due = date(2026, 12, 28)  # 180 days from the first of July

    def unit(session: Session) -> None:
        case = session.get_one(Case, world.cases["JA-7K3Q"])
        assert Stage(case.stage) is Stage.follow_up
        schedule.plan(
            session,
            case,
            VisitKind.home_visit,
            due,
            mechanism_of(session, case.county_id),
            now=at("2026-07-01"),
        )

    world.do(unit)
    deliver(world, "2026-12-21", "08:30")
    assert "The first of its stage, by the rule counted from 1 July." in world.asks("officer", "/why").lines


def test_how_it_was_told_is_kept(world: World) -> None:
    plan(world, "JA-7K3Q", "2026-11-23", on="2026-11-18")
    for day in ("2026-11-23", "2026-11-24", "2026-11-25"):
        deliver(world, day, "14:30")
    told = select(Reminder.distance, Reminder.recipient).where(col(Reminder.distance) >= 0)
    assert world.do(lambda s: s.exec(told.order_by(col(Reminder.distance))).all()) == [
        (0, Recipient.care_officer),
        (1, Recipient.care_officer),
        (2, Recipient.supervisor),
    ]


def test_a_limit_that_falls_on_a_day_off_is_brought_forward(world: World) -> None:
    """The file is prepared by 30 January 2027, a Saturday."""
    done(world, "JA-9P4T", VisitKind.talk, "2026-11-20")
    assert told_of_next(world, VisitKind.talk) == "2027-01-29"
    deliver(world, "2027-01-28", "08:30")
    lines = world.asks("both", "/why").lines
    place = lines.index("The file is prepared 30 days before the restriction period ends.")
    assert lines[place + 1] == "30 January is no working day, so the one before counts."
