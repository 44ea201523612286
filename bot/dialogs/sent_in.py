"""What is sent into a form and is no text: a photo where one is asked for, a dictation proposed as an answer."""

from __future__ import annotations

from msgspec.structs import replace

from bot.context import Context
from bot.dialogs import fillings, runner, store
from bot.dialogs.inputs import Answer, Unread
from bot.messages import Button, Message, act
from casework import media
from casework.forms.kinds import refusal
from casework.pictures import Picture
from locales.phrase import FreeText, P, Phrase

DICTATION_TOO_LATE = P("The dictation was not kept: the question that it answers is not open any more.")
PHOTO_TOO_LATE = P("The photo was not kept: the question that it answers is not open any more.")


def wants_photo(ctx: Context, draft: store.Open) -> str | None:
    """The question for a photo that the dialog is at."""
    return _asked(ctx, draft, "photo")


def wants_words(ctx: Context, draft: store.Open) -> str | None:
    """The question for a text that the dialog is at."""
    return _asked(ctx, draft, "text")


def _asked(ctx: Context, draft: store.Open, kind: str) -> str | None:
    form, state = draft.stands
    field = form.by_key[state.cursor] if state.cursor is not None and not state.mode else None
    here = draft.is_asked_in(ctx.chat)
    return field.key if field is not None and field.kind == kind and here else None


def take_photo(ctx: Context, draft: store.Open, key: str, picture: Picture | Phrase) -> list[Message]:
    """A photo that was sent as the answer to a question, or why there is none: the question is then asked again."""
    if wants_photo(ctx, draft) != key or not ctx.tells_names:
        return [runner.again(ctx, draft, PHOTO_TOO_LATE)]
    if isinstance(picture, Phrase):
        return [runner.go(ctx, draft, Unread(picture))]
    return [runner.go(ctx, draft, Answer(keep_photo(ctx, draft, picture)))]


def take_dictation(ctx: Context, draft: store.Open, key: str, heard: str | Phrase) -> list[Message]:
    """What was understood of a dictation, to be accepted by a tap or typed over; or why nothing was: the question is
    then asked again. Nothing of it is kept until then."""
    if wants_words(ctx, draft) != key or not ctx.tells_names:
        return [runner.again(ctx, draft, DICTATION_TOO_LATE)]
    form, state = draft.stands
    env = fillings.env(ctx, form, draft.subject_id)
    problem = heard if isinstance(heard, Phrase) else refusal(form.by_key[key], heard, state.answers, env)
    if problem is not None:
        return [runner.go(ctx, draft, Unread(problem))]
    shown = runner.again(ctx, draft)
    accept = Button(P("Accept"), act("draft", do="answer", value=str(heard)))
    proposal = P(
        "Understood: “{text}”. Tap Accept if that is right, or type it as it should be.",
        text=FreeText(str(heard)),
    )
    lines = (shown.lines[0], proposal, *shown.lines[1:])
    return [replace(shown, lines=lines, buttons=((accept,), *shown.buttons))]


def keep_photo(ctx: Context, draft: store.Open, picture: Picture) -> str:
    """Keep a photo for a draft; the answer that it is."""
    medium = media.keep(ctx.session, ctx.actor, draft.subject_id, draft.id, picture, now=ctx.now)
    ctx.memo.pop((draft.form, draft.subject_id), None)  # what there is to choose is another by now
    return str(medium.id)
