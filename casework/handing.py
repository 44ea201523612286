"""A case gets another care officer. The office decides it; what was said of its visits is brought up to date, and both
officers are told once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from casework.standing import happened
from locales.catalogue import N_
from reminders import matters, outbox, schedule
from reminders.ladder import halt_senders
from reminders.mechanism import mechanism_of
from storage import audit
from storage.errors import NotFound, Refused
from storage.queries import leaves, recusals
from storage.queries import visits as visit_lists
from storage.queries.access import Actor, access_case, active_members, require
from storage.tables.cases import Case, CaseEventKind, CaseState
from storage.tables.members import Member, Role

MAY_HAND_OVER = frozenset({Role.commission_staff})
IS_CLOSED = N_("This case is closed: it needs no care officer. Please reopen it first.")


@dataclass(frozen=True)
class HandedOver:
    """A case, its new care officer, and who was it before, if anybody."""

    case: Case
    officer_id: int
    before_id: int | None


def is_possible(actor: Actor, case: Case) -> bool:
    return actor.has(*MAY_HAND_OVER) and case.state is not CaseState.closed


def expect(session: Session, actor: Actor, case_id: int, *, lock: bool = False) -> Case:
    """The case, for somebody of the office, if it can be handed over.

    Raises:
        NotFound: it is not there, or closed.
    """
    require(actor, *MAY_HAND_OVER)
    case = access_case(session, actor, case_id, lock=lock)
    if case.state is CaseState.closed:
        raise NotFound(IS_CLOSED)
    return case


def candidates(
    session: Session, actor: Actor, case_id: int, *, now: datetime
) -> list[tuple[Member, int, bool]]:
    """Who could become the care officer, with their open visits and whether they are on leave today: those who are
    there first, of them the least burdened."""
    case = expect(session, actor, case_id)
    today = mechanism_of(session, case.county_id).day(now)
    burden = visit_lists.load(session, case.county_id)
    away = leaves.running(session, case.county_id, today).keys()
    out = recusals.barred(session, case.county_id).get(case.id, frozenset()) | {case.care_officer_id}
    able = [
        (member, burden.get(member.id, 0), member.id in away)
        for member in active_members(session, case.county_id, Role.care_officer)
        if member.id not in out
    ]
    return sorted(able, key=lambda one: (one[2], one[1]))


def hand_over(
    session: Session, actor: Actor, case_id: int, officer_id: int, reason: str, *, now: datetime
) -> HandedOver:
    """Another officer cares for the person from now on, and makes all visits that are planned. A visit that was made
    before stays that of whoever made it. Of what is overdue the ladder rests for as long as after an acknowledgement,
    so that the new officer does not begin with somebody else's lateness.

    Raises:
        NotFound: the case is not there, or closed.
        Refused: this member cannot care for it.
    """
    expect(session, actor, case_id)
    visits = schedule.open_visits(session, case_id)  # locked before the case, as by whoever acts on a visit
    case = expect(session, actor, case_id, lock=True)
    if officer_id not in {member.id for member, _, _ in candidates(session, actor, case_id, now=now)}:
        raise Refused(N_("This officer cannot take over the case.")).at("officer")
    before = case.care_officer_id
    case.care_officer_id, case.awaits_officer = officer_id, None
    session.flush()
    had = [] if before is None else [before]
    halt_senders(session, visits, mechanism_of(session, case.county_id).day(now), also=had)
    schedule.hand_over(session, case, officer_id, now=now, actor_id=actor.member_id, fresh_start=True)
    matters.refresh_case(session, case.id, now=now)
    happened(session, actor, case, CaseEventKind.handed_over, reason, now=now)
    session.flush()
    for kind, member_id in (("case_given", officer_id), ("case_moved", before)):
        if member_id is not None:
            row = outbox.row(
                kind, now=now, county_id=case.county_id, member_id=member_id, payload={"case": case.id}
            )
            outbox.put(session, [row])
    audit.record(
        session, actor, "case_handed_over", "case", case.id, now=now, officer=officer_id, before=before or 0
    )
    return HandedOver(case, officer_id, before)
