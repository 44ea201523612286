"""A case is admitted to the follow-up (stage 1). That the restriction period is over is not enough: people decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from casework.cases import ratings
from casework.standing import happened
from locales.catalogue import N_
from locales.phrase import Day
from reminders import cadence, schedule
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit
from storage.errors import NotFound, Refused
from storage.queries.access import Actor, access_case, require
from storage.tables.cases import Case, CaseEventKind, CaseState, Stage
from storage.tables.members import Role
from storage.tables.visits import Visit, VisitKind

MAY_ADMIT = frozenset({Role.commission_staff})
NOT_NOW = N_("This case cannot be admitted now: it is in the follow-up already, on hold or closed.")
STILL_RUNS = N_("The restriction period runs until {day}: a person can be admitted after that.")
UNDETERMINED = N_(
    "The end of the restriction period is not determined yet, so the person cannot be admitted."
)

SMALLER_CIRCLES = frozenset({"commission", "office_meeting"})


@dataclass(frozen=True)
class Admitted:
    """The case, and the visits that are planned for it now, the earliest first."""

    case: Case
    visits: Sequence[Visit]


def is_possible(actor: Actor, case: Case, today: date) -> bool:
    """Whether the office can admit a case as it stands."""
    return (
        actor.has(*MAY_ADMIT)
        and case.state is CaseState.open
        and case.stage == Stage.early_care
        and case.expires_on is not None
        and case.expires_on < today
    )


def expect(session: Session, actor: Actor, case_id: int, *, today: date, lock: bool = False) -> Case:
    """The case, for somebody of the office, if it can be admitted.

    Raises:
        NotFound: it is not there, or not in stage 0 any more, on hold or closed.
        Refused: its restriction period is not over, or nobody knows when it is.
    """
    require(actor, *MAY_ADMIT)
    case = access_case(session, actor, case_id, lock=lock)
    if case.state is not CaseState.open or case.stage != Stage.early_care:
        raise NotFound(NOT_NOW)
    if case.expires_on is None:
        raise Refused(UNDETERMINED)
    if case.expires_on >= today:
        raise Refused(STILL_RUNS, day=Day(case.expires_on))
    return case


def admit(
    session: Session, actor: Actor, case_id: int, decided_on: date, basis: str, *, now: datetime
) -> Admitted:
    """Begin the follow-up on the day on which it was decided: what that stage asks for is planned, and a talk that
    stands further away than it allows is brought forward.

    Raises:
        NotFound: the case is not there, or was admitted, put on hold or closed since.
        Refused: the restriction period was not over on that day.
    """
    mechanism = mechanism_of(session, actor.county_id)
    today = mechanism.day(now)
    expect(session, actor, case_id, today=today)
    schedule.open_visits(session, case_id)  # locked before the case, as by whoever acts on a visit
    case = expect(session, actor, case_id, today=today, lock=True)
    if decided_on > today:
        raise Refused(
            N_("{day} is still to come. Please give the day of the decision."), day=Day(decided_on)
        ).at("decided_on")
    if case.expires_on is not None and decided_on <= case.expires_on:
        raise Refused(STILL_RUNS, day=Day(case.expires_on)).at("decided_on")
    if case.heavy and basis in SMALLER_CIRCLES:
        raise Refused(N_("After a heavy sanction the leading group decides on the admission.")).at("basis")
    case.stage, case.stage_since = Stage.follow_up, decided_on
    happened(session, actor, case, CaseEventKind.admitted, basis, now=now)
    schedule.bring_forward(session, case, _talk_by(session, case, mechanism, today), mechanism, now=now)
    schedule.plan_next(session, case, mechanism, now=now)
    session.flush()
    audit.record(session, actor, "case_admitted", "case", case.id, now=now, decided_on=decided_on)
    planned = schedule.open_visits(session, case.id)
    return Admitted(case, [visit for visit in planned if visit.kind is not VisitKind.contact])


def leave_out(session: Session, actor: Actor, case_id: int, obstacle: str, *, now: datetime) -> Case:
    """Something stands against it: that is written down, and the case stays in stage 0. It can be gone through anew.

    Raises:
        NotFound, Refused: as for admitting it.
    """
    case = expect(session, actor, case_id, today=mechanism_of(session, actor.county_id).day(now), lock=True)
    happened(session, actor, case, CaseEventKind.not_admitted, obstacle, now=now)
    audit.record(session, actor, "case_not_admitted", "case", case.id, now=now)
    return case


def _talk_by(session: Session, case: Case, mechanism: Mechanism, today: date) -> date:
    """By when the stage wants the next talk, at the pace of the last rating; no talk is overdue at birth."""
    rated = ratings(session, case, 1)
    state = rated[-1][1] if rated else cadence.NOT_RATED
    wanted = cadence.first_due(
        Stage.follow_up,
        VisitKind.talk,
        case.stage_since,
        mechanism.rulebook,
        mechanism.calendar,
        state_of_mind=state,
    )
    soonest = mechanism.calendar.next_workday(today)
    return soonest if wanted is None else max(wanted, soonest)
