"""The head of a visit: what it is and whose, read with one plain statement, where a message needs no more of it."""

from __future__ import annotations

from datetime import date

from msgspec import Struct
from sqlalchemy import bindparam, select
from sqlmodel import Session

from storage.prepared import Prepared
from storage.sealed import unseal
from storage.tables import METADATA
from storage.tables.cases import NAME, CaseState
from storage.tables.visits import VisitKind, VisitState

_VISITS, _CASES, _PERSONS = (METADATA.tables[name] for name in ("visit", "care_case", "person"))


class VisitHead(Struct, frozen=True):
    """A visit as it stands in the table, with the case it belongs to. It is nothing to change."""

    id: int
    county_id: int
    case_id: int
    officer_id: int | None
    kind: VisitKind
    state: VisitState
    due_on: date
    case_state: CaseState
    code: str
    person_id: int
    name_sealed: bytes
    done_on: date | None
    care_officer_id: int | None

    @property
    def name(self) -> str:
        return unseal(self.name_sealed, NAME, self.person_id)


_HEAD = Prepared(
    select(
        _VISITS.c.id,
        _VISITS.c.county_id,
        _VISITS.c.case_id,
        _VISITS.c.officer_id,
        _VISITS.c.kind,
        _VISITS.c.state,
        _VISITS.c.due_on,
        _CASES.c.state,
        _CASES.c.code,
        _PERSONS.c.id,
        _PERSONS.c.name_sealed,
        _VISITS.c.done_on,
        _CASES.c.care_officer_id,
    )
    .join(_CASES, _CASES.c.id == _VISITS.c.case_id)
    .join(_PERSONS, _PERSONS.c.id == _CASES.c.person_id)
    .where(_VISITS.c.id == bindparam("visit"))
)


def head(session: Session, visit_id: int) -> VisitHead | None:
    """In whatever state it is, whosever it is: a door is asked beside it (`see_visit`)."""
    row = _HEAD.first(session, {"visit": visit_id})
    return VisitHead(*row) if row is not None else None
