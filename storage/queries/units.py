"""Who speaks for a unit's Party organisation. Never the person concerned, whatever office they hold there."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from storage.tables.cases import Case, Person
from storage.tables.members import Member, MemberRole, MemberState, Role
from storage.tables.visits import Visit, VisitKind, VisitState


def speakers(session: Session, case: Case) -> list[int]:
    """The active members who speak for the unit of a case's person, the one who has done so longest first."""
    themselves = select(MemberRole.member_id).where(
        MemberRole.role == Role.subject, MemberRole.person_id == case.person_id
    )
    query = (
        select(Member.id)
        .join(MemberRole, col(MemberRole.member_id) == Member.id)
        .join(Person, col(Person.unit_id) == MemberRole.unit_id)
        .where(
            Person.id == case.person_id,
            MemberRole.role == Role.unit_party_org,
            Member.county_id == case.county_id,
            Member.state == MemberState.active,
            col(Member.id).not_in(themselves),
        )
        .order_by(col(Member.id))
    )
    return list(dict.fromkeys(session.exec(query)))


def speaks_for(session: Session, member_id: int, case_id: int) -> bool:
    return member_id in speakers(session, session.get_one(Case, case_id))


def awaited(session: Session, member_id: int) -> Sequence[int]:
    """The opinions that are planned in the unit for which a member speaks, earliest due first."""
    query = (
        select(Visit.id, Case)
        .join(Case, col(Case.id) == Visit.case_id)
        .join(Person, col(Person.id) == Case.person_id)
        .join(MemberRole, col(MemberRole.unit_id) == Person.unit_id)
        .where(
            MemberRole.member_id == member_id,
            MemberRole.role == Role.unit_party_org,
            Visit.kind == VisitKind.unit_opinion,
            Visit.state == VisitState.planned,
        )
        .order_by(col(Visit.due_on), col(Visit.id))
    )
    return [visit_id for visit_id, case in session.exec(query) if member_id in speakers(session, case)]
