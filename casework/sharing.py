"""Who may finish what somebody has begun to write: whoever the doors let write it down themselves."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from casework import notes
from casework.forms.catalog import NOTE_FORMS
from storage.errors import NotFound, Refused
from storage.prepared import Prepared
from storage.queries import leaves, units
from storage.queries.access import Speaker, active_members, actor_of
from storage.queries.heads import head
from storage.queries.recusals import is_barred
from storage.tables.cases import Case
from storage.tables.members import Member, MemberState, Role

_CASE = Prepared(
    select_columns(col(Case.county_id), col(Case.care_officer_id)).where(col(Case.id) == bindparam("case"))
)


def candidates(
    session: Session, author: Member | Speaker, form: str, about_id: int, *, today: date
) -> list[Member]:
    """The colleagues who may write this note: those who make the visit or care for the person by now, their covers, the
    others who speak for the unit or work in the office, as the form has it. None where the author keeps out of the
    case."""
    if form not in NOTE_FORMS:
        return []
    found = _whose(session, about_id)
    if found is None:
        return []
    case_id, county_id, officers = found
    if county_id != author.county_id or is_barred(session, author.id, case_id):
        return []
    covers = leaves.covers_on(session, county_id, today)
    near = officers | {covers.get(one) for one in officers}
    if form == "unit_opinion":
        near |= set(units.speakers(session, session.get_one(Case, case_id)))
    if form == "review":
        near |= {one.id for one in active_members(session, county_id, Role.commission_staff)}
    near -= {None, author.id}
    if not near:  # nearly always, and asked whenever somebody is about to give a form up
        return []
    query = select(Member).where(col(Member.id).in_(near), Member.state == MemberState.active)
    able = session.exec(query.order_by(col(Member.id))).all()
    return [one for one in able if may_write(session, one, form, about_id, today=today)]


def _whose(session: Session, about_id: int) -> tuple[int, int, set[int]] | None:
    """The case that a visit or a case is, its county, and who makes the visit or looks after the person."""
    visit = head(session, about_id)
    if visit is not None:
        case_id, county_id, those = visit.case_id, visit.county_id, (visit.officer_id, visit.care_officer_id)
    elif (case := _CASE.first(session, {"case": about_id})) is not None:
        case_id, county_id, those = about_id, case[0], (case[1], None)
    else:
        return None
    return case_id, county_id, {one for one in those if one is not None}


def may_write(session: Session, member: Member, form: str, about_id: int, *, today: date) -> bool:
    """Whether the door is open to a member."""
    actor = actor_of(session, member, member.language or "")
    try:
        notes.about(session, actor, form, about_id, today=today, submitting=False)
    except (NotFound, Refused):
        return False
    return True
