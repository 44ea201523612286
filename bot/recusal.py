"""Recusal in words: its form, the line on a case's card, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot import ways, wording
from bot.context import Context
from bot.messages import Button, Message, act
from casework import recusals as acts
from casework.forms.form import Answers, Form, Option
from locales.phrase import Code, FreeText, Name, P, Phrase, Value, either, line, several
from storage.queries import recusals
from storage.queries import visits as visit_lists
from storage.queries.access import OFFICE, access_case, require
from storage.tables.cases import Case, CaseState
from storage.tables.members import Member
from storage.tables.recusals import Recusal


def subject(ctx: Context, case_id: int) -> Value:
    require(ctx.actor, *OFFICE)
    return Code(access_case(ctx.session, ctx.actor, case_id).code)


def options(ctx: Context, case_id: int) -> Mapping[str, Callable[[], tuple[Option, ...]]]:
    def members() -> tuple[Option, ...]:
        able = acts.candidates(ctx.session, ctx.actor, case_id)
        return wording.member_options(ctx.session, able)

    return {"member": members}


def submit(ctx: Context, form: Form, case_id: int, answers: Answers) -> Message:
    code = subject(ctx, case_id)
    recusal = acts.recuse(
        ctx.session, ctx.actor, case_id, int(answers["member"]), answers.get("reason"), now=ctx.now
    )
    member = ctx.session.get_one(Member, recusal.member_id)
    lines = [
        line(P("Submitted"), P("Recusal"), code),
        P("{name} keeps out of this case from now on.", name=wording.member_ref(member)),
    ]
    theirs = [
        item
        for item in visit_lists.of_case(ctx.session, case_id)
        if wording.is_open(item) and item.visit.officer_id == member.id and item.case.state == CaseState.open
    ]
    if not theirs:
        return Message(tuple(lines), ((Button(P("Status"), act("case", id=case_id)),),))
    lines.append(P("The visits of this case were theirs to make: please give them to somebody else."))
    # The next one: of a case, one button cannot be told from the other. Whoever named themselves has left the case with
    # that, and gives nothing away any more.
    rows = ways.alert_buttons(ctx, theirs[:1]) if member.id != ctx.member.id else ()
    return Message(tuple(lines), rows)


def card_line(ctx: Context, case: Case) -> list[Phrase]:
    """Who keeps out of a case, for the office."""
    standing = recusals.of_case(ctx.session, case.id) if ctx.actor.in_office else []
    if not standing:
        return []
    return [P("Keeping out: {names}", names=several(_named(*one) for one in standing))]


def _named(recusal: Recusal, member: Member) -> Value:
    """Who keeps out, and why where the office wrote it down and it may be told."""
    if recusal.reason is None:
        return wording.member_ref(member)
    why = P("{name} ({reason})", name=Name(member.name), reason=FreeText(recusal.reason))
    return either(why, Name(member.name), P("member {number}", None, number=member.number))


def card_rows(ctx: Context, case: Case) -> list[tuple[Button, ...]]:
    """Naming somebody who keeps out, and letting each of them in again."""
    if not ctx.actor.in_office:
        return []
    back = [
        (
            Button(
                P("{name} need not keep out any more", name=wording.member_ref(member)),
                act("recusal_end", recusal=recusal.id),
            ),
        )
        for recusal, member in recusals.of_case(ctx.session, case.id)
    ]
    return [*back, (Button(P("Recusal"), act("recusal", case=case.id)),)]
