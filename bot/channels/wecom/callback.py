"""The URL that WeCom calls: verified, decrypted, handled and committed before it is answered.

Whatever is wrong with a request, it gets one and the same refusal, and nothing of it is said anywhere. WeCom repeats
what is not answered with 200, three times in all; the inbox knows a repeat.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from bot.channels.base import OnIncoming
from bot.channels.wecom.access import KIND
from bot.channels.wecom.cipher import Cipher, Forged, Query
from bot.channels.wecom.envelope import (
    LARGEST,
    Callback,
    Malformed,
    answer,
    encrypted_text,
    parse_callback,
    update_button,
    update_template_card,
)
from bot.channels.wecom.reading import TAPS, read
from bot.channels.wecom.sending import is_settled_by_a_tap
from bot.channels.wecom.settled import WITH_OPTIONS, settled_card
from storage.clock import lease_now
from storage.lane import Lane
from storage.queries import cards as codes

log = structlog.get_logger()
PATH = f"/channels/{KIND}/callback"
BODY_SECONDS = 5.0  # for a body to arrive; WeCom itself gives up by then
LONGEST_TASK_ID = 128


class Door:
    """Answers the URL. `received` is the word that takes the place of a settled card's buttons."""

    def __init__(
        self,
        cipher: Cipher,
        corp_id: str,
        agent_id: int,
        lane: Lane,
        received: str,
        on_incoming: Callable[[], OnIncoming | None],
    ) -> None:
        self._cipher, self._corp_id, self._agent_id = cipher, corp_id, agent_id
        self._lane, self._received, self._on_incoming = lane, received, on_incoming

    async def called(self, request: Request) -> Response:
        """GET proves that we have the keys; POST tells what somebody did."""
        try:
            if request.method != "POST":
                return Response(self._echo(request), media_type="text/plain")
            callback = await self._opened(request)
        except (Forged, Malformed):
            return Response(status_code=403)
        try:
            done = await self._take(callback)
        except Exception as error:
            log.error("update_failed", channel=KIND, error=type(error).__name__)
            done = False
        if not done:
            return Response(status_code=503)  # it comes again
        return self._answer(callback)

    def _echo(self, request: Request) -> bytes:
        echo = request.query_params.get("echostr", "")
        return self._cipher.open_(_query(request), echo, lease_now())

    async def _opened(self, request: Request) -> Callback:
        """What was posted.

        Raises:
            Forged, Malformed: it is not from WeCom, not for this app, or not as WeCom writes.
        """
        query = _query(request)
        ciphertext = encrypted_text(await _body(request))
        callback = parse_callback(self._cipher.open_(query, ciphertext, lease_now()))
        if callback.to_user != self._corp_id or callback.agent_id not in (None, self._agent_id):
            raise Forged
        return callback

    async def _take(self, callback: Callback) -> bool:
        """Handle an event to its commit; False where it has to come again."""
        handle = self._on_incoming()
        if handle is None:
            return False
        if self._changes_later(callback):
            # Before the event: what it leads to may want to change this very card.
            await self._lane.run(
                lambda session: codes.keep_code(
                    session, KIND, callback.task_id, callback.response_code, real_now=lease_now()
                )
            )
        for incoming in read(callback):
            await handle(incoming)
        return True

    def _changes_later(self, callback: Callback) -> bool:
        given = callback.event in TAPS and bool(callback.response_code)
        return (
            given
            and 0 < len(callback.task_id) <= LONGEST_TASK_ID
            and not is_settled_by_a_tap(callback.task_id)
        )

    def _answer(self, callback: Callback) -> Response:
        """Nothing; or, for a question that was answered, the grey button that says so, and never what was answered."""
        if callback.event != "template_card_event" or not is_settled_by_a_tap(callback.task_id):
            return Response()
        now = lease_now()
        if callback.card_type in WITH_OPTIONS:
            message = update_template_card(callback, now, settled_card(callback, self._received))
        else:
            message = update_button(callback, now, self._received)
        return Response(answer(self._cipher, message, now, secrets.token_hex(8)), media_type="text/xml")


def _query(request: Request) -> Query:
    given = request.query_params
    return Query(given.get("msg_signature", ""), given.get("timestamp", ""), given.get("nonce", ""))


async def _body(request: Request) -> bytes:
    """The body, of which no more is ever taken than a callback can have."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                body += chunk
                if len(body) > LARGEST:
                    raise Forged
    except (TimeoutError, ClientDisconnect):
        raise Forged from None
    return bytes(body)
