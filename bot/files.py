"""A file that somebody sent into a chat: what it is good for where they are, and what they are told where it is for
nothing. Its content is not looked at here: it is fetched afterwards, by an errand (bot/intake.py).
"""

from __future__ import annotations

from bot import sent_book
from bot.channels.base import IncomingFile
from bot.context import Context
from bot.dialogs import runner, sent_in, store
from bot.dialogs.inputs import Unread
from bot.messages import Button, Message, act
from locales.phrase import P

ONLY_FORMS = P(
    "The only photo that is taken here is one of the signed form that this system prints, when you are asked for it. "
    "This one was not kept."
)
NO_VOICE = P("What is spoken cannot be written down here yet. Please type it; the recording was not kept.")
NO_VOICE_HERE = P(
    "Nothing is written down from a recording on this channel. Please type it, or fill it in on a page; it was not "
    "kept."
)
VOICE_IN_FORMS = P(
    "A recording is written down only as your own dictation, where a form asks for a text. It was not kept."
)
WRITING = P("Your dictation is being written down; that takes a moment.")
NO_FILES = P("I cannot take files here yet. Please type it instead.")
NOT_KEPT = P("The photo was not kept.")
HELP = (Button(P("Help"), act("command", name="help")),)
_PICTURES = ("photo", "document")  # a photo may be sent as a file; what it is, its content says


def answer(ctx: Context, file: IncomingFile) -> list[Message]:
    """What is said to a file; nothing where it is taken in: then the answer follows once it was looked at."""
    draft = store.active(ctx.session, ctx.member.id)
    asked = sent_in.wants_photo(ctx, draft) if draft is not None else None
    if not ctx.tells_names:
        ctx.named_somebody = True  # whom it shows or names nobody knows: it is taken back from the chat
    if file.kind == "voice":
        return _voice(ctx, draft)
    if draft is not None and asked is not None and file.kind in _PICTURES and not sent_book.is_named_so(file):
        ctx.said_in = draft.id
        if not ctx.tells_names:
            return runner.take(ctx, draft, Unread(NOT_KEPT))
        ctx.wants_file = asked
        return []
    if file.kind == "document" and sent_book.is_for(ctx):
        return sent_book.answer(ctx, file)
    return [Message((ONLY_FORMS if file.kind == "photo" else NO_FILES,), (HELP,))]


def _voice(ctx: Context, draft: store.Open | None) -> list[Message]:
    """A dictation: taken in where a text is asked for and there is a program that writes it down. What was understood
    is shown before it counts, so it is taken only where an answer may be shown again."""
    asked = sent_in.wants_words(ctx, draft) if draft is not None else None
    if draft is None or asked is None:
        return [Message((VOICE_IN_FORMS if ctx.dictates else NO_VOICE,), (HELP,))]
    ctx.said_in = draft.id
    if not ctx.dictates or not ctx.tells_names:
        return runner.take(ctx, draft, Unread(NO_VOICE_HERE if ctx.dictates else NO_VOICE))
    ctx.wants_file = asked
    return [Message((WRITING,))]
