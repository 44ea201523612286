"""Why a notice came: by which rule, as the rules stood when it was told, and what held it back until it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlmodel import col, select

from bot import absence, formality, matters, safety, wording
from bot.context import Context
from locales.catalogue import N_
from locales.phrase import CaseRef, Clock, Code, Day, P, Phrase, Term, Value, Word, line
from reminders import asking, calls, confirming, passing, rules
from reminders.mechanism import Mechanism, mechanism_at
from storage.queries import leaves
from storage.queries.visits import VisitLine
from storage.rulebook import LadderStep, Recipient
from storage.tables.cases import Case, Person
from storage.tables.mail import Outbox
from storage.tables.members import Member, Role
from storage.tables.visits import Reminder, VisitEvent, VisitEventKind, VisitKind

PROMPT = timedelta(minutes=10)  # whatever comes within them has not been late for any reason of its reader's
_OF_A_CASE = frozenset({"paused", "resumed", "case_given", "case_moved"})
_NOBODY_S_ROLE = (VisitKind.unit_opinion, VisitKind.review)  # made by others than the care officer


@dataclass(frozen=True)
class Told:
    """A visit that the notice spoke of, and how its reader was told of it, where a step of the ladder did that."""

    item: VisitLine
    reminder: Reminder | None


def at_that_time(ctx: Context, moment: datetime) -> Mechanism:
    """The rules as they stood then."""
    found = ctx.memo.get((Mechanism, moment))
    if not isinstance(found, Mechanism):
        found = ctx.memo[Mechanism, moment] = mechanism_at(ctx.session, ctx.member.county_id, moment)
    return found


def cause(ctx: Context, row: Outbox, payload: dict[str, Any], told: Sequence[Told]) -> list[Phrase]:
    then = at_that_time(ctx, row.created_at)
    book = then.rulebook
    if row.kind == "digest":
        at = Word(f"{book.hours.digest_at:%H:%M}")
        out = P(
            "It goes out every working day at {time} and lists what is overdue, due today or near.", time=at
        )
        return [out, *matters.why(ctx, row.id, then)]
    if row.kind in ("today", "alert"):
        return _rules(ctx, told)
    if row.kind == "chase":
        by = ctx.session.get(Member, payload.get("by"))
        asked = P("Somebody who oversees this task tapped “Chase”.")
        return [line(asked, wording.member_ref(by)) if by else asked]
    if row.kind in (calls.KIND, calls.TAKEN):
        return safety.why(ctx, payload, book.safety)
    if row.kind in confirming.KINDS:
        return formality.why(row.kind, book.formal)
    if row.kind == asking.ASKED:
        n = book.limits.moves
        return [
            P(
                "A visit is moved once without asking; after that somebody who oversees it decides.",
                "A visit is moved {n} times without asking; after that somebody who oversees it decides.",
                n=n,
            )
        ]
    if row.kind == "concern":
        days = book.cadence.concern_contact_workdays
        return [
            P(
                "The last note asks for contact within {n} working day, so the office is told.",
                "The last note asks for contact within {n} working days, so the office is told.",
                n=days,
            )
        ]
    return [*_case(ctx, row, payload), P(_CAUSES[row.kind])]


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
    "moved": N_(
        "Whoever makes a visit may put it off by themselves at first; those who oversee it read of it in the morning."
    ),
    "move_refused": N_(
        "Somebody who oversees this task did not agree to another day; reminders go on from the day there is."
    ),
    "silent": N_(
        "Administrators of the system are told when a process has not ticked for five minutes; "
        "where none can be reached, the office or the leading group is."
    ),
    "back": N_(
        "Administrators of the system, or whoever stands in for them, were told that it had fallen silent."
    ),
    "days_off": N_(
        "Administrators of the system are told on 1 and 15 December while next year's days off are not known; "
        "where none can be reached, the office or the leading group is."
    ),
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


def _case(ctx: Context, row: Outbox, payload: dict[str, Any]) -> list[Phrase]:
    """Which case a notice of a case was about: its name for whoever looks after it now, else its code."""
    if row.kind not in _OF_A_CASE:
        return []
    case = ctx.session.get_one(Case, payload["case"])
    if case.care_officer_id != ctx.member.id:
        return [P("Case {code}", code=Code(case.code))]
    person = ctx.session.get_one(Person, case.person_id)
    return [P("{case}", case=CaseRef(case.code, person.name))]


# --- a step of the ladder --------------------------------------------------------------------------------------------


def _rules(ctx: Context, told: Sequence[Told]) -> list[Phrase]:
    """Each rule once, however many visits it brought up; and why it is you, where the rule names somebody else."""
    found = [(one.item, one.reminder) for one in told if one.reminder is not None]
    lines = [_rule(ctx, item, reminder) for item, reminder in found]
    if any(_is_other_now(ctx, reminder) for _, reminder in found):
        lines.append(P("The rules were changed since; this is what they said then."))
    for item, reminder in found:
        lines += [*_stand_in(ctx, item, reminder), *_put_off(ctx, item, reminder)]
    return list(dict.fromkeys(lines))


def _is_other_now(ctx: Context, reminder: Reminder) -> bool:
    return at_that_time(ctx, reminder.at).rulebook.ladder != ctx.mechanism.rulebook.ladder


def _step_of(ctx: Context, reminder: Reminder) -> LadderStep | None:
    """The step of the rules of that time; None for a repeat."""
    ladder = at_that_time(ctx, reminder.at).rulebook.ladder
    return next((step for step in ladder.steps if step.offset == reminder.distance), None)


def _rule(ctx: Context, item: VisitLine, reminder: Reminder) -> Phrase:
    then, distance = at_that_time(ctx, reminder.at), reminder.distance
    ladder, step = then.rulebook.ladder, _step_of(ctx, reminder)
    if distance is None or (step is None and distance <= ladder.steps[-1].offset):
        return P("A step of the rules that held then; which one, was not kept.")
    if step is None:
        return P(
            "Rule: overdue visits are told again every {n} working day: {who}.",
            "Rule: overdue visits are told again every {n} working days: {who}.",
            n=ladder.repeat_every,
            who=wording.roles(ladder.repeat_to),
        )
    at = Word(f"{step.at or then.rulebook.hours.digest_at:%H:%M}")
    who: Value = wording.roles([step.to])
    if step.to is Recipient.care_officer and item.visit.kind in _NOBODY_S_ROLE:
        who = P("whoever has this task")
    if distance > 0:
        return P(
            "Rule: {n} working day after the due day, at {time}: {who}.",
            "Rule: {n} working days after the due day, at {time}: {who}.",
            n=distance,
            time=at,
            who=who,
        )
    if distance == 0:
        return P("Rule: on the due day, at {time}: {who}.", time=at, who=who)
    return P(
        "Rule: {n} working day before the due day: {who}.",
        "Rule: {n} working days before the due day: {who}.",
        n=-distance,
        who=who,
    )


def _stand_in(ctx: Context, item: VisitLine, reminder: Reminder) -> list[Phrase]:
    """Why it came to the reader, where the rule names somebody else."""
    step = _step_of(ctx, reminder)
    named = reminder.recipient or (step.to if step is not None else None)
    if named is None or ctx.member.id == item.visit.officer_id:
        return []
    if named is Recipient.care_officer and (away := _away(ctx, item, reminder.day)) is not None:
        return [P("The care officer was on leave ({days}), so it came to you.", days=absence.span(away))]
    if ctx.actor.has(Role(named.value)) or (
        named is Recipient.care_officer and absence.makes(ctx, item.visit)
    ):
        return []
    return [P("Nobody there could be told, so it came to the next in line: to you.")]


def _away(ctx: Context, item: VisitLine, day: date) -> Any:
    return leaves.on_leave(ctx.session, item.visit.officer_id or 0, day)


_PUT_OFF = {
    VisitEventKind.acknowledged: N_("somebody was on it"),
    VisitEventKind.done_pending_note: N_("its note was to follow"),
    VisitEventKind.reassigned: N_("it had been given to another officer"),
    VisitEventKind.handed_over: N_("it had been handed over to another officer"),
}


def _put_off(ctx: Context, item: VisitLine, reminder: Reminder) -> list[Phrase]:
    """A quiet time into which the step fell, so that it came later than the rule says."""
    then = at_that_time(ctx, reminder.at)
    if reminder.distance is None:
        return []
    due = rules.due_day(reminder.due_on, then.calendar)
    planned = then.calendar.add_workdays(due, reminder.distance)
    if then.day(reminder.at) <= planned:
        return []
    query = (
        select(VisitEvent)
        .where(
            VisitEvent.visit_id == item.visit.id,
            col(VisitEvent.kind).in_(_PUT_OFF),
            VisitEvent.at < reminder.at,
        )
        .order_by(col(VisitEvent.at).desc())
    )
    event = ctx.session.exec(query.limit(1)).first()
    if event is None:
        return []
    day, why = Day(planned), Term(_PUT_OFF[event.kind])
    return [P("It was to be told on {day}, and was put off: {why}.", day=day, why=why)]


# --- what held it back -----------------------------------------------------------------------------------------------


def delay(ctx: Context, row: Outbox) -> list[Phrase]:
    """Why it came later than it was ready, where it did: hours of the reader's own, hours in which nobody is disturbed,
    or an outage."""
    then = at_that_time(ctx, row.created_at)
    made = _ready(row, then)
    if row.sent_at is None or row.sent_at <= made + PROMPT:
        return []
    own = ctx.session.get_one(Member, ctx.member.id).own_hours
    county = _goes_out(row, None, then)
    mine = _goes_out(row, own, then)
    ready: dict[str, Any] = {"day": Day(then.day(made)), "time": Clock(made)}
    lines = []
    if own is not None and county < mine <= row.sent_at:
        lines.append(
            P("It waited for your own hours: {hours}.", hours=Word(f"{own[0]:%H:%M}-{own[1]:%H:%M}"))
        )
    elif county > made + PROMPT:
        lines.append(
            P("It was ready on {day} at {time}, and waited for working hours: nobody is disturbed before.",
              None, **ready)
        )  # fmt: skip
    if row.sent_at > max(county, mine if mine <= row.sent_at else county, made) + PROMPT:
        lines.append(
            P(
                "It could not go out at once: the assistant, the channel or your hours of that time held it up."
            )
        )
    return lines


def _goes_out(row: Outbox, own: rules.OwnHours | None, then: Mechanism) -> datetime:
    if row.kind == confirming.CARD:
        return row.created_at  # it has hours of its own, and says so
    return passing.goes_out(row.kind, own, then, now=_ready(row, then))


def _ready(row: Outbox, then: Mechanism) -> datetime:
    """When it was to be told: at once, or in the morning after it."""
    if row.kind != asking.MOVED:
        return row.created_at
    return rules.next_digest(row.created_at, then.rulebook, then.calendar, then.zone)
