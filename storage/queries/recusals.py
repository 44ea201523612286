"""Who keeps out of a case: the person it is about, and whoever is recused (回避) from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, select

from storage.tables.cases import Case
from storage.tables.members import Member, MemberRole, Role
from storage.tables.recusals import Recusal

_STANDS = col(Recusal.ended_at).is_(None)


def barred(session: Session, county_id: int) -> Mapping[int, frozenset[int]]:
    """By case, the members of a county who must not deal with it. Most cases have none."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    recused = select(Recusal.case_id, Recusal.member_id).where(Recusal.county_id == county_id, _STANDS)
    # Of the persons concerned those alone who have tasks here themselves: no others would be told anything.
    works = aliased(MemberRole)
    has_work = exists().where(col(works.member_id) == MemberRole.member_id, col(works.role) != Role.subject)
    concerned = (
        select(Case.id, MemberRole.member_id)
        .join(MemberRole, col(MemberRole.person_id) == Case.person_id)
        .where(Case.county_id == county_id, MemberRole.county_id == county_id, has_work)
    )
    for query in (recused, concerned):
        for case_id, member_id in session.exec(query):
            found[case_id].add(member_id)
    return {case_id: frozenset(members) for case_id, members in found.items()}


def is_barred(session: Session, member_id: int, case_id: int) -> bool:
    """Whether a member must not deal with a case."""
    return session.exec(select(Case.id).where(Case.id == case_id, free_for(member_id))).first() is None


def free_for(member_id: int) -> Any:
    """The condition that a member may deal with a `Case`, as far as nearness goes."""
    recused = select(Recusal.case_id).where(Recusal.member_id == member_id, _STANDS)
    concerned = select(MemberRole.person_id).where(
        MemberRole.member_id == member_id, col(MemberRole.person_id).is_not(None)
    )
    return and_(col(Case.id).not_in(recused), col(Case.person_id).not_in(concerned))


def of_case(session: Session, case_id: int) -> list[tuple[Recusal, Member]]:
    """The recusals of a case that stand, oldest first."""
    query = (
        select(Recusal, Member)
        .join(Member, col(Member.id) == Recusal.member_id)
        .where(Recusal.case_id == case_id, _STANDS)
        .order_by(col(Recusal.id))
    )
    return list(session.exec(query).all())
