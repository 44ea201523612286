"""A person with a phone, as a test's interface: presses start, types, taps, sends, blocks, and sees the chat."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

from tests.fakes.telegram.errors import Json
from tests.fakes.telegram.groups import Group
from tests.fakes.telegram.state import Chat, Click, Message, Person
from tests.fakes.telegram.texts import Formatted, typed
from tests.fakes.telegram.views import Seen, seen
from tests.fakes.telegram.world import World

# Seconds for what a person waits for: long, for a busy machine, and over as soon as it is there.
PATIENCE = 60.0
PAYLOAD = re.compile(r"[A-Za-z0-9_-]{0,64}")


class CannotDo(AssertionError):
    """What no phone would let this person do."""


class User:
    """Acts return the id of the update they caused: 0 when the bot asked for none of that kind."""

    def __init__(self, world: World, person: Person) -> None:
        self._world, self._person = world, person
        self._acted_at = 0

    # --- who ---------------------------------------------------------------------------------------------------

    @property
    def id(self) -> int:
        return self._person.id

    @property
    def name(self) -> str:
        return self._person.name

    @property
    def person(self) -> Person:
        """What the server knows: language, started, blocked."""
        return self._person

    @property
    def _chat(self) -> Chat:
        return self._world.private_chat(self._person)

    # --- speaking ----------------------------------------------------------------------------------------------

    async def start(self, payload: str = "") -> int:
        """Press start, by a link with a payload or without. Also the way back for somebody who blocked the bot."""
        if not PAYLOAD.fullmatch(payload):
            raise CannotDo("a start link carries at most 64 of A-Z a-z 0-9 _ -")
        if self._person.blocked:
            await self.unblocks()
        return await self.says(f"/start {payload}".strip())

    async def says(self, text: str, *, reply_to: Seen | None = None) -> int:
        """Type a text into the private chat."""
        return self._send(words=typed(text), reply_to=reply_to.id if reply_to else None)

    async def says_in(self, group: Group, text: str) -> int:
        """Type a text into a group."""
        self._acted_at = self._world.bell.rung
        return group.post(self.id, words=typed(text))

    def _send(self, **content: Any) -> int:
        if self._person.blocked:
            raise CannotDo(f"{self.name} has blocked the bot: the phone has no line to type in")
        self._acted_at = self._world.bell.rung
        self._person.started = True
        message = self._world.post(self._chat, self.id, **content)
        return self._world.updates.add("message", self._world.message_json(message))

    async def edits(self, message: Seen, text: str) -> int:
        """Reword one's own message."""
        mine = self._find(message)
        if mine.sender != self.id:
            raise CannotDo("one can edit only one's own messages")
        self._acted_at = self._world.bell.rung
        mine.words, mine.reworded, mine.edit_date = typed(text), True, self._world.clock()
        self._world.changed(mine)
        return self._world.updates.add("edited_message", self._world.message_json(mine))

    def _find(self, message: Seen) -> Message:
        found = self._world.chats[message.chat_id].messages.get(message.id)
        if found is None:
            raise CannotDo("the message has been deleted")
        return found

    async def forwards(self, message: Seen, to: User | Group | None = None) -> Seen:
        """Pass a message on, without its buttons: to the bot, into a group, or to somebody else, unseen by the bot."""
        original = self._find(message)
        if original.protected:
            raise CannotDo("the message is protected: it cannot be forwarded")
        content: Json = {"words": original.words, "file": original.file, "extra": self._origin(original)}
        if isinstance(to, User):
            handed = Message(
                original.id, to.id, original.sender, original.date, original.words, original.file
            )
            return seen(self._world, handed)
        if isinstance(to, Group):
            to.post(self.id, **content)
            return to.chat[-1]
        self._send(**content)
        return self.chat[-1]

    def _origin(self, original: Message) -> Json:
        by_bot = original.sender == self._world.bot.id
        sender = self._world.bot.json() if by_bot else self._world.people[original.sender].json()
        origin = {"type": "user", "date": int(original.date), "sender_user": sender}
        return {"forward_origin": origin}

    # --- sending things ----------------------------------------------------------------------------------------

    async def sends_document(self, name: str, content: bytes, caption: str = "", mime: str = "") -> int:
        file = self._world.store(name, content, "document", mime)
        return self._send(words=Formatted(caption), file=file)

    async def sends_photo(self, content: bytes, caption: str = "") -> int:
        file = self._world.store("photo.jpg", content, "photo")
        return self._send(words=Formatted(caption), file=file)

    async def sends_voice(self, content: bytes) -> int:
        return self._send(file=self._world.store("voice.ogg", content, "voice", "audio/ogg"))

    async def sends_sticker(self, emoji: str = "🙂") -> int:
        size = {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular"}
        return self._send(
            extra={"sticker": {"file_id": "sticker-1", "file_unique_id": "s1", "emoji": emoji} | size}
        )

    async def sends_poll(self, question: str = "?", options: tuple[str, ...] = ("1", "2")) -> int:
        answers = [
            {"text": text, "voter_count": 0, "persistent_id": str(number)}
            for number, text in enumerate(options)
        ]
        rules = {
            "type": "regular",
            "is_anonymous": True,
            "is_closed": False,
            "allows_multiple_answers": False,
        }
        more = {"total_voter_count": 0, "allows_revoting": True, "members_only": False}
        poll = {"id": str(random.getrandbits(62)), "question": question, "options": answers}
        return self._send(extra={"poll": poll | rules | more})

    async def sends_location(self, latitude: float = 0.0, longitude: float = 0.0) -> int:
        return self._send(extra={"location": {"latitude": latitude, "longitude": longitude}})

    # --- tapping -----------------------------------------------------------------------------------------------

    async def taps(self, label: str, on: Seen | None = None) -> int:
        """Tap the button whose label starts so, on the given or else the newest message that has any buttons.

        A message looked at earlier still shows the buttons of then: a phone that is late.
        """
        message = on or next((one for one in reversed(self.chat) if one.buttons), None)
        if message is None:
            raise CannotDo(f"{self.name} sees no button at all")
        data = message.data_of(label)
        if data is None:
            raise CannotDo(f"no button {label!r} among {message.labels} under: {message.text}")
        return await self.taps_data(data, on=message)

    async def taps_data(self, data: str, on: Seen | None = None) -> int:
        """Send any data as a tap, forged ones too. Of a message that is gone the bot is told only where it stood."""
        message = on or next((one for one in reversed(self.chat) if one.from_bot), None)
        chat = self._world.chats[message.chat_id] if message else self._chat
        self._acted_at = self._world.bell.rung
        click = Click(str(random.getrandbits(62)), self.id, data, self._world.clock())
        self._world.clicks[click.id] = click
        content = {
            "id": click.id,
            "from": self._person.json(),
            "chat_instance": str(abs(chat.id) * 7_919),
            "data": data,
            "message": self._tapped(chat, message),
        }
        self._world.changed()
        return self._world.updates.add("callback_query", content)

    def _tapped(self, chat: Chat, message: Seen | None) -> Json:
        found = chat.messages.get(message.id) if message else None
        if found is not None:
            return self._world.message_json(found)
        return {"chat": self._world.chat_json(chat), "message_id": message.id if message else 1, "date": 0}

    @property
    def clicks(self) -> list[Click]:
        """All taps, oldest first, each with the bot's answer: `answered`, `text`, `alert`."""
        return [click for click in self._world.clicks.values() if click.person == self.id]

    @property
    def spinning(self) -> bool:
        """Some button still shows that it waits for an answer."""
        now, life = self._world.clock(), self._world.limits.click_life
        return any(not click.answered and now - click.at <= life for click in self.clicks)

    async def settled(self, timeout: float = PATIENCE) -> None:  # noqa: ASYNC109
        """No button waits for an answer any more."""
        await self._world.bell.until(lambda: None if self.spinning else True, timeout)

    # --- turning away ------------------------------------------------------------------------------------------

    async def blocks(self) -> int:
        return self._membership("member", "kicked")

    async def unblocks(self) -> int:
        return self._membership("kicked", "member")

    def leaves_telegram(self) -> None:
        """The account is deleted. The bot is told nothing."""
        self._person.deactivated = True
        self._world.changed()

    def _membership(self, before: str, after: str) -> int:
        self._person.blocked = after == "kicked"
        self._world.changed()
        bot, until = self._world.bot.json(), {"kicked": {"until_date": 0}}
        content = {
            "chat": self._world.chat_json(self._chat),
            "from": self._person.json(),
            "date": int(self._world.clock()),
            "old_chat_member": {"user": bot, "status": before} | until.get(before, {}),
            "new_chat_member": {"user": bot, "status": after} | until.get(after, {}),
        }
        return self._world.updates.add("my_chat_member", content)

    # --- looking -----------------------------------------------------------------------------------------------

    @property
    def chat(self) -> list[Seen]:
        """The private chat, oldest first; what was deleted is not there."""
        return [seen(self._world, message) for message in self._chat.messages.values()]

    @property
    def told(self) -> list[Seen]:
        """What the bot wrote."""
        return [message for message in self.chat if message.from_bot]

    @property
    def newest(self) -> Seen | None:
        """The last message of the private chat, whoever wrote it."""
        last = next(reversed(self._chat.messages.values()), None)
        return None if last is None else seen(self._world, last)

    def again(self, message: Seen) -> Seen | None:
        """A message as it stands now; None when it was deleted."""
        found = self._world.chats[message.chat_id].messages.get(message.id)
        return seen(self._world, found) if found else None

    async def hears(
        self,
        wanted: Callable[[Seen], bool] = bool,
        timeout: float = PATIENCE,  # noqa: ASYNC109
        *,
        ever: bool = False,
    ) -> Seen:
        """The newest message of the bot that is so, sent or edited since the person last did something.

        With `ever`, what stood there before counts too. TimeoutError when there comes none.
        """

        def look() -> Seen | None:
            fresh = (one for one in reversed(self.told) if ever or one.changed_at > self._acted_at)
            return next((one for one in fresh if wanted(one)), None)

        try:
            return await self._world.bell.until(look, timeout)
        except TimeoutError:
            heard = [one.text for one in self.told][-3:]
            raise TimeoutError(f"{self.name} did not hear it; the last messages are {heard}") from None
