"""Sixty days of leave and of people out of reach, by dice: no officer on leave is troubled, nothing stays silent."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, delete, select

from reminders import mechanism, passing, rules
from reminders.ladder import Recipients, is_reachable
from reminders.workdays import WorkCalendar
from storage.lane import Lane
from storage.queries import leaves
from storage.rulebook import Rulebook
from storage.tables.counties import County
from storage.tables.leaves import Leave
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member
from storage.tables.visits import Reminder, Visit
from tests import make
from tests.make import Town, at
from tests.reminders.test_leave import DAY, bound_town, look, lose

START = date(2026, 11, 2)
span = st.tuples(st.integers(0, 55), st.integers(1, 12), st.booleans())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    plan=st.dictionaries(
        st.sampled_from(["officer", "colleague", "supervisor", "staff", "leader"]),
        st.lists(span, max_size=3),
        max_size=4,
    ),
    lost=st.sets(st.sampled_from(["officer", "colleague", "supervisor", "staff"]), max_size=3),
)
def test_no_officer_on_leave_is_reminded_and_nothing_overdue_stays_silent(
    lane: Lane, plan: dict[str, list[tuple[int, int, bool]]], lost: set[str]
) -> None:
    """Whoever is away whenever, and whoever cannot be reached: two visits that nobody makes, sixty days, every hour
    looked at and delivered."""
    town = lane.run_now(_afresh)
    lane.run_now(lambda s: lose(s, *(getattr(town, who) for who in lost)))
    _plan_leave(lane, town, plan)
    officers = {town.officer, town.colleague}
    sent: list[tuple[datetime, Outbox]] = []
    for n in range(60):
        for hour in ("08:30", "09:00", "14:30", "17:30"):
            now = at(START + DAY * n, hour)
            look(lane, now)
            sent += [(now, row) for row in _deliver(lane, now)]
    for moment, row in sent:
        if row.member_id in officers:
            assert not _is_away(lane, row.member_id, moment.date()), (row.kind, moment)
    _nobody_waits_in_silence(lane, town, sent)


def _is_away(lane: Lane, member_id: int, day: date) -> bool:
    return lane.run_now(lambda s: leaves.on_leave(s, member_id, day)) is not None


def _afresh(session: Session) -> Town:
    mechanism.forget()
    for table in (Reminder, Outbox, Leave):
        session.execute(delete(table))
    if session.exec(select(County)).first() is None:
        made = bound_town(session, date(2026, 11, 12))
        county, colleague = session.get_one(County, made.county), session.get_one(Member, made.colleague)
        make.visit(session, make.case(session, county, colleague), date(2026, 11, 17))
        _towns[:] = [made]
    for visit in session.exec(select(Visit)):
        look_at = rules.next_look(visit.due_on, at("2026-10-30"), *_rules(session, visit))
        visit.next_look_at, visit.next_step = look_at
    for member in session.exec(select(Member).where(col(Member.digest_at).is_not(None))):
        member.digest_at = at(START, "08:30")
    return _towns[0]


_towns: list[Town] = []


def _rules(session: Session, visit: Visit) -> tuple[Rulebook, WorkCalendar, ZoneInfo]:
    found = mechanism.mechanism_of(session, visit.county_id)
    return found.rulebook, found.calendar, found.zone


def _plan_leave(lane: Lane, town: Town, plan: dict[str, list[tuple[int, int, bool]]]) -> None:
    def unit(session: Session) -> None:
        for who, spans in plan.items():
            for begins, length, covered in spans:
                first = START + DAY * begins
                me = getattr(town, who)
                if leaves.overlapping(session, me, first, first + DAY * (length - 1)):
                    continue
                other = town.colleague if who == "officer" else town.officer
                cover = other if covered and who in ("officer", "colleague") else None
                session.add(
                    Leave(county_id=town.county, member_id=me, cover_id=cover, first_on=first,
                          last_on=first + DAY * (length - 1), created_at=at(START))
                )  # fmt: skip
                session.flush()

    lane.run_now(unit)


def _deliver(lane: Lane, now: datetime) -> list[Outbox]:
    """What the post office would send, with its last look at who is away and who can be reached."""

    def unit(session: Session) -> list[Outbox]:
        sent = []
        waiting = select(Outbox).where(Outbox.state == OutboxState.todo, col(Outbox.due_at) <= now)
        while (row := session.exec(waiting.order_by(col(Outbox.id)).limit(1)).first()) is not None:
            rules_of = mechanism.mechanism_of(session, row.county_id or 0)
            if passing.hand_on(session, row, Recipients(session, reachable=True), rules_of, now=now):
                row.state = OutboxState.withdrawn
            elif row.member_id is not None and not is_reachable(session, row.member_id):
                row.owner = "post"
                session.flush()
                passing.give_up(session, row.id, "post", "unreachable", now=now)
            elif row.member_id is not None:
                row.state, row.sent_at = OutboxState.sent, now
                sent.append(row)
        return sent

    return lane.run_now(unit)


def _nobody_waits_in_silence(lane: Lane, town: Town, sent: list[tuple[datetime, Outbox]]) -> None:
    """From the second working day of its lateness on, each visit is in some message every few working days."""
    by_visit: dict[int, list[date]] = {}
    reminders = lane.run_now(lambda s: s.exec(select(Reminder)).all())
    delivered = {row.id: moment.date() for moment, row in sent}
    for reminder in reminders:
        if reminder.outbox_id in delivered:
            by_visit.setdefault(reminder.visit_id, []).append(delivered[reminder.outbox_id])
    calendar = WorkCalendar()
    for visit in lane.run_now(lambda s: s.exec(select(Visit)).all()):
        told_on = sorted(by_visit.get(visit.id, []))
        points = [calendar.add_workdays(visit.due_on, 1), *told_on, START + DAY * 59]
        gaps = [calendar.workdays_between(a, b) for a, b in pairwise(points) if b > a]
        assert max(gaps) <= 6, (visit.due_on, told_on)
