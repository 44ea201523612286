"""/today · 今日 and /week · 本周: what is due, overdue first."""

from __future__ import annotations

from datetime import date, timedelta

from bot import matters, notices, safety, standing, ways
from bot.commands.command import Answer, Command
from bot.context import Context
from bot.messages import Message
from locales.catalogue import N_
from locales.phrase import P
from storage.queries import visits as visit_lists
from storage.tables.members import Role

OFFICERS = frozenset({Role.care_officer})


def today(ctx: Context, argument: str) -> Answer:
    items = visit_lists.to_make(ctx.session, ctx.member.id, until=ctx.today, today=ctx.today)
    late = sum(1 for item in items if standing.is_late(ctx, item))
    also, to_settle = matters.due(ctx)
    if not items:
        coming = notices.agenda(ctx)[:1]
        lines = [
            *(also or [P("Nothing is due today.")]),
            *(P("Next: {line}", line=notices.item_line(ctx, i)) for i in coming),
        ]
        return [safety.above(ctx, Message(tuple(lines), (*to_settle, *ways.visit_buttons(ctx, coming))))]
    listed = (notices.counts(len(items) - late, late), *(notices.item_line(ctx, i) for i in items), *also)
    return [safety.above(ctx, Message(listed, (*to_settle, *ways.visit_buttons(ctx, items))))]


def week(ctx: Context, argument: str) -> Answer:
    items = visit_lists.to_make(ctx.session, ctx.member.id, until=end_of_week(ctx.today), today=ctx.today)
    if not items:
        return [Message((P("Nothing is due this week."),), ways.visit_buttons(ctx, []))]
    head = P("This week: {n} task, overdue first.", "This week: {n} tasks, overdue first.", n=len(items))
    return [Message((head, *(notices.item_line(ctx, i) for i in items)), ways.visit_buttons(ctx, items)[:-1])]


def end_of_week(day: date) -> date:
    return day + timedelta(days=6 - day.weekday())


TODAY = Command(
    "today", ("今日",), N_("what is due today, overdue first"), today, OFFICERS, label=N_("Today")
)
WEEK = Command("week", ("本周",), N_("what is due this week"), week, OFFICERS, label=N_("This week"))
