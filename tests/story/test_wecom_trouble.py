"""Trouble on WeCom: outages, blocks, members who left, a morning of many, expired tokens in the middle of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import Session, col, func, select

from bot import delivery, parcels, turnstile, wording
from bot.app import House
from bot.channels.disclosure import Level
from bot.channels.wecom import channel
from bot.channels.wecom.sending import day_of
from bot.context import Context
from bot.messages import Message
from locales.phrase import Count, P
from reminders import outbox, schedule
from storage.clock import lease_now
from storage.queries.visits import by_ids
from storage.tables.cases import Case
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Member
from storage.tables.visits import Visit, VisitState
from tests.fakes.wecom.faults import bad_gateway, cut, errcode, hang, reset
from tests.story.words import ON_SQLITE
from tests.wecom_town import WecomTown, labels, member_of, wecom_town, words


@pytest.fixture
def paced() -> bool:
    return False


@pytest.fixture
async def county(house: House, paced: bool) -> AsyncIterator[WecomTown]:
    async with wecom_town(house, paced=paced) as town:
        yield town


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again at the next ring of the bell."""
    monkeypatch.setattr(outbox, "BACKOFF", (0, 0))


async def rows(county: WecomTown, *states: OutboxState) -> list[Outbox]:
    """Those in one of the states whose time has come: what is told in December is there already."""

    def unit(session: Session) -> list[Outbox]:
        due = col(Outbox.due_at) <= county.house.clock.now()
        query = select(Outbox).where(col(Outbox.state).in_(states), due)
        return list(session.exec(query.order_by(col(Outbox.id))))

    return await county.house.lane.read(unit)


OPEN = (OutboxState.todo, OutboxState.sending, OutboxState.dead)

# --- outages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [errcode(-1), errcode(6000), bad_gateway(), reset(), reset(acts=True), cut(), errcode(99999)],
    ids=str,
)
async def test_an_answer_that_did_not_get_through_is_sent_again_and_shown_once(
    county: WecomTown, fault: Any, at_once: None
) -> None:
    officer = await county.bound("care_officer")
    county.fake.faults.times("message/send", 2, fault)
    await officer.says("今日")
    assert len(officer.told) == 1
    assert await rows(county, *OPEN) == []


async def test_a_notice_that_comes_again_is_the_same_to_the_byte(county: WecomTown, at_once: None) -> None:
    """And therefore shown once; it does not say that it may be a repeat."""
    officer = await county.bound("care_officer")
    await officer.settled()
    county.fake.faults.times("message/send", 2, cut())
    await county.town.later(to="2026-11-24T08:30")
    await officer.settled()
    notices_ = [words(message) for message in officer.told if "今日到期提醒" in words(message)]
    assert len(notices_) == 1
    assert "此前可能已送达" not in notices_[0]
    assert max(row.unanswered for row in await rows(county, OutboxState.sent)) == 2


@pytest.mark.parametrize("code", [42001, 40014])
async def test_an_expired_token_is_nobodys_trouble(county: WecomTown, code: int) -> None:
    officer = await county.bound("care_officer")
    await officer.says("今日")
    county.fake.expire_tokens(code)
    await asyncio.gather(*(officer.user.says(text) for text in ("今日", "本周", "帮助")))
    await officer.settled()
    assert len(officer.told) == 4
    assert len(county.fake.calls_of("gettoken")) == 2


@pytest.mark.parametrize(("code", "least", "most"), [(45009, 50, 60), (60020, 110, 120)])
async def test_a_channel_that_has_to_be_left_alone_is_and_keeps_what_waits(
    county: WecomTown, code: int, least: int, most: int
) -> None:
    officer, other = await county.bound("care_officer"), await county.bound("care_officer", 1)
    channel_ = county.house.channels["wecom"]
    channel_.can = channel.WecomChannel.can  # type: ignore[misc]
    county.fake.faults.always("message/send", errcode(code))
    begun = lease_now()
    assert (await officer.user.says("今日")).ok
    await officer.settled()
    sent = len(county.fake.calls_of("message/send"))
    assert (await other.user.says("今日")).ok
    await other.settled()
    assert len(county.fake.calls_of("message/send")) == sent  # nobody calls before the time is over
    waiting = await rows(county, OutboxState.todo)
    assert len(waiting) == 2
    for row in waiting:
        assert row.lease_until is not None
        assert least <= (row.lease_until - begun).total_seconds()
        assert (row.lease_until - lease_now()).total_seconds() <= most + 1


@ON_SQLITE
async def test_a_chat_that_hangs_holds_up_no_other(county: WecomTown) -> None:
    officer, other = await county.bound("care_officer"), await county.bound("care_officer", 1)
    script = county.fake.faults.once(
        "message/send", hang(), when=lambda call: call.payload["touser"] == "limin"
    )
    assert (await officer.user.says("今日")).ok
    assert (await other.user.says("今日")).ok
    await other.user.hears()
    hanging = await rows(county, OutboxState.sending)
    assert [row.attempts for row in hanging if row.channel == "wecom"][:1] == [1]  # not given up yet
    script.clear()


async def test_a_poisoned_message_holds_up_nobody(county: WecomTown) -> None:
    officer = await county.bound("care_officer")
    county.fake.faults.once("message/send", errcode(44004))
    assert (await officer.user.says("帮助")).ok
    await officer.settled()
    await officer.says("今日")
    assert len(officer.told) == 1
    (dead,) = await rows(county, OutboxState.dead)
    assert dead.error == "44004: the text is empty"


# --- nobody there --------------------------------------------------------------------------------------------------


async def test_who_is_out_of_range_is_reached_elsewhere_and_comes_back(county: WecomTown) -> None:
    officer, browser = await county.bound("care_officer"), await county.town.one("care_officer")
    officer.user.member.visible = False  # nobody tells the app
    before = await browser.last_id()
    await county.town.later(to="2026-11-24T08:30")
    assert any("早上好" in told["text"] for told in await browser.told(before))
    await officer.user.joins()
    await county.town.later(to="2026-11-25T08:30")
    assert "早上好" in words(officer.finds("早上好"))


# --- many ----------------------------------------------------------------------------------------------------------


class Swift:
    """Time that runs faster, for everybody alike."""

    def __init__(self, speed: float) -> None:
        self.speed, self.began, self.real = speed, time.monotonic(), time.time()
        self.sleep = asyncio.sleep

    def __call__(self) -> float:
        return self.real + (time.monotonic() - self.began) * self.speed

    def moment(self) -> datetime:
        return datetime.fromtimestamp(self(), UTC)

    async def rest(self, seconds: float, result: object = None) -> object:
        return await self.sleep(seconds / self.speed, result)


@pytest.fixture
def swift(county: WecomTown, monkeypatch: pytest.MonkeyPatch) -> Swift:
    """The pace's waiting, in a moment."""
    swift = Swift(300)
    for module in (delivery, parcels, turnstile, channel):
        monkeypatch.setattr(module, "lease_now", swift.moment)
    monkeypatch.setattr(
        turnstile, "TOO_LATE", turnstile.TOO_LATE * swift.speed
    )  # and so everybody is as late
    monkeypatch.setattr(asyncio, "sleep", swift.rest)
    county.fake.state.clock = swift
    return swift


async def all_out(county: WecomTown, swift: Swift) -> None:
    while await rows(county, OutboxState.todo, OutboxState.sending):
        await county.house.office.settled()
        await swift.sleep(0.01)


@ON_SQLITE
@pytest.mark.parametrize("paced", [True])
async def test_two_hundred_messages_for_one_member_are_all_shown(county: WecomTown, swift: Swift) -> None:
    officer = await county.bound("care_officer")

    def two_hundred(session: Session) -> None:
        now = county.house.clock.now()
        member = session.get_one(Member, member_of(session, officer.persona))
        for number in range(200):
            message = Message((P("{n} task", "{n} tasks", n=Count(number)),))
            row = outbox.row(
                "reply", now=now, county_id=member.county_id, member_id=member.id,
                payload={"message": message}, channel="wecom",
            )  # fmt: skip
            outbox.put(session, [row])

    begun = swift()
    await county.house.lane.run(two_hundred)
    await all_out(county, swift)
    assert county.fake.dropped == []
    assert [message.text.split()[0] for message in officer.chat] == [str(number) for number in range(200)]
    assert officer.chat[-1].sent_at - begun > 700  # or the pace was none


@ON_SQLITE
@pytest.mark.parametrize("paced", [True])
async def test_no_day_takes_more_than_its_quota(county: WecomTown, swift: Swift) -> None:
    """A corporation of one account may be sent two hundred messages a day; the rest waits for its turn."""
    officer, other = await county.bound("care_officer"), await county.bound("supervisor")
    wecom = county.house.channels["wecom"]
    wecom.can = replace(wecom.can, day=day_of(1))  # type: ignore[misc]
    county.fake.state.daily_quota = 200
    before = len(officer.chat) + len(other.chat)

    def many(session: Session) -> None:
        now = county.house.clock.now()
        for persona in (officer.persona, other.persona):
            member = session.get_one(Member, member_of(session, persona))
            for number in range(53):
                message = Message((P("{n} task", "{n} tasks", n=Count(number)),))
                row = outbox.row(
                    "reply", now=now, county_id=member.county_id, member_id=member.id,
                    payload={"message": message}, channel="wecom",
                )  # fmt: skip
                outbox.put(session, [row])

    begun = swift()
    await county.house.lane.run(many)
    await all_out(county, swift)
    assert county.fake.dropped == []
    shown = sorted(message.sent_at for message in (*officer.chat, *other.chat))[before:]
    assert len(shown) == 106
    assert shown[-1] - begun > 6 * 864 - 60  # a hundred at once, then one every 864 seconds
    assert await rows(county, OutboxState.todo) == []


# --- merged --------------------------------------------------------------------------------------------------------


async def notices(county: WecomTown, persona: str, kind: str, most: int) -> list[str]:
    """Notices that wait for a member, of visits of the member's own, or of anybody else's. Their lines."""

    def unit(session: Session) -> list[str]:
        now = county.house.clock.now()
        member = session.get_one(Member, member_of(session, persona))
        mine = Visit.officer_id == member.id if kind == "assigned" else Visit.officer_id != member.id
        wanted = select(Visit.id).where(mine, Visit.county_id == member.county_id).order_by(col(Visit.id))
        if kind == "assigned":  # one of each case: two buttons that read the same do not go into one message
            each = (
                select(func.min(Visit.id))
                .where(Visit.state == VisitState.planned)
                .group_by(col(Visit.case_id))
            )
            wanted = wanted.where(col(Visit.id).in_(each))
        ids = (2 * list(session.exec(wanted.limit(most)).all()))[:most]
        for visit_id in ids:
            new = outbox.row(
                kind, now=now, county_id=member.county_id, member_id=member.id, payload={"visit": visit_id}
            )
            outbox.put(session, [new])
        ctx = Context(session, member, now, Level.full, "zh_CN")
        items = by_ids(session, ids)
        said = {one.visit.id: wording.visit_line(one, now, ctx.mechanism).render(ctx.reader) for one in items}
        return [said[visit_id] for visit_id in ids]

    return await county.house.lane.run(unit)


@ON_SQLITE
@pytest.mark.parametrize("paced", [True])
async def test_two_hundred_notices_for_one_member_are_few_messages(county: WecomTown, swift: Swift) -> None:
    officer = await county.bound("care_officer")
    lines = await notices(county, officer.persona, "taken_over", 200)
    assert len(lines) == 200
    await all_out(county, swift)
    assert county.fake.dropped == []
    assert len(officer.chat) <= 20
    told = Counter(line for message in officer.chat for line in words(message).splitlines())
    assert {line: told[line] for line in lines} == dict(Counter(lines))
    lost = await rows(county, OutboxState.dead, OutboxState.withdrawn)
    assert [row.kind for row in lost if row.kind != "digest"] == []
    receipts = {row.receipt for row in await rows(county, OutboxState.sent) if row.kind == "taken_over"}
    assert len(receipts) == 5


@ON_SQLITE
@pytest.mark.parametrize("paced", [True])
async def test_merged_notices_keep_their_buttons(county: WecomTown, swift: Swift) -> None:
    officer = await county.bound("care_officer")
    lines = await notices(county, officer.persona, "assigned", 4)
    await all_out(county, swift)
    (told,) = officer.told
    assert all(line in words(told) for line in lines)
    shown = [label for label in labels(officer.last) if "记录" in label]
    assert len(shown) == 4
    assert sum("改期" in label for label in labels(officer.last)) == 1
    assert "第1步" in words(await officer.taps(shown[2]))


@ON_SQLITE
@pytest.mark.parametrize("paced", [True])
@pytest.mark.parametrize(
    ("fault", "messages"), [(errcode(-1), 1), (reset(acts=True), 1), (errcode(44004), 4)], ids=str
)
async def test_merged_notices_are_told_once_whatever_happens(
    county: WecomTown, swift: Swift, fault: Any, messages: int
) -> None:
    """The same message again where it did not get through; one by one where it was refused for what it is."""
    officer = await county.bound("care_officer")
    await all_out(county, swift)  # what was said on binding is not what the fault is for
    lines = await notices(county, officer.persona, "taken_over", 4)
    county.fake.faults.once("message/send", fault)
    await all_out(county, swift)
    assert len(officer.told) == messages
    told = "\n".join(words(message) for message in officer.told)
    assert [told.count(line) for line in set(lines)] == [lines.count(line) for line in set(lines)]
    assert await rows(county, *OPEN) == []


@ON_SQLITE
@pytest.mark.parametrize("paced", [True])
async def test_merged_notices_are_changed_as_one(county: WecomTown, swift: Swift) -> None:
    officer = await county.bound("care_officer")
    lines = await notices(county, officer.persona, "assigned", 3)
    await all_out(county, swift)
    for done in range(1, 4):
        await county.house.lane.run(lambda session, line=lines[done - 1]: _finish(session, line))  # type: ignore[misc]
        await all_out(county, swift)
        (told,) = officer.told
        assert [line for line in lines if line in words(told)] == lines[done:]
        assert words(told).count("✓ 已记录") == done
        assert sum("记录" in label for label in labels(officer.last)) == 3 - done
    assert await rows(county, *OPEN) == []


def _finish(session: Session, line: str) -> None:
    """The visit of a line of a notice took place."""
    query = select(Visit).join(Case, col(Case.id) == Visit.case_id)
    code = line.split()[-1].partition("｜")[0]
    found = session.exec(query.where(Case.code == code, Visit.state == VisitState.planned)).all()
    now = _latest(session)
    for visit in found:
        schedule.finish(session, visit, now.date(), now=now, actor_id=visit.officer_id or 0)


def _latest(session: Session) -> datetime:
    return max(row.sent_at for row in session.exec(select(Outbox)) if row.sent_at is not None)
