"""A case is admitted to the follow-up, in words: the form of the office, and what it becomes."""

from __future__ import annotations

from datetime import date

from bot import wording
from bot.context import Context
from bot.messages import Button, Message, act
from casework import admission
from casework.forms.catalog.admit import NOTHING
from casework.forms.form import Answers, Form
from locales.phrase import CaseRef, P, Phrase, Value, line
from storage.queries import visits as visit_lists
from storage.tables.cases import Case, Person


def subject(ctx: Context, case_id: int) -> Value:
    return _ref(ctx, admission.expect(ctx.session, ctx.actor, case_id, today=ctx.today))


def submit(ctx: Context, form: Form, case_id: int, answers: Answers) -> Message:
    if answers["obstacle"] != NOTHING:
        case = admission.leave_out(ctx.session, ctx.actor, case_id, answers["obstacle"], now=ctx.now)
        told = [
            line(P("Submitted"), P("Not admitted to the follow-up"), _ref(ctx, case)),
            P(
                "The case stays in care during the restriction period, as before. It can be gone through anew."
            ),
        ]
        return Message(tuple(told), ((Button(P("Status"), act("case", id=case_id)),),))
    decided_on = date.fromisoformat(answers["decided_on"])
    done = admission.admit(ctx.session, ctx.actor, case_id, decided_on, str(answers["basis"]), now=ctx.now)
    items = {item.visit.id: item for item in visit_lists.by_ids(ctx.session, [one.id for one in done.visits])}
    lines: list[Phrase] = [
        line(P("Submitted"), P("Admit to the follow-up"), _ref(ctx, done.case)),
        P("The follow-up has begun. Planned from now on:"),
    ]
    lines += [wording.visit_line(items[one.id], ctx.now, ctx.mechanism) for one in done.visits]
    return Message(tuple(lines), ((Button(P("Status"), act("case", id=case_id)),),))


def card_rows(ctx: Context, case: Case) -> list[tuple[Button, ...]]:
    if not admission.is_possible(ctx.actor, case, ctx.today):
        return []
    return [(Button(P("Admit to the follow-up"), act("case_admit", id=case.id)),)]


def _ref(ctx: Context, case: Case) -> CaseRef:
    return CaseRef(case.code, ctx.session.get_one(Person, case.person_id).name)
