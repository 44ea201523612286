"""What the person concerned may know of their own case: which it is, when somebody comes, whether they asked for it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from storage.tables.calls import SafetyCall
from storage.tables.cases import Case, CaseState
from storage.tables.members import MemberRole, Role
from storage.tables.visits import MEETINGS, Visit, VisitState

_ORDER = (CaseState.open, CaseState.held, CaseState.closed)


def case_of(session: Session, member_id: int) -> Case | None:
    """The case that a member is the person concerned of: the open one, else the newest."""
    query = (
        select(Case)
        .join(MemberRole, col(MemberRole.person_id) == Case.person_id)
        .where(
            MemberRole.member_id == member_id,
            MemberRole.role == Role.subject,
            Case.county_id == MemberRole.county_id,
        )
        .order_by(col(Case.id).desc())
    )
    found = session.exec(query).all()
    return min(found, key=lambda case: _ORDER.index(case.state)) if found else None


def meetings(session: Session, case: Case) -> Sequence[Visit]:
    """The planned visits at which somebody meets the person, earliest first. Of what is asked of others about them
    they hear nothing here."""
    if case.state is not CaseState.open:
        return []
    query = select(Visit).where(
        Visit.case_id == case.id, Visit.state == VisitState.planned, col(Visit.kind).in_(MEETINGS)
    )
    return session.exec(query.order_by(col(Visit.due_on), col(Visit.id))).all()


def open_call(session: Session, case: Case, member_id: int) -> SafetyCall | None:
    """The open safety call that the person asked for themselves. Of any other they are told nothing."""
    query = select(SafetyCall).where(
        SafetyCall.case_id == case.id, SafetyCall.opened_by == member_id, col(SafetyCall.closed_at).is_(None)
    )
    return session.exec(query).first()
