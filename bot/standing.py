"""How a visit that a message speaks of stands now, for the reader of that message."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select

from bot import absence, wording
from bot.context import Context
from locales.catalogue import N_
from locales.phrase import Clock, Day, P, Phrase
from reminders import course
from storage.queries import recusals
from storage.queries.visits import VisitLine
from storage.tables.cases import CaseState
from storage.tables.visits import VisitEvent, VisitEventKind, VisitState


def is_late(ctx: Context, item: VisitLine) -> bool:
    return course.is_overdue(item.visit, ctx.now, ctx.mechanism)


def is_of_today(ctx: Context, item: VisitLine) -> bool:
    return not is_late(ctx, item) and course.late(item.visit, ctx.today, ctx.mechanism) == 0


def still(ctx: Context, item: VisitLine) -> bool:
    return wording.is_open(item) and item.case.state is CaseState.open


def is_barred(ctx: Context, item: VisitLine) -> bool:
    """Whether the reader keeps out of the case."""
    return recusals.is_barred(ctx.session, ctx.member.id, item.case.id)


_MARKS = {
    VisitEventKind.recorded: N_("Recorded {time}"),
    VisitEventKind.withdrawn: N_("No longer needed"),
    VisitEventKind.rescheduled: N_("Rescheduled to {day}"),
    VisitEventKind.not_done: N_("Could not be done, moved to {day}"),
    VisitEventKind.extended: N_("Extended to {day}"),
    VisitEventKind.reassigned: N_("Reassigned {time}"),
    VisitEventKind.handed_over: N_("Handed over {time}"),
    VisitEventKind.acknowledged: N_("Acknowledged {time}"),
    VisitEventKind.reopened: "",  # whatever had settled it before settles it no more
}


def became(ctx: Context, item: VisitLine, since: datetime | None) -> Phrase | None:
    """What settled a visit since a message was sent, for the reader of that message; None while it waits for them.

    Of a case on hold and of a closed one the same is told.
    """
    if item.case.state is not CaseState.open and item.visit.state is not VisitState.done:
        return P("No visits for now")
    if since is None:
        return None
    if is_barred(ctx, item):
        return P("Seen to by others")
    events = ctx.session.exec(
        select(VisitEvent)
        .where(VisitEvent.visit_id == item.visit.id, VisitEvent.at >= since, col(VisitEvent.kind).in_(_MARKS))
        .order_by(col(VisitEvent.id).desc())
    )
    for event in events:
        if event.kind is VisitEventKind.reopened:
            return None
        if event.kind is VisitEventKind.acknowledged and absence.makes(ctx, item.visit):
            continue  # their supervisor is on it; for the officer that settles nothing
        msgid = _MARKS[event.kind]
        if "{day}" in msgid:
            return P(msgid, None, day=Day(item.visit.due_on))
        return P(msgid, None, time=Clock(event.at)) if "{time}" in msgid else P(msgid)
    return None


def waits(ctx: Context, item: VisitLine, since: datetime | None) -> bool:
    return wording.is_open(item) and became(ctx, item, since) is None
