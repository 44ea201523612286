"""The real program, told to stop in the middle of a call: it goes quickly, and nothing is lost."""

from __future__ import annotations

import asyncio
import signal
import time

import httpx
import pytest
from sqlmodel import col, select

from bot.app import House
from storage.tables.mail import Outbox, OutboxState
from tests.fakes.telegram import FakeTelegram
from tests.story.test_telegram_kill import bind_somebody, free_port, post, served
from tests.telegram_town import FIRST_ID

OPEN = (OutboxState.todo, OutboxState.sending)
QUICK = 10.0  # seconds; who waited for the vendor would take twenty, each time


async def _stopped_in_mid_call(house: House, fake: FakeTelegram, number: int) -> float:
    """One message is asked for, and the program stopped while the vendor says nothing. How long the stopping took."""
    port = free_port()
    hanging = fake.faults.hang(method="sendMessage")
    async with served(house, fake, port) as process, httpx.AsyncClient(verify=False, timeout=60) as client:
        assert await post(client, port, number)
        while not hanging.hits:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), 60)
        took = time.monotonic() - began
    assert code in (0, -signal.SIGTERM)
    fake.faults.clear()
    return took


async def _open(house: House) -> list[tuple[OutboxState, int, str | None]]:
    replies = (
        select(Outbox).where(col(Outbox.state).in_(OPEN), Outbox.kind == "reply").order_by(col(Outbox.id))
    )
    rows = await house.lane.read(lambda session: session.exec(replies).all())
    return [(row.state, row.unanswered, row.error) for row in rows]


async def _goes_and_comes(house: House, times: int, *, until_quick: bool = False) -> list[float]:
    """How long the stopping took, each time."""
    took = list[float]()
    await house.lane.run(lambda session: bind_somebody(session, house))
    async with FakeTelegram(floods=False) as fake:
        fake.user(FIRST_ID, "李敏").person.started = True
        for number in range(1, times + 1):
            took.append(await _stopped_in_mid_call(house, fake, number))
            # Given back: the next one need not wait for a lease to end.
            assert await _open(house) == [(OutboxState.todo, 1, "stopped")]
            async with served(house, fake, free_port()):
                await fake.called("sendMessage", number)
                # It is killed at the end: not before it has marked the message.
                while await _open(house):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            assert len(fake.user(FIRST_ID).told) == number
            if until_quick and took[-1] <= QUICK:
                break
    return took


@pytest.mark.timeout(900)
async def test_a_program_that_is_told_to_stop_goes_and_loses_nothing(house: House) -> None:
    # A busy machine is slow now and then: it may try again.
    assert min(await _goes_and_comes(house, 3, until_quick=True)) <= QUICK


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_fifty_times(house: House) -> None:
    assert max(await _goes_and_comes(house, 50)) <= QUICK
