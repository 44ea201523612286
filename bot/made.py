"""That a visit was made and its note follows, in words; and the day on which it was."""

from __future__ import annotations

from datetime import date, timedelta

from bot import ways, wording
from bot.context import Context
from bot.messages import Button, Message, act
from casework import visits
from casework.forms.catalog.note_follows import NOTE_FOLLOWS
from casework.forms.form import Answers, Form
from locales.phrase import Day, P, Phrase, Value, line
from storage.queries.visits import by_ids
from storage.tables.visits import Visit

FORM = NOTE_FOLLOWS.id


def noted(ctx: Context, visit_id: int, day: date | None, *before: Value) -> Message:
    """One tap is enough: without a day it was today, and another one is a tap more."""
    visit, until = visits.note_follows(ctx.session, ctx.actor, visit_id, day, now=ctx.now)
    item = by_ids(ctx.session, [visit.id])[0]
    lines = [
        line(*before, wording.kind_of(visit), wording.case_ref(item)),
        P(
            "Done on {day}. Please write the note by {until}; until then there are no more reminders.",
            day=Day(visit.done_on or ctx.today),
            until=Day(until),
        ),
    ]
    days = _other_days(ctx, visit)
    if days:
        lines.append(P("Was it another day? Please tap it:"))
    return Message(tuple(lines), ((ways.record_button(item),), *((days,) if days else ())))


def _other_days(ctx: Context, visit: Visit) -> tuple[Button, ...]:
    """As many days back as are offered for a new date; any other is typed."""
    earliest, offered = (
        visits.earliest_made(ctx.session, visit, ctx.today),
        ctx.mechanism.rulebook.limits.suggested_dates,
    )
    days = [ctx.today - timedelta(days=back) for back in range(offered)]
    buttons = [
        Button(_called(day, ctx.today), act("note_follows", visit=visit.id, day=day.isoformat()))
        for day in days
        if earliest <= day != visit.done_on
    ]
    if earliest < days[-1]:
        buttons.append(Button(P("Another day"), act("note_follows_day", visit=visit.id)))
    return tuple(buttons)


def _called(day: date, today: date) -> Phrase:
    if day == today:
        return P("Today, {day}", day=Day(day))
    return (
        P("Yesterday, {day}", day=Day(day)) if day == today - timedelta(days=1) else P("{day}", day=Day(day))
    )


def submit(ctx: Context, form: Form, visit_id: int, answers: Answers) -> Message:
    return noted(ctx, visit_id, date.fromisoformat(answers["date"]), P("Submitted"))


def known(ctx: Context, about_id: int) -> Answers:
    """What its note begins with: the day, where it was given."""
    visit = ctx.visit(about_id)
    return {"date": visit.done_on.isoformat()} if visit is not None and visit.done_on is not None else {}
