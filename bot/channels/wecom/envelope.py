"""What WeCom posts and what it takes for an answer: XML, read with suspicion and written with care.

Outside stands a small document with one ciphertext (`encrypted_text`, `answer`). Inside, once decrypted, stands a
message or an event (`parse_callback`), or what we answer a tap with (`update_button`, `update_template_card`).
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, ParseError

from bot.channels.wecom.cipher import Cipher, Forged

LARGEST = 64 * 1024  # bytes of a callback; WeCom's own are a few KiB
DEEPEST = 16  # elements inside each other; WeCom's own are 5
MOST = 500  # elements in all; WeCom's own are fewer than 100
ENTERED = "enter_agent"
_DAY, _OFFSET = 86_400, 8 * 3600  # seconds; WeCom's day begins at midnight in China
_WHOLE = re.compile(r"[0-9]{1,19}")
_FIELD = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Names that WeCom writes with a capital where JSON has no underscore.
_CAPITALS = {
    "appid": "AppId",
    "checkbox": "CheckBox",
    "keyname": "KeyName",
    "pagepath": "PagePath",
    "userid": "UserId",
}


class Malformed(Exception):
    """A document is not what it should be. The text names an element or a limit, nothing of the content."""


@dataclass(frozen=True, slots=True)
class Callback:
    """One message or event, decrypted. What a kind does not have is empty; see WeCom's list of callbacks.

    `from_user` is lower-cased: WeCom does not tell userids apart by case. `created_at` is in unix seconds. `selected`
    holds, for each question of a card, its key and the ids of the chosen options. `latitude` and `longitude` are
    decimal degrees as sent.
    """

    to_user: str
    from_user: str
    created_at: int
    kind: str
    agent_id: int | None = None
    msg_id: str = ""
    content: str = ""
    media_id: str = ""
    thumb_media_id: str = ""
    pic_url: str = ""
    format: str = ""
    file_name: str = ""
    title: str = ""
    description: str = ""
    url: str = ""
    latitude: str = ""
    longitude: str = ""
    label: str = ""
    event: str = ""
    event_key: str = ""
    task_id: str = ""
    card_type: str = ""
    response_code: str = ""
    selected: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(slots=True)
class _Node:
    """An element: its own text, and the elements inside. Attributes are dropped, WeCom has none."""

    tag: str
    pieces: list[str] = field(default_factory=list)
    children: list[_Node] = field(default_factory=list)

    def all(self, tag: str) -> list[_Node]:
        return [child for child in self.children if child.tag == tag]

    def raw(self, tag: str) -> str:
        """The text of the first element of that name, as it stands; empty if there is none."""
        found = self.all(tag)
        return "".join(found[0].pieces) if found else ""

    def text(self, tag: str) -> str:
        return self.raw(tag).strip()


class _Builder:
    """Takes the parser's events. Stops it at the first element too deep or too many, so a bomb costs nothing."""

    def __init__(self) -> None:
        self._open = [_Node("")]
        self._count = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._count += 1
        if len(self._open) > DEEPEST or self._count > MOST:
            raise Malformed(f"more than {DEEPEST} elements deep, or {MOST} in all")
        node = _Node(tag)
        self._open[-1].children.append(node)
        self._open.append(node)

    def data(self, text: str) -> None:
        self._open[-1].pieces.append(text)

    def end(self, tag: str) -> None:
        self._open.pop()

    def close(self) -> _Node:
        return self._open[0].children[0]


def _parse(document: bytes) -> _Node:
    """The root of a document, which must be `<xml>`.

    Raises:
        Malformed: too large or too deep, not UTF-8, not well-formed, with a DTD or an entity, or another root.
    """
    if len(document) > LARGEST:
        raise Malformed(f"more than {LARGEST} bytes")
    builder = _Builder()
    parser = DefusedXMLParser(target=builder, forbid_dtd=True)
    try:
        # As text, so that no declaration in it can choose another encoding.
        parser.feed(document.decode("utf-8"))
        parser.close()
    except (UnicodeDecodeError, ParseError, DefusedXmlException):
        raise Malformed("not well-formed XML in UTF-8, or not plain") from None
    root = builder.close()
    if root.tag != "xml":
        raise Malformed("the root is not <xml>")
    return root


def encrypted_text(body: bytes) -> str:
    """The ciphertext (base64) of a posted body: its one `<Encrypt>`.

    Raises:
        Forged: there is no such thing in it. Nobody has signed this document yet, so no reason is given.
    """
    try:
        found = _parse(body).all("Encrypt")
    except Malformed:
        raise Forged from None
    if len(found) != 1:  # two would leave open which of them was signed
        raise Forged
    return "".join(found[0].pieces).strip()


def parse_callback(document: bytes) -> Callback:
    """The message or event of a decrypted document. Unknown elements are ignored, missing ones are empty.

    Raises:
        Malformed: not such a document, or without sender, receiver, time or kind.
    """
    root = _parse(document)
    kind, agent = root.text("MsgType"), root.text("AgentID")
    return Callback(
        to_user=_needed(root, "ToUserName"),
        from_user=_needed(root, "FromUserName").lower(),
        created_at=_whole(root, "CreateTime"),
        kind=_needed(root, "MsgType"),
        agent_id=_whole(root, "AgentID") if agent else None,
        msg_id=root.text("MsgId"),
        content=root.raw("Content"),
        media_id=root.text("MediaId"),
        thumb_media_id=root.text("ThumbMediaId"),
        pic_url=root.text("PicUrl"),
        format=root.text("Format"),
        file_name=root.text("FileName") or (root.text("Title") if kind == "file" else ""),
        title=root.text("Title"),
        description=root.text("Description"),
        url=root.text("Url"),
        latitude=root.text("Location_X") or root.text("Latitude"),
        longitude=root.text("Location_Y") or root.text("Longitude"),
        label=root.text("Label"),
        event=root.text("Event"),
        event_key=root.text("EventKey"),
        task_id=root.text("TaskId"),
        card_type=root.text("CardType"),
        response_code=root.text("ResponseCode"),
        selected=_selected(root),
    )


def _needed(root: _Node, tag: str) -> str:
    text = root.text(tag)
    if not text:
        raise Malformed(f"<{tag}> is missing")
    return text


def _whole(root: _Node, tag: str) -> int:
    text = root.text(tag)
    if not _WHOLE.fullmatch(text):
        raise Malformed(f"<{tag}> is not a whole number")
    return int(text)


def _selected(root: _Node) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (
            item.text("QuestionKey"),
            tuple(
                "".join(option.pieces).strip()
                for ids in item.all("OptionIds")
                for option in ids.all("OptionId")
            ),
        )
        for items in root.all("SelectedItems")
        for item in items.all("SelectedItem")
    )


def event_key_of(callback: Callback) -> str:
    """What tells a callback from every other and is the same whenever it is sent again: 66 ASCII characters.

    A message has an id of its own. An event has none, and its sender and second alone would merge two taps of one
    second, so what was tapped or chosen counts too. Who enters the app time and again has entered it
    once a day. Hashed, because nobody's userid belongs in a table of keys.
    """
    agent = callback.agent_id
    if callback.msg_id:
        return f"m-{_digest(agent, callback.msg_id)}"
    if callback.event == ENTERED:
        return f"d-{_digest(agent, callback.from_user, (callback.created_at + _OFFSET) // _DAY)}"
    who = (agent, callback.from_user, callback.created_at)
    chosen = (word for key, options in callback.selected for word in (key, *options))
    what = (callback.event, callback.event_key, callback.task_id, *chosen)
    if callback.event:
        return f"e-{_digest(*who, *what)}"
    return f"c-{_digest(*who, callback.kind, callback.content, callback.media_id)}"


def _digest(*parts: str | int | None) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()  # as a list: no part can pose as two


# --- answers -------------------------------------------------------------------------------------------------------


def answer(
    cipher: Cipher,
    message: bytes,
    now: datetime,
    nonce: str,
    *,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> bytes:
    """The body of an HTTP answer that carries `message`, encrypted and signed. `nonce` may be the request's own."""
    timestamp = str(int(now.timestamp()))
    ciphertext = cipher.encrypt(message, random=random)
    return _document(
        _element("Encrypt", ciphertext)
        + _element("MsgSignature", cipher.sign(timestamp, nonce, ciphertext))
        + _element("TimeStamp", int(timestamp))
        + _element("Nonce", nonce)
    )


def update_button(callback: Callback, now: datetime, label: str) -> bytes:
    """An answer, yet to be encrypted, that turns the buttons of the tapped card into one grey `label`."""
    return _document(_head(callback, now, "update_button") + _element("Button", {"replace_name": label}))


def update_template_card(callback: Callback, now: datetime, card: Mapping[str, Any]) -> bytes:
    """An answer, yet to be encrypted, that puts `card` in the place of the tapped one, for who tapped it.

    `card` is the object that `message/send` takes as `template_card`, and here becomes XML.

    Raises:
        ValueError: a field's name or value is none that JSON of WeCom has.
    """
    return _document(_head(callback, now, "update_template_card") + _element("TemplateCard", card))


def _head(callback: Callback, now: datetime, kind: str) -> str:
    return (
        _element("ToUserName", callback.from_user)
        + _element("FromUserName", callback.to_user)
        + _element("CreateTime", int(now.timestamp()))
        + _element("MsgType", kind)
    )


def _document(inside: str) -> bytes:
    return f"<xml>{inside}</xml>".encode()


def _element(tag: str, value: object) -> str:
    """One element; of a list, one for each item. What is None is left out."""
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "".join(_element(tag, item) for item in value)
    return f"<{tag}>{_inside(value)}</{tag}>"


def _inside(value: object) -> str:
    match value:
        case Mapping():
            return "".join(_element(_camel_case(str(name)), item) for name, item in value.items())
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
        case str():
            return _cdata(value)
    raise ValueError("a card holds objects, lists, texts and numbers")


def _cdata(text: str) -> str:
    """A text as CDATA. What would end it is cut in two, what XML cannot hold is left out."""
    return f"<![CDATA[{_NOT_XML.sub('', text).replace(']]>', ']]]]><![CDATA[>')}]]>"


def _camel_case(name: str) -> str:
    if not _FIELD.fullmatch(name):
        raise ValueError("a card's field has a name of small letters, digits and underscores")
    return _CAPITALS.get(name) or "".join(part.capitalize() for part in name.split("_"))
