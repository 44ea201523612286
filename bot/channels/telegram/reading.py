"""What Telegram tells us → what happened. Read from the plain JSON: one update that is odd must not spoil a batch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace
from pydantic import BaseModel, ValidationError

from bot.channels.base import Incoming, IncomingFile, Sign
from locales.catalogue import best_language

KIND = "telegram"
# What we ask to be sent; anything else that comes all the same is taken note of and has no effect.
WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
# Traces of what happened in a chat: nobody said anything to us.
_SERVICE = frozenset(
    {
        "boost_added",
        "chat_background_set",
        "chat_shared",
        "forum_topic_created",
        "group_chat_created",
        "left_chat_member",
        "message_auto_delete_timer_changed",
        "migrate_from_chat_id",
        "migrate_to_chat_id",
        "new_chat_members",
        "new_chat_photo",
        "new_chat_title",
        "pinned_message",
        "proximity_alert_triggered",
        "supergroup_chat_created",
        "users_shared",
        "video_chat_ended",
        "video_chat_scheduled",
        "video_chat_started",
        "write_access_allowed",
    }
)
_PLACES = frozenset({"location", "venue"})
_GONE, _BACK = frozenset({"kicked", "left"}), frozenset({"member", "creator", "administrator"})


class _Who(BaseModel):
    id: int
    is_bot: bool = False
    language_code: str = ""


class _Chat(BaseModel):
    id: int
    type: str = "private"


class _File(BaseModel):
    file_id: str
    file_name: str = ""


class _Message(BaseModel):
    message_id: int
    chat: _Chat
    sender: _Who | None = None
    text: str | None = None
    document: _File | None = None
    voice: _File | None = None
    photo: tuple[_File, ...] = ()


class _Tap(BaseModel):
    id: str
    sender: _Who
    data: str = ""
    chat: _Chat | None = None


class _Change(BaseModel):
    chat: _Chat
    status: str


@dataclass(frozen=True)
class Read:
    """One update: its number, what it means for the house (perhaps nothing), and the tap that wants to be answered."""

    update_id: int
    incoming: Incoming | None = None
    tap: str | None = None

    @property
    def line(self) -> str:
        """Updates of one line are handled one after the other."""
        return self.incoming.address if self.incoming is not None else ""


def read(update: Any) -> Read | None:
    """What an update says; None where it is none at all."""
    if not isinstance(update, Mapping) or not isinstance(number := update.get("update_id"), int):
        return None
    for kind, reader in _READERS.items():
        if isinstance(content := update.get(kind), Mapping):
            try:
                return reader(number, content)
            except ValidationError:
                break  # of a shape nobody knows; it is passed over like a kind nobody knows
    return Read(number)


def _message(number: int, content: Mapping[str, Any]) -> Read:
    message = _Message.model_validate({**content, "sender": content.get("from")})
    who = message.sender
    if who is None or who.is_bot or (not _SERVICE.isdisjoint(content) and message.text is None):
        return Read(number)
    language = best_language(who.language_code, "") or None
    about = Incoming(
        KIND,
        str(message.chat.id),
        f"{number}.{message.message_id}",
        receipt=str(message.message_id),
        language=language,
    )
    if message.chat.type != "private":
        return Read(number, replace(about, sign=Sign.group))
    if message.text is not None:
        return Read(number, replace(about, text=_sound(message.text)))
    if not _PLACES.isdisjoint(content):
        return Read(number, replace(about, sign=Sign.place))
    file = _file(message)
    return Read(number, replace(about, file=file) if file else replace(about, sign=Sign.unreadable))


def _file(message: _Message) -> IncomingFile | None:
    if message.document is not None:
        name = _sound(message.document.file_name)[:200] or "document"
        return IncomingFile("document", name, message.document.file_id)
    if message.voice is not None:
        return IncomingFile("voice", "voice.ogg", message.voice.file_id)
    if message.photo:
        return IncomingFile("photo", "photo.jpg", message.photo[-1].file_id)  # the last is the largest
    return None


def _edited(number: int, content: Mapping[str, Any]) -> Read:
    made = _message(number, content)
    incoming = made.incoming
    if incoming is None or incoming.sign in (
        Sign.group,
        Sign.place,
    ):  # a place that moves is told again and again
        return Read(number)
    edited = Incoming(
        KIND,
        incoming.address,
        incoming.event_id,
        sign=Sign.edited,
        receipt=incoming.receipt,
        language=incoming.language,
    )
    return Read(number, edited)


def _tap(number: int, content: Mapping[str, Any]) -> Read:
    message = content.get("message")
    chat = message.get("chat") if isinstance(message, Mapping) else None
    tap = _Tap.model_validate({**content, "sender": content.get("from"), "chat": chat})
    event_id, language = f"{number}.{tap.id}", best_language(tap.sender.language_code, "") or None
    if tap.chat is not None and tap.chat.type != "private":
        return Read(number, Incoming(KIND, str(tap.chat.id), event_id, sign=Sign.group), tap.id)
    token = _sound(tap.data)
    return Read(number, Incoming(KIND, str(tap.sender.id), event_id, token=token, language=language), tap.id)


def _presence(number: int, content: Mapping[str, Any]) -> Read:
    member = content.get("new_chat_member")
    status = member.get("status") if isinstance(member, Mapping) else None
    change = _Change.model_validate({"chat": content.get("chat"), "status": status})
    if change.chat.type != "private" or change.status not in _GONE | _BACK:
        return Read(number)
    sign = Sign.left if change.status in _GONE else Sign.returned
    return Read(number, Incoming(KIND, str(change.chat.id), f"{number}.presence", sign=sign))


def _sound(text: str) -> str:
    """JSON may carry half a character; no database can. NUL is in no message of a person."""
    return text.encode(errors="replace").decode().replace("\x00", "")


_READERS = {
    "message": _message,
    "edited_message": _edited,
    "callback_query": _tap,
    "my_chat_member": _presence,
}
