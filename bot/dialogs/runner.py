"""Runs a person's dialogs: opens, resumes, takes one step, submits. Each step is saved before it is answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from bot import family, way_in
from bot.context import Context
from bot.dialogs import fillings, several, showing, store, view
from bot.dialogs.engine import (
    NOT_YET,
    Ask,
    Cancelled,
    Completed,
    State,
    ask_again,
    start,
    step,
)
from bot.dialogs.inputs import (
    Answer,
    Cancel,
    Choose,
    Edit,
    Input,
    Later,
    Resume,
    Submit,
    Tell,
    Toggle,
    Unread,
)
from bot.messages import Action, Button, Message, act
from casework import media
from casework.forms.catalog import FORMS
from casework.forms.form import Answers, Form
from casework.visits import NOBODY_ELSE
from locales.catalogue import N_
from locales.phrase import P, Phrase, Term, line
from locales.phrase import several as listed
from reminders import ladder, taking_back
from storage.errors import NotFound, Refused
from storage.tables.mail import Outbox

FILLED_IN = N_("Filled in: {questions}.")
KEPT = P("What you filled in is kept. Send “{word}” to go on.", word=P("continue"))
GONE = P(
    "This form is not open any more: it was handed in or cancelled, a colleague goes on with it, or it was cleared "
    "after its time."
)
KEPT_FOR_THEM = P("What you filled in is kept: you can give it to whoever has the task by now.")
MOVED = P("You went on with this form on the page. Here is where you are now:")
MOVED_CHAT = P("You went on with this form in another chat. Here is where you are now:")
STALE = P("That question was answered before. Here is where you are now:")
STALE_AT_END = P("That was answered before. Everything is answered: tap Submit, or Edit to change an answer.")


def open_form(
    ctx: Context,
    form_id: str,
    subject_id: int,
    *,
    prefill: Answers | None = None,
    ticked: Mapping[str, tuple[str, ...]] | None = None,
) -> Message:
    """Start a form about something, or go on with the draft of it that waits; with answers known before, afresh. What
    is refused has written nothing."""
    subject = fillings.subject_of(
        ctx, form_id, subject_id
    )  # also for a draft: the visit may be gone meanwhile
    waiting, busy = store.before(ctx.session, ctx.member.id, form_id, subject_id)
    if waiting is not None and prefill is None:
        return (
            showing.to_page(ctx, waiting) if ctx.on_page or ctx.fills_on_page else go(ctx, waiting, Resume())
        )
    form = FORMS[form_id]
    known = fillings.FILLINGS[form.id].known(ctx, subject_id)
    env = replace(
        fillings.env(ctx, form, subject_id),
        prefill={**known, **(prefill or {})},
        ticked=ticked or fillings.FILLINGS[form.id].ticked(ctx, subject_id),
    )
    try:
        state, effect = start(form, env)
    except ValueError:
        raise Refused(NOBODY_ELSE) from None
    if waiting is not None:
        _end(ctx, waiting)
    draft = store.create(
        ctx.session,
        ctx.member.county_id,
        ctx.member.id,
        form.id,
        form.version,
        subject_id,
        subject,
        state,
        now=ctx.now,
        days=ctx.mechanism.rulebook.limits.draft_days,
        by_page=ctx.on_page,
        alone=not busy,
        chat=ctx.chat,
    )
    return showing.to_page(ctx, draft) if ctx.on_page else showing.show(ctx, form, draft, state, effect)


def tap(ctx: Context, action: Action) -> list[Message]:
    """A tapped button of a dialog. One that belongs to an older question changes nothing and shows the present one."""
    do, value, to = str(action.get("do")), action.get("value"), action.get("to")
    if do == "edit" and value is not None and to is not None:
        return _at(ctx, action, lambda form, state: Edit(str(value), to))
    return _at(ctx, action, lambda form, state: view.pressed(form, state, do, value))


def choose(ctx: Context, action: Action, choice: Choose) -> list[Message]:
    """Several ticked options, sent together by the button of `action`."""
    return _at(ctx, action, lambda form, state: choice)


def fill(ctx: Context, action: Action, picked: Sequence[tuple[str, str]]) -> list[Message]:
    """One option each of several questions, sent together by the button of `action`."""
    return _at(ctx, action, lambda form, state: view.filled(form, picked))


def _at(ctx: Context, action: Action, meant: Callable[[Form, State], Input]) -> list[Message]:
    draft_id = action.get("id")
    draft = store.by_id(ctx.session, ctx.member.id, int(draft_id)) if draft_id is not None else None
    if draft is None:
        return [Message((GONE,), (showing.ways_on(ctx),))]
    if action.get("do") == view.PAGE and ctx.public_url is not None:
        return [showing.to_page(ctx, draft)]
    if action.get("do") == view.NAME and ctx.public_url is not None:
        return _to_name(ctx, draft)
    if draft.form_version != FORMS[draft.form].version or not draft.asks(action.get("rev"), action.get("of")):
        if _shows_its_recap(ctx, draft) and not ctx.fills_on_page:
            return [view.at_recap(draft.stands[0], showing.around(ctx, draft), STALE_AT_END)]
        return [again(ctx, draft, STALE)]
    if action.get("do") == view.INSTEAD:
        return [_instead(ctx, draft)]
    given = meant(*draft.stands)
    ctx.ticks = isinstance(given, Toggle)
    return [go(ctx, draft, given)]


def _to_name(ctx: Context, draft: store.Open) -> list[Message]:
    """The way to whom the form is about, and below it what can be done now: a card whose button was tapped may have
    none any more."""
    link = way_in.to_name(ctx)
    if not _shows_its_recap(ctx, draft):
        return [link, again(ctx, draft)]
    return [link, view.at_recap(draft.stands[0], showing.around(ctx, draft), way_in.AND_BACK)]


def _shows_its_recap(ctx: Context, draft: store.Open) -> bool:
    """Whether the recap is what was shown last: it is long, and once is enough."""
    at_end = draft.state.cursor is None and not draft.state.mode
    here = draft.active and draft.is_asked_in(ctx.chat) and draft.form_version == FORMS[draft.form].version
    return at_end and here


def read(ctx: Context, draft: store.Open, text: str) -> Input:
    """What something typed while a dialog is open means to it."""
    form, state = draft.stands
    return several.understand(form, state, text, fillings.env(ctx, form, draft.subject_id))


def understood(draft: store.Open, given: Input) -> bool:
    """Whether it is one of the dialog's own words, or an answer to what is asked."""
    if not isinstance(given, Answer):
        return not isinstance(given, Unread)
    _, state = draft.stands
    return state.cursor is not None and not state.mode


def again(ctx: Context, draft: store.Open, *why: Phrase) -> Message:
    """The question as it stands, after what there is to say first."""
    shown = go(ctx, draft, Resume())
    return replace(shown, lines=(*why, *shown.lines), together=None)


def take(ctx: Context, draft: store.Open, given: Input) -> list[Message]:
    """Something typed. After a step on a page or in another chat nobody knows which question it answers: it changes
    nothing."""
    if isinstance(given, Later):
        return [Message((KEPT,), ((resume_button(draft),),))]
    if not draft.is_asked_in(ctx.chat) and not isinstance(given, Cancel | Resume):
        return [again(ctx, draft, MOVED if draft.by_page else MOVED_CHAT)]
    if isinstance(given, Tell):
        return [_told(ctx, draft, given, [key for key, _ in given.answers])]
    if isinstance(given, Edit) and given.key is not None and given.value is not None:
        return [_told(ctx, draft, given, [given.key])]
    return [go(ctx, draft, given)]


def _told(ctx: Context, draft: store.Open, given: Input, keys: Sequence[str]) -> Message:
    """Answers to other questions than the one that was open: the next begins with which they were."""
    form, state = draft.stands
    after, effect = step(form, state, given, fillings.env(ctx, form, draft.subject_id))
    kept = after.answers if after is not None else {}
    refused = effect.key if isinstance(effect, Ask) and effect.problem is not None else None
    labels = [Term(form.by_key[key].label) for key in keys if key in kept and key != refused]
    shown = go(ctx, draft, given)
    if not labels or not shown.lines:
        return shown
    return replace(shown, lines=(shown.lines[0], P(FILLED_IN, questions=listed(labels)), *shown.lines[1:]))


def hand_in(ctx: Context, draft: store.Open) -> Message:
    """Submit on a page a draft that is complete. Raises `Refused` when it cannot be; the draft then waits as it was."""
    form, state = draft.stands
    _, effect = step(form, state, Submit(), fillings.env(ctx, form, draft.subject_id))
    if not isinstance(effect, Completed):
        raise Refused(NOT_YET.msgid)
    with ctx.session.begin_nested():
        return _done(ctx, form, draft, effect)


def give_up(ctx: Context, draft: store.Open) -> Message:
    """Cancel on a page."""
    form, _ = draft.stands
    _drop(ctx, form, draft)
    closing = view.view(
        form, None, Cancelled(), fillings.env(ctx, form, draft.subject_id), showing.around(ctx, draft)
    )
    return Message(closing.lines, (showing.ways_on(ctx),))


def resume(ctx: Context, draft: store.Open) -> Message:
    return showing.to_page(ctx, draft) if ctx.on_page else go(ctx, draft, Resume())


def offer(ctx: Context, draft: store.Open) -> Message:
    """The waiting draft, to go on with or to leave."""
    if ctx.fills_on_page:
        return showing.to_page(ctx, draft)
    form, state = draft.stands
    offered = view.offer(form, state, showing.around(ctx, draft))
    return replace(offered, buttons=(*offered.buttons, *showing.share_rows(ctx, draft)))


def tell_it_is_back(ctx: Context, draft: store.Open) -> None:
    """The card of whoever was asked to take the draft says that nothing is needed any more."""
    card = ctx.session.get(Outbox, draft.offered[1]) if draft.offered is not None else None
    if card is not None and card.sent_at is not None:
        ladder.retell(ctx.session, card, now=ctx.now)


def taken_from(ctx: Context, draft: store.Open, giver_id: int) -> None:
    """The draft is somebody else's: what was said in it goes from the chats of whoever gave it."""
    taking_back.of_form(ctx.session, draft.id, ctx.member.county_id, giver_id, now=ctx.now)


def mine_again(ctx: Context, draft: store.Open) -> store.Open:
    """Whoever goes on with a draft that they offered takes it back."""
    if draft.offered is None:
        return draft
    tell_it_is_back(ctx, draft)
    return store.offer(ctx.session, draft, None, now=ctx.now)


def resume_button(draft: store.Open) -> Button:
    return Button(P("Continue the form"), act("draft", id=draft.id, rev=draft.revision, do="resume"))


def named_button(draft: store.Open) -> Button:
    """The same where several wait: which form it is, and whom it is about."""
    label = line(P(FORMS[draft.form].title), draft.subject)
    return Button(label, act("draft", id=draft.id, rev=draft.revision, do="resume"))


def go(ctx: Context, draft: store.Open, given: Input) -> Message:
    """Take one step of a dialog, and keep it; what is said to it."""
    draft = mine_again(ctx, draft)
    if ctx.fills_on_page:
        return showing.to_page(ctx, draft)
    form, state = draft.stands
    env = fillings.env(ctx, form, draft.subject_id)
    after, effect = step(form, state, given, env)
    if after is not None:
        ctx.took = isinstance(given, Answer | Tell | Edit) and (
            getattr(effect, "problem", None) is None or after.answers != state.answers
        )
        same = after == draft.state and draft.form_version == form.version
        if not (draft.active and same and draft.is_asked_in(ctx.chat)):
            draft = _keep(ctx, form, draft, after)
        elif draft.long_at is not None:
            draft = store.said_long(ctx.session, draft, None)
        # Else there is nothing to keep, and the buttons that were shown before stay valid.
        return showing.show(ctx, form, draft, after, effect)
    if isinstance(effect, Completed):
        return _submit(ctx, form, draft, effect)
    _drop(ctx, form, draft)
    closing = view.view(form, state, effect, env, showing.around(ctx, draft))
    return Message(closing.lines, (*closing.buttons, showing.ways_on(ctx)))


def _submit(ctx: Context, form: Form, draft: store.Open, effect: Completed) -> Message:
    """Hand the form in. If that is refused the draft waits as it was, at the question that is at fault where there is
    one; if what it is about is gone, so is the draft, and if it is somebody else's by now, the draft can be theirs."""
    try:
        with ctx.session.begin_nested():
            return _done(ctx, form, draft, effect)
    except Refused as refusal:
        ctx.ended.pop(draft.id, None)
        if at_fault(draft, refusal) is not None:
            return _ask_again(ctx, form, draft, refusal)
        if not isinstance(refusal, NotFound):
            return Message((refusal.phrase,), ((resume_button(draft),),))
        if theirs := showing.share_rows(ctx, draft):
            return Message((refusal.phrase, KEPT_FOR_THEM), theirs)
        _drop(ctx, form, draft)
        return Message((refusal.phrase,), (showing.ways_on(ctx),))


def at_fault(draft: store.Open, refusal: Refused) -> str | None:
    """The question of this form whose answer was refused, where it is one."""
    form, state = draft.stands
    asked = {field.key for field in form.visible(state.answers)}
    return refusal.question if refusal.question in asked else None


def _ask_again(ctx: Context, form: Form, draft: store.Open, refusal: Refused) -> Message:
    _, state = draft.stands
    after, effect = ask_again(form, state, refusal.question or "", refusal.phrase)
    return showing.show(ctx, form, _keep(ctx, form, draft, after), after, effect)


def _keep(ctx: Context, form: Form, draft: store.Open, after: State) -> store.Open:
    """The draft after a step, and the one that the person is at."""
    if not draft.active:
        store.park(ctx.session, ctx.member.id)
    return store.save(ctx.session, draft, after, form.version, now=ctx.now, chat=ctx.chat)


def _instead(ctx: Context, draft: store.Open) -> Message:
    """What the question asked is kept, and the form ends without a note."""
    form, state = draft.stands
    if state.cursor is None or not form.by_key[state.cursor].instead:
        return go(ctx, draft, Resume())
    try:
        return end_instead(ctx, draft)
    except NotFound as refusal:
        _drop(ctx, form, draft)
        return Message((refusal.phrase,), (showing.ways_on(ctx),))


def end_instead(ctx: Context, draft: store.Open) -> Message:
    """Raises `NotFound` where what the form is about is gone."""
    form, _ = draft.stands
    outcome = family.does_not_know(ctx, form, draft.subject_id)
    _drop(ctx, form, draft)
    return outcome


def _done(ctx: Context, form: Form, draft: store.Open, effect: Completed) -> Message:
    _end(ctx, draft, taking_back.CLOSED[form.closing])
    ctx.begun = _begun(draft, effect.answers)
    outcome = fillings.FILLINGS[form.id].submit(ctx, form, draft.subject_id, effect.answers)
    _forget_photos(ctx, form, draft)
    return outcome


def _drop(ctx: Context, form: Form, draft: store.Open) -> None:
    _end(ctx, draft)
    _forget_photos(ctx, form, draft)


def _forget_photos(ctx: Context, form: Form, draft: store.Open) -> None:
    """Of what was sent into a form nothing is left but what was handed in."""
    if form.takes_photos:
        media.drop_waiting(ctx.session, draft.id)


def _begun(draft: store.Open, answers: Answers) -> dict[int, dict[str, Any]]:
    """What those gave who had the draft before, as far as it was left as it was."""
    found: dict[int, dict[str, Any]] = {}
    for key, (member_id, value) in draft.begun.items():
        if answers.get(key) == value:
            found.setdefault(member_id, {})[key] = value
    return found


def _end(ctx: Context, draft: store.Open, said: str = taking_back.TAKEN_BACK) -> None:
    """The draft is over. Its chats keep at most one word of it."""
    store.drop(ctx.session, draft)
    ctx.ended[draft.id] = said
