"""The real program while the machine's clock jumps under it: nothing is lost, and nothing said twice."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, col, func, select

from bot.app import House
from bot.messages import Message
from casework import people
from locales.phrase import P, Word
from reminders import outbox
from storage.clock import lease_now
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member, MemberRole, MemberState, Role
from storage.tables.visits import Visit
from tests.fakes.telegram import FakeTelegram
from tests.story.test_telegram_kill import free_port, served
from tests.telegram_town import FIRST_ID

LIBRARY = next(Path("/usr/lib").glob("**/libfaketimeMT.so.1"), None)
ROLES = (Role.care_officer, Role.supervisor, Role.commission_staff, Role.leader)
OPEN = (OutboxState.todo, OutboxState.sending)
QUIET = 25  # seconds in which whatever would be said twice is said: a dozen ticks


def at(moment: str) -> datetime:
    return datetime.fromisoformat(f"{moment}+08:00")


@dataclass
class Machine:
    """The program, the clock of its machine, and whom it writes to."""

    house: House
    fake: FakeTelegram
    file: Path
    address: str
    offset: timedelta = timedelta()

    def jump(self, to: datetime) -> None:
        self.offset = to - lease_now()
        new = self.file.with_suffix(".new")
        new.write_text(f"{self.offset.total_seconds():+.0f}\n")
        os.replace(new, self.file)

    @property
    def now(self) -> datetime:
        return lease_now() + self.offset

    async def settles(self, within: float = 90.0) -> None:
        """All that is due by this clock has been looked at, and has left the outbox."""
        until, left = time.monotonic() + within, (1, 0, 0)
        while any(left):
            assert time.monotonic() < until, f"{left} looks, mornings and messages are left"
            await asyncio.sleep(0.5)
            left = await self.house.lane.read(self._left)

    def _left(self, session: Session) -> tuple[int, int, int]:
        looks = select(func.count()).select_from(Visit).where(col(Visit.next_look_at) <= self.now)
        mornings = select(func.count()).select_from(Member).where(col(Member.digest_at) <= self.now)
        mail = select(func.count()).select_from(Outbox)
        mail = mail.where(col(Outbox.state).in_(OPEN), col(Outbox.due_at) <= self.now)
        return session.exec(looks).one(), session.exec(mornings).one(), session.exec(mail).one()

    async def said(self) -> int:
        """How many messages went out. Each of them was one call, and none is in doubt."""

        def unit(session: Session) -> list[Outbox]:
            sent = select(Outbox).where(Outbox.channel == "telegram", Outbox.state == OutboxState.sent)
            return list(session.exec(sent).all())

        rows = await self.house.lane.read(unit)
        # Those that were merged into one have its receipt.
        receipts = {(row.member_id, part) for row in rows for part in outbox.receipts_of(row.receipt)}
        assert len(receipts) == len(self.fake.calls_of("sendMessage"))
        assert [row.unanswered for row in rows if row.unanswered] == []
        return len(rows)

    async def queue(self, member_id: int, word: str) -> None:
        """A message that only a tick will find: nobody rings the bell for it."""
        payload = {"message": Message((P("{w}", w=Word(word)),))}
        row = outbox.row("chase", now=self.now, county_id=None, member_id=member_id, payload=payload)
        await self.house.lane.run(lambda session: outbox.put(session, [row]))

    async def well(self, within: float = 40.0) -> None:
        """It says so of itself, a tick after the jump."""
        until, said = time.monotonic() + within, None
        async with httpx.AsyncClient(verify=False) as client:
            while said != {"status": "ok"}:
                assert time.monotonic() < until, said
                said = (await client.get(f"{self.address}/readyz")).json()
                await asyncio.sleep(0.2)


def _bind_all(session: Session) -> list[int]:
    query = (
        select(Member)
        .join(MemberRole, col(MemberRole.member_id) == Member.id)
        .where(col(MemberRole.role).in_(ROLES), Member.state == MemberState.active)
        .order_by(col(Member.id))
    )
    found = session.exec(query).unique().all()
    for number, member in enumerate(found):
        people.bind_address(session, member, "telegram", str(FIRST_ID + number), now=at("2026-11-23T08:35"))
    return [member.id for member in found]


@asynccontextmanager
async def machine(house: House, tmp_path: Path, start: datetime) -> AsyncIterator[tuple[Machine, list[int]]]:
    members = await house.lane.run(_bind_all)
    async with FakeTelegram(floods=False) as fake:
        for number in range(len(members)):
            fake.user(FIRST_ID + number).person.started = True
        port = free_port()
        here = Machine(house, fake, tmp_path / "offset", f"http://127.0.0.1:{port}")
        here.jump(start)
        environment = {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(here.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        async with served(house, fake, port, environment):
            yield here, members


@pytest.mark.soak
@pytest.mark.timeout(900)
@pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed (Debian: apt install libfaketime)")
async def test_a_clock_that_jumps_loses_nothing_and_repeats_nothing(house: House, tmp_path: Path) -> None:
    async with machine(house, tmp_path, at("2026-11-24T09:05")) as (here, members):
        await here.settles()
        said = await here.said()
        assert said > 3
        for forward in ("2026-11-24T10:05", "2026-11-25T10:05"):
            here.jump(at(forward))
            await here.settles()
            await here.well()
        assert await here.said() > said
        await _two_days_back(here, members[0])
        for forward in ("2026-12-31T23:59:50", "2027-01-04T09:05", "2027-02-22T09:05", "2028-02-29T09:05"):
            calls = len(here.fake.calls_of("sendMessage"))
            here.jump(at(forward))
            await asyncio.sleep(QUIET)  # over the turn of the year as it comes
            await here.settles()
            await here.well()
            assert len(here.fake.calls_of("sendMessage")) > calls or forward.endswith("23:59:50")


async def _two_days_back(here: Machine, member_id: int) -> None:
    """In the middle of a call. What was said is not said again, and what is new is said as soon as ever."""
    hanging = here.fake.faults.hang(method="sendMessage", after_acting=False)
    await here.queue(member_id, "in mid-call")
    await _until(lambda: hanging.hits == 1)
    before = len(here.fake.calls_of("sendMessage"))
    here.jump(here.now - timedelta(days=2))
    hanging.release()
    await asyncio.sleep(QUIET)
    assert len(here.fake.calls_of("sendMessage")) == before
    for number in range(3):
        await here.queue(member_id, f"new {number}")
    await here.settles(40)
    told = " ".join(seen.text for seen in here.fake.user(FIRST_ID).told)  # some of them merged into one
    assert [told.count(word) for word in ("in mid-call", "new 0", "new 1", "new 2")] == [1] * 4
    await here.well()
    await here.said()


async def _until(there: Callable[[], bool], within: float = 20.0) -> None:
    until = time.monotonic() + within
    while not there():
        assert time.monotonic() < until
        await asyncio.sleep(0.05)
