"""The one entry of every incoming message: one transaction, one answer, never silence.

Inbox key, effect and replies (bot/replies.py) are written together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache, lru_cache, partial
from hashlib import blake2b

import structlog
from msgspec.structs import replace
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session

from bot import cut, danger, either_way, files, hints, in_place, passing_on, replies, traces, typed
from bot.channels.base import Incoming, Sign
from bot.commands import calendar, case, my, start
from bot.commands.command import Called, parse
from bot.commands.registry import COMMANDS, TAPS, WRITE_LAST, run
from bot.context import Context
from bot.delivery import PostOffice
from bot.dialogs import runner, store
from bot.dialogs.inputs import Choose, Unread
from bot.dialogs.words import clean, is_control
from bot.hints import HELP_ROW
from bot.messages import Action, Message, link_in
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
from storage.tables.members import Member, MemberState, Role

log = structlog.get_logger()
LONGEST = 4000  # characters of one typed message
LONGEST_NAME = 20  # a longer text is no name typed without the word 查询

EMPTY = P("This message is empty. Tap Help to see what you can do.")
TOO_LONG = P("This message is too long: at most {n} characters. Nothing of it was kept.", n=LONGEST)
UNREADABLE = P("I cannot read messages of this kind. Please type it, or tap a button.")
EDITED = P(
    "A message that was changed after it was sent changes nothing here. To correct an answer, send “{word}”.",
    word=P("edit"),
)
IN_PRIVATE = P("To protect personal data, please talk to the assistant in a chat of your own.")
NO_PLACES = P("Places are not taken here, and this one was not kept. Please type it, or tap a button.")
CHOOSE_FIRST = P("Please choose one first, then send it.")
STALE_BUTTON = P("This button is no longer valid. Tap Help to see what you can do.")
TROUBLE = P("Something went wrong on our side, and nothing was changed. Please try again in a moment.")
NOTHING_TO_LEAVE = P("No form is open.")
# Nobody waits for an answer; of these, who enters unbound has one.
_UNSAID = (Sign.left, Sign.returned, Sign.entered)


class Conversation:
    """Handles incoming events. `handle` is safe to be called several times with one event: it has one effect."""

    def __init__(self, lane: Lane, clock: Clock, office: PostOffice, *, dictates: bool = False) -> None:
        self._lane, self._clock, self._office, self.dictates = lane, clock, office, dictates
        self._context_in = cache(self._in_channel)  # a channel is the same for every message
        self._cuts = cut.Cuts()

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
            ctx.goes_on = self._cuts.goes_on(incoming, self._office.channels[incoming.channel].can, now)
            messages = mindful(ctx, incoming.text, _answer(ctx, incoming))
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


# --- what they want --------------------------------------------------------------------------------------------------


NOT_HERE = P("The number was not taken: something else was shown last. This is the question that is open:")
_SIGNS = {
    Sign.unreadable: UNREADABLE,
    Sign.edited: EDITED,
    Sign.place: NO_PLACES,
    Sign.unchosen: CHOOSE_FIRST,
}


def _answer(ctx: Context, incoming: Incoming) -> list[Message]:
    if incoming.sign is not None:
        if incoming.sign is not Sign.unchosen:  # a button: nothing was said with it
            _unread(ctx)
        return _with_draft(ctx, [Message((_SIGNS[incoming.sign],), (HELP_ROW,))])
    if incoming.token is not None:
        chosen = incoming.chosen
        return _tapped(ctx, incoming.token) if chosen is None else _chose(ctx, incoming.token, chosen)
    if incoming.file is not None:
        answered = files.answer(ctx, incoming.file)
        return answered if ctx.wants_file is not None else _with_draft(ctx, answered)
    text = clean(incoming.text or "")
    if len(text) > LONGEST or ctx.goes_on:
        # In a form it stays for as long as that is open: it is to be shortened, and is nowhere else.
        ctx.named_somebody = not _sent_in(ctx) and not ctx.tells_names
        return _with_draft(ctx, [Message((cut.REST if ctx.goes_on else TOO_LONG,), (HELP_ROW,))])
    return _said(ctx, text)


def _unread(ctx: Context) -> None:
    """Whom it names nobody knows (a contact, a video): where the channel may know no names it is taken back from the
    chat at once, else with the form that it was sent into."""
    ctx.named_somebody = not ctx.tells_names
    _sent_in(ctx)


def _sent_in(ctx: Context) -> bool:
    """Whether a form is open, with which it then goes from the chat."""
    draft = store.active(ctx.session, ctx.member.id, ctx.at_form)
    ctx.said_in = draft.id if draft is not None else None
    return draft is not None


def mindful(ctx: Context, text: str | None, messages: list[Message]) -> list[Message]:
    """The emergency numbers before the answer to a text that speaks of danger. The answer itself is what it would be;
    one that has nothing to say gives way."""
    if not text or not is_acute(text):
        return messages
    said = [message for message in messages if not hints.says_nothing(message)]
    return [danger.answer(ctx, in_form=ctx.took, draft=ctx.said_in), *said]


def _numbers(incoming: Incoming) -> list[Message]:
    """The same for somebody who has no ways here."""
    return [Message((danger.NUMBERS,))] if incoming.text and is_acute(incoming.text) else []


def _tapped(ctx: Context, token: str) -> list[Message]:
    action = typed.action_of(ctx, token)
    if action is None or action.verb not in TAPS:
        return _with_draft(ctx, [Message((STALE_BUTTON,), (HELP_ROW,))])
    return _do(ctx, action)


def _chose(ctx: Context, token: str, tokens: tuple[str, ...]) -> list[Message]:
    """Several options at once: one step, and the whole of what is ticked from now on; or an option each of several
    questions."""
    filled = typed.filled_of(ctx, token, tokens)
    if filled is not None:
        picked = [(str(one.get("key")), str(one.get("value"))) for one in filled.picked]
        return _step(lambda: runner.fill(ctx, filled.sends, picked))
    chosen = typed.choice_of(ctx, token, tokens)
    if chosen is None or chosen.sends.verb != "draft":
        return _with_draft(ctx, [Message((STALE_BUTTON,), (HELP_ROW,))])
    choice = Choose(
        tuple(str(one.get("value")) for one in chosen.picked),
        frozenset(str(one.get("value")) for one in chosen.offered),
    )
    return _step(lambda: runner.choose(ctx, chosen.sends, choice))


def _do(ctx: Context, action: Action) -> list[Message]:
    """What a button does, however it was chosen."""
    if action.verb == "draft":
        return _step(partial(runner.tap, ctx, action))
    act_on = partial(TAPS[action.verb], ctx, action)
    return _with_draft(ctx, _step(act_on) if action.verb in WRITE_LAST else _attempt(ctx, act_on))


def _said(ctx: Context, text: str) -> list[Message]:
    draft = store.active(ctx.session, ctx.member.id, ctx.at_form)
    called = _called(ctx, text)
    if called is not None:
        slashed = text.lstrip().startswith(("/", "／"))
        if slashed or not draft or not (called.argument or either_way.is_answer(ctx, draft, text)):
            # A button may begin with a command's word: it was offered, so it goes before a guess at the rest.
            label = typed.labelled(ctx, text) if called.argument and not slashed else None
            if label is not None and label.verb in TAPS:
                return _do(ctx, label)
            return _with_draft(ctx, _run(ctx, called), draft)
    if draft is not None:
        ctx.said_in = draft.id
        return _in_form(ctx, draft, text, called)
    return _without_draft(ctx, text) if text else [Message((EMPTY,), (HELP_ROW,))]


def _called(ctx: Context, text: str) -> Called | None:
    """The command that was typed. The person concerned, if they are nobody else besides, is not told of a role they
    lack when they type 安全: help is what they need."""
    called = parse(text, COMMANDS)
    if called is None or ctx.actor.roles != my.SUBJECT:
        return called
    return called if ctx.actor.has(*called.command.roles or (Role.subject,)) else None


def _run(ctx: Context, called: Called) -> list[Message]:
    if called.argument and not called.command.open_to(ctx):
        ctx.named_somebody = not ctx.tells_names  # it is refused, and may name somebody all the same
    return _attempt(ctx, partial(run, ctx, called.command, called.argument))


def _in_form(ctx: Context, draft: store.Open, text: str, called: Called | None) -> list[Message]:
    """The form's own words first, then the buttons that were shown; a number here is one of the question's. A command
    with its argument may well be an answer, so it is one only where the question has no use for it."""
    given = runner.read(ctx, draft, text)
    if not runner.understood(draft, given):
        action = typed.labelled(ctx, text)
        if action is not None and action.verb in TAPS:
            return _do(ctx, action)
        if called is not None:
            return _with_draft(ctx, _run(ctx, called), draft)
        if (which := typed.which(ctx, text)) is not None:
            return _with_draft(ctx, [which], draft)
    elif typed.is_elsewhere(ctx, text):
        return [runner.again(ctx, draft, NOT_HERE)]
    elif (asked := either_way.asked(ctx, draft, given, text, called)) is not None:
        return _do(ctx, asked) if isinstance(asked, Action) else _with_draft(ctx, [asked], draft)
    any_text = either_way.is_own_text(draft, given, text)
    may_wish = any_text or isinstance(given, Unread)
    if may_wish and (wish := passing_on.asked(ctx, draft, text, any_text=any_text)) is not None:
        return _do(ctx, wish) if isinstance(wish, Action) else [wish]
    return _step(partial(runner.take, ctx, draft, given))


def _without_draft(ctx: Context, text: str) -> list[Message]:
    if is_control(text):
        waiting = store.all_of(ctx.session, ctx.member.id)
        if waiting:
            return [runner.offer(ctx, waiting[0])]
        return [Message((NOTHING_TO_LEAVE,), (HELP_ROW,))]
    action = typed.meant(ctx, text)
    if action is not None and action.verb in TAPS:
        return _do(ctx, action)
    if (which := typed.which(ctx, text)) is not None:
        return [which]
    if calendar.is_pasted(ctx, text):
        return _attempt(ctx, lambda: calendar.run(ctx, text))
    if len(text) <= LONGEST_NAME and (found := case.guess(ctx, text)):
        return found
    return _attempt(ctx, lambda: hints.answer(ctx, text))


def _step(take: Callable[[], list[Message]]) -> list[Message]:
    """One step of a form, or its first. It writes the form alone, and that last: what is refused has written nothing,
    and a savepoint would cost more than all the rest."""
    try:
        return take()
    except Refused as refusal:
        return [Message((refusal.phrase,), (HELP_ROW,))]


def _attempt(ctx: Context, act_on: Callable[[], list[Message]]) -> list[Message]:
    """Run an act; one that is refused leaves nothing behind but its sentence."""
    try:
        with ctx.session.begin_nested():
            return act_on()
    except Refused as refusal:
        return [Message((refusal.phrase,), (HELP_ROW,))]


def _with_draft(ctx: Context, messages: list[Message], draft: store.Open | None = None) -> list[Message]:
    """An answer given in the middle of a form ends with the way back into it."""
    if not messages:
        return messages
    last = messages[-1]
    if any(button.action.verb == "draft" for row in last.buttons for button in row):
        return messages
    if link_in(last):  # the link of a form is a way back into it
        return messages
    draft = draft or store.active(ctx.session, ctx.member.id)
    if draft is None:
        return messages
    return [*messages[:-1], replace(last, buttons=(*last.buttons, (runner.resume_button(draft),)))]
