"""/brief · 走访提示: what to know before a visit. In the middle of a note it is about that note's visit."""

from __future__ import annotations

from bot import brief, notices, wording
from bot.commands.agenda import OFFICERS
from bot.commands.command import Answer, Command, Tap
from bot.context import Context
from bot.dialogs import store
from bot.messages import Action, Button, Message, act
from casework import briefs
from locales.catalogue import N_
from locales.phrase import P
from storage.errors import NotFound
from storage.queries import visits as visit_lists
from storage.queries.access import require

LISTED = 8


def run(ctx: Context, argument: str) -> Answer:
    draft = store.active(ctx.session, ctx.member.id)
    if draft is not None:
        try:
            return [_of_visit(ctx, draft.subject_id)]
        except NotFound:
            pass  # a form about something else
    items = [item for item in _at_hand(ctx) if brief.is_for(item.visit)][:LISTED]
    if not items:
        return [Message((P("You have no open visit."),), ((Button(P("This week"), act("week")),),))]
    if len(items) == 1:
        return [_of_visit(ctx, items[0].visit.id)]
    rows = tuple((Button(wording.which_visit(one), act("brief", visit=one.visit.id)),) for one in items)
    return [Message((P("Which visit do you want to prepare?"),), rows)]


def _at_hand(ctx: Context) -> list[visit_lists.VisitLine]:
    """What is on the agenda; where that is empty, what comes next."""
    far = ctx.mechanism.calendar.add_workdays(ctx.today, 30)
    return notices.agenda(ctx) or visit_lists.to_make(ctx.session, ctx.member.id, until=far, today=ctx.today)


def tap(ctx: Context, action: Action) -> Answer:
    visit_id, case_id = action.get("visit"), action.get("case")
    if visit_id is not None:
        return [_of_visit(ctx, int(visit_id))]
    if case_id is not None:
        found = briefs.of_case(ctx.session, ctx.actor, int(case_id), now=ctx.now)
        return [brief.message(ctx, found)]
    require(ctx.actor, *OFFICERS)
    return run(ctx, "")


def _of_visit(ctx: Context, visit_id: int) -> Message:
    found = briefs.of_visit(ctx.session, ctx.actor, visit_id, today=ctx.today, now=ctx.now)
    return brief.message(ctx, found)


COMMAND = Command(
    "brief",
    ("走访提示", "提示"),
    N_("what to know before a visit"),
    run,
    OFFICERS,
    label=N_("Brief"),
)
TAPS: dict[str, Tap] = {"brief": tap}
