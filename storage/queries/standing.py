"""Whether visits are made in a case, and since when not; and which kinds are not, while the family does not know."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from storage.queries import visits
from storage.queries.notes import STANDS
from storage.tables.cases import CaseEvent, CaseEventKind
from storage.tables.notes import Note
from storage.tables.visits import VisitKind

STOPS = frozenset({CaseEventKind.held, CaseEventKind.closed})
# What else happens to a case as such changes nothing about that.
_STANDING = STOPS | {CaseEventKind.resumed, CaseEventKind.reopened}

_FAMILY = frozenset({CaseEventKind.family_uninformed, CaseEventKind.family_informed})
MEET_THE_FAMILY = frozenset({VisitKind.home_visit, VisitKind.family_interview})


def events(session: Session, case_id: int) -> Sequence[CaseEvent]:
    """What happened to the case as such, oldest first."""
    query = select(CaseEvent).where(CaseEvent.case_id == case_id)
    return session.exec(query.order_by(col(CaseEvent.at), col(CaseEvent.id))).all()


def newest(session: Session, case_id: int) -> CaseEvent | None:
    """What last made visits begin or end in the case."""
    return next((one for one in reversed(events(session, case_id)) if one.kind in _STANDING), None)


def stopped(session: Session, case_id: int) -> CaseEvent | None:
    """What ended the visits of a case, if it was not resumed or reopened since: a case on hold may be closed later."""
    first = None
    for event in reversed([one for one in events(session, case_id) if one.kind in _STANDING]):
        if event.kind not in STOPS:
            break
        first = event
    return first


def _family_word(session: Session, case_id: int) -> CaseEvent | None:
    return next((one for one in reversed(events(session, case_id)) if one.kind in _FAMILY), None)


def informed(session: Session, case_id: int) -> CaseEvent | None:
    """What wrote down, in no note, that the family knows, unless it was written since that it does not."""
    last = _family_word(session, case_id)
    return last if last is not None and last.kind is CaseEventKind.family_informed else None


def uninformed(session: Session, case_id: int) -> CaseEvent | None:
    """What wrote down that the family does not know, unless it was written since that it does: also a note of a meeting
    with the family says so, as long as it stands."""
    last = _family_word(session, case_id)
    if last is None or last.kind is CaseEventKind.family_informed:
        return None
    met = select(Note.id).where(
        Note.case_id == case_id,
        col(Note.kind).in_(MEET_THE_FAMILY),
        col(Note.submitted_at) >= last.at,
        STANDS,
    )
    return last if session.exec(met).first() is None else None


def resting(session: Session, case_id: int) -> frozenset[VisitKind]:
    """The kinds of visit that are not planned in a case for now, whatever the cadence asks."""
    return MEET_THE_FAMILY if uninformed(session, case_id) is not None else frozenset()


def not_asked_for(session: Session, case_id: int, once: Collection[VisitKind]) -> set[VisitKind]:
    """Of what a stage asks for once, that which was done; and what rests."""
    return visits.done_kinds(session, case_id, once) | resting(session, case_id)
