"""/why · 为什么: why a notice came: by which rule, which days were counted, and who hears next. Of the last one, or of
any other that one was sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlmodel import col, select

from bot import causes, explaining, way_in, wording
from bot.causes import Told
from bot.commands.command import Answer, Command, Tap
from bot.context import Context
from bot.messages import Action, Button, Message, act
from locales.catalogue import N_
from locales.phrase import Clock, Day, P, Phrase, Term, one_of
from reminders import outbox
from storage.errors import NotFound
from storage.queries import visits as visit_lists
from storage.tables.mail import UNASKED, Outbox, OutboxItem, OutboxState
from storage.tables.members import Role
from storage.tables.visits import Reminder

EXPLAINED_VISITS = 5
LISTED = 5
_LADDER = ("digest", "today", "alert")
_DATED = frozenset(
    {*_LADDER, "chase", "assigned", "extended", "move_asked", "move_refused", "moved"}
)  # these speak of a due day
NO_SUCH_NOTICE = N_("This notice is not kept any more, or it was not sent to you.")


def run(ctx: Context, argument: str) -> Answer:
    if not ctx.tells_cases:
        return [way_in.instead(ctx)]
    row = next(iter(_sent(ctx, 1)), None)
    if row is None:
        text = P("You have not been sent any notice yet.")
        return [Message((text,), ((Button(P("Help"), act("command", name="help")),),))]
    return [_explained(ctx, row, last=True)]


def of_notice(ctx: Context, action: Action) -> Answer:
    """Why this one came: tapped below it, or chosen among the earlier ones."""
    row = ctx.session.get(Outbox, int(action.get("notice") or 0))
    if row is None or row.member_id != ctx.member.id or row.kind not in wording.TITLES:
        raise NotFound(NO_SUCH_NOTICE)
    return [_explained(ctx, row)] if ctx.tells_cases else [way_in.instead(ctx)]


def earlier(ctx: Context, action: Action) -> Answer:
    """The last few, to choose one."""
    found = _sent(ctx, LISTED) if ctx.tells_cases else []
    if not found:
        return run(ctx, "")
    rows = tuple((Button(_label(ctx, row), act("why", notice=row.id)),) for row in found)
    return [Message((P("The last notices that you were sent. Which one?"),), rows)]


def _explained(ctx: Context, row: Outbox, *, last: bool = False) -> Message:
    payload = outbox.payload_of(row.id, row.payload_sealed)
    told = _told(ctx, row, payload)
    lines = [_head(ctx, row, last), *causes.cause(ctx, row, payload, told), *causes.delay(ctx, row)]
    for one in told[:EXPLAINED_VISITS]:
        lines += [P(""), *explaining.visit(ctx, one, with_dates=row.kind in _DATED)]
    if len(told) > EXPLAINED_VISITS:
        lines.append(P("… and {n} more.", "… and {n} more.", n=len(told) - EXPLAINED_VISITS))
    others = [Button(P("Earlier notices"), act("why_earlier"))] if len(_sent(ctx, 2)) > 1 else []
    return Message(tuple(lines), ((*_ways_on(ctx), *others),))


def _head(ctx: Context, row: Outbox, last: bool) -> Phrase:
    at, title = _came_at(ctx, row), Term(wording.TITLES[row.kind])
    when: dict[str, Any] = {"day": Day(ctx.mechanism.day(at)), "time": Clock(at), "title": title}
    if last:
        return P("Your last notice came on {day} at {time}: {title}.", None, **when)
    return P("This notice came on {day} at {time}: {title}.", None, **when)


def _label(ctx: Context, row: Outbox) -> Phrase:
    at = _came_at(ctx, row)
    when: dict[str, Any] = {"day": Day(ctx.mechanism.day(at)), "time": Clock(at)}
    full = P("{day} {time} {title}", None, title=Term(wording.TITLES[row.kind]), **when)
    return one_of(full, P("{day} {time}", None, **when))


def _came_at(ctx: Context, row: Outbox) -> datetime:
    return row.sent_at or ctx.now  # what was tapped is there, though it is perhaps not marked yet


def _ways_on(ctx: Context) -> tuple[Button, ...]:
    if ctx.actor.has(Role.care_officer):
        return (Button(P("Today"), act("today")),)
    if ctx.actor.has(Role.unit_party_org):
        return (Button(P("Opinion"), act("command", name="opinion")),)
    if ctx.actor.has(Role.supervisor, Role.commission_staff, Role.leader):
        return (Button(P("Overdue"), act("command", name="overdue")),)
    return (Button(P("Help"), act("command", name="help")),)


# --- what was told -------------------------------------------------------------------------------------------------


def _sent(ctx: Context, most: int) -> Sequence[Outbox]:
    """The notices that the reader was sent, the newest first. What went out as one message counts as one."""
    query = (
        select(Outbox)
        .where(
            Outbox.member_id == ctx.member.id,
            text(f"outbox.{UNASKED}"),
            Outbox.state == OutboxState.sent,
            col(Outbox.sent_at).is_not(None),
            col(Outbox.kind).in_(wording.TITLES),
        )
        .order_by(col(Outbox.sent_at).desc(), col(Outbox.id).desc())
        .limit(most)
    )
    return ctx.session.exec(query).all()


def _told(ctx: Context, row: Outbox, payload: dict[str, Any]) -> list[Told]:
    """The visits of the notice in its own order, each with its step; what was overdue comes first."""
    if row.kind not in _LADDER:
        about = [payload["visit"]] if "visit" in payload else []  # others are about a member or a case
        return [Told(item, None) for item in visit_lists.by_ids(ctx.session, about)]
    steps = _steps(ctx, row)
    spoken_of = ctx.session.exec(select(OutboxItem.visit_id).where(OutboxItem.outbox_id == row.id)).all()
    ids = list(dict.fromkeys([*spoken_of, *steps]))
    return [Told(item, steps.get(item.visit.id)) for item in visit_lists.by_ids(ctx.session, ids)]


def _steps(ctx: Context, row: Outbox) -> dict[int, Reminder]:
    """The steps told by this notice; those of a digest are the member's steps of its day that had no notice."""
    query = select(Reminder).where(Reminder.member_id == ctx.member.id)
    if row.kind == "digest":
        day = row.day or ctx.mechanism.day(row.sent_at or row.due_at)
        query = query.where(Reminder.day == day, col(Reminder.outbox_id).is_(None))
    else:
        query = query.where(Reminder.outbox_id == row.id)
    found = ctx.session.exec(query.order_by(col(Reminder.at), col(Reminder.distance))).all()
    return {reminder.visit_id: reminder for reminder in found}


COMMAND = Command(
    "why", ("为什么", "为什么?", "为何", "why?"), N_("why the last notice came"), run, label=N_("Why")
)
TAPS: dict[str, Tap] = {"why": of_notice, "why_earlier": earlier}
