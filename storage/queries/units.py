"""Who speaks for a unit's Party organisation. Never the person concerned, whatever office they hold there, nor
whoever is recused."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from storage.queries.recusals import free_for, is_barred
from storage.tables.cases import Case, Person
from storage.tables.members import Member, MemberRole, MemberState, Role
from storage.tables.visits import Visit, VisitKind, VisitState


def speakers(session: Session, case: Case) -> list[int]:
    """The active members who speak for the unit of a case's person, the one who has done so longest first."""
    query = (
        select(Member.id)
        .join(MemberRole, col(MemberRole.member_id) == Member.id)
        .join(Person, col(Person.unit_id) == MemberRole.unit_id)
        .where(
            Person.id == case.person_id,
            MemberRole.role == Role.unit_party_org,
            Member.county_id == case.county_id,
            Member.state == MemberState.active,
        )
        .order_by(col(Member.id))
    )
    return [one for one in dict.fromkeys(session.exec(query)) if not is_barred(session, one, case.id)]


def speaks_for(session: Session, member_id: int, case_id: int) -> bool:
    return member_id in speakers(session, session.get_one(Case, case_id))


def awaited(session: Session, member_id: int) -> Sequence[int]:
    """The opinions that are planned in the unit for which a member speaks, earliest due first."""
    query = (
        select(Visit.id)
        .join(Case, col(Case.id) == Visit.case_id)
        .join(Person, col(Person.id) == Case.person_id)
        .join(MemberRole, col(MemberRole.unit_id) == Person.unit_id)
        .where(
            MemberRole.member_id == member_id,
            MemberRole.role == Role.unit_party_org,
            Visit.county_id == MemberRole.county_id,  # as an index has them
            Visit.kind == VisitKind.unit_opinion,
            Visit.state == VisitState.planned,
            free_for(member_id),
        )
        .order_by(col(Visit.due_on), col(Visit.id))
    )
    return session.exec(query).all()
