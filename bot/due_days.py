"""Why a visit is due on its day: by which interval since when, or who moved it. How a person was rated shortens the
interval between talks, so that interval is told to those alone who may see the rating, where it may be seen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import col, select

from bot import absence, concern
from bot.causes import at_that_time
from bot.context import Context
from casework import vocabulary
from locales.catalogue import N_
from locales.phrase import Day, Grade, P, Phrase, one_of
from reminders import cadence, formal_cap
from reminders.mechanism import Mechanism
from storage.queries.visits import VisitLine
from storage.tables.cases import Stage
from storage.tables.members import Role
from storage.tables.notes import Note
from storage.tables.visits import Visit, VisitEvent, VisitEventKind, VisitKind, VisitState

_MOVED = {
    VisitEventKind.rescheduled: N_("The day was set anew on {day}."),
    VisitEventKind.not_done: N_("It could not be done; the day was set anew on {day}."),
    VisitEventKind.extended: N_("More time was granted on {day}."),
    VisitEventKind.kept_day_off: N_("On {day} its officer chose a day off, knowingly."),
    VisitEventKind.reopened: N_("It waits again since {day}, for its note was withdrawn."),
}
_BY_INTERVAL = frozenset({VisitKind.talk, VisitKind.home_visit, VisitKind.study_visit, VisitKind.unit_opinion,
                          VisitKind.review})  # fmt: skip


class _Last(NamedTuple):
    """The visit that the interval counts from: when it was, and how the person was rated."""

    held_on: date
    state_of_mind: str


def reason(ctx: Context, item: VisitLine) -> list[Phrase]:
    """By which rule, or by whom, its day was set: as the rules stood then."""
    events = _events(ctx, item.visit)
    moved = next((event for event in reversed(events) if event.kind in _MOVED), None)
    if moved is not None and item.visit.kind is not VisitKind.contact:
        return [P(_MOVED[moved.kind], None, day=Day(ctx.mechanism.day(moved.at)))]
    planned = next((event for event in events if event.kind is VisitEventKind.planned), None)
    then = at_that_time(ctx, planned.at if planned is not None else item.visit.created_at)
    if item.visit.kind in _BY_INTERVAL:
        return _by_interval(ctx, item, planned, then)
    return _otherwise(ctx, item.visit, then)


def _events(ctx: Context, visit: Visit) -> list[VisitEvent]:
    query = select(VisitEvent).where(VisitEvent.visit_id == visit.id)
    return list(ctx.session.exec(query.order_by(col(VisitEvent.at), col(VisitEvent.id))).all())


def _otherwise(ctx: Context, visit: Visit, then: Mechanism) -> list[Phrase]:
    """Of the kinds that have no interval between two of them."""
    if visit.kind is VisitKind.care_plan:
        return [
            P(
                "The care plan is made within {n} working day of admission.",
                "The care plan is made within {n} working days of admission.",
                n=then.rulebook.cadence.follow_up.plan_workdays,
            )
        ]
    if visit.kind is VisitKind.contact:
        return [concern.why_contact(ctx, visit)]
    if visit.kind is VisitKind.difficulty:
        return [P("The day was agreed when the difficulty was noted, or moved since.")]
    return []


# --- what comes again and again --------------------------------------------------------------------------------------


def _by_interval(ctx: Context, item: VisitLine, planned: VisitEvent | None, then: Mechanism) -> list[Phrase]:
    kind, last = item.visit.kind, _last(ctx, item, planned)
    on = then.day(planned.at if planned is not None else item.visit.created_at)
    found = _since_last(item, last, then, on) if last is not None else _first(item, then)
    general = P("The day follows from the rules of its stage and the talk before.")
    if kind is not VisitKind.talk:
        return found or (_review(then) if kind is VisitKind.review else [])
    if not found or not _may_see_ratings(ctx, item):
        return []
    return [one_of(found[0], general), *found[1:]]


def _may_see_ratings(ctx: Context, item: VisitLine) -> bool:
    """Whether the reader is of the office, cares for the person, or makes the talk."""
    if ctx.actor.in_office:
        return True
    return ctx.actor.has(Role.care_officer) and (
        item.case.care_officer_id == ctx.member.id or absence.makes(ctx, item.visit)
    )


def _last(ctx: Context, item: VisitLine, planned: VisitEvent | None) -> _Last | None:
    """What came before: the note that had this visit planned, else the last one of the kind."""
    note = ctx.session.get(Note, planned.note_id) if planned is not None and planned.note_id else None
    if note is None:
        query = (
            select(Note)
            .join(Visit, col(Visit.id) == Note.visit_id)
            .where(
                Note.case_id == item.case.id,
                Visit.kind == item.visit.kind,
                Visit.state == VisitState.done,
                Note.submitted_at <= item.visit.created_at,
                col(Note.voided_at).is_(None),
            )
            .order_by(col(Note.held_on).desc())
        )
        note = ctx.session.exec(query.limit(1)).first()
    if note is None or note.kind is not item.visit.kind:
        return None
    return _Last(note.held_on, note.state_of_mind)


def _since_last(item: VisitLine, last: _Last, then: Mechanism, on: date) -> list[Phrase]:
    """The interval since the last one, where it gives this very day."""
    case, kind, book, calendar = item.case, item.visit.kind, then.rulebook, then.calendar
    stage, grade = Stage(case.stage), last.state_of_mind
    days = cadence.interval(stage, kind, book.cadence, grade, case.heavy)
    due = cadence.next_due_on(
        stage,
        kind,
        last.held_on,
        book,
        calendar,
        state_of_mind=grade,
        heavy=case.heavy,
        expires_on=case.expires_on,
    )
    if days is None or due is None:
        return []
    lines, plain = [_every(kind, last, days)], last.held_on + timedelta(days=days)
    if due < plain:
        n = book.cadence.restriction.pre_expiry_days
        lines.append(
            P("The file is prepared {n} day before the restriction period ends.",
              "The file is prepared {n} days before the restriction period ends.", n=n)
        )  # fmt: skip
        limit = cadence.pre_expiry_limit(case.expires_on, book.cadence) if case.expires_on else due
        if due != limit:
            lines.append(P("{day} is no working day, so the one before counts.", day=Day(limit)))
    elif due > plain:
        lines.append(P("{day} is no working day, so the next one counts.", day=Day(plain)))
    soonest = calendar.next_workday(on)
    if due < soonest:
        due = soonest
        lines.append(P("Its note came later, so it is due on the working day after that."))
    if item.visit.due_on == due:
        return lines
    if kind in formal_cap.FORMAL_KINDS and item.visit.due_on == calendar.add_workdays(
        date(due.year + 1, 1, 1), 0
    ):
        return [*lines[:1], P("The formal visits of that year had been held, so it is due in the new year.")]
    return []


def _every(kind: VisitKind, last: _Last, days: int) -> Phrase:
    if kind is not VisitKind.talk:
        return P("Last on {day}; by the rule, every {n} day.", "Last on {day}; by the rule, every {n} days.",
                 n=days, day=Day(last.held_on))  # fmt: skip
    return P(
        "Last on {day}, rated “{grade}”; by the rule, again after {n} day.",
        "Last on {day}, rated “{grade}”; by the rule, again after {n} days.",
        n=days,
        day=Day(last.held_on),
        grade=Grade(vocabulary.GRADES[last.state_of_mind]),
    )


def _first(item: VisitLine, then: Mechanism) -> list[Phrase]:
    """The first of its kind in a stage, where the start of the stage gives this very day."""
    case = item.case
    due = cadence.first_due(
        Stage(case.stage),
        item.visit.kind,
        case.stage_since,
        then.rulebook,
        then.calendar,
        heavy=case.heavy,
        expires_on=case.expires_on,
    )
    if due is None or item.visit.due_on != due:
        return []
    return [P("The first of its stage, by the rule counted from {day}.", day=Day(case.stage_since))]


def _review(then: Mechanism) -> list[Phrase]:
    return [
        P(
            "A review is held every {n} day in follow-up; sooner where a note gives reason to.",
            "A review is held every {n} days in follow-up; sooner where a note gives reason to.",
            n=then.rulebook.cadence.follow_up.review_days,
        )
    ]
