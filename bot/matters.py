"""Matters to follow up (跟进事项) in words: a line of the digest and the lists, the tap that says one was seen to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from bot import way_in, wording
from bot.commands.command import Answer, Tap
from bot.context import Context
from bot.messages import Action, Button, Message, act
from casework import matters as acts
from casework import vocabulary
from casework.forms.kinds import clean
from locales.catalogue import N_
from locales.phrase import (
    CaseName,
    CaseRef,
    Day,
    Either,
    FreeText,
    P,
    Phrase,
    TaskCode,
    Term,
    Value,
    either,
    line,
    one_of,
)
from reminders import matters as reminding
from reminders import rules
from reminders.mechanism import Mechanism
from storage import ids
from storage.errors import NotFound
from storage.queries import matters as lists
from storage.queries import recusals
from storage.queries.access import access_case_to_record
from storage.queries.matters import MatterLine
from storage.tables.cases import Case, CaseState
from storage.tables.matters import Matter
from storage.tables.members import Member, Role
from storage.tables.notes import Note

EXCERPT = 24  # characters of what is to be followed up, where there is one line for it
LISTED = 8
_KIND = N_("Matter to follow up")
Rows = list[tuple[Button, ...]]


def _code(item: MatterLine) -> TaskCode:
    """What it is known by where its case may not be told of. It says nothing of the case."""
    return TaskCode(f"M-{ids.short(item.matter.id)}")


def _who(item: MatterLine) -> Either:
    return either(CaseRef(item.case.code, item.person.name), _code(item))


# --- lines -----------------------------------------------------------------------------------------------------------


def described(ctx: Context, items: Sequence[MatterLine], *, digest: bool = False) -> list[Phrase]:
    """A line each: as it stands, or what became of it since a `digest` listed it. What the note says of it passes where
    stored text may, and is left out elsewhere."""
    texts = lists.text_of(ctx.session, [item.note for item in items])
    return [_described(ctx, item, texts[item.note.id], digest) for item in items]


def _described(ctx: Context, item: MatterLine, text: str, digest: bool) -> Phrase:
    who = _who(item)
    became = _became(ctx, item) if digest else None
    if became is not None:
        return P("✓ {line}", line=line(became, Term(_KIND), who))
    parts: list[Value] = [_when(ctx, item.matter), Term(_KIND), who]
    owner = item.case.care_officer_id
    if owner is not None and owner != ctx.member.id:
        parts.append(P("for {name}", name=_officer(ctx, owner)))
    return line(*parts, excerpt(text))


def excerpt(text: str) -> FreeText:
    words = " ".join(clean(text).split())
    return FreeText(words if len(words) <= EXCERPT else words[:EXCERPT].rstrip() + "…")


def _officer(ctx: Context, member_id: int) -> Value:
    return wording.member_ref(ctx.session.get_one(Member, member_id))


def _when(ctx: Context, matter: Matter) -> Phrase:
    due = _due(ctx, matter)
    if due == ctx.today:
        return P("Today")
    return P("By {day}", day=Day(due)) if due > ctx.today else P("Since {day}", day=Day(due))


def _due(ctx: Context, matter: Matter) -> date:
    return rules.due_day(matter.due_on or ctx.today, ctx.mechanism.calendar)


def is_due(ctx: Context, item: MatterLine) -> bool:
    return _due(ctx, item.matter) <= ctx.today


def _became(ctx: Context, item: MatterLine) -> Phrase | None:
    """Why the reader of a digest need not see to it any more. Of a case on hold and a closed one the same is told."""
    if item.matter.done_at is not None:
        return P("Followed up")
    if item.note.voided_at is not None or item.matter.due_on is None:
        return P("Need not be followed up")
    if item.case.state is not CaseState.open:
        return P("No visits for now")
    barred = recusals.is_barred(ctx.session, ctx.member.id, item.case.id)
    return P("Seen to by others") if barred or not _is_theirs(ctx, item.case.id) else None


def _is_theirs(ctx: Context, case_id: int) -> bool:
    try:
        access_case_to_record(ctx.session, ctx.actor, case_id, today=ctx.today)
    except NotFound:
        return False
    return True


def waiting(ctx: Context, items: Sequence[MatterLine]) -> list[MatterLine]:
    """Of those that a digest listed, what its reader is still to see to."""
    return [item for item in items if _became(ctx, item) is None]


# --- buttons ---------------------------------------------------------------------------------------------------------


def buttons(ctx: Context, items: Sequence[MatterLine]) -> Rows:
    """One tap each, of as many as the rulebook shows; where a case has several, the label says which."""
    often = Counter(item.case.id for item in items)
    shown = items[: ctx.mechanism.rulebook.limits.alert_items]
    found = [_button(item, alone=often[item.case.id] == 1) for item in shown]
    return [tuple(found[at : at + 2]) for at in range(0, len(found), 2)]


def _button(item: MatterLine, *, alone: bool) -> Button:
    case = either(CaseName(item.case.code, item.person.name), _code(item))
    label = P("Followed up {case}", case=case)
    if not alone:
        kind, day = Term(vocabulary.KINDS[item.note.kind]), Day(item.note.held_on)
        which = P("Followed up {case}: {day} {kind}", case=case, day=day, kind=kind)
        label = one_of(which, P("Followed up {case}", case=_code(item)))
    return Button(label, act("followed_up", matter=item.matter.id))


# --- the lists -------------------------------------------------------------------------------------------------------


def to_do(ctx: Context) -> tuple[list[Phrase], Rows]:
    """All that somebody is to follow up, what is due first."""
    found = (
        lists.open_of(ctx.session, ctx.member.id, today=ctx.today) if ctx.actor.has(Role.care_officer) else []
    )
    return _listed(ctx, found)


def due(ctx: Context) -> tuple[list[Phrase], Rows]:
    """What is due by today."""
    found = lists.open_of(ctx.session, ctx.member.id, today=ctx.today)
    return _listed(ctx, [item for item in found if is_due(ctx, item)])


def _listed(ctx: Context, found: Sequence[MatterLine]) -> tuple[list[Phrase], Rows]:
    if not found:
        return [], []
    head = P("{n} matter to follow up:", "{n} matters to follow up:", n=len(found))
    lines = [head, *described(ctx, found[:LISTED])]
    if len(found) > LISTED:
        lines.append(P("… and {n} more.", "… and {n} more.", n=len(found) - LISTED))
    return lines, buttons(ctx, found[:LISTED])


def count(ctx: Context, case: Case) -> list[Phrase]:
    """The case's line, where there is any."""
    n = len(lists.open_in(ctx.session, case.id))
    return [P("{n} matter to follow up", "{n} matters to follow up", n=n)] if n else []


def card_rows(ctx: Context, case: Case) -> Rows:
    """On the card of a case, for whoever sees to them."""
    if not lists.open_in(ctx.session, case.id) or not _is_theirs(ctx, case.id):
        return []
    return [(Button(P("Matters to follow up"), act("matters", case=case.id)),)]


def after(ctx: Context, note: Note) -> tuple[list[Phrase], Rows]:
    """After a note: what earlier ones promised and is open, so that it is settled with one tap."""
    if not _is_theirs(ctx, note.case_id):
        return [], []
    found = [item for item in lists.open_in(ctx.session, note.case_id) if item.note.id != note.id]
    lines, rows = _listed(ctx, found)
    return ([P("Promised before. Has it been seen to?"), *lines], rows) if lines else ([], [])


def promised(ctx: Context, note: Note) -> list[Phrase]:
    """That the day which a note names is kept in mind."""
    matter = acts.of_note(ctx.session, note.id)
    if matter is None or matter.due_on is None or matter.done_at is not None:
        return []
    return [P("The matter to follow up is in the morning digest of {day}.", day=Day(_first(ctx, matter)))]


def _first(ctx: Context, matter: Matter) -> date:
    """The day of the first digest that lists it: not that of today, which has gone out by now."""
    soonest = ctx.mechanism.calendar.add_workdays(ctx.today, 1)
    return max(_due(ctx, matter), soonest)


# --- why -------------------------------------------------------------------------------------------------------------


def why(ctx: Context, notice_id: int, then: Mechanism) -> list[Phrase]:
    """Why a digest listed these, by the rule as it stood, and when each that is open is listed again."""
    told = lists.told_by(ctx.session, notice_id)
    if not told:
        return []
    n = then.rulebook.limits.matters_every
    rule = P(
        "A matter to follow up is listed on its day, and every {n} working day while it is open; nobody else is told.",
        "A matter to follow up is listed on its day, and every {n} working days while it is open; nobody else is told.",
        n=n,
    )
    return [rule, *(_explained(ctx, item) for item in told[:LISTED])]


def _explained(ctx: Context, item: MatterLine) -> Phrase:
    who, became = _who(item), _became(ctx, item)
    if became is not None or item.matter.due_on is None:
        return line(who, Term(_KIND), *([became] if became is not None else []))
    named = P("named by the note of {day}", day=Day(item.note.held_on))
    again = reminding.next_turn(item.matter.due_on, ctx.today, ctx.mechanism)
    parts: list[Value] = [who, Term(_KIND), named, P("due {day}", day=Day(item.matter.due_on))]
    return line(*parts, P("while it is open, listed again on {day}", day=Day(again)))


# --- taps ------------------------------------------------------------------------------------------------------------


def _followed_up(ctx: Context, action: Action) -> Answer:
    """Where the chat may not say which it is, that is seen first."""
    if ctx.fills_on_page:
        return [_to_page(ctx, int(action.get("matter") or 0))]
    item = acts.followed_up(ctx.session, ctx.actor, int(action.get("matter") or 0), done=True, now=ctx.now)
    lines = (P("Noted: followed up. You are not reminded of it any more."), _what(ctx, item))
    back = Button(P("Not followed up yet"), act("follow_up_open", matter=item.matter.id))
    return [Message(lines, ((back, Button(P("Today"), act("today"))),))]


def _open_again(ctx: Context, action: Action) -> Answer:
    item = acts.followed_up(ctx.session, ctx.actor, int(action.get("matter") or 0), done=False, now=ctx.now)
    head = P("Taken back: it is still to be followed up.")
    rows = (*buttons(ctx, [item]), (Button(P("Today"), act("today")),))
    return [Message((head, *described(ctx, [item])), rows)]


def _to_page(ctx: Context, matter_id: int) -> Message:
    lists.access_matter(ctx.session, ctx.actor, matter_id, today=ctx.today)
    link = way_in.link(ctx, to=f"{way_in.TO_MATTER}-{matter_id}")
    return Message((P("On your own page: {link}", link=link), way_in.ONCE))


def _one(ctx: Context, action: Action) -> Answer:
    """A matter as it stands, and what to say of it."""
    matter_id = int(action.get("matter") or 0)
    item = lists.access_matter(ctx.session, ctx.actor, matter_id, today=ctx.today)
    back = Button(P("Not followed up yet"), act("follow_up_open", matter=matter_id))
    rows = buttons(ctx, [item]) if item.matter.done_at is None else [(back,)]
    today = Button(P("Today"), act("today"))
    return [Message(tuple(described(ctx, [item], digest=True)), (*rows, (today,)))]


def _what(ctx: Context, item: MatterLine) -> Phrase:
    text = lists.text_of(ctx.session, [item.note])[item.note.id]
    return line(Term(_KIND), _who(item), excerpt(text))


def _of_case(ctx: Context, action: Action) -> Answer:
    case_id = int(action.get("case") or 0)
    access_case_to_record(ctx.session, ctx.actor, case_id, today=ctx.today)
    lines, rows = _listed(ctx, lists.open_in(ctx.session, case_id))
    status = Button(P("Status"), act("case", id=case_id))
    return [Message(tuple(lines) or (P("There is no matter to follow up."),), (*rows, (status,)))]


READING = frozenset({"matter"})
TAPS: dict[str, Tap] = {
    "followed_up": _followed_up,
    "follow_up_open": _open_again,
    "matter": _one,
    "matters": _of_case,
}
