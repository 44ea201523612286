"""A rating that needs a second person, in words. Of the grades themselves a channel learns at `full` alone; so the
buttons are there, too, and on one's own page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot import confirmations, outcomes, wording
from bot.context import Context
from bot.messages import Button, Message, act
from casework import second as acts
from casework import vocabulary
from casework.forms.catalog.common import RIGHTS
from casework.forms.form import Answers, Form
from locales.catalogue import N_
from locales.phrase import Clock, Code, Day, FreeText, Grade, P, Phrase, Term, Value, line, one_of
from storage.errors import NotFound
from storage.queries import confirmations as lists
from storage.queries import notes as note_lists
from storage.queries.confirmations import ConfirmationLine
from storage.tables.cases import CaseState
from storage.tables.confirmations import ConfirmationState
from storage.tables.members import Member

AGREE, DISAGREE = N_("Agree"), N_("Do not agree")


def notice(ctx: Context, payload: dict[str, Any]) -> tuple[Message, tuple[int, ...]] | None:
    """What asks the office for a second person; None where nobody is needed any more, or the reader cannot be it."""
    try:
        item = acts.expect(ctx.session, ctx.actor, payload["confirmations"][0])
    except NotFound:
        return None
    return asking(ctx, [item]), (item.visit.id,)


def asking(ctx: Context, items: Sequence[ConfirmationLine]) -> Message:
    """These ratings, each with what can be done about it."""
    n = len(items)
    head = P("{n} note awaits a second person's view:", "{n} notes await a second person's view:", n=n)
    lines = [head]
    rows: list[tuple[Button, ...]] = []
    for item in items:
        lines += _about(ctx, item)
        rows.append(_buttons(item, alone=n == 1))
    return Message(tuple(lines), tuple(rows))


def _about(ctx: Context, item: ConfirmationLine) -> list[Phrase]:
    kept = note_lists.keep(ctx.session, [item.note])[0]
    before = acts.rating_before(ctx.session, item.note)
    lines = [confirmations.described(ctx, item)]
    if before is not None and kept.state_of_mind in acts.ORDER:
        was, now = (Grade(vocabulary.GRADES[one]) for one in (before, kept.state_of_mind))
        lines.append(P("State of mind: from {was} to {now}.", was=was, now=now))
    if kept.answers.get("basis"):
        lines.append(P("It rests on: {text}", text=FreeText(str(kept.answers["basis"]))))
    lines.append(P(RIGHTS))
    return lines


def _buttons(item: ConfirmationLine, *, alone: bool) -> tuple[Button, ...]:
    one = item.confirmation.id
    code = Code(item.case.code)
    labels = [Grade(AGREE), Grade(DISAGREE)]
    said = [
        P("{label}", None, label=it) if alone else P("{label} {code}", label=it, code=code) for it in labels
    ]
    return (Button(said[0], act("agree", of=one)), Button(said[1], act("not_agreed", of=one)))


def retold(ctx: Context, ids: Sequence[int]) -> Message:
    """A message of these as it should read now."""
    items = [item for item in lists.by_ids(ctx.session, ids) if item.case.state is CaseState.open]
    waiting = {item.confirmation.id for item in lists.ratings_for(ctx.session, ctx.actor)}
    asked = [item for item in items if item.confirmation.id in waiting]
    if asked:
        return asking(ctx, asked)
    return Message(tuple(_settled(ctx, item) for item in items) or (P("✓ Nothing more is needed here."),))


def _settled(ctx: Context, item: ConfirmationLine) -> Phrase:
    one = item.confirmation
    became = {ConfirmationState.confirmed: N_("Agreed"), ConfirmationState.refused: N_("Not agreed to")}
    if one.state not in became or one.answered_at is None:
        return P("✓ Nothing more is needed here.")
    parts: list[Value] = [Term(became[one.state]), Clock(one.answered_at)]
    if one.paper_by is not None:
        parts.append(wording.member_ref(ctx.session.get_one(Member, one.paper_by)))
    return P("✓ {line}", line=line(*parts, confirmations.described(ctx, item)))


def after_note(ctx: Context, note_id: int) -> list[Phrase]:
    """What the author of a new note is told where its rating needs a second person."""
    one = lists.second_of(ctx.session, note_id)
    if one is None or one.state is not ConfirmationState.asked:
        return []
    why = Grade(N_("The rating is two grades or more from the last one"))
    return [
        one_of(
            P(
                "{why}: it is provisional until somebody of the office agrees. Until then the more worrying of the two "
                "sets the pace.",
                why=why,
            ),
            P("The note awaits a second person's view."),
        )
    ]


def beside(ctx: Context, note_id: int) -> list[Phrase]:
    """What the second person said of the rating, for whoever reads the note."""
    one = lists.second_of(ctx.session, note_id)
    if one is None or not ctx.tells_names:
        return []
    if one.state is ConfirmationState.asked:
        return [P("Second person: not looked at yet.")]
    if one.paper_by is None or one.answered_at is None:
        return []
    name = wording.member_ref(ctx.session.get_one(Member, one.paper_by))
    day = Day(ctx.mechanism.day(one.answered_at))
    if one.state is ConfirmationState.confirmed:
        return [P("Second person: {name} agreed on {day}.", name=name, day=day)]
    if one.state is ConfirmationState.refused and one.reason is not None:
        why = FreeText(confirmations.reason(ctx, one.reason))
        return [P("Second person: {name} did not agree on {day}: {reason}", name=name, day=day, reason=why)]
    return []


def mark(state: ConfirmationState | None) -> list[Value]:
    """What stands behind a rating that is provisional, or was not agreed to."""
    return [] if state is None else [Grade(acts.STANDINGS[state])]


# --- the form --------------------------------------------------------------------------------------------------------


def about(ctx: Context, confirmation_id: int) -> Value:
    return wording.held(acts.expect(ctx.session, ctx.actor, confirmation_id))


def disagree(ctx: Context, form: Form, confirmation_id: int, answers: Answers) -> Message:
    item = acts.disagree(ctx.session, ctx.actor, confirmation_id, str(answers["reason"]), now=ctx.now)
    lines = [
        line(P("Submitted"), confirmations.described(ctx, item)),
        outcomes.told(ctx, P("whoever wrote the note"), ctx.session.get(Member, item.note.author_id)),
        P("The pace of the visits stays as it is."),
    ]
    return Message(tuple(lines), ((Button(P("To do"), act("command", name="todo")),),))
