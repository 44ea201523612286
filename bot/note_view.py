"""A note that was submitted, as it is read: the original, and each amendment beside it."""

from __future__ import annotations

from collections.abc import Sequence

from bot import formality, own_word, photos, second, wording
from bot.context import Context
from bot.messages import Button, Message, act
from casework import answers, vocabulary
from casework.answers import Pair
from casework.forms.catalog import FORMS
from casework.forms.catalog.misfiled import REASONS
from casework.forms.form import Env
from locales.catalogue import N_
from locales.phrase import CaseRef, Count, Day, FreeText, P, Phrase, Term, Value, line, several
from storage.queries.notes import CLERKS, KeptNote
from storage.tables.cases import Case, Person
from storage.tables.members import Member
from storage.tables.notes import NoteEvent, NoteEventKind


def dated_button(kept: KeptNote) -> Button:
    return Button(P("{day} {kind}", day=Day(kept.held_on), kind=kind_of(kept)), act("note", id=kept.id))


def reference(ctx: Context, kept: KeptNote) -> Phrase:
    """Case, kind and day of a note."""
    case = ctx.session.get_one(Case, kept.note.case_id)
    name = ctx.session.get_one(Person, case.person_id).name
    return line(CaseRef(case.code, name), kind_of(kept), Day(kept.held_on))


def kind_of(kept: KeptNote) -> Term:
    return Term(vocabulary.KINDS[kept.note.kind])


def lines(ctx: Context, kept: KeptNote) -> list[Phrase]:
    """All that a note says. Where answers may not be told, its questions with ✓, as in a recap."""
    env = Env(ctx.today, {"companions": answers.people(ctx.session, kept.note.county_id)})
    submitted = ctx.mechanism.day(kept.note.submitted_at)
    found = [
        reference(ctx, kept),
        P(
            "Submitted on {day} by {name}; the note itself is locked.",
            day=Day(submitted),
            name=_member(ctx, kept.note.author_id),
        ),
        *_answers(ctx, answers.answered(kept.form, kept.note.answers, env)),
        *_begun(ctx, kept),
    ]
    found += [
        *formality.borne_out(ctx, kept.id),
        *second.beside(ctx, kept.id),
        *own_word.beside(ctx, kept.id),
    ]
    for amendment in kept.amendments:
        found += _amendment(ctx, kept, amendment, env)
    return [*found, *_standing(ctx, kept)]


_HAPPENED = {
    NoteEventKind.void_asked: N_("{day}: {name} asks to void it"),
    NoteEventKind.voided: N_("{day}: voided, {name}"),
    NoteEventKind.refiled: N_("{day}: moved to another case, {name}"),
    NoteEventKind.arrived: N_("{day}: moved here from another case, {name}"),
}


def _standing(ctx: Context, kept: KeptNote) -> list[Phrase]:
    """Whether it stands where it does, and why not: for the office, which may know both cases."""
    found = list[Phrase]()
    for event in kept.events if ctx.actor.in_office else ():
        if event.kind in _HAPPENED:
            day, who = Day(ctx.mechanism.day(event.at)), _member(ctx, event.actor_id)
            found.append(P(_HAPPENED[event.kind], None, day=day, name=who))
            if ctx.tells_names:
                found.append(P("Reason: {reason}", reason=why(event)))
    return found


def why(event: NoteEvent) -> Value:
    """Why a note was voided or refiled: what somebody answered, chosen or typed."""
    return next((one.label for one in REASONS if one.value == event.reason), FreeText(event.reason))


def _answers(ctx: Context, pairs: Sequence[Pair]) -> list[Phrase]:
    return [
        P("{n}. {label}: {answer}", n=Count(n), label=label, answer=answer)
        if ctx.tells_names
        else P("{n}. {label} ✓", n=Count(n), label=label)
        for n, (label, answer) in enumerate(pairs, 1)
    ]


def _amendment(ctx: Context, kept: KeptNote, event: NoteEvent, env: Env) -> list[Phrase]:
    given = answers.amended(kept.form, event, env)
    day, who = Day(ctx.mechanism.day(event.at)), _member(ctx, event.actor_id)
    head = P("Amended {day}, {name}", day=day, name=who)
    if not ctx.tells_names:
        return [line(head, *(label for label, _ in given))]
    said = [P("{label}: {answer}", label=label, answer=answer) for label, answer in given]
    return [head, *said, P("Reason: {reason}", reason=answers.reason(event))]


def _begun(ctx: Context, kept: KeptNote) -> list[Phrase]:
    """Who filled in what, where its author had the draft from a colleague."""
    found = list[Phrase]()
    for event in kept.events:
        if event.kind is NoteEventKind.begun:
            labels = several(Term(FORMS[kept.form].by_key[one].label) for one in event.answers)
            name = _member(ctx, event.actor_id)
            found.append(P("Filled in by {name}: {questions}.", name=name, questions=labels))
    return found


def _member(ctx: Context, member_id: int) -> Value:
    return wording.member_ref(ctx.session.get_one(Member, member_id))


def buttons(ctx: Context, kept: KeptNote, *, reads_case: bool) -> list[tuple[Button, ...]]:
    """What the reader can do about a note."""
    rows = list[tuple[Button, ...]]()
    wrote, stands = kept.note.author_id == ctx.member.id, kept.note.voided_at is None
    if stands and wrote:
        rows.append((Button(P("Amend"), act("note_amend", id=kept.id)), misfiled_button(kept)))
    elif stands and ctx.actor.has(*CLERKS):
        rows.append((misfiled_button(kept),))
    rows += photos.buttons(ctx, kept)
    if reads_case:
        rows.append((Button(P("Timeline"), act("timeline", id=kept.note.case_id)),))
    return rows


def misfiled_button(kept: KeptNote) -> Button:
    return Button(P("Void or refile"), act("note_misfiled", id=kept.id))


def message(ctx: Context, kept: KeptNote, *, reads_case: bool) -> Message:
    return Message(tuple(lines(ctx, kept)), tuple(buttons(ctx, kept, reads_case=reads_case)))
