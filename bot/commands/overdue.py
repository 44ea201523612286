"""/overdue · 逾期: the overdue visits one oversees (the office: all), and what one does about them."""

from __future__ import annotations

from datetime import date

from bot import absence, outcomes, reassigning, safety, standing, ways, wording
from bot.commands.command import Answer, Command
from bot.context import Context
from bot.dialogs import runner
from bot.messages import Action, Button, Message, act
from casework import visits
from locales.catalogue import N_
from locales.phrase import Day, P, Phrase, line
from storage.errors import Refused
from storage.queries import visits as visit_lists
from storage.queries.visits import VisitLine
from storage.tables.members import Member, Role

ROLES = frozenset({Role.supervisor, Role.commission_staff, Role.leader})
LISTED = 20


def run(ctx: Context, argument: str) -> Answer:
    found = visit_lists.due_before(ctx.session, ctx.actor, ctx.today)
    items = [item for item in found if standing.is_late(ctx, item)]
    if not items:
        none = Message((P("Nothing is overdue."),), ((Button(P("Help"), act("command", name="help")),),))
        return [safety.above(ctx, none)]
    head = P("{n} task is overdue:", "{n} tasks are overdue:", n=len(items))
    lines: list[Phrase] = [head]
    for number, item in enumerate(items[:LISTED], start=1):
        told = visit_lists.times_told(ctx.session, item.visit)
        lines.append(
            wording.duty_line(
                number,
                item,
                wording.known_as(item, ctx.actor),
                ctx.now,
                ctx.mechanism,
                told,
                also=absence.of_them_on_leave(ctx, item),
                moved=visit_lists.times_moved(ctx.session, item.visit),
            )
        )
    if len(items) > LISTED:
        lines.append(P("… and {n} more.", "… and {n} more.", n=len(items) - LISTED))
    if len(items) > (shown := ctx.mechanism.rulebook.limits.alert_items):
        lines.append(P("The buttons are for the first {n}; look up the others by their code.", None, n=shown))
    return [safety.above(ctx, Message(tuple(lines), ways.alert_buttons(ctx, items)))]


def chase(ctx: Context, action: Action) -> Answer:
    visit = visits.chase(ctx.session, ctx.actor, _visit_id(action), now=ctx.now)
    officer = ctx.session.get_one(Member, visit.officer_id)
    name = wording.member_ref(officer)
    return [
        _done(
            ctx, visit.id, outcomes.told(ctx, name, officer, already=P("{name} has been chased.", name=name))
        )
    ]


def extend(ctx: Context, action: Action) -> Answer:
    visit = visits.extend(ctx.session, ctx.actor, _visit_id(action), _asked(action), now=ctx.now)
    officer = ctx.session.get(Member, visit.officer_id) if visit.officer_id is not None else None
    told = [outcomes.told(ctx, wording.member_ref(officer), officer)] if officer is not None else []
    extended = P("Extended to {day}.", day=Day(visit.due_on))
    return [_done(ctx, visit.id, extended, *wording.may_move(ctx.mechanism.calendar, visit.due_on), *told)]


def keep_day(ctx: Context, action: Action) -> Answer:
    """Another day is not agreed to."""
    asked = _asked(action)
    if asked is None:
        raise Refused(visits.NOT_ASKED)
    visit = visits.keep_day(ctx.session, ctx.actor, _visit_id(action), asked, now=ctx.now)
    officer = ctx.session.get(Member, visit.officer_id) if visit.officer_id is not None else None
    told = [outcomes.told(ctx, wording.member_ref(officer), officer)] if officer is not None else []
    return [_done(ctx, visit.id, P("Not agreed to: {day} stays.", day=Day(visit.due_on)), *told)]


def _asked(action: Action) -> date | None:
    """The day that the button agrees to."""
    day = action.get("day")
    return date.fromisoformat(str(day)) if day else None


def acknowledge(ctx: Context, action: Action) -> Answer:
    _, until = visits.acknowledge(ctx.session, ctx.actor, [_visit_id(action)], now=ctx.now)
    return [_done(ctx, _visit_id(action), P("Acknowledged. No repeats before {day}.", day=Day(until)))]


def reassign(ctx: Context, action: Action) -> Answer:
    """A name that is tapped has the visit at once. On a page it is a form."""
    visit_id, member_id = _visit_id(action), action.get("member")
    if member_id is not None:
        return [reassigning.give(ctx, visit_id, int(member_id))]
    if ctx.on_page or ctx.fills_on_page or action.get("other"):
        return [runner.open_form(ctx, "reassign", visit_id)]
    return [reassigning.ask(ctx, visit_id)]


def _visit_id(action: Action) -> int:
    return int(action.get("visit") or 0)


def _done(ctx: Context, visit_id: int, *text: Phrase) -> Message:
    item: VisitLine = visit_lists.by_ids(ctx.session, [visit_id])[0]
    head = line(wording.known_as(item, ctx.actor), wording.kind_of(item.visit))
    return Message((head, *text), ((Button(P("Overdue"), act("command", name="overdue")),),))


COMMAND = Command("overdue", ("逾期",), N_("what is overdue"), run, ROLES, label=N_("Overdue"))
