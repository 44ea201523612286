"""What those who make visits are told when a case is put on hold or closed, and when its visits go on: never why, and
never which of the two; and what both officers are told when it changes hands."""

from __future__ import annotations

from typing import Any

from sqlmodel import col, select

from bot import absence, wording
from bot.context import Context
from bot.messages import Button, Message, act
from bot.ways import WEEK
from locales.phrase import CaseRef, P, Phrase
from storage.queries import recusals
from storage.queries import visits as visit_lists
from storage.queries.visits import VisitLine
from storage.tables.cases import Case, CaseState, Person
from storage.tables.drafts import Draft
from storage.tables.visits import VisitState


def handed_over(ctx: Context, kind: str, payload: dict[str, Any]) -> tuple[Message, tuple[int, ...]] | None:
    """For the new care officer what is theirs now, for the one before that it is not; None where that changed again."""
    case = ctx.session.get_one(Case, payload["case"])
    theirs = case.care_officer_id == ctx.member.id
    if theirs != (kind == "case_given"):
        return None
    if not theirs:
        lines = [
            P("{case}: a colleague is the care officer from now on.", case=_ref(ctx, case)),
            P("You need not do anything more. What you visited before and have not written down yet, "
              "the office can give back to you."),
        ]  # fmt: skip
        return Message(tuple(lines), (WEEK,)), ()
    if case.state is CaseState.closed or recusals.is_barred(ctx.session, ctx.member.id, case.id):
        return None
    head = P("{case}: you are the care officer from now on.", case=_ref(ctx, case))
    if case.state is CaseState.held:
        return Message(
            (head, P("No visits are arranged for now; you are told when they go on.")), (WEEK,)
        ), ()
    items = [
        item
        for item in visit_lists.of_case(ctx.session, case.id)
        if item.visit.state is VisitState.planned and absence.makes(ctx, item.visit)
    ]
    visits = [wording.visit_line(item, ctx.now, ctx.mechanism) for item in items]
    status = Button(P("Status"), act("case", id=case.id))
    return Message((head, *visits), ((status, *WEEK),)), tuple(item.visit.id for item in items)


def told(ctx: Context, kind: str, payload: dict[str, Any]) -> tuple[Message, tuple[int, ...]] | None:
    """The notice as things stand now; None where they stand otherwise again, or it is the reader's case no more."""
    case = ctx.session.get_one(Case, payload["case"])
    if (case.state is CaseState.open) != (kind == "resumed"):
        return None
    items = [item for item in visit_lists.of_case(ctx.session, case.id) if absence.makes(ctx, item.visit)]
    if not items and case.care_officer_id != ctx.member.id:
        return None
    if recusals.is_barred(ctx.session, ctx.member.id, case.id):
        return None
    if kind == "resumed":
        return _resumed(ctx, case, [item for item in items if item.visit.state is VisitState.planned])
    return _paused(ctx, case, items), ()


def _ref(ctx: Context, case: Case) -> CaseRef:
    return CaseRef(case.code, ctx.session.get_one(Person, case.person_id).name)


def _paused(ctx: Context, case: Case, items: list[VisitLine]) -> Message:
    lines: list[Phrase] = [
        P("{case}: no visits are arranged for now.", case=_ref(ctx, case)),
        P("You are not reminded of it meanwhile, and are told when visits go on."),
    ]
    begun = select(Draft.id).where(
        Draft.member_id == ctx.member.id,
        col(Draft.subject_id).in_([case.id, *(item.visit.id for item in items)]),
    )
    if ctx.session.exec(begun).first() is not None:
        lines.append(P("A note that you have begun is kept, and may tell of a visit made until today."))
    return Message(tuple(lines), (WEEK,))


def _resumed(ctx: Context, case: Case, items: list[VisitLine]) -> tuple[Message, tuple[int, ...]]:
    lines = [P("{case}: visits go on.", case=_ref(ctx, case))]
    lines += [wording.visit_line(item, ctx.now, ctx.mechanism) for item in items]
    return Message(tuple(lines), (WEEK,)), tuple(item.visit.id for item in items)
