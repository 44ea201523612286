"""A process that dies between the commit and the sending, and two that send from one database."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from sqlmodel import Session, col, select

from bot import delivery, lookout, parcels
from bot.app import House, build
from bot.channels.base import Incoming
from reminders import outbox, sweep
from storage.clock import lease_now
from storage.lane import open_lane
from storage.tables.mail import Outbox, OutboxState
from tests.chat import Phone, Town
from tests.story.acts import digest, talk, walk


@pytest.fixture
def beside(house: House) -> Iterator[House]:
    """Another process on the same database, at the same moment."""
    lane = open_lane(house.settings.database)
    yield build(house.settings, lane, house.clock)
    lane.close()


def at_lease_end(monkeypatch: pytest.MonkeyPatch, late: timedelta = timedelta(seconds=1)) -> None:
    """Real time, as far as leases are concerned, after the leases of now have ended; what was left is looked for each
    time that anything is sent."""
    monkeypatch.setattr(lookout, "LOOKS", 1_000_000)
    monkeypatch.setattr(delivery, "lease_now", lambda: lease_now() + outbox.LEASE + late)


async def commits_and_dies(
    house: House, phone: Phone, text: str | None = None, token: str | None = None
) -> list[parcels.Parcel]:
    """Take an event up to the commit, and send nothing of the answer."""
    incoming = Incoming("sandbox", phone.id, f"crash-{lease_now().timestamp()}", text=text, token=token)
    now = house.clock.now()
    return await house.lane.run(lambda s: house.conversation.take(s, incoming, now=now))


async def open_rows(house: House) -> int:
    """How many wait whose time has come."""
    waits = col(Outbox.state).in_((OutboxState.todo, OutboxState.sending))
    query = select(Outbox).where(waits, col(Outbox.due_at) <= house.clock.now())
    return await house.lane.read(lambda s: len(s.exec(query).all()))


async def test_a_reply_that_was_never_sent_is_sent_once_by_another(
    town: Town, beside: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await town.one("care_officer")
    before = await officer.last_id()
    (parcel,) = await commits_and_dies(town.house, officer, text="今日")
    assert await officer.told(before) == []
    assert not await beside.office.one_delivery()  # still leased: perhaps the other is only slow
    assert await officer.told(before) == []

    at_lease_end(monkeypatch)
    assert await beside.office.one_delivery()
    (told,) = await officer.told(before)
    assert [part.text for part in town.house.office.words(parcel)] == [told["text"]]  # the same words
    assert not await beside.office.one_delivery()
    assert not await town.house.office.one_delivery()
    assert len(await officer.told(before)) == 1
    tapped = await officer.taps("记录 张明", told)  # and its buttons work
    assert "第1步" in tapped["text"]


async def test_a_whole_note_survives_a_death_at_every_step(
    town: Town, beside: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    alert = await supervisor.last()
    at = await officer.taps("记录 张明", await digest(officer))
    at_lease_end(monkeypatch)
    for step in (*talk("每一步都断电。"), "提交"):
        before = await officer.last_id()
        if step.startswith("say:"):
            await commits_and_dies(town.house, officer, text=step[4:])
        else:
            action = next(b["action"] for row in at["buttons"] for b in row if b["label"].startswith(step))
            await commits_and_dies(town.house, officer, token=action)
        while await beside.office.one_delivery():
            pass
        (at,) = await officer.told(before)
    assert "已记录" in at["text"]
    assert "✓ 已记录" in (await supervisor.again(alert))["text"]
    assert await open_rows(town.house) == 0


async def test_one_who_slept_past_the_lease_finishes_nothing(
    town: Town, beside: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await town.one("care_officer")
    before = await officer.last_id()
    parcels = await commits_and_dies(town.house, officer, text="今日")
    at_lease_end(monkeypatch)
    assert await beside.office.one_delivery()

    def owner(session: Session) -> tuple[str | None, OutboxState]:
        row = session.get_one(Outbox, parcels[0].row_id)
        return row.owner, row.state

    finished = await town.house.lane.read(owner)
    assert finished[0] != parcels[0].owner
    assert finished[1] is OutboxState.sent
    await town.house.office.deliver(parcels)  # wakes up and sees that its time is over
    assert await town.house.lane.read(owner) == finished
    assert len(await officer.told(before)) == 1
    for late in ([replace(parcel, until=None) for parcel in parcels], parcels):
        await town.house.office.deliver(
            late
        )  # had it been in the middle of the call: the one repeat there can be
        assert await town.house.lane.read(owner) == finished
        assert len(await officer.told(before)) == 2


@pytest.mark.parametrize("dies", [False, True])
async def test_a_notice_that_another_claims_meanwhile_neither_waits_for_the_answer_nor_is_in_its_way(
    town: Town, beside: House, monkeypatch: pytest.MonkeyPatch, dies: bool
) -> None:
    """An answer in the hands of its process is on its way: the other process knows nothing of it, and its message may
    be the first in the chat. Both are there once."""
    officer = await town.one("care_officer")
    before = await officer.last_id()
    assert await _a_morning_is_due(town.house, "2026-11-25T09:30+08:00")
    on_its_way = await commits_and_dies(town.house, officer, text="帮助")
    while await beside.office.one_delivery():
        pass
    (notice,) = await officer.told(before)
    assert "早上好" in notice["text"]
    if dies:
        at_lease_end(monkeypatch)
        assert await beside.office.one_delivery()
    else:
        await town.house.office.deliver(on_its_way)
    assert not await town.house.office.one_delivery()
    assert not await beside.office.one_delivery()
    told = [bubble["text"] for bubble in await officer.told(before)]
    assert [told[0], len(told), "早上好" in told[1]] == [notice["text"], 2, False]
    assert await open_rows(town.house) == 0


async def _a_morning_is_due(house: House, moment: str) -> int:
    """Everything of this moment is in the outbox, and nothing of it sent."""
    clock = house.clock
    clock.move_to(datetime.fromisoformat(moment))  # type: ignore[attr-defined]
    now = clock.now()
    for unit in (sweep.one_slice, sweep.one_digest_slice):
        while await house.lane.run(lambda s, unit=unit: unit(s, now=now)):  # type: ignore[misc]
            pass
    return await open_rows(house)


class Meeting:
    """Holds up the first senders until both offices have claimed something: then they truly work side by side."""

    def __init__(self) -> None:
        self._met = asyncio.Event()
        self.owners: set[str] = set()

    def at(self, owner: str, send: Any) -> Any:
        async def sends(*given: Any, **named: Any) -> Any:
            self.owners.add(owner)
            if len(self.owners) == 2:
                self._met.set()
            await asyncio.wait_for(self._met.wait(), 60)
            return await send(*given, **named)

        return sends


async def test_two_offices_never_send_one_row_twice(
    town: Town, beside: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    phones = await town.everyone()
    since = {phone.id: await phone.last_id() for phone in phones}
    monkeypatch.setattr(delivery, "BATCH", 2)
    waiting = await _a_morning_is_due(town.house, "2026-11-25T09:30+08:00")
    assert waiting >= 10
    meeting = Meeting()
    for house in (town.house, beside):
        channel = house.channels["sandbox"]
        monkeypatch.setattr(channel, "send", meeting.at(house.office.owner, channel.send))

    async def works(house: House) -> None:
        while await house.office.one_delivery():
            pass

    await asyncio.gather(works(town.house), works(beside))
    assert len(meeting.owners) == 2
    assert await open_rows(town.house) == 0
    told = [m for phone in phones for m in await phone.told(since[phone.id])]
    sent = await town.house.lane.read(
        lambda s: len(s.exec(select(Outbox).where(Outbox.sent_at == town.house.clock.now())).all())
    )
    nothing = await town.house.lane.read(
        lambda s: len(s.exec(select(Outbox).where(Outbox.state == OutboxState.withdrawn)).all())
    )  # the morning of a unit that is asked for nothing
    assert len(told) == sent
    assert sent + nothing >= waiting
    for phone in phones:
        texts = [m["text"] for m in await phone.told(since[phone.id])]
        assert len(set(texts)) == len(texts)


async def ticks(house: House) -> None:
    """A tick, and all that it made to be delivered."""
    await house.ticker.tick()
    await house.office.settled()


async def test_two_processes_may_tick_at_once(town: Town, beside: House) -> None:
    phones = await town.everyone()
    since = {phone.id: await phone.last_id() for phone in phones}
    town.house.clock.move_to(datetime.fromisoformat("2026-11-25T09:30+08:00"))  # type: ignore[attr-defined]
    await asyncio.gather(*(ticks(house) for _ in range(3) for house in (town.house, beside)))
    await ticks(town.house)
    for phone in phones:
        told = [m["text"] for m in await phone.told(since[phone.id])]
        mornings = sum("早上好" in text for text in told)
        if phone.id.startswith("officer"):
            assert mornings == 1, phone.name
        else:  # a unit has one where its opinion is due
            assert mornings <= phone.id.startswith("unit"), phone.name
        assert sum(text.startswith("逾期提醒") for text in told) <= 1
        assert len(set(told)) == len(told)


async def test_after_an_outage_one_catch_up_and_nothing_doubled(town: Town) -> None:
    """Nobody ticked for three days: one digest, one alert, and then the usual."""
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    mine, theirs = await officer.last_id(), await supervisor.last_id()
    town.house.clock.move_to(datetime.fromisoformat("2026-11-26T10:00+08:00"))  # type: ignore[attr-defined]
    await ticks(town.house)
    assert [m["sent_at"] for m in await officer.told(mine)] == ["2026-11-26T10:00:00+08:00"]
    assert len(await supervisor.told(theirs)) == 1
    await town.later(advance="PT0S")  # keeps the clock
    await town.restart()
    await ticks(town.house)
    assert len(await officer.told(mine)) == 1
    assert len(await supervisor.told(theirs)) == 1
    await walk(officer, await officer.taps("记录 张明", await digest(officer)), *talk("补记。"), "提交")
    assert "✓ 已记录 10:00" in (await digest(officer))["text"]
