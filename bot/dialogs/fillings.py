"""What surrounds each form: the options that exist only at run time, and the action that a completed form is.

The forms know nothing of the database, the engine nothing of either; this is where they meet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot import (
    absence,
    admission,
    amendment,
    appeal,
    concern,
    confirmations,
    difficulty,
    handing,
    made,
    matters,
    misfiling,
    moving,
    outcomes,
    reassigning,
    recusal,
    second,
    ways,
    wording,
)
from bot.context import Context
from bot.messages import Button, Message, act
from casework import confirmations as companions_of
from casework import leave, notes, safety, standing, visits
from casework.forms.catalog import AMENDMENTS, FORMS, NOTE_FORMS
from casework.forms.form import Answers, Env, Form, Option
from casework.vocabulary import KINDS
from locales.phrase import CaseRef, Code, Day, FreeText, Name, P, Phrase, Term, Value, either, line
from storage.errors import NotFound
from storage.once import once
from storage.queries.access import NO_SUCH_LEAVE, require, see_visit
from storage.queries.visits import VisitLine, by_ids
from storage.tables.calls import CallSource
from storage.tables.cases import Case, CaseEventKind, Person
from storage.tables.visits import VisitKind

Options = tuple[Option, ...]
COMPANIONS_OFFERED = 20  # more are named by typing


Makers = Mapping[str, Callable[[], Options]]


class _Lazy(Mapping[str, Options]):
    """Options by field, each found only when its question is reached: most steps need none of them, and then not even
    `makers` is asked how they would be found."""

    def __init__(self, makers: Callable[..., Makers], *of: object) -> None:
        self._ask, self._of = makers, of
        self._made: dict[str, Options] = {}

    @once
    def _makers(self) -> Makers:
        return self._ask(*self._of)

    def __getitem__(self, key: str) -> Options:
        if key not in self._made:
            self._made[key] = self._makers[key]()
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


@dataclass(frozen=True)
class Filling:
    """`subject` says what the draft is about (and checks that the person may fill it in); `submit` is the action.
    `days`: the limits of dates for which the rulebook has numbers of its own; `known`: answers to begin with;
    `ticked`: what is ticked in a choice of several when it comes to be asked; `above`: what the answers mean, above the
    recap; `on_paper`: what stands above the questions on a printed form."""

    subject: Callable[[Context, int], Value]
    options: Callable[[Context, int], Makers]
    submit: Callable[[Context, Form, int, Answers], Message]
    days: Callable[[Context], Mapping[str, tuple[int, int]]] = lambda ctx: {}
    known: Callable[[Context, int], Answers] = lambda ctx, subject_id: {}
    ticked: Callable[[Context, int], Mapping[str, tuple[str, ...]]] = lambda ctx, subject_id: {}
    above: Callable[[Context, int, Answers], tuple[Phrase, ...]] | None = None
    on_paper: Callable[[Context, int], list[Phrase]] = lambda ctx, subject_id: []


def env(ctx: Context, form: Form, subject_id: int) -> Env:
    """What the form needs to know of the world; the same one for all questions of one message."""
    known = ctx.memo.get((form.id, subject_id))
    if isinstance(known, Env):
        return known
    filling, today, calendar = FILLINGS[form.id], ctx.today, ctx.mechanism.calendar
    made = Env(
        today,
        _Lazy(filling.options, ctx, subject_id),
        days=filling.days(ctx),
        not_announced=calendar.not_announced(today.year),
        barred=_Lazy(_no_companions, ctx, form, subject_id),
        workdays_on=calendar.add_workdays,
    )
    ctx.memo[form.id, subject_id] = made
    return made


def _item(ctx: Context, visit_id: int) -> VisitLine:
    return by_ids(ctx.session, [visit_id])[0]


# --- notes -----------------------------------------------------------------------------------------------------------


def _own_visit(ctx: Context, visit_id: int) -> Value:
    """Of somebody with several visits, which one it is."""
    visit = see_visit(ctx.session, ctx.actor, ctx.visit(visit_id) or visit_id, to="record", today=ctx.today)
    return line(CaseRef(visit.code, visit.name), Term(KINDS[visit.kind]))


def _own_note(form_id: str) -> Callable[[Context, int], Value]:
    """A note is about a visit of the officer's, or about a case of theirs in which something took place."""

    def subject(ctx: Context, about_id: int) -> Value:
        of = ctx.visit(about_id) or about_id
        found = notes.about(ctx.session, ctx.actor, form_id, of, today=ctx.today, submitting=False)
        return _case_ref(ctx, found) if isinstance(found, Case) else CaseRef(found.code, found.name)

    return subject


def _note_options(ctx: Context, about_id: int) -> Makers:
    def planned() -> Options:
        visit = ctx.visit(about_id)
        if visit is None or visit.due_on >= ctx.today:
            return ()
        return (Option(visit.due_on.isoformat(), Day(visit.due_on)),)

    def companions() -> Options:
        able = companions_of.candidates(ctx.session, *_went_there(ctx, about_id))
        return wording.member_options(ctx.session, able[:COMPANIONS_OFFERED])

    return {"date": planned, "companions": companions, "follow_up_due": lambda: difficulty.later(ctx)}


def _went_there(ctx: Context, about_id: int) -> tuple[int, int, int]:
    visit = ctx.visit(about_id)
    return ctx.member.county_id, about_id if visit is None else visit.case_id, ctx.member.id


def _no_companions(ctx: Context, form: Form, subject_id: int) -> Makers:
    def names() -> Options:
        about_id = amendment.about(ctx, subject_id) if form.id in AMENDMENTS else subject_id
        names = companions_of.barred_names(ctx.session, *_went_there(ctx, about_id))
        return tuple(Option(name, FreeText(name)) for name in names)

    return {"companions": names} if "companions" in form.by_key else {}


def _record(ctx: Context, form: Form, about_id: int, answers: Answers) -> Message:
    data = notes.NoteData(
        about_id,
        form.id,
        form.version,
        date.fromisoformat(answers["date"]),
        dict(answers),
        answers.get("state_of_mind", "not_rated"),
        bool(answers.get("safety", False)),
        ctx.begun,
    )
    recorded = notes.record_visit(ctx.session, ctx.actor, data, now=ctx.now)
    item = _item(ctx, recorded.visit.id)
    to_next = Button(P("Record the next one"), act("record", after=recorded.note.id))
    ways_on: tuple[Button, ...]
    head, ways_on = P("Recorded"), (to_next, Button(P("Today"), act("today")))
    if form.closing == "submitted":
        head, ways_on = P("Submitted"), (Button(P("Opinion"), act("command", name="opinion")),)
    if recorded.visit.kind is VisitKind.review:
        ways_on = (Button(P("Status"), act("case", id=recorded.visit.case_id)),)
    left = outcomes.left(ctx)
    if left and to_next not in ways_on:
        ways_on = (to_next, *ways_on)
    ways_on = (*ways_on, ways.note_button(recorded.note.id))
    lines = [
        line(head, wording.kind_of(recorded.visit), wording.case_ref(item)),
        *outcomes.fulfilled(recorded.visit, notes.fulfils(data, recorded.visit)),
        *outcomes.following(ctx, recorded),
        *difficulty.ended(recorded.visit.kind),
        *matters.promised(ctx, recorded.note),
    ]
    awaited, papers = confirmations.after_note(ctx, recorded.asked)
    lines += [*awaited, *second.after_note(ctx, recorded.note.id)]
    before, to_settle = matters.after(ctx, recorded.note)
    rows = (*papers, ways_on, *difficulty.after(ctx, recorded.note), *to_settle)
    if recorded.call is not None:
        return outcomes.with_call(ctx, Message((*lines, *before, *left), rows), recorded.call)
    if data.state_of_mind == "concern":
        lines += concern.contact_soon(ctx, recorded.visit.case_id)
        lines.append(outcomes.told(ctx, P("the office"), already=P("The office is told.")))
    return Message((*lines, *before, *left), rows)


# --- moving a visit ------------------------------------------------------------------------------------------------


def _date_options(ctx: Context, visit_id: int) -> Makers:
    def suggested() -> Options:
        days = ctx.mechanism.calendar.suggest(ctx.today, ctx.mechanism.rulebook.limits.suggested_dates)
        return tuple(Option(day.isoformat(), Day(day)) for day in days)

    return {"new_date": suggested}


def _not_done(ctx: Context, form: Form, visit_id: int, answers: Answers) -> Message:
    day = date.fromisoformat(answers["new_date"])
    reason = ": ".join(str(answers[key]) for key in ("reason", "detail") if answers.get(key))
    visit = visits.not_done(ctx.session, ctx.actor, visit_id, day, reason, now=ctx.now)
    text = P("The visit could not be made; it is now planned for {day}.", day=Day(visit.due_on))
    message = moving.answer(ctx, visit, day, text, P("It is noted that the visit could not be made."))
    if answers.get("safety"):
        case = ctx.session.get_one(Case, visit.case_id)
        source = CallSource.not_done
        call = safety.open_call(ctx.session, ctx.actor, case, source, now=ctx.now, visit=visit)
        message = outcomes.with_call(ctx, message, call)
    return message


def _reschedule(ctx: Context, form: Form, visit_id: int, answers: Answers) -> Message:
    day = date.fromisoformat(answers["new_date"])
    visit = visits.reschedule(ctx.session, ctx.actor, visit_id, day, answers.get("reason"), now=ctx.now)
    return moving.answer(ctx, visit, day, P("It is now planned for {day}.", day=Day(visit.due_on)))


# --- a safety call comes to its end ----------------------------------------------------------------------------------


def _known_call(ctx: Context, call_id: int) -> Value:
    call = safety.of(ctx.session, ctx.actor, call_id, now=ctx.now)
    return Code(ctx.session.get_one(Case, call.case_id).code)


def _spoken(ctx: Context, form: Form, call_id: int, answers: Answers) -> Message:
    call = safety.record_spoken(ctx.session, ctx.actor, call_id, dict(answers), now=ctx.now)
    return outcomes.spoken(ctx, ctx.session.get_one(Case, call.case_id), str(answers["next_step"]))


# --- leave -----------------------------------------------------------------------------------------------------------


def _own_leave(ctx: Context, member_id: int) -> Value:
    if member_id != ctx.member.id:
        raise NotFound(NO_SUCH_LEAVE)
    require(ctx.actor, *leave.MAY_TAKE)
    return either(Name(ctx.member.name), P("your own"))


def _leave_options(ctx: Context, member_id: int) -> Makers:
    calendar, today = ctx.mechanism.calendar, ctx.today
    how_many = ctx.mechanism.rulebook.limits.suggested_dates

    def days() -> Options:
        return tuple(Option(day.isoformat(), Day(day)) for day in calendar.suggest(today, how_many))

    def ends_of_weeks() -> Options:
        first = calendar.next_workday(today)
        friday = first + timedelta(days=(4 - first.weekday()) % 7)
        return tuple(
            Option(day.isoformat(), Day(day))
            for day in (friday + timedelta(weeks=n) for n in range(how_many))
        )

    def officers() -> Options:
        able = leave.candidates(ctx.session, ctx.actor, today, today)
        return wording.member_options(ctx.session, able)

    return {"first_on": days, "last_on": ends_of_weeks, "cover": officers}


def _leave_days(ctx: Context) -> Mapping[str, tuple[int, int]]:
    book = ctx.mechanism.rulebook.leave
    return {
        "first_on": (-book.back_days, book.ahead_days),
        "last_on": (0, book.ahead_days + book.longest_days - 1),
    }


def _leave(ctx: Context, form: Form, member_id: int, answers: Answers) -> Message:
    first, last = (date.fromisoformat(answers[key]) for key in ("first_on", "last_on"))
    cover_id = int(answers["cover"]) if answers.get("cover") else None
    return absence.taken(ctx, leave.take(ctx.session, ctx.actor, first, last, cover_id, now=ctx.now))


# --- whether visits are made in a case -----------------------------------------------------------------------------


def _standing(form_id: str, kind: CaseEventKind) -> tuple[str, Filling]:
    def subject(ctx: Context, case_id: int) -> Value:
        return _case_ref(ctx, standing.expect(ctx.session, ctx.actor, case_id, kind))

    def submit(ctx: Context, form: Form, case_id: int, answers: Answers) -> Message:
        done = standing.change(ctx.session, ctx.actor, case_id, kind, str(answers["reason"]), now=ctx.now)
        lines = [
            line(P("Submitted"), Term(form.title), _case_ref(ctx, done.case)),
            *_consequence(ctx, kind, done),
        ]
        return Message(tuple(lines), ((Button(P("Status"), act("case", id=case_id)),),))

    return form_id, Filling(subject, lambda ctx, case_id: {}, submit)


def _case_ref(ctx: Context, case: Case) -> Value:
    return CaseRef(case.code, ctx.session.get_one(Person, case.person_id).name)


def _consequence(ctx: Context, kind: CaseEventKind, done: standing.Changed) -> list[Phrase]:
    """What became of the visits, and who is told."""
    n = len(done.visits)
    if kind in (CaseEventKind.resumed, CaseEventKind.reopened):
        items = by_ids(ctx.session, [visit.id for visit in done.visits])
        planned = [line(Day(item.visit.due_on), wording.kind_of(item.visit)) for item in items]
        return [
            P("These visits go on from today:"),
            *planned,
            *wording.may_move(ctx.mechanism.calendar, *(item.visit.due_on for item in items)),
            outcomes.told(ctx, P("those who make the visits")),
        ]
    if kind is CaseEventKind.held:
        rest = P(
            "{n} planned visit rests: no reminders, and nothing is overdue.",
            "{n} planned visits rest: no reminders, and nothing is overdue.",
            n=n,
        )
    else:
        rest = P("{n} planned visit is withdrawn.", "{n} planned visits are withdrawn.", n=n)
    return [
        rest,
        P("Messages that were sent are brought up to date."),
        outcomes.told(ctx, P("those who make the visits, and not why")),
    ]


def _note(form_id: str) -> tuple[str, Filling]:
    return form_id, Filling(_own_note(form_id), _note_options, _record, known=made.known)


def _amendment(form_id: str) -> tuple[str, Filling]:
    def options(ctx: Context, note_id: int) -> Makers:
        return amendment.options(ctx, note_id, _note_options(ctx, amendment.about(ctx, note_id)))

    return form_id, Filling(amendment.subject(form_id), options, amendment.submit, ticked=amendment.ticked)


FILLINGS: dict[str, Filling] = {
    **dict(_note(form_id) for form_id in NOTE_FORMS),
    **dict(_amendment(form_id) for form_id in AMENDMENTS),
    "difficulty": Filling(difficulty.of_task, _note_options, _record, known=difficulty.known),
    "difficulty_open": Filling(difficulty.case_of, difficulty.days, difficulty.open_),
    "not_done": Filling(_own_visit, _date_options, _not_done),
    made.FORM: Filling(_own_visit, _note_options, made.submit),
    "reschedule": Filling(_own_visit, _date_options, _reschedule),
    "reassign": Filling(reassigning.subject, reassigning.options, reassigning.submit),
    "not_confirmed": Filling(confirmations.asked_about, lambda ctx, of: {}, confirmations.refuse),
    "not_agreed": Filling(second.about, lambda ctx, of: {}, second.disagree),
    "signed_paper": Filling(
        confirmations.paper_about,
        confirmations.paper_options,
        confirmations.paper,
        on_paper=confirmations.on_paper,
    ),
    "spoken": Filling(_known_call, lambda ctx, call_id: {}, _spoken),
    "leave": Filling(_own_leave, _leave_options, _leave, _leave_days),
    "admit": Filling(admission.subject, lambda ctx, case_id: {}, admission.submit),
    "appeal": Filling(appeal.begins, lambda ctx, case_id: {}, appeal.filed),
    "appeal_ended": Filling(appeal.ends, lambda ctx, case_id: {}, appeal.ended),
    "hand_over": Filling(handing.subject, handing.options, handing.submit),
    "misfiled": Filling(
        misfiling.subject, misfiling.options, misfiling.submit, known=misfiling.known, above=misfiling.above
    ),
    "recusal": Filling(recusal.subject, recusal.options, recusal.submit),
    **dict(
        (
            _standing("hold", CaseEventKind.held),
            _standing("resume", CaseEventKind.resumed),
            _standing("close", CaseEventKind.closed),
            _standing("reopen", CaseEventKind.reopened),
        )
    ),
}
if FILLINGS.keys() != FORMS.keys():
    raise RuntimeError("every form needs its filling, every filling its form")


def subject_of(ctx: Context, form_id: str, subject_id: int) -> Value:
    return FILLINGS[form_id].subject(ctx, subject_id)
