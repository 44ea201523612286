"""Who may finish what somebody has begun to write: whoever the doors let write it down themselves."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session, col, select

from casework import notes
from casework.forms.catalog import NOTE_FORMS
from storage.errors import NotFound, Refused
from storage.queries import leaves, units
from storage.queries.access import Actor, active_members, actor_of
from storage.queries.recusals import is_barred
from storage.tables.cases import Case
from storage.tables.members import Member, MemberState, Role
from storage.tables.visits import Visit


def candidates(session: Session, actor: Actor, form: str, about_id: int, *, today: date) -> list[Member]:
    """The colleagues who may write this note: those who make the visit or care for the person by now, their covers, the
    others who speak for the unit or work in the office, as the form has it. None where the actor keeps out of the
    case."""
    if form not in NOTE_FORMS:
        return []
    visit = session.get(Visit, about_id)
    case = session.get(Case, visit.case_id if visit is not None else about_id)
    if case is None or case.county_id != actor.county_id or is_barred(session, actor.member_id, case.id):
        return []
    officers = {case.care_officer_id, visit.officer_id if visit is not None else None} - {None}
    away = leaves.running(session, case.county_id, today)
    near = officers | {away[one].cover_id for one in officers if one in away}
    if form == "unit_opinion":
        near |= set(units.speakers(session, case))
    if form == "review":
        near |= {one.id for one in active_members(session, case.county_id, Role.commission_staff)}
    query = select(Member).where(
        col(Member.id).in_(near - {None, actor.member_id}), Member.state == MemberState.active
    )
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
