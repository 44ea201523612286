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
from storage.queries.access import Actor, active_members, actor_of
from storage.queries.heads import head
from storage.queries.recusals import is_barred
from storage.tables.cases import Case
from storage.tables.members import Member, MemberState, Role

_CASE = Prepared(
    select_columns(col(Case.county_id), col(Case.care_officer_id)).where(col(Case.id) == bindparam("case"))
)


def candidates(session: Session, actor: Actor, form: str, about_id: int, *, today: date) -> list[Member]:
    """The colleagues who may write this note: those who make the visit or care for the person by now, their covers, the
    others who speak for the unit or work in the office, as the form has it. None where the actor keeps out of the
    case."""
    if form not in NOTE_FORMS:
        return []
    visit = head(session, about_id)
    case_id = visit.case_id if visit is not None else about_id
    case = _CASE.first(session, {"case": case_id})
    if case is None or case[0] != actor.county_id or is_barred(session, actor.member_id, case_id):
        return []
    officers = {case[1], visit.officer_id if visit is not None else None} - {None}
    covers = leaves.covers_on(session, actor.county_id, today)
    near = officers | {covers.get(one) for one in officers}
    if form == "unit_opinion":
        near |= set(units.speakers(session, session.get_one(Case, case_id)))
    if form == "review":
        near |= {one.id for one in active_members(session, actor.county_id, Role.commission_staff)}
    near -= {None, actor.member_id}
    if not near:  # nearly always, and asked whenever somebody is about to give a form up
        return []
    query = select(Member).where(col(Member.id).in_(near), Member.state == MemberState.active)
    able = session.exec(query.order_by(col(Member.id))).all()
    return [one for one in able if may_write(session, one, form, about_id, today=today)]


def may_write(session: Session, member: Member, form: str, about_id: int, *, today: date) -> bool:
    """Whether the door is open to a member."""
    actor = actor_of(session, member, member.language or "")
    try:
        notes.about(session, actor, form, about_id, today=today, submitting=False)
    except (NotFound, Refused):
        return False
    return True
