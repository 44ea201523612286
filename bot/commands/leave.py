"""/leave · 请假: what leave one has entered, and entering more, by form or all at once: 请假8–12号，老张代."""

from __future__ import annotations

from msgspec.structs import replace

from bot import absence, outcomes
from bot.commands.command import Answer, Command
from bot.context import Context
from bot.dialogs import runner
from bot.dialogs.leave_words import LeaveText, read_leave
from bot.messages import Action, Button, Message, act
from casework import leave as acts
from locales.catalogue import N_
from locales.phrase import FreeText, P, line, one_of
from storage.queries import leaves
from storage.tables.members import Member, Role

ROLES = frozenset(acts.MAY_TAKE)
EXAMPLE = P("/leave 30 Nov to 4 Dec, Wu Tao covers")
ENTER = Button(P("Enter leave"), act("leave"))
LONGEST = 60


def run(ctx: Context, argument: str) -> Answer:
    if argument:
        return _in_words(ctx, argument)
    standing = leaves.concerning(ctx.session, ctx.member.id, ctx.today)
    if not standing:
        return enter(ctx, act("leave"))
    lines = [P("Leave that is entered:"), *(absence.leave_line(ctx, one) for one in standing)]
    return [Message(tuple(lines), (*absence.ways(ctx, standing), (ENTER,)))]


def enter(ctx: Context, action: Action) -> Answer:
    return [runner.open_form(ctx, "leave", ctx.member.id)]


def withdraw(ctx: Context, action: Action) -> Answer:
    leave = acts.withdraw(ctx.session, ctx.actor, int(action.get("leave") or 0), now=ctx.now)
    if leave.withdrawn_at is not None:
        text = P("Withdrawn: {days}.", days=absence.span(leave))
    else:
        text = P("Your leave has ended.")
    told = outcomes.told(ctx, P("whoever was told of it before"))
    return [Message((text, told), ((Button(P("Today"), act("today")), ENTER),))]


def cover(ctx: Context, action: Action) -> Answer:
    leave_id, member_id = int(action.get("leave") or 0), int(action.get("member") or 0)
    leave = acts.name_cover(ctx.session, ctx.actor, leave_id, member_id, now=ctx.now)
    return [absence.taken(ctx, leave)]


def _read(ctx: Context, said: str) -> LeaveText | None:
    return read_leave(said, ctx.today) if len(said) <= LONGEST else None


def _in_words(ctx: Context, said: str) -> Answer:
    read = _read(ctx, said)
    if read is None:
        shown = FreeText(said[:LONGEST])
        ctx.named_somebody = not ctx.tells_names
        text = one_of(
            P("“{text}” was not understood. For example: {example}", text=shown, example=EXAMPLE),
            P("This was not understood. For example: {example}", example=EXAMPLE),
        )
        return [Message((text,), ((ENTER,),))]
    if read.who is None or not ctx.actor.has(Role.care_officer):
        return [_taken(ctx, read, None)]
    ctx.named_somebody = not ctx.tells_names
    meant = acts.meant(ctx.session, ctx.actor, read.who, read.first, read.last)
    if len(meant) == 1:
        return [_taken(ctx, read, meant[0])]
    return [_ask_who(ctx, read, bool(meant))]


def _taken(ctx: Context, read: LeaveText, cover: Member | None) -> Message:
    cover_id = cover.id if cover is not None else None
    leave = acts.take(ctx.session, ctx.actor, read.first, read.last, cover_id, now=ctx.now)
    return absence.taken(ctx, leave)


def _ask_who(ctx: Context, read: LeaveText, several: bool) -> Message:
    """The days are clear, the name is not: the form goes on from there."""
    days = {"first_on": read.first.isoformat(), "last_on": read.last.isoformat()}
    asked = runner.open_form(ctx, "leave", ctx.member.id, prefill=days)
    name = FreeText(read.who or "")
    head = (
        one_of(
            P("Several officers could be meant by “{name}”.", name=name),
            P("Several officers could be meant by that name."),
        )
        if several
        else one_of(
            P("No officer who is there in these days is called “{name}”.", name=name),
            P("No officer who is there in these days is called so."),
        )
    )
    return replace(asked, lines=(line(head), *asked.lines), together=None)


COMMAND = Command(
    "leave",
    ("请假", "休假", "销假"),
    N_("enter leave and who covers, or withdraw it"),
    run,
    ROLES,
    argument=True,
    clear=lambda ctx, said: _read(ctx, said) is not None,
    label=N_("Leave"),
)
