"""Safety calls, each with what a message about it needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from storage.queries.access import Actor, may_know_call
from storage.tables.calls import SafetyCall, SafetyTold
from storage.tables.cases import Case, Person
from storage.tables.members import Member


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


def told_of(session: Session, call_id: int) -> list[int]:
    """Everybody who was told of a call."""
    query = select(SafetyTold.member_id).where(SafetyTold.call_id == call_id).distinct()
    return sorted(session.exec(query))


def newest_round_told(session: Session, call_id: int, member_id: int) -> int:
    """The last round of a call in which a member was told; 0 for none."""
    query = select(func.max(SafetyTold.round)).where(
        SafetyTold.call_id == call_id, SafetyTold.member_id == member_id
    )
    return session.exec(query).one() or 0
