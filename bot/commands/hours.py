"""/hours · 时段: within which hours reminders reach this person; typed (时段 10点到16点) or tapped."""

from __future__ import annotations

from datetime import time

from bot.commands.command import Answer, Command
from bot.context import Context
from bot.dialogs.times import read_span
from bot.messages import Action, Button, Message, act
from casework import hours as acts
from locales.catalogue import N_
from locales.phrase import FreeText, P, Phrase, one_of
from storage.tables.members import Member

ROLES = frozenset(acts.MAY_SET)
EXAMPLE = P("/hours 10:00-16:00")
LONGEST = 30
_OFFERED = ((time(10), None), (None, time(12)), (time(14), None))  # None: as the county's begin or end


def _span(said: str) -> str | None:
    return read_span(said) if len(said) <= LONGEST else None


def run(ctx: Context, argument: str) -> Answer:
    if not argument:
        return [Message((_standing(ctx), P("Which hours suit you?")), _ways(ctx))]
    span = _span(argument)
    if span is None:
        shown = FreeText(argument[:LONGEST])
        ctx.named_somebody = not ctx.tells_names
        text = one_of(
            P("“{text}” was not understood. For example: {example}", text=shown, example=EXAMPLE),
            P("This was not understood. For example: {example}", example=EXAMPLE),
        )
        return [Message((text,), _ways(ctx))]
    return _set(ctx, *span.split("-"))


def tap(ctx: Context, action: Action) -> Answer:
    first, last = str(action.get("first") or ""), str(action.get("last") or "")
    if first:
        return _set(ctx, first, last)
    acts.drop_hours(ctx.session, ctx.actor, now=ctx.now)
    return [_done(ctx)]


def _set(ctx: Context, first: str, last: str) -> Answer:
    acts.set_hours(ctx.session, ctx.actor, time.fromisoformat(first), time.fromisoformat(last), now=ctx.now)
    return [_done(ctx)]


def _done(ctx: Context) -> Message:
    urgent = P("What cannot wait still comes at any hour.")
    return Message((_standing(ctx), urgent), ((Button(P("Help"), act("command", name="help")),),))


def _standing(ctx: Context) -> Phrase:
    own = ctx.session.get_one(Member, ctx.member.id).own_hours
    book = ctx.mechanism.rulebook.hours
    if own is None:
        return P(
            "Reminders reach you on working days between {first} and {last}, as everybody here.",
            first=acts.clock(book.digest_at),
            last=acts.clock(book.notices_until),
        )
    return P(
        "Reminders reach you on working days between {first} and {last}.",
        first=acts.clock(own[0]),
        last=acts.clock(own[1]),
    )


def _ways(ctx: Context) -> tuple[tuple[Button, ...], ...]:
    book = ctx.mechanism.rulebook
    begins, ends = book.hours.notices_from, book.hours.notices_until
    spans = [(first or begins, last or ends) for first, last in _OFFERED]
    row = tuple(
        Button(
            P("{first} to {last}", first=acts.clock(first), last=acts.clock(last)),
            act("hours", first=f"{first:%H:%M}", last=f"{last:%H:%M}"),
        )
        for first, last in spans
        if begins <= first and last <= ends and (last.hour - first.hour) >= book.limits.own_hours
    )
    return tuple(row_ for row_ in (row, (Button(P("As everybody here"), act("hours")),)) if row_)


COMMAND = Command(
    "hours",
    ("时段",),
    N_("within which hours reminders reach you"),
    run,
    ROLES,
    argument=True,
    clear=lambda ctx, said: _span(said) is not None,
    label=N_("Hours"),
)
