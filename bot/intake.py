"""Taking in a file that somebody sent as the answer to a question.

The event itself is answered and committed at once (bot/conversation.py); what it takes to fetch the file and to make a
picture of it happens here, on an errand of the outbox, outside any transaction and off the event loop. The file's
content, the step of the dialog, the answer to it and the end of the errand are then one transaction.
"""

from __future__ import annotations

import asyncio

import structlog
from sqlmodel import Session

from bot.channels.base import ChannelError, Incoming
from bot.conversation import Conversation
from bot.delivery import PostOffice
from bot.dialogs import runner, store
from bot.messages import Message
from bot.parcels import Parcel
from casework import pictures
from casework.pictures import Picture
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
AWAY = P("The photo could not be fetched. Please send it once more.")


class Intake:
    def __init__(self, lane: Lane, clock: Clock, office: PostOffice, conversation: Conversation) -> None:
        self._lane, self._clock, self._office, self._conversation = lane, clock, office, conversation

    async def fetch(self, parcel: Parcel) -> None:
        """Run one errand.

        Raises:
            ChannelError: the vendor is away; it is tried again.
        """
        picture = await self._picture(parcel)
        self._office.post(await self._lane.run(lambda session: self._take_in(session, parcel, picture)))
        self._office.ring()

    async def _picture(self, parcel: Parcel) -> Picture | Phrase:
        assert parcel.fetches is not None  # noqa: S101
        try:
            content = await self._office.channels[parcel.channel].fetch(parcel.fetches.file)
            return await asyncio.to_thread(pictures.clean, content)
        except Refused as refusal:
            return refusal.phrase
        except ChannelError as error:
            if not error.permanent and parcel.attempts < TRIES:
                raise
            log.warning("file_not_fetched", channel=parcel.channel, error=error.reason)
            return AWAY

    def _take_in(self, session: Session, parcel: Parcel, picture: Picture | Phrase) -> list[Parcel]:
        """The unit of work: none where somebody else has run the errand meanwhile."""
        assert parcel.fetches is not None  # noqa: S101
        now, wanted = self._clock.now(), parcel.fetches
        row = session.get(Outbox, parcel.row_id, with_for_update=True, populate_existing=True)
        if row is None or row.owner != parcel.owner or row.state is not OutboxState.sending:
            return []
        outbox.mark_sent(session, parcel.row_id, parcel.owner, (), now=now)
        member = speaker_at(session, parcel.channel, parcel.address)
        if member is None or member.state != MemberState.active:
            return []
        incoming = Incoming(parcel.channel, parcel.address, "", file=wanted.file)
        ctx = self._conversation.context(session, member, incoming, now)
        draft = store.by_id(session, member.id, wanted.draft)
        try:
            with session.begin_nested():
                messages = (
                    runner.take_photo(ctx, draft, wanted.key, picture)
                    if draft is not None
                    else [Message((runner.GONE,))]
                )
        except Refused as refusal:
            messages = [Message((refusal.phrase,))]
        return self._conversation.post(session, incoming, messages, member, ctx.reader, now)
