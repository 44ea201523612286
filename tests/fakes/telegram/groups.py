"""A group with the bot in it."""

from __future__ import annotations

from typing import Any

from tests.fakes.telegram.state import Chat
from tests.fakes.telegram.texts import typed
from tests.fakes.telegram.views import Seen, seen
from tests.fakes.telegram.world import World


class Group:
    """People talk by `user.says_in(group, text)`, or here by `group.says(user.id, text)`."""

    def __init__(self, world: World, chat: Chat) -> None:
        self._world, self._chat = world, chat

    @property
    def id(self) -> int:
        return self._chat.id

    @property
    def chat(self) -> list[Seen]:
        return [seen(self._world, message) for message in self._chat.messages.values()]

    async def says(self, sender: int, text: str) -> int:
        return self.post(sender, words=typed(text))

    def post(self, sender: int, **content: Any) -> int:
        """A member's message; the update's id."""
        self._chat.members.add(sender)
        message = self._world.post(self._chat, sender, **content)
        if not self._chat.with_bot:
            return 0
        return self._world.updates.add("message", self._world.message_json(message))

    def removes_bot(self, by: int) -> int:
        """A member throws the bot out."""
        self._chat.with_bot = False
        bot = self._world.bot.json()
        content = {
            "chat": self._world.chat_json(self._chat),
            "from": self._world.people[by].json(),
            "date": int(self._world.clock()),
            "old_chat_member": {"user": bot, "status": "member"},
            "new_chat_member": {"user": bot, "status": "kicked", "until_date": 0},
        }
        self._world.changed()
        return self._world.updates.add("my_chat_member", content)
