"""What the assistant tells of itself: a process that fell silent, that it is back, a form that it will drop."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from bot import wording
from bot.context import Context
from bot.dialogs import runner, store
from bot.messages import Button, Message, act
from casework import days
from locales.phrase import Clock, Day, P, Phrase, Word
from reminders import days_off, heartbeats, outbox
from reminders.retention import WARNED
from storage.tables.drafts import Draft
from storage.tables.mail import Outbox

KINDS = (*heartbeats.KINDS, "draft_ends", days_off.KIND)
HOW_TO_IMPORT = P(
    "Once the State Council's notice is out, paste its whole text here, and it is read in; "
    "the next version of this program brings it, too."
)


def told(ctx: Context, row: Outbox, payload: dict[str, Any]) -> Message | None:
    if row.kind == days_off.KIND:
        return _days_off(ctx, payload)
    return _draft_ends(ctx, payload) if row.kind == "draft_ends" else _silence(ctx, row, payload)


def _silence(ctx: Context, row: Outbox, payload: dict[str, Any]) -> Message:
    """One process, or with no name in the payload all of them."""
    since = datetime.fromisoformat(payload["since"])
    when: dict[str, Any] = {"day": Day(ctx.mechanism.day(since)), "time": Clock(since)}
    lines: tuple[Phrase, ...]
    if row.kind == "back":
        head = (
            P("A process of the assistant is back. It had been silent since {day}, {time}.", None, **when)
            if "process" in payload
            else P("The assistant is running again. It had stood still since {day}, {time}.", None, **when)
        )
        lines = (head, P("Whatever fell due meanwhile goes out now; nothing was lost."))
    elif "process" in payload:
        lines = (
            P("A process of the assistant has been silent since {day}, {time}.", None, **when),
            P("The others do its work. On the server: {command}", command=Word("fangpingcha heartbeat")),
        )
    else:
        lines = (
            P("The assistant has stood still since {day}, {time}. No reminder goes out.", None, **when),
            P("Please start it again. On the server: {command}", command=Word("fangpingcha doctor")),
        )
    return Message((*lines, *_standing_in(ctx)))


def _days_off(ctx: Context, payload: dict[str, Any]) -> Message | None:
    """That a year's days off are not known; None once they are."""
    year = int(payload["year"])
    if ctx.mechanism.calendar.is_published(year):
        return None
    stands_in = _standing_in(ctx)
    if stands_in:
        if days_off.is_needless(ctx.session, ctx.member.county_id, ctx.member.id):
            return None
        by_command = Word("fangpingcha calendar import")
        how = P("Once the State Council's notice is out, on the server: {command}", command=by_command)
        return Message((wording.not_announced(year), *stands_in, how))
    button = Button(P("Calendar"), act("command", name="calendar"))
    return Message((wording.not_announced(year), HOW_TO_IMPORT), ((button,),))


def _standing_in(ctx: Context) -> list[Phrase]:
    """Why it comes to somebody who looks after no system."""
    if days.keeps(ctx.session, ctx.actor):
        return []
    return [
        P(
            "No administrator of the system can be reached, so this comes to you: "
            "please pass it on to whoever looks after the server."
        )
    ]


def days_known(row: Outbox) -> Message:
    """What stands in the place of a message that they are not, by then."""
    year = outbox.payload_of(row.id, row.payload_sealed)["year"]
    return Message((P("The days off of {year} are known now.", year=Word(str(year))),))


def _draft_ends(ctx: Context, payload: dict[str, Any]) -> Message | None:
    """A form that nobody has touched for long, offered once more; None if it is gone, or somebody went on with it."""
    draft = store.by_id(ctx.session, ctx.member.id, payload["draft"])
    row = ctx.session.get(Draft, payload["draft"])
    days = timedelta(days=ctx.mechanism.rulebook.limits.draft_days)
    if draft is None or row is None or row.updated_at + days > ctx.now + WARNED:
        return None
    offered = runner.offer(ctx, draft)
    last_day = ctx.mechanism.day(row.expires_at)
    warning = P("Nobody has touched it for long: on {day} it will be dropped.", day=Day(last_day))
    return Message((*offered.lines, warning), offered.buttons)
