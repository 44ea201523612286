"""What a message from a member means, and the act that it leads to: a button, a file, a command, an answer in a form,
a name. In the middle of a form every other answer ends with the way back into it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from bot import cut, danger, either_way, files, hints, passing_on, typed
from bot.channels.base import Incoming, Sign
from bot.commands import calendar, case, my
from bot.commands.command import Called, parse
from bot.commands.registry import COMMANDS, TAPS, WRITE_LAST, run
from bot.context import Context
from bot.dialogs import runner, store
from bot.dialogs.inputs import Choose, Unread
from bot.dialogs.steering import is_control
from bot.dialogs.words import clean
from bot.hints import HELP_ROW
from bot.messages import Action, Message, link_in
from casework.danger import is_acute
from locales.phrase import P
from storage.errors import Refused
from storage.tables.members import Role

LONGEST = 4000  # characters of one typed message
LONGEST_NAME = 20  # a longer text is no name typed without the word 查询
EMPTY = P("This message is empty. Tap Help to see what you can do.")
TOO_LONG = P("This message is too long: at most {n} characters. Nothing of it was kept.", n=LONGEST)
UNREADABLE = P("I cannot read messages of this kind. Please type it, or tap a button.")
EDITED = P(
    "A message that was changed after it was sent changes nothing here. To correct an answer, send “{word}”.",
    word=P("edit"),
)
NO_PLACES = P("Places are not taken here, and this one was not kept. Please type it, or tap a button.")
CHOOSE_FIRST = P("Please choose one first, then send it.")
STALE_BUTTON = P("This button is no longer valid. Tap Help to see what you can do.")
NOTHING_TO_LEAVE = P("No form is open.")
NOT_HERE = P("The number was not taken: something else was shown last. This is the question that is open:")
_SIGNS = {
    Sign.unreadable: UNREADABLE,
    Sign.edited: EDITED,
    Sign.place: NO_PLACES,
    Sign.unchosen: CHOOSE_FIRST,
}


def answer(ctx: Context, incoming: Incoming) -> list[Message]:
    """What is said to it; what it does is done by then, in the same transaction."""
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
    if len(text) > LONGEST:
        # In a form it stays for as long as that is open: it is to be shortened, and is nowhere else.
        ctx.named_somebody = not _sent_in(ctx) and not ctx.tells_names
        return _with_draft(ctx, [Message((TOO_LONG,), (HELP_ROW,))])
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
    if draft is not None and cut.goes_on(draft, text, ctx.now):
        ctx.said_in = draft.id
        return _with_draft(
            ctx, [Message((cut.REST,), (HELP_ROW,))], store.said_long(ctx.session, draft, None)
        )
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
