"""回避: somebody keeps out of a case, or may deal with it again. The office enters both; who is told of the case from
then on follows by itself (storage/queries/recusals.py)."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from locales.catalogue import N_
from reminders import confirming, makers, matters
from reminders.ladder import refresh_messages
from storage import audit
from storage.errors import Conflict, NotFound, Refused
from storage.queries import recusals, units
from storage.queries.access import OFFICE, Actor, access_case, active_members, require
from storage.tables.cases import Case, Person
from storage.tables.members import Member, Role
from storage.tables.recusals import Recusal
from storage.tables.visits import Visit, VisitState

DEALING = (Role.care_officer, Role.supervisor, Role.commission_staff, Role.leader)
NO_SUCH_RECUSAL = N_("This recusal has ended already, or it is not yours to end.")


def candidates(session: Session, actor: Actor, case_id: int) -> list[Member]:
    """Who could be recused from a case: the care officer and their supervisor first, then all who deal with it; and who
    speaks for the unit."""
    case = _case(session, actor, case_id)
    barred = recusals.barred(session, case.county_id).get(case.id, frozenset())
    found = {
        member.id: member for role in DEALING for member in active_members(session, case.county_id, role)
    }
    found |= {one: session.get_one(Member, one) for one in units.speakers(session, case)}
    officer = found.get(case.care_officer_id or 0)
    nearest = (officer.id, officer.supervisor_id) if officer is not None else ()
    able = [member for member in found.values() if member.id not in barred]
    return sorted(able, key=lambda member: nearest.index(member.id) if member.id in nearest else len(nearest))


def recuse(
    session: Session, actor: Actor, case_id: int, member_id: int, reason: str | None, *, now: datetime
) -> Recusal:
    """A member keeps out of a case from now on, whatever they are in it.

    Raises:
        Refused: nobody of the office would be left for the case, or this is nobody who deals with cases.
        Conflict: they are recused already.
    """
    case = _case(session, actor, case_id)
    barred = recusals.barred(session, case.county_id).get(case.id, frozenset())
    if member_id in barred:
        raise Conflict(N_("They keep out of this case already.")).at("member")
    if member_id not in {member.id for member in candidates(session, actor, case_id)}:
        raise Refused(N_("This member does not deal with cases.")).at("member")
    staff = {member.id for member in active_members(session, case.county_id, Role.commission_staff)}
    if not staff - barred - {member_id}:
        raise Refused(
            N_("Somebody of the office has to remain for this case. Please name a colleague first.")
        ).at("member")
    recusal = Recusal(
        county_id=case.county_id, case_id=case.id, member_id=member_id, by_id=actor.member_id, since=now
    )
    recusal.reason = reason
    session.add(recusal)
    session.flush()
    audit.record(session, actor, "recused", "case", case.id, now=now, member=member_id)
    _bring_up_to_date(session, case, now)
    return recusal


def end(session: Session, actor: Actor, recusal_id: int, *, now: datetime) -> Recusal:
    """The member may deal with the case again."""
    require(actor, *OFFICE)
    query = select(Recusal).where(Recusal.id == recusal_id, col(Recusal.ended_at).is_(None))
    recusal = session.exec(query.with_for_update()).first()
    if recusal is None or recusal.county_id != actor.county_id:
        raise NotFound(NO_SUCH_RECUSAL)
    if recusal.member_id == actor.member_id:
        raise NotFound(NO_SUCH_RECUSAL)  # nobody lets themselves in again
    case = access_case(session, actor, recusal.case_id)
    recusal.ended_at, recusal.ended_by_id = now, actor.member_id
    session.flush()
    audit.record(session, actor, "recusal_ended", "case", case.id, now=now, member=recusal.member_id)
    _bring_up_to_date(session, case, now)
    return recusal


def _case(session: Session, actor: Actor, case_id: int) -> Case:
    require(actor, *OFFICE)
    case = access_case(session, actor, case_id)
    # Two of the office at once: the second sees whom the first named.
    session.exec(select(Case.id).where(Case.id == case.id).with_for_update()).one()
    return case


def _bring_up_to_date(session: Session, case: Case, now: datetime) -> None:
    """What was said of the case stands differently now for whoever keeps out, or no longer does."""
    unit_id = session.get_one(Person, case.person_id).unit_id
    makers.speaker_changed(session, unit_id, now=now, actor_id=None)
    makers.office_changed(session, case.county_id, now=now, actor_id=None, case_id=case.id)
    confirming.drop_barred(session, case.id, now=now)
    query = select(Visit).where(Visit.case_id == case.id, Visit.state == VisitState.planned)
    for visit in session.exec(query.order_by(col(Visit.id))).all():
        refresh_messages(session, visit, now=now)
    matters.refresh_case(session, case.id, now=now)
