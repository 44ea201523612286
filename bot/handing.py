"""A case gets another care officer, in words: the form of the office, and what it becomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot import outcomes, wording
from bot.context import Context
from bot.messages import Button, Message, act
from casework import handing
from casework.forms.form import Answers, Form, Option
from locales.phrase import CaseRef, Count, P, Phrase, Value, line
from storage.queries import visits as visit_lists
from storage.tables.cases import Case, CaseState, Person
from storage.tables.members import Member


def subject(ctx: Context, case_id: int) -> Value:
    return _ref(ctx, handing.expect(ctx.session, ctx.actor, case_id))


def options(ctx: Context, case_id: int) -> Mapping[str, Callable[[], tuple[Option, ...]]]:
    def officers() -> tuple[Option, ...]:
        able = handing.candidates(ctx.session, ctx.actor, case_id, now=ctx.now)
        return tuple(Option(str(member.id), _able(member, load, away)) for member, load, away in able)

    return {"officer": officers}


def _able(member: Member, load: int, away: bool) -> Phrase:
    name, n = wording.member_ref(member), Count(load)
    return P("{name} ({n} open, on leave)" if away else "{name} ({n} open)", None, name=name, n=n)


def submit(ctx: Context, form: Form, case_id: int, answers: Answers) -> Message:
    done = handing.hand_over(
        ctx.session, ctx.actor, case_id, int(answers["officer"]), str(answers["reason"]), now=ctx.now
    )
    officer = ctx.session.get_one(Member, done.officer_id)
    lines: list[Phrase] = [
        line(P("Submitted"), P("Change the care officer"), _ref(ctx, done.case)),
        P("Care officer from now on: {name}.", name=wording.member_ref(officer)),
    ]
    theirs = [
        item
        for item in visit_lists.of_case(ctx.session, case_id)
        if wording.is_open(item) and item.visit.officer_id == officer.id
    ]
    if done.case.state is CaseState.open:
        lines += [wording.visit_line(item, ctx.now, ctx.mechanism) for item in theirs]
    lines += [outcomes.told(ctx, P("both officers")), P("Messages that were sent are brought up to date.")]
    return Message(tuple(lines), ((Button(P("Status"), act("case", id=case_id)),),))


def card_rows(ctx: Context, case: Case) -> list[tuple[Button, ...]]:
    if not handing.is_possible(ctx.actor, case):
        return []
    return [(Button(P("Change the care officer"), act("case_hand_over", id=case.id)),)]


def _ref(ctx: Context, case: Case) -> CaseRef:
    return CaseRef(case.code, ctx.session.get_one(Person, case.person_id).name)
