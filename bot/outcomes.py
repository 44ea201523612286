"""What follows from a note that was just recorded or amended, in words."""

from __future__ import annotations

from typing import Protocol

from bot import wording
from bot.context import Context
from bot.messages import Button, Message, act
from casework import vocabulary
from locales.catalogue import N_
from locales.phrase import Clock, Day, Grade, P, Phrase, Term, one_of
from reminders import passing
from storage.queries.access import may_know_call
from storage.tables.calls import CallSource, SafetyCall
from storage.tables.members import Member
from storage.tables.visits import Visit


class Followed(Protocol):
    """What was saved: the next visit, and the rating that brought it nearer, if one did."""

    @property
    def following(self) -> Visit | None: ...
    @property
    def because(self) -> str | None: ...


def with_call(ctx: Context, answer: Message, call: SafetyCall) -> Message:
    """What follows from a safety call, and the way to end it, for whoever opened it."""
    concern = Grade(N_("safety concern"))
    by_hand = call.source is CallSource.office
    told = one_of(
        P(
            "The care officer, the supervisor and the office are told of the {concern} at once.",
            concern=concern,
        )
        if by_hand
        else P("The office and your supervisor are told of the {concern} at once.", concern=concern),
        P("Those who have to know are told at once."),
    )
    until = P(
        "It is told again and again until somebody records having spoken with the person: you can, too."
    )
    if not may_know_call(ctx.session, ctx.actor, call, ctx.today):
        return Message((*answer.lines, told), answer.buttons)
    button = Button(P("{label}", label=Term(wording.SPOKEN)), act("spoken", call=call.id))
    return Message((*answer.lines, told, until), ((button,), *answer.buttons))


def told_later(ctx: Context, hearer: Member | None = None) -> list[Phrase]:
    """When whoever is told hears, if that is not now: their hours count, not those of whoever acts."""
    own = hearer.own_hours if hearer is not None else None
    moment = passing.goes_out("chase", own, ctx.mechanism, now=ctx.now)
    if moment <= ctx.now:
        return []
    day, at = Day(ctx.mechanism.day(moment)), Clock(moment)
    return [P("Outside working hours nobody is disturbed: it arrives on {day} at {time}.", day=day, time=at)]


def following(recorded: Followed) -> list[Phrase]:
    if recorded.following is None:
        return []
    day, kind = Day(recorded.following.due_on), wording.kind_of(recorded.following)
    if recorded.because is None:
        return [P("Next {kind}: by {day}.", kind=kind, day=day)]
    grade = Grade(vocabulary.GRADES[recorded.because])
    # Two lines, so that a channel which may not know the grade still tells the date.
    return [
        P("Next {kind}: by {day}.", kind=kind, day=day),
        P("It was moved nearer because the rating is “{grade}”.", grade=grade),
    ]
