"""Safety calls, each with what a message about it needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from storage.queries.access import Actor, may_know_call
from storage.queries.leaves import covered_by
from storage.queries.recusals import free_for
from storage.tables.calls import SafetyCall, SafetyTold
from storage.tables.cases import Case, CaseState, Person
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member, MemberRole, Role
from storage.tables.visits import Visit, VisitState


@dataclass(frozen=True)
class CallLine:
    """A call, the case it is about, and who opened it."""

    call: SafetyCall
    case: Case
    person: Person
    opener: Member | None


def _lines(session: Session, *conditions: Any) -> list[CallLine]:
    opener = aliased(Member)
    query = (
        select(SafetyCall, Case, Person, opener)
        .join(Case, col(Case.id) == SafetyCall.case_id)
        .join(Person, col(Person.id) == Case.person_id)
        .join(opener, col(opener.id) == SafetyCall.opened_by, isouter=True)
        .where(*conditions)
        .order_by(col(SafetyCall.opened_at), col(SafetyCall.id))
    )
    return [CallLine(*row) for row in session.exec(query).all()]


def by_id(session: Session, call_id: int) -> CallLine:
    return _lines(session, SafetyCall.id == call_id)[0]


def last_closed(session: Session, case_id: int) -> SafetyCall | None:
    """The latest call in a case that has ended. Whoever asks has come through the door of the case."""
    ended = select(SafetyCall).where(SafetyCall.case_id == case_id, col(SafetyCall.closed_at).is_not(None))
    return session.exec(ended.order_by(col(SafetyCall.closed_at).desc(), col(SafetyCall.id).desc())).first()


def open_of(session: Session, case_id: int) -> SafetyCall | None:
    """The open call of a case, for whoever is about to change it."""
    query = select(SafetyCall).where(SafetyCall.case_id == case_id, col(SafetyCall.closed_at).is_(None))
    return session.exec(query.with_for_update()).first()


def open_for(session: Session, actor: Actor, today: date, *, case_id: int | None = None) -> list[CallLine]:
    """The open calls that somebody may know of, the oldest first; of one case, if it is named."""
    conditions = [SafetyCall.county_id == actor.county_id, col(SafetyCall.closed_at).is_(None)]
    if case_id is not None:
        conditions.append(SafetyCall.case_id == case_id)
    found = _lines(session, *conditions)
    return [line for line in found if may_know_call(session, actor, line.call, today)]


def near(session: Session, actor: Actor, today: date, *, limit: int) -> list[tuple[Case, Person]]:
    """The cases whose person an actor meets, the ones that go on first: theirs as care officer or cover, those in which
    they make a visit, those of the unit they speak for. Each of them lets `access_case_to_warn` in."""
    who = {actor.member_id, *(leave.member_id for leave in covered_by(session, actor.member_id, today))}
    visited = select(Visit.case_id).where(
        col(Visit.officer_id).in_(who), Visit.state == VisitState.planned, Visit.county_id == actor.county_id
    )
    unit = select(MemberRole.unit_id).where(
        MemberRole.member_id == actor.member_id, MemberRole.role == Role.unit_party_org
    )
    ways = []
    if actor.has(Role.care_officer):
        ways += [col(Case.care_officer_id).in_(who), col(Case.id).in_(visited)]
    if actor.has(Role.unit_party_org):
        ways.append(col(Person.unit_id).in_(unit))
    if not ways:
        return []
    query = (
        select(Case, Person)
        .join(Person, col(Person.id) == Case.person_id)
        .where(Case.county_id == actor.county_id, free_for(actor.member_id), or_(*ways))
        .order_by(col(Case.state) == CaseState.closed, col(Case.code))
    )
    return list(session.exec(query.limit(limit)).all())


def case_of(session: Session, about_id: int) -> int | None:
    """The case that something is about: a case itself, a visit, a safety call; None for anything else."""
    for query in (
        select(Case.id).where(Case.id == about_id),
        select(Visit.case_id).where(Visit.id == about_id),
        select(SafetyCall.case_id).where(SafetyCall.id == about_id),
    ):
        found = session.exec(query).first()
        if found is not None:
            return found
    return None


def told_of(session: Session, call_id: int) -> list[int]:
    """Everybody who was told of a call."""
    query = select(SafetyTold.member_id).where(SafetyTold.call_id == call_id).distinct()
    return sorted(session.exec(query))


def times_told(session: Session, call_id: int, member_id: int) -> int:
    """How often a member was told of a call."""
    told = select(func.count()).where(SafetyTold.call_id == call_id, SafetyTold.member_id == member_id)
    return session.exec(told).one()


def is_told_anew(session: Session, call_id: int, member_id: int, round_: int) -> bool:
    """Whether a later message of a call has reached a member."""
    later = (
        select(SafetyTold.id)
        .join(Outbox, col(Outbox.id) == SafetyTold.outbox_id)
        .where(
            SafetyTold.call_id == call_id,
            SafetyTold.member_id == member_id,
            SafetyTold.round > round_,
            Outbox.state == OutboxState.sent,
        )
    )
    return session.exec(later.limit(1)).first() is not None


def newest_round_told(session: Session, call_id: int, member_id: int) -> int:
    """The last round of a call in which a member was told; 0 for none."""
    query = select(func.max(SafetyTold.round)).where(
        SafetyTold.call_id == call_id, SafetyTold.member_id == member_id
    )
    return session.exec(query).one() or 0
