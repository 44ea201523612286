"""One visit goes to another officer: a tap on a name does it, and one more gives it back."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bot import outcomes, wording
from bot.context import Context
from bot.messages import Button, Message, act
from casework import visits
from casework.forms.form import Answers, Form, Option
from casework.vocabulary import KINDS
from locales.phrase import Code, Count, P, Phrase, Term, Value, line
from storage.errors import Refused
from storage.queries.access import see_visit
from storage.queries.visits import by_ids
from storage.tables.members import Member

SHOWN = 6  # names to tap, as many buttons as a small card has; the others are in the form


def ask(ctx: Context, visit_id: int) -> Message:
    """Who could make the visit, the least burdened first."""
    able = visits.candidates(ctx.session, ctx.actor, visit_id, now=ctx.now)
    if not able:
        raise Refused(visits.NOBODY_ELSE)
    shown = able if len(able) <= SHOWN else able[: SHOWN - 1]
    buttons = [
        Button(_named(member, load), act("reassign", visit=visit_id, member=member.id))
        for member, load in shown
    ]
    if len(able) > len(shown):
        buttons.append(Button(P("Somebody else"), act("reassign", visit=visit_id, other=True)))
    item = by_ids(ctx.session, [visit_id])[0]
    lines = (
        line(P("Reassign this visit"), wording.kind_of(item.visit), wording.known_as(item, ctx.actor)),
        P("Who shall make this visit? Whoever you tap has it at once."),
        P("Only this visit changes hands; the care officer stays the same."),
    )
    return Message(lines, tuple((button,) for button in buttons))


def give(ctx: Context, visit_id: int, member_id: int, *before: Value) -> Message:
    """Done, with the way back where whoever had it could take it again."""
    had = see_visit(ctx.session, ctx.actor, visit_id, to="direct", today=ctx.today).officer_id
    visit = visits.reassign(ctx.session, ctx.actor, visit_id, member_id, now=ctx.now)
    item = by_ids(ctx.session, [visit_id])[0]
    officer = ctx.session.get_one(Member, visit.officer_id)
    lines = (
        line(*before, wording.kind_of(visit), wording.known_as(item, ctx.actor)),
        P("{name} makes this visit; the care officer stays the same.", name=wording.member_ref(officer)),
        *outcomes.told_later(ctx, officer),
    )
    able = {
        member.id: member for member, _ in visits.candidates(ctx.session, ctx.actor, visit_id, now=ctx.now)
    }
    back = []
    if had in able:
        label = P("Give it back to {name}", name=wording.member_ref(able[had]))
        back.append(Button(label, act("reassign", visit=visit_id, member=had)))
    return Message(lines, ((*back, Button(P("Overdue"), act("command", name="overdue"))),))


def _named(member: Member, load: int) -> Phrase:
    return P("{name} ({n} open)", None, name=wording.member_ref(member), n=Count(load))


# --- the form, on a page and where there are many ------------------------------------------------------------------


def subject(ctx: Context, visit_id: int) -> Value:
    visit = visits.unmade(see_visit(ctx.session, ctx.actor, visit_id, to="direct", today=ctx.today))
    return line(Code(visit.code), Term(KINDS[visit.kind]))


def options(ctx: Context, visit_id: int) -> Mapping[str, Callable[[], tuple[Option, ...]]]:
    def officers() -> tuple[Option, ...]:
        able = visits.candidates(ctx.session, ctx.actor, visit_id, now=ctx.now)
        return tuple(Option(str(member.id), _named(member, load)) for member, load in able)

    return {"officer": officers}


def submit(ctx: Context, form: Form, visit_id: int, answers: Answers) -> Message:
    return give(ctx, visit_id, int(answers["officer"]), P("Submitted"))
