"""The neutral message: what any channel can be asked to show. No vendor's word, no finished text before its time.

Lines and labels are phrases; they become text only in `render`, in the reader's language, after the disclosure
gate has seen their values. A message is said in JSON as it stands (`load` reads that), because it waits in the outbox
before it is sent.
"""

from __future__ import annotations

import base64
from typing import Any, Literal

from msgspec import Struct

from locales.phrase import Link, P, Phrase, Reader, Word, leaves, load_phrase, several

TICK = "✓ "  # before the label of what is ticked
# In a choice of several: an option that is open or ticked, or what sends the choice.
Part = Literal["", "open", "ticked", "sends"]
Draft = tuple[int | str, int]  # a draft of a form, and the revision of it that somebody was shown


class Action(Struct, frozen=True, array_like=True):
    """What a button does: a verb of bot/commands with small arguments (ids, option values). Never shown to a vendor."""

    verb: str
    args: dict[str, str | int] = {}  # nobody changes it

    def __hash__(self) -> int:
        return hash((self.verb, frozenset(self.args.items())))

    def get(self, name: str) -> str | int | None:
        return self.args.get(name)


def act(verb: str, **args: str | int) -> Action:
    return Action(verb, args)


def of_draft(action: Action, draft: Draft | None) -> Action:
    """What a button does, in full: those of a form's question leave it to their message to say once which draft is
    meant, and as of when. One that names a draft itself may stand in any message."""
    if draft is None or action.verb != "draft" or "id" in action.args:
        return action
    return Action("draft", {"id": draft[0], "rev": draft[1], **action.args})


class Button(Struct, frozen=True, array_like=True):
    """`part` is what it is in a choice of several, for channels where those are ticked first and sent together."""

    label: Phrase
    action: Action
    part: Part = ""

    @classmethod
    def load(cls, data: list[Any], draft: Draft | None = None) -> Button:
        """A button of a message that speaks of this draft, with all that it does."""
        label, does, *part = data
        # So it was kept before 2026-11-30: the verb, the arguments by name, perhaps the part.
        if isinstance(does, str):
            args, *part = part
            does = (does, args)
        return cls(load_phrase(label), of_draft(Action(*does), draft), *part)


class Select(Struct, frozen=True, array_like=True):
    """One of several questions that can be answered together: the question, and what there is to choose from."""

    title: Phrase
    options: tuple[Button, ...]

    @classmethod
    def load(cls, data: list[Any], draft: Draft | None = None) -> Select:
        return cls(load_phrase(data[0]), tuple(Button.load(option, draft) for option in data[1]))


class Together(Struct, frozen=True, array_like=True):
    """The next few questions at once, for a channel with drop-downs; any other shows the message as it is.

    `lines` stand in the place of the message's own. `send` hands over what was chosen.
    """

    lines: tuple[Phrase, ...]
    selects: tuple[Select, ...]
    send: Button

    @property
    def buttons(self) -> list[Button]:
        """All there is to choose, and last what sends it: numbered on from the buttons of the message."""
        return [*(option for select in self.selects for option in select.options), self.send]

    @classmethod
    def load(cls, data: list[Any], draft: Draft | None = None) -> Together:
        lines, selects, send = data
        return cls(
            tuple(load_phrase(line) for line in lines),
            tuple(Select.load(select, draft) for select in selects),
            Button.load(send, draft),
        )


class FileRef(Struct, frozen=True, array_like=True):
    """A file to hand over. `name` is a phrase, because a file's name discloses as much as a text."""

    name: Phrase
    media_type: str
    content: bytes


class Message(Struct, frozen=True, omit_defaults=True):
    """Lines of text, rows of buttons, perhaps a file. An empty line is `P("")`.

    `together`: this question and the next few, beside the buttons of this one. `draft`: the one that all buttons mean
    which are of a draft and name none. What is made anew has it there alone, so that its buttons are the same at every
    step; in what was kept and is read again each of them has it, too.
    """

    lines: tuple[Phrase, ...]
    buttons: tuple[tuple[Button, ...], ...] = ()
    file: FileRef | None = None
    together: Together | None = None
    draft: Draft | None = None

    @classmethod
    def load(cls, data: dict[str, Any]) -> Message:
        file, together, draft = data.get("file"), data.get("together"), data.get("draft")
        return cls(
            tuple(load_phrase(line) for line in data["lines"]),
            tuple(tuple(Button.load(button, draft) for button in row) for row in data.get("buttons", ())),
            FileRef(load_phrase(file[0]), file[1], base64.b64decode(file[2])) if file else None,
            Together.load(together, draft) if together else None,
            (draft[0], draft[1]) if draft else None,
        )


class RenderedButton(Struct, frozen=True):
    label: str
    token: str


class Choice(Struct, frozen=True):
    """Buttons of a message as one choice of several: the options, their labels without ticks; the tokens of those
    that are ticked; what sends the choice. `aside` names the other buttons in a sentence, for where they have no room.
    """

    options: tuple[RenderedButton, ...]
    ticked: frozenset[str]
    send: RenderedButton
    aside: str = ""


class RenderedSelect(Struct, frozen=True):
    title: str
    options: tuple[RenderedButton, ...]


class RenderedTogether(Struct, frozen=True):
    """Several questions at once, in words. `blank` is what stands where nothing is chosen; `send` sends what is."""

    text: str
    selects: tuple[RenderedSelect, ...]
    blank: str
    send: RenderedButton


class Rendered(Struct, frozen=True):
    """A message in its final words for one reader, as a channel gets it. `token` is what comes back on a tap.

    `once`: the buttons are the answers to one question, so that a tap on one of them settles them all. `key` tells this
    message from every other and is the same when it is sent again; empty for one that is in no outbox. `link` is the
    address in the text, of a message that has nothing else to tap. `choice` is there where buttons are one of several,
    `together` where more than one question can be answered at once. `answer`: it was asked for here, a moment ago.
    """

    text: str
    buttons: tuple[tuple[RenderedButton, ...], ...] = ()
    file: tuple[str, str, bytes] | None = None
    once: bool = False
    key: str = ""
    link: str = ""
    choice: Choice | None = None
    together: RenderedTogether | None = None
    answer: bool = False


def render(message: Message, reader: Reader, nonce: str, whole: Message | None = None) -> Rendered:
    """The message in words. The token of a button is `nonce.n`: the row in the outbox knows what its n-th button does.

    `whole` is the message as that row keeps it, where `message` is what a channel may know of it: the n-th of those.
    """
    kept = [button.action for row in (whole or message).buttons for button in row]
    rows = [
        tuple(
            RenderedButton(button.label.render(reader), f"{nonce}.{kept.index(button.action)}")
            for button in row
        )
        for row in message.buttons
    ]
    file = message.file
    return Rendered(
        "\n".join(line.render(reader) for line in message.lines),
        tuple(rows),
        (file.name.render(reader), file.media_type, file.content) if file else None,
        once=bool(kept) and all(action.verb == "draft" for action in kept),
        link="" if rows or file else link_in(message),
        choice=_choice_in(message, rows, reader),
        together=_together_in(message, whole or message, reader, nonce),
    )


def flat(message: Message) -> list[Button]:
    """All that can be tapped in a message, in the order of its tokens."""
    buttons = [button for row in message.buttons for button in row]
    return [*buttons, *(message.together.buttons if message.together else ())]


def _together_in(message: Message, whole: Message, reader: Reader, nonce: str) -> RenderedTogether | None:
    """The questions that can be answered at once; None where there is but one."""
    told = message.together
    if told is None:
        return None
    kept = [button.action for button in flat(whole)]

    def shown(button: Button) -> RenderedButton:
        return RenderedButton(button.label.render(reader), f"{nonce}.{kept.index(button.action)}")

    return RenderedTogether(
        "\n".join(line.render(reader) for line in told.lines),
        tuple(RenderedSelect(s.title.render(reader), tuple(map(shown, s.options))) for s in told.selects),
        P("Please choose").render(reader),
        shown(told.send),
    )


def _choice_in(message: Message, rows: list[tuple[RenderedButton, ...]], reader: Reader) -> Choice | None:
    """The choice of several that a message asks for; None where it asks for none."""
    kinds = [button.part for row in message.buttons for button in row]
    if kinds.count("sends") != 1 or not {"open", "ticked"} & set(kinds):
        return None
    shown = list(zip(kinds, (button for row in rows for button in row), strict=True))
    others = [Word(button.label) for part, button in shown if not part]
    return Choice(
        tuple(
            RenderedButton(b.label.removeprefix(TICK), b.token) for p, b in shown if p in ("open", "ticked")
        ),
        frozenset(button.token for part, button in shown if part == "ticked"),
        next(button for part, button in shown if part == "sends"),
        P("You can also type: {words}", words=several(others)).render(reader) if others else "",
    )


def link_in(message: Message) -> str:
    """The one address in a message; of several, none is the one to open."""
    found = {value.text for line in message.lines for value in leaves(line) if isinstance(value, Link)}
    return next(iter(found)) if len(found) == 1 else ""
