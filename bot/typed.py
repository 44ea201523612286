"""Which action is meant by what came in: a button's token, the tokens of several options, a typed label or number.

Only what the person was shown counts: messages that went out to them, on this channel, with the buttons it may know,
and as they stand since they were last brought up to date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, text

from bot.channels.disclosure import reduce
from bot.context import Context
from bot.dialogs.dates import understand_date
from bot.dialogs.words import clean, fold
from bot.messages import TICK, Action, Button, Message, act, flat
from casework import names
from locales.phrase import CaseRef, FreeText, Name, P, Term, leaves, one_of
from reminders import outbox
from storage.prepared import Prepared
from storage.tables import METADATA, mail
from storage.tables.mail import OutboxState
from storage.tables.members import Role

MESSAGES = 5  # with buttons: how far back a label is looked for
ROWS = 60  # of the outbox: how far back those are looked for

_OUTBOX = METADATA.tables["outbox"]
_BY_NONCE = Prepared(
    select(_OUTBOX.c.id, _OUTBOX.c.payload_sealed).where(
        _OUTBOX.c.id == bindparam("row"),
        _OUTBOX.c.nonce == bindparam("nonce"),
        _OUTBOX.c.member_id == bindparam("member"),
        _OUTBOX.c.created_at > bindparam("since"),
    )
)
_LATEST = Prepared(
    select(_OUTBOX.c.id, _OUTBOX.c.replaces, _OUTBOX.c.payload_sealed)
    .where(
        _OUTBOX.c.member_id == bindparam("member"),
        text(f"outbox.{mail.SENT}"),
        _OUTBOX.c.state == OutboxState.sent,
        _OUTBOX.c.created_at > bindparam("since"),
        _OUTBOX.c.channel == bindparam("channel"),
    )
    .order_by(_OUTBOX.c.id.desc())
    .limit(ROWS)
)
_TAPPED = ("buttons", "together", "draft")  # what can be tapped in a message that is kept, and of which draft
_NONE_OF_THESE = act("contact")  # something else took place
_WHICH = frozenset({"record", "not_done", "reschedule", "note_follows", "brief", "contact", "case", "safety"})
_ANYWHERE = {
    **dict.fromkeys(("未能开展", "could not be done"), "not_done"),
    **dict.fromkeys(("已开展", "已开展,稍后补记", "done, note to follow"), "note_follows"),
}
_TO_RECORD = re.compile(r"^(?:记录|登记|record|note(?: an?)?) ?")
_NUMBER = re.compile(r"(\d{1,2})[.、。)]?")
_NUMBERED = re.compile(r"(\d{1,2}) ?[.、。)] ?(.+)")
_PARTS = re.compile(r"[\s|:,、()]+")
_NAME = re.compile(r"[a-z]{2}-?[0-9a-z]{4,6}|[^\W\d_]{2,4}(?:同志)?|[^\W\d_]+·[^\W\d_]+")


def action_of(ctx: Context, token: str) -> Action | None:
    """What a button does: the message that showed it says so. Only the person it was shown to has it, for a time."""
    found = _kept_of(ctx, token)
    if found is None:
        return None
    kept, number = found
    alone = [button for row in kept.get("buttons", ()) for button in row]
    if number < len(alone):  # nearly always: no other button is of any use
        return Button.load(alone[number], kept.get("draft")).action
    buttons = flat(_buttons_of(kept))
    return buttons[number].action if number < len(buttons) else None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What sends a choice of several, or the answers to several questions; what was chosen; and all that was offered,
    which is what a channel may know."""

    sends: Action
    picked: tuple[Action, ...]
    offered: tuple[Action, ...]


def choice_of(ctx: Context, token: str, chosen: tuple[str, ...]) -> Chosen | None:
    """The choice that was sent; None for one that no message offered."""
    found = _message_of(ctx, token)
    if found is None:
        return None
    message, number = found
    buttons, nonce = _flat(message), token.partition(".")[0]
    offered = {
        f"{nonce}.{n}": button.action
        for n, button in enumerate(buttons)
        if button.part in ("open", "ticked") and reduce(Message((), ((button,),)), ctx.level).buttons
    }
    if number >= len(buttons) or buttons[number].part != "sends" or not offered.keys() >= set(chosen):
        return None
    return Chosen(buttons[number].action, tuple(offered[one] for one in chosen), tuple(offered.values()))


def filled_of(ctx: Context, token: str, chosen: tuple[str, ...]) -> Chosen | None:
    """The answers to several questions that were sent together, at most one each; None where no message asked them."""
    found = _message_of(ctx, token)
    told = reduce(found[0], ctx.level).together if found is not None else None
    if found is None or told is None:
        return None
    (message, number), nonce = found, token.partition(".")[0]
    kept = [button.action for button in flat(message)]
    if number >= len(kept) or kept[number] != told.send.action:
        return None
    picked = []
    for question in told.selects:
        tokens = {f"{nonce}.{kept.index(option.action)}": option.action for option in question.options}
        picked += [tokens[one] for one in chosen if one in tokens][:1]
    if len(picked) != len(chosen):
        return None
    offered = tuple(option.action for question in told.selects for option in question.options)
    return Chosen(told.send.action, tuple(picked), offered)


def _message_of(ctx: Context, token: str) -> tuple[Message, int] | None:
    """The message that showed a token, and the number in it."""
    found = _kept_of(ctx, token)
    return (_buttons_of(found[0]), found[1]) if found is not None else None


def _kept_of(ctx: Context, token: str) -> tuple[dict[str, Any], int] | None:
    """The same as it is kept."""
    nonce, _, number = token.partition(".")
    if not (
        nonce.isascii() and nonce.isalnum() and number.isascii() and number.isdigit() and len(number) < 4
    ):
        return None
    row_id = outbox.row_called(ctx.session, nonce)
    key = {"row": row_id, "nonce": nonce, "member": ctx.member.id, "since": _since(ctx)}
    row = _BY_NONCE.first(ctx.session, key)
    if row is None:
        return None
    return outbox.payload_of(row[0], row[1]).get("message", {}), int(number)


def _buttons_of(kept: dict[str, Any]) -> Message:
    """A message that is kept, with its buttons alone: neither its lines nor its file are of any use here."""
    return Message.load({"lines": [], **{name: part for name, part in kept.items() if name in _TAPPED}})


def meant(ctx: Context, text: str) -> Action | None:
    """What the button does that a text names: `催办`, `2. 催办`, or `2` of the latest message that has buttons."""
    said = _folded(text)
    number = _NUMBER.fullmatch(said)
    for at, shown in enumerate(_shown(ctx)):
        if number is not None:
            return shown.by_number(int(number[1]))
        found = shown.by_label(said) or ((shown.by_task(said) or shown.by_name(said)) if at == 0 else None)
        if found is not None:
            return found
    return _anywhere(ctx, said) or _day(ctx, text)


def _anywhere(ctx: Context, said: str) -> Action | None:
    """What is said of one's visits by the label of a button that asks which of them, wherever it was shown."""
    verb = _ANYWHERE.get(said)
    return act(verb) if verb is not None and ctx.actor.has(Role.care_officer) else None


def _day(ctx: Context, text: str) -> Action | None:
    """On which day a visit was made, said to the message that takes it as made today."""
    shown = next(_shown(ctx), None)
    days = (
        [one for _, _, one in shown.buttons if one.verb == "note_follows" and one.get("day")] if shown else []
    )
    day = understand_date(text, ctx.today, "past") if days else None
    return (
        act("note_follows", visit=days[0].get("visit") or 0, day=day.isoformat())
        if isinstance(day, date)
        else None
    )


def labelled(ctx: Context, text: str) -> Action | None:
    """The same, but a number alone counts only where the latest message had to list its buttons by number."""
    if _NUMBER.fullmatch(_folded(text)):
        latest = next(_shown(ctx), None)
        if latest is None or ctx.buttons is None or len(latest.buttons) <= ctx.buttons:
            return None
    return meant(ctx, text)


def is_elsewhere(ctx: Context, text: str) -> bool:
    """Whether a number alone may be meant for what was shown last, which is no question of a form: a list that was
    asked for in the middle of one."""
    if not _NUMBER.fullmatch(_folded(text)):
        return False
    latest = next(_shown(ctx), None)
    if latest is None:
        return False
    others = [action for _, _, action in latest.buttons if action.verb != "draft"]
    of_form = {str(action.get("do")) for _, _, action in latest.buttons if action.verb == "draft"}
    return len(others) > 1 and (not of_form or "resume" in of_form)


def chosen(ctx: Context, text: str) -> Action | None:
    """What was chosen by a whole name, or a code, of the list that was shown last: one of a question which of them."""
    said = _folded(text)
    if not _NAME.fullmatch(said):
        return None
    latest = next(_shown(ctx), None)
    return latest.by_name(said, by_surname=False) if latest is not None else None


def which(ctx: Context, text: str, *, by_surname: bool = True) -> Message | None:
    """The list that was shown last, as far as a name fits it, where it fits several of the list."""
    said = _folded(text)
    if not by_surname and not _NAME.fullmatch(said):  # most texts; what was shown is not looked up for them
        return None
    latest = next(_shown(ctx), None)
    found = latest.called(said, by_surname=by_surname) if latest is not None else []
    if len(found) < 2:
        return None
    ctx.named_somebody = not ctx.tells_names
    n = len(found)
    asked = one_of(
        P("“{text}” fits {n} of these. Which one is meant?", text=FreeText(text), n=n),
        P("{n} of these fit. Which one is meant?", n=n),
    )
    return Message((asked,), tuple((button,) for button in found))


def is_offered(ctx: Context, action: Action) -> bool:
    """Whether the latest message with buttons offers to do just this."""
    latest = next(_shown(ctx), None)
    return latest is not None and any(one == action for _, _, one in latest.buttons)


@dataclass(frozen=True, slots=True)
class _Shown:
    """The buttons of one message, each with its number and its label as the person reads it."""

    buttons: tuple[tuple[int, str, Action], ...]
    shown: tuple[Button, ...]

    def by_number(self, number: int) -> Action | None:
        return next((action for n, _, action in self.buttons if n == number), None)

    def by_label(self, said: str) -> Action | None:
        """The one button of that label; of several that read the same, nobody knows which was meant."""
        found = {action for _, label, action in self.buttons if said in (label, label.removeprefix(TICK))}
        if not found and (numbered := _NUMBERED.fullmatch(said)):
            number, rest = int(numbered[1]), numbered[2]
            found = {action for n, label, action in self.buttons if (n, label) == (number, rest)}
        if not found:  # 记录王芳, without a space
            packed = said.replace(" ", "")
            found = {action for _, label, action in self.buttons if label.replace(" ", "") == packed}
        return next(iter(found)) if len(found) == 1 else None

    def by_task(self, said: str) -> Action | None:
        """走访单位 where the button says 记录走访单位; a name is not meant to begin a note."""
        pairs = zip(self.shown, self.buttons, strict=True)
        found = {
            action
            for button, (_, label, action) in pairs
            if label != said
            and _TO_RECORD.sub("", label) == said
            and all(isinstance(value, Term) for value in leaves(button.label))
        }
        return next(iter(found)) if len(found) == 1 else None

    def by_name(self, said: str, *, by_surname: bool = True) -> Action | None:
        """Where it is asked which of several is meant: the only one that is called so."""
        found = self.called(said, by_surname=by_surname)
        return found[0].action if len(found) == 1 else None

    def called(self, said: str, *, by_surname: bool) -> list[Button]:
        """Of a list that asks which: those whose label has all in it that was said; else those of that surname."""
        said = said.removesuffix("同志")
        parts = set(_PARTS.split(said)) - {""}
        if not parts or not self._asks_which():
            return []
        labels = ((button, label) for button, (_, label, _) in zip(self.shown, self.buttons, strict=True))
        found = [button for button, label in labels if parts <= {*_PARTS.split(label)}]
        if not found and by_surname:
            bare = said[1:] if len(said) > 1 and said[0] in "老小" else said
            found = [one for one in self.shown if bare in {names.surname(name) for name in _names_in(one)}]
        return list({button.action: button for button in found}.values())

    def _asks_which(self) -> bool:
        """Whether each button does the same to another one, the ways past it and back into a form apart."""
        named = [action for _, _, action in self.buttons if action != _NONE_OF_THESE]
        verbs = {one.verb for one in named if not one.verb.startswith("draft")}
        return len(named) > 1 and len(verbs) == 1 and verbs <= _WHICH


def _shown(ctx: Context) -> Iterator[_Shown]:
    """The latest messages with buttons, the latest first."""
    count, reader = 0, ctx.reader
    for row_id, sealed in _latest(ctx):
        content = outbox.payload_of(row_id, sealed).get("message")
        if not content or not content.get("buttons"):
            continue
        whole = _buttons_of(content)
        kept = [button.action for button in _flat(whole)]
        told = _flat(reduce(whole, ctx.level))
        yield _Shown(
            tuple((kept.index(b.action) + 1, _folded(b.label.render(reader)), b.action) for b in told),
            tuple(told),
        )
        count += 1
        if count == MESSAGES:
            return


def _latest(ctx: Context) -> Iterator[tuple[int, bytes | None]]:
    """The rows of what was shown, in the order of the chat; of one that was edited since, the newest edit."""
    shown = {"member": ctx.member.id, "since": _since(ctx), "channel": ctx.channel}
    newest: dict[int, tuple[int, bytes | None]] = {}
    for row_id, replaces, sealed in _LATEST.all(ctx.session, shown):
        newest.setdefault(replaces or row_id, (row_id, sealed))
    return (newest[place] for place in sorted(newest, reverse=True))


def _since(ctx: Context) -> datetime:
    return ctx.now - timedelta(days=ctx.mechanism.rulebook.limits.button_days)


def _names_in(button: Button) -> Iterator[str]:
    """Whom a label names, as far as the channel may know it."""
    for value in leaves(button.label):
        if isinstance(value, CaseRef | Name):
            yield value.name if isinstance(value, CaseRef) else value.text


def _flat(message: Message) -> list[Button]:
    return [button for row in message.buttons for button in row]


def _folded(text: str) -> str:
    return fold(clean(text))
