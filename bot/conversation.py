"""The one entry of every incoming message: one transaction, one answer, never silence.

Inbox key, effect and replies (bot/replies.py) are written together.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache, partial
from hashlib import blake2b

import structlog
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session

from bot import answering, cut, danger, in_place, replies, traces
from bot.channels.base import Incoming, Sign
from bot.commands import start
from bot.commands.command import parse
from bot.context import Context
from bot.delivery import PostOffice
from bot.dialogs import store
from bot.dialogs.words import clean
from bot.hints import HELP_ROW
from bot.messages import Message
from bot.parcels import Parcel
from casework import people
from casework.danger import is_acute
from locales.phrase import P
from storage.clock import Clock
from storage.errors import Refused
from storage.lane import Lane, is_busy
from storage.prepared import Prepared
from storage.queries.access import Speaker, speaker_at
from storage.tables.mail import Inbox
from storage.tables.members import Member, MemberState

log = structlog.get_logger()

IN_PRIVATE = P("To protect personal data, please talk to the assistant in a chat of your own.")
TROUBLE = P("Something went wrong on our side, and nothing was changed. Please try again in a moment.")
# Nobody waits for an answer; of these, who enters unbound has one.
_UNSAID = (Sign.left, Sign.returned, Sign.entered)


class Conversation:
    """Handles incoming events. `handle` is safe to be called several times with one event: it has one effect."""

    def __init__(self, lane: Lane, clock: Clock, office: PostOffice, *, dictates: bool = False) -> None:
        self._lane, self._clock, self._office, self.dictates = lane, clock, office, dictates
        self._context_in = cache(self._in_channel)  # a channel is the same for every message

    async def handle(self, incoming: Incoming) -> None:
        """Take one event, commit, then begin to deliver the replies. Who waits for those asks the post office.

        Raises:
            OperationalError: the database was busy or full; nothing was kept, and the vendor repeats the event.
        """
        now = self._clock.now()
        try:
            parcels = await self.taken(incoming, now=now)
        except Exception as error:
            if is_busy(error):
                raise
            log.error("unit_failed", channel=incoming.channel, error=type(error).__name__)
            parcels = await self._lane.run(lambda session: self._apologise(session, incoming, now))
        self._office.post(parcels)
        self._office.ring()

    async def taken(self, incoming: Incoming, *, now: datetime) -> list[Parcel]:
        """`take`, committed."""
        return await self._lane.run(partial(self.take, incoming=incoming, now=now), quick=True)

    def take(self, session: Session, incoming: Incoming, *, now: datetime) -> list[Parcel]:
        """The whole unit of work for one event: its replies as parcels, none for an event seen before."""
        if not _first_time(session, incoming, now):
            return []
        if incoming.sign is Sign.group:
            # To the group, whoever spoke: it is bound to nobody, and nobody is bound there.
            answer = [*_numbers(incoming), Message((IN_PRIVATE,))]
            return self._post(session, incoming, answer, None, now)
        member, at_form = _speaker(session, incoming)
        if member is not None and (member.lost or incoming.sign is Sign.left):
            people.reached(
                session, incoming.channel, incoming.address, incoming.sign is not Sign.left, now=now
            )
        if incoming.sign in _UNSAID and (member is not None or incoming.sign is not Sign.entered):
            return []
        if member is None:
            messages = [*_numbers(incoming), *self._from_stranger(session, incoming, now)]
        elif member.state != MemberState.active:
            messages = [*_numbers(incoming), Message((start.SUSPENDED,))]
        else:
            ctx = self.context(session, member, incoming, now)
            ctx.at_form = at_form
            messages = answering.mindful(ctx, incoming.text, answering.answer(ctx, incoming))
            cut.keep(ctx, incoming, self._office.channels[incoming.channel].can)
            if self._office.removers:
                traces.keep(ctx, incoming, messages, self._office.removers)
            place = in_place.place_of(ctx, incoming, messages)
            office, reader = self._office, ctx.reader
            parcels = replies.post(session, office, incoming, messages, member, reader, place, now=now)
            if ctx.wants_file is not None:
                parcels.append(replies.errand(ctx, office, incoming))
            ctx.forget()
            return parcels
        return self._post(session, incoming, messages, member, now)

    def _post(
        self,
        session: Session,
        incoming: Incoming,
        messages: list[Message],
        member: Speaker | None,
        now: datetime,
    ) -> list[Parcel]:
        """Answer a chat that is told nothing of anybody: in its member's language, else its program's."""
        reader = self._office.stranger((member.language if member is not None else None) or incoming.language)
        return replies.post(session, self._office, incoming, messages, member, reader, now=now)

    def context(
        self, session: Session, member: Member | Speaker, incoming: Incoming, now: datetime
    ) -> Context:
        office, context_in = self._office, self._context_in(incoming.channel)
        level = office.levels[incoming.channel]
        chat = print_of(incoming.channel, incoming.address)
        return context_in(session, member, now, level, office.language, office.public_url, chat=chat)

    def _in_channel(self, channel: str) -> partial[Context]:
        can = self._office.channels[channel].can
        return partial(
            Context,
            channel=channel,
            buttons=can.buttons,
            at_once=can.drop_downs.count if can.drop_downs is not None else 0,
            edits=can.edit,
            dictates=self.dictates,
        )

    def _from_stranger(self, session: Session, incoming: Incoming, now: datetime) -> list[Message]:
        """Somebody whom no member is bound to: only binding is open to them."""
        called = parse(clean(incoming.text or ""), (start.COMMAND,))
        if called is None or not called.argument:
            return [Message((start.HOW_TO_BIND,))]
        try:
            with session.begin_nested():
                member = people.bind(session, incoming.channel, incoming.address, called.argument, now=now)
        except Refused as refusal:
            return [Message((refusal.phrase,))]
        ctx = self.context(session, member, incoming, now)
        return [start.welcome(ctx)]

    def _apologise(self, session: Session, incoming: Incoming, now: datetime) -> list[Parcel]:
        if not _first_time(session, incoming, now):
            return []
        if incoming.sign in _UNSAID:
            return []
        member = speaker_at(session, incoming.channel, incoming.address)
        return self._post(session, incoming, [Message((TROUBLE,), (HELP_ROW,))], member, now)


@lru_cache(maxsize=1024)
def print_of(channel: str, address: str) -> str:
    return blake2b(f"{channel}:{address}".encode(), digest_size=6).hexdigest()


# --- who speaks ------------------------------------------------------------------------------------------------------

_KNOW = Prepared(
    {
        "sqlite": sqlite_insert(Inbox).on_conflict_do_nothing(),
        "postgresql": postgres_insert(Inbox).on_conflict_do_nothing(),
    }
)


def _first_time(session: Session, incoming: Incoming, now: datetime) -> bool:
    key = {"channel": incoming.channel, "event_id": incoming.event_id[:200], "received_at": now}
    return _KNOW.write(session, key) == 1


def _speaker(session: Session, incoming: Incoming) -> tuple[Speaker | None, Sequence[object]]:
    """Who speaks; and where they write, what was found of the form that they are at."""
    if incoming.text is not None and incoming.token is None:
        return store.speaker(session, incoming.channel, incoming.address)
    return speaker_at(session, incoming.channel, incoming.address), ()


def _numbers(incoming: Incoming) -> list[Message]:
    """The same for somebody who has no ways here."""
    return [Message((danger.NUMBERS,))] if incoming.text and is_acute(incoming.text) else []
