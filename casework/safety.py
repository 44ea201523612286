"""The safety call: opened, taken by somebody, and closed by whoever records having spoken with the person.

A note may open it, somebody of the case by hand, or the person concerned, who asks to be contacted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, select

from casework.forms.catalog.spoken import SOON
from locales.catalogue import N_
from reminders import cadence, calls, schedule
from reminders.mechanism import mechanism_of
from storage import audit
from storage.errors import NotFound
from storage.queries import calls as call_lists
from storage.queries import own
from storage.queries.access import Actor, access_call, access_case_to_warn
from storage.tables.calls import CallSource, SafetyCall
from storage.tables.cases import Case, CaseState
from storage.tables.visits import Visit

NO_CASE_OF_YOURS = N_(
    "Who is to contact you is not set up here yet. Please telephone the commission's office; in an emergency call 110, "
    "120 or the helpline 12356."
)
SETTLED = N_("Somebody has recorded meanwhile that they spoke with the person. Nothing more is needed here.")


def open_call(
    session: Session,
    actor: Actor,
    case: Case,
    source: CallSource,
    *,
    now: datetime,
    visit: Visit | None = None,
) -> SafetyCall:
    """Somebody of a case has to be spoken with at once. The caller has checked that the actor may say so.

    The first step is told in this transaction. Where a call is open already the fresh reason joins it: everybody hears
    again, and whoever was on it has no rest from it.
    """
    mechanism = mechanism_of(session, case.county_id)
    session.exec(select(Case.id).where(Case.id == case.id).with_for_update())  # one call at a time
    known = call_lists.open_of(session, case.id)
    if known is not None:
        known.joined_at = now
        calls.climb(session, known, mechanism, now=now, again=True)
        _audit(session, actor, "safety_call_renewed", known, now, source=source.value)
        return known
    call = SafetyCall(
        county_id=case.county_id,
        case_id=case.id,
        visit_id=visit.id if visit is not None else None,
        officer_id=case.care_officer_id,
        source=source,
        opened_by=actor.member_id,
        opened_at=now,
    )
    session.add(call)
    session.flush()
    calls.climb(session, call, mechanism, now=now)
    _audit(session, actor, "safety_call_opened", call, now, source=source.value, case=case.id)
    return call


def raise_concern(session: Session, actor: Actor, case_id: int, *, now: datetime) -> SafetyCall:
    """Somebody of the case says, with no note at hand, that the person has to be spoken with at once."""
    today = mechanism_of(session, actor.county_id).day(now)
    case = access_case_to_warn(session, actor, case_id, today=today)
    return open_call(session, actor, case, CallSource.office, now=now)


def ask_for_contact(session: Session, actor: Actor, *, now: datetime) -> SafetyCall:
    """The person concerned asks to be contacted. Asked again at once, nobody is told twice: they have just been told.

    Raises:
        NotFound: nobody knows which case is the actor's own.
    """
    case = own.case_of(session, actor.member_id)
    if case is None:
        raise NotFound(NO_CASE_OF_YOURS)
    known, book = call_lists.open_of(session, case.id), mechanism_of(session, case.county_id).rulebook.safety
    pause = timedelta(minutes=book.again_minutes)
    if known is not None and known.told_at is not None and now < known.told_at + pause:
        known.joined_at = now
        _audit(session, actor, "contact_asked_again", known, now)
        return known
    return open_call(session, actor, case, CallSource.subject, now=now)


def take(session: Session, actor: Actor, call_id: int, *, now: datetime) -> SafetyCall:
    """The actor is about to speak with the person. It ends nothing: without a record the climb goes on."""
    call = _open(session, actor, call_id, now)
    calls.take(session, call, actor.member_id, mechanism_of(session, call.county_id), now=now)
    _audit(session, actor, "safety_call_taken", call, now)
    return call


def record_spoken(
    session: Session, actor: Actor, call_id: int, answers: dict[str, Any], *, now: datetime
) -> SafetyCall:
    """Somebody has spoken with the person: how, when, and what follows. This alone ends a call; the first counts."""
    call = _open(session, actor, call_id, now)
    call.outcome = {key: str(value) for key, value in answers.items() if value is not None}
    calls.close(session, call, actor.member_id, now=now)
    case = session.get_one(Case, call.case_id)
    if case.state == CaseState.open:
        mechanism = mechanism_of(session, case.county_id)
        today, book, calendar = mechanism.day(now), mechanism.rulebook, mechanism.calendar
        schedule.met(session, case, today, mechanism, now=now, actor_id=actor.member_id)
        if call.outcome.get("next_step") == SOON:
            by = cadence.contact_by(today, book, calendar, safety=False)
            schedule.bring_forward(session, case, by, mechanism, now=now)
    _audit(session, actor, "safety_call_closed", call, now)
    return call


def of(session: Session, actor: Actor, call_id: int, *, now: datetime) -> SafetyCall:
    """A call, open or not, for somebody who may know of it."""
    return access_call(session, actor, call_id, today=mechanism_of(session, actor.county_id).day(now))


def _open(session: Session, actor: Actor, call_id: int, now: datetime) -> SafetyCall:
    call = of(session, actor, call_id, now=now)
    if call.closed_at is not None:
        raise NotFound(SETTLED)
    return call


def _audit(session: Session, actor: Actor, verb: str, call: SafetyCall, now: datetime, **facts: Any) -> None:
    audit.record(session, actor, verb, "call", call.id, now=now, round=call.round, **facts)
