"""The real program, killed while Telegram calls it: what it said 200 to has its effect, and one effect only."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, col, func, select

from bot.app import House
from bot.channels.telegram.channel import PATH, SECRET_HEADER
from casework import people
from storage.tables.mail import Inbox, Outbox, OutboxState
from storage.tables.members import Duty, Member, MemberRole, Role
from tests.fakes.telegram import FakeTelegram
from tests.telegram_town import FIRST_ID, SECRET

ROUNDS, UPDATES = 3, 60
SEED = 20261125


_KEPT: list[socket.socket] = []


def free_port() -> int:
    """Of this run of the tests, to its end: nobody else is given it while the program that shall have it comes up. Who
    names it may listen there, since nobody does yet."""
    kept = socket.socket()
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    kept.bind(("127.0.0.1", 0))
    _KEPT.append(kept)
    return int(kept.getsockname()[1])


@asynccontextmanager
async def served(
    house: House, fake: FakeTelegram, port: int, more: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """`fangpingcha serve` on the county's database, by webhook, with `more` in its environment."""
    settings = house.settings
    environment = {
        **os.environ,
        "FANGPINGCHA_DATABASE_URL": settings.database,
        "FANGPINGCHA_KEY_FILE": str(settings.keys),
        "FANGPINGCHA_MEMORY_FILE": str(settings.memory),
        "FANGPINGCHA_TELEGRAM_TOKEN": fake.token,
        "FANGPINGCHA_TELEGRAM_API_BASE": fake.api_base,
        "FANGPINGCHA_TELEGRAM_WEBHOOK_SECRET": SECRET,
        "FANGPINGCHA_PUBLIC_URL": f"http://127.0.0.1:{port}",
        **(more or {}),
    }
    program = Path(sys.executable).with_name("fangpingcha")
    process = await asyncio.create_subprocess_exec(
        program, "serve", "--port", str(port), env=environment, cwd=settings.keys.parent,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await answers(port)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.wait()


async def answers(port: int) -> None:
    async with httpx.AsyncClient(verify=False) as client:
        for _ in range(4000):
            with contextlib.suppress(httpx.HTTPError):
                if (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200:
                    return
            await asyncio.sleep(0.05)
    raise AssertionError("the program did not come up")


def update(number: int) -> dict[str, object]:
    chat = {"id": FIRST_ID, "type": "private", "first_name": "李敏"}
    sender = {"id": FIRST_ID, "is_bot": False, "first_name": "李敏"}
    message = {"message_id": number, "date": 1, "chat": chat, "from": sender, "text": "帮助"}
    return {"update_id": number, "message": message}


def bind_somebody(session: Session, house: House) -> None:
    """Somebody to whom nothing comes by itself: the real program runs on the real clock, on which mornings are due, and
    in December the days off of next year, of which administrators of the system are told."""
    audits = select(MemberRole).where(MemberRole.role == Role.administrator, MemberRole.duty == Duty.audit)
    member = session.get_one(Member, session.exec(audits.limit(1)).one().member_id)
    people.bind_address(session, member, "telegram", str(FIRST_ID), now=house.clock.now())


async def post(client: httpx.AsyncClient, port: int, number: int) -> bool:
    """One call as the vendor makes it; whether it was told that the update is safe."""
    try:
        url, headers = f"http://127.0.0.1:{port}{PATH}", {SECRET_HEADER: SECRET}
        return (await client.post(url, json=update(number), headers=headers)).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.timeout(900)  # the program comes up three times, however slowly
async def test_every_200_has_its_effect_though_the_program_is_killed(house: House) -> None:
    await house.lane.run(lambda session: bind_somebody(session, house))
    chance, acknowledged, port = random.Random(SEED), set(), free_port()
    async with FakeTelegram(floods=False) as fake, httpx.AsyncClient(verify=False, timeout=60) as client:
        fake.user(FIRST_ID, "李敏").person.started = True
        for turn in range(ROUNDS):
            async with served(house, fake, port) as process:
                numbers = range(turn * UPDATES + 1, (turn + 1) * UPDATES + 1)
                calls = [
                    asyncio.create_task(post(client, port, number)) for number in numbers for _ in range(2)
                ]
                enough = chance.randrange(1, UPDATES)  # answers, of twice as many
                for answered in asyncio.as_completed(calls[:enough]):
                    await answered
                process.send_signal(signal.SIGKILL)
                told = await asyncio.gather(*calls)
                twice = [number for number in numbers for _ in range(2)]
                acknowledged |= {number for number, safe in zip(twice, told, strict=True) if safe}
        assert acknowledged
        await _all_there_once(house, acknowledged)


async def _all_there_once(house: House, acknowledged: set[int]) -> None:
    def unit(session: Session) -> tuple[set[int], int]:
        keys = session.exec(select(Inbox.event_id).where(Inbox.channel == "telegram")).all()
        replies = select(func.count()).select_from(Outbox)
        replies = replies.where(col(Outbox.channel) == "telegram", col(Outbox.kind) == "reply")
        kept = replies.where(col(Outbox.state).in_((OutboxState.sending, OutboxState.sent, OutboxState.todo)))
        return {int(key.partition(".")[0]) for key in keys}, session.exec(kept).one()

    handled, replies = await house.lane.read(unit)
    assert acknowledged <= handled
    assert replies == len(handled)  # one answer for each, none for a repeat


@pytest.mark.timeout(900)
@pytest.mark.parametrize("house", ["postgresql"], indirect=True)
async def test_two_processes_called_twenty_times_with_each_update_have_one_effect(house: House) -> None:
    await house.lane.run(lambda session: bind_somebody(session, house))
    async with (
        FakeTelegram(floods=False) as fake,
        httpx.AsyncClient(verify=False, timeout=60) as client,
        served(house, fake, one := free_port()),
        served(house, fake, two := free_port()),
    ):
        fake.user(FIRST_ID, "李敏").person.started = True
        calls = [
            post(client, port, number) for number in range(1, 11) for port in (one, two) for _ in range(10)
        ]
        assert all(await asyncio.gather(*calls))
        await fake.called("sendMessage", 10)
        await _all_there_once(house, set(range(1, 11)))
        assert len(fake.calls_of("sendMessage")) == 10
