"""Whether the family knows, by the person's own word. While it does not, nobody visits the home or asks the family.

The answer is the officer's to write down, before any note; what it withdraws, the schedule brings back once somebody
writes down that the family knows.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from casework.standing import happened
from reminders import cadence, schedule
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit
from storage.queries import standing
from storage.queries.access import Actor, access_case, require
from storage.tables.cases import Case, CaseEventKind, CaseState, Stage
from storage.tables.members import Role
from storage.tables.visits import Visit, VisitKind

OWN_WORD = "own_word"
MAY_SAY = frozenset({Role.care_officer, Role.commission_staff})


def does_not_know(session: Session, actor: Actor, found: Visit | Case, *, now: datetime) -> Case:
    """Instead of a note that meets the family: it does not know, so that visits of this kind are withdrawn and not
    planned. `found`: what the note would have told of, as `notes.about` lets its author have it."""
    case = session.get_one(Case, found.case_id) if isinstance(found, Visit) else found
    for visit in schedule.open_visits(session, case.id):
        if visit.kind in standing.MEET_THE_FAMILY:
            schedule.withdraw(session, visit, now=now, actor_id=actor.member_id)
    if standing.uninformed(session, case.id) is None:
        happened(session, actor, case, CaseEventKind.family_uninformed, OWN_WORD, now=now)
    session.flush()
    audit.record(session, actor, "family_uninformed", "case", case.id, now=now)
    return case


def can_say(session: Session, actor: Actor, case: Case) -> bool:
    """Whether there is anything to say about it: it is written down that the family does not know."""
    return (
        actor.has(*MAY_SAY)
        and case.state is not CaseState.closed
        and standing.uninformed(session, case.id) is not None
    )


def knows(session: Session, actor: Actor, case_id: int, *, now: datetime) -> tuple[Case, Visit | None]:
    """The family knows by now: home visits are planned again, as from today. The next one, if any.

    Raises:
        NotFound: the case is not there, or not the actor's.
    """
    require(actor, *MAY_SAY)
    access_case(session, actor, case_id)
    schedule.open_visits(
        session, case_id
    )  # locked before the case, as by whoever does something about a visit
    case = access_case(session, actor, case_id, lock=True)
    mechanism = mechanism_of(session, case.county_id)
    if standing.uninformed(session, case.id) is None:
        return case, None
    happened(session, actor, case, CaseEventKind.family_informed, OWN_WORD, now=now)
    session.flush()
    visit = _home_visit(session, case, mechanism, now, actor.member_id)
    session.flush()
    audit.record(session, actor, "family_informed", "case", case.id, now=now)
    return case, visit


def _home_visit(
    session: Session, case: Case, mechanism: Mechanism, now: datetime, actor_id: int
) -> Visit | None:
    """The next one. Of a case on hold it is planned when its visits go on."""
    kind, stage = VisitKind.home_visit, Stage(case.stage)
    planned = any(visit.kind is kind for visit in schedule.open_visits(session, case.id))
    today, book, calendar = mechanism.day(now), mechanism.rulebook, mechanism.calendar
    due_on = cadence.first_due(stage, kind, today, book, calendar, expires_on=case.expires_on)
    if planned or due_on is None or case.state is not CaseState.open:
        return None
    return schedule.plan(session, case, kind, due_on, mechanism, now=now, actor_id=actor_id)
