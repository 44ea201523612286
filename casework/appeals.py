"""That somebody asked for a review of the sanction, or appeals it: noted by the office, until it has ended.

It is a right: it bars from nothing and counts in no rating. Those who visit are told, so that they do not argue it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from casework.standing import happened
from locales.catalogue import N_
from locales.phrase import Day
from reminders.mechanism import mechanism_of
from storage import audit
from storage.errors import NotFound, Refused
from storage.queries import standing
from storage.queries.access import Actor, access_case, require
from storage.tables.cases import Case, CaseEvent, CaseEventKind, CaseState
from storage.tables.members import Role

MAY_NOTE = frozenset({Role.commission_staff})
_KINDS = frozenset({CaseEventKind.appeal_filed, CaseEventKind.appeal_ended})
RUNS = N_("An appeal is noted as under way in this case already.")
NONE_RUNS = N_("No appeal is noted as under way in this case.")


@dataclass(frozen=True)
class Appeal:
    """What was filed, and when."""

    what: str
    filed_on: date


def kept(event: CaseEvent) -> Appeal:
    """What the event that noted it says: which, and the day."""
    what, _, day = event.reason.partition(" ")
    return Appeal(what, date.fromisoformat(day))


def running(session: Session, case_id: int) -> Appeal | None:
    """Whoever asks has come through the door of the case."""
    newest = next((one for one in reversed(standing.events(session, case_id)) if one.kind in _KINDS), None)
    return kept(newest) if newest is not None and newest.kind is CaseEventKind.appeal_filed else None


def can_note(actor: Actor, case: Case) -> bool:
    return actor.has(*MAY_NOTE) and case.state is not CaseState.closed


def expect(session: Session, actor: Actor, case_id: int, *, runs: bool, lock: bool = False) -> Case:
    """The case, for somebody of the office, if an appeal runs in it, or none does.

    Raises:
        NotFound: the case is not there, or somebody was first.
    """
    require(actor, *MAY_NOTE)
    case = access_case(session, actor, case_id, lock=lock)
    if runs is not (running(session, case_id) is not None):
        raise NotFound(NONE_RUNS if runs else RUNS)
    return case


def filed(session: Session, actor: Actor, case_id: int, appeal: Appeal, *, now: datetime) -> Case:
    """Note that one is under way.

    Raises:
        NotFound: as for `expect`.
        Refused: its day has not come yet.
    """
    case = expect(session, actor, case_id, runs=False, lock=True)
    if appeal.filed_on > mechanism_of(session, case.county_id).day(now):
        raise Refused(
            N_("{day} is still to come. Please give the day on which it was filed."), day=Day(appeal.filed_on)
        ).at("filed_on")
    reason = f"{appeal.what} {appeal.filed_on.isoformat()}"
    happened(session, actor, case, CaseEventKind.appeal_filed, reason, now=now)
    audit.record(session, actor, "appeal_filed", "case", case.id, now=now, filed_on=appeal.filed_on)
    return case


def ended(session: Session, actor: Actor, case_id: int, outcome: str, *, now: datetime) -> Case:
    """It has ended, however it did.

    Raises:
        NotFound: as for `expect`.
    """
    case = expect(session, actor, case_id, runs=True, lock=True)
    happened(session, actor, case, CaseEventKind.appeal_ended, outcome, now=now)
    audit.record(session, actor, "appeal_ended", "case", case.id, now=now)
    return case
