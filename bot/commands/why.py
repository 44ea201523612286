"""/why · 为什么: why the last notice came: by which rule, which days were counted, and who hears next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import col, select

from bot import absence, concern, formality, safety, wording
from bot.commands.command import Answer, Command
from bot.context import Context
from bot.messages import Button, Message, act
from casework import lateness, vocabulary
from locales.catalogue import N_
from locales.phrase import Clock, Code, Day, P, Phrase, Term, Value, Word, line, several
from reminders import calls, confirming, course, outbox, rules
from reminders.ladder import Recipients
from reminders.rules import Step
from reminders.workdays import runs
from storage.queries import leaves
from storage.queries import visits as visit_lists
from storage.queries.visits import VisitLine
from storage.rulebook import Recipient, Via
from storage.tables.cases import CaseState
from storage.tables.mail import Outbox, OutboxItem, OutboxState
from storage.tables.members import Member, Role
from storage.tables.visits import Reminder, Visit, VisitKind, VisitState

EXPLAINED_VISITS = 5
NAMED_DAYS = 5
_LADDER = ("digest", "today", "alert")
_TOLD_AT_ONCE = (
    "reopened",
    "void_asked",
    "note_withdrawn",
    "concern",
    "taken_over",
    "absent",
    "cover",
    "leave",
    "leave_off",
    "paused",
    "resumed",
    "case_given",
    "case_moved",
    "home_visits",
    "draft_offered",
    "draft_answered",
)  # these do not come from a due date


@dataclass(frozen=True)
class Told:
    """A visit that the notice spoke of, and the step of the ladder that put it there, where one did."""

    item: VisitLine
    step: Step | None


def run(ctx: Context, argument: str) -> Answer:
    row = _last_notice(ctx)
    if row is None or row.sent_at is None:
        text = P("You have not been sent any notice yet.")
        return [Message((text,), ((Button(P("Help"), act("command", name="help")),),))]
    payload = outbox.payload_of(row.id, row.payload_sealed)
    told = _told(ctx, row, payload)
    title = Term(wording.TITLES[row.kind])
    lines: list[Phrase] = [
        P("Your last notice came on {day} at {time}: {title}.", day=Day(ctx.mechanism.day(row.sent_at)),
          time=Clock(row.sent_at), title=title)
    ]  # fmt: skip
    lines += _cause(ctx, row, payload, told)
    for one in told[:EXPLAINED_VISITS]:
        lines += [P(""), *_visit(ctx, one.item, with_dates=row.kind not in _TOLD_AT_ONCE)]
    if len(told) > EXPLAINED_VISITS:
        lines.append(P("… and {n} more.", "… and {n} more.", n=len(told) - EXPLAINED_VISITS))
    return [Message(tuple(lines), (_ways_on(ctx),))]


def _ways_on(ctx: Context) -> tuple[Button, ...]:
    if ctx.actor.has(Role.care_officer):
        return (Button(P("Today"), act("today")),)
    if ctx.actor.has(Role.unit_party_org):
        return (Button(P("Opinion"), act("command", name="opinion")),)
    if ctx.actor.has(Role.supervisor, Role.commission_staff, Role.leader):
        return (Button(P("Overdue"), act("command", name="overdue")),)
    return (Button(P("Help"), act("command", name="help")),)


# --- what was told -------------------------------------------------------------------------------------------------


def _last_notice(ctx: Context) -> Outbox | None:
    query = (
        select(Outbox)
        .where(
            Outbox.member_id == ctx.member.id,
            Outbox.state == OutboxState.sent,
            col(Outbox.kind).in_(wording.TITLES),
        )
        .order_by(col(Outbox.sent_at).desc(), col(Outbox.id).desc())
        .limit(1)
    )
    return ctx.session.exec(query).first()


def _told(ctx: Context, row: Outbox, payload: dict[str, Any]) -> list[Told]:
    """The visits of the notice in its own order, each with its step; what was overdue comes first."""
    if row.kind not in _LADDER:
        about = [payload["visit"]] if "visit" in payload else []  # others are about a member
        return [Told(item, None) for item in visit_lists.by_ids(ctx.session, about)]
    steps = _steps(ctx, row)
    spoken_of = ctx.session.exec(select(OutboxItem.visit_id).where(OutboxItem.outbox_id == row.id)).all()
    ids = list(dict.fromkeys([*spoken_of, *steps]))
    return [Told(item, steps.get(item.visit.id)) for item in visit_lists.by_ids(ctx.session, ids)]


def _steps(ctx: Context, row: Outbox) -> dict[int, Step]:
    """The steps told by this notice; those of a digest are the member's steps of its day that had no notice."""
    query = select(Reminder).where(Reminder.member_id == ctx.member.id)
    if row.kind == "digest":
        day = row.day or ctx.mechanism.day(row.sent_at or row.due_at)
        query = query.where(Reminder.day == day, col(Reminder.outbox_id).is_(None))
    else:
        query = query.where(Reminder.outbox_id == row.id)
    found = ctx.session.exec(query.order_by(col(Reminder.step))).all()
    return {reminder.visit_id: _step(ctx, reminder.due_on, reminder.step) for reminder in found}


def _step(ctx: Context, due_on: date, index: int) -> Step:
    mechanism = ctx.mechanism
    return rules.step(due_on, index, mechanism.rulebook, mechanism.calendar, mechanism.zone)


# --- why it came ---------------------------------------------------------------------------------------------------


def _cause(ctx: Context, row: Outbox, payload: dict[str, Any], told: Sequence[Told]) -> list[Phrase]:
    book = ctx.mechanism.rulebook
    if row.kind == "digest":
        at = Word(f"{book.hours.digest_at:%H:%M}")
        return [
            P(
                "It goes out every working day at {time} and lists what is overdue, due today or near.",
                time=at,
            )
        ]
    if row.kind in ("today", "alert"):
        return _rules(ctx, told)
    if row.kind == "chase":
        by = ctx.session.get(Member, payload.get("by"))
        asked = P("Somebody who oversees this task tapped “Chase”.")
        return [line(asked, wording.member_ref(by)) if by else asked]
    if row.kind in (calls.KIND, calls.TAKEN):
        return safety.why(ctx, payload)
    if row.kind in confirming.KINDS:
        return formality.why(ctx, row.kind)
    if row.kind == "concern":
        days = book.cadence.concern_contact_workdays
        return [
            P(
                "The last note asks for contact within {n} working day, so the office is told.",
                "The last note asks for contact within {n} working days, so the office is told.",
                n=days,
            )
        ]
    return [P(_CAUSES[row.kind])]


_CAUSES = {
    "safety_unheard": N_(
        "Nobody who has to hear of an urgent matter can be reached, so the administrators are told, each time."
    ),
    "absent": N_(
        "A message to this officer found nobody; so that no visit is forgotten, the next in line hears."
    ),
    "assigned": N_(
        "The task was given to you instead of a colleague; the care officer of the case stays the same."
    ),
    "draft_offered": N_("A colleague cannot finish a note that you may write, and asks you to."),
    "draft_answered": N_("You offered a draft to a colleague, who has answered."),
    "draft_ends": N_("A form that lies untouched is dropped in time; you are told a day before."),
    "cover": N_("A colleague named you as their cover when they entered their leave."),
    "leave": N_("An officer whom you oversee entered leave; you are told once, and again if it changes."),
    "leave_off": N_("You were told of this leave before; now it has ended or was withdrawn."),
    "paused": N_("The office arranges no visits in this case for now; whoever makes them is told once."),
    "resumed": N_(
        "The office arranges visits in this case again; those that were missed meanwhile have new dates."
    ),
    "extended": N_(
        "Somebody who oversees this task granted more time; reminders start anew from the new date."
    ),
    "silent": N_("Administrators of the system are told when a process has not ticked for five minutes."),
    "back": N_("Administrators of the system were told that it had fallen silent."),
    "case_given": N_("The office gave this case another care officer: you."),
    "case_moved": N_("The office gave this case another care officer; you are told once."),
    "home_visits": N_(
        "The person concerned said whether home visits may be made; whoever makes them is told."
    ),
    "reopened": N_(
        "Its note was voided or stands in another case now; the date is as far off as it was then."
    ),
    "void_asked": N_("Whoever wrote the note asks for it; the office alone can void one."),
    "note_withdrawn": N_("You wrote the note; its author is told once when it is voided or moved."),
    "taken_over": N_("Somebody else makes this visit now; you need not do anything."),
}


def _rules(ctx: Context, told: Sequence[Told]) -> list[Phrase]:
    """Each rule once, however many visits it brought up; and why it is you, where the rule names somebody else."""
    steps = [one.step for one in told if one.step is not None]
    lines = list(dict.fromkeys(_rule(ctx, step) for step in steps))
    named = {Role(recipient.value) for step in steps for recipient in step.to}
    if steps and not ctx.actor.has(*named):
        lines.append(P("Nobody there could be told, so it came to the next in line: to you."))
    return lines


def _rule(ctx: Context, step: Step) -> Phrase:
    ladder, who, at = ctx.mechanism.rulebook.ladder, _roles(step.to), Clock(step.moment)
    if step.index >= len(ladder.steps):
        return P(
            "Rule: overdue visits are told again every {n} working day: {who}.",
            "Rule: overdue visits are told again every {n} working days: {who}.",
            n=ladder.repeat_every,
            who=who,
        )
    if step.offset > 0:
        return P(
            "Rule: {n} working day after the due day, at {time}: {who}.",
            "Rule: {n} working days after the due day, at {time}: {who}.",
            n=step.offset,
            time=at,
            who=who,
        )
    if step.offset == 0:
        return P("Rule: on the due day, at {time}: {who}.", time=at, who=who)
    return P(
        "Rule: {n} working day before the due day: {who}.",
        "Rule: {n} working days before the due day: {who}.",
        n=-step.offset,
        who=who,
    )


def _roles(recipients: Iterable[Recipient]) -> Value:
    return several(Term(vocabulary.ROLES[Role(recipient.value)]) for recipient in recipients)


# --- one visit: which days count, and who hears next --------------------------------------------------------------


def _visit(ctx: Context, item: VisitLine, *, with_dates: bool) -> list[Phrase]:
    who: Value = wording.case_ref(item) if _knows_name(ctx, item) else Code(item.case.code)
    kind, visit = wording.kind_of(item.visit), item.visit
    if visit.state is VisitState.done and visit.done_on is not None:
        return [line(who, kind, P("took place on {day}", day=Day(visit.done_on)))]
    if item.case.state is not CaseState.open:
        return [line(who, kind, P("No visits for now"))]
    if visit.state is not VisitState.planned:
        return [line(who, kind, P("No longer needed"))]
    if not with_dates:
        return [line(who, kind)]
    calendar = ctx.mechanism.calendar
    due, late = rules.due_day(visit.due_on, calendar), course.late(visit, ctx.today, ctx.mechanism)
    stands = lateness.stands(visit, ctx.now, ctx.mechanism) or _distance(late)
    lines = [line(who, kind, P("due {day}", day=Day(due)), stands)]
    if due != visit.due_on:
        lines.append(P("{day} is no working day, so the next one counts.", day=Day(visit.due_on)))
    since = rules.due_day(course.owed_on(visit, ctx.mechanism), calendar)  # of what was made its note is late
    return [*lines, *_of_kind(ctx, visit), *_days(ctx, since, late), *_leave(ctx, item), *_next(ctx, item)]


def _of_kind(ctx: Context, visit: Visit) -> list[Phrase]:
    """By which rule it falls due, where that is not an interval."""
    if visit.kind is VisitKind.care_plan:
        return [
            P(
                "The care plan is made within {n} working day of admission.",
                "The care plan is made within {n} working days of admission.",
                n=ctx.mechanism.rulebook.cadence.follow_up.plan_workdays,
            )
        ]
    if visit.kind is VisitKind.review:
        book = ctx.mechanism.rulebook.cadence.follow_up
        return [
            P(
                "A review is held every {n} day in follow-up; sooner where a note gives reason to.",
                "A review is held every {n} days in follow-up; sooner where a note gives reason to.",
                n=book.review_days,
            )
        ]
    if visit.kind is VisitKind.contact:
        return [concern.why_contact(ctx, visit)]
    if visit.kind is VisitKind.difficulty:
        return [P("The day was agreed when the difficulty was noted, or moved since.")]
    return []


def _knows_name(ctx: Context, item: VisitLine) -> bool:
    return ctx.actor.has(Role.care_officer, Role.unit_party_org) and (
        ctx.member.id == item.case.care_officer_id or absence.makes(ctx, item.visit)
    )


def _leave(ctx: Context, item: VisitLine) -> list[Phrase]:
    """Who acts for an officer on leave, and which days of theirs are not held against them."""
    lines = []
    away = leaves.on_leave(ctx.session, item.visit.officer_id or 0, ctx.today)
    if away is not None:
        makers = Recipients(ctx.session).makers(item.visit, ctx.today)
        until = Day(away.last_on)
        if makers:
            name = wording.member_ref(ctx.session.get_one(Member, makers[0]))
            lines.append(P("The care officer is on leave until {day}; {name} covers.", day=until, name=name))
        else:
            lines.append(P("The care officer is on leave until {day}, and nobody covers.", day=until))
    if absence.spared(ctx, item.visit):
        days = several(absence.span(leave) for leave in absence.uncounted(ctx, item.visit))
        lines.append(P("Not held against the care officer: {days} (leave that nobody covered).", days=days))
    return lines


def _distance(late: int) -> Phrase:
    if late == 0:
        return P("due today")
    return P("{n} working day left", "{n} working days left", n=-late)


def _days(ctx: Context, due: date, late: int) -> list[Phrase]:
    """The working days that make it late, and the days in between that do not count, with their reason."""
    calendar, today = ctx.mechanism.calendar, ctx.today
    lines = []
    if 0 < late <= NAMED_DAYS:
        counted = several(Day(day) for day in calendar.suggest(due, late))
        lines.append(P("Counted: {days}.", days=counted))
    elif late > 0:
        first, last = calendar.next_workday(due), calendar.add_workdays(due, late)
        lines.append(P("Counted: the working days from {first} to {last}.", first=Day(first), last=Day(last)))
    spared = runs(calendar.days_not_counted(min(due, today), max(due, today)))
    if spared:
        shown = several(_run(*one) for one in spared[-NAMED_DAYS:])
        lines.append(P("Not counted: {days}.", days=shown))
    return lines


def _run(first: date, last: date, reason: str) -> Phrase:
    if first == last:
        return P("{day} ({reason})", day=Day(first), reason=Term(reason))
    return P("{first} to {last} ({reason})", first=Day(first), last=Day(last), reason=Term(reason))


def _next(ctx: Context, item: VisitLine) -> list[Phrase]:
    """Who hears at the next look if nothing happens until then, and what keeps it quiet meanwhile."""
    visit, mechanism, lines = item.visit, ctx.mechanism, []
    if visit.acknowledged_until is not None and visit.acknowledged_until > ctx.now:
        until = Day(mechanism.day(visit.acknowledged_until))
        lines.append(P("Somebody is on it; no repeats before {day}.", day=until))
    moment, index = visit.next_look_at, visit.next_step
    if moment is None or index is None:
        return lines
    passed = rules.passed_steps(
        visit.due_on, index - 1, moment, mechanism.rulebook, mechanism.calendar, mechanism.zone
    )
    steps = rules.collapse(passed) or [_step(ctx, visit.due_on, index)]
    to = dict.fromkeys(recipient for step in steps for recipient in step.to)
    who = P("you") if list(to) == [Recipient.care_officer] and absence.makes(ctx, visit) else _roles(to)
    digest = all(step.via is Via.digest for step in steps)
    day, at = Day(mechanism.day(moment)), Clock(moment)
    if digest:
        lines.append(P("If nothing happens, it is in the digest of {day}: {who}.", day=day, who=who))
    else:
        lines.append(P("If nothing happens, told next on {day} at {time}: {who}.", day=day, time=at, who=who))
    return lines


COMMAND = Command(
    "why", ("为什么", "为什么?", "为何", "why?"), N_("why the last notice came"), run, label=N_("Why")
)
