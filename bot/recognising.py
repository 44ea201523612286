"""The facts by which one recognises the case, before something is handed in about it: unit and post where they may be
told, and what took place last."""

from __future__ import annotations

from sqlmodel import col, select

from bot import wording
from bot.context import Context
from bot.dialogs.store import Open
from casework import vocabulary
from locales.phrase import CaseRef, Day, P, Phrase, Term, Unit, Value, leaves, line
from storage.tables import counties
from storage.tables.cases import Case, Person, Stage
from storage.tables.notes import Note
from storage.tables.visits import Visit, VisitKind, VisitState


def names_somebody(subject: Value) -> bool:
    """Whether a form is about a case that whoever fills it in may know by name."""
    return any(isinstance(part, CaseRef) for part in leaves(subject))


def facts(ctx: Context, draft: Open) -> tuple[Phrase, ...]:
    """What stands above a recap; nothing where the form is about no case, or its reader knows it by its code alone."""
    case = _case_of(ctx, draft) if names_somebody(draft.subject) else None
    if case is None:
        return ()
    person = ctx.session.get_one(Person, case.person_id)
    unit = ctx.session.get_one(counties.Unit, person.unit_id).name
    found = [line(Term(vocabulary.STAGES[Stage(case.stage)]), _last(ctx, case))]
    who = [Unit(part) for part in (unit, person.post) if part]
    if who and ctx.tells_names:
        found.insert(0, line(*who))
    return tuple(found)


def _case_of(ctx: Context, draft: Open) -> Case | None:
    """The case itself is what some forms are about, of others a visit or a note."""
    case = ctx.session.get(Case, draft.subject_id)
    about = ctx.session.get(Visit, draft.subject_id) or ctx.session.get(Note, draft.subject_id)
    return ctx.session.get(Case, about.case_id) if case is None and about is not None else case


def _last(ctx: Context, case: Case) -> Phrase:
    # A review is made at a desk: nobody recognises a person by it.
    query = select(Visit).where(
        Visit.case_id == case.id, Visit.state == VisitState.done, Visit.kind != VisitKind.review
    )
    visit = ctx.session.exec(query.order_by(col(Visit.done_on).desc(), col(Visit.id).desc())).first()
    if visit is None:
        return P("Last: none yet")
    return P("Last: {day} {kind}", day=Day(visit.done_on or visit.due_on), kind=wording.kind_of(visit))
