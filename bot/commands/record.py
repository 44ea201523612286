"""/record · 记录: start or resume a note; and what else an officer does about a visit of theirs."""

from __future__ import annotations

from datetime import date

from bot import made, moving, notices, sharing, ways, wording
from bot.commands import contact
from bot.commands.agenda import OFFICERS
from bot.commands.command import Answer, Command
from bot.context import Context
from bot.dialogs import runner, store
from bot.messages import Action, Button, Message, act
from casework import confirmations, visits
from casework.forms.catalog import NOTE_FORMS, OFFICERS_FORMS, form_for_visit
from locales.catalogue import N_
from locales.phrase import P, Phrase
from storage.errors import NotFound
from storage.queries import visits as visit_lists
from storage.queries.access import NO_SUCH_VISIT, see_visit
from storage.queries.heads import VisitHead
from storage.queries.visits import VisitLine
from storage.tables.members import Role
from storage.tables.notes import Note
from storage.tables.visits import OUTINGS, Visit, VisitKind

LISTED = 8


def run(ctx: Context, argument: str) -> Answer:
    """Waiting drafts first, the latest as an offer and the others each behind its button; then the visits that can be
    recorded."""
    return _list(ctx)


def _list(ctx: Context, after: Note | None = None) -> Answer:
    trip = after.id if after is not None else None
    drafts = store.all_of(ctx.session, ctx.member.id)
    items = open_visits(ctx)
    if drafts:
        offer = runner.offer(ctx, drafts[0])
        begun = {drafts[0].subject_id, *(one.subject_id for one in drafts if one.form in NOTE_FORMS)}
        others = [item for item in items if item.visit.id not in begun]
        waiting = [runner.named_button(one) for one in drafts[1:]]
        more = tuple((button,) for button in (*waiting, *ways.record_buttons(others, after=trip)))
        return [Message(offer.lines, (*offer.buttons, *more[:LISTED], (contact.button(),)))]
    if not items:
        buttons = (contact.button(), Button(P("This week"), act("week")))
        return [Message((P("You have no open visit to record."),), (buttons,))]
    lines = (P("Which visit do you want to record?"), *(notices.item_line(ctx, item) for item in items))
    rows = ((button,) for button in ways.record_buttons(items, after=trip))
    return [Message(lines, (*rows, (contact.button(),)))]


def tap(ctx: Context, action: Action) -> Answer:
    """A 记录 button: with a visit its form opens, after a note that of the next one, without any the list."""
    note_id, visit_id = action.get("after"), action.get("visit")
    before = _own_note(ctx, int(note_id)) if note_id is not None else None
    if visit_id is None and before is not None:
        return _next(ctx, before)
    if visit_id is None:
        return run(ctx, "")
    visit = ctx.visit(int(visit_id))
    if visit is None:
        raise NotFound(NO_SUCH_VISIT)
    if visit.kind is not VisitKind.contact:
        return [_open(ctx, visit, before)]  # it asks the door
    see_visit(ctx.session, ctx.actor, visit, to="record", today=ctx.today)
    return [contact.kinds(ctx, visit.case_id)]


def _own_note(ctx: Context, note_id: int) -> Note | None:
    note = ctx.session.get(Note, note_id)
    return note if note is not None and note.author_id == ctx.member.id else None


def _next(ctx: Context, before: Note) -> Answer:
    """A note that waits to be finished, as it is; else that of the next person in today's list, with the day, the place
    and the companions of the one before: what the same person is to be visited for did not take place on that day,
    too. With nobody left for today, the list, each with the same."""
    if left := store.notes_left(ctx.session, ctx.member.id):
        return [runner.resume(ctx, left[0])]
    items = visit_lists.to_make(ctx.session, ctx.member.id, until=ctx.today, today=ctx.today)
    others = (one for one in items if one.visit.kind in OFFICERS_FORMS and one.case.id != before.case_id)
    item = next((one for one in others if not _is_offered(ctx, one)), None)
    return [_open(ctx, item.visit, before)] if item is not None else _list(ctx, before)


def _open(ctx: Context, visit: Visit | VisitHead, before: Note | None) -> Message:
    """The form of a visit, with what it has in common with the note of the same trip. A draft of it is gone on with;
    one that a colleague asks to have finished is not begun anew beside it."""
    form_id = form_for_visit(visit.kind).id
    asked = sharing.asked_to_finish(ctx, form_id, visit.id)
    if asked is not None and store.of_subject(ctx.session, ctx.member.id, form_id, visit.id) is None:
        return asked
    if before is None or before.kind not in OUTINGS or before.case_id == visit.case_id:
        return runner.open_form(ctx, form_id, visit.id)
    if store.of_subject(ctx.session, ctx.member.id, form_id, visit.id) is not None:
        return runner.open_form(ctx, form_id, visit.id)
    said = before.answers
    companions = confirmations.still_able(ctx.session, ctx.actor, visit.case_id, said.get("companions") or [])
    made_on = visit.done_on.isoformat() if visit.done_on is not None else said.get("date")
    prefill = {"date": made_on, "place": said.get("place"), "companions": companions or None}
    ticked = {"more": ("companions",)} if companions else None
    return runner.open_form(ctx, form_id, visit.id, prefill=prefill, ticked=ticked)


def _is_offered(ctx: Context, item: VisitLine) -> bool:
    """Whether a colleague is asked to finish the note of a visit: to go on with it would take it back."""
    form_id = form_for_visit(item.visit.kind).id
    draft = store.of_subject(ctx.session, ctx.member.id, form_id, item.visit.id)
    return draft is not None and draft.offered is not None


def open_visits(ctx: Context) -> list[VisitLine]:
    far = ctx.mechanism.calendar.add_workdays(ctx.today, 30)
    return _proper(visit_lists.to_make(ctx.session, ctx.member.id, until=far, today=ctx.today))[:LISTED]


def meant(ctx: Context, who: str) -> Action | None:
    """What 记录 with a name or a code does, though no button says so any more: the next visit to the one person of
    theirs who is called so, else what else can be recorded of them."""
    if not ctx.actor.has(Role.care_officer):
        return None
    said = who.casefold()
    named = [
        case for case, person in contact.theirs(ctx) if said in (person.name.casefold(), case.code.casefold())
    ]
    if len(named) != 1:
        return None
    item = next((one for one in open_visits(ctx) if one.case.id == named[0].id), None)
    return act("contact", id=named[0].id) if item is None else act("record", visit=item.visit.id)


def _proper(items: list[VisitLine]) -> list[VisitLine]:
    """Without what any of the others settles: that nothing was recorded for long."""
    return [item for item in items if item.visit.kind is not VisitKind.contact]


def _choose(ctx: Context, action: Action, question: Phrase) -> int | Answer:
    """The visit a button is about; where it names none, the only open one, else the question which it is."""
    visit_id = action.get("visit")
    if visit_id is not None:
        return int(visit_id)
    items = _proper(notices.agenda(ctx)) or open_visits(ctx)
    if action.verb != "reschedule":  # a difficulty is settled, or its day is moved
        items = [item for item in items if item.visit.kind is not VisitKind.difficulty]
    if len(items) == 1:
        return items[0].visit.id
    if not items:
        return [Message((P("You have no open visit."),), ((Button(P("This week"), act("week")),),))]
    rows = tuple(
        (Button(wording.which_visit(i), act(action.verb, visit=i.visit.id)),) for i in items[:LISTED]
    )
    return [Message((question,), rows)]


def not_done(ctx: Context, action: Action) -> Answer:
    chosen = _choose(ctx, action, P("Which visit could not be done?"))
    return chosen if isinstance(chosen, list) else [runner.open_form(ctx, "not_done", chosen)]


def reschedule(ctx: Context, action: Action) -> Answer:
    chosen = _choose(ctx, action, P("Which visit do you want to reschedule?"))
    return chosen if isinstance(chosen, list) else [runner.open_form(ctx, "reschedule", chosen)]


def keep_day_off(ctx: Context, action: Action) -> Answer:
    """A day off was chosen knowingly."""
    visit_id, day = int(action.get("visit") or 0), date.fromisoformat(str(action.get("day")))
    return [moving.kept(ctx, visits.keep_day_off(ctx.session, ctx.actor, visit_id, day, now=ctx.now))]


def note_follows(ctx: Context, action: Action) -> Answer:
    chosen = _choose(ctx, action, P("Which visit have you made?"))
    if isinstance(chosen, list):
        return chosen
    day = action.get("day")
    return [made.noted(ctx, chosen, date.fromisoformat(str(day)) if day is not None else None)]


def another_day(ctx: Context, action: Action) -> Answer:
    """A visit was made, on a day for which there is no button."""
    return [runner.open_form(ctx, made.FORM, int(action.get("visit") or 0))]


RESCHEDULE = Command(
    "reschedule",
    ("改期",),
    N_("move a visit to another day"),
    lambda ctx, _: reschedule(ctx, act("reschedule")),
    OFFICERS,
    label=N_("Reschedule"),
)
COMMAND = Command("record", ("记录",), N_("write or continue a note"), run, OFFICERS, label=N_("Record"))
