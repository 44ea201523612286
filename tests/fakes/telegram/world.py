"""Everything one bot's server remembers, and the few acts that all its parts share."""

from __future__ import annotations

import mimetypes
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from tests.fakes.telegram.bell import Bell
from tests.fakes.telegram.errors import Json, bad, forbidden
from tests.fakes.telegram.floods import Floods
from tests.fakes.telegram.given import whole_number
from tests.fakes.telegram.limits import Limits
from tests.fakes.telegram.state import Bot, Call, Chat, Click, Message, Person, StoredFile
from tests.fakes.telegram.texts import Formatted
from tests.fakes.telegram.updates import Updates
from tests.fakes.telegram.webhook import Webhook


class World:
    """The state. `clock` gives seconds since 1970: a test that holds it can age messages and clicks."""

    def __init__(self, token: str, clock: Callable[[], float], limits: Limits, floods: bool) -> None:
        self.clock, self.limits = clock, limits
        self.bot = Bot(int(token.partition(":")[0] or 0))
        self.bell = Bell()
        self.updates = Updates(clock, limits, self.bell)
        self.floods = Floods(clock, limits, floods)
        self.webhook = Webhook()
        self.people: dict[int, Person] = {}
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, StoredFile] = {}
        self.clicks: dict[str, Click] = {}
        self.commands: dict[tuple[str, str], list[Json]] = {}  # by scope and language
        self.texts_about: dict[tuple[str, str], str] = {}  # name and descriptions, by kind and language
        self.calls: list[Call] = []
        self.early_calls: list[Call] = []
        self.closing = False

    # --- who and where -----------------------------------------------------------------------------------------

    def reachable(self, chat_id: str) -> Chat:
        """The chat the bot may act in, or the refusal the real server has for it."""
        if not chat_id:
            raise bad("chat_id is empty")
        chat = self.chats.get(whole_number(chat_id) or 0)
        if chat is None:
            raise bad("chat not found")
        if not chat.private:
            if not chat.with_bot:
                raise forbidden(f"bot was kicked from the {chat.kind} chat")
            return chat
        person = self.people[chat.id]
        if person.deactivated:
            raise forbidden("user is deactivated")
        if not person.started:
            raise bad("chat not found")
        if person.blocked:
            raise forbidden("bot was blocked by the user")
        return chat

    def private_chat(self, person: Person) -> Chat:
        return self.chats.setdefault(person.id, Chat(person.id, "private", members={person.id}))

    # --- messages ----------------------------------------------------------------------------------------------

    def post(self, chat: Chat, sender: int, words: Formatted | None = None, **more: Any) -> Message:
        """A new message at the end of a chat."""
        chat.last_id += 1
        message = Message(chat.last_id, chat.id, sender, self.clock(), words or Formatted(), **more)
        chat.messages[message.id] = message
        self.changed(message)
        return message

    def changed(self, message: Message | None = None) -> None:
        """Tell everybody who waits."""
        if message is not None:
            message.changed_at = self.bell.rung + 1
        self.bell.ring()

    def store(self, name: str, content: bytes, kind: str, mime: str = "") -> StoredFile:
        """Keep a file and give it an id."""
        mime = mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        extension = name.rpartition(".")[2] if "." in name else "bin"
        path = f"{kind}s/file_{len(self.files)}.{quote(extension)}"
        stored = StoredFile(f"{kind}-{random.getrandbits(64):016x}", name, content, kind, mime, path)
        self.files[stored.id] = stored
        return stored

    # --- JSON --------------------------------------------------------------------------------------------------

    def chat_json(self, chat: Chat) -> Json:
        if chat.private:
            person = self.people[chat.id]
            about: Json = {"id": chat.id, "type": "private", "first_name": person.name}
            return about | ({"username": person.username} if person.username else {})
        return {"id": chat.id, "type": chat.kind, "title": chat.title}

    def message_json(self, message: Message, depth: int = 0) -> Json:
        """A message as the API shows it; what it replies to is shown once, not endlessly."""
        chat = self.chats[message.chat_id]
        about: Json = {"message_id": message.id, "date": int(message.date), "chat": self.chat_json(chat)}
        about |= self._sender_json(message, chat) | self._content_json(message) | message.extra
        if message.edit_date is not None:
            about["edit_date"] = int(message.edit_date)
        if message.markup is not None and "inline_keyboard" in message.markup:
            about["reply_markup"] = message.markup
        if message.protected:
            about["has_protected_content"] = True
        earlier = chat.messages.get(message.reply_to or 0)
        if earlier is not None and depth == 0:
            about["reply_to_message"] = self.message_json(earlier, depth + 1)
        return about

    def _sender_json(self, message: Message, chat: Chat) -> Json:
        if message.sender == self.bot.id:
            return {"from": self.bot.json()}
        if message.sender == chat.id and not chat.private:
            return {"sender_chat": self.chat_json(chat)}
        return {"from": self.people[message.sender].json()}

    def _content_json(self, message: Message) -> Json:
        text, entities = ("caption", "caption_entities") if message.file else ("text", "entities")
        content: Json = {}
        if message.words.text:
            content[text] = message.words.text
        if message.words.entities:
            content[entities] = list(message.words.entities)
        if message.file is not None:
            about = message.file.json()
            content[message.file.kind] = [about] if message.file.kind == "photo" else about
        return content
