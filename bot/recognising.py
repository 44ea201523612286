"""The facts by which one recognises the case, before something is handed in about it: unit and post where they may be
told, and what took place last."""

from __future__ import annotations

from datetime import date

from sqlalchemy import BigInteger, bindparam, func, select

from bot.context import Context
from bot.dialogs.store import Open
from casework import vocabulary
from casework.forms.catalog import OFFICERS_FORMS
from locales.phrase import CaseRef, Day, P, Phrase, Term, Unit, Value, leaves, line
from storage.prepared import Prepared
from storage.sealed import unseal
from storage.tables import METADATA
from storage.tables.cases import Stage
from storage.tables.members import Role
from storage.tables.visits import VisitKind, VisitState

_CASES, _PERSONS, _UNITS, _VISITS, _NOTES = (
    METADATA.tables[name] for name in ("care_case", "person", "unit", "visit", "note")
)
# The case itself is what some forms are about, of others a visit or a note; no two rows have the same id.
_ABOUT = bindparam("about", type_=BigInteger)
_CASE_ID = func.coalesce(
    select(_VISITS.c.case_id).where(_VISITS.c.id == _ABOUT).scalar_subquery(),
    select(_NOTES.c.case_id).where(_NOTES.c.id == _ABOUT).scalar_subquery(),
    _ABOUT,
)
# A review is made at a desk: nobody recognises a person by it.
_LAST_ID = (
    select(_VISITS.c.id)
    .where(
        _VISITS.c.case_id == _CASES.c.id,
        _VISITS.c.state == VisitState.done,
        _VISITS.c.kind != VisitKind.review,
    )
    .order_by(_VISITS.c.done_on.desc(), _VISITS.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_LAST = _VISITS.alias("last")
_CASE = Prepared(
    select(
        _CASES.c.stage,
        _UNITS.c.name,
        _PERSONS.c.id,
        _PERSONS.c.post_sealed,
        _LAST.c.kind,
        func.coalesce(_LAST.c.done_on, _LAST.c.due_on),
    )
    .join(_PERSONS, _PERSONS.c.id == _CASES.c.person_id)
    .join(_UNITS, _UNITS.c.id == _PERSONS.c.unit_id)
    .outerjoin(_LAST, _LAST.c.id == _LAST_ID)
    .where(_CASES.c.id == _CASE_ID)
)


def names_somebody(subject: Value) -> bool:
    """Whether a form is about a case that whoever fills it in may know by name."""
    return any(isinstance(part, CaseRef) for part in leaves(subject))


def facts(ctx: Context, draft: Open) -> tuple[Phrase, ...]:
    """What stands above a recap; nothing where the form is about no case, or its reader knows it by its code alone."""
    if not names_somebody(draft.subject):
        return ()
    return of_case(ctx, draft.subject_id, of_officer=draft.form in OFFICERS_FORMS)


def of_case(ctx: Context, about: int, *, of_officer: bool = False) -> tuple[Phrase, ...]:
    """By what to recognise a case, or that of a visit or a note. `of_officer`: for whoever fills in an officer's form,
    so that nobody's roles are read."""
    found = _CASE.first(ctx.session, {"about": about})
    if found is None:
        return ()
    stage, unit, person_id, post, *last = found
    stage_of = Term(vocabulary.STAGES[Stage(stage)])
    # The unit's Party organisation gives its opinion and hears of no visit.
    told = of_officer or ctx.actor.in_office or not ctx.actor.has(Role.unit_party_org)
    stands = line(stage_of, _last(*last)) if told else line(stage_of)
    if not ctx.tells_names:
        return (stands,)
    who = [Unit(part) for part in (unit, unseal(post, "person.post", person_id)) if part]
    return (line(*who), stands) if who else (stands,)


def _last(kind: VisitKind | None, day: date | None) -> Phrase:
    if kind is None or day is None:
        return P("Last: none yet")
    return P("Last: {day} {kind}", day=Day(day), kind=Term(vocabulary.KINDS[kind]))
