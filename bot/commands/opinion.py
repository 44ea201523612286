"""/opinion · 意见: the cases in which the opinion of one's own unit is awaited. Of a case nothing else is told here."""

from __future__ import annotations

from bot import ways, wording
from bot.commands.command import Answer, Command
from bot.context import Context
from bot.dialogs import runner, store
from bot.messages import Button, Message
from locales.catalogue import N_
from locales.phrase import P
from storage.queries import units
from storage.queries import visits as visit_lists
from storage.queries.visits import VisitLine
from storage.tables.cases import CaseState
from storage.tables.members import Role

LISTED = 8
NEAR = 30  # working days ahead: an opinion takes its time


def run(ctx: Context, argument: str) -> Answer:
    """A draft that waits comes first; then every opinion that is planned, the one due first on top."""
    near, later = planned(ctx)
    items = near + later
    draft = next(
        (one for one in store.all_of(ctx.session, ctx.member.id) if one.form == "unit_opinion"), None
    )
    if draft is not None:
        offer = runner.offer(ctx, draft)
        others = [item for item in items if item.visit.id != draft.subject_id]
        return [Message(offer.lines, (*offer.buttons, *_rows(others)))]
    if not items:
        return [Message((P("No opinion of your unit is awaited at present."),))]
    head = P(
        "Your unit's opinion is awaited in {n} case:",
        "Your unit's opinion is awaited in {n} cases:",
        n=len(near),
    )
    lines = [wording.visit_line(item, ctx.now, ctx.mechanism) for item in items[:LISTED]]
    told = [head, *lines[: len(near)]] if near else [P("No opinion of your unit is awaited at present.")]
    if len(lines) > len(near):
        told += [P("Planned for later:"), *lines[len(near) :]]
    return [Message(tuple(told), _rows(items))]


def planned(ctx: Context) -> tuple[list[VisitLine], list[VisitLine]]:
    """The opinions that are awaited now, and those that are only planned: one that was given is asked for again in half
    a year, and is not awaited until that is near."""
    found = visit_lists.by_ids(ctx.session, units.awaited(ctx.session, ctx.member.id))
    far = ctx.mechanism.calendar.add_workdays(ctx.today, NEAR)
    items = [item for item in found if item.case.state is CaseState.open]
    return [i for i in items if i.visit.due_on <= far], [i for i in items if i.visit.due_on > far]


def _rows(items: list[VisitLine]) -> tuple[tuple[Button, ...], ...]:
    return tuple((button,) for button in ways.record_buttons(items[:LISTED]))


COMMAND = Command(
    "opinion",
    ("意见",),
    N_("your unit's opinion, where it is awaited"),
    run,
    frozenset({Role.unit_party_org}),
    label=N_("Opinion"),
)
