"""What took place without having been planned: a button, the case, the kind, and its form opens."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, or_, select

from bot import difficulty
from bot.commands import worry
from bot.commands.command import Answer
from bot.context import Context
from bot.dialogs import runner
from bot.messages import Action, Button, Message, act
from casework import vocabulary
from casework.forms.catalog import UNPLANNED_FORMS
from locales.phrase import CaseRef, P, Term
from storage.queries.access import access_case_to_record, require
from storage.queries.leaves import covered_by
from storage.queries.recusals import free_for
from storage.tables.cases import Case, CaseState, Person
from storage.tables.members import Role
from storage.tables.visits import VisitKind

LISTED = 12


def button(case_id: int | None = None) -> Button:
    """The way here: from a case straight to the kinds, else to one's own cases first."""
    return Button(
        P("Record something else"), act("contact") if case_id is None else act("contact", id=case_id)
    )


def tap(ctx: Context, action: Action) -> Answer:
    require(ctx.actor, Role.care_officer)
    case_id, kind = action.get("id"), action.get("kind")
    if case_id is None:
        return [_cases(ctx)]
    if kind in UNPLANNED_FORMS:
        return [runner.open_form(ctx, str(kind), int(case_id))]
    return [kinds(ctx, int(case_id))]


def theirs(ctx: Context, limit: int | None = None) -> Sequence[tuple[Case, Person]]:
    """The officer's own open cases, and those of colleagues whom they cover for, by code."""
    covered = [leave.member_id for leave in covered_by(ctx.session, ctx.member.id, ctx.today)]
    query = (
        select(Case, Person)
        .join(Person, col(Person.id) == Case.person_id)
        .where(
            Case.county_id == ctx.member.county_id,
            Case.state == CaseState.open,
            free_for(ctx.member.id),
            or_(Case.care_officer_id == ctx.member.id, col(Case.care_officer_id).in_(covered)),
        )
        .order_by(col(Case.code))
        .limit(limit)
    )
    return ctx.session.exec(query).all()


def _cases(ctx: Context) -> Message:
    found = theirs(ctx, LISTED + 1)
    if not found:
        return Message((P("No open case is yours."),))
    lines = [P("In which case did something take place?")]
    if len(found) > LISTED:
        lines.append(P("For another case send “{word}” and its code or name.", word=P("case")))
    buttons = [
        Button(P("{case}", case=CaseRef(case.code, person.name)), act("contact", id=case.id))
        for case, person in found[:LISTED]
    ]
    return Message(tuple(lines), tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)))


def kinds(ctx: Context, case_id: int) -> Message:
    """What an officer may record in a case, a button each."""
    case = access_case_to_record(ctx.session, ctx.actor, case_id, today=ctx.today)
    person = ctx.session.get_one(Person, case.person_id)
    buttons = [
        Button(
            P("Record {what}", what=Term(vocabulary.KINDS[VisitKind(kind)])),
            act("contact", id=case.id, kind=kind),
        )
        for kind in UNPLANNED_FORMS
    ]
    question = P("{case}: what took place?", case=CaseRef(case.code, person.name))
    rows = tuple(tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2))
    return Message((question,), (*rows, (difficulty.button(case.id), worry.button(case.id))))
