"""The brief before a visit (走访提示) in words. What notes say is told at `full` alone; below, it is a link."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bot import appeal, difficulty, way_in, wording
from bot.context import Context
from bot.dialogs import store
from bot.messages import Button, Message, act
from casework import briefs, vocabulary
from casework.briefs import Brief, Promise, Said
from casework.forms.catalog.spoken import SPOKEN
from casework.forms.kinds import clean
from locales.catalogue import N_
from locales.phrase import CaseRef, Day, FreeText, Grade, Name, P, Phrase, Term, Value, line
from storage.tables.calls import SafetyCall
from storage.tables.cases import Person
from storage.tables.members import Member
from storage.tables.visits import Visit

SMALL_CARD = 6  # buttons; with more, what stood on one card becomes a text and a list to choose from
LONGEST = 200  # characters of one thing that a note says

_RIGHT = P("To appeal or ask for a review is a right: please do not argue it; it lowers no rating.")
_TOPICS = {
    "to_mind": N_("Please mind ({day}): {text}"),
    "wishes": N_("Wishes and requests ({day}): {text}"),
    "promised": N_("Promised ({day}): {text}"),
    "helped": N_("Help given or arranged ({day}): {text}"),
    "at_home": N_("Present at the last home visit ({day}): {text}"),
}


def button(*, visit_id: int | None = None, case_id: int | None = None) -> Button:
    about = {"visit": visit_id} if visit_id is not None else {"case": case_id} if case_id is not None else {}
    return Button(P("Brief"), act("brief", **about))


def beside(
    ctx: Context, rows: Sequence[tuple[Button, ...]], *, case_id: int | None = None
) -> tuple[tuple[Button, ...], ...]:
    """The button in the last of some rows, unless it is what makes too many for one card of the channel."""
    count = sum(len(row) for row in rows)
    if not rows or (ctx.buttons is not None and count >= SMALL_CARD):
        return tuple(rows)
    return (*rows[:-1], (*rows[-1], button(case_id=case_id)))


def before(ctx: Context, question: Message, subject_id: int) -> Message:
    """The first question of a note, with the way to what one should know before: where its visit was planned. Not on a
    channel of cards, where a tap on a question settles it, and one on this button must not: there the list has it."""
    visit = ctx.visit(subject_id) if not ctx.at_once else None
    if visit is None or not is_for_kind(visit.kind):
        return question
    *rows, last = question.buttons
    return replace(question, buttons=(*rows, (*last, button(visit_id=subject_id))))


def message(ctx: Context, brief: Brief) -> Message:
    lines = [_head(ctx, brief)]
    if not ctx.tells_names:
        return _elsewhere(ctx, brief, lines)
    lines += _last(brief)
    lines += _spoken(ctx, brief.spoken)
    lines += [_said(_TOPICS[topic], said) for topic, said in brief.topics.items()]
    lines += [_follow_up(one) for one in brief.follow_ups]
    lines += [difficulty.line_of(one) for one in brief.pending]
    lines.append(_family(brief))
    lines.append(appeal.under_way(brief.appeal) if brief.appeal is not None else _RIGHT)
    return Message(tuple(lines), _buttons(ctx, brief))


def _head(ctx: Context, brief: Brief) -> Phrase:
    case, visit = brief.case, brief.visit
    who = CaseRef(case.code, ctx.session.get_one(Person, case.person_id).name)
    if visit is None:
        return line(P("Brief"), who)
    due = wording.when_due(visit, ctx.now, ctx.mechanism)
    return line(P("Brief"), wording.kind_of(visit), who, due)


def _elsewhere(ctx: Context, brief: Brief, lines: list[Phrase]) -> Message:
    """What may be told here: that there is one, and where."""
    if ctx.public_url is None:
        return Message((*lines, P("What is known may not be told on this channel.")), _buttons(ctx, brief))
    about = f"visit-{brief.visit.id}" if brief.visit is not None else f"case-{brief.case.id}"
    link = way_in.link(ctx, to=f"{way_in.TO_BRIEF}-{about}")
    return Message((*lines, P("On your own page: {link}", link=link), way_in.ONCE), _buttons(ctx, brief))


def _last(brief: Brief) -> list[Phrase]:
    if brief.last is None:
        return [P("There is no note of a meeting yet.")]
    kind: Value = Term(vocabulary.KINDS[brief.last.note.kind])
    by = P(
        "Last: {day} {kind}, by {name}", day=Day(brief.last.held_on), kind=kind, name=Name(brief.last.author)
    )
    found = [by]
    if brief.summary is not None:
        same = brief.summary.held_on == brief.last.held_on
        found.append(
            P("“{text}”", text=_cut(brief.summary.text))
            if same
            else _said(N_("On {day}: “{text}”"), brief.summary)
        )
    if brief.last.state_of_mind != "not_rated":
        grade = Grade(vocabulary.GRADES[brief.last.state_of_mind])
        found.append(P("State of mind then: {grade}", grade=grade))
    return found


def _spoken(ctx: Context, call: SafetyCall | None) -> list[Phrase]:
    """What whoever spoke with the person after a safety call agreed with them: those who see to it read it here."""
    if call is None or call.closed_at is None or call.closed_by is None:
        return []
    by = wording.member_ref(ctx.session.get_one(Member, call.closed_by))
    day, steps = Day(ctx.mechanism.day(call.closed_at)), SPOKEN.by_key["next_step"].options
    found = [P("Contacted because of a safety concern: {day}, by {name}", day=day, name=by)]
    found += [
        P("What follows: {step}", step=one.label)
        for one in steps
        if one.value == call.outcome.get("next_step")
    ]
    detail = call.outcome.get("detail")
    return [*found, P("“{text}”", text=_cut(detail))] if detail else found


def _said(msgid: str, said: Said) -> Phrase:
    return P(msgid, None, day=Day(said.held_on), text=_cut(said.text))


def _follow_up(one: Promise) -> Phrase:
    day, text = one.said.held_on, _cut(one.said.text)
    if one.done_on is not None:
        return P("Followed up on {done} ({day}): {text}", done=Day(one.done_on), day=Day(day), text=text)
    if one.due_on is None:
        return P("To follow up ({day}): {text}", day=Day(day), text=text)
    return P("To follow up by {day}: {text}", day=Day(one.due_on), text=text)


def _family(brief: Brief) -> Phrase:
    if brief.uninformed_since is not None:
        return P(
            "The family does not know ({day}): please make no home visit and mention nothing to the family.",
            day=Day(brief.uninformed_since),
        )
    if brief.family_since is None:
        return P("Whether the family knows is not written down: please ask the person first.")
    return P("The family knew, by the person's own word, on {day}.", day=Day(brief.family_since))


def _cut(text: str) -> FreeText:
    words = " ".join(clean(text).split())
    return FreeText(words if len(words) <= LONGEST else words[:LONGEST].rstrip() + "…")


def _buttons(ctx: Context, brief: Brief) -> tuple[tuple[Button, ...], ...]:
    visit = brief.visit
    if visit is None:
        return ((Button(P("Status"), act("case", id=brief.case.id)),),)
    if _is_being_written(ctx, visit):
        return ()
    return ((Button(P("Record"), act("record", visit=visit.id)),),)


def _is_being_written(ctx: Context, visit: Visit) -> bool:
    """The way back into the form that is open follows anyway."""
    draft = store.active(ctx.session, ctx.member.id)
    return draft is not None and draft.subject_id == visit.id


def is_for(visit: Visit) -> bool:
    return is_for_kind(visit.kind)


def is_for_kind(kind: str) -> bool:
    return kind in briefs.PREPARED
