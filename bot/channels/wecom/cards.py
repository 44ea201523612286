"""A message in its final words, as what `message/send` takes: texts, files and template cards.

WeCom cuts what is too long without a word and refuses what is malformed, so both are decided here: what can be read on
a card goes on it, what cannot goes before it as a text, whole. Vendor's limits have the vendor's reading: "bytes" are
UTF-8, "characters" are code points.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.base import Capabilities
from bot.channels.fit import fit, width
from bot.channels.wecom.headed import headed
from bot.messages import Choice, Rendered, RenderedButton, RenderedTogether

Payload = dict[str, Any]

TEXT = 2048  # bytes of a text; WeCom drops what is beyond
BUTTONS = 6
TITLE = 36  # characters that a card shows
DESCRIPTION = 44  # characters that a card shows below its title,
BODY = 160  # and of a card with buttons
LABEL = 20  # half-width characters of a button that are shown: 10 Chinese ones
OPTIONS, SELECTS, SELECT_OPTIONS = 20, 3, 10
OPTION, SELECT_OPTION = 17, 16  # characters of an option that are shown, in a list to tick and to pull down
SUBMIT, CHOICE = "submit", "choice"  # what comes back of a card with options, beside the option
SEVERAL = "several"  # the same where several may be chosen; the button has a token of its own
BLANK = (
    "blank"  # the id of the option of who leaves a question open; a list to pull down always has one chosen
)
KEY, OPTION_ID = 1024, 128  # bytes
REMEMBERED = 14400  # seconds within which WeCom drops the same request, the longest it offers

_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
_USER_ID = re.compile(r"[0-9A-Za-z_\-.@]{1,64}")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SCHEMES = ("https://", "http://")
_BEFORE_A_LINK = ":： "
_ANCHOR = re.compile(r"<(?=\s*/?\s*a\b)", re.IGNORECASE)


class DoesNotFit(ValueError):
    """WeCom would refuse this, and it cannot be shortened. The text names the limit, nothing of the content."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who a payload is for, and from which app.

    `once`: within four hours WeCom drops a request that equals an earlier one byte for byte. It makes a second attempt
    at one message harmless, and would swallow a second message of the same words: those who say the same again on
    purpose turn it off.

    Raises:
        DoesNotFit: `user_id` is not the userid of one member.
    """

    user_id: str
    agent_id: int
    once: bool = True

    def __post_init__(self) -> None:
        # "@all" and "a|b" are receivers too, and nothing here is for more than one person.
        if not _USER_ID.fullmatch(self.user_id) or self.user_id.lower() == "@all":
            raise DoesNotFit("a message goes to exactly one userid")


@dataclass(frozen=True, slots=True)
class Option:
    """What can be chosen. `id` comes back: at most 128 bytes, unique within its question."""

    id: str
    text: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Something to choose from. `key` comes back with the answer: at most 1024 bytes. `many`: more than one may be."""

    key: str
    options: tuple[Option, ...]
    title: str = ""
    many: bool = False


def payloads(
    to: Recipient, message: Rendered, task_id: str, media_id: str | None = None, submit: str = "OK"
) -> list[Payload]:
    """What to send for one message, in this order: its text, its file, and last its buttons.

    `media_id` is what WeCom calls the message's file, once it was uploaded. Short texts stand on the card itself. More
    than 6 buttons become options of which one is ticked and sent with `submit`. A choice of several
    becomes a card of options of which many are ticked, several questions a card with a list to pull down for each, and
    what has a link and no buttons a card that opens it.

    Raises:
        DoesNotFit: more than 20 buttons, a token or task id that cannot be, a file that was not uploaded, or nothing.
    """
    if (message.file is None) != (media_id is None):
        raise DoesNotFit("a message with a file needs its media_id, and none else does")
    said, buttons = _clean(message.text).strip(), _unique(message.buttons)
    card: list[Payload] = []
    if message.together is not None:
        said, card = _as_selects(to, said, message.together, task_id)
    elif message.choice is not None:
        said, card = _as_choice(to, said, message.choice, task_id)
    elif len(buttons) > BUTTONS:
        said, title, options = _as_options(said, buttons)
        sending = RenderedButton(submit, SUBMIT)
        card = [vote_card(to, title, Question(CHOICE, options), sending, task_id)]
    elif buttons:
        said, shown = _on_card(said, buttons)
        card = [button_card(to, *shown, task_id)]
    elif message.link:
        said, card = _on_notice(to, said, message.link, task_id)
    file = [media(to, media_kind(message.file[1]), media_id)] if message.file and media_id else []
    sent = [*texts(to, said, answer=message.answer), *file, *card]
    if not sent:
        raise DoesNotFit("a message without a text, a file or a button")
    return sent


_Shown = tuple[str, str, list[RenderedButton]]


def _on_card(said: str, buttons: list[RenderedButton]) -> tuple[str, _Shown]:
    """What has to be said before a card, and what the card shows: its title, its body and its buttons. An address can
    be tapped in a text alone."""
    if any(width(button.label) > LABEL for button in buttons):
        said, buttons = _listed(said, buttons)
    title, _, body = (said or buttons[0].label).partition("\n")
    body = body.strip("\n")
    if len(title) <= TITLE and len(body) <= BODY and not any(scheme in said for scheme in _SCHEMES):
        return "", (title, body, buttons)
    return said, (_shortened(title, TITLE), "", buttons)


def _on_notice(to: Recipient, said: str, link: str, task_id: str) -> tuple[str, list[Payload]]:
    """What opens a page is a card to tap, without the address written out; what has no room on one stays a text."""
    bare = "\n".join(line.replace(link, "").rstrip(_BEFORE_A_LINK) for line in said.split("\n"))
    title, _, body = bare.strip("\n").partition("\n")
    if not title or len(title) > TITLE or len(body) > BODY or not link.startswith(_SCHEMES):
        return said, []
    return "", [text_notice(to, title, body, link, task_id)]


def _as_options(said: str, buttons: list[RenderedButton]) -> tuple[str, str, tuple[Option, ...]]:
    """What has to be said before a card with options, its title, and the options: each has the token as its id."""
    if any(len(button.label) > OPTION for button in buttons):
        said, buttons = _listed(said, buttons)
    title, more, _ = (said or buttons[0].label).partition("\n")
    options = tuple(Option(button.token, _shortened(button.label, OPTION)) for button in buttons)
    return said if more or len(title) > TITLE else "", _shortened(title, TITLE), options


def _as_choice(to: Recipient, said: str, choice: Choice, task_id: str) -> tuple[str, list[Payload]]:
    """What has to be said before a card on which several are ticked, and the card. Other buttons have no room on it."""
    buttons = [RenderedButton(_clean(option.label), option.token) for option in choice.options]
    said, title, options = _as_options(said, buttons)
    ticked = tuple(replace(option, chosen=option.id in choice.ticked) for option in options)
    before = "\n".join(part for part in (said, _clean(choice.aside)) if part)
    return before, [vote_card(to, title, Question(SEVERAL, ticked, many=True), choice.send, task_id)]


def _as_selects(
    to: Recipient, said: str, together: RenderedTogether, task_id: str
) -> tuple[str, list[Payload]]:
    """What has to be said before a card with lists to pull down, and the card. Each begins with what means none."""
    title, _, more = said.partition("\n")
    fits = len(title) <= TITLE and len(more) <= DESCRIPTION
    questions = [
        Question(
            f"{SEVERAL}-{number}",
            (Option(BLANK, together.blank), *(Option(o.token, o.label) for o in select.options)),
            select.title,
        )
        for number, select in enumerate(together.selects)
    ]
    card = multiple_card(
        to, _shortened(title, TITLE), more if fits else "", questions, together.send, task_id
    )
    return "" if fits else said, [card]


def _listed(said: str, buttons: list[RenderedButton]) -> tuple[str, list[RenderedButton]]:
    """Who cannot read a whole button reads it in the text, by its number."""
    buttons = [
        RenderedButton(f"{number}. {button.label}", button.token) for number, button in _numbered(buttons)
    ]
    return "\n".join([said, *(button.label for button in buttons)]).lstrip("\n"), buttons


def _numbered(buttons: Sequence[RenderedButton]) -> list[tuple[int, RenderedButton]]:
    """Buttons with the numbers that can be typed for them, as `fit` gives them: by the token, `nonce.n`."""
    ends = [button.token.rpartition(".")[2] for button in buttons]
    if not all(end.isascii() and end.isdigit() for end in ends):
        return list(enumerate(buttons, 1))
    return [(int(end) + 1, button) for end, button in zip(ends, buttons, strict=True)]


def _unique(rows: Sequence[Sequence[RenderedButton]]) -> list[RenderedButton]:
    """The buttons in one column. Two of one token do the same, and WeCom takes a key once: the first stays."""
    seen: dict[str, RenderedButton] = {}
    for row in rows:
        for button in row:
            seen.setdefault(button.token, RenderedButton(_clean(button.label), button.token))
    return list(seen.values())


def texts(to: Recipient, text: str, *, answer: bool = False) -> list[Payload]:
    """A text as text messages of at most 2048 bytes each, cut where `fit` cuts; none for an empty one. An answer has
    its heading in bold: who asked has WeCom open, and only there is markdown shown. What comes unasked stays a text."""
    text = _clean(text)
    if not text.strip():
        return []
    if answer and (content := headed(text)) is not None:
        return [_payload(to, "markdown", {"content": content})]
    text = _without_links(text)
    parts = fit(Rendered(text), Capabilities(text=TEXT))
    return [_payload(to, "text", {"content": part.text}) for part in parts]


def media_kind(media_type: str) -> str:
    """As what a file of a media type (`image/png`) is uploaded and sent: pictures that WeCom shows, or a file."""
    return "image" if media_type in ("image/png", "image/jpeg") else "file"


def media(to: Recipient, kind: str, media_id: str) -> Payload:
    """An uploaded file; `kind` is the one it was uploaded as."""
    return _payload(to, kind, {"media_id": media_id})


def text_notice(to: Recipient, title: str, body: str, url: str, task_id: str) -> Payload:
    """A card to read that opens `url` when tapped."""
    if not url.startswith(_SCHEMES):
        raise DoesNotFit("a card's url begins with https:// or http://")
    card = _card("text_notice", title, body, task_id)
    return _template(to, card | {"card_action": {"type": 1, "url": url}})


def button_card(
    to: Recipient, title: str, body: str, buttons: Sequence[RenderedButton], task_id: str
) -> Payload:
    """A card with 1 to 6 buttons. The first is the blue one. A label that is too long to be read is cut."""
    _count(buttons, BUTTONS, "buttons")
    _distinct([button.token for button in buttons], KEY, "a button's token")
    shown = [
        {"text": _narrowed(button.label), "style": 1 if first else 2, "key": button.token}
        for first, button in zip([True] + [False] * BUTTONS, buttons, strict=False)
    ]
    return _template(to, _card("button_interaction", title, body, task_id) | {"button_list": shown})


def replacement(to: Recipient, message: Rendered, task_id: str, settled: str) -> Payload | None:
    """The card that takes the place of the one of this task id; None for a message that one card does not hold.

    A card keeps its kind, and this kind wants a button: without any there is a grey one that says `settled`.
    """
    said, buttons = _clean(message.text).strip(), _unique(message.buttons)
    if message.file or message.choice or message.together or not said or len(buttons) > BUTTONS:
        return None
    rest, shown = _on_card(said, buttons or [RenderedButton(settled, "settled")])
    if rest:
        return None
    card: dict[str, Any] = button_card(to, *shown, task_id)["template_card"]
    return card if buttons else card | {"replace_text": settled}


def vote_card(to: Recipient, title: str, question: Question, submit: RenderedButton, task_id: str) -> Payload:
    """A card with one question and up to 20 options to tick, one or many, and a button that sends them."""
    _distinct([question.key], KEY, "a question's key")
    options = [
        {"id": option.id, "text": _clean(option.text), "is_checked": option.chosen}
        for option in _options(question, OPTIONS)
    ]
    box = {"question_key": question.key, "mode": int(question.many), "option_list": options}
    card = _card("vote_interaction", title, "", task_id)
    return _template(to, card | {"checkbox": box, "submit_button": _submit(submit)})


def multiple_card(
    to: Recipient, title: str, more: str, questions: Sequence[Question], submit: RenderedButton, task_id: str
) -> Payload:
    """A card with 1 to 3 questions, each a list of up to 10 options to pull down, and a button that sends them. `more`
    stands below the title.

    WeCom always has one chosen, so "none of them" has to be an option of its own. Without a chosen one it is the first.

    Raises:
        DoesNotFit: also if a question lets choose many.
    """
    _count(questions, SELECTS, "questions")
    _distinct([question.key for question in questions], KEY, "a question's key")
    if any(question.many for question in questions):
        raise DoesNotFit("a list to pull down lets choose one")
    card = _card("multiple_interaction", title, "", task_id)
    if more:
        card["main_title"]["desc"] = _clean(more)
    return _template(
        to, card | {"select_list": [_select(q) for q in questions], "submit_button": _submit(submit)}
    )


def _select(question: Question) -> dict[str, Any]:
    options = _options(question, SELECT_OPTIONS)
    return {
        "question_key": question.key,
        "title": _clean(question.title),
        "selected_id": next((option.id for option in options if option.chosen), options[0].id),
        "option_list": [{"id": option.id, "text": _clean(option.text)} for option in options],
    }


def _options(question: Question, most: int) -> tuple[Option, ...]:
    _count(question.options, most, "options")
    _distinct([option.id for option in question.options], OPTION_ID, "an option's id")
    if not question.many and sum(option.chosen for option in question.options) > 1:
        raise DoesNotFit("one question, one chosen option")
    if not all(_clean(option.text).strip() for option in question.options):
        raise DoesNotFit("an option has a text")
    return question.options


def _submit(button: RenderedButton) -> dict[str, str]:
    _distinct([button.token], KEY, "a button's token")
    return {"text": _narrowed(_clean(button.label)), "key": button.token}


def _card(kind: str, title: str, body: str, task_id: str) -> dict[str, Any]:
    if not _TASK_ID.fullmatch(task_id):
        raise DoesNotFit("a task_id has 1 to 128 letters, digits, _, - and @")
    title = _clean(title).strip()
    if not title:
        raise DoesNotFit("a card has a title")
    card: dict[str, Any] = {"card_type": kind, "task_id": task_id, "main_title": {"title": title}}
    return card | ({"sub_title_text": _clean(body)} if body else {})


def _template(to: Recipient, card: dict[str, Any]) -> Payload:
    return _payload(to, "template_card", card)


def _payload(to: Recipient, kind: str, content: dict[str, Any]) -> Payload:
    payload = {"touser": to.user_id, "agentid": to.agent_id, "msgtype": kind, kind: content, "safe": 0}
    payload["enable_duplicate_check"] = int(to.once)
    return payload | ({"duplicate_check_interval": REMEMBERED} if to.once else {})


def to_bytes(payload: Payload) -> bytes:
    """A payload as the body of a request: the same bytes for the same payload, or WeCom could not tell a repeat.

    Real UTF-8, because WeCom refuses escapes.
    """
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def _count(items: Sequence[object], most: int, what: str) -> None:
    if not 1 <= len(items) <= most:
        raise DoesNotFit(f"a card has 1 to {most} {what}")


def _distinct(keys: Sequence[str], most: int, what: str) -> None:
    if len(set(keys)) < len(keys) or not all(1 <= len(key.encode()) <= most for key in keys):
        raise DoesNotFit(f"{what} has 1 to {most} bytes and is there once")


def _clean(text: str) -> str:
    """Without what no chat shows and some parsers choke on: control characters and halves of characters."""
    return _UNSEEN.sub("", text)


def _without_links(text: str) -> str:
    """In a text, `<a href>` would become a link. What people wrote is shown, not obeyed: with a wide bracket."""
    return _ANCHOR.sub("＜", text)


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _narrowed(label: str) -> str:
    """A button's label, cut to what is shown."""
    if not label.strip():
        raise DoesNotFit("a button has a label")
    if width(label) <= LABEL:
        return label
    while width(label) > LABEL - 2:  # an ellipsis is as wide as a Chinese character
        label = label[:-1]
    return label + "…"
