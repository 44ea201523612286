"""A rating of concern, as the office hears of it at once: whom it is about, what is due, and what became of it; and by
when the person is contacted again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot import misfiling, standing, wording
from bot.context import Context
from bot.messages import Button, Message, act
from casework import vocabulary
from locales.phrase import Day, Grade, P, Phrase, one_of
from reminders import cadence, outbox
from storage.queries import notes as note_lists
from storage.queries import visits as visit_lists
from storage.queries.visits import VisitLine
from storage.tables.cases import Case, Stage
from storage.tables.mail import Outbox
from storage.tables.visits import Visit, VisitKind

KIND = "concern"


def notice(ctx: Context, payload: dict[str, Any]) -> Message | None:
    """None where it is of no use any more: the note is void or says otherwise by now, or the reader keeps out."""
    item = _visit(ctx, payload)
    if item is None or note_lists.is_void(ctx.session, payload.get("note")) or standing.is_barred(ctx, item):
        return None
    note = note_lists.of_visit(ctx.session, item.visit.id)
    if note is not None and note.state_of_mind != KIND:
        return None
    officer = wording.member_ref(item.officer) if item.officer else P("nobody yet")
    case = wording.known_as(item, ctx.actor)
    lines = [
        one_of(
            P(
                "Please attend to {case}: state of mind {grade}.",
                case=case,
                grade=Grade(vocabulary.GRADES[KIND]),
            ),
            P("Please attend to {case}.", case=case),  # a channel that may not know the grade still says whom
        ),
        *contact_soon(ctx, item.case.id),
        *_review(ctx, item),
        P("Care officer {name}. The rating is a signal for care and enters no score.", name=officer),
    ]
    return Message(tuple(lines), ((Button(P("Status"), act("case", id=item.case.id)),),))


def retold(ctx: Context, original: Outbox) -> Message:
    """The notice once its note says something else."""
    payload = outbox.payload_of(original.id, original.payload_sealed)
    item = _visit(ctx, payload)
    note = note_lists.of_visit(ctx.session, item.visit.id) if item is not None else None
    if item is None or note is None or note_lists.is_void(ctx.session, payload.get("note")):
        return misfiling.SETTLED
    case, grade = wording.known_as(item, ctx.actor), Grade(vocabulary.GRADES[note.state_of_mind])
    return Message((P("✓ Amended by its author: {case}, state of mind {grade}.", case=case, grade=grade),))


# --- contact with the person, soon after such a rating -----------------------------------------------------------


def contact_soon(ctx: Context, case_id: int) -> list[Phrase]:
    """By when the person is contacted again, for whoever knows of the rating."""
    by = cadence.contact_by(ctx.today, ctx.mechanism.rulebook, ctx.mechanism.calendar, safety=False)
    items = visit_lists.silent(ctx.session, case_id, by + timedelta(days=1))
    said = [
        P(
            "The person is contacted again by {day}; any talk or visit that is recorded counts.",
            day=Day(one.visit.due_on),
        )
        for one in items
    ]
    return [*said, *wording.may_move(ctx.mechanism.calendar, *(one.visit.due_on for one in items))]


def why_contact(ctx: Context, visit: Visit) -> Phrase:
    """Why the person is to be contacted: nothing was recorded for long, or a rating asks for it, of which those alone
    hear who may know it."""
    settles = P("The person is to be contacted by then; any talk or visit that is recorded settles this.")
    case, book = ctx.session.get_one(Case, visit.case_id), ctx.mechanism.rulebook.cadence
    if not visit_lists.is_nearer_by_a_note(ctx.session, visit):
        days = cadence.silence(Stage(case.stage), book, heavy=case.heavy)
        return P(
            "No talk or visit with the person was recorded for {n} day; any that is recorded settles this.",
            "No talk or visit with the person was recorded for {n} days; any that is recorded settles this.",
            n=days,
        )
    if not (ctx.actor.in_office or ctx.member.id in (case.care_officer_id, visit.officer_id)):
        return settles
    grade, n = Grade(vocabulary.GRADES[KIND]), book.concern_contact_workdays
    return one_of(
        P("Rated {grade}: the person is contacted again within {n} working days. Any talk or visit that is recorded "
          "settles this.", None, grade=grade, n=n),
        settles,
    )  # fmt: skip


def _visit(ctx: Context, payload: dict[str, Any]) -> VisitLine | None:
    return next(iter(visit_lists.by_ids(ctx.session, [payload["visit"]])), None)


def _review(ctx: Context, item: VisitLine) -> list[Phrase]:
    """By when the office itself has to hold a review."""
    planned = visit_lists.of_case(ctx.session, item.case.id)
    due = [one.visit.due_on for one in planned if one.visit.kind is VisitKind.review and wording.is_open(one)]
    return [P("The office holds a review by {day}.", day=Day(due[0]))] if due else []
