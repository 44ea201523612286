"""Whether visits are made in a case: the office puts it on hold and resumes it, closes and reopens it.

Why, stays between the office and the leading group. Those who make visits learn that none are arranged for now, in the
same words for a case on hold and for a closed one, so that nobody concludes the one from the other.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from casework import difficulties
from locales.catalogue import N_
from locales.phrase import Code
from reminders import confirming, matters, outbox, schedule
from reminders.ladder import Recipients, halt_senders
from reminders.mechanism import mechanism_of
from storage import audit
from storage.errors import NotFound
from storage.queries import recusals
from storage.queries.access import Actor, access_case, require
from storage.tables.cases import Case, CaseEvent, CaseEventKind, CaseState
from storage.tables.members import Role
from storage.tables.visits import Visit, VisitKind

MAY_CHANGE = frozenset({Role.commission_staff})
_FROM = {
    CaseEventKind.held: (CaseState.open,),
    CaseEventKind.resumed: (CaseState.held,),
    CaseEventKind.closed: (CaseState.open, CaseState.held),
    CaseEventKind.reopened: (CaseState.closed,),
}
_BECOMES = {
    CaseEventKind.held: CaseState.held,
    CaseEventKind.closed: CaseState.closed,
    CaseEventKind.resumed: CaseState.open,
    CaseEventKind.reopened: CaseState.open,
}
_ALREADY = {
    CaseState.open: N_("Visits are made in this case already."),
    CaseState.held: N_("This case is on hold already."),
    CaseState.closed: N_("This case is closed already."),
}
OTHER_CASE = N_("This person has another case by now: {code}. A person has one at a time.")


@dataclass(frozen=True)
class Changed:
    """What was done, and the visits it was done to: those that rest or were withdrawn, or those planned anew."""

    event: CaseEvent
    case: Case
    visits: Sequence[Visit]


def possible(actor: Actor, case: Case) -> list[CaseEventKind]:
    """What the actor can do about the standing of a case that they see."""
    if not actor.has(*MAY_CHANGE):
        return []
    return [kind for kind, states in _FROM.items() if case.state in states]


def expect(session: Session, actor: Actor, case_id: int, kind: CaseEventKind, *, lock: bool = False) -> Case:
    """The case, for somebody of the office, if this can be done with it as it stands.

    Raises:
        NotFound: it is not there, or somebody was first.
    """
    require(actor, *MAY_CHANGE)
    case = access_case(session, actor, case_id, lock=lock)
    if case.state not in _FROM[kind]:
        raise NotFound(_ALREADY[case.state])
    if kind is CaseEventKind.reopened:
        other = select(Case.code).where(
            Case.person_id == case.person_id, Case.state != CaseState.closed, Case.id != case.id
        )
        if (code := session.exec(other.order_by(col(Case.id))).first()) is not None:
            raise NotFound(OTHER_CASE, code=Code(code))
    return case


def change(
    session: Session, actor: Actor, case_id: int, kind: CaseEventKind, reason: str, *, now: datetime
) -> Changed:
    """Put a case on hold, resume, close or reopen it, from this moment on.

    Raises:
        NotFound: the case is not there, or it stands so already.
    """
    expect(session, actor, case_id, kind)
    schedule.open_visits(
        session, case_id
    )  # locked before the case, as by whoever does something about a visit
    case = expect(session, actor, case_id, kind, lock=True)
    was, case.state = case.state, _BECOMES[kind]
    event = happened(session, actor, case, kind, reason, now=now)
    if case.state is CaseState.open:
        mechanism = mechanism_of(session, case.county_id)
        who: dict[str, Any] = {"now": now, "actor_id": actor.member_id}
        visits: Sequence[Visit] = [
            *schedule.plan_anew(session, case, mechanism, **who),
            *difficulties.go_on(session, case, mechanism, **who),
        ]
        confirming.resume(session, case.id, mechanism, now=now)
    else:
        visits = _stop(session, case, was, now=now, actor_id=actor.member_id)
    matters.refresh_case(session, case.id, now=now)
    visits = [visit for visit in visits if visit.kind is not VisitKind.contact]
    audit.record(session, actor, f"case_{kind.value}", "case", case.id, now=now, visits=len(visits))
    if CaseState.open in (was, case.state):
        _inform(session, case, visits, now=now)
    return Changed(event, case, visits)


def happened(
    session: Session, actor: Actor, case: Case, kind: CaseEventKind, reason: str, *, now: datetime
) -> CaseEvent:
    """Write down what happened to a case as such, and why."""
    event = CaseEvent(
        county_id=case.county_id,
        case_id=case.id,
        at=now,
        kind=kind,
        actor_id=actor.member_id,
        reason_sealed=b"",
    )
    event.reason = reason
    session.add(event)
    return event


def _stop(session: Session, case: Case, was: CaseState, *, now: datetime, actor_id: int) -> Sequence[Visit]:
    visits = schedule.open_visits(session, case.id)
    reads = confirming.asked_in(session, case.id)
    if case.care_officer_id is not None:
        reads.add(case.care_officer_id)
    halt_senders(session, visits, mechanism_of(session, case.county_id).day(now), also=reads)
    confirming.pause(session, case.id, now=now)
    if case.state is CaseState.held:
        schedule.pause(session, visits, now=now)
        return visits
    for visit in visits:
        schedule.withdraw(session, visit, now=now, actor_id=actor_id, quietly=was is not CaseState.open)
    return visits


def _inform(session: Session, case: Case, visits: Sequence[Visit], *, now: datetime) -> None:
    """Whoever makes the visits is told once that none are arranged for now, or that they go on."""
    goes_on = case.state is CaseState.open
    payload: dict[str, int | list[int]] = {"case": case.id}
    if goes_on:
        payload["visits"] = [visit.id for visit in visits]
    for member_id in sorted(_makers(session, case, visits, now)):
        row = outbox.row(
            "resumed" if goes_on else "paused",
            now=now,
            county_id=case.county_id,
            member_id=member_id,
            payload=payload,
        )
        outbox.put(session, [row])


def _makers(session: Session, case: Case, visits: Sequence[Visit], now: datetime) -> Collection[int]:
    day, people = mechanism_of(session, case.county_id).day(now), Recipients(session)
    # the office, which holds the reviews, decides about it
    theirs = [visit for visit in visits if visit.kind is not VisitKind.review]
    found = {member_id for visit in theirs for member_id in people.makers(visit, day)}
    officer = {case.care_officer_id} if case.care_officer_id is not None else set()
    return found or officer - recusals.barred(session, case.county_id).get(case.id, frozenset())
