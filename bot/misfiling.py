"""A note in the wrong case, in words: the form that refiles or voids it, and who is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from sqlalchemy import bindparam, text
from sqlalchemy import select as select_columns
from sqlmodel import col

from bot import absence, confirmations, note_view, outcomes, recognising, second, ways, wording
from bot.context import Context
from bot.messages import Button, Message, act
from casework import cases, misfiled
from casework.forms.catalog.misfiled import NONE_STANDS, REASONS, REFILE, TO_REFILE, TWICE, VOID
from casework.forms.form import Answers, Form, Option
from locales.catalogue import N_
from locales.phrase import CaseRef, Clock, Day, P, Phrase, Value, line
from reminders import outbox
from storage.errors import NotFound, Refused
from storage.prepared import Prepared
from storage.queries import notes as note_lists
from storage.queries import visits as visit_lists
from storage.queries.notes import KeptNote
from storage.tables.cases import Case, Person
from storage.tables.mail import UNASKED, Outbox
from storage.tables.members import Member
from storage.tables.notes import Note, NoteEventKind

WHICH = N_("This is not one case among those into which you can move the note. Please send the case code.")
SETTLED = Message((P("✓ Settled: the note does not stand in this case any more."),))
Options = tuple[Option, ...]
_TO_VOID_ALONE = {one.value for one in REASONS} - {one.value for one in TO_REFILE}
_CARDS = Prepared(
    select_columns(col(Outbox.id), col(Outbox.payload_sealed))
    .where(
        col(Outbox.member_id) == bindparam("member"),
        text(f"outbox.{UNASKED}"),
        col(Outbox.kind) == misfiled.ASKED,
    )
    .order_by(col(Outbox.id))
)


def subject(ctx: Context, note_id: int) -> Value:
    note = note_lists.access_note(ctx.session, ctx.actor, note_id, to="move")
    return note_view.reference(ctx, note_lists.keep(ctx.session, [note])[0])


def options(ctx: Context, note_id: int) -> Mapping[str, Callable[[], Options]]:
    def near() -> Options:
        note = note_lists.access_note(ctx.session, ctx.actor, note_id, to="move")
        found = misfiled.targets(ctx.session, ctx.actor, note, now=ctx.now)
        return tuple(Option(str(case.id), _reference(ctx, case), (case.code,)) for case in found)

    def twins() -> Options:
        note = note_lists.access_note(ctx.session, ctx.actor, note_id, to="move")
        found = misfiled.twins(ctx.session, ctx.actor, note)
        return tuple(Option(str(kept.id), _told_apart(ctx, kept)) for kept in found)

    return {"case": near, "stands": twins}


def _told_apart(ctx: Context, kept: KeptNote) -> Phrase:
    """One of several notes of a case: its day, its author, and when it was handed in."""
    author = wording.member_ref(ctx.session.get_one(Member, kept.note.author_id))
    at = kept.note.submitted_at
    return P(
        "{day} {kind}, handed in by {name} on {on} at {time}",
        day=Day(kept.held_on),
        kind=note_view.kind_of(kept),
        name=author,
        on=Day(ctx.mechanism.day(at)),
        time=Clock(at),
    )


def known(ctx: Context, note_id: int) -> Answers:
    """What nobody need be asked: which note stands, where it can be but one; for the office, what the author asked for.
    Where that may not be shown it is the office's to say what is to be done."""
    note = note_lists.access_note(ctx.session, ctx.actor, note_id, to="move")
    near = [str(kept.id) for kept in misfiled.twins(ctx.session, ctx.actor, note)]
    event = note_lists.keep(ctx.session, [note])[0].happened(NoteEventKind.void_asked)
    answers: dict[str, str] = {}
    if event is not None and misfiled.may_void(ctx.actor):
        answers = {"reason": event.reason} | ({"what": VOID} if ctx.tells_names else {})
        if event.reason not in _TO_VOID_ALONE:
            answers["why_refiled"] = event.reason
        if str(event.other_id) in near:
            answers["stands"] = str(event.other_id)
    if len(near) <= 1:
        answers["stands"] = near[0] if near else NONE_STANDS
    return answers


def above(ctx: Context, note_id: int, answers: Answers) -> tuple[Phrase, ...]:
    """What the answers mean, above the recap: by what to recognise the case that the note goes to; where answers are
    not shown, the note that stands."""
    if answers.get("case"):
        found = _found(ctx, note_id, str(answers["case"]))
        if found is None:
            return (P(WHICH),)
        return P("It goes to: {case}", case=_reference(ctx, found)), *recognising.of_case(ctx, found.id)
    stands = _stands(answers)
    if stands is None or ctx.tells_names:
        return ()
    return tuple(
        P("The note that stands: {note}", note=option.label)
        for option in options(ctx, note_id)["stands"]()
        if option.value == str(stands)
    )


def _stands(answers: Answers) -> int | None:
    """The note that tells of the same visit as one that was entered twice."""
    given = str(answers.get("stands", NONE_STANDS)) if answers.get("reason") == TWICE else NONE_STANDS
    return int(given) if given.isdecimal() else None


def _reference(ctx: Context, case: Case) -> CaseRef:
    return CaseRef(case.code, ctx.session.get_one(Person, case.person_id).name)


def submit(ctx: Context, form: Form, note_id: int, answers: Answers) -> Message:
    about = subject(ctx, note_id)
    if answers["what"] == REFILE:
        case = _found(ctx, note_id, str(answers["case"]))
        if case is None:
            raise Refused(WHICH).at("case")
        done = misfiled.refile(
            ctx.session, ctx.actor, note_id, case.id, str(answers["why_refiled"]), now=ctx.now
        )
        return _refiled(ctx, about, done)
    reason = str(answers["reason"])
    if not misfiled.may_void(ctx.actor):
        misfiled.ask(ctx.session, ctx.actor, note_id, reason, now=ctx.now, stands=_stands(answers))
        text = P("You are told when it has been voided. Until then the note stands.")
        asked = outcomes.told(ctx, P("the office"), already=P("The office is asked to void it."))
        return Message((_head(about), asked, text), ((ways.note_button(note_id),),))
    done = misfiled.void(ctx.session, ctx.actor, note_id, reason, now=ctx.now, stands=_stands(answers))
    return Message((_head(about), P("The note is void and counts nowhere any more."), *_again(ctx, done)))


def _head(about: Value) -> Phrase:
    return line(P("Submitted"), P("Misfiled note"), about)


def _found(ctx: Context, note_id: int, given: str) -> Case | None:
    """A case that was offered, or what somebody typed for it, as a query would find it. A number may have been typed,
    too: it is looked up through the same door as the act itself."""
    if given.isdecimal():
        note = note_lists.access_note(ctx.session, ctx.actor, note_id, to="move")
        with suppress(NotFound):
            return misfiled.target_case(ctx.session, ctx.actor, note, int(given), now=ctx.now)
        return None
    found = cases.find(ctx.session, ctx.actor, given, now=ctx.now, by_unit=False).hits
    return found[0].case if len(found) == 1 else None


def _refiled(ctx: Context, about: Value, done: misfiled.Voided) -> Message:
    recorded = done.recorded
    if recorded is None:
        raise ValueError("a note that was refiled was recorded elsewhere")
    there = _reference(ctx, ctx.session.get_one(Case, recorded.note.case_id))
    lines = [_head(about), P("It stands in {case} now.", case=there), *outcomes.following(ctx, recorded)]
    awaited, papers = confirmations.awaited(ctx, recorded.note.id)
    lines += [*awaited, *second.after_note(ctx, recorded.note.id)]
    message = Message((*lines, *_again(ctx, done)), (*papers, (ways.note_button(recorded.note.id),)))
    return message if recorded.call is None else outcomes.with_call(ctx, message, recorded.call)


def _again(ctx: Context, done: misfiled.Voided) -> list[Phrase]:
    if done.stands is not None:
        return _stays(ctx, done.stands)
    if done.reopened is None:
        return []
    item = visit_lists.by_ids(ctx.session, [done.reopened.id])[0]
    return [P("This visit is to be made again:"), wording.visit_line(item, ctx.now, ctx.mechanism)]


def _stays(ctx: Context, kept: KeptNote) -> list[Phrase]:
    """The visit took place, as another note says; and what is planned after it."""
    said = P(
        "The visit took place, as the note of {day} says: it is not to be made again.", day=Day(kept.held_on)
    )
    waiting = [
        item
        for item in visit_lists.of_case(ctx.session, kept.note.case_id)
        if wording.is_open(item) and item.visit.kind is kept.note.kind
    ]
    if not waiting:
        return [said]
    return [
        said,
        P("Planned next, by that note:"),
        wording.visit_line(waiting[0], ctx.now, ctx.mechanism),
    ]


# --- who is told -----------------------------------------------------------------------------------------------------


def told(ctx: Context, kind: str, payload: dict[str, Any]) -> tuple[Message, tuple[int, ...]] | None:
    """A notice as things stand now; None where it is settled."""
    kept = note_lists.keep(ctx.session, [ctx.session.get_one(Note, payload["note"])])[0]
    return _asked(ctx, kept) if kind == misfiled.ASKED else _withdrawn(ctx, kept)


def _asked(ctx: Context, kept: KeptNote) -> tuple[Message, tuple[int, ...]] | None:
    event = kept.happened(NoteEventKind.void_asked)
    if kept.note.voided_at is not None or event is None:
        return None
    who = wording.member_ref(ctx.session.get_one(Member, event.actor_id))
    lines = [P("{name} asks to void a note:", name=who), note_view.reference(ctx, kept)]
    if ctx.tells_names:
        lines.append(P("Reason: {reason}", reason=note_view.why(event)))
    return Message(
        tuple(lines), ((ways.note_button(kept.id, own=False), note_view.misfiled_button(kept)),)
    ), ()


def waiting(ctx: Context) -> tuple[list[Phrase], list[tuple[Button, ...]]]:
    """For the office: what its authors ask to void, and nobody has voided or moved yet."""
    if not misfiled.may_void(ctx.actor):
        return [], []
    cards = [outbox.payload_of(*row) for row in _CARDS.all(ctx.session, {"member": ctx.member.id})]
    found = [
        kept for note_id in dict.fromkeys(one["note"] for one in cards) for kept in _to_void(ctx, note_id)
    ]
    found = found[: ctx.mechanism.rulebook.limits.alert_items]
    shown = [message for kept in found if (message := _asked(ctx, kept)) is not None]
    lines = [said for message, _ in shown for said in message.lines]
    if len(shown) == 1:
        return lines, list(shown[0][0].buttons)
    # Of several, each is read first: the way to void it is below the note.
    return lines, [(Button(note_view.reference(ctx, kept), act("note", id=kept.id)),) for kept in found]


def _to_void(ctx: Context, note_id: int) -> list[KeptNote]:
    with suppress(NotFound):
        note = note_lists.access_note(ctx.session, ctx.actor, note_id, to="move")
        return note_lists.keep(ctx.session, [note])
    return []


def _withdrawn(ctx: Context, kept: KeptNote) -> tuple[Message, tuple[int, ...]]:
    """For the author: what became of their note. Into which case it went, those who see that case see there."""
    what = P("The office has voided your note:")
    if kept.happened(NoteEventKind.refiled) is not None:
        what = P("The office has moved your note to the right case:")
    lines: list[Phrase] = [what, note_view.reference(ctx, kept)]
    event = kept.happened(NoteEventKind.voided)
    if event is not None and event.other_id is not None:
        twin = note_lists.keep(ctx.session, [ctx.session.get_one(Note, event.other_id)])[0]
        return Message((*lines, *_stays(ctx, twin))), ()
    items = [
        item
        for item in visit_lists.by_ids(ctx.session, [kept.note.visit_id] if kept.note.visit_id else [])
        if wording.is_open(item) and absence.makes(ctx, item.visit)
    ]
    if items:
        again = wording.visit_line(items[0], ctx.now, ctx.mechanism)
        lines += [P("This visit is to be made again:"), again]
    return Message(tuple(lines), tuple((ways.record_button(item),) for item in items)), ()
