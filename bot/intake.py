"""Taking in a file that somebody sent: the answer to a question, or a workbook of notes.

The event itself is answered and committed at once (bot/conversation.py); what it takes to fetch the file, and to make
a picture, words or notes of it, happens here, on an errand of the outbox, outside any transaction and off the event
loop. What was made of it, the step of the dialog, the answer to it and the end of the errand are then one transaction.
"""

from __future__ import annotations

import asyncio

import structlog
from sqlmodel import Session

from bot import files, replies, sent_book, speech, traces
from bot.answering import mindful
from bot.channels.base import ChannelError, Incoming
from bot.context import Context
from bot.conversation import Conversation
from bot.delivery import PostOffice
from bot.dialogs import runner, sent_in, store
from bot.errands import Fetch
from bot.messages import Message
from bot.parcels import Parcel
from bot.speech import Speech
from casework import pictures
from casework.documents.filled_book import FilledNote, read_form_book
from casework.pictures import Picture
from casework.roster import archive
from locales.phrase import P, Phrase
from reminders import outbox
from storage.clock import Clock
from storage.errors import Refused
from storage.lane import Lane
from storage.queries.access import speaker_at
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import MemberState

log = structlog.get_logger()
TRIES = 3  # at fetching; after that somebody has waited long enough to be told
VOICE = "voice"
NO_PHOTO = P("The photo could not be fetched. Please send it once more.")
NO_RECORDING = P("The recording could not be fetched. Please say it again, or type it.")
# What it shows, what was said, what was filled in; or why there is nothing.
Found = Picture | str | tuple[FilledNote, ...] | Phrase


class Intake:
    def __init__(
        self,
        lane: Lane,
        clock: Clock,
        office: PostOffice,
        conversation: Conversation,
        speech: Speech | None = None,
    ) -> None:
        self._lane, self._clock, self._office, self._conversation = lane, clock, office, conversation
        self._speech = speech

    async def fetch(self, parcel: Parcel) -> None:
        """Run one errand.

        Raises:
            ChannelError: the vendor is away; it is tried again.
        """
        if parcel.fetches is None:
            return
        wanted = parcel.fetches
        found = await self._look_at(parcel, wanted)
        self._office.post(await self._lane.run(lambda session: self._take_in(session, parcel, wanted, found)))
        self._office.ring()

    async def _look_at(self, parcel: Parcel, wanted: Fetch) -> Found:
        spoken = wanted.file.kind == VOICE
        try:
            if spoken and self._speech is None:
                return files.NO_VOICE
            content = await self._office.channels[parcel.channel].fetch(wanted.file)
            if spoken and self._speech is not None:
                return await self._speech.write_down(content)
            if wanted.key == sent_book.KEY:
                return await asyncio.to_thread(read_form_book, content)
            return await asyncio.to_thread(pictures.clean, content)
        except Refused as refusal:
            return refusal.phrase
        except ChannelError as error:
            if not error.permanent and parcel.attempts < TRIES:
                raise
            log.warning("file_not_fetched", channel=parcel.channel, error=error.reason)
            if error.too_large:
                return _too_large(wanted)
            return NO_RECORDING if spoken else sent_book.NOT_FETCHED if wanted.draft is None else NO_PHOTO

    def _take_in(self, session: Session, parcel: Parcel, wanted: Fetch, found: Found) -> list[Parcel]:
        """The unit of work: none where somebody else has run the errand meanwhile."""
        now = self._clock.now()
        row = session.get(Outbox, parcel.row_id, with_for_update=True, populate_existing=True)
        if row is None or row.owner != parcel.owner or row.state is not OutboxState.sending:
            return []
        outbox.mark_sent(session, parcel.row_id, parcel.owner, (), now=now)
        member = speaker_at(session, parcel.channel, parcel.address)
        if member is None or member.state != MemberState.active:
            return []
        incoming = Incoming(parcel.channel, parcel.address, "", file=wanted.file)
        ctx = self._conversation.context(session, member, incoming, now)
        ctx.said_in = wanted.draft
        try:
            with session.begin_nested():
                messages = _answer(ctx, wanted, found)
        except Refused as refusal:
            messages = [Message((refusal.phrase,))]
        if wanted.draft is None:
            traces.take_back_read(ctx, parcel.channel, wanted.receipt, self._office.removers)
        if isinstance(found, str):
            messages = mindful(ctx, found, messages)
        ctx.forget()
        return replies.post(session, self._office, incoming, messages, member, ctx.reader, now=now)


def _too_large(wanted: Fetch) -> Phrase:
    """What is larger than a channel hands over is larger than we take: to send it once more would be no use."""
    if wanted.file.kind == VOICE:
        return P(speech.TOO_LONG)
    refusal = archive.too_large() if wanted.draft is None else pictures.too_large()
    return refusal.phrase


def _answer(ctx: Context, wanted: Fetch, found: Found) -> list[Message]:
    if wanted.draft is None or isinstance(found, tuple):
        return sent_book.take(ctx, found) if isinstance(found, tuple | Phrase) else []
    draft = store.by_id(ctx.session, ctx.member.id, wanted.draft)
    if draft is None:
        return [Message((runner.GONE,))]
    if isinstance(found, Picture):
        return sent_in.take_photo(ctx, draft, wanted.key, found)
    if wanted.file.kind == VOICE:
        return sent_in.take_dictation(ctx, draft, wanted.key, found)
    return sent_in.take_photo(ctx, draft, wanted.key, found) if isinstance(found, Phrase) else []
