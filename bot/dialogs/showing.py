"""How a draft of a dialog is shown: in the chat, or as the way to its page."""

from __future__ import annotations

from msgspec.structs import replace

from bot import appeal, brief, recognising, way_in
from bot.context import Context
from bot.dialogs import fillings, store, view
from bot.dialogs.engine import Ask, ConfirmCancel, Effect, Recap, State
from bot.messages import Button, Message, act
from casework import sharing
from casework.forms.catalog import NOTE_FORMS
from casework.forms.catalog.basis import BASIS
from casework.forms.form import Answers, Form
from locales.phrase import P, Phrase
from storage.tables.members import Member, Role


def to_page(ctx: Context, draft: store.Open) -> Message:
    """The draft is filled in on a page: for somebody who is on one, its number; in a chat, the way there."""
    ctx.opened = draft.id
    if ctx.on_page:
        return Message(())
    if not draft.active:
        store.activate(ctx.session, ctx.member.id, draft.id)  # the link leads to the active one
    return way_in.to_form(ctx)


def show(ctx: Context, form: Form, draft: store.Open, state: State, effect: Effect) -> Message:
    if ctx.fills_on_page:
        return to_page(ctx, draft)
    env = fillings.env(ctx, form, draft.subject_id)
    context = around(ctx, draft)
    if isinstance(effect, Recap):
        context = replace(
            context, facts=facts(ctx, form, draft, state.answers), names=_names_on_page(ctx, draft)
        )
    if isinstance(effect, Ask) and effect.key == BASIS.key:
        context = replace(context, text_hint=appeal.beside_basis(ctx, draft.subject_id))
    shown = view.view(form, state, effect, env, context)
    if isinstance(effect, ConfirmCancel):
        return replace(shown, buttons=(*shown.buttons, *share_rows(ctx, draft)))
    if isinstance(effect, Ask) and effect.position == 1 and form.id in NOTE_FORMS:
        return brief.before(ctx, shown, draft.subject_id)
    return shown


def colleagues(ctx: Context, draft: store.Open) -> list[Member]:
    """Who may finish a draft instead of its author."""
    return sharing.candidates(ctx.session, ctx.member, draft.form, draft.subject_id, today=ctx.today)


def share_rows(ctx: Context, draft: store.Open) -> tuple[tuple[Button, ...], ...]:
    if draft.form not in NOTE_FORMS or not colleagues(ctx, draft):
        return ()
    return ((Button(P("Give this draft to a colleague"), act("draft_share", id=draft.id)),),)


def facts(ctx: Context, form: Form, draft: store.Open, answers: Answers) -> tuple[Phrase, ...]:
    """By what to recognise the case that a form is about, and what its answers come to."""
    known_by, above = recognising.facts(ctx, draft), fillings.FILLINGS[form.id].above
    if above is None:
        return known_by
    given = {field.key: answers.get(field.key) for field in form.visible(answers)}
    return (*known_by, *above(ctx, draft.subject_id, given))


def _names_on_page(ctx: Context, draft: store.Open) -> bool:
    has_page = ctx.public_url is not None and not ctx.on_page
    return has_page and not ctx.tells_names and recognising.names_somebody(draft.subject)


def around(ctx: Context, draft: store.Open) -> view.Context:
    return view.Context(
        draft.subject,
        (draft.id, draft.revision),
        show_answers=ctx.tells_names,
        at_once=ctx.at_once,
        has_page=ctx.public_url is not None and not ctx.on_page,
    )


def ways_on(ctx: Context) -> tuple[Button, ...]:
    """Where to go from a form that has ended without an outcome."""
    on = [Button(P("Record"), act("record"))] if store.notes_left(ctx.session, ctx.member.id) else []
    if ctx.actor.has(Role.care_officer):
        on.append(Button(P("Today"), act("today")))
    return (*on, Button(P("Help"), act("help")))
