"""The access token: one for all processes, sealed in the database, fetched by one caller at a time.

WeCom limits how often it may be asked for, and several wrong secrets in a row get this server's address banned. So
whoever needs a token first looks whether there is one; who finds none takes the lease in its row and asks; everybody
else waits. After a refusal that only an operator can mend nobody asks for a while, and each time for longer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

import structlog
from sqlmodel import Session

from bot.channels.base import ChannelError
from bot.channels.wecom.codes import Code, look_up
from reminders.outbox import insert_new
from storage.clock import lease_now
from storage.ids import code as random_code
from storage.lane import Lane
from storage.sealed import SealBroken, seal_data, unseal_data
from storage.tables.counties import Setting

log = structlog.get_logger()
KIND = "wecom"
KEY, PLACE = f"{KIND}_token", f"setting.{KIND}_token"
LEASE = timedelta(seconds=30).total_seconds()  # longer than a call can take
EARLY = timedelta(minutes=5).total_seconds()
SHORTEST = timedelta(minutes=1).total_seconds()  # WeCom may give the old token once more, near its end
AT_LEAST = timedelta(minutes=1)  # between two refused tries, whatever was refused
LOOK_AGAIN = 0.2

Fetch = Callable[[], Awaitable[tuple[str, float]]]


class Refusal(ChannelError):
    """WeCom answered with an errcode. `code` says what it means."""

    def __init__(
        self,
        code: Code,
        *,
        permanent: bool = False,
        unreachable: bool = False,
        retry_after: timedelta | None = None,
        everywhere: bool = False,
    ) -> None:
        super().__init__(
            f"{code.number}: {code.reason}",
            permanent=permanent,
            unreachable=unreachable,
            retry_after=retry_after,
            everywhere=everywhere,
        )
        self.code = code


@dataclass(frozen=True)
class _Kept:
    """What the row holds. `app` is a fingerprint of the settings: of other settings nothing here is true."""

    app: str = ""
    token: str = ""
    until: float = 0.0
    by: str = ""
    leased_until: float = 0.0
    refusals: int = 0
    errcode: int = 0
    paused_until: float = 0.0


class TokenKeeper:
    """Gives the token to whoever asks. `fetch` asks WeCom: the token, and for how many seconds it lives."""

    def __init__(self, lane: Lane, app: str, fetch: Fetch) -> None:
        self._lane, self._app, self._fetch = lane, app, fetch
        self._known = _Kept(app)
        self._obtaining: asyncio.Task[tuple[str, bool]] | None = None

    async def token(self, refused: str | None = None) -> str:
        """A token that should work: not `refused`, which WeCom would not take, unless it gives the same once more.

        Raises:
            ChannelError: there is none to be had now.
        """
        while True:
            if self._known.token not in ("", refused) and _now() < self._known.until:
                return self._known.token
            if self._obtaining is None:
                self._obtaining = asyncio.create_task(self._obtain(refused))
                self._obtaining.add_done_callback(self._obtained)
            # Who gives up waiting does not take the answer from the others.
            token, new = await asyncio.shield(self._obtaining)
            if new or token != refused:
                return token

    def _obtained(self, task: asyncio.Task[tuple[str, bool]]) -> None:
        self._obtaining = None
        if not task.cancelled():
            task.exception()  # whoever waited was told

    async def _obtain(self, refused: str | None) -> tuple[str, bool]:
        """The token, and whether it was fetched just now."""
        me = random_code(12)
        while True:
            kept = await self._lane.run(lambda session: _take(session, self._app, me, refused))
            if kept.by == me:
                break
            if kept.token not in ("", refused):
                self._known = kept
                return kept.token, False
            if _now() < kept.paused_until:
                wait = timedelta(seconds=kept.paused_until - _now())
                raise Refusal(look_up(kept.errcode, getting_token=True), retry_after=wait, everywhere=True)
            await asyncio.sleep(LOOK_AGAIN)
        return await self._fetched(me), True

    async def _fetched(self, me: str) -> str:
        try:
            token, seconds = await self._fetch()
        except Refusal as refusal:
            raise await self._refused(me, refusal.code) from None
        except ChannelError:
            await self._lane.run(lambda session: _finish(session, self._app, me, lambda kept: kept))
            raise
        until = _now() + max(seconds - EARLY, min(seconds, SHORTEST))
        self._known = replace(_Kept(self._app), token=token, until=until)
        known = self._known
        await self._lane.run(lambda session: _finish(session, self._app, me, lambda _: known))
        return token

    async def _refused(self, me: str, code: Code) -> Refusal:
        """Write down for how long nobody is to ask again, and tell the operator's log."""

        def pause(kept: _Kept) -> _Kept:
            wait = code.pause(kept.refusals + 1) or AT_LEAST
            until = _now() + wait.total_seconds()
            return replace(kept, refusals=kept.refusals + 1, errcode=code.number, paused_until=until)

        kept = await self._lane.run(lambda session: _finish(session, self._app, me, pause))
        log.error("token_refused", channel=KIND, error=str(code.number), count=kept.refusals)
        wait = timedelta(seconds=max(kept.paused_until - _now(), 0.0))
        return Refusal(code, retry_after=wait, everywhere=True)


def _now() -> float:
    return lease_now().timestamp()


def _take(session: Session, app: str, me: str, refused: str | None) -> _Kept:
    """What is kept; with `by` being `me` where it is now for us to fetch a token."""
    row = _row(session)
    kept, now = _load(row, app), _now()
    if kept.token not in ("", refused) and now < kept.until:
        return replace(kept, by="")
    dropped = replace(kept, token="")
    if now < kept.paused_until or now < kept.leased_until:
        return dropped
    mine = replace(dropped, by=me, leased_until=now + LEASE)
    _save(row, mine)
    return mine


def _finish(session: Session, app: str, me: str, change: Callable[[_Kept], _Kept]) -> _Kept:
    """Give the lease back with what came of it; one that ran out meanwhile is somebody else's."""
    row = _row(session)
    kept = _load(row, app)
    if kept.by != me:
        return kept
    after = replace(change(kept), by="", leased_until=0.0)
    _save(row, after)
    return after


def _row(session: Session) -> Setting:
    """The row, ours until the transaction ends."""
    row = session.get(Setting, KEY, with_for_update=True)
    if row is None:
        insert_new(session, Setting, [{"key": KEY, "value": ""}])
        row = session.get_one(Setting, KEY, with_for_update=True, populate_existing=True)
    return row


def _load(row: Setting, app: str) -> _Kept:
    try:
        kept = _Kept(**unseal_data(bytes.fromhex(row.value), PLACE, 0))
    except (ValueError, TypeError, SealBroken):
        return _Kept(app)  # nothing yet, or of another version: a token can always be fetched anew
    return kept if kept.app == app else _Kept(app)


def _save(row: Setting, kept: _Kept) -> None:
    row.value = seal_data(asdict(kept), PLACE, 0).hex()
