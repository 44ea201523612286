"""The buttons under a list of visits: what their reader can do about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot import wording
from bot.context import Context
from bot.messages import Button, act
from locales.phrase import P
from storage.queries.visits import VisitLine
from storage.tables.members import Role
from storage.tables.visits import VisitKind


def visit_buttons(ctx: Context, items: Sequence[VisitLine]) -> tuple[tuple[Button, ...], ...]:
    """A record button for each visit (as many as the rulebook shows), then what else can be done."""
    shown = items[: ctx.mechanism.rulebook.limits.alert_items]
    record = record_buttons(shown)
    rows = [tuple(record[at : at + 2]) for at in range(0, len(record), 2)]
    if any(item.visit.kind is not VisitKind.unit_opinion for item in items):
        rows.append(
            (
                Button(P("Done, note to follow"), act("note_follows")),
                Button(P("Could not be done"), act("not_done")),
                Button(P("Reschedule"), act("reschedule")),
            )
        )
    if ctx.actor.has(Role.unit_party_org):
        rows.append((Button(P("Opinion"), act("command", name="opinion")),))
    if ctx.actor.has(Role.care_officer):
        rows.append((Button(P("This week"), act("week")),))
    return tuple(rows)


def record_buttons(items: Sequence[VisitLine]) -> list[Button]:
    """One for each visit; where a person has several, the label says which."""
    often = Counter(item.case.id for item in items)
    return [record_button(item, with_kind=often[item.case.id] > 1) for item in items]


def record_button(item: VisitLine, *, with_kind: bool = False) -> Button:
    name = wording.case_name(item)
    if item.visit.kind is VisitKind.unit_opinion:
        label = P("Give opinion {case}", case=name)
    elif with_kind:
        label = P("Record {case}: {kind}", case=name, kind=wording.kind_of(item.visit))
    else:
        label = P("Record {case}", case=name)
    return Button(label, act("record", visit=item.visit.id))
