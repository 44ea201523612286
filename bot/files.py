"""A file that somebody sent into a chat: what it is good for where they are, and what they are told where it is for
nothing. Its content is not looked at here: it is fetched afterwards, by an errand (bot/intake.py).
"""

from __future__ import annotations

from bot.channels.base import IncomingFile
from bot.context import Context
from bot.dialogs import runner, store
from bot.dialogs.inputs import Unread
from bot.messages import Button, Message, act
from locales.phrase import P

ONLY_FORMS = P(
    "The only photo that is taken here is one of the signed form that this system prints, when you are asked for it. "
    "This one was not kept."
)
NO_VOICE = P("What is spoken cannot be written down here yet. Please type it; the recording was not kept.")
NO_FILES = P("I cannot take files here yet. Please type it instead.")
NOT_KEPT = P("The photo was not kept.")
HELP = (Button(P("Help"), act("command", name="help")),)
_PICTURES = ("photo", "document")  # a photo may be sent as a file; what it is, its content says


def answer(ctx: Context, file: IncomingFile) -> list[Message]:
    """What is said to a file; nothing where it is taken in: then the answer follows once it was looked at."""
    draft = store.active(ctx.session, ctx.member.id)
    asked = runner.wants_photo(draft) if draft is not None else None
    if file.kind == "photo" and not ctx.tells_names:
        ctx.named_somebody = True  # whom it shows nobody knows: it is taken back from the chat
    if draft is not None and asked is not None and file.kind in _PICTURES:
        ctx.said_in = draft.id
        if not ctx.tells_names:
            return runner.take(ctx, draft, Unread(NOT_KEPT))
        ctx.wants_file = asked
        return []
    said = {"photo": ONLY_FORMS, "voice": NO_VOICE}.get(file.kind, NO_FILES)
    return [Message((said,), (HELP,))]
