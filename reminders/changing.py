"""Changing the rules of a county: what becomes of the visits and mornings that are planned already.

Steps of the ladder have numbers, and another ladder counts them differently. What was told keeps its place by its
distance from the due day, so that nobody hears the same again and no step that is still owed is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Protocol

from sqlmodel import Session, col, select

from reminders import calls, confirming, rules, rungs, silence
from reminders.course import look_again
from reminders.mechanism import Mechanism, mechanism_of
from reminders.outlook import Heard, Outlook, Queued
from reminders.rules import Look
from storage.rulebook import Ladder
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


def places(offsets: Iterable[int], ladder: Ladder) -> Iterator[int | None]:
    """What one member was told of one visit, the newest first, by its distance from the due day: which step of the
    ladder stands there, or before it, each its own. None where the ladder has no step left for it."""
    last = None
    for offset in offsets:
        place = rules.last_until(offset, ladder)
        last = place if last is None else min(place, last - 1)
        yield last if last >= 0 else None


def _offset(due_on: date, step: int | None, distance: int | None, by: Mechanism) -> int:
    """How far from the due day something was told. The distance is as it was told, whatever ladders held since; only an
    older version did not write it down."""
    if distance is not None:
        return distance
    return rules.step(due_on, step or 0, by.rulebook, by.calendar, by.zone).offset


def replanned(start: Outlook, old: Mechanism, new: Mechanism, *, now: datetime) -> Outlook:
    """The outlook as it would be if the new rules were saved now."""
    visits, book = dict(start.visits), new.rulebook.safety
    for visit in start.visits.values():
        if visit.look_at is not None and visit.step is not None:
            look = look_anew(visit, Look(visit.look_at, visit.step), old, new, now=now)
            visits[visit.id] = replace(visit, look_at=look.moment, step=look.step)
    told = dict(_heard_anew(start, old, new))
    mornings = {member: morning_anew(at, new, now=now) for member, at in start.mornings.items()}
    queued = tuple(replace(row, visits=tuple(_renumbered(row, told))) for row in start.queued)
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
        told=frozenset(told.values()),
        mornings=mornings,
        queued=queued,
        calls=calls_anew,
        asked=start.asked | asked,
    )


def _heard_anew(start: Outlook, old: Mechanism, new: Mechanism) -> Iterator[tuple[Heard, Heard]]:
    """What was told, each with itself under the numbers of the new ladder, as `_renumber` writes them."""
    of_one: dict[tuple[int, int], list[tuple[int, Heard]]] = defaultdict(list)
    for heard in start.told:
        if heard.visit_id in start.visits:
            due_on = start.visits[heard.visit_id].due_on
            offset = _offset(due_on, heard.step, heard.distance, old)
            of_one[heard.visit_id, heard.member_id].append((offset, heard))
    for told in of_one.values():
        told.sort(key=lambda one: one[0], reverse=True)
        steps = places((offset for offset, _ in told), new.rulebook.ladder)
        for (_, heard), step in zip(told, steps, strict=True):
            yield heard, heard._replace(step=step)


def _renumbered(row: Queued, told: dict[Heard, Heard]) -> Iterator[tuple[int, int | None]]:
    """Of which visits a message that waits tells which steps; what has no place in the ladder it tells no more."""
    of_row = {(one.visit_id, one.step): anew for one, anew in told.items() if one.member_id == row.member_id}
    for visit, step in row.visits:
        if step is None:
            yield visit, None
        elif (anew := of_row.get((visit, step))) is not None and anew.step is not None:
            yield visit, anew.step


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
    """Give what was told of open visits the numbers of the new ladder."""
    query = (
        select(Reminder)
        .join(Visit, (col(Visit.id) == Reminder.visit_id) & (col(Visit.due_on) == Reminder.due_on))
        .where(Visit.county_id == county_id, Visit.state == VisitState.planned)
    )
    _renumber_these(session, session.exec(query).all(), old, new.rulebook.ladder)


def renumber_visit(session: Session, visit: Visit, mechanism: Mechanism) -> None:
    """The same for one visit that was not open while the ladder may have changed."""
    query = select(Reminder).where(Reminder.visit_id == visit.id, Reminder.due_on == visit.due_on)
    _renumber_these(session, session.exec(query).all(), mechanism, mechanism.rulebook.ladder)


def _renumber_these(session: Session, found: Sequence[Reminder], old: Mechanism, ladder: Ladder) -> None:
    """Of each member the newest first. What is older than any step there is now can be told by none; it has no number,
    stays for `/why`, and gets its number again with the ladder that has its step."""
    of_one: dict[tuple[int, int], list[tuple[int, Reminder]]] = defaultdict(list)
    for told in found:
        if told.step is not None or told.distance is not None:
            offset = _offset(told.due_on, told.step, told.distance, old)
            of_one[told.visit_id, told.member_id].append((offset, told))
    numbers: list[tuple[Reminder, int]] = []
    for theirs in of_one.values():
        theirs.sort(key=lambda one: (one[0], one[1].id), reverse=True)
        for (_, told), place in zip(theirs, places((offset for offset, _ in theirs), ladder), strict=True):
            if place is not None:
                numbers.append((told, place))
                told.step = -1 - place  # out of the way of the others first: the key is unique
            elif told.step is not None and _waits(session, told):
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
        # What others have read meanwhile knows nothing of this change.
        mechanism = mechanism_of(session, county_id, fresh=True)
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
