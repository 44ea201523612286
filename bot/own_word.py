"""What the person concerned says of a meeting that was noted with them: where they can say so, and what the office sees
of a contradiction. Of the note itself nothing is told."""

from __future__ import annotations

from datetime import timedelta

from bot import confirmations, outcomes, wording
from bot.commands.command import Answer, Tap
from bot.context import Context
from bot.messages import Action, Button, Message, act
from casework import own_word as acts
from casework import vocabulary
from locales.catalogue import N_
from locales.phrase import Day, P, Phrase, Term, Value, line
from storage.queries import confirmations as lists
from storage.queries import own
from storage.queries.confirmations import ConfirmationLine
from storage.tables.cases import Case
from storage.tables.confirmations import Confirmation, ConfirmationState
from storage.tables.notes import Note
from storage.tables.visits import Visit

SHOWN = 3  # meetings, the latest
LISTED = 8
Rows = list[tuple[Button, ...]]
_SAID = {
    ConfirmationState.confirmed: N_("you say that it took place"),
    ConfirmationState.refused: N_("you say that it did not take place"),
}
_MINE = Button(P("My arrangements"), act("command", name="my"))


# --- the person concerned --------------------------------------------------------------------------------------------


def invitation(ctx: Context, case: Case) -> tuple[list[Phrase], Rows]:
    """The latest meetings that were noted with the reader, and the two answers to each that has none."""
    # For as long as a button works that offers it.
    since = ctx.today - timedelta(days=ctx.mechanism.rulebook.limits.button_days)
    found = own.meetings_noted(ctx.session, case, since)[:SHOWN]
    if not found:
        return [], []
    said = own.words_on(ctx.session, [note.id for note, _ in found], ctx.member.id)
    head = P(
        "Noted with you of late. You may say whether it took place; you need not, and nothing depends on it:"
    )
    open_ = [one for one in found if one[0].id not in said]
    return [head, *(_noted(note, visit, said) for note, visit in found)], [
        _answers(note, visit, alone=len(open_) == 1) for note, visit in open_
    ]


def _noted(note: Note, visit: Visit, said: dict[int, Confirmation]) -> Phrase:
    parts: list[Value] = [_day(note, visit), Term(vocabulary.KINDS[note.kind])]
    if (word := said.get(note.id)) is not None:
        parts.append(Term(_SAID[word.state]))
    return line(*parts)


def _day(note: Note, visit: Visit) -> Day:
    return Day(visit.done_on or note.held_on)


def _answers(note: Note, visit: Visit, *, alone: bool) -> tuple[Button, ...]:
    day, kind = _day(note, visit), Term(vocabulary.KINDS[note.kind])
    yes = P("It took place") if alone else P("It took place, {day}", day=day)
    no = (
        P("No such {kind}", None, kind=kind)
        if alone
        else P("No such {kind}, {day}", None, kind=kind, day=day)
    )
    return Button(yes, act("took_place", note=note.id)), Button(no, act("no_meeting", note=note.id))


def _took_place(ctx: Context, action: Action) -> Answer:
    item = acts.say(ctx.session, ctx.actor, int(action.get("note") or 0), took_place=True, now=ctx.now)
    return [Message((P("Thank you. Noted: it took place."), _described(item)), ((_MINE,),))]


def _no_meeting(ctx: Context, action: Action) -> Answer:
    """Asked once more: whoever meant the other button is not to set the office in motion."""
    note_id = int(action.get("note") or 0)
    note = own.meeting_noted(ctx.session, ctx.member.id, note_id)
    about = line(Day(note.held_on), Term(vocabulary.KINDS[note.kind]))
    if action.get("sure") is None:
        asked = P(
            "Did this not take place? The office then finds out what happened. It counts against nobody's rating."
        )
        sure = Button(P("There was no such meeting"), act("no_meeting", note=note_id, sure=1))
        return [Message((about, asked), ((sure, _MINE),))]
    item = acts.say(ctx.session, ctx.actor, note_id, took_place=False, now=ctx.now)
    lines = (
        P("Noted: it did not take place."),
        _described(item),
        outcomes.told(ctx, P("the office")),
        P("The office finds out what happened. Nothing about you changes by it."),
    )
    return [Message(lines, ((_MINE,),))]


def _described(item: ConfirmationLine) -> Phrase:
    return line(Day(item.held_on), wording.kind_of(item.visit))


# --- those who read the note -----------------------------------------------------------------------------------------


def beside(ctx: Context, note_id: int) -> list[Phrase]:
    """That the person bears a note out, for whoever reads it; that they contradict it, for the office alone."""
    word = own.word_on(ctx.session, note_id)
    if word is not None and word.state is ConfirmationState.confirmed:
        return [P("The person concerned says that it took place.")]
    if word is not None and ctx.actor.in_office:
        return [P("The person concerned says that it did not take place.")]
    return []


def waiting(ctx: Context) -> tuple[list[Phrase], Rows]:
    """What nobody of the office has looked into."""
    found = lists.denials_for(ctx.session, ctx.actor)[:LISTED]
    return confirmations.denied(ctx, found) if found else ([], [])


def _looked_into(ctx: Context, action: Action) -> Answer:
    item = acts.looked_into(ctx.session, ctx.actor, int(action.get("of") or 0), now=ctx.now)
    lines = (P("Noted: the office has looked into it."), confirmations.described(ctx, item))
    return [Message(lines, ((Button(P("To do"), act("command", name="todo")),),))]


TAPS: dict[str, Tap] = {"took_place": _took_place, "no_meeting": _no_meeting, "looked_into": _looked_into}
