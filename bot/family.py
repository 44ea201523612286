"""While the family does not know: what is answered where a note was refused for it, and the button that ends it.

Where names may not be told the reason is not either: the button on the card speaks of home visits alone.
"""

from __future__ import annotations

from bot import wording
from bot.commands.command import Answer, Tap
from bot.context import Context
from bot.messages import Action, Button, Message, act
from casework import family, notes
from casework.forms.form import Form
from locales.phrase import CaseRef, Day, P, Phrase, Value, line
from storage.tables.cases import Case, Person


def does_not_know(ctx: Context, form: Form, about_id: int) -> Message:
    """Instead of a note of this form."""
    found = notes.about(ctx.session, ctx.actor, form.id, about_id, today=ctx.today, submitting=True)
    case = family.does_not_know(ctx.session, ctx.actor, found, now=ctx.now)
    lines = [
        line(P("Noted"), P("Home visits rest"), _ref(ctx, case)),
        P("Home visits are withdrawn and not planned for now; talks are due as before."),
    ]
    if ctx.tells_names:
        lines.append(
            P("Please mention nothing to the family. Once it knows, say so on the card of the case.")
        )
    return Message(tuple(lines), (*card_rows(ctx, case), (Button(P("Today"), act("today")),)))


def card_rows(ctx: Context, case: Case) -> list[tuple[Button, ...]]:
    """For its officer and the office, while it is written down that the family does not know."""
    theirs = ctx.actor.in_office or case.care_officer_id == ctx.member.id
    if not theirs or not family.can_say(ctx.session, ctx.actor, case):
        return []
    label = P("The family knows by now") if ctx.tells_names else P("Home visits go on")
    return [(Button(label, act("family_knows", id=case.id)),)]


def knows(ctx: Context, action: Action) -> Answer:
    case, visit = family.knows(ctx.session, ctx.actor, int(action.get("id") or 0), now=ctx.now)
    lines: list[Phrase] = [line(P("Noted"), P("Home visits go on"), _ref(ctx, case))]
    if visit is not None:
        lines.append(P("Next: {day} {kind}", day=Day(visit.due_on), kind=wording.kind_of(visit)))
    return [Message(tuple(lines), ((Button(P("Status"), act("case", id=case.id)),),))]


def _ref(ctx: Context, case: Case) -> Value:
    return CaseRef(case.code, ctx.session.get_one(Person, case.person_id).name)


TAPS: dict[str, Tap] = {"family_knows": knows}
