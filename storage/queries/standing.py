"""Whether visits are made in a case, and since when not."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from storage.tables.cases import CaseEvent, CaseEventKind

STOPS = frozenset({CaseEventKind.held, CaseEventKind.closed})
# What else happens to a case as such changes nothing about that.
_STANDING = STOPS | {CaseEventKind.resumed, CaseEventKind.reopened}


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
