"""The main job on WeCom: in both languages, on both databases, at full and coded."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import openpyxl
import pytest
from sqlmodel import Session, select

from bot.app import House
from bot.channels.base import Incoming
from bot.channels.disclosure import Level
from storage.tables.cases import Person
from storage.tables.mail import Inbox, Outbox, OutboxState
from tests.fakes.wecom import Message
from tests.fakes.wecom.faults import errcode
from tests.story.acts import secrets_of
from tests.story.words import CHINESE, ENGLISH, HOME_VISIT, ON_SQLITE, OVERDUE_CASE, TALK_TODAY, Words
from tests.wecom_town import WecomPhone, WecomTown, labels, wecom_town, words

BOTH_LANGUAGES = pytest.mark.parametrize("said", [CHINESE, ENGLISH], ids=["zh_CN", "en"])
CODED = pytest.mark.parametrize("level", [Level.coded])


@pytest.fixture
async def county(house: House, level: Level) -> AsyncIterator[WecomTown]:
    async with wecom_town(house, level) as town:
        yield town


@pytest.fixture
def level() -> Level:
    return Level.full


async def minimum_note(officer: WecomPhone, said: Words, digest: Message, case: str) -> Message:
    """From the record button to the recap, on a card for two questions what can be answered there."""
    asked, left = await officer.taps(f"{said.record} {case}", digest), list(said.steps)
    while left:
        together = len(asked.card.get("select_list", ()))
        if together:
            asked = await officer.fills(*left[:together], on=asked)
            del left[:together]
        elif step := left.pop(0):
            asked = await officer.taps(step, asked)
        else:
            asked = await officer.says(said.thought)
    return asked


@BOTH_LANGUAGES
async def test_the_main_job(county: WecomTown, said: Words) -> None:
    officer = await county.invited("care_officer")
    supervisor, office = await county.bound("supervisor"), await county.bound("commission_staff")
    assert "李敏" in words(officer.last)
    for phone in (officer, supervisor, office):
        await phone.says(f"/language {said.language}")

    # A morning, and two working days after the due day the supervisor
    await county.town.later(to="2026-11-25T09:00")
    digest, alert = officer.finds(said.greeting), supervisor.finds(said.alert)
    assert f"张明 {OVERDUE_CASE}" in words(digest)
    assert HOME_VISIT in words(alert)

    # The note, in eight inputs at most; the digest and the alert settle themselves
    officer.inputs, digests = 0, [m for m in officer.told if said.greeting in words(m)]
    line = next(line for line in words(digest).splitlines() if line.endswith(TALK_TODAY))
    name = line.removesuffix(TALK_TODAY).split()[-1].rpartition("｜")[2]
    recap = await minimum_note(officer, said, digest, name)
    assert said.thought in words(officer.finds(said.thought))
    answer = await officer.taps(said.submit, recap)
    # Date and place, and rating and safety, are one card each, where every option can be read on it.
    assert officer.inputs == (6 if said is CHINESE else 8)
    recorded = officer.finds(said.recorded)
    assert TALK_TODAY in words(recorded)
    await officer.settled()
    assert said.tick[:5] in words(officer.finds(said.greeting))
    assert len([m for m in officer.told if said.greeting in words(m)]) == len(digests)
    assert said.tick[:5] in words(supervisor.finds(said.alert))
    assert answer is not None

    # The office asks, and gets the workbook
    await office.says(f"/case {OVERDUE_CASE}")
    card = office.finds(f"{OVERDUE_CASE} 张明")
    await office.taps(said.card[3], card)
    file = next(message.file for message in reversed(office.chat) if message.file)
    assert file is not None
    assert file.name.endswith(".xlsx")
    book: Any = openpyxl.load_workbook(io.BytesIO(file.content))
    assert any("张明" in str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    for list_ in (county.fake.dropped, county.fake.truncated, county.fake.problems):
        assert list_ == []


# --- several at once -------------------------------------------------------------------------------------------------


async def at_the_topics(officer: WecomPhone, county: WecomTown, case: str = "张明") -> Message:
    """The card of the question where several may be chosen."""
    await county.town.later(to="2026-11-24T08:30")
    asked = await officer.taps(f"记录 {case}", officer.finds("早上好"))
    for step in CHINESE.steps[:-1]:
        asked = await (officer.taps(step, asked) if step else officer.says(CHINESE.thought))
    return asked


async def events(county: WecomTown) -> int:
    return len(await county.house.lane.read(lambda session: session.exec(select(Inbox)).all()))


@pytest.mark.parametrize("level", [Level.full, Level.coded])
async def test_several_are_ticked_and_sent_as_one(county: WecomTown, level: Level) -> None:
    officer = await county.bound("care_officer")
    card = await at_the_topics(officer, county, "张明" if level is Level.full else OVERDUE_CASE)
    box = card.card["checkbox"]
    assert (box["mode"], len(box["option_list"]), card.labels) == (1, 15, ("完成",))
    assert not any(option["is_checked"] for option in box["option_list"])
    before, told = await events(county), len(officer.told)
    topics = [option["text"] for option in box["option_list"]][:2]
    asked = await officer.chooses(*topics)
    assert await events(county) - before == 1
    assert len(officer.told) - told == 1
    assert card.greyed == "已收到"
    first = words(asked)

    # What was sent twice, or changed on another device, changes nothing and shows where one is
    await officer.chooses(topics[0], on=card, anyway=True)
    again = words(officer.last)
    assert "此问题已作答" in again or first.splitlines()[-1] in again
    await officer.says("上一步")
    ticked = officer.user.chat[-1].card["checkbox"]["option_list"]
    assert [option["text"] for option in ticked if option["is_checked"]] == topics
    assert not any(option["text"].startswith("✓") for option in ticked)
    assert "上一步" in words(officer.user.chat[-2])  # what has no room on the card can be typed
    for list_ in (county.fake.truncated, county.fake.problems):
        assert list_ == []


@ON_SQLITE
async def test_a_choice_that_was_offered_to_nobody_does_nothing(county: WecomTown) -> None:
    officer, other = await county.bound("care_officer"), await county.bound("care_officer", 1)
    card = await at_the_topics(officer, county)
    options = [option["id"] for option in card.card["checkbox"]["option_list"]]
    send = card.card["submit_button"]["key"]
    tries = [(other, send, options[:1]), (officer, send, ["made.1"]), (officer, options[0], options[:1])]
    for number, (phone, token, chosen) in enumerate(tries):
        address = phone.user.userid.lower()
        incoming = Incoming("wecom", address, f"try-{number}", token=token, chosen=tuple(chosen))
        await county.house.conversation.handle(incoming)
        await phone.settled()
        assert "按钮已失效" in words(phone.told[-1])
    await officer.chooses(card.card["checkbox"]["option_list"][0]["text"], on=card)
    assert "按钮已失效" not in words(officer.last)


# --- the number on the workbench -------------------------------------------------------------------------------------


def number_of_tasks(county: WecomTown, userid: str = "limin") -> str:
    """What stands on a member's tile."""
    data: dict[str, Any] = county.fake.state.workbench_data[userid]
    return str(data["keydata"]["items"][0]["data"])


async def counts(county: WecomTown) -> list[Outbox]:
    query = select(Outbox).where(Outbox.kind == "count")
    return list(await county.house.lane.read(lambda session: session.exec(query).all()))


@CODED
async def test_the_tile_says_how_much_is_due_or_overdue(county: WecomTown) -> None:
    officer, supervisor = await county.bound("care_officer"), await county.bound("supervisor")
    await county.town.later(to="2026-11-25T08:30")
    digest = words(officer.finds("早上好"))
    due = sum(line.startswith(("逾期", "今日")) for line in digest.splitlines())
    assert number_of_tasks(county) == str(due) != "0"
    tile = county.fake.state.workbench
    assert (tile["type"], tile["keydata"]["items"][0]["key"]) == ("keydata", "待办")
    assert len(county.fake.calls_of("agent/set_workbench_template")) == 1

    recap = await minimum_note(officer, CHINESE, officer.finds("早上好"), OVERDUE_CASE)
    await officer.taps("提交", recap)
    assert number_of_tasks(county) == str(due - 1)
    assert supervisor.user.userid.lower() not in county.fake.state.workbench_data
    assert {row.state for row in await counts(county)} == {OutboxState.sent}


@ON_SQLITE
async def test_a_tile_that_may_not_be_filled_holds_nobody_up(county: WecomTown) -> None:
    officer = await county.bound("care_officer")
    county.fake.faults.always("agent/set_workbench_template", errcode(48002))
    await county.town.later(to="2026-11-25T08:30")
    assert "早上好" in words(officer.finds("早上好"))
    assert (await officer.says("帮助")) is not None
    assert {row.state for row in await counts(county)} == {OutboxState.sent}
    assert county.fake.state.workbench_data == {}


@ON_SQLITE
async def test_where_there_is_no_tile_nothing_is_counted(county: WecomTown) -> None:
    officer = await county.town.one("care_officer")
    await county.town.later(to="2026-11-25T08:30")
    assert "早上好" in (await officer.finds("早上好"))["text"]
    assert await counts(county) == []


# --- what may not be told -------------------------------------------------------------------------------------------


def everything_sent(county: WecomTown) -> str:
    """All that ever reached the vendor from us: bodies, addresses, names of files, passive replies."""
    calls = [[call.endpoint, call.query, call.payload] for call in county.fake.calls]
    replies = [delivery.reply for delivery in county.fake.deliveries]
    return json.dumps([calls, replies], ensure_ascii=False)


@CODED
async def test_at_coded_no_name_and_no_answer_ever_reaches_the_vendor(county: WecomTown) -> None:
    officer, supervisor = await county.invited("care_officer"), await county.bound("supervisor")
    office = await county.bound("commission_staff")
    await county.town.later(to="2026-11-25T09:00")
    digest = officer.finds("早上好！")
    recap = await minimum_note(officer, CHINESE, digest, TALK_TODAY)
    assert "思想状况 ✓" in words(officer.finds("思想状况 ✓"))
    await officer.taps("提交", recap)
    assert "责任人 1号成员" in words(supervisor.finds("1号成员"))
    chosen = await supervisor.taps("改派本次任务", supervisor.finds("督促"))
    assert any("2号成员" in label for label in labels(chosen))
    for query in ("查询 张明", f"查询 {OVERDUE_CASE}", "张明", "zm", "统计", "查询 县发展和改革局"):
        await office.says(query)
    await office.says(OVERDUE_CASE)
    card = office.last
    for label in CHINESE.card:
        await office.taps(label, card)
    assert not any(message.file for message in office.chat)
    await county.town.later(to="2026-12-03T10:00")

    sent = everything_sent(county)
    assert OVERDUE_CASE in sent
    secret = await county.house.lane.read(secrets_of)
    members = {person["name"] for person in await county.town.personas()}
    assert len(secret) > 50
    leaked = {word for word in secret | members if word in sent}
    assert leaked == set()
    assert not any("积极稳定（绿）" in words(message) for message in officer.user.chat)
    assert all(reply == "已收到" for reply in _grey_words(county))


def _grey_words(county: WecomTown) -> list[str]:
    greyed = [message.greyed for phone in county.phones.values() for message in phone.user.chat]
    return [word for word in greyed if word and word != "已更新"]


@CODED
async def test_what_was_asked_in_a_form_is_taken_back_when_it_is_done(county: WecomTown) -> None:
    officer = await county.bound("care_officer")
    await county.town.later(to="2026-11-24T08:30")
    digest = officer.finds("早上好！")
    before = [message.msgid for message in officer.chat]
    recap = await minimum_note(officer, CHINESE, digest, OVERDUE_CASE)
    assert len(officer.chat) >= len(before) + 6
    await officer.taps("提交", recap)
    await officer.settled()
    left = [words(message) for message in officer.chat if message.msgid not in before]
    assert "已收到" not in left  # a card that was answered goes too
    assert any(CHINESE.recorded in text for text in left)
    assert not any("步，共" in text or "请核对" in text for text in left)


@CODED
async def test_a_form_that_lies_open_is_cleared_while_the_vendor_allows_it(county: WecomTown) -> None:
    officer = await county.bound("care_officer")
    await county.town.later(to="2026-11-24T08:30")
    asked = await officer.taps(f"记录 {OVERDUE_CASE}", officer.finds("早上好！"))
    await officer.taps("今天", asked)
    await officer.says("会议室")
    open_ = [m for m in officer.chat if "步，共" in words(m) or m.greyed == "已收到"]
    assert len(open_) >= 3
    await county.town.later(to="2026-11-25T08:25")
    assert all(message.recalled for message in open_)
    await officer.says("记录")
    assert "第3步" in words(await officer.taps("继续"))


# --- answers with a heading ------------------------------------------------------------------------------------------

EVIL = '<@LiMin>[点我](http://evil.example)<font color="warning">急</font>'


async def long_answer(office: WecomPhone) -> Message:
    """The timeline of the case, which has no room on a card."""
    await office.says(f"查询 {OVERDUE_CASE}")
    await office.taps("时间线", office.finds(OVERDUE_CASE))
    return office.finds("时间线")


@ON_SQLITE
async def test_a_long_answer_has_its_heading_in_bold_and_a_notice_is_a_text(county: WecomTown) -> None:
    office, officer = await county.bound("commission_staff"), await county.bound("care_officer")
    answer = await long_answer(office)
    assert answer.kind == "markdown"
    assert answer.markup is not None
    assert answer.markup.bold == (answer.text.splitlines()[0],)
    await county.town.later(to="2026-11-24T08:30")
    assert (
        officer.finds("早上好").kind == "text"
    )  # it comes unasked, and may be read where no markdown is shown


@ON_SQLITE
async def test_nobodys_name_becomes_a_mention_a_link_or_a_colour(county: WecomTown) -> None:
    office, officer = await county.bound("commission_staff"), await county.bound("care_officer")

    def rename(session: Session) -> None:
        for person in session.exec(select(Person)).all():
            person.name = EVIL
            session.add(person)

    await county.house.lane.run(rename)
    answer = await long_answer(office)
    assert EVIL in words(answer)
    await office.says(f"查询 {OVERDUE_CASE}")
    await county.town.later(to="2026-11-25T09:00")
    chats = [*office.user.chat, *officer.user.chat]
    assert any(EVIL in words(message) for message in officer.user.chat)
    for message in chats:
        markup = message.markup
        assert markup is None or (markup.mentions, markup.links, markup.others) == ((), (), ())
        assert message.kind != "markdown" or "evil" not in message.source
