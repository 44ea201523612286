"""The app's tile on the workbench: one word, and below it how much waits for the member who looks at it."""

from __future__ import annotations

import structlog

from bot.channels.base import ChannelError
from bot.channels.wecom.access import KIND
from bot.channels.wecom.cards import Payload
from bot.channels.wecom.client import Client
from locales.catalogue import N_, gettext

log = structlog.get_logger()
WAITING = N_("To do")
TYPE = "keydata"


class Tile:
    """`page` is what a tap on the number opens; without one it is what the administration has set for the app."""

    def __init__(self, client: Client, language: str, page: str | None) -> None:
        self._client, self._page = client, page
        self._word = gettext(language, WAITING)
        self._made = False

    async def show(self, userid: str, count: int) -> None:
        """Put the number there. It is a help and no message: what goes wrong is noted, and nobody is held up."""
        try:
            if not self._made:
                await self._client.set_tile(self._with("0") | {"replace_user_data": False})
                self._made = True
            await self._client.fill_tile(self._with(str(count)) | {"userid": userid})
        except ChannelError as error:
            log.warning("count_left", channel=KIND, error=error.reason)

    def _with(self, number: str) -> Payload:
        item = {"key": self._word, "data": number} | ({"jump_url": self._page} if self._page else {})
        return {"agentid": self._client.app.agent_id, "type": TYPE, TYPE: {"items": [item]}}
