"""WeCom as a channel: receives by callback, sends texts, files and cards, changes and recalls them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlmodel import Session
from starlette.routing import BaseRoute, Route

from bot.channels.base import (
    Capabilities,
    ChannelError,
    Finding,
    IncomingFile,
    MenuItem,
    OnIncoming,
)
from bot.channels.wecom import cards, checking, login, sending
from bot.channels.wecom.access import KIND, Refusal
from bot.channels.wecom.callback import PATH, Door
from bot.channels.wecom.cards import DoesNotFit, Payload, Recipient
from bot.channels.wecom.cipher import Cipher
from bot.channels.wecom.client import Answer, App, Client
from bot.channels.wecom.codes import Kind
from bot.channels.wecom.sending import Receipt
from bot.channels.wecom.tile import Tile
from bot.config import Settings
from bot.messages import Rendered
from locales.catalogue import N_, gettext
from reminders import pace
from reminders.pace import Ask
from storage.clock import lease_now
from storage.lane import Lane
from storage.queries import cards as codes

log = structlog.get_logger()
RECEIVED, UPDATED, CONFIRM = N_("Received"), N_("Updated"), N_("OK")


class WecomChannel:
    kind = KIND
    can: Capabilities = sending.CAN

    def __init__(
        self,
        client: Client,
        cipher: Cipher,
        lane: Lane,
        language: str,
        public_url: str | None,
        *,
        accounts: int | None = None,
    ) -> None:
        if accounts is not None:
            self.can = replace(self.can, day=sending.day_of(accounts))
        self._client, self._lane, self._public_url = client, lane, public_url
        self.language = language
        self._updated, self._confirm = gettext(language, UPDATED), gettext(language, CONFIRM)
        self._on_incoming: OnIncoming | None = None
        self._login = login.LoginDoor(client, lane, public_url) if public_url is not None else None
        page = f"{public_url.rstrip('/')}{login.PATH}" if public_url is not None else None
        self._tile = Tile(client, language, page)
        app = client.app
        received = gettext(language, RECEIVED)
        self._door = Door(cipher, app.corp_id, app.agent_id, lane, received, lambda: self._on_incoming)

    # --- life --------------------------------------------------------------------------------------------------------

    async def start(self, on_incoming: OnIncoming) -> None:
        self._on_incoming = on_incoming
        self._client.open()

    async def stop(self) -> None:
        await self._client.close()

    def opened(self) -> AbstractAsyncContextManager[None]:
        return self._client.opened()

    def routes(self) -> Sequence[BaseRoute]:
        ways = self._login.routes() if self._login is not None else ()
        return [Route(PATH, self._door.called, methods=["GET", "POST"]), *ways]

    # --- sending -----------------------------------------------------------------------------------------------------

    async def send(self, address: str, message: Rendered, *, replaces: str | None = None) -> str:
        to = self._recipient(address)
        if replaces is None:
            return str(await self._post(to, message))
        old = Receipt.read(replaces)
        if old is None:
            raise ChannelError("not a receipt of this channel", permanent=True)
        if await self._change(to, message, old):
            # A text that went out before the card says what was true then.
            await self._recall(old.msgids[:-1])
            return str(Receipt(old.task_id, old.msgids[-1:]))
        receipt = await self._post(to, message)
        try:
            await self._recall(old.msgids)
        except ChannelError:  # the new message is there; the old one is not worth sending it once more
            log.warning("messages_left", channel=KIND, count=len(old.msgids))
        return str(receipt)

    def _recipient(self, address: str) -> Recipient:
        try:
            return Recipient(address, self._client.app.agent_id)
        except DoesNotFit:
            raise ChannelError("not an address of this channel", unreachable=True) from None

    async def _post(self, to: Recipient, message: Rendered) -> Receipt:
        """Send a message as all that it takes; text first, buttons last."""
        task_id = sending.task_id_of(message)
        media_id = await self._uploaded(message)
        try:
            payloads = cards.payloads(to, message, task_id, media_id, self._confirm)
        except DoesNotFit as error:
            raise ChannelError(str(error), permanent=True) from None
        await self._turns(to.user_id, len(payloads) - 1)
        msgids = []
        for payload in sending.told_apart(payloads, message.key):
            answer = await self._client.send(payload)
            _must_have_reached(answer)
            msgids.append(str(answer.get("msgid", "")))
            await self._keep_code(payload, answer)
        return Receipt(task_id if message.buttons else "", tuple(msgid for msgid in msgids if msgid))

    async def _uploaded(self, message: Rendered) -> str | None:
        """What WeCom calls the message's file. The same on every attempt at this message, or WeCom would take the
        second for another one: so it is written down before anything is sent."""
        if message.file is None:
            return None
        name, media_type, content = message.file
        place, since = sending.file_of(message), lease_now() - sending.FILE_WORKS
        known = await self._lane.run(lambda session: _newest(session, place, since)) if place else None
        if known is not None:
            return known[1]
        media_id = await self._client.upload(cards.media_kind(media_type), name, content)
        if not place:
            return media_id
        # An upload may outlast the lease, and somebody else have uploaded and sent it meanwhile: theirs counts.
        return await self._lane.run(
            lambda session: codes.keep_first(
                session, KIND, place, media_id, since=since, real_now=lease_now()
            )
        )

    async def _turns(self, address: str, more: int) -> None:
        """The post office took a turn for one message. For each further one that it is for WeCom, one more.

        Taken before the first goes out, so that a message which has to wait is not half sent.
        """
        limits = self.can.limits
        if not limits:
            return
        for _ in range(more):
            turn = await self._lane.run(
                lambda session: pace.take_turn(session, KIND, Ask(address), limits, real_now=lease_now())
            )
            wait = max(turn.at - lease_now(), timedelta())
            if not turn.granted:
                raise ChannelError("not its turn yet", retry_after=wait)
            await asyncio.sleep(wait.total_seconds())

    async def _keep_code(self, payload: Payload, answer: Answer) -> None:
        """Remember the code with which a card can be changed. One that its first tap settles is never changed."""
        code, card = answer.get("response_code"), payload.get("template_card")
        if not isinstance(code, str) or not code or card is None:
            return
        task_id = str(card["task_id"])
        if not sending.is_settled_by_a_tap(task_id):
            await self._lane.run(
                lambda session: codes.keep_code(session, KIND, task_id, code, real_now=lease_now())
            )

    # --- changing and taking back ------------------------------------------------------------------------------------

    async def _change(self, to: Recipient, message: Rendered, old: Receipt) -> bool:
        """Put a card in the place of a card. False where that cannot be: no card, no room, no code that works."""
        try:
            card = cards.replacement(to, message, old.task_id, self._updated)
        except DoesNotFit:
            card = None
        if card is None or not sending.has_buttons(old.task_id):
            return False
        while (found := await self._lane.run(lambda session: _newest(session, old.task_id))) is not None:
            code_id, code = found
            changed = await self._changed(to, card, code)
            await self._lane.run(lambda session, spent=code_id: codes.forget_code(session, spent))  # type: ignore[misc]
            if changed:
                return True
        return False

    async def _changed(self, to: Recipient, card: Payload, code: str) -> bool:
        payload = {"userids": [to.user_id], "agentid": to.agent_id, "response_code": code}
        try:
            answer = await self._client.update_card(payload | {"template_card": card})
        except Refusal as refusal:
            if refusal.unreachable or not refusal.permanent:
                raise
            if refusal.code.kind is not Kind.card_gone:
                log.error("card_refused", channel=KIND, error=str(refusal.code.number))
            return False
        _must_have_reached(answer)
        return True

    async def remove(self, address: str, receipts: Sequence[str], word: str | None = None) -> None:
        found = [receipt for word in receipts if (receipt := Receipt.read(word)) is not None]
        await self._recall([msgid for receipt in found for msgid in receipt.msgids])

    async def _recall(self, msgids: Sequence[str]) -> None:
        left = 0
        for msgid in msgids:
            try:
                await self._client.recall(msgid)
            except Refusal as refusal:
                if not (refusal.permanent or refusal.unreachable):
                    raise
                left += 1  # a day old, or gone already
        if left:
            log.warning("messages_left", channel=KIND, count=left)

    async def fetch(self, file: IncomingFile) -> bytes:
        return await self._client.download(file.reference)

    async def show_count(self, address: str, count: int) -> None:
        await self._tile.show(address, count)

    # --- for the operator --------------------------------------------------------------------------------------------

    async def examine(self) -> list[Finding]:
        async with self.opened():
            return await checking.examine(self._client, self._public_url)

    async def make_menu(self, menu: Payload) -> None:
        """Put the app's menu there. The next one takes its place.

        Raises:
            ChannelError: it was not accepted.
        """
        async with self._client.opened():
            await self._client.create_menu(menu)

    def login(self) -> str | None:
        return login.PATH if self._login is not None else None

    def invitation(self, code: str) -> str | None:
        return (
            None  # there is no link that opens a chat; members whose userid is known are bound by the office
        )


def _newest(session: Session, task_id: str, since: datetime | None = None) -> tuple[int, str] | None:
    found = codes.newest_code(session, KIND, task_id)
    return (found.id, found.code) if found is not None and (since is None or found.at > since) else None


def _must_have_reached(answer: Answer) -> None:
    """WeCom says that all is well and names those it is not well for. We write to one at a time.

    Raises:
        ChannelError: it is them.
    """
    if answer.get("invaliduser"):
        raise ChannelError("nobody there", unreachable=True)
    if answer.get("unlicenseduser"):
        log.error("member_unlicensed", channel=KIND)
        raise ChannelError("no interface licence", unreachable=True)


def app_of(settings: Settings) -> App | None:
    """The app as the settings have it; None without one."""
    if settings.wecom_corp_id is None or settings.wecom_agent_id is None or settings.wecom_secret is None:
        return None
    secret = settings.wecom_secret.get_secret_value()
    return App(settings.wecom_corp_id, settings.wecom_agent_id, secret, settings.wecom_api_base)


def wecom(settings: Settings, lane: Lane, menu: Sequence[MenuItem]) -> WecomChannel | None:
    """The channel as the settings have it; None without an app. Its menu is made by a command."""
    app = app_of(settings)
    if app is None or settings.wecom_token is None or settings.wecom_aes_key is None:
        return None
    token, key = settings.wecom_token.get_secret_value(), settings.wecom_aes_key.get_secret_value()
    cipher = Cipher(token, key, app.corp_id)
    return WecomChannel(
        Client(app, lane),
        cipher,
        lane,
        settings.language,
        settings.public_url,
        accounts=settings.wecom_accounts,
    )
