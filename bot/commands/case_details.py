"""What the buttons of the status card open: timeline, trend, facts for a review, workbook. Each reading is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from bot import difficulty, moving, note_view, second, wording
from bot.channels.disclosure import ON_PAGE, WITHHELD
from bot.commands import case_review, case_standing
from bot.commands.case_review import excerpt
from bot.commands.command import Answer, Tap
from bot.context import Context
from bot.messages import Action, Button, FileRef, Message, act
from casework import briefs, cases, confirmations, lateness, notes, vocabulary
from casework.briefs import Promise
from casework.cases import History, Hit, Rating
from casework.documents.collect import collect
from casework.documents.workbook import MEDIA_TYPE, file_name_part, write_workbook
from casework.forms.catalog import common
from casework.forms.catalog.care_plan import CARE_PLAN
from locales.catalogue import N_, gettext
from locales.phrase import Code, Count, Day, FreeText, Grade, Name, P, Phrase, Term, Value, line, several
from reminders import course
from storage.queries import notes as note_lists
from storage.queries.notes import KeptNote
from storage.queries.visits import VisitLine
from storage.tables.cases import Case, CaseState
from storage.tables.visits import Visit, VisitEvent, VisitEventKind, VisitKind, VisitState

TIMELINE_LINES = 30
TIMELINE_NOTES = 4
TREND_RATINGS = 12
FOLLOW_UPS = 5
FOLLOW_UP_NOTES = timedelta(days=180)

SHORT_GRADES = {
    "settled": N_("green"),
    "stable": N_("blue"),
    "unsettled": N_("yellow"),
    "concern": N_("red"),
    "not_rated": N_("not rated"),
}
_WORSE = {"settled": 0, "stable": 1, "unsettled": 2, "concern": 3}


# --- what the card and its details share ---------------------------------------------------------------------------


def reference(ctx: Context, hit: Hit) -> Value:
    """Code and name, in the order the office reads them; the code alone where no name may be told."""
    code = Code(hit.case.code)
    return P("{code} {name}", code=code, name=Name(hit.person.name)) if ctx.tells_names else code


def ratings_line(ratings: Iterable[Rating]) -> Phrase:
    return P(
        "State of mind (oldest first): {grades}",
        grades=several(_short(one) for one in ratings),
    )


def _short(one: Rating) -> Value:
    grade = Grade(SHORT_GRADES[one.grade])
    marks = second.mark(one.standing)
    return P("{grade} ({mark})", grade=grade, mark=marks[0]) if marks else grade


_DETAILS = (
    ("timeline", N_("Timeline")),
    ("trend", N_("Trend")),
    ("review", N_("Review")),
    ("workbook", N_("Workbook")),
)


def details_row(case_id: int, without: str = "") -> tuple[Button, ...]:
    """Timeline, trend, review, workbook. On one of these itself, the way back to the card stands in its place."""
    row = [Button(P(label), act(verb, id=case_id)) for verb, label in _DETAILS if verb != without]
    return (*row, Button(P("Status"), act("case", id=case_id))) if without else tuple(row)


def _id(action: Action) -> int:
    return int(action.get("id") or 0)


def _answer(lines: Sequence[Phrase], case_id: int, verb: str, file: FileRef | None = None) -> Answer:
    return [Message(tuple(lines), (details_row(case_id, without=verb),), file)]


# --- timeline ------------------------------------------------------------------------------------------------------


def timeline(ctx: Context, action: Action) -> Answer:
    history = cases.history(ctx.session, ctx.actor, _id(action), now=ctx.now)
    entries = [*_past(ctx, history), *_coming(ctx, history)]
    lines: list[Phrase] = [line(reference(ctx, history.hit), P("Timeline"))]
    if not entries:
        lines.append(P("Nothing has taken place and nothing is planned."))
    elif len(entries) > TIMELINE_LINES:
        lines.append(P("The last {n} entries:", None, n=TIMELINE_LINES))
    found = _answer([*lines, *entries[-TIMELINE_LINES:]], history.hit.case.id, "timeline")
    return [replace(one, buttons=(*_note_rows(ctx, history.hit.case.id), *one.buttons)) for one in found]


def _note_rows(ctx: Context, case_id: int) -> list[tuple[Button, ...]]:
    """The newest notes, to be opened, the newest first."""
    newest = reversed(note_lists.of_case(ctx.session, case_id)[-TIMELINE_NOTES:])
    row = [note_view.dated_button(kept) for kept in newest]
    rows = [tuple(row[at : at + 2]) for at in range(0, len(row), 2)]
    if ctx.actor.in_office and note_lists.of_case(ctx.session, case_id, voided=True):
        rows.append((Button(P("Voided notes"), act("notes_voided", id=case_id)),))
    return rows


def _past(ctx: Context, history: History) -> list[Phrase]:
    """What happened to the visits, by the day it happened; a note counts for the day of its visit."""
    visits = {item.visit.id: item.visit for item in history.visits}
    dated: list[tuple[date, int, Phrase]] = _standing(ctx, history)
    visitors = ctx.mechanism.rulebook.formal.visitors
    counts_as = confirmations.of_case(ctx.session, history.hit.case.id, visitors)
    promised = {
        event.visit_id: place
        for place, event in enumerate(history.events)
        if event.kind is VisitEventKind.done_pending_note
    }
    for place, event in enumerate(history.events):
        if event.kind is VisitEventKind.done_pending_note and place != promised[event.visit_id]:
            continue  # said anew, perhaps of another day
        if event.kind is VisitEventKind.withdrawn and not ctx.actor.in_office:
            continue  # whether a case was closed or put on hold is the office's to know
        visit = visits[event.visit_id]
        marks = _marks(ctx, event, _moved_to(history.events[place + 1 :], visit), visit)
        if marks:
            day = ctx.mechanism.day(event.at)
            if event.kind in _BY_DAY and visit.done_on is not None:
                day = visit.done_on
            if event.kind is VisitEventKind.recorded and visit.done_on is not None:
                if promised.get(visit.id, place) < place:
                    marks[0] = P("Took place (late entry)")
                if visit.id in counts_as:
                    marks.append(Term(confirmations.FORMALITIES[counts_as[visit.id]]))
            dated.append((day, place, line(Day(day), wording.kind_of(visit), *marks)))
    return [entry for _, _, entry in sorted(dated, key=lambda one: one[:2])]


def _standing(ctx: Context, history: History) -> list[tuple[date, int, Phrase]]:
    """What happened to the case as such, before what happened to its visits on that day."""
    found = []
    for place, event in enumerate(history.standing):
        day, what = ctx.mechanism.day(event.at), P(case_standing.HAPPENED[event.kind])
        entry = line(Day(day), what, case_standing.reason(ctx, event))
        found.append((day, place - len(history.standing), entry))
    return found


def _moved_to(later: Sequence[VisitEvent], visit: Visit) -> date:
    """An event keeps the due date as it was before; the visit's next one knows what it became."""
    return next((event.due_on for event in later if event.visit_id == visit.id), visit.due_on)


_HAPPENED = {
    VisitEventKind.recorded: N_("Took place"),
    VisitEventKind.done_pending_note: N_("Done, note to follow"),
    VisitEventKind.not_done: N_("Could not be done"),
    VisitEventKind.rescheduled: N_("Rescheduled"),
    VisitEventKind.extended: N_("More time granted"),
    VisitEventKind.move_asked: N_("Another day asked for"),
    VisitEventKind.not_done_asked: N_("Could not be done, another day asked for"),
    VisitEventKind.move_refused: N_("Another day not agreed to"),
    VisitEventKind.kept_day_off: N_("Kept on a day off"),
    VisitEventKind.reassigned: N_("Given to another officer"),
    VisitEventKind.handed_over: N_("Handed over to the new care officer"),
    VisitEventKind.withdrawn: N_("No longer needed"),
    VisitEventKind.reopened: N_("To be made again"),
}
_BY_DAY = (VisitEventKind.recorded, VisitEventKind.done_pending_note)  # they count for the day of the visit
_FAILED = (VisitEventKind.not_done, VisitEventKind.not_done_asked)
_MOVES = (
    VisitEventKind.not_done,
    VisitEventKind.rescheduled,
    VisitEventKind.extended,
    VisitEventKind.kept_day_off,
)


def _marks(ctx: Context, event: VisitEvent, new_day: date, visit: Visit) -> list[Value]:
    """What happened, why, and to which day the visit was moved. Planning and chasing do not belong to the story."""
    if event.kind not in _HAPPENED:
        return []
    recorded = event.kind is VisitEventKind.recorded
    said = _HAPPENED[event.kind]
    marks: list[Value] = [P(vocabulary.MADE.get(visit.kind, said) if recorded else said)]
    if recorded and visit.unplanned:
        marks.append(P("not planned"))
    if event.detail == notes.FULFILS:
        marks.append(P("for the one planned until {day}", day=Day(event.due_on)))
    elif event.detail:
        marks.append(FreeText(excerpt(moving.reason_of(ctx, event.detail))))
    if event.kind in _MOVES:
        marks.append(P("from {old} to {new}", old=Day(event.due_on), new=Day(new_day)))
    return marks


def _coming(ctx: Context, history: History) -> list[Phrase]:
    if history.hit.case.state != CaseState.open:
        return []
    return [_coming_line(ctx, item) for item in history.visits if wording.is_open(item)]


def _coming_line(ctx: Context, item: VisitLine) -> Phrase:
    mark = lateness.stands(item.visit, ctx.now, ctx.mechanism) or P(
        vocabulary.TO_COME.get(item.visit.kind, N_("Upcoming"))
    )
    return line(Day(item.visit.due_on), wording.kind_of(item.visit), mark)


# --- trend ---------------------------------------------------------------------------------------------------------


def trend(ctx: Context, action: Action) -> Answer:
    hit, notes = _notes(ctx, _id(action))
    rated = [note for note in notes if note.state_of_mind in _WORSE][-TREND_RATINGS:]
    lines: list[Phrase] = [line(reference(ctx, hit), P("Trend"))]
    ratings = cases.rated_in(ctx.session, hit.case.id, rated)
    lines += [
        line(
            Day(one.day),
            note_view.kind_of(note),
            Grade(vocabulary.GRADES[one.grade]),
            *second.mark(one.standing),
        )
        for note, one in zip(rated, ratings, strict=True)
    ]
    if rated:
        lines.append(movement(ratings))
    else:
        lines.append(P("No rating so far."))
    lines.append(P("The rating is a signal for care and enters no score."))
    return _answer(lines, hit.case.id, "trend")


def _notes(ctx: Context, case_id: int) -> tuple[Hit, list[KeptNote]]:
    hit = cases.hit_of(ctx.session, ctx.actor, case_id)
    return hit, cases.notes_of(ctx.session, ctx.actor, hit.case, now=ctx.now)


def _ratings(ctx: Context, case_id: int, notes: Sequence[KeptNote]) -> list[Rating]:
    return [one for one in cases.rated_in(ctx.session, case_id, notes) if one.grade in _WORSE]


def movement(ratings: Sequence[Rating]) -> Phrase:
    """How the ratings moved, in one line; the grades stand in it, so it goes where grades may go."""
    before, after = _WORSE[ratings[0].grade], _WORSE[ratings[-1].grade]
    first, last = (Grade(vocabulary.GRADES[one.grade]) for one in (ratings[0], ratings[-1]))
    if len(ratings) == 1:
        return P("One rating so far, {last}: too early for a trend.", last=last)
    if after < before:
        return P("From {first} at first to {last} now: steadier.", first=first, last=last)
    if after > before:
        return P(
            "From {first} at first to {last} now: less steady, please attend to it.", first=first, last=last
        )
    if any(_WORSE[one.grade] != before for one in ratings):
        return P("{last} as at first, with changes in between.", last=last)
    return P("{last} throughout.", last=last)


# --- facts for a review --------------------------------------------------------------------------------------------

_TOPICS = (
    ("goal", CARE_PLAN.title),
    ("thinking", common.THINKING_LABEL),
    ("work", common.WORK.label),
    ("correction", common.CORRECTION.label),
    ("unit_opinion", common.UNIT_OPINION.label),
)
_PROMISES = (("requests", common.HELP[0].label), ("next_steps", common.NEXT_STEPS.label))


def review(ctx: Context, action: Action) -> Answer:
    """A digest of what the notes say. It sums up and judges nothing."""
    hit, notes = _notes(ctx, _id(action))
    history = cases.history(ctx.session, ctx.actor, hit.case.id, now=ctx.now)
    ratings = _ratings(ctx, hit.case.id, notes)
    lines: list[Phrase] = [
        line(reference(ctx, hit), P("Review")),
        *case_review.last(ctx, notes),
        _workload(ctx, history),
    ]
    if shown := ratings[-TREND_RATINGS:]:
        lines += [ratings_line(shown), movement(shown)]
    lines += _latest_words(notes, _TOPICS)
    lines += _safety(notes)
    lines += difficulty.listed(ctx, hit.case)
    lines += _latest_words(notes, _PROMISES)
    lines += _follow_ups(ctx, hit.case, notes)
    if not notes:
        lines.append(P("There is no note yet."))
    lines.append(P("The machine only sums up what was recorded; people form the opinion."))
    (message,) = _answer(lines, hit.case.id, "review")
    return [replace(message, buttons=(*case_review.ways(ctx, hit.case), *message.buttons))]


def _workload(ctx: Context, history: History) -> Phrase:
    """Planned against done. Withdrawn visits were never owed, and of a case without visits for now none is."""
    visits = [item for item in history.visits if item.visit.kind is not VisitKind.difficulty]
    states = [item.visit.state for item in visits if not item.visit.unplanned]
    is_open = history.hit.case.state == CaseState.open
    done, waiting = states.count(VisitState.done), states.count(VisitState.planned) if is_open else 0
    counts = P("{planned} visits planned, {done} done", planned=Count(done + waiting), done=Count(done))
    failed = sum(1 for event in history.events if event.kind in _FAILED)
    parts: list[Value] = [counts]
    besides = sum(1 for item in history.visits if item.visit.unplanned)
    if besides:
        parts.append(beyond_plan(besides))
    if failed:
        parts.append(P("could not be done once", "could not be done {n} times", n=failed))
    late = [
        late
        for item in history.visits
        if wording.is_open(item)
        and item.visit.rest_until is None
        and (late := course.late(item.visit, ctx.today, ctx.mechanism)) > 0
    ]
    if late and is_open:
        parts.append(lateness.overdue(max(late)))
    return line(*parts)


def beyond_plan(number: int) -> Phrase:
    return P("{n} beyond the plan", None, n=number)


def _latest_words(notes: Sequence[KeptNote], topics: Iterable[tuple[str, str]]) -> list[Phrase]:
    """For each topic what its newest answer says, shortened, with the day it was said."""
    lines = []
    for key, label in topics:
        for note in reversed(notes):
            text = note.answers.get(key)
            if text:
                said = FreeText(excerpt(str(text)))
                lines.append(P("{topic} ({day}): {text}", topic=P(label), day=Day(note.held_on), text=said))
                break
    return lines


def _safety(notes: Sequence[KeptNote]) -> list[Phrase]:
    days = [Day(note.held_on) for note in notes if note.answers.get("safety") is True]
    # The word is typed as a rating: a danger somebody saw is told no wider than how they are.
    return (
        [P("{concern} raised on: {days}", concern=Grade(N_("Safety concern")), days=several(days))]
        if days
        else []
    )


def _follow_ups(ctx: Context, case: Case, notes: Sequence[KeptNote]) -> list[Phrase]:
    """Matters that the recent notes left to follow up, the newest first, and whether somebody did."""
    recent = [note for note in reversed(notes) if note.held_on >= ctx.today - FOLLOW_UP_NOTES]
    found = briefs.promises(ctx.session, case, recent, ctx.mechanism.day, of_all=True)
    return [_follow_up(ctx, one) for one in found[:FOLLOW_UPS]]


def _follow_up(ctx: Context, one: Promise) -> Phrase:
    text, day = FreeText(excerpt(one.said.text)), one.said.held_on
    if one.done_on is not None:
        return P("Followed up on {done} ({day}): {text}", done=Day(one.done_on), day=Day(day), text=text)
    if one.due_on is None:
        return P("To follow up ({day}): {text}", day=Day(day), text=text)
    if one.due_on < ctx.today:
        return P(
            "To follow up by {day} (that day is past, please check): {text}", day=Day(one.due_on), text=text
        )
    return P("To follow up by {day}: {text}", day=Day(one.due_on), text=text)


# --- workbook ------------------------------------------------------------------------------------------------------


def workbook(ctx: Context, action: Action) -> Answer:
    """The person's workbook as a file. Where no file may pass, none is made."""
    hit = cases.hit_of(ctx.session, ctx.actor, _id(action))
    head = line(reference(ctx, hit), P("Workbook"))
    if not ctx.tells_names:
        return _answer([head, ON_PAGE if ctx.public_url else P(WITHHELD)], hit.case.id, "workbook")
    data = collect(ctx.session, ctx.actor, hit.case.id, ctx.reader, now=ctx.now)
    content = write_workbook(data, lambda msgid: gettext(ctx.language, msgid))
    name = P(
        "Follow-up workbook {code} {name}.xlsx",
        code=Code(hit.case.code),
        name=Name(file_name_part(hit.person.name)),
    )
    kept = P("Internal material: keep it safe and do not pass it on. The export has been recorded.")
    return _answer([head, kept], hit.case.id, "workbook", FileRef(name, MEDIA_TYPE, content))


TAPS: dict[str, Tap] = {"timeline": timeline, "trend": trend, "review": review, "workbook": workbook}
