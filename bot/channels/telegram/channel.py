"""Telegram as a channel: receives by webhook or by polling, sends, edits and takes back."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Any

import structlog
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from telegram.error import BadRequest, Conflict, InvalidToken, TelegramError

from bot.channels.base import (
    Capabilities,
    ChannelError,
    Finding,
    IncomingFile,
    MenuItem,
    OnIncoming,
)
from bot.channels.telegram import checking, sending
from bot.channels.telegram.reading import KIND, WANTED, Read, read
from bot.channels.telegram.robot import Robot
from bot.config import Settings
from bot.messages import Rendered
from locales.catalogue import LANGUAGES, gettext
from storage.lane import Lane, is_busy
from storage.tables.counties import Setting

log = structlog.get_logger()
PATH = "/channels/telegram/webhook"
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105
BODY_LIMIT = 256 * 1024
CONNECTIONS = 40  # at a time, from the vendor
POLL_SECONDS = 25
TRIES = 3  # at one update; one that fails every time must not hold up those behind it
_USERNAME = "telegram_username"
_PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0)
_STANDING_BY = 10.0  # another process polls: this one takes over when that one is gone


class TelegramChannel:
    kind = KIND
    can: Capabilities = sending.CAN

    def __init__(
        self,
        bot: Robot,
        lane: Lane,
        menu: Sequence[MenuItem],
        language: str,
        webhook: str | None,
        secret: str | None,
    ) -> None:
        self._bot, self._lane, self._menu, self._language = bot, lane, menu, language
        self._webhook, self._secret = webhook, secret or ""
        self._on_incoming: OnIncoming | None = None
        self._tasks: set[asyncio.Task[Any]] = set()
        self._tries: dict[int, int] = {}
        # The library would log answers of the server, and with them what we wrote.
        logging.getLogger("telegram").setLevel(logging.CRITICAL)

    # --- life --------------------------------------------------------------------------------------------------------

    async def start(self, on_incoming: OnIncoming) -> None:
        self._on_incoming = on_incoming
        await self._bot.open()
        self._spawn(self._introduce())
        if self._webhook is None:
            self._spawn(self._poll())

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._bot.close_requests()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        await self._bot.open()
        try:
            yield
        finally:
            await self._bot.close_requests()

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _introduce(self) -> None:
        """Tell the vendor how we are called and what we offer, as often as it takes: it may be away when we start."""
        steps = (self._say_how_to_call, self._offer_menu, self._learn_our_name)
        for step in steps:
            await self._until_done(step)

    async def _until_done(self, step: Callable[[], Awaitable[None]]) -> None:
        failures = 0
        while True:
            try:
                await step()
            except TelegramError as error:
                failures += 1
                await asyncio.sleep(_pause_after(error, failures))
            else:
                return

    async def _say_how_to_call(self) -> None:
        if self._webhook is None:
            await self._bot.delete_webhook()
        else:
            await self._bot.set_webhook(
                self._webhook,
                secret_token=self._secret,
                allowed_updates=list(WANTED),
                max_connections=CONNECTIONS,
            )

    async def _offer_menu(self) -> None:
        """The menu of commands: in the installation's language, and in each of ours for programs that speak it."""
        for language, code in ((self._language, None), *((each, each[:2]) for each in LANGUAGES)):
            commands = [(item.word, gettext(language, item.about)) for item in self._menu]
            await self._bot.set_my_commands(commands, language_code=code)

    async def _learn_our_name(self) -> None:
        name = (await self._bot.get_me()).username or ""
        await self._lane.run(lambda session: _keep_name(session, name))

    # --- receiving ---------------------------------------------------------------------------------------------------

    def routes(self) -> Sequence[BaseRoute]:
        return [Route(PATH, self._called, methods=["POST"])] if self._webhook is not None else []

    async def _called(self, request: Request) -> Response:
        """The webhook: 200 once the update is committed; 503 makes the vendor repeat it."""
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            return Response(status_code=403)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > BODY_LIMIT:
                return Response(status_code=413)
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return Response(status_code=400)
        return Response(status_code=200 if await self._take(read(update)) else 503)

    async def _poll(self) -> None:
        """Ask for updates for ever. The offset moves only past what is committed."""
        offset, failures = 0, 0
        while True:
            try:
                batch = await self._bot.raw_updates(offset, POLL_SECONDS, WANTED)
            except TelegramError as error:
                failures += 1
                await asyncio.sleep(_pause_after(error, failures))
                continue
            failures = 0
            updates = [found for update in batch if (found := read(update)) is not None]
            done = await asyncio.gather(*(self._in_order(line) for line in _lines(updates)))
            if all(done):
                offset = max((update.update_id for update in updates), default=offset - 1) + 1
            else:
                await asyncio.sleep(_PAUSES[0])  # all of them once more: the inbox knows what was done

    async def _in_order(self, updates: Sequence[Read]) -> bool:
        for update in updates:
            if not await self._take(update):
                return False
        return True

    async def _take(self, update: Read | None) -> bool:
        """Handle one update; False where it has to come again."""
        if update is None or update.incoming is None or self._on_incoming is None:
            return True
        try:
            await self._on_incoming(update.incoming)
        except Exception as error:
            tries = self._tries[update.update_id] = self._tries.get(update.update_id, 0) + 1
            log.error("update_failed", channel=KIND, error=type(error).__name__, count=tries)
            if is_busy(error) or tries < TRIES:
                return False
        self._tries.pop(update.update_id, None)
        if update.tap is not None:
            self._spawn(self._end_spinner(update.tap))
        return True

    async def _end_spinner(self, tap: str) -> None:
        """Their program shows a spinner on the button until it is answered. Too late, or twice, is no harm."""
        try:
            await self._bot.answer_callback_query(tap)
        except TelegramError as error:
            if not isinstance(error, BadRequest):
                log.warning("spinner_left", channel=KIND, error=type(error).__name__)

    # --- sending -----------------------------------------------------------------------------------------------------

    async def send(self, address: str, message: Rendered, *, replaces: str | None = None) -> str:
        try:
            if replaces is None:
                return await sending.send(self._bot, _chat(address), message)
            return await sending.put_in_place(self._bot, _chat(address), int(replaces), message)
        except TelegramError as error:
            raise sending.refusal_of(error) from None

    async def remove(self, address: str, receipts: Sequence[str], word: str | None = None) -> None:
        numbers = sorted({int(receipt) for receipt in receipts})
        try:
            left = await sending.delete(self._bot, _chat(address), numbers, word)
        except TelegramError as error:
            raise sending.refusal_of(error) from None
        if left:
            log.warning("messages_left", channel=KIND, count=left)

    async def show_count(self, address: str, count: int) -> None:
        """There is no icon of ours to put it on."""

    async def fetch(self, file: IncomingFile) -> bytes:
        try:
            found = await self._bot.get_file(file.reference)
            return bytes(await found.download_as_bytearray())
        except TelegramError as error:
            raise sending.refusal_of(error) from None

    # --- for the operator --------------------------------------------------------------------------------------------

    async def examine(self) -> list[Finding]:
        async with self.opened():
            return await checking.examine(self._bot, self._webhook)

    def login(self) -> str | None:
        return None

    def invitation(self, code: str) -> str | None:
        name = self._lane.run_now(_name)
        return f"https://t.me/{name}?start={code}" if name else None


def _chat(address: str) -> int:
    if not address.lstrip("-").isdigit():
        raise ChannelError("not an address of this channel", unreachable=True)
    return int(address)


def _lines(updates: Sequence[Read]) -> list[list[Read]]:
    ordered = sorted(updates, key=lambda update: (update.line, update.update_id))
    return [list(group) for _, group in groupby(ordered, key=lambda update: update.line)]


def _pause_after(error: TelegramError, failures: int) -> float:
    log.warning("channel_away", channel=KIND, error=type(error).__name__)
    if isinstance(error, Conflict):
        return _STANDING_BY
    if isinstance(error, InvalidToken):
        return _PAUSES[-1]
    wait = sending.refusal_of(error).retry_after
    return wait.total_seconds() if wait is not None else _PAUSES[min(failures, len(_PAUSES)) - 1]


def _keep_name(session: Session, name: str) -> None:
    session.merge(Setting(key=_USERNAME, value=name))


def _name(session: Session) -> str:
    kept = session.get(Setting, _USERNAME)
    return kept.value if kept is not None else ""


def telegram(settings: Settings, lane: Lane, menu: Sequence[MenuItem]) -> TelegramChannel | None:
    """The channel as the settings have it; None without a token."""
    if settings.telegram_token is None:
        return None
    secret = settings.telegram_webhook_secret
    by_webhook = settings.public_url is not None and secret is not None
    webhook = f"{str(settings.public_url).rstrip('/')}{PATH}" if by_webhook else None
    bot = Robot(settings.telegram_token.get_secret_value(), settings.telegram_api_base)
    return TelegramChannel(
        bot, lane, menu, settings.language, webhook, secret.get_secret_value() if secret else None
    )
