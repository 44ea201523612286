"""Taking in a file: nobody waits for it, a crash loses none, and however often it is run it has one effect."""

from __future__ import annotations

import asyncio
import time
from uuid import uuid4

import pytest
from sqlmodel import Session, col, select, update

from bot import intake
from bot.channels.base import ChannelError, Incoming, IncomingFile
from bot.errands import FETCH
from bot.messages import Rendered
from bot.parcels import Parcel
from casework import people
from storage.clock import lease_now
from storage.tables.mail import Outbox, OutboxState
from tests.chat import Phone, Town
from tests.story.photos import ASKED, KEPT, asked_for_photo, kept, photo, sends
from tests.wecom_town import member_of

AT_ONCE = 1.0  # seconds


@pytest.fixture
async def officer(town: Town) -> Phone:
    found = await town.one("care_officer")
    await asked_for_photo(found)
    return found


def sent(officer: Phone) -> Incoming:
    event = str(uuid4())
    return Incoming("sandbox", officer.id, event, file=IncomingFile("photo", "IMG.jpg", event))


async def errands(town: Town) -> list[Outbox]:
    query = select(Outbox).where(Outbox.kind == FETCH).order_by(col(Outbox.id))
    return await town.house.lane.read(lambda session: list(session.exec(query)))


async def test_nobody_waits_for_a_vendor_that_is_slow(
    town: Town, officer: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel, other = town.house.channels["sandbox"], await town.one("supervisor")
    arrives, heard, send = asyncio.Event(), asyncio.Event(), channel.send

    async def slow(file: IncomingFile) -> bytes:
        await arrives.wait()
        return photo()

    async def sends_to(address: str, message: Rendered, *, replaces: str | None = None) -> str:
        receipt = await send(address, message, replaces=replaces)
        if address == other.id:
            heard.set()
        return receipt

    monkeypatch.setattr(channel, "fetch", slow)
    monkeypatch.setattr(channel, "send", sends_to)
    begun = time.monotonic()
    await town.house.conversation.handle(sent(officer))
    acked = time.monotonic() - begun
    for phone, text in ((officer, "今日"), (other, "帮助")):
        event = Incoming("sandbox", phone.id, str(uuid4()), text=text)
        await town.house.conversation.handle(event)
    assert acked < AT_ONCE
    await asyncio.wait_for(heard.wait(), 30)  # answered while the photo is still on its way
    assert await kept(town) == []
    arrives.set()
    await town.house.office.settled()
    assert len(await kept(town)) == 1
    answers = [one["text"] for one in await officer.told()][-2:]
    assert "今日" in answers[0]
    assert "照片1张" in answers[1]  # last is what waits for them


async def test_a_process_that_dies_leaves_it_to_the_next(
    town: Town, officer: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def from_vendor(file: IncomingFile) -> bytes:
        return photo()

    monkeypatch.setattr(town.house.channels["sandbox"], "fetch", from_vendor)
    taken, now = sent(officer), town.house.clock.now()
    await town.house.lane.run(lambda session: town.house.conversation.take(session, taken, now=now))
    (row,) = await errands(town)
    assert row.state is OutboxState.sending
    await town.house.office.settled()
    assert await kept(town) == []  # its lease is the dead one's

    def lapsed(session: Session) -> None:
        session.execute(update(Outbox).where(col(Outbox.id) == row.id).values(lease_until=lease_now()))

    await town.house.lane.run(lapsed)
    await town.house.office.settled()
    assert len(await kept(town)) == 1
    assert "照片1张" in (await officer.last())["text"]
    assert [one.state for one in await errands(town)] == [OutboxState.sent]


async def test_run_twice_it_has_one_effect(
    town: Town, officer: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, twice = town.house.office.fetch, list[Parcel]()

    async def again(parcel: Parcel) -> None:
        twice.append(parcel)
        await run(parcel)
        await run(parcel)

    monkeypatch.setattr(town.house.office, "fetch", again)
    before = await officer.last_id()
    recap = await sends(officer, photo())
    assert len(twice) == 1
    assert len(await kept(town)) == 1
    assert [one["id"] for one in await officer.told(before)] == [recap["id"]]
    assert KEPT in (await officer.taps("提交", recap))["text"]


async def test_a_vendor_that_stays_away_is_told_in_the_end(
    town: Town, officer: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = list[str]()

    async def away(file: IncomingFile) -> bytes:
        calls.append(file.reference)
        raise ChannelError("away")

    monkeypatch.setattr(town.house.channels["sandbox"], "fetch", away)
    await town.house.conversation.handle(sent(officer))
    for _ in range(intake.TRIES):
        await town.house.office.settled()

        def soon(session: Session) -> None:
            waits = update(Outbox).where(col(Outbox.kind) == FETCH, col(Outbox.state) == OutboxState.todo)
            session.execute(waits.values(lease_until=None))

        await town.house.lane.run(soon)
    await town.house.office.settled()
    assert len(calls) == intake.TRIES
    told = await officer.last()
    assert "照片没有取到，请再发一次。" in told["text"]
    assert ASKED in told["text"]
    assert await kept(town) == []


async def test_who_is_suspended_meanwhile_hears_nothing(
    town: Town, officer: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def suspended(file: IncomingFile) -> bytes:
        def unit(session: Session) -> None:
            people.suspend(session, member_of(session, officer.id), now=town.house.clock.now())

        await town.house.lane.run(unit)
        return photo()

    monkeypatch.setattr(town.house.channels["sandbox"], "fetch", suspended)
    before = await officer.last_id()
    await town.house.conversation.handle(sent(officer))
    await town.house.office.settled()
    assert await kept(town) == []
    assert await officer.told(before) == []
