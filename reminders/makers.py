"""Others speak for a unit, or work in the office, than when a visit was planned: whose it is then."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from reminders import schedule
from reminders.course import happened
from reminders.ladder import refresh_messages
from reminders.mechanism import mechanism_of
from storage.queries import offices, units
from storage.queries.access import active_members
from storage.tables.cases import Case, Person
from storage.tables.counties import Unit
from storage.tables.members import Role
from storage.tables.visits import Visit, VisitEventKind, VisitKind, VisitState


def speaker_changed(session: Session, unit_id: int, *, now: datetime, actor_id: int | None) -> None:
    """Others speak for a unit's Party organisation now: an opinion that is planned goes to who does."""
    query = (
        select(Visit, Case)
        .join(Case, col(Case.id) == Visit.case_id)
        .join(Person, col(Person.id) == Case.person_id)
        .where(
            Person.unit_id == unit_id,
            # as an index has them
            Visit.county_id == select(Unit.county_id).where(Unit.id == unit_id).scalar_subquery(),
            Visit.kind == VisitKind.unit_opinion,
            Visit.state == VisitState.planned,
        )
    )
    for visit, case in session.exec(query).all():
        _hand_on(session, visit, units.speakers(session, case), now, actor_id)


def office_changed(
    session: Session, county_id: int, *, now: datetime, actor_id: int | None, case_id: int | None = None
) -> None:
    """Others of the office may do the reviews now (in one case): what nobody of them has, goes to one of them."""
    mechanism = mechanism_of(session, county_id)
    there = {member.id for member in active_members(session, county_id, Role.commission_staff)}
    for visit in offices.planned(session, county_id):
        if visit.officer_id in there and visit.case_id != case_id:
            continue
        able = offices.reviewers(session, session.get_one(Case, visit.case_id))
        if _hand_on(session, visit, able, now, actor_id) and visit.officer_id is not None:
            schedule.hear_each_morning(session, visit.officer_id, mechanism, now)


def _hand_on(
    session: Session, visit: Visit, able: Sequence[int], now: datetime, actor_id: int | None
) -> bool:
    """Whether the visit changed hands."""
    before = visit.officer_id
    if before not in able:
        visit.officer_id = next(iter(able), None)
        happened(session, visit, VisitEventKind.handed_over, now, actor_id)
        refresh_messages(session, visit, now=now)
    return visit.officer_id != before
