"""The buttons under a list of visits: what those who make them, or oversee them, can do about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec.structs import replace

from bot import brief, moving, wording
from bot.context import Context
from bot.messages import Button, Message, act
from locales.catalogue import N_
from locales.phrase import Code, P, TaskCode, either, one_of
from reminders.ladder import Recipients
from storage.queries.visits import VisitLine
from storage.tables.members import Role
from storage.tables.visits import VisitKind

WEEK = (Button(P("This week"), act("week")),)
_NO_VISITS = frozenset(
    {VisitKind.unit_opinion, VisitKind.review, VisitKind.contact}
)  # nobody goes there on a day


def visit_buttons(ctx: Context, items: Sequence[VisitLine]) -> tuple[tuple[Button, ...], ...]:
    """A record button for each visit (as many as the rulebook shows), then what else can be done."""
    shown = items[: ctx.mechanism.rulebook.limits.alert_items]
    record = record_buttons(shown)
    rows = [tuple(record[at : at + 2]) for at in range(0, len(record), 2)]
    kinds = {item.visit.kind for item in items} - _NO_VISITS
    made = (
        Button(P("Done, note to follow"), act("note_follows")),
        Button(P("Could not be done"), act("not_done")),
    )
    # A difficulty is settled or its day is moved: below it alone, these would be about another visit.
    if kinds:
        beside = made if kinds != {VisitKind.difficulty} else ()
        rows.append((*beside, Button(P("Reschedule"), act("reschedule"))))
    rows += page_rows(ctx)
    if ctx.actor.has(Role.unit_party_org):
        rows.append((Button(P("Opinion"), act("command", name="opinion")),))
    if ctx.actor.has(Role.care_officer):
        rows.append((Button(P("This week"), act("week")),))
    if any(brief.is_for(item.visit) for item in items):
        return brief.beside(ctx, rows)
    return tuple(rows)


def page_rows(ctx: Context) -> list[tuple[Button, ...]]:
    """The way to one's own page, where all else stands that the channel may not know."""
    return [(Button(P("Page"), act("command", name="page")),)] if ctx.fills_on_page else []


def record_buttons(items: Sequence[VisitLine], *, after: int | None = None) -> list[Button]:
    """One for each visit; where a person has several, the label says which. `after`: the note of the same trip, whose
    day, place and companions the next one begins with."""
    often = Counter(item.case.id for item in items)
    return [record_button(item, with_kind=often[item.case.id] > 1, after=after) for item in items]


def record_button(item: VisitLine, *, with_kind: bool = False, after: int | None = None) -> Button:
    task = TaskCode(item.visit.code)
    name = either(wording.case_name(item), task)
    if item.visit.kind is VisitKind.unit_opinion:
        label = P("Give opinion {case}", case=name)
    elif item.visit.kind is VisitKind.review:
        label = one_of(P("Record review {case}", case=wording.case_name(item)), P("Record {case}", case=task))
    elif with_kind or item.visit.kind is VisitKind.difficulty:
        kind = wording.kind_of(item.visit)
        label = one_of(P("Record {case}: {kind}", case=name, kind=kind), P("Record {case}", case=task))
    else:
        label = P("Record {case}", case=name)
    trip = {"after": after} if after is not None else {}
    return Button(label, act("record", visit=item.visit.id, **trip))


def with_why(ctx: Context, message: Message, notice_id: int) -> Message:
    """A notice with the way to ask why it came, while there is something to do about it. Where the channel has no room
    for one button more, it says how to ask."""
    count = sum(map(len, message.buttons))
    if not count:
        return message
    if ctx.buttons is not None and (count == brief.SMALL_CARD or count >= ctx.buttons):
        return replace(
            message, lines=(*message.lines, P("Why you hear of this: send “{word}”.", word=P("why")))
        )
    why = Button(P("Why"), act("why", notice=notice_id))
    *rows, last = message.buttons
    if len(last) <= 2 and _BY_THEMSELVES.issuperset(button.action.verb for button in last):
        return replace(message, buttons=(*rows, (*last, why)))
    return replace(message, buttons=(*message.buttons, (why,)))


_BY_THEMSELVES = frozenset({"week", "command", "brief"})  # those share a row


def note_button(note_id: int, *, own: bool = True) -> Button:
    """The way to a note: to amend it for its author, for everybody else to read it."""
    return Button(P("See or amend the note") if own else P("See the note"), act("note", id=note_id))


_DIRECTING = (
    ("chase", N_("Chase"), N_("Chase {code}")),
    ("reassign", N_("Reassign this visit"), N_("Reassign {code}")),
    ("extend", N_("Grant more time"), N_("Extend {code}")),
    ("acknowledge", N_("Acknowledge"), N_("Acknowledge {code}")),
)


def _answers(item: VisitLine, *, alone: bool) -> list[Button]:
    if alone:
        return moving.answers(item, P("Agree to move"), P("Keep the day"))
    return [button for row in moving.buttons([item]) for button in row]


def alert_buttons(ctx: Context, items: Sequence[VisitLine]) -> tuple[tuple[Button, ...], ...]:
    """For each visit: chase (where there is somebody to chase), reassign, extend (or answer a request to move it),
    acknowledge. With several, the labels carry the code."""
    people, rows = Recipients(ctx.session), []
    for item in items[: ctx.mechanism.rulebook.limits.alert_items]:
        buttons, of_which = [], wording.task_ref(item, Code(item.case.code))
        for verb, alone, one_of_several in _DIRECTING:
            if verb == "chase" and not people.makers(item.visit, ctx.today):
                continue
            if verb == "reassign" and item.visit.kind is VisitKind.contact:
                continue  # it goes with the case
            if verb in ("reassign", "extend") and item.visit.done_on is not None:
                continue  # it was made: the note alone is late
            if verb == "extend" and item.visit.asked_on is not None:
                buttons += _answers(item, alone=len(items) == 1)
                continue
            label = P(alone) if len(items) == 1 else P(one_of_several, None, code=of_which)
            buttons.append(Button(label, act(verb, visit=item.visit.id)))
        rows.append(tuple(buttons))
    return (*rows, *page_rows(ctx))
