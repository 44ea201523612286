"""Outbox kind + what is true now → message. Everything is looked up when the message is sent, not when it was
queued: a notice that no longer makes sense is None, and is withdrawn instead of sent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from bot import (
    absence,
    case_notices,
    concern,
    confirmations,
    difficulty,
    family,
    house_notices,
    matters,
    misfiling,
    moving,
    safety,
    second,
    sharing,
    singles,
    standing,
    ways,
    wording,
)
from bot.context import Context
from bot.messages import Message
from casework import family as family_acts
from locales.catalogue import N_
from locales.phrase import Name, P, Phrase, either
from reminders import asking, calls, confirming, days_off, ladder, outbox, rules, telling
from reminders import matters as reminding
from storage.queries import matters as matter_lists
from storage.queries import visits as visit_lists
from storage.queries.matters import MatterLine
from storage.queries.visits import VisitLine
from storage.tables.leaves import Leave
from storage.tables.mail import Outbox, OutboxItem
from storage.tables.members import Role
from storage.tables.visits import Reminder, VisitKind

OVERSEERS = (Role.supervisor, Role.commission_staff, Role.leader)


@dataclass(frozen=True)
class Composed:
    """A message, and the visits and matters it speaks of, so that it can be brought up to date when they change."""

    message: Message
    items: tuple[int, ...]
    matters: tuple[int, ...] = ()


def compose(ctx: Context, row: Outbox, payload: dict[str, Any]) -> Composed | None:
    """The message of an outbox row for its reader; None when nobody needs it any more."""
    if row.kind == "update":
        return _update(ctx, row)
    composed = _KINDS[row.kind](ctx, row, payload)
    if composed is None or row.kind not in _EXPLAINED:
        return composed
    return replace(composed, message=ways.with_why(ctx, composed.message, row.id))


def _update(ctx: Context, row: Outbox) -> Composed | None:
    """The message that `row` replaces, with what became of the visits it spoke of."""
    original = ctx.session.get(Outbox, row.replaces)
    if original is not None and calls.is_told_in(original):
        return Composed(safety.retold(ctx, calls.told_in(original)), ())
    if original is not None and original.kind == concern.KIND:
        return Composed(concern.retold(ctx, original), ())
    if original is not None and original.kind == "void_asked":
        return Composed(misfiling.SETTLED, ())  # the note that it was about stands there no more
    if original is not None and original.kind == sharing.OFFERED:
        return Composed(sharing.SETTLED, ())
    if original is not None and original.kind == days_off.KIND:
        return Composed(house_notices.days_known(original), ())
    if original is not None and original.kind in confirming.KINDS:
        return Composed(_confirmation_now(ctx, original), ())
    if original is None or original.kind not in ladder.NOTICES:
        return None
    # It may still have been on its way when the visits changed.
    since = min(original.sent_at, row.created_at) if original.sent_at is not None else None
    if original.kind in (*ladder.SINGLE, "digest"):
        message = singles.retold(ctx, original, since, lambda row: _digest_anew(ctx, row, since))
        return Composed(message, ()) if message is not None else None
    anew = _RETOLD[original.kind](ctx, _items_of(ctx, original), since)
    return Composed(ways.with_why(ctx, anew, original.id), ())


def _digest_anew(ctx: Context, row: Outbox, since: datetime | None) -> Message:
    told = matter_lists.told_by(ctx.session, row.id)
    return ways.with_why(ctx, digest_message(ctx, _items_of(ctx, row), since, told), row.id)


def _confirmation_now(ctx: Context, original: Outbox) -> Message:
    if original.kind != confirming.SECOND:
        return confirmations.retold(ctx, original)
    return second.retold(ctx, outbox.payload_of(original.id, original.payload_sealed)["confirmations"])


def _items_of(ctx: Context, original: Outbox) -> list[VisitLine]:
    """The visits that a message speaks of, in its order."""
    ids = ctx.session.exec(
        select(OutboxItem.visit_id).where(OutboxItem.outbox_id == original.id).order_by(col(OutboxItem.id))
    ).all()
    order = {visit_id: place for place, visit_id in enumerate(ids)}
    return sorted(visit_lists.by_ids(ctx.session, ids), key=lambda item: order[item.visit.id])


# --- the officer's morning, and the notice on the day -----------------------------------------------------------


def _digest(ctx: Context, row: Outbox, payload: dict[str, Any]) -> Composed | None:
    items, also = agenda(ctx), reminding.of_morning(ctx.session, ctx.member.id, ctx.today, ctx.mechanism)
    if not items and not also:
        return None
    about = tuple(item.visit.id for item in items), tuple(one.matter.id for one in also)
    return Composed(digest_message(ctx, items, told=also), *about)


def agenda(ctx: Context) -> list[VisitLine]:
    """What a morning lists: all that is overdue, today's, and what its reminder steps say is near."""
    until = rules.agenda_until(ctx.today, ctx.mechanism.rulebook, ctx.mechanism.calendar)
    return visit_lists.to_make(ctx.session, ctx.member.id, until=until, today=ctx.today)


def digest_message(
    ctx: Context,
    items: Sequence[VisitLine],
    since: datetime | None = None,
    told: Sequence[MatterLine] = (),
) -> Message:
    """The morning: its visits, and between what is due and what is near the matters to follow up (`told`)."""
    mine = [item for item in items if standing.waits(ctx, item, since) and absence.makes(ctx, item.visit)]
    late = [item for item in mine if standing.is_late(ctx, item)]
    today = [item for item in mine if standing.is_of_today(ctx, item)]
    greeting = either(P("Good morning, {name}!", name=Name(ctx.member.name)), P("Good morning!"))
    open_ = matters.waiting(ctx, told)
    if mine and (late or today):
        how_many = counts(len(today), len(late))
    elif open_:
        how_many = P(
            "Today {n} matter is to be followed up.", "Today {n} matters are to be followed up.", n=len(open_)
        )
    else:
        how_many = P("Nothing is due today; coming up:") if mine else P("Everything on this list is settled.")
    lines = [P("{greeting} {counts}", greeting=greeting, counts=how_many)]
    back = absence.welcome_back(ctx)
    lines += [back] if back is not None else []
    near = [at for at, item in enumerate(items) if item in mine and item not in late and item not in today]
    listed = [item_line(ctx, item, since) for item in items]
    place = near[0] if near else len(listed)
    lines += [*listed[:place], *matters.described(ctx, told, digest=True), *listed[place:]]
    buttons = ways.visit_buttons(ctx, [*late, *today] or mine[:2])
    return Message(tuple(lines), (*matters.buttons(ctx, open_), *buttons))


def counts(today: int, late: int) -> Phrase:
    """How much there is to do, in one sentence."""
    if not late:
        return P("You have {n} task today.", "You have {n} tasks today.", n=today)
    if not today:
        return P("Nothing is due today; {n} is overdue.", "Nothing is due today; {n} are overdue.", n=late)
    return P(
        "You have {n} task today, and {late} overdue.",
        "You have {n} tasks today, and {late} overdue.",
        n=today,
        late=late,
    )


def item_line(ctx: Context, item: VisitLine, since: datetime | None = None) -> Phrase:
    """A visit in the officer's list: as it stands, or what became of it since the list was sent."""
    became = standing.became(ctx, item, since)
    if became is not None:
        return wording.settled_line(item, became, wording.case_ref(item))
    return wording.visit_line(
        item,
        ctx.now,
        ctx.mechanism,
        also=(
            difficulty.of_item(ctx, item),
            absence.for_whom(ctx, item),
            absence.of_them_on_leave(ctx, item),
        ),
    )


def _today(ctx: Context, row: Outbox, payload: dict[str, Any]) -> Composed | None:
    items = _still_true(ctx, row)
    if telling.digested_since(ctx.session, row):  # it has just said what is theirs to make
        items = [item for item in items if not absence.makes(ctx, item.visit)]
    return Composed(_today_message(ctx, items), tuple(i.visit.id for i in items)) if items else None


def _today_message(ctx: Context, items: Sequence[VisitLine], since: datetime | None = None) -> Message:
    overseen = [i for i in items if ctx.actor.has(*OVERSEERS) and not absence.makes(ctx, i.visit)]
    if not overseen:
        return _own_today(ctx, items, since)
    others = _overseen(ctx, overseen, since, by_day=True)
    if len(overseen) == len(items):
        return others
    mine = _own_today(ctx, [item for item in items if item not in overseen], since)
    return Message((*mine.lines, *others.lines), (*mine.buttons, *others.buttons))


def _own_today(ctx: Context, items: Sequence[VisitLine], since: datetime | None) -> Message:
    waiting = [item for item in items if standing.waits(ctx, item, since) and absence.makes(ctx, item.visit)]
    head = P("Due today: {n} task has no note yet.", "Due today: {n} tasks have no note yet.", n=len(waiting))
    if not waiting:
        head = P("Everything on this list is settled.")
    return Message((head, *(item_line(ctx, item, since) for item in items)), ways.visit_buttons(ctx, waiting))


# --- the alert to those who oversee --------------------------------------------------------------------------------


def _alert(ctx: Context, row: Outbox, payload: dict[str, Any]) -> Composed | None:
    items = _still_true(ctx, row)
    return Composed(_alert_message(ctx, items), tuple(i.visit.id for i in items)) if items else None


def _alert_message(ctx: Context, items: Sequence[VisitLine], since: datetime | None = None) -> Message:
    return _overseen(ctx, items, since)


def _overseen(
    ctx: Context, items: Sequence[VisitLine], since: datetime | None, *, by_day: bool = False
) -> Message:
    """Visits for those who oversee them: what is overdue, or (`by_day`) due today with nobody to make it."""
    waiting = [
        item for item in items if standing.waits(ctx, item, since) and (by_day or standing.is_late(ctx, item))
    ]
    if by_day:
        head = P(
            "Due today, and nobody is there to make it: please see to the following {n} task.",
            "Due today, and nobody is there to make them: please see to the following {n} tasks.",
            n=len(waiting),
        )  # fmt: skip
    else:
        head = P(
            "Overdue: please see to the following {n} task.",
            "Overdue: please see to the following {n} tasks.", n=len(waiting),
        )  # fmt: skip
    if not waiting:
        head = P("Everything on this list is settled.") if by_day else P("Overdue notice: settled.")
    lines = [head]
    for number, item in enumerate(items, start=1):
        became = standing.became(ctx, item, since)
        if became is not None:
            lines.append(wording.settled_line(item, became, wording.known_as(item, ctx.actor)))
        else:
            told = visit_lists.times_told(ctx.session, item.visit)
            away = absence.of_them_on_leave(ctx, item)
            who = wording.known_as(item, ctx.actor)
            moved = visit_lists.times_moved(ctx.session, item.visit)
            lines.append(
                wording.duty_line(number, item, who, ctx.now, ctx.mechanism, told, also=away, moved=moved)
            )
    return Message(tuple(lines), ways.alert_buttons(ctx, waiting))


# --- single notices ------------------------------------------------------------------------------------------------


def _visit(ctx: Context, payload: dict[str, Any]) -> VisitLine | None:
    return next(iter(visit_lists.by_ids(ctx.session, [payload["visit"]])), None)


def _to_officer(
    head: str, of_the_unit: str = ""
) -> Callable[[Context, Outbox, dict[str, Any]], Composed | None]:
    def composed(ctx: Context, row: Outbox, payload: dict[str, Any]) -> Composed | None:
        item = _visit(ctx, payload)
        if item is None or not standing.still(ctx, item) or not absence.makes(ctx, item.visit):
            return None
        said = of_the_unit if of_the_unit and item.visit.kind is VisitKind.unit_opinion else head
        return Composed(
            Message((P(said), item_line(ctx, item)), ways.visit_buttons(ctx, [item])), (item.visit.id,)
        )

    return composed


def _taken_over(ctx: Context, row: Outbox, payload: dict[str, Any]) -> Composed | None:
    item = _visit(ctx, payload)
    if item is None or absence.makes(ctx, item.visit):
        return None
    head = P("This task was given to a colleague; you need not make this visit:")
    line = wording.visit_line(item, ctx.now, ctx.mechanism)
    return Composed(Message((head, line), (*sharing.begun(ctx, item.visit), ways.WEEK)), ())


def _composed(found: tuple[Message, tuple[int, ...]] | None) -> Composed | None:
    return Composed(*found) if found is not None else None


def _alone(
    told: Callable[[Context, Outbox, dict[str, Any]], Message | None],
) -> Callable[[Context, Outbox, dict[str, Any]], Composed | None]:
    def composed(ctx: Context, row: Outbox, payload: dict[str, Any]) -> Composed | None:
        message = told(ctx, row, payload)
        return Composed(message, ()) if message is not None else None

    return composed


def _confirmation(ctx: Context, row: Outbox, payload: dict[str, Any]) -> Composed | None:
    if row.kind == confirming.SECOND:
        return _composed(second.notice(ctx, payload))
    is_card = row.kind == confirming.CARD
    return _composed(
        confirmations.card(ctx, row) if is_card else confirmations.notice(ctx, row.kind, payload)
    )


def _case(ctx: Context, row: Outbox, payload: dict[str, Any]) -> Composed | None:
    changed_hands = row.kind in ("case_given", "case_moved")
    told = case_notices.handed_over if changed_hands else case_notices.told
    return _composed(told(ctx, row.kind, payload))


# --- what is true now ------------------------------------------------------------------------------------------------


def _still_true(ctx: Context, row: Outbox) -> list[VisitLine]:
    """What a notice of the ladder has to say now."""
    items = {item.visit.id: item for item in _told_by(ctx, row) if standing.still(ctx, item)}
    told = [item.visit for item in items.values()]
    now, mechanism = ctx.now, ctx.mechanism
    true = ladder.holding(row.kind, told, ctx.member.id, ctx.people, now=now, mechanism=mechanism)
    return [items[visit.id] for visit in true]


def _told_by(ctx: Context, row: Outbox) -> list[VisitLine]:
    """The visits whose step put them into this notice, unless they were given another date since."""
    told = ctx.session.exec(
        select(col(Reminder.visit_id), col(Reminder.due_on)).where(Reminder.outbox_id == row.id)
    ).all()
    due = dict(told)
    return [
        item for item in visit_lists.by_ids(ctx.session, list(due)) if item.visit.due_on == due[item.visit.id]
    ]


_KINDS: dict[str, Callable[[Context, Outbox, dict[str, Any]], Composed | None]] = {
    "digest": _digest,
    "today": _today,
    "alert": _alert,
    "chase": _to_officer(
        N_("You are asked about this task. Please make the visit soon, or write its note:"),
        N_("You are asked for this opinion of your unit. Please give it soon:"),
    ),
    "assigned": _to_officer(N_("This task was given to you:")),
    asking.ASKED: lambda ctx, row, payload: _composed(moving.notice(ctx, payload)),
    asking.MOVED: lambda ctx, row, payload: _composed(moving.moved(ctx, payload)),
    asking.REFUSED: _to_officer(N_("Another day was not agreed to; the day stays:")),
    "extended": _to_officer(N_("You were granted more time for this task:")),
    "taken_over": _taken_over,
    "absent": _alone(lambda ctx, row, told: absence.unreachable(ctx, told)),
    **dict.fromkeys(
        ("cover", "leave", "leave_off"),
        lambda ctx, row, told: _composed(
            absence.told(ctx, row.kind, ctx.session.get_one(Leave, told["leave"]))
        ),
    ),
    "paused": _case,
    "resumed": _case,
    "case_given": _case,
    "case_moved": _case,
    family_acts.TOLD: _alone(lambda ctx, row, told: family.notice(ctx, told)),
    **dict.fromkeys(calls.KINDS, _alone(lambda ctx, row, told: safety.notice(ctx, row.kind, told))),
    **dict.fromkeys(confirming.KINDS, _confirmation),
    "concern": _alone(lambda ctx, row, told: concern.notice(ctx, told)),
    "reopened": _to_officer(N_("The note of this visit was withdrawn, and the visit is to be made again:")),
    **dict.fromkeys(
        ("void_asked", "note_withdrawn"),
        lambda ctx, row, payload: _composed(misfiling.told(ctx, row.kind, payload)),
    ),
    **dict.fromkeys(sharing.KINDS, _alone(lambda ctx, row, told: sharing.notice(ctx, row.kind, told))),
    **dict.fromkeys(house_notices.KINDS, _alone(house_notices.told)),
}
_RETOLD: dict[str, Callable[[Context, Sequence[VisitLine], datetime | None], Message]] = {
    "today": _today_message,
    "alert": _alert_message,
}
KINDS = frozenset({*_KINDS, "update"})
# What comes by a rule, and not because somebody did something just now: it carries the way to ask for the rule.
# A safety call has room for what ends it alone.
_EXPLAINED = frozenset({"digest", *_RETOLD, confirming.SILENT})
NOT_ANNOUNCED = frozenset({"reply", "update", "removal", "count"})
