"""Leave in words: a line about it, what its cover and its overseers are told, what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot import outcomes, wording
from bot.context import Context
from bot.messages import Button, Message, act
from casework import leave as acts
from locales.catalogue import N_
from locales.phrase import Code, Day, P, Phrase, Term, Value, line
from reminders import course, rules
from reminders.ladder import is_reachable
from storage.queries import access, leaves
from storage.queries import visits as visit_lists
from storage.queries.visits import VisitLine
from storage.tables.leaves import Leave
from storage.tables.members import Member, Role
from storage.tables.visits import Visit

OFFERED = 4  # colleagues to tap
LISTED = 10


def span(leave: Leave) -> Phrase:
    if leave.first_on == leave.last_on:
        return P("{day}", day=Day(leave.first_on))
    return P("{first} to {last}", first=Day(leave.first_on), last=Day(leave.last_on))


def leave_line(ctx: Context, leave: Leave) -> Phrase:
    """One's own leave, or that of a colleague for whom one acts."""
    if leave.member_id != ctx.member.id:
        return line(span(leave), P("you cover for {name}", name=_name(ctx, leave.member_id)))
    if not ctx.actor.has(Role.care_officer):
        return line(Term(N_("Leave")), span(leave))
    return line(Term(N_("Leave")), span(leave), _cover(ctx, leave))


def taken(ctx: Context, leave: Leave) -> Message:
    """The answer to leave that was entered."""
    lines = (line(P("Submitted"), leave_line(ctx, leave)), *_consequence(ctx, leave))
    return Message(lines, ways(ctx, [leave]))


def ways(ctx: Context, standing: Sequence[Leave]) -> tuple[tuple[Button, ...], ...]:
    """For each leave of one's own: have it covered by one of a few, withdraw it."""
    rows: list[tuple[Button, ...]] = []
    mine = [leave for leave in standing if leave.member_id == ctx.member.id]
    for leave in mine:
        if leave.cover_id is None:
            able = acts.candidates(ctx.session, ctx.actor, leave.first_on, leave.last_on)[:OFFERED]
            buttons = [
                Button(
                    P("Covered by {name}", name=wording.member_ref(one)),
                    act("cover", leave=leave.id, member=one.id),
                )
                for one in able
            ]
            rows += [tuple(buttons[at : at + 2]) for at in range(0, len(buttons), 2)]
        label = P("Withdraw") if len(mine) == 1 else P("Withdraw {days}", days=span(leave))
        rows.append((Button(label, act("leave_withdraw", leave=leave.id)),))
    return tuple(rows)


def _cover(ctx: Context, leave: Leave) -> Value:
    if leave.cover_id is None:
        return P("nobody covers")
    return P("covered by {name}", name=_name(ctx, leave.cover_id))


def _name(ctx: Context, member_id: int) -> Value:
    return wording.member_ref(ctx.session.get_one(Member, member_id))


def _consequence(ctx: Context, leave: Leave) -> list[Phrase]:
    """What happens to one's visits meanwhile."""
    if not ctx.actor.has(Role.care_officer):
        return [P("What would come to you goes to the next in line meanwhile.")]
    n = len(visit_lists.of_leave(ctx.session, leave, today=ctx.today))
    due = P("{n} task falls due by then.", "{n} tasks fall due by then.", n=n)
    supervisor, cover = (
        ctx.session.get(Member, one) if one is not None else None
        for one in (ctx.session.get_one(Member, ctx.member.id).supervisor_id, leave.cover_id)
    )
    quiet = P("You get no reminders meanwhile.")
    if cover is not None:
        return [due, outcomes.told(ctx, P("your cover and your supervisor"), cover, supervisor), quiet]
    alone = P("Nobody covers: your supervisor hears of what is due.")
    return [due, alone, outcomes.told(ctx, P("your supervisor"), supervisor), quiet]


# --- what others are told --------------------------------------------------------------------------------------------


def told(ctx: Context, kind: str, leave: Leave) -> tuple[Message, tuple[int, ...]] | None:
    """The notice of a leave for the cover, or for those who oversee; None when it is of no use any more."""
    if kind == "leave_off":
        return _back(ctx, leave)
    if leave.withdrawn_at is not None or leave.last_on < ctx.today:
        return None
    items = visit_lists.of_leave(ctx.session, leave, today=ctx.today)
    message = (_to_cover if kind == "cover" else _to_overseer)(ctx, leave, items)
    return message, ()


def _to_cover(ctx: Context, leave: Leave, items: Sequence[VisitLine]) -> Message:
    lines: list[Phrase] = [
        P("{name} is on leave: {days}. Please act for them meanwhile.",
          name=_name(ctx, leave.member_id), days=span(leave)),
        P("{n} task falls due by then.", "{n} tasks fall due by then.", n=len(items)),
        *(wording.visit_line(item, ctx.now, ctx.mechanism) for item in items[:LISTED]),
        *_more(items),
    ]  # fmt: skip
    if items:
        lines.append(P("These tasks are in your morning digest while the leave runs."))
    return Message(tuple(lines), ((Button(P("This week"), act("week")),),))


def _to_overseer(ctx: Context, leave: Leave, items: Sequence[VisitLine]) -> Message:
    name = _name(ctx, leave.member_id)
    due = P("{n} task falls due by then.", "{n} tasks fall due by then.", n=len(items))
    if leave.cover_id is not None:
        head = P("{name} is on leave: {days}. {cover} covers.",
                 name=name, days=span(leave), cover=_name(ctx, leave.cover_id))  # fmt: skip
        return Message((head, due))
    lines = [P("{name} is on leave: {days}. Nobody covers.", name=name, days=span(leave)), due]
    for item in items[:LISTED]:
        when = wording.when_due(item.visit, ctx.now, ctx.mechanism)
        lines.append(line(when, wording.kind_of(item.visit), wording.known_as(item, ctx.actor)))
    lines += _more(items)
    if items:
        lines.append(P("Reminders of them come to you meanwhile. You can give them to somebody else now:"))
    return Message(tuple(lines), _reassign(ctx, items))


def _reassign(ctx: Context, items: Sequence[VisitLine]) -> tuple[tuple[Button, ...], ...]:
    shown = items[: ctx.mechanism.rulebook.limits.alert_items]
    return tuple(
        (Button(P("Reassign {code}", code=Code(item.case.code)), act("reassign", visit=item.visit.id)),)
        for item in shown
    )


def _more(items: Sequence[VisitLine]) -> list[Phrase]:
    left = len(items) - LISTED
    return [P("… and {n} more.", "… and {n} more.", n=left)] if left > 0 else []


def _back(ctx: Context, leave: Leave) -> tuple[Message, tuple[int, ...]]:
    name = _name(ctx, leave.member_id)
    if leave.withdrawn_at is not None:
        text = P("{name} has withdrawn the leave of {days}.", name=name, days=span(leave))
    else:
        text = P("{name} is back from leave; the last day was {day}.", name=name, day=Day(leave.last_on))
    lines = [text]
    if leave.cover_id == ctx.member.id:
        lines.append(P("You need not act for them any more."))
    return Message(tuple(lines)), ()


# --- in other messages -----------------------------------------------------------------------------------------------


def makes(ctx: Context, visit: Visit) -> bool:
    """Whether a visit is the reader's to make today: as its officer, or as their cover."""
    return access.makes(ctx.session, ctx.actor, visit, ctx.today)


def for_whom(ctx: Context, item: VisitLine) -> Value | None:
    """`代李敏`, where the reader acts for somebody."""
    if item.officer is None or item.visit.officer_id == ctx.member.id:
        return None
    return P("for {name}", name=wording.member_ref(item.officer))


def uncounted(ctx: Context, visit: Visit) -> list[Leave]:
    """The officer's leave without a cover in the days by which the visit is late."""
    calendar = ctx.mechanism.calendar
    if visit.officer_id is None or course.late(visit, ctx.today, ctx.mechanism) <= 0:
        return []
    after = rules.due_day(course.owed_on(visit, ctx.mechanism), calendar) + timedelta(days=1)
    found = leaves.overlapping(ctx.session, visit.officer_id, after, ctx.today)
    return [leave for leave in found if leave.cover_id is None]


def spared(ctx: Context, visit: Visit) -> int:
    """The working days of its lateness in which the officer was on leave and nobody covered."""
    spans = [(leave.first_on, leave.last_on) for leave in uncounted(ctx, visit)]
    return rules.spared(course.owed_on(visit, ctx.mechanism), ctx.today, spans, ctx.mechanism.calendar)


def of_them_on_leave(ctx: Context, item: VisitLine) -> Phrase | None:
    """Beside the lateness of a visit: how much of it is not held against its officer."""
    days = spared(ctx, item.visit)
    if not days:
        return None
    return P("of them {n} working day on leave", "of them {n} working days on leave", n=days)


def welcome_back(ctx: Context) -> Phrase | None:
    """On the first morning after leave: since when things have waited."""
    before = ctx.mechanism.calendar.previous_workday(ctx.today)
    ended = leaves.overlapping(ctx.session, ctx.member.id, before, ctx.today - timedelta(days=1))
    if not ended or leaves.on_leave(ctx.session, ctx.member.id, ctx.today) is not None:
        return None
    return P("Your leave ended on {day}; this is what waits.", day=Day(ended[-1].last_on))


# --- who cannot be reached -------------------------------------------------------------------------------------------


def unreachable(ctx: Context, payload: dict[str, Any]) -> Message | None:
    """An officer whom no message reaches; None once one does again. Or a message to them could not be delivered."""
    officer = ctx.session.get_one(Member, payload["member"])
    name = wording.member_ref(officer)
    if "undelivered" in payload:
        head = P("A message to {name} could not be delivered.", name=name)
    elif is_reachable(ctx.session, officer.id):
        return None
    else:
        head = P("{name} cannot be reached by this assistant at present.", name=name)
    waiting = visit_lists.to_make(ctx.session, officer.id, until=ctx.today, today=ctx.today)
    lines = [
        head,
        P("{n} task of theirs is due.", "{n} tasks of theirs are due.", n=len(waiting)),
        P("Please tell them, or give the tasks to somebody else; the office can invite them anew."),
    ]
    return Message(tuple(lines), ((Button(P("Overdue"), act("command", name="overdue")),),))
