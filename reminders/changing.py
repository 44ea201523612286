"""Changing the rules of a county: what becomes of the visits and mornings that are planned already.

Steps of the ladder have numbers, and another ladder counts them differently. What was told keeps its place by its
distance from the due day, so that nobody hears the same again and no step that is still owed is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol

from sqlmodel import Session, col, select

from reminders import calls, confirming, rules, rungs, silence
from reminders.course import look_again
from reminders.mechanism import Mechanism, mechanism_of
from reminders.outlook import Open, Outlook, Queued
from reminders.rules import Look
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member
from storage.tables.visits import Reminder, Visit, VisitState


class Quiet(Protocol):
    """What keeps a visit quiet, and when it is due."""

    @property
    def due_on(self) -> date: ...
    @property
    def acknowledged_until(self) -> datetime | None: ...
    @property
    def rest_until(self) -> datetime | None: ...


def look_anew(visit: Quiet, planned: Look, old: Mechanism, new: Mechanism, *, now: datetime) -> Look:
    """The next look under the new rules. What is overdue to be told stays so, and what a quiet time put off is owed."""
    owed = rules.step(visit.due_on, planned.step, old.rulebook, old.calendar, old.zone).offset
    first = rules.first_from(owed, new.rulebook.ladder)
    if planned.moment <= now:
        return Look(planned.moment, first)
    return rules.next_look(
        visit.due_on,
        now,
        new.rulebook,
        new.calendar,
        new.zone,
        first=first,
        ack_until=visit.acknowledged_until,
        rest_until=visit.rest_until,
    )


def morning_anew(planned: datetime, new: Mechanism, *, now: datetime) -> datetime:
    if planned <= now:
        return planned
    return rules.next_digest(now, new.rulebook, new.calendar, new.zone)


def _place(due_on: date, step: int, old: Mechanism, new: Mechanism) -> int:
    """Which step of the new ladder stands where this one stood, or before it; -1 for none."""
    offset = rules.step(due_on, step, old.rulebook, old.calendar, old.zone).offset
    return rules.last_until(offset, new.rulebook.ladder)


def replanned(start: Outlook, old: Mechanism, new: Mechanism, *, now: datetime) -> Outlook:
    """The outlook as it would be if the new rules were saved now."""
    visits, book = dict(start.visits), new.rulebook.safety
    for visit in start.visits.values():
        if visit.look_at is not None and visit.step is not None:
            look = look_anew(visit, Look(visit.look_at, visit.step), old, new, now=now)
            visits[visit.id] = replace(visit, look_at=look.moment, step=look.step)
    told = {
        (visit, _place(visits[visit].due_on, step, old, new), member)
        for visit, step, member in start.told
        if visit in visits
    }
    mornings = {member: morning_anew(at, new, now=now) for member, at in start.mornings.items()}
    queued = tuple(replace(row, visits=_renumbered(row, visits, old, new)) for row in start.queued)
    calls_anew = {
        call.id: replace(call, look_at=rungs.next_look(call.opened_at, call.told_at, call.rest_until, book))
        for call in start.calls.values()
    }
    days = (new.rulebook, new.calendar, new.zone)
    asked = {
        one.id: replace(one, look_at=silence.heard_at(one.asked_at, one.own, one.leave, *days))
        for one in start.asked.values()
        if one.look_at is not None
    }
    return replace(
        start,
        visits=visits,
        told=frozenset(told),
        mornings=mornings,
        queued=queued,
        calls=calls_anew,
        asked=start.asked | asked,
    )


def _renumbered(
    row: Queued, visits: dict[int, Open], old: Mechanism, new: Mechanism
) -> tuple[tuple[int, int | None], ...]:
    return tuple(
        (visit, None if step is None else max(_place(visits[visit].due_on, step, old, new), 0))
        for visit, step in row.visits
        if visit in visits
    )


def replan(session: Session, county_id: int, old: Mechanism, new: Mechanism, *, now: datetime) -> int:
    """Decide every next look and morning of a county anew, in the transaction that saves the rules. How many visits."""
    open_visits = select(Visit).where(Visit.county_id == county_id, Visit.state == VisitState.planned)
    found = session.exec(open_visits.with_for_update()).all()
    for visit in found:
        if visit.next_look_at is not None and visit.next_step is not None:
            look = look_anew(visit, Look(visit.next_look_at, visit.next_step), old, new, now=now)
            visit.next_look_at, visit.next_step = look.moment, look.step
    if old.rulebook.ladder != new.rulebook.ladder:
        _renumber(session, county_id, old, new)
    calls.replan(session, county_id, new)
    confirming.replan(session, county_id, new)
    mornings = select(Member).where(Member.county_id == county_id, col(Member.digest_at).is_not(None))
    for member in session.exec(mornings.with_for_update()).all():
        if member.digest_at is not None:
            member.digest_at = morning_anew(member.digest_at, new, now=now)
    return len(found)


def _renumber(session: Session, county_id: int, old: Mechanism, new: Mechanism) -> None:
    """Give what was told of open visits the numbers of the new ladder: the newest first, each its own. What is older
    than any step there is now can be told by none; it has no number, and stays for `/why`."""
    query = (
        select(Reminder)
        .join(Visit, (col(Visit.id) == Reminder.visit_id) & (col(Visit.due_on) == Reminder.due_on))
        .where(
            Visit.county_id == county_id, Visit.state == VisitState.planned, col(Reminder.step).is_not(None)
        )
        .order_by(col(Reminder.step).desc())
    )
    taken: dict[tuple[int, int], set[int]] = defaultdict(set)
    numbers: list[tuple[Reminder, int]] = []
    for told in session.exec(query).all():
        place = _place(told.due_on, told.step or 0, old, new)
        used = taken[told.visit_id, told.member_id]
        while place in used:
            place -= 1
        if place >= 0:
            used.add(place)
            numbers.append((told, place))
            told.step = -1 - place  # out of the way of the others first: the key is unique
        elif _waits(session, told):
            session.delete(told)  # its notice says nothing of it any more
        else:
            told.step = None
    session.flush()
    for told, place in numbers:
        told.step = place
    session.flush()


def _waits(session: Session, told: Reminder) -> bool:
    """Whether it is still to be told, by a notice that has not gone out."""
    query = select(Outbox.id).where(
        Outbox.id == told.outbox_id, col(Outbox.state).in_((OutboxState.todo, OutboxState.sending))
    )
    return told.outbox_id is not None and session.exec(query).first() is not None


def days_changed(session: Session, county_ids: Sequence[int], *, now: datetime) -> int:
    """The calendar of these counties is another one: every open visit and every morning is looked at anew by it.

    What was due before `now` and has not been looked at yet stays due. Returns how many visits got another moment.
    """
    changed = 0
    for county_id in county_ids:
        mechanism = mechanism_of(session, county_id)
        query = select(Visit).where(
            Visit.county_id == county_id, Visit.state == VisitState.planned, col(Visit.next_look_at) > now
        )
        for visit in session.exec(query.with_for_update()):
            before = visit.next_look_at
            look_again(visit, mechanism, now, waiting=visit.next_step)
            changed += visit.next_look_at != before
        confirming.replan(session, county_id, mechanism)
        mornings = select(Member).where(Member.county_id == county_id, col(Member.digest_at) > now)
        for member in session.exec(mornings.with_for_update()):
            member.digest_at = rules.next_digest(now, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    return changed
