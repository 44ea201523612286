"""Who of the office sums up how a case stands (综合研判). Never the person concerned, nor whoever is recused."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, func, select

from storage.queries.access import active_members
from storage.queries.recusals import barred
from storage.tables.cases import Case
from storage.tables.members import Role
from storage.tables.visits import Visit, VisitKind, VisitState


def reviewers(session: Session, case: Case) -> list[int]:
    """The active commission staff who may deal with a case, whoever has the fewest reviews to do first."""
    out = barred(session, case.county_id).get(case.id, frozenset())
    able = [
        one.id for one in active_members(session, case.county_id, Role.commission_staff) if one.id not in out
    ]
    query = (
        select(Visit.officer_id, func.count())
        .where(
            Visit.kind == VisitKind.review,
            Visit.state == VisitState.planned,
            col(Visit.officer_id).in_(able),
        )
        .group_by(col(Visit.officer_id))
    )
    load = dict(session.exec(query).all())
    return sorted(able, key=lambda one: (load.get(one, 0), one))


def planned(session: Session, county_id: int) -> Sequence[Visit]:
    """The reviews that wait in a county."""
    query = select(Visit).where(
        Visit.county_id == county_id, Visit.kind == VisitKind.review, Visit.state == VisitState.planned
    )
    return session.exec(query.order_by(col(Visit.id))).all()
