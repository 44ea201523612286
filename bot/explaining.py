"""One visit of a notice, explained: when it is due and why then, which days count, who acts, and who hears next."""

from __future__ import annotations

from datetime import date

from bot import absence, due_days, wording
from bot.causes import Told
from bot.context import Context
from casework import lateness
from locales.phrase import Clock, Code, Day, P, Phrase, Term, Value, line, several
from reminders import course, rules
from reminders.ladder import Recipients
from reminders.workdays import runs
from storage.queries import leaves
from storage.queries.visits import VisitLine
from storage.rulebook import Recipient, Via
from storage.tables.cases import CaseState
from storage.tables.members import Member, Role
from storage.tables.visits import VisitState

NAMED_DAYS = 5


def visit(ctx: Context, told: Told, *, with_dates: bool) -> list[Phrase]:
    item = told.item
    who: Value = wording.case_ref(item) if _knows_name(ctx, item) else Code(item.case.code)
    kind, visit = wording.kind_of(item.visit), item.visit
    if visit.state is VisitState.done and visit.done_on is not None:
        return [line(who, kind, P("took place on {day}", day=Day(visit.done_on)))]
    if item.case.state is not CaseState.open:
        return [line(who, kind, P("No visits for now"))]
    if visit.state is not VisitState.planned:
        return [line(who, kind, P("No longer needed"))]
    if not with_dates:
        return [line(who, kind)]
    calendar = ctx.mechanism.calendar
    due, late = rules.due_day(visit.due_on, calendar), course.late(visit, ctx.today, ctx.mechanism)
    stands = lateness.stands(visit, ctx.now, ctx.mechanism) or _distance(late)
    lines = [line(who, kind, P("due {day}", day=Day(due)), stands)]
    if due != visit.due_on:
        lines.append(P("{day} is no working day, so the next one counts.", day=Day(visit.due_on)))
    since = rules.due_day(course.owed_on(visit, ctx.mechanism), calendar)  # of what was made its note is late
    lines += [*due_days.reason(ctx, item), *_moved_since(told), *_days(ctx, since, late)]
    return [*lines, *_leave(ctx, item), *_next(ctx, item)]


def _moved_since(told: Told) -> list[Phrase]:
    if told.reminder is None or told.reminder.due_on == told.item.visit.due_on:
        return []
    return [P("When the notice was told, it was due {day}.", day=Day(told.reminder.due_on))]


def _knows_name(ctx: Context, item: VisitLine) -> bool:
    return ctx.actor.has(Role.care_officer, Role.unit_party_org) and (
        ctx.member.id == item.case.care_officer_id or absence.makes(ctx, item.visit)
    )


def _leave(ctx: Context, item: VisitLine) -> list[Phrase]:
    """Who acts for an officer on leave, and which days of theirs are not held against them."""
    lines = []
    away = leaves.on_leave(ctx.session, item.visit.officer_id or 0, ctx.today)
    if away is not None:
        makers = Recipients(ctx.session).makers(item.visit, ctx.today)
        until = Day(away.last_on)
        if makers:
            name = wording.member_ref(ctx.session.get_one(Member, makers[0]))
            lines.append(P("The care officer is on leave until {day}; {name} covers.", day=until, name=name))
        else:
            lines.append(P("The care officer is on leave until {day}, and nobody covers.", day=until))
    if absence.spared(ctx, item.visit):
        days = several(absence.span(leave) for leave in absence.uncounted(ctx, item.visit))
        lines.append(P("Not held against the care officer: {days} (leave that nobody covered).", days=days))
    return lines


def _distance(late: int) -> Phrase:
    if late == 0:
        return P("due today")
    return P("{n} working day left", "{n} working days left", n=-late)


def _days(ctx: Context, due: date, late: int) -> list[Phrase]:
    """The working days that make it late, and the days in between that do not count, with their reason."""
    calendar, today = ctx.mechanism.calendar, ctx.today
    lines = []
    if 0 < late <= NAMED_DAYS:
        counted = several(Day(day) for day in calendar.suggest(due, late))
        lines.append(P("Counted: {days}.", days=counted))
    elif late > 0:
        first, last = calendar.next_workday(due), calendar.add_workdays(due, late)
        lines.append(P("Counted: the working days from {first} to {last}.", first=Day(first), last=Day(last)))
    spared = runs(calendar.days_not_counted(min(due, today), max(due, today)))
    if spared:
        shown = several(_run(*one) for one in spared[-NAMED_DAYS:])
        all_said = len(spared) <= NAMED_DAYS
        lines.append(
            P("Not counted: {days}.", days=shown)
            if all_said
            else P("Not counted, and earlier ones: {days}.", days=shown)
        )
    return [*lines, *wording.may_move(calendar, due, today)]


def _run(first: date, last: date, reason: str) -> Phrase:
    if first == last:
        return P("{day} ({reason})", day=Day(first), reason=Term(reason))
    return P("{first} to {last} ({reason})", first=Day(first), last=Day(last), reason=Term(reason))


def _next(ctx: Context, item: VisitLine) -> list[Phrase]:
    """Who hears at the next look if nothing happens until then, and what keeps it quiet meanwhile."""
    visit, mechanism, lines = item.visit, ctx.mechanism, []
    if visit.acknowledged_until is not None and visit.acknowledged_until > ctx.now:
        until = Day(mechanism.day(visit.acknowledged_until))
        lines.append(P("Somebody is on it; no repeats before {day}.", day=until))
    moment, index = visit.next_look_at, visit.next_step
    if moment is None or index is None:
        return lines
    passed = rules.passed_steps(
        visit.due_on, index - 1, moment, mechanism.rulebook, mechanism.calendar, mechanism.zone
    )
    steps = rules.collapse(passed) or [
        rules.step(visit.due_on, index, mechanism.rulebook, mechanism.calendar, mechanism.zone)
    ]
    to = dict.fromkeys(recipient for step in steps for recipient in step.to)
    who = (
        P("you") if list(to) == [Recipient.care_officer] and absence.makes(ctx, visit) else wording.roles(to)
    )
    digest = all(step.via is Via.digest for step in steps)
    day, at = Day(mechanism.day(moment)), Clock(moment)
    if digest:
        lines.append(P("If nothing happens, it is in the digest of {day}: {who}.", day=day, who=who))
    else:
        lines.append(P("If nothing happens, told next on {day} at {time}: {who}.", day=day, time=at, who=who))
    return lines
