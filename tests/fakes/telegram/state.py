"""Who there is and what was said: people, chats, messages, files and clicks, and how each looks as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.texts import Formatted


@dataclass
class Person:
    """Somebody with a phone. Until they press start, the bot cannot write to them."""

    id: int
    name: str
    language: str = ""
    username: str = ""
    started: bool = False
    blocked: bool = False
    deactivated: bool = False

    def json(self) -> Json:
        known: Json = {"id": self.id, "is_bot": False, "first_name": self.name}
        optional = {"username": self.username, "language_code": self.language}
        return known | {key: value for key, value in optional.items() if value}


@dataclass
class Bot:
    """The bot's own card."""

    id: int
    name: str = "Test assistant"
    username: str = "test_assistant_bot"

    def json(self) -> Json:
        return {"id": self.id, "is_bot": True, "first_name": self.name, "username": self.username}


@dataclass(frozen=True)
class StoredFile:
    """A file on the server. Kinds are those of the API: document, photo, voice."""

    id: str
    name: str
    content: bytes
    kind: str
    mime: str
    path: str

    def json(self) -> Json:
        """As it is attached to a message."""
        about: Json = {"file_id": self.id, "file_unique_id": f"u{self.id}", "file_size": len(self.content)}
        if self.kind == "photo":
            return about | {"width": 800, "height": 600}
        if self.kind == "voice":
            return about | {"duration": 1, "mime_type": self.mime}
        return about | {"file_name": self.name, "mime_type": self.mime}


@dataclass(eq=False)
class Message:
    """One message in one chat."""

    id: int
    chat_id: int
    sender: int  # a person's id, the bot's, or the chat's own in a channel
    date: float
    words: Formatted = field(default_factory=Formatted)  # text, or the caption when there is a file
    file: StoredFile | None = None
    extra: Json = field(default_factory=dict)  # sticker, poll, location, where it was forwarded from
    markup: Json | None = None
    edit_date: float | None = None
    reworded: bool = False  # edited as people see it; a new keyboard alone does not count
    protected: bool = False
    reply_to: int | None = None
    changed_at: int = 0  # by the count of all changes


@dataclass
class Chat:
    """A conversation. A private one has the id of its person."""

    id: int
    kind: str
    title: str = ""
    members: set[int] = field(default_factory=set)
    with_bot: bool = True
    messages: dict[int, Message] = field(default_factory=dict)
    last_id: int = 0
    actions: list[str] = field(default_factory=list)  # what sendChatAction showed

    @property
    def private(self) -> bool:
        return self.kind == "private"


@dataclass
class Click:
    """A tap on a button, and what the bot answered."""

    id: str
    person: int
    data: str
    at: float
    answered: bool = False
    text: str = ""
    alert: bool = False


@dataclass
class Call:
    """One request of the bot, as it came in, and what became of it."""

    method: str
    chat: int | None
    params: Json
    at: float
    files: list[tuple[str, int]] = field(default_factory=list)  # name and size
    status: int | None = None  # None: there was no answer
    error: str = ""
