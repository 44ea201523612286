"""Trouble on Telegram: odd messages, forged and stale taps, floods, outages, people who block the bot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.app import House
from bot.channels.base import Incoming
from bot.channels.disclosure import Level
from reminders import outbox
from storage.clock import lease_now
from storage.tables.mail import Outbox, OutboxState
from storage.tables.members import Address
from tests.fakes.telegram import FakeTelegram
from tests.story.words import HOME_VISIT, ON_SQLITE, OVERDUE_CASE
from tests.telegram_town import TelegramPhone, TelegramTown, newest, telegram_town

BOTH_WAYS = pytest.mark.parametrize("way", ["polling", "webhook"])


@pytest.fixture
def way() -> str:
    return "polling"


@pytest.fixture
def paced() -> bool:
    return False


@pytest.fixture
async def county(house: House, way: str, paced: bool) -> AsyncIterator[TelegramTown]:
    async with telegram_town(house, way, Level.full, paced=paced) as town:
        yield town


async def rows(county: TelegramTown, *states: OutboxState) -> list[Outbox]:
    """Those in one of the states whose time has come: what is told in December is there already."""

    def unit(session: Session) -> list[Outbox]:
        due = col(Outbox.due_at) <= county.house.clock.now()
        query = select(Outbox).where(col(Outbox.state).in_(states), due)
        return list(session.exec(query.order_by(col(Outbox.id))))

    return await county.house.lane.read(unit)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again at the next ring of the bell."""
    monkeypatch.setattr(outbox, "BACKOFF", (0, 0))


# --- odd messages ----------------------------------------------------------------------------------------------------


@BOTH_WAYS
async def test_whatever_comes_gets_one_answer_or_has_one_effect(county: TelegramTown) -> None:
    officer = await county.bound("care_officer")
    digest = await officer.says("今日")
    mine = next(seen for seen in officer.user.chat if not seen.from_bot)
    acts: list[tuple[Callable[[], Awaitable[object]], str]] = [
        (officer.user.sends_sticker, "暂不能识别"),
        (officer.user.sends_poll, "暂不能识别"),
        (officer.user.sends_location, "位置没有保留"),
        (lambda: officer.user.sends_photo(b"\xff\xd8"), "照片只收本系统打印的签字表"),
        (lambda: officer.user.sends_voice(b"OggS"), "语音暂不能转成文字"),
        (lambda: officer.user.edits(mine, "改过的话"), "修改"),
        (lambda: officer.user.taps_data("x" * 65, on=digest), "按钮"),
        (lambda: officer.user.taps_data("", on=digest), "按钮"),
    ]
    for act, answer in acts:
        before = len(officer.user.told)
        await act()
        await officer.settled()
        told = officer.user.told[before:]
        assert len(told) == 1, answer
        assert answer in told[0].text
    await officer.user.settled()


@BOTH_WAYS
async def test_updates_out_of_order_and_five_times_over_have_one_effect(county: TelegramTown) -> None:
    officer = await county.bound("care_officer")
    county.fake.delivery.copies, county.fake.delivery.out_of_order = 5, True
    before = len(officer.user.told)
    numbers = [await officer.user.says(text) for text in ("今日", "本周", "今日")]
    body = {"update_id": numbers[-1], "message": newest(county.fake, officer.user)}
    await officer.settled()
    for _ in range(5):
        county.fake.inject(body)
    await officer.settled()
    assert len(officer.user.told) - before == 3


async def test_an_unknown_kind_and_a_poisoned_update_hold_up_nobody(
    county: TelegramTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = await county.bound("care_officer")
    take = county.house.conversation.take

    def poisoned(session: Session, incoming: Incoming, **more: Any) -> Any:
        if incoming.text == "毒":
            raise ValueError("no unit of ours can do this")
        return take(session, incoming, **more)

    monkeypatch.setattr(county.house.conversation, "take", poisoned)
    county.fake.inject({"purchased_dream": {"id": 1}})
    county.fake.inject({"message": {"message_id": "?", "chat": []}})
    await officer.user.says("毒")
    await officer.user.says("今日")
    await officer.settled()
    assert any("李敏" in seen.text or "逾期" in seen.text for seen in officer.user.told[-2:])


async def test_what_was_not_committed_comes_again(
    county: TelegramTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The offset moves only after the commit: a process that dies in between loses nothing."""
    officer = await county.bound("care_officer")
    handle = county.house.conversation.handle
    died: list[str] = []

    async def dies_once(incoming: Incoming) -> None:
        if not died:
            died.append(incoming.event_id)
            raise RuntimeError("power cut")
        await handle(incoming)

    channel = county.house.channels["telegram"]
    monkeypatch.setattr(channel, "_on_incoming", dies_once)
    before = len(officer.user.told)
    await officer.user.says("今日")
    await officer.settled()
    assert died
    assert len(officer.user.told) == before + 1


# --- who speaks, and with what ---------------------------------------------------------------------------------------


@ON_SQLITE
async def test_a_group_is_asked_to_talk_in_private_and_binds_nobody(county: TelegramTown) -> None:
    officer = await county.bound("care_officer")
    group = county.fake.group(-100_200, [officer.user])
    person = await county.town.one("supervisor")
    code = await county.house.lane.run(lambda session: county.invite(session, person.id))
    for text in ("查询 张明", f"/start {code}"):
        await officer.user.says_in(group, text)
        await officer.settled()
        assert group.chat[-1].text == "为保护个人信息，请与助手单独会话。"
    assert not any("张明 " in seen.text for seen in group.chat if seen.from_bot)
    channel_post = county.fake.channel_post("查询 张明")
    assert channel_post == 0 or not county.fake.calls_of("sendMessage", -1_009_000_000_001)


@ON_SQLITE
async def test_a_button_belongs_to_the_person_and_to_its_time(county: TelegramTown) -> None:
    officer, colleague = await county.bound("care_officer"), await county.bound("care_officer", 1)
    digest = await officer.says("今日")
    token = digest.data_of("记录")
    assert token is not None
    assert len(token.encode()) <= 64
    await colleague.user.taps_data(token)
    await colleague.settled()
    assert "按钮" in colleague.last.text
    await county.town.later(advance="P31D")
    asked = await officer.taps("记录", digest)
    assert "按钮" in asked.text


@ON_SQLITE
@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", "绑定"), ("en", "one-time code"), ("fr", "绑定")]
)
async def test_a_stranger_is_answered_in_the_language_of_their_phone(
    county: TelegramTown, language: str, words: str
) -> None:
    stranger = TelegramPhone(county, county.fake.user(9_000_000_001, "路人", language))
    for act in (stranger.user.start(), stranger.user.says("查询 张明"), stranger.user.sends_sticker()):
        await act
        await stranger.settled()
        assert words in stranger.last.text
        assert "张明" not in stranger.last.text


# --- floods and outages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("retry_after", [8, 30, 3600])  # more than a busy machine takes to look
async def test_a_vendor_that_wants_to_be_left_alone_is(county: TelegramTown, retry_after: int) -> None:
    officer, colleague = await county.bound("care_officer"), await county.bound("care_officer", 1)
    county.fake.faults.too_many(retry_after, method="sendMessage", chat=officer.user.id)
    before, begun = len(officer.user.told), lease_now()
    await officer.user.says("今日")
    await officer.settled()
    (waiting,) = await rows(county, OutboxState.todo)
    assert len(officer.user.told) == before
    assert "逾期" in (await colleague.says("今日")).text  # others are not held up
    assert waiting.lease_until is not None
    assert retry_after <= (waiting.lease_until - begun).total_seconds()
    assert (waiting.lease_until - lease_now()).total_seconds() <= retry_after
    county.house.office.ring()
    await officer.settled()
    assert county.fake.early_calls == []


@pytest.mark.parametrize(
    "fault",
    ["server_error", "bad_gateway", "reset", "unauthorized", "cut"],
)
async def test_an_answer_that_did_not_get_through_is_sent_again(
    county: TelegramTown, fault: str, at_once: None
) -> None:
    officer = await county.bound("care_officer")
    getattr(county.fake.faults, fault)(method="sendMessage", times=2)
    before = len(officer.user.told)
    await officer.user.says("今日")
    await officer.settled()
    told = officer.user.told[before:]
    # What was cut off had been sent: then nobody can know, and it comes once more for each time.
    assert len(told) == (3 if fault == "cut" else 1)
    assert len({seen.text for seen in told}) == 1
    assert await rows(county, OutboxState.todo, OutboxState.sending, OutboxState.dead) == []
    # A token that is refused is a refusal; after all else nobody knows, and the row says so.
    sent = (await rows(county, OutboxState.sent))[-1]
    assert sent.unanswered == (0 if fault == "unauthorized" else 2)


async def test_a_notice_that_perhaps_arrived_says_so_when_it_comes_again(
    county: TelegramTown, at_once: None
) -> None:
    officer = await county.bound("care_officer")
    county.fake.faults.cut(method="sendMessage", times=1, chat=officer.user.id)
    before = len(officer.user.told)
    await county.town.later(to="2026-11-24T08:30")
    await officer.settled()
    first, again, digest = officer.user.told[before:]
    assert "今日到期提醒" in first.text
    assert digest.text.startswith("李敏同志，早上好")
    assert "此前可能已送达" not in digest.text
    assert again.text == f"{first.text}\n（此条此前可能已送达，与前一条相同。）"
    assert [label for row in again.buttons for label in row] == [
        label for row in first.buttons for label in row
    ]


@ON_SQLITE
async def test_a_chat_that_hangs_holds_up_no_other(county: TelegramTown) -> None:
    officer, colleague = await county.bound("care_officer"), await county.bound("care_officer", 1)
    hanging = county.fake.faults.hang(method="sendMessage", chat=officer.user.id)
    await officer.user.says("今日")
    await county.fake.drained()
    await colleague.user.says("今日")
    await colleague.user.hears(lambda seen: "逾期" in seen.text)  # the other hangs until it is let go
    hanging.release()
    await officer.user.hears(lambda seen: "逾期" in seen.text)


async def test_a_text_with_entities_that_are_refused_goes_plain(county: TelegramTown) -> None:
    officer = await county.bound("care_officer")
    county.fake.faults.refuse(400, "Bad Request: can't parse entities: no", method="sendMessage")
    answer = await officer.says("今日")
    assert "逾期" in answer.text
    assert answer.entities == ()
    assert (await officer.says("今日")).shown("bold") != []


@ON_SQLITE
@pytest.mark.parametrize("paced", [True])
async def test_a_morning_of_many_stays_within_the_limits(county: TelegramTown) -> None:
    """The vendor's floods are on: nobody is refused, nobody hears twice."""
    phones = [await county.bound("care_officer", n) for n in range(3)]
    phones += [await county.bound("supervisor"), await county.bound("commission_staff")]
    await county.town.later(to="2026-11-24T09:00")
    await county.town.later(to="2026-11-25T09:00")
    assert not any(call.status == 429 for call in county.fake.calls)
    for phone in phones[:3]:
        assert sum("早上好" in seen.text for seen in phone.user.told) == 2


# --- nobody there ----------------------------------------------------------------------------------------------------


async def test_whoever_blocks_the_bot_is_reached_elsewhere_and_comes_back(county: TelegramTown) -> None:
    officer = await county.bound("care_officer")
    browser = await county.town.one("care_officer")
    await officer.user.blocks()
    before = await browser.last_id()
    await county.town.later(to="2026-11-24T08:30")
    assert any("早上好" in told["text"] for told in await browser.told(before))
    await officer.user.unblocks()
    await officer.settled()
    await county.town.later(to="2026-11-25T08:30")
    assert "早上好" in officer.finds("早上好").text
    assert sum("早上好" in seen.text for seen in officer.user.told) == 1


async def test_a_refusal_alone_tells_that_somebody_is_gone(county: TelegramTown) -> None:
    """The bot is told nothing of a deleted account; the first message finds out, and its next address is used."""
    officer = await county.bound("care_officer")
    browser = await county.town.one("care_officer")
    officer.user.leaves_telegram()
    before = await browser.last_id()
    await county.town.later(to="2026-11-24T08:30")
    assert any("早上好" in told["text"] for told in await browser.told(before))
    await county.town.later(to="2026-11-25T08:30")
    assert (
        len(county.fake.calls_of("sendMessage", officer.user.id)) == 2
    )  # the welcome, and the one that failed


async def test_the_next_in_line_hears_of_whom_no_message_reaches(county: TelegramTown) -> None:
    officer, supervisor = await county.bound("care_officer"), await county.bound("supervisor")
    await county.house.lane.run(lambda session: only_on_telegram(session, county))
    await officer.user.blocks()
    await county.town.later(to="2026-11-24T08:30")
    absent = supervisor.finds("联系不上")
    assert "李敏" in absent.text
    await county.town.later(to="2026-11-26T09:00")
    assert sum("联系不上" in seen.text for seen in supervisor.user.told) == 1  # once, not each morning


async def test_an_alert_that_finds_nobody_goes_to_the_office(county: TelegramTown) -> None:
    supervisor, office = await county.bound("supervisor"), await county.bound("commission_staff")
    await county.house.lane.run(lambda session: only_on_telegram(session, county))
    await supervisor.user.blocks()
    await county.town.later(to="2026-11-25T09:00")
    assert HOME_VISIT in office.finds("逾期提醒").text
    # Its own alert of that morning may be the same message: once, either way.
    alerts = [seen.text for seen in office.user.told if "逾期提醒" in seen.text]
    assert sum(text.count(OVERDUE_CASE) for text in alerts) == 1


def only_on_telegram(session: Session, county: TelegramTown) -> None:
    """Those who have Telegram have nothing else."""
    bound = {a.member_id for a in session.exec(select(Address).where(Address.channel == "telegram"))}
    for address in session.exec(select(Address).where(Address.channel == "sandbox")):
        if address.member_id in bound:
            session.delete(address)


async def test_it_starts_though_the_vendor_is_away(house: House) -> None:
    """And introduces itself when the vendor is back."""

    def away(fake: FakeTelegram) -> None:
        fake.faults.server_error(method="deleteWebhook", times=2)
        fake.faults.bad_gateway(method="getUpdates", times=2)

    async with telegram_town(house, "polling", script=away) as county:
        assert len(county.fake.calls_of("deleteWebhook")) == 3
        menus = [county.fake.commands(language) for language in ("", "zh", "en")]
        words = [[command["command"] for command in menu] for menu in menus]
        assert words[0] == words[1] == words[2]
        assert {"help", "today", "record", "case"} <= set(words[0])
        assert menus[0] == menus[1]
        assert menus[1][0]["description"] != menus[2][0]["description"]
        officer = await county.bound("care_officer")
        assert "李敏" in officer.last.text
