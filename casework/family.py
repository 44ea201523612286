"""Whether the family knows, by the person's own word. While it does not, nobody visits the home or asks the family.

The answer is the person's own to give, or the officer's to write down before any note; what it withdraws, the schedule
brings back once it is written down that the family knows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from casework.standing import happened
from locales.catalogue import N_
from reminders import cadence, outbox, schedule
from reminders.ladder import Recipients
from reminders.mechanism import Mechanism, mechanism_of
from storage import audit
from storage.errors import NotFound
from storage.queries import own, recusals, standing, visits
from storage.queries.access import Actor, access_case, require
from storage.tables.cases import Case, CaseEventKind, CaseState, Stage
from storage.tables.members import Role
from storage.tables.visits import Visit, VisitKind

OWN_WORD = "own_word"
TOLD = "home_visits"  # the notice to whoever makes them, where the person said so themselves
NO_CASE = N_("No visits are arranged with you.")
MAY_SAY = frozenset({Role.care_officer, Role.commission_staff})


def does_not_know(session: Session, actor: Actor, found: Visit | Case, *, now: datetime) -> Case:
    """Instead of a note that meets the family: it does not know, so that visits of this kind are withdrawn and not
    planned. `found`: what the note would have told of, as `notes.about` lets its author have it."""
    case = session.get_one(Case, found.case_id) if isinstance(found, Visit) else found
    _rest(session, actor, case, now)
    return case


def _rest(session: Session, actor: Actor, case: Case, now: datetime) -> None:
    for visit in schedule.open_visits(session, case.id):
        if visit.kind in standing.MEET_THE_FAMILY:
            schedule.withdraw(session, visit, now=now, actor_id=actor.member_id)
    if standing.uninformed(session, case.id) is None:
        happened(session, actor, case, CaseEventKind.family_uninformed, OWN_WORD, now=now)
    session.flush()
    audit.record(session, actor, "family_uninformed", "case", case.id, now=now)


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
    if standing.uninformed(session, case.id) is None:
        return case, None
    return case, _go_on(session, actor, case, now)


def _go_on(session: Session, actor: Actor, case: Case, now: datetime) -> Visit | None:
    happened(session, actor, case, CaseEventKind.family_informed, OWN_WORD, now=now)
    session.flush()
    visit = _home_visit(session, case, mechanism_of(session, case.county_id), now, actor.member_id)
    session.flush()
    audit.record(session, actor, "family_informed", "case", case.id, now=now)
    return visit


def asked_of(session: Session, case: Case) -> bool:
    """Whether there is anything to ask the person: somebody is to come to the home, or they have said whether."""
    if case.state is CaseState.closed:
        return False
    said = standing.uninformed(session, case.id) or standing.informed(session, case.id)
    planned = visits.open_kinds(session, case.id)
    return said is not None or bool(planned & standing.MEET_THE_FAMILY)


def own_answer(session: Session, actor: Actor, *, knows: bool, now: datetime) -> Case:
    """What the person concerned says themselves; said twice it is said once. Whoever visits them is told.

    Raises:
        NotFound: no case that is open is about them.
    """
    require(actor, Role.subject)
    case = own.case_of(session, actor.member_id)
    if case is None or case.state is CaseState.closed:
        raise NotFound(NO_CASE)
    planned = schedule.open_visits(session, case.id)
    session.refresh(case, with_for_update=True)
    known = standing.informed if knows else standing.uninformed
    if known(session, case.id) is not None:
        return case
    if knows:
        _go_on(session, actor, case, now)
    else:
        _rest(session, actor, case, now)
    _inform(session, case, planned, now)
    return case


def _inform(session: Session, case: Case, planned: Sequence[Visit], now: datetime) -> None:
    """Whoever makes the home visits, or else looks after the case."""
    day, people = mechanism_of(session, case.county_id).day(now), Recipients(session)
    theirs = [visit for visit in planned if visit.kind in standing.MEET_THE_FAMILY]
    makers = {one for visit in theirs for one in people.makers(visit, day)}
    officer = {case.care_officer_id} if case.care_officer_id is not None else set()
    barred = recusals.barred(session, case.county_id).get(case.id, frozenset())
    for member_id in sorted((makers or officer) - barred):
        row = outbox.row(
            TOLD, now=now, county_id=case.county_id, member_id=member_id, payload={"case": case.id}
        )
        outbox.put(session, [row])


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
