"""What follows from a note that was just recorded or amended, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot import wording
from bot.context import Context
from bot.dialogs import store
from bot.messages import Button, Message, act
from casework import confirmations, vocabulary
from casework.confirmations import Formality
from casework.forms.catalog import NOTE_FORMS
from casework.forms.catalog.spoken import SOON
from locales.catalogue import N_
from locales.phrase import Clock, Code, Day, Grade, P, Phrase, Term, Value, line, one_of
from reminders import passing
from storage.queries import visits as visit_lists
from storage.queries.access import may_know_call
from storage.tables.calls import CallSource, SafetyCall
from storage.tables.cases import Case, CaseState
from storage.tables.members import Member
from storage.tables.visits import Visit, VisitKind


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


def spoken(ctx: Context, case: Case, next_step: str) -> Message:
    """A safety call was ended: by when the person is spoken with again, and the way to change that."""
    lines = [
        line(P("Submitted"), Code(case.code)),
        P("The matter is settled. Nothing more is told of it, and everybody who was told sees that."),
    ]
    row = [Button(P("Status"), act("case", query=case.code))]
    planned = (
        visit_lists.of_case(ctx.session, case.id)
        if next_step == SOON and case.state is CaseState.open
        else []
    )
    talks = (item.visit for item in planned if item.visit.kind is VisitKind.talk and wording.is_open(item))
    talk = next(talks, None)
    if talk is not None:
        kind, day = wording.kind_of(talk), Day(talk.due_on)
        if talk.due_on < ctx.today:
            lines.append(P("{kind}: overdue since {day}, please see to it soon.", kind=kind, day=day))
        else:
            lines += [P("Next {kind}: by {day}.", kind=kind, day=day)]
            lines += wording.may_move(ctx.mechanism.calendar, talk.due_on)
        if talk.officer_id == ctx.member.id:
            row.insert(0, Button(P("Reschedule"), act("reschedule", visit=talk.id)))
    return Message(tuple(lines), (tuple(row),))


def told(ctx: Context, who: Value, *hearers: Member | None, already: Phrase | None = None) -> Phrase:
    """That others are told; where none of them is disturbed now, when they will be. `already` says the first in words
    of its own."""
    moment = _arrives(ctx, hearers)
    if moment <= ctx.now:
        return already if already is not None else P("Told: {who}.", who=who)
    day, at = Day(ctx.mechanism.day(moment)), Clock(moment)
    return P("Outside working hours nobody is disturbed. To be told on {day} at {time}: {who}.",
             day=day, time=at, who=who)  # fmt: skip


def told_later(ctx: Context, hearer: Member | None = None) -> list[Phrase]:
    """When whoever is told hears, if that is not now."""
    moment = _arrives(ctx, [hearer])
    if moment <= ctx.now:
        return []
    day, at = Day(ctx.mechanism.day(moment)), Clock(moment)
    return [P("Outside working hours nobody is disturbed: it arrives on {day} at {time}.", day=day, time=at)]


def _arrives(ctx: Context, hearers: Sequence[Member | None]) -> datetime:
    """When the last of these hears: their hours count, not those of whoever acts."""
    own = [one.own_hours if one is not None else None for one in hearers or (None,)]
    return max(passing.goes_out("chase", one, ctx.mechanism, now=ctx.now) for one in own)


def fulfilled(visit: Visit, fulfils: bool) -> list[Phrase]:
    """What was recorded as if nobody had planned it counts as the next one that was planned."""
    if not fulfils:
        return []
    return [
        P(
            "It counts as the visit planned until {day}: {kind}.",
            kind=wording.kind_of(visit),
            day=Day(visit.due_on),
        )
    ]


def left(ctx: Context) -> list[Phrase]:
    """That further notes wait to be handed in, and whose is next."""
    found = store.notes_left(ctx.session, ctx.member.id)
    if not found:
        return []
    about = line(Term(NOTE_FORMS[found[0].form].title), found[0].subject)
    return [
        P(
            "{n} more note is not handed in yet. Next: {about}",
            "{n} more notes are not handed in yet. Next: {about}",
            n=len(found),
            about=about,
        )
    ]


def following(ctx: Context, recorded: Followed) -> list[Phrase]:
    if recorded.following is None:
        return []
    may_move = wording.may_move(ctx.mechanism.calendar, recorded.following.due_on)
    day, kind = Day(recorded.following.due_on), wording.kind_of(recorded.following)
    if recorded.because is None:
        return [P("Next {kind}: by {day}.", kind=kind, day=day), *may_move]
    grade = Grade(vocabulary.GRADES[recorded.because])
    # Two lines, so that a channel which may not know the grade still tells the date.
    return [
        P("Next {kind}: by {day}.", kind=kind, day=day),
        *may_move,
        P("It was moved nearer because the rating is “{grade}”.", grade=grade),
    ]


STILL_FORMAL = P("already a formal visit")  # whoever of its companions has not confirmed it


def is_formal(ctx: Context, note_id: int) -> bool:
    visitors = ctx.mechanism.rulebook.formal.visitors
    return confirmations.of_note(ctx.session, note_id, visitors) is Formality.formal


def not_confirmed(ctx: Context, note_id: int) -> Phrase:
    """What a visit counts as though a companion does not confirm it: another one may have."""
    if is_formal(ctx, note_id):
        return P("Another companion has confirmed it: it counts as a formal visit.")
    return P("It counts as informal care.")


def awaits(ctx: Context, note_id: int, n: int) -> Phrase:
    """What a note counts as while it awaits the confirmation of `n` companions who have an account."""
    if is_formal(ctx, note_id):
        return P("It awaits the confirmation of {n} more companion; it is already a formal visit.",
                 "It awaits the confirmation of {n} more companions; it is already a formal visit.",
                 n=n)  # fmt: skip
    return P("It awaits the companion's confirmation and counts as informal care until then.",
             "It awaits the confirmation of {n} companions and counts as informal care until then.",
             n=n)  # fmt: skip
