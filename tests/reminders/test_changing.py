"""Other rules while visits are under way: nobody hears twice, and nobody is forgotten."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from reminders import changing, mechanism, outlook, passing, sweep
from reminders.mechanism import Mechanism
from reminders.rules import Look
from storage.lane import Lane
from storage.queries.access import actor_of
from storage.rulebook import Ladder, LadderStep, Recipient, Rulebook, Via
from storage.tables.counties import County, RulebookVersion
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member
from storage.tables.visits import Reminder, Visit
from tests import make
from tests.make import MONDAY, Town, at, told

SECOND = timedelta(seconds=1)
STEPS = Ladder().steps
NOTICES = tuple(step for step in STEPS if step.via is Via.notice)


def rules(ladder: Ladder | None = None, **more: Any) -> Rulebook:
    return Rulebook.default().model_copy(update={"ladder": ladder or Ladder(), "version": 2, **more})


@pytest.fixture
def town(lane: Lane) -> Town:
    return lane.run_now(make.town)


def look(lane: Lane, moment: datetime) -> None:
    for unit in (sweep.one_slice, sweep.one_digest_slice):
        while lane.run_now(lambda session, unit=unit: unit(session, now=moment)):  # type: ignore[misc]
            pass


def change(lane: Lane, town: Town, book: Rulebook, now: datetime) -> None:
    def unit(session: Session) -> None:
        old = make.mechanism(session, session.get_one(County, town.county))
        version = RulebookVersion(
            county_id=town.county, version=book.version, data=book.dump(), created_at=now
        )
        session.add(version)
        changing.replan(session, town.county, old, Mechanism(book, old.calendar, old.zone), now=now)
        mechanism.forget()

    lane.run_now(unit)


def with_step(offset: int, place: int = 5) -> Ladder:
    """The ladder with one step on another day: by default the supervisor's."""
    moved = STEPS[place].model_copy(update={"offset": offset})
    return Ladder(steps=(*STEPS[:place], moved, *STEPS[place + 1 :]))


def there_and_back(lane: Lane, town: Town, ladder: Ladder, now: datetime) -> None:
    lane.run_now(lambda s: outlook_follows(s, town, ladder, now))
    for version, book in enumerate((rules(ladder), rules()), start=2):
        change(lane, town, book.model_copy(update={"version": version}), now)


def outlook_follows(session: Session, town: Town, ladder: Ladder, now: datetime) -> None:
    """What the preview believes to have been told under other rules, and under the old ones again."""
    old = make.mechanism(session, session.get_one(County, town.county))
    new = Mechanism(rules(ladder), old.calendar, old.zone)
    start = outlook.outlook(session, town.county, old, now=now, until=now + timedelta(days=30))
    back = changing.replanned(changing.replanned(start, old, new, now=now), new, old, now=now)
    assert back.told == start.told
    assert sorted(back.queued, key=str) == sorted(start.queued, key=str)


def heard(lane: Lane, town: Town) -> set[tuple[int, str]]:
    return {(step, town.who(member)) for step, member in lane.run_now(lambda s: told(s, town.visit))}


def notices(lane: Lane) -> list[tuple[datetime, int | None]]:
    return [(row.due_at, row.member_id) for row in lane.run_now(lambda s: make.mail(s, "alert"))]


def test_a_step_that_has_another_number_now_is_told_to_whoever_was_told_the_old_one(
    lane: Lane, town: Town
) -> None:
    look(lane, at("2026-12-03", "09:00"))  # the leader's step, number 7, and all before it
    change(lane, town, rules(Ladder(steps=STEPS[1:])), at("2026-12-04", "10:00"))
    before = len(notices(lane))
    look(lane, at("2026-12-10", "09:00"))  # the first repeat has the number 7 now
    assert {who for step, who in heard(lane, town) if step == 7} == {"supervisor", "staff", "leader"}
    assert len(notices(lane)) == before + 3


def test_nobody_is_told_the_same_step_again(lane: Lane, town: Town) -> None:
    look(lane, at("2026-11-25", "09:00"))
    assert (5, "supervisor") in heard(lane, town)
    later = LadderStep(offset=2, to=Recipient.supervisor, via=Via.notice, at=time(11))
    change(lane, town, rules(Ladder(steps=(*NOTICES[:1], later, *NOTICES[2:]))), at("2026-11-25", "10:00"))
    look(lane, at("2026-11-25", "11:00"))
    assert [step for step, who in heard(lane, town) if who == "supervisor"] == [1]


def test_a_step_that_is_still_owed_stays_owed(lane: Lane, town: Town) -> None:
    """The assistant was down when the supervisor's step came, and the rules were changed before it ran again."""
    look(lane, at("2026-11-24", "12:00"))
    change(lane, town, rules(Ladder(steps=NOTICES)), at("2026-11-26", "10:00"))
    visit = lane.run_now(lambda s: s.get_one(Visit, town.visit))
    assert (visit.next_look_at, visit.next_step) == (at("2026-11-25", "09:00"), 1)
    look(lane, at("2026-11-26", "10:01"))
    assert notices(lane) == [(at("2026-11-26", "10:01"), town.supervisor)]


def test_a_new_step_ahead_is_taken(lane: Lane, town: Town) -> None:
    look(lane, at("2026-11-25", "09:00"))
    sooner = LadderStep(offset=3, to=Recipient.commission_staff, via=Via.notice, at=time(9))
    change(lane, town, rules(Ladder(steps=(*STEPS[:6], sooner, *STEPS[6:]))), at("2026-11-25", "10:00"))
    visit = lane.run_now(lambda s: s.get_one(Visit, town.visit))
    assert (visit.next_look_at, visit.next_step) == (at("2026-11-26", "09:00"), 6)


def test_the_morning_moves_with_its_hour(lane: Lane, town: Town) -> None:
    look(lane, at(MONDAY, "08:30"))
    hours = Rulebook.default().hours.model_copy(update={"digest_at": time(8)})
    change(lane, town, rules(hours=hours), at(MONDAY, "10:00"))
    mornings = lane.run_now(lambda s: s.get_one(Member, town.officer).digest_at)
    assert mornings == at("2026-11-24", "08:00")


def test_what_was_told_at_steps_there_are_no_more_is_kept_as_far_as_it_has_a_place(
    lane: Lane, town: Town
) -> None:
    look(lane, at("2026-11-12", "08:30"))
    look(lane, at("2026-11-18", "08:30"))
    look(lane, at("2026-11-20", "08:30"))
    change(lane, town, rules(Ladder(steps=(STEPS[1], *NOTICES))), at("2026-11-20", "10:00"))
    reminders = lane.run_now(lambda s: s.exec(select(Reminder).order_by(col(Reminder.distance))).all())
    assert [(told.step, told.distance, told.member_id) for told in reminders] == [
        (None, -7, town.officer),
        (None, -3, town.officer),
        (0, -1, town.officer),
    ]


def test_a_quiet_time_keeps_what_it_put_off(lane: Lane, town: Town) -> None:
    def unit(session: Session) -> Look:
        visit = session.get_one(Visit, town.visit)
        visit.acknowledged_until = at("2026-12-02", "09:00")
        old = make.mechanism(session, session.get_one(County, town.county))
        new = Mechanism(rules(Ladder(steps=NOTICES)), old.calendar, old.zone)
        planned = Look(at("2026-12-02", "09:00"), 6)
        return changing.look_anew(visit, planned, old, new, now=at("2026-12-01", "10:00"))

    assert lane.run_now(unit) == (at("2026-12-02", "09:00"), 2)


@pytest.mark.parametrize(("ladder", "day"), [
    (with_step(3), "2026-11-25"),  # on the day on which the supervisor has heard
    (with_step(3), "2026-11-27"),
    (with_step(4, place=6), "2026-12-03"),
    (with_step(9, place=7), "2026-12-10"),  # all repeats move with the last step
    (Ladder(steps=STEPS[2:]), "2026-12-10"),
    (Ladder(steps=STEPS[5:]), "2026-11-25"),
])  # fmt: skip
def test_a_ladder_changed_and_changed_back_knows_what_was_told(
    lane: Lane, town: Town, ladder: Ladder, day: str
) -> None:
    for earlier in ("2026-11-12", "2026-11-18", "2026-11-20", "2026-11-24", "2026-11-25", "2026-11-30", day):
        look(lane, min(at(earlier), at(day)))
    lane.run_now(_all_sent)
    before = heard(lane, town)
    there_and_back(lane, town, ladder, at(day, "10:00"))
    assert heard(lane, town) == before


def _all_sent(session: Session) -> None:
    for row in session.exec(select(Outbox)):
        row.state = OutboxState.sent


def test_whoever_has_heard_is_not_told_again_with_one_whose_notice_waited(lane: Lane, town: Town) -> None:
    """The leader reads in the afternoon alone; in between a step was moved and moved back, and the office is on it."""
    for day in ("2026-11-24", "2026-11-25", "2026-11-30", "2026-12-03", "2026-12-10"):
        look(lane, at(day))
    there_and_back(lane, town, with_step(9, place=7), at("2026-12-10", "10:00"))

    def seen_to(session: Session) -> None:
        visit, leader = session.get_one(Visit, town.visit), session.get_one(Member, town.leader)
        visit.acknowledged_until = at("2026-12-15")
        session.flush()
        (waits,) = session.exec(
            select(Outbox).where(Outbox.member_id == town.leader, Outbox.due_at == at("2026-12-10"))
        )
        there = make.mechanism(session, session.get_one(County, town.county))
        assert passing.hand_over(
            session, waits, actor_of(session, leader, "en"), there, now=at("2026-12-10", "15:00")
        )

    lane.run_now(seen_to)
    look(lane, at("2026-12-15"))
    told = lane.run_now(lambda s: s.exec(select(Reminder).where(Reminder.at == at("2026-12-15"))).all())
    assert [(one.step, town.who(one.member_id)) for one in told] == [(8, "leader")]
