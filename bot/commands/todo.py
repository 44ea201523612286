"""/todo · 待办: what waits for this person's decision or confirmation, and what of their own waits for others."""

from __future__ import annotations

from bot import (
    confirmations,
    matters,
    misfiling,
    moving,
    outcomes,
    own_word,
    safety,
    second,
    sharing,
    standing,
    ways,
    wording,
)
from bot.commands import opinion
from bot.commands.command import Answer, Command
from bot.context import Context
from bot.messages import Button, Message, act
from casework import drift
from casework.drift import Drift
from locales.catalogue import N_
from locales.phrase import Count, P, Phrase
from reminders import rules
from storage.queries import confirmations as lists
from storage.queries import visits as visit_lists
from storage.queries.confirmations import ConfirmationLine
from storage.tables.confirmations import ConfirmationState
from storage.tables.members import Role
from storage.tables.visits import VisitKind

ROLES = frozenset(role for role in Role if role not in (Role.subject, Role.administrator))
OVERSEERS = (Role.supervisor, Role.commission_staff, Role.leader)
LISTED = 8
Rows = list[tuple[Button, ...]]


def run(ctx: Context, argument: str) -> Answer:
    lines: list[Phrase] = []
    rows: Rows = []
    for part in (
        _to_confirm,
        matters.to_do,
        _ratings,
        sharing.waiting,
        own_word.waiting,
        misfiling.waiting,
        _silent,
        _opinions,
        _reviews,
        _overdue,
        moving.waiting,
        _moved_often,
        _of_others,
        _drift,
    ):
        said, buttons = part(ctx)
        if said:
            lines += [P(""), *said] if lines else said
            rows += buttons
    if not lines:
        lines = [P("Nothing waits for your decision or confirmation.")]
    return [safety.above(ctx, Message(tuple(lines), tuple(rows)))]


def _to_confirm(ctx: Context) -> tuple[list[Phrase], Rows]:
    waiting = lists.waiting_for(ctx.session, ctx.member.id)
    if not waiting:
        return [], []
    asked = confirmations.asking(ctx, waiting[:LISTED])
    return list(asked.lines), list(asked.buttons)


def _ratings(ctx: Context) -> tuple[list[Phrase], Rows]:
    """Ratings that need a second person."""
    found = lists.ratings_for(ctx.session, ctx.actor)[:LISTED]
    asked = second.asking(ctx, found) if found else Message(())
    return list(asked.lines), list(asked.buttons)


def _silent(ctx: Context) -> tuple[list[Phrase], Rows]:
    """What the office heard of, and is not settled yet."""
    found = lists.silent_in(ctx.session, ctx.actor) if ctx.actor.has(Role.commission_staff) else []
    if not found:
        return [], []
    head = P(
        "Not confirmed by the companion so far, {n} visit:",
        "Not confirmed by the companions so far, {n} visits:",
        n=len(found),
    )
    return [head, *_named(ctx, found)], list(confirmations.paper_buttons(ctx, found))


def _named(ctx: Context, items: list[ConfirmationLine]) -> list[Phrase]:
    lines = [confirmations.missing(ctx, item) for item in items[:LISTED]]
    if len(items) > LISTED:
        lines.append(P("… and {n} more.", "… and {n} more.", n=len(items) - LISTED))
    return lines


def _reviews(ctx: Context) -> tuple[list[Phrase], Rows]:
    """What somebody of the office has to sum up in the near future."""
    if not ctx.actor.has(Role.commission_staff):
        return [], []
    until = rules.agenda_until(ctx.today, ctx.mechanism.rulebook, ctx.mechanism.calendar)
    mine = visit_lists.to_make(ctx.session, ctx.member.id, until=until, today=ctx.today)
    items = [item for item in mine if item.visit.kind is VisitKind.review]
    if not items:
        return [], []
    head = P("{n} review is to be held:", "{n} reviews are to be held:", n=len(items))
    lines = [wording.visit_line(item, ctx.now, ctx.mechanism) for item in items[:LISTED]]
    return [head, *lines], [(button,) for button in ways.record_buttons(items[:LISTED])]


def _opinions(ctx: Context) -> tuple[list[Phrase], Rows]:
    if not ctx.actor.has(Role.unit_party_org):
        return [], []
    n = len(opinion.planned(ctx)[0])
    if not n:
        return [], []
    said = P(
        "Your unit's opinion is awaited in {n} case.", "Your unit's opinion is awaited in {n} cases.", n=n
    )
    return [said], [(Button(P("Opinion"), act("command", name="opinion")),)]


def _overdue(ctx: Context) -> tuple[list[Phrase], Rows]:
    """Overdue visits that nobody has seen to."""
    if not ctx.actor.has(*OVERSEERS):
        return [], []
    found = visit_lists.due_before(ctx.session, ctx.actor, ctx.today)
    late = [
        item
        for item in found
        if standing.is_late(ctx, item)
        and (item.visit.acknowledged_until is None or item.visit.acknowledged_until <= ctx.now)
    ]
    if not late:
        return [], []
    said = P(
        "{n} overdue visit waits for you to see to it.",
        "{n} overdue visits wait for you to see to them.",
        n=len(late),
    )
    return [said], [(Button(P("Overdue"), act("command", name="overdue")),)]


def _moved_often(ctx: Context) -> tuple[list[Phrase], Rows]:
    """Visits that were put off again and again and may never have been overdue, until somebody acknowledges them."""
    if not ctx.actor.has(*OVERSEERS):
        return [], []
    found = visit_lists.moved_often(ctx.session, ctx.actor, ctx.mechanism.rulebook.limits.moves)
    items = [
        item
        for item in found
        if not standing.is_late(ctx, item)  # those are told of above
        and item.visit.asked_on is None
        and (item.visit.acknowledged_until is None or item.visit.acknowledged_until <= ctx.now)
    ]
    if not items:
        return [], []
    head = P(
        "Moved again and again: please see to the following {n} task.",
        "Moved again and again: please see to the following {n} tasks.",
        n=len(items),
    )
    lines: list[Phrase] = [head]
    for number, item in enumerate(items[:LISTED], start=1):
        who, moved = wording.known_as(item, ctx.actor), visit_lists.times_moved(ctx.session, item.visit)
        lines.append(wording.duty_line(number, item, who, ctx.now, ctx.mechanism, 0, moved=moved))
    if len(items) > LISTED:
        lines.append(P("… and {n} more.", "… and {n} more.", n=len(items) - LISTED))
    return lines, list(ways.alert_buttons(ctx, items))


def _of_others(ctx: Context) -> tuple[list[Phrase], Rows]:
    """The notes of one's own that a companion has not borne out."""
    found = lists.open_of_author(ctx.session, ctx.member.id)
    if not found:
        return [], []
    waiting = [item for item in found if item.confirmation.state is ConfirmationState.asked]
    refused = [item for item in found if item.confirmation.state is ConfirmationState.refused]
    lines: list[Phrase] = []
    if waiting:
        head = P(
            "Of your notes, {n} awaits its companion's confirmation:",
            "Of your notes, {n} await their companions' confirmation:",
            n=len(waiting),
        )
        lines += [head, *_named(ctx, waiting)]
    formal = [item for item in refused if outcomes.is_formal(ctx, item.note.id)]
    informal = [item for item in refused if item not in formal]
    if informal:
        lines += [P("Not confirmed by the companion, so informal care:"), *_named(ctx, informal)]
    if formal:
        lines += [P("Not confirmed by the companion:"), *_named(ctx, formal)]
    return lines, list(confirmations.paper_buttons(ctx, waiting)) if waiting else []


def _drift(ctx: Context) -> tuple[list[Phrase], Rows]:
    """For the office: officers whose ratings differ markedly from the others'."""
    if not ctx.actor.has(Role.commission_staff):
        return [], []
    found = drift.marked(ctx.session, ctx.actor, now=ctx.now)
    if not found:
        return [], []
    head = P(
        "Ratings of the state of mind that differ markedly from those of the other officers. Please compare notes with "
        "them. The people they look after may well differ; it says nothing of anybody's work and enters no score."
    )
    return [head, *map(_rated, found)], []


def _rated(one: Drift) -> Phrase:
    return P(
        "{name}: rated {people}, of them yellow or red {concerned}; the others together: {others}, of them {theirs}",
        name=wording.member_ref(one.officer),
        people=Count(one.own.people),
        concerned=Count(one.own.concerned),
        others=Count(one.others.people),
        theirs=Count(one.others.concerned),
    )


COMMAND = Command(
    "todo",
    ("待办",),
    N_("what waits for your decision or confirmation"),
    run,
    ROLES,
    label=N_("To do"),
)
