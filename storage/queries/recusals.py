"""Who keeps out of a case: the person it is about, and whoever is recused (回避) from it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import bindparam, exists
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Session, and_, col, or_, select

from storage.bulk import asking_among, listed
from storage.prepared import Prepared
from storage.tables.cases import Case
from storage.tables.members import Member, MemberRole, Role
from storage.tables.recusals import Recusal

_STANDS = col(Recusal.ended_at).is_(None)
_IS_ABOUT_ONE = col(MemberRole.person_id).is_not(None)
_WITH_TASKS = [role for role in Role if role is not Role.subject]


# Asked for whatever is told to anybody: put together once.
_RECUSED = asking_among(
    lambda among: select(Recusal.county_id, Recusal.case_id, Recusal.member_id).where(
        among(col(Recusal.county_id)), _STANDS
    )
)
# Of the persons concerned those alone who have tasks here themselves: no others would be told anything, and there
# are few of them, so that it is from them that one gets to the cases.
_WORKS = aliased(MemberRole)
_CONCERNED = asking_among(
    lambda among: (
        select(Case.county_id, Case.id, MemberRole.member_id)
        .select_from(_WORKS)
        .join(MemberRole, and_(col(MemberRole.member_id) == _WORKS.member_id, _IS_ABOUT_ONE))
        .join(Case, and_(col(Case.person_id) == MemberRole.person_id, Case.county_id == MemberRole.county_id))
        .where(
            among(col(_WORKS.county_id)),
            or_(*(col(_WORKS.role) == role for role in _WITH_TASKS)),
            among(col(MemberRole.county_id)),
        )
    )
)


def barred(session: Session, county_id: int) -> Mapping[int, frozenset[int]]:
    """By case, the members of a county who must not deal with it. Most cases have none."""
    return barred_in(session, [county_id])[county_id]


def barred_in(session: Session, county_ids: Sequence[int]) -> dict[int, Mapping[int, frozenset[int]]]:
    """The same for several counties."""
    found: dict[int, defaultdict[int, set[int]]] = {county_id: defaultdict(set) for county_id in county_ids}
    for query in (_RECUSED, _CONCERNED):
        for county_id, case_id, member_id in query.all(session, listed(session, county_ids)):
            found[county_id][case_id].add(member_id)
    return {
        county_id: {case_id: frozenset(members) for case_id, members in cases.items()}
        for county_id, cases in found.items()
    }


def free_for(member_id: Any) -> Any:
    """The condition that a member may deal with a `Case`, as far as nearness goes."""
    recused = exists().where(col(Recusal.case_id) == Case.id, col(Recusal.member_id) == member_id, _STANDS)
    concerned = exists().where(
        col(MemberRole.member_id) == member_id, col(MemberRole.person_id) == Case.person_id
    )
    return and_(~recused.correlate(Case), ~concerned.correlate(Case))


_FREE = Prepared(
    select_columns(col(Case.id)).where(col(Case.id) == bindparam("case"), free_for(bindparam("member")))
)


def is_barred(session: Session, member_id: int, case_id: int) -> bool:
    """Whether a member must not deal with a case."""
    return _FREE.first(session, {"case": case_id, "member": member_id}) is None


def of_case(session: Session, case_id: int) -> list[tuple[Recusal, Member]]:
    """The recusals of a case that stand, oldest first."""
    query = (
        select(Recusal, Member)
        .join(Member, col(Member.id) == Recusal.member_id)
        .where(Recusal.case_id == case_id, _STANDS)
        .order_by(col(Recusal.id))
    )
    return list(session.exec(query).all())
