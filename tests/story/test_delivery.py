"""The post office: parts, order, and who waits for whom."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot import delivery
from bot.app import House
from bot.channels.base import Capabilities, ChannelError, Incoming
from bot.messages import Message, Rendered
from bot.parcels import Parcel
from casework import safety
from locales.phrase import P, Word
from reminders import outbox
from reminders.pace import Rate
from storage.clock import lease_now
from storage.tables.calls import CallSource
from storage.tables.cases import Case
from storage.tables.mail import IN_HAND, Outbox, OutboxState
from storage.tables.members import Address, Member, address_index
from tests import make
from tests.chat import Phone, Stranger, Town
from tests.story.words import ON_SQLITE, OVERDUE_CASE


class Wire:
    """Between the house and its channel: what passes, and what goes wrong with it."""

    def __init__(self, house: House, monkeypatch: pytest.MonkeyPatch, **can: Any) -> None:
        self.channel = house.channels["sandbox"]
        self.inner = self.channel.send
        self.sent: list[tuple[str, str, str | None]] = []
        self.errors: list[Exception | None] = []
        self.removed: list[str] = []
        self.broken: set[str] = set()
        self.gates: dict[str, asyncio.Event] = {}
        self.begun, self.passed = asyncio.Event(), asyncio.Event()
        monkeypatch.setattr(self.channel, "can", replace(self.channel.can, **can))
        monkeypatch.setattr(self.channel, "send", self.send)
        monkeypatch.setattr(self.channel, "remove", self.remove)

    async def send(self, address: str, message: Rendered, **more: Any) -> str:
        self.begun.set()
        if address in self.gates:
            await self.gates[address].wait()
        if address in self.broken:
            raise ChannelError("away")
        error = self.errors.pop(0) if self.errors else None
        if error is not None:
            raise error
        self.sent.append((address, message.text, more.get("replaces")))
        self.passed.set()
        return await self.inner(address, message, **more)

    async def remove(self, address: str, receipts: Any) -> None:
        self.removed += receipts


async def say(town: Town, phone: Phone, text: str, number: int) -> None:
    await town.house.conversation.handle(Incoming("sandbox", phone.id, f"{phone.id}-{number}", text=text))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "BACKOFF", (0, 0))


async def test_a_message_in_parts_goes_on_where_it_stopped(
    town: Town, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    officer = await town.one("care_officer")
    whole = (await officer.says("帮助"))["text"]
    wire = Wire(town.house, monkeypatch, text=60)
    wire.errors = [None, None, ChannelError("away"), None, ChannelError("away")]
    await say(town, officer, "帮助", 1)
    await town.house.office.settled()
    texts = [text for _, text, _ in wire.sent]
    assert len(texts) > 3
    assert len(set(texts)) == len(texts)  # no part twice
    assert "".join(texts).replace("\n", "") == whole.replace("\n", "")


async def test_within_one_process_a_notice_goes_behind_an_answer_that_is_on_its_way(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No claim knows the answer, which is in our hands: it is the chat's line that keeps the order."""
    wire, officer = Wire(town.house, monkeypatch), await town.one("care_officer")
    gate, begun = asyncio.Event(), list[str]()

    async def send(address: str, message: Rendered, **more: Any) -> str:
        begun.append(message.text)
        wire.begun.set()
        await gate.wait()
        return await wire.send(address, message, **more)

    monkeypatch.setattr(wire.channel, "send", send)
    await say(town, officer, "帮助", 1)

    def notice(session: Session) -> None:
        row = session.exec(select(Outbox).order_by(col(Outbox.id).desc())).first()
        assert row is not None
        assert row.ended == IN_HAND
        message = Message((P("{w}", w=Word("behind")),))
        new = outbox.row("reply", now=row.due_at, county_id=row.county_id, member_id=row.member_id, channel=row.channel,
            payload={"message": message})  # fmt: skip
        outbox.put(session, [new])

    await town.house.lane.run(notice)
    assert await town.house.office.dispatch()
    await asyncio.wait_for(wire.begun.wait(), 60)
    await asyncio.sleep(0.1)  # for the one that must not
    assert len(begun) == 1
    gate.set()
    await town.house.office.settled()
    assert [text == "behind" for _, text, _ in wire.sent] == [False, True]


async def test_what_comes_after_one_that_failed_waits_for_it(
    town: Town, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    officer = await town.one("care_officer")
    wire = Wire(town.house, monkeypatch)
    gate = wire.gates[officer.id] = asyncio.Event()
    wire.errors = [ChannelError("away"), ChannelError("away")]
    for number, text in enumerate(("帮助", "语言", "今日")):
        await say(town, officer, text, number)
    gate.set()
    await town.house.office.settled()
    starts = [text[:4] for _, text, _ in wire.sent]
    assert len(starts) == 3
    assert starts[0].startswith("您的身份")
    assert "语言" in wire.sent[1][1]


@ON_SQLITE
async def test_a_slow_chat_holds_up_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    officer, colleague = await town.one("care_officer"), await town.one("care_officer", 1)
    wire = Wire(town.house, monkeypatch)
    gate = wire.gates[officer.id] = asyncio.Event()
    await say(town, officer, "帮助", 1)
    await say(town, colleague, "帮助", 1)
    await asyncio.wait_for(wire.passed.wait(), 60)
    assert [address for address, _, _ in wire.sent] == [colleague.id]
    gate.set()
    await town.house.office.settled()
    assert len(wire.sent) == 2


@ON_SQLITE
async def test_a_call_that_takes_a_third_of_the_lease_is_given_up_as_perhaps_sent(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else its lease would end in the middle of it, and somebody else send the same though nothing failed."""
    officer = await town.one("care_officer")
    wire = Wire(town.house, monkeypatch)
    wire.gates[officer.id] = asyncio.Event()
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=3))
    await say(town, officer, "今日", 1)
    await asyncio.wait_for(town.house.office.settled(), 60)
    rows = await town.house.lane.read(lambda s: s.exec(select(Outbox).where(Outbox.unanswered > 0)).all())
    assert [(row.state, row.error) for row in rows] == [(OutboxState.todo, "stopped")]


@ON_SQLITE
async def test_a_chat_that_is_full_waits_in_the_outbox_and_takes_no_turn(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, colleague = await town.one("care_officer"), await town.one("care_officer", 1)
    wire = Wire(town.house, monkeypatch, overall=Rate(1000, 1.0), each=(Rate(1, 3600.0),))
    for number in range(3):
        await say(town, officer, "帮助", number)
    await say(town, colleague, "帮助", 1)
    await town.house.office.settled()
    assert [address for address, _, _ in wire.sent] == [officer.id, colleague.id]
    waiting = await town.house.lane.read(
        lambda s: s.exec(select(Outbox).where(Outbox.state == OutboxState.todo, Outbox.kind == "reply")).all()
    )
    assert len(waiting) == 2
    assert all(row.attempts == 0 for row in waiting)  # waiting is no failed attempt
    assert {row.error for row in waiting} == {
        "full: chat",
        None,
    }  # and says for what: the second is behind the first
    assert all(row.lease_until and row.lease_until > lease_now() + timedelta(minutes=59) for row in waiting)


@ON_SQLITE
async def test_after_a_not_before_the_chat_is_left_alone(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    officer = await town.one("care_officer")
    wire = Wire(town.house, monkeypatch, each=(Rate(1000, 1.0, burst=50),))
    wire.errors = [ChannelError("too many", retry_after=timedelta(hours=1))]
    await say(town, officer, "帮助", 1)
    await town.house.office.settled()
    wire.errors = []
    await say(town, officer, "今日", 2)  # an answer of its own, that knows nothing of the one that waits
    await town.house.office.settled()
    assert wire.sent == []


async def test_after_long_trying_a_person_has_to_look_and_the_next_in_line_hears(
    town: Town, monkeypatch: pytest.MonkeyPatch, at_once: None
) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    before = await supervisor.last_id()
    wire = Wire(town.house, monkeypatch)
    wire.broken.add(officer.id)
    monkeypatch.setattr(outbox, "GIVE_UP", timedelta(seconds=0.2))
    await town.later(to="2026-11-23T14:30")
    await asyncio.sleep(0.2)
    await town.house.office.settled()
    told = [bubble["text"] for bubble in await supervisor.told(before)]
    assert sum("李敏" in text and "未能送达" in text for text in told) == 1
    dead = await town.house.lane.read(
        lambda s: s.exec(select(Outbox).where(Outbox.state == OutboxState.dead)).all()
    )
    assert [(row.kind, row.error) for row in dead] == [("today", "away")]


@ON_SQLITE
async def test_a_stranger_who_is_gone_is_given_up(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    wire = Wire(town.house, monkeypatch)
    wire.errors = [ChannelError("nobody there", unreachable=True)]
    assert await Stranger(town, "nobody").says("你好") == []
    rows = await town.house.lane.read(
        lambda s: s.exec(select(Outbox).where(col(Outbox.member_id).is_(None))).all()
    )
    assert [row.state for row in rows] == [OutboxState.dead]


async def test_who_is_told_to_stop_gives_back_what_it_holds(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await town.one("care_officer")
    wire = Wire(town.house, monkeypatch)
    wire.gates[officer.id] = asyncio.Event()  # a vendor that takes and says nothing
    for number, text in enumerate(("帮助", "语言")):
        await say(town, officer, text, number)
    await asyncio.wait_for(wire.begun.wait(), 60)
    monkeypatch.setattr(delivery, "CLOSING", 60.0)
    await town.house.office.close(0.1)
    rows = await town.house.lane.read(
        lambda s: s.exec(
            select(Outbox).where(Outbox.kind == "reply").order_by(col(Outbox.id).desc()).limit(2)
        ).all()
    )
    assert [(row.state, row.owner) for row in rows] == [(OutboxState.todo, None)] * 2
    waited, cut_off = rows
    assert (cut_off.unanswered, cut_off.error) == (1, "stopped")
    assert (waited.unanswered, waited.attempts) == (0, 0)


@ON_SQLITE
async def test_an_edit_with_fewer_parts_takes_the_others_away(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await town.one("care_officer")
    wire = Wire(town.house, monkeypatch, remove=timedelta(hours=1))
    first = await wire.inner(officer.id, Rendered("one"))
    second = await wire.inner(officer.id, Rendered("two"))
    reader = town.house.office.stranger()
    message = Message((P("{w}", w=Word("new")),))
    parcel = Parcel(1, 1, "nobody", "sandbox", officer.id, "N", message, reader, replaces=(first, second))
    await town.house.office.deliver([parcel])
    assert wire.sent == [(officer.id, "new", first)]
    assert wire.removed == [second]


# --- safety calls ----------------------------------------------------------------------------------------------------


def _parcel(town: Town, phone: Phone, number: int, **more: Any) -> Parcel:
    message = Message((P("{w}", w=Word(f"{number}")),))
    reader = town.house.office.stranger()
    return Parcel(number, 1, "nobody", "sandbox", phone.id, f"N{number}", message, reader, **more)


@ON_SQLITE
async def test_a_safety_call_is_the_first_of_its_chat_and_tried_though_others_failed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await town.one("care_officer")
    wire = Wire(town.house, monkeypatch)
    gate = wire.gates[officer.id] = asyncio.Event()
    wire.errors = [ChannelError("away")]
    office = town.house.office
    office.post([_parcel(town, officer, 1)])  # it is under way, and will fail
    office.post(
        [_parcel(town, officer, 2), _parcel(town, officer, 3, safety=True), _parcel(town, officer, 4)]
    )
    gate.set()
    await office._all_done()
    assert [text for _, text, _ in wire.sent] == ["3"]


@ON_SQLITE
async def test_a_safety_call_goes_out_while_there_is_room_for_nothing_else(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, leader = await town.one("care_officer"), await town.one("leader")
    wire, office, lane = Wire(town.house, monkeypatch), town.house.office, town.house.lane
    monkeypatch.setattr(delivery, "ABREAST", 1)
    wire.gates[officer.id] = asyncio.Event()  # a vendor that takes and says nothing

    def notice(session: Session, phone: Phone) -> None:
        member = session.exec(
            select(Address).where(Address.address_index == address_index("sandbox", phone.id))
        )
        row = outbox.row(
            "reply", now=town.house.clock.now(), county_id=None, member_id=member.one().member_id,
            channel="sandbox", payload={"message": Message((P("Help"),))},
        )  # fmt: skip
        outbox.put(session, [row])

    def alarm(session: Session) -> None:
        case = session.exec(select(Case).where(Case.code == OVERDUE_CASE)).one()
        caller = session.get_one(Member, case.care_officer_id)
        safety.open_call(
            session, make.actor(session, caller), case, CallSource.office, now=town.house.clock.now()
        )

    working = asyncio.create_task(office.run())
    await lane.run(lambda session: notice(session, officer))
    office.ring()
    while not office._under_way:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await lane.run(lambda session: notice(session, leader))
    await lane.run(alarm)
    office.ring()
    await asyncio.wait_for(wire.passed.wait(), 60)
    await asyncio.sleep(0.2)
    working.cancel()
    assert wire.sent
    assert all(OVERDUE_CASE in text for _, text, _ in wire.sent), wire.sent


def test_limits_of_a_channel_are_data() -> None:
    assert Capabilities().length("张😀") == 7
