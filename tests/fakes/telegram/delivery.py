"""Posting updates to a webhook, with the patience of the real server on a faster clock."""

from __future__ import annotations

import asyncio
import contextlib
import random
from dataclasses import dataclass

import httpx

from tests.fakes.telegram.updates import Pending
from tests.fakes.telegram.world import World

LONGEST_RETRY_AFTER = 3600
SLOWEST = (60, 120)  # a delay doubles up to a moment between these
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
GIVE_UP_READING = 60.0


@dataclass(frozen=True)
class Attempt:
    """One posting of one update. The status is None when there was no answer."""

    update_id: int
    status: int | None
    error: str = ""


@dataclass(frozen=True)
class _Verdict:
    error: str = ""
    retry_after: int = 0


class Delivery:
    """What waits is posted, each queue in its own order: a failing update holds up those behind it.

    `copies` posts every update so many times at once; it is delivered when all copies were taken. `out_of_order`
    posts the newest first, one after the other. `paused` holds everything back, so that several come to wait.
    """

    def __init__(self, world: World, retry_scale: float, transport: httpx.AsyncBaseTransport | None) -> None:
        self.copies = 1
        self.out_of_order = False
        self.attempts: list[Attempt] = []
        self.dropped: list[int] = []  # update ids that were given up
        self._world, self._scale = world, retry_scale
        self._client = httpx.AsyncClient(
            transport=transport, timeout=GIVE_UP_READING, trust_env=False, verify=False
        )
        self._queues: dict[str, asyncio.Task[None]] = {}
        self._watch: asyncio.Task[None] | None = None
        self._paused = False

    def start(self) -> None:
        self._watch = asyncio.create_task(self._run())

    async def stop(self) -> None:
        running = [task for task in (self._watch, *self._queues.values()) if task is not None]
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await self._client.aclose()

    def pause(self) -> None:
        self._paused = True

    def resume(self) -> None:
        self._paused = False
        self._world.bell.ring()

    async def _run(self) -> None:
        """One task for every queue in which something waits."""
        while True:
            if self._world.webhook.url and not self._paused:
                for update in self._world.updates.waiting():
                    name = "all" if self.out_of_order else update.queue
                    if name not in self._queues:
                        self._queues[name] = asyncio.create_task(self._work_off(name))
            await self._world.bell.wait(GIVE_UP_READING)

    async def _work_off(self, name: str) -> None:
        generation = self._world.webhook.generation
        try:
            while not self._paused and generation == self._world.webhook.generation:
                update = self._head(name)
                if update is None:
                    return
                await self._deliver(update, generation)
        finally:
            self._queues.pop(name, None)
            self._world.bell.ring()

    def _head(self, name: str) -> Pending | None:
        waiting = self._world.updates.waiting()
        if name == "all":
            return max(waiting, key=lambda update: update.update_id, default=None)
        return next((update for update in waiting if update.queue == name), None)

    async def _deliver(self, update: Pending, generation: int) -> None:
        """Until it is taken, given up, or the webhook is another one."""
        delay, fails = 1, 0
        while generation == self._world.webhook.generation:
            verdict = await self._post(update)
            if not verdict.error:
                self._world.updates.done(update)
                return
            self._world.webhook.failed(verdict.error, self._world.clock())
            wait = min(verdict.retry_after, LONGEST_RETRY_AFTER)
            if not wait and fails:  # the first repeat comes at once
                wait = delay = min(random.randint(*SLOWEST), delay * 2)
            fails += 1
            if self._world.clock() + wait > update.expires:
                self.dropped.append(update.update_id)
                self._world.updates.done(update)
                return
            await asyncio.sleep(wait * self._scale)

    async def _post(self, update: Pending) -> _Verdict:
        """All copies at once. The worst answer counts."""
        verdicts = await asyncio.gather(*(self._post_once(update) for _ in range(self.copies)))
        return next((verdict for verdict in verdicts if verdict.error), verdicts[0])

    async def _post_once(self, update: Pending) -> _Verdict:
        webhook = self._world.webhook
        headers = {SECRET_HEADER: webhook.secret} if webhook.secret else {}
        try:
            answer = await self._client.post(webhook.url, json=update.body, headers=headers)
        except httpx.HTTPError as wrong:
            self._note(Attempt(update.update_id, None, type(wrong).__name__))
            return _Verdict(
                "Connection refused" if isinstance(wrong, httpx.ConnectError) else "Connection closed"
            )
        self._note(Attempt(update.update_id, answer.status_code))
        if answer.is_success:
            return _Verdict()
        wrong_answer = f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
        retry_after = 0
        with contextlib.suppress(ValueError):
            retry_after = max(0, int(answer.headers.get("retry-after", "0")))
        return _Verdict(wrong_answer, retry_after)

    def _note(self, attempt: Attempt) -> None:
        self.attempts.append(attempt)
        self._world.bell.ring()
