"""Confirmations in words: the card that asks for them, what the office and the author hear, and what is tapped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlmodel import col, select

from bot import outcomes, ways, wording
from bot.context import Context
from bot.messages import Action, Button, Message, act
from casework import confirmations as acts
from casework.forms.catalog.confirmation import NOT_CONFIRMED
from casework.forms.form import Answers, Form, Option
from casework.forms.kinds import ONE_PHOTO
from locales.catalogue import N_
from locales.phrase import (
    CaseRef,
    Clock,
    Code,
    Count,
    Day,
    FreeText,
    Name,
    P,
    Phrase,
    Term,
    Value,
    either,
    line,
)
from reminders import confirming, outbox
from storage.queries import confirmations as lists
from storage.queries import media as media_lists
from storage.queries.confirmations import ConfirmationLine
from storage.queries.recusals import is_barred
from storage.tables.cases import CaseState
from storage.tables.confirmations import Confirmation, ConfirmationKind, ConfirmationState
from storage.tables.mail import Outbox, OutboxItem
from storage.tables.members import Member

# The labels are terms, so that at `notice` there is no button: everything happens on one's page.
CONFIRM, ALL, WRONG, PAPER = N_("Confirm"), N_("Confirm all"), N_("Not right"), N_("Enter the signed paper")
SEEN, WITHOUT = N_("Looked into"), N_("without an account")
THE_REST = N_(
    "The first {most} can be answered one by one; the others follow once these are. “Confirm all” means all of them."
)
_BUTTON = N_("{label}")
# --- the card --------------------------------------------------------------------------------------------------------


def card(ctx: Context, row: Outbox) -> tuple[Message, tuple[int, ...]] | None:
    """All that waits for the reader's confirmation, and the visits it is about; None where another card lists it."""
    waiting = confirming.carried(ctx.session, row, ctx.member.id, now=ctx.now)
    if not waiting:
        return None
    return asking(ctx, waiting), tuple(dict.fromkeys(item.visit.id for item in waiting))


def asking(ctx: Context, waiting: Sequence[ConfirmationLine]) -> Message:
    """What asks for these confirmations: one card, however many there are."""
    n = len(waiting)
    head = P(
        "Please confirm: did this visit take place, with you as companion?",
        "Please confirm: did these {n} visits take place, with you as companion?",
        n=n,
    )
    about = P("You confirm that it took place, not what the note says.")
    lines = [numbered(ctx, item, at, n) for at, item in enumerate(waiting, start=1)]
    most = ctx.mechanism.rulebook.limits.alert_items
    rest = (P(THE_REST, None, most=most),) if n > most else ()
    return Message((head, *lines, about, *rest), buttons(ctx, waiting))


def buttons(ctx: Context, waiting: Sequence[ConfirmationLine]) -> tuple[tuple[Button, ...], ...]:
    """Confirm and contradict for each; with several, all at once first, and labels that say which."""
    if len(waiting) == 1:
        one = str(waiting[0].confirmation.id)
        return ((_labelled(CONFIRM, act("confirm", of=one)), _labelled(WRONG, act("not_confirmed", of=one))),)
    shown = waiting[: ctx.mechanism.rulebook.limits.alert_items]
    every = ",".join(str(item.confirmation.id) for item in waiting)
    rows: list[tuple[Button, ...]] = [(_labelled(ALL, act("confirm", of=every)),)]
    for item in shown:
        which, one = _which(item, waiting), str(item.confirmation.id)
        yes = Button(P("Confirm {which}", which=which), act("confirm", of=one))
        rows.append((yes, Button(P("Not right: {which}", which=which), act("not_confirmed", of=one))))
    return tuple(rows)


def _labelled(label: str, action: Action) -> Button:
    return Button(P(_BUTTON, None, label=Term(label)), action)


def _which(item: ConfirmationLine, among: Sequence[ConfirmationLine]) -> Value:
    """The code; of a case with several, also the day, and the kind where they fell on one day."""
    parts: list[Value] = [Code(item.case.code)]
    if Counter(one.case.id for one in among)[item.case.id] > 1:
        parts.append(Day(item.held_on))
        days = Counter((one.case.id, one.held_on) for one in among)
        if days[item.case.id, item.held_on] > 1:
            parts.append(wording.kind_of(item.visit))
    return line(*parts) if len(parts) > 1 else parts[0]


def numbered(ctx: Context, item: ConfirmationLine, at: int, of: int) -> Phrase:
    told = described(ctx, item)
    return told if of == 1 else P("{number}. {line}", number=Count(at), line=told)


def described(ctx: Context, item: ConfirmationLine, *more: Value) -> Phrase:
    """A visit as whoever was along may know it: day, kind, code, and who wrote the note; nothing of the note."""
    author = P("recorded by {name}", name=wording.member_ref(item.author))
    return line(Day(item.held_on), wording.kind_of(item.visit), _ref(ctx, item), author, *more)


def _ref(ctx: Context, item: ConfirmationLine) -> Value:
    reads = ctx.actor.in_office or item.case.care_officer_id == ctx.member.id
    return CaseRef(item.case.code, item.person.name) if reads else Code(item.case.code)


# --- what the office and the author hear -----------------------------------------------------------------------------


def notice(ctx: Context, kind: str, payload: dict[str, Any]) -> tuple[Message, tuple[int, ...]] | None:
    """That companions are silent, or contradict; None where that is no longer so."""
    items = _told(ctx, payload)
    if kind == confirming.SILENT:
        items = [item for item in items if item.confirmation.state is ConfirmationState.asked]
    if not items:
        return None
    return _told_message(ctx, kind, items), tuple(item.visit.id for item in items)


def _told(ctx: Context, payload: dict[str, Any]) -> list[ConfirmationLine]:
    """What the reader is still told of: nothing of a case without visits for now, but for a person's own word."""
    return [
        item
        for item in lists.by_ids(ctx.session, payload["confirmations"])
        if (item.case.state is CaseState.open or item.confirmation.kind is ConfirmationKind.person)
        and not is_barred(ctx.session, ctx.member.id, item.case.id)
    ]


def _told_message(ctx: Context, kind: str, items: Sequence[ConfirmationLine]) -> Message:
    kinds = {item.confirmation.kind for item in items}
    over = all(item.confirmation.state is not ConfirmationState.refused for item in items)  # amended or void
    if kind == confirming.DISPUTED and over and ConfirmationKind.person not in kinds:
        return Message(tuple(settled(ctx, item) for item in items), _notes(ctx, items))
    if kind == confirming.DISPUTED and ConfirmationKind.second in kinds:
        head = P("A second person does not agree to the rating of this note:")
        pace = P("The pace of the visits stays as it is.")
        return Message((head, *(_disagreement(ctx, item) for item in items), pace), _notes(ctx, items))
    if kind == confirming.DISPUTED and ConfirmationKind.person in kinds:
        said, looked_into = denied(ctx, items)
        return Message(tuple(said), tuple(looked_into))
    if kind == confirming.DISPUTED:
        head = P("A companion does not confirm this visit as it was written down:")
        counts = dict.fromkeys(outcomes.not_confirmed(ctx, item.note.id) for item in items)
        return Message((head, *(_dispute(ctx, item) for item in items), *counts), _notes(ctx, items))
    silent = [item for item in items if item.confirmation.state is ConfirmationState.asked]
    n = len(silent)
    head = P(
        "Not confirmed by the companion so far, {n} visit:",
        "Not confirmed by the companions so far, {n} visits:",
        n=n,
    )
    if not n:
        head = P("Everything on this list is settled.")
    lines = [missing(ctx, item) if item in silent else settled(ctx, item) for item in items]
    rows: tuple[tuple[Button, ...], ...] = ()
    if n:
        if not all(outcomes.is_formal(ctx, item.note.id) for item in silent):
            lines.append(
                P("Until it is confirmed, or a signed paper is entered, it counts as informal care.")
            )
        rows = paper_buttons(ctx, silent)
    return Message((head, *lines), rows)


def denied(ctx: Context, items: Sequence[ConfirmationLine]) -> tuple[list[Phrase], list[tuple[Button, ...]]]:
    """What the persons concerned say did not take place; what was looked into since says so."""
    waits = [item for item in items if item.confirmation.paper_by is None and item.note.voided_at is None]
    lines = [P("The person concerned says that this did not take place. Please find out what happened:")]
    lines += [
        described(ctx, item) if item in waits else P("✓ {line}", line=described(ctx, item, P("looked into")))
        for item in items
    ]
    lines.append(P("It lowers nobody's rating; the note stays as it is until it is voided or amended."))
    labels = [_labelled(SEEN, act("looked_into", of=item.confirmation.id)) for item in waits]
    if len(waits) > 1:
        labels = [
            Button(P("Looked into: {which}", which=_which(item, waits)), one.action)
            for item, one in zip(waits, labels, strict=True)
        ]
    return lines, [(one,) for one in labels]


def _notes(ctx: Context, items: Sequence[ConfirmationLine]) -> tuple[tuple[Button, ...], ...]:
    """The ways to these notes, for their author to amend and for the office to read."""
    found = {
        item.note.id: item.note.author_id == ctx.member.id for item in items if item.note.voided_at is None
    }
    return tuple((ways.note_button(note_id, own=own),) for note_id, own in found.items())


def missing(ctx: Context, item: ConfirmationLine) -> Phrase:
    """A visit that one of its companions has not confirmed, which another may have."""
    formal = [outcomes.STILL_FORMAL] if outcomes.is_formal(ctx, item.note.id) else []
    return described(ctx, item, P("companion {name}", name=who(ctx, item.confirmation)), *formal)


def _dispute(ctx: Context, item: ConfirmationLine) -> Phrase:
    parts: list[Value] = [P("companion {name}", name=who(ctx, item.confirmation))]
    if item.confirmation.reason is not None:
        parts.append(FreeText(reason(ctx, item.confirmation.reason)))
    return described(ctx, item, *parts)


def _disagreement(ctx: Context, item: ConfirmationLine) -> Phrase:
    one, parts = item.confirmation, list[Value]()
    if one.paper_by is not None:
        parts.append(wording.member_ref(ctx.session.get_one(Member, one.paper_by)))
    if one.reason is not None:
        parts.append(FreeText(one.reason))
    return described(ctx, item, *parts)


def reason(ctx: Context, kept: str) -> str:
    """The reason in words. It is an answer somebody gave, so it counts as free text even where it was chosen."""
    labels = {option.value: option.label for option in NOT_CONFIRMED.by_key["reason"].options}
    return labels[kept].render(ctx.reader) if kept in labels else kept


def who(ctx: Context, one: Confirmation) -> Value:
    """Who was along: a member, or somebody without an account by name alone."""
    if one.member_id is None:
        return either(Name(one.name or ""), Term(WITHOUT))
    return wording.member_ref(ctx.session.get_one(Member, one.member_id))


def paper_buttons(ctx: Context, items: Sequence[ConfirmationLine]) -> tuple[tuple[Button, ...], ...]:
    """A way to the signed paper for each; with several, the label says which."""
    shown = items[: ctx.mechanism.rulebook.limits.alert_items]
    if len(shown) == 1:
        return ((_labelled(PAPER, act("signed_paper", of=shown[0].confirmation.id)),),)
    return tuple(
        (
            Button(
                P("Signed paper {which}", which=_which_companion(ctx, item, shown)),
                act("signed_paper", of=item.confirmation.id),
            ),
        )
        for item in shown
    )


def _which_companion(ctx: Context, item: ConfirmationLine, among: Sequence[ConfirmationLine]) -> Value:
    which = _which(item, among)
    same = sum(one.note.id == item.note.id for one in among)
    return line(which, who(ctx, item.confirmation)) if same > 1 else which


# --- brought up to date ----------------------------------------------------------------------------------------------


def retold(ctx: Context, original: Outbox) -> Message:
    """A message of these as it should read now."""
    if original.kind != confirming.CARD:
        payload = outbox.payload_of(original.id, original.payload_sealed)
        items = _told(ctx, payload)
        if not items:
            return Message((P("✓ Nothing more is needed here."),))
        return _told_message(ctx, original.kind, items)
    about = select(OutboxItem.visit_id).where(OutboxItem.outbox_id == original.id)
    items = lists.told_in(
        ctx.session, ctx.member.id, ctx.session.exec(about.order_by(col(OutboxItem.id))).all()
    )
    mine = {one.confirmation.id for one in lists.waiting_for(ctx.session, ctx.member.id)}
    here = [one for one in items if one.confirmation.card_id == original.id]
    waiting = [one for one in here if one.confirmation.id in mine]
    others = [one for one in items if one not in waiting]
    lines = [_elsewhere(ctx, one, waits=one.confirmation.id in mine) for one in others]
    if not waiting:
        return Message(tuple(lines) or (P("✓ Nothing more is needed here."),))
    asked = asking(ctx, waiting)
    return Message((*lines, *asked.lines), asked.buttons)


def _elsewhere(ctx: Context, item: ConfirmationLine, *, waits: bool) -> Phrase:
    return P("{line} (see the newest message)", line=described(ctx, item)) if waits else settled(ctx, item)


_BECAME = {
    ConfirmationState.confirmed: N_("Confirmed"),
    ConfirmationState.refused: N_("Not confirmed"),
    ConfirmationState.withdrawn: N_("need not be confirmed"),
    ConfirmationState.asked: N_("need not be confirmed"),  # for now: no visits are arranged in the case
}


def settled(ctx: Context, item: ConfirmationLine) -> Phrase:
    """A confirmation in a message that was overtaken by events: what became of it. Of a case that the reader has to do
    with no more, nothing but that."""
    one = item.confirmation
    needed = one.state not in (ConfirmationState.withdrawn, ConfirmationState.asked)
    if not needed or item.case.state != CaseState.open:
        return P("✓ Nothing more is needed here.")
    became: list[Value] = [Term(_BECAME[one.state])]
    if one.paper_on is not None:
        became = [P("signed on paper on {day}", day=Day(one.paper_on))]
    elif one.answered_at is not None:
        became.append(Clock(one.answered_at))
    return P("✓ {line}", line=line(*became, described(ctx, item)))


# --- the forms --------------------------------------------------------------------------------------------------------


def asked_about(ctx: Context, confirmation_id: int) -> Value:
    return wording.held(acts.expect(ctx.session, ctx.actor, confirmation_id))


def refuse(ctx: Context, form: Form, confirmation_id: int, answers: Answers) -> Message:
    item = acts.refuse(ctx.session, ctx.actor, confirmation_id, str(answers["reason"]), now=ctx.now)
    lines = [
        line(P("Submitted"), Term(form.title), described(ctx, item)),
        outcomes.told(ctx, P("whoever wrote the note, and the office")),
        outcomes.not_confirmed(ctx, item.note.id),
    ]
    return Message(tuple(lines), ((Button(P("To do"), act("command", name="todo")),),))


def paper_about(ctx: Context, confirmation_id: int) -> Value:
    item = acts.expect_paper(ctx.session, ctx.actor, confirmation_id)
    return wording.held(item, who(ctx, item.confirmation))


def on_paper(ctx: Context, confirmation_id: int) -> list[Phrase]:
    item = acts.expect_paper(ctx.session, ctx.actor, confirmation_id)
    return [described(ctx, item, P("companion {name}", name=who(ctx, item.confirmation)))]


def paper_options(ctx: Context, confirmation_id: int) -> Mapping[str, Callable[[], tuple[Option, ...]]]:
    def held() -> tuple[Option, ...]:
        item = acts.expect_paper(ctx.session, ctx.actor, confirmation_id)
        return (Option(item.held_on.isoformat(), Day(item.held_on)),)

    def sent() -> tuple[Option, ...]:
        found = media_lists.waiting(ctx.session, ctx.member.id, confirmation_id)
        return tuple(Option(str(one), ONE_PHOTO) for one in found)

    return {"signed_on": held, "photo": sent}


def paper(ctx: Context, form: Form, confirmation_id: int, answers: Answers) -> Message:
    signed_on = date.fromisoformat(answers["signed_on"])
    photo = int(answers["photo"]) if answers.get("photo") else None
    item = acts.keep_paper(ctx.session, ctx.actor, confirmation_id, signed_on, photo, now=ctx.now)
    counts = acts.of_note(ctx.session, item.note.id, ctx.mechanism.rulebook.formal.visitors)
    lines = [
        line(P("Submitted"), Term(form.title), described(ctx, item)),
        P("Signed on {day}. The visit now counts as: {formality}.", day=Day(signed_on),
          formality=Term(acts.FORMALITIES[counts])),
    ]  # fmt: skip
    if photo is not None:
        lines += [
            P("The photo of the signed form is kept encrypted. It is seen on the page, and by no chat.")
        ]
    return Message(tuple(lines), ((Button(P("To do"), act("command", name="todo")),),))


def awaited(ctx: Context, note_id: int) -> tuple[list[Phrase], tuple[tuple[Button, ...], ...]]:
    """The same for a note that was amended, or moved into another case: who is to bear it out as it is now."""
    named = lists.of_notes(ctx.session, [note_id])[note_id]
    return after_note(ctx, [one for one in named if one.state is ConfirmationState.asked])


def after_note(
    ctx: Context, asked: Sequence[Confirmation]
) -> tuple[list[Phrase], tuple[tuple[Button, ...], ...]]:
    """What the author of a new note is told of its companions, and the way to the signed paper where one is needed."""
    members = [one for one in asked if one.member_id is not None]
    others = [one for one in asked if one.member_id is None]
    lines = [outcomes.awaits(ctx, members[0].note_id, len(members))] if members else []
    if others:
        lines.append(
            P(
                "A companion without an account bears it out by a signed paper: enter it with the button below."
            )
        )
    items = lists.by_ids(ctx.session, [one.id for one in others])
    return lines, paper_buttons(ctx, items) if items else ()
