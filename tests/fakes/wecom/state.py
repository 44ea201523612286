"""Everything the fake remembers: the corp's members, what was sent to them, and what the app asked for."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.fakes.wecom.markdown import Markup

DAY = 86_400.0
CARD_CODE_LIFE = 3 * DAY
MEDIA_LIFE = 3 * DAY
RECALL_LIFE = DAY
TOKEN_LIFE = 7_200.0
LOGIN_CODE_LIFE = 300.0

TokenReuse = Literal["same", "new", "revoke"]


@dataclass(frozen=True)
class SentFile:
    """A file in a chat."""

    name: str
    content: bytes
    media_id: str = ""


@dataclass(frozen=True)
class Button:
    """Something on a card that can be tapped: with a URL it opens a page, without one it calls back."""

    label: str
    key: str
    url: str = ""
    menu: bool = False  # of the card's action menu


@dataclass(eq=False)
class Message:
    """One message as one person sees it now."""

    kind: str
    text: str = ""
    title: str = ""
    card: dict[str, Any] = field(default_factory=dict)
    file: SentFile | None = None
    sent_at: float = 0.0
    msgid: str = ""
    mine: bool = False
    passive: bool = False
    recalled: bool = False
    greyed: str = ""  # the text of the grey button that took the place of the others
    edits: int = 0
    heard: bool = False
    earlier: list[dict[str, Any]] = field(default_factory=list)  # the cards that were replaced
    markup: Markup | None = None  # of a markdown message
    source: str = ""  # its content as it was sent

    @property
    def buttons(self) -> tuple[Button, ...]:
        """What can be tapped now: nothing any more once greyed or recalled."""
        return () if self.greyed or self.recalled else buttons_of(self.card)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(button.label for button in self.buttons)

    @property
    def task_id(self) -> str:
        return str(self.card.get("task_id", ""))

    @property
    def rows(self) -> dict[str, str]:
        """The card's lines of name and value."""
        return {row["keyname"]: row.get("value", "") for row in self.card.get("horizontal_content_list", ())}

    def grey(self, label: str) -> None:
        self.greyed, self.edits = label, self.edits + 1

    def replace(self, card: dict[str, Any]) -> None:
        """Another card in this one's place; clicks keep the first one's task id."""
        self.earlier.append(self.card)
        self.card = {"task_id": self.task_id, **card}
        self.title, self.text = words_of(card)
        self.greyed, self.edits = str(card.get("replace_text", "")), self.edits + 1

    def copy(self) -> Message:
        seen = Message(self.kind, self.text, self.title, self.card, self.file, self.sent_at, self.msgid)
        seen.markup, seen.source = self.markup, self.source
        return seen


def buttons_of(card: dict[str, Any]) -> tuple[Button, ...]:
    """Buttons, then the submit button, then the action menu."""
    found = [
        Button(one.get("text", ""), one.get("key", ""), one.get("url", "") if one.get("type") == 1 else "")
        for one in card.get("button_list", ())
    ]
    submit = card.get("submit_button")
    if submit is not None or card.get("card_type") in ("vote_interaction", "multiple_interaction"):
        found.append(Button((submit or {}).get("text") or "提交", (submit or {}).get("key", "")))
    menu = card.get("action_menu") or {}
    found += [Button(one["text"], one["key"], menu=True) for one in menu.get("action_list", ())]
    return tuple(found)


def words_of(card: dict[str, Any]) -> tuple[str, str]:
    """Title and the rest of what a card says, line by line."""
    main = card.get("main_title") or {}
    emphasis = card.get("emphasis_content") or {}
    quote = card.get("quote_area") or {}
    lines = [main.get("desc"), emphasis.get("title"), emphasis.get("desc"), quote.get("title")]
    lines += [quote.get("quote_text"), card.get("sub_title_text")]
    lines += [f"{one['keyname']}：{one.get('value', '')}" for one in card.get("horizontal_content_list", ())]
    lines += [
        f"{one.get('title', '')} {one.get('desc', '')}".strip()
        for one in card.get("vertical_content_list", ())
    ]
    return main.get("title", ""), "\n".join(line for line in lines if line)


@dataclass(eq=False)
class Member:
    """Somebody in the corp. Not visible: outside the app's range. Not licensed: no interface licence."""

    userid: str
    name: str
    departments: list[int]
    tags: set[int]
    visible: bool = True
    licensed: bool = True
    position: str = ""
    timeline: list[Message] = field(default_factory=list)
    accepted: list[float] = field(default_factory=list)  # when messages were shown, for the member's limits


@dataclass
class Call:
    """One request the app made. `errcode` and `status` are what it was answered; None while it is under way."""

    endpoint: str
    method: str
    query: dict[str, str]
    payload: Any
    raw: bytes
    at: float
    errcode: int | None = None
    status: int | None = None
    fault: str = ""


@dataclass(eq=False)
class Sent:
    """One accepted message/send, and how each receiver sees it."""

    msgid: str
    at: float
    payload: dict[str, Any]
    views: dict[str, Message] = field(default_factory=dict)
    recalled: bool = False


@dataclass
class CardCode:
    sent: Sent
    at: float
    used: bool = False


@dataclass
class Token:
    text: str
    at: float
    refused: int = 0  # the errcode it was made invalid with


@dataclass(frozen=True)
class Media:
    kind: str
    file: SentFile
    at: float


@dataclass
class LoginCode:
    userid: str | None  # None: somebody who is no member
    scope: str
    at: float
    used: bool = False


@dataclass(eq=False)
class State:
    """One app in one corp. Members are kept by lower-case userid: case makes no difference."""

    corp_id: str
    agent_id: int
    secret: str
    clock: Callable[[], float]
    token_reuse: TokenReuse = "same"
    daily_quota: int = 100_000
    over_quota_drops: bool = False
    calls_per_minute: int = 10_000
    max_concurrent: int | None = None
    untrusted_ip: bool = False
    members: dict[str, Member] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    tokens: dict[str, Token] = field(default_factory=dict)
    wrong_secrets: list[float] = field(default_factory=list)
    sent: dict[str, Sent] = field(default_factory=dict)
    task_ids: set[str] = field(default_factory=set)
    card_codes: dict[str, CardCode] = field(default_factory=dict)
    media: dict[str, Media] = field(default_factory=dict)
    login_codes: dict[str, LoginCode] = field(default_factory=dict)
    menu: list[dict[str, Any]] = field(default_factory=list)
    agent: dict[str, Any] = field(default_factory=dict)
    workbench: dict[str, Any] = field(default_factory=dict)
    workbench_data: dict[str, dict[str, Any]] = field(default_factory=dict)
    quota_day: int = -1
    quota_used: int = 0
    minute: dict[str, deque[float]] = field(default_factory=dict)  # the last minute's calls by endpoint
    under_way: Counter[str] = field(default_factory=Counter)
    recent: dict[bytes, float] = field(default_factory=dict)  # until when an identical request is suppressed
    dropped: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    suppressed: list[dict[str, Any]] = field(default_factory=list)
    truncated: list[dict[str, Any]] = field(default_factory=list)
    advice: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    version: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def now(self) -> float:
        return self.clock()

    def member(self, userid: str) -> Member | None:
        return self.members.get(userid.lower())

    def unique(self, prefix: str) -> str:
        """A name nobody can guess and no other run gives out again."""
        return f"{prefix}{next(self.numbers)}_{secrets.token_urlsafe(12)}"

    def new_card_code(self, sent: Sent) -> str:
        code = self.unique("rc")
        self.card_codes[code] = CardCode(sent, self.now())
        return code

    def keep_media(self, kind: str, name: str, content: bytes) -> str:
        media_id = self.unique("media")
        self.media[media_id] = Media(kind, SentFile(name, content, media_id), self.now())
        return media_id

    def live_media(self, media_id: object) -> Media | None:
        """A medium that still lives."""
        found = self.media.get(media_id) if isinstance(media_id, str) else None
        return found if found is not None and self.now() - found.at < MEDIA_LIFE else None

    async def tell(self) -> None:
        """Something changed that somebody may be waiting for."""
        async with self.changed:
            self.version += 1
            self.changed.notify_all()
