"""The main job on Telegram: by polling and by webhook, in both languages, on both databases, at two levels."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from typing import Any

import openpyxl
import pytest

from bot.app import House
from bot.channels.disclosure import Level
from tests.fakes.telegram import Seen
from tests.story.acts import secrets_of
from tests.story.words import CHINESE, ENGLISH, HOME_VISIT, OVERDUE_CASE, TALK_TODAY, Words
from tests.telegram_town import TelegramPhone, TelegramTown, telegram_town

BOTH_WAYS = pytest.mark.parametrize("way", ["polling", "webhook"])
BOTH_LANGUAGES = pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh_CN", "en"])


@pytest.fixture
async def county(house: House, way: str, level: Level) -> AsyncIterator[TelegramTown]:
    async with telegram_town(house, way, level) as town:
        yield town


@pytest.fixture
def way() -> str:
    return "polling"


@pytest.fixture
def level() -> Level:
    return Level.full


async def minimum_note(officer: TelegramPhone, words: Words, digest: Seen, case: str) -> Seen:
    """From the record button to the recap."""
    asked = await officer.taps(f"{words.record} {case}", digest)
    for step in words.steps:
        asked = await (officer.taps(step, asked) if step else officer.says(words.thought))
    return asked


@BOTH_WAYS
@BOTH_LANGUAGES
async def test_the_main_job(county: TelegramTown, words: Words) -> None:
    code = words.language[:2]
    officer = await county.bound("care_officer", language=code)
    supervisor = await county.bound("supervisor", language=code)
    office = await county.bound("commission_staff", language=code)
    assert "李敏" in officer.last.text
    for phone in (officer, supervisor, office):
        await phone.says(f"/language {words.language}")

    # A morning, and two working days after the due day the supervisor
    await county.town.later(to="2026-11-25T09:00")
    digest, alert = officer.finds(words.greeting), supervisor.finds(words.alert)
    assert f"张明 {OVERDUE_CASE}" in digest.text
    assert HOME_VISIT in alert.text

    # The note, in eight inputs at most; the digest and the alert settle themselves in place
    officer.inputs = 0
    line = next(line for line in digest.text.splitlines() if line.endswith(TALK_TODAY))
    name = line.removesuffix(TALK_TODAY).split()[-1].rpartition("｜")[2]
    recap = await minimum_note(officer, words, digest, name)
    assert words.thought in recap.text
    answer = await officer.taps(words.submit, recap)
    assert officer.inputs <= 8
    assert words.recorded in answer.text
    assert TALK_TODAY in answer.text
    await officer.settled()
    assert officer.again(digest).edited
    assert words.tick[:5] in officer.again(digest).text
    assert words.tick[:5] in supervisor.again(alert).text

    # The office asks, and gets the workbook
    card = await office.says(f"/case {OVERDUE_CASE}")
    assert card.text.startswith(f"{OVERDUE_CASE} 张明")
    workbook = await office.taps(words.card[3], card)
    assert workbook.file is not None
    assert workbook.file.name.endswith(".xlsx")
    book: Any = openpyxl.load_workbook(io.BytesIO(workbook.file.content))
    assert any("张明" in str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)
    assert not county.fake.early_calls
    for phone in (officer, supervisor, office):
        await phone.user.settled()  # no button is left with a spinner


# --- what may not be told -------------------------------------------------------------------------------------------

CODED = pytest.mark.parametrize("level", [Level.coded])


def everything_sent(county: TelegramTown) -> str:
    """All that ever reached the vendor from us: words, labels, names of files, menus."""
    return json.dumps(
        [[call.method, call.params, call.files] for call in county.fake.calls], ensure_ascii=False
    )


@BOTH_WAYS
@CODED
async def test_at_coded_no_name_and_no_answer_ever_reaches_the_vendor(county: TelegramTown) -> None:
    officer, supervisor = await county.bound("care_officer"), await county.bound("supervisor")
    office = await county.bound("commission_staff")
    await county.town.later(to="2026-11-25T09:00")
    digest = officer.finds("早上好！")
    assert f"记录 {TALK_TODAY}" in digest.labels
    recap = await minimum_note(officer, CHINESE, digest, TALK_TODAY)
    assert "思想状况 ✓" in recap.text
    await officer.taps("提交", recap)
    assert "责任人 1号成员" in supervisor.last.text
    chosen = await supervisor.taps("改派本次任务", supervisor.finds("督促"))
    assert any(label.startswith("2号成员") for label in chosen.labels)
    for query in ("查询 张明", f"查询 {OVERDUE_CASE}", "张明", "zm", "统计", "查询 县发展和改革局"):
        await office.says(query)
    card = await office.says(OVERDUE_CASE)
    for label in CHINESE.card:
        await office.taps(label, card)
    assert office.last.file is None
    await county.town.later(to="2026-12-03T10:00")

    sent = everything_sent(county)
    assert OVERDUE_CASE in sent
    secret = await county.house.lane.read(secrets_of)
    members = {person["name"] for person in await county.town.personas()}
    grades = {"积极稳定（绿）"}
    assert len(secret) > 50
    leaked = {word for word in secret | members if word in sent}
    assert leaked == set()
    assert not any(grade in message.text for grade in grades for message in officer.user.told)


@CODED
async def test_what_was_said_in_a_form_is_taken_back_when_it_is_done(county: TelegramTown) -> None:
    officer = await county.bound("care_officer")
    await county.town.later(to="2026-11-24T08:30")
    digest = officer.finds("早上好！")
    before = [seen.id for seen in officer.user.chat]
    recap = await minimum_note(officer, CHINESE, digest, OVERDUE_CASE)
    assert len(officer.user.chat) >= len(before) + 8
    answer = await officer.taps("提交", recap)
    await officer.settled()
    assert [seen.id for seen in officer.user.chat] == [*before, answer.id]
    assert CHINESE.recorded in answer.text


@CODED
async def test_a_form_that_is_given_up_leaves_nothing_either(county: TelegramTown) -> None:
    officer = await county.bound("care_officer")
    await county.town.later(to="2026-11-24T08:30")
    asked = await officer.taps(f"记录 {OVERDUE_CASE}", officer.finds("早上好！"))
    asked = await officer.taps("今天", asked)
    asked = await officer.says("会议室")
    asked = await officer.taps("取消", asked)
    await officer.taps(asked.labels[-1], asked)  # it asks once more, since there are answers
    await officer.settled()
    assert not any(seen.text == "会议室" for seen in officer.user.chat)
    assert not any("步，共" in seen.text for seen in officer.user.chat)


@CODED
async def test_a_form_that_lies_open_is_cleared_while_the_vendor_allows_it(county: TelegramTown) -> None:
    officer = await county.bound("care_officer")
    await county.town.later(to="2026-11-24T08:30")
    asked = await officer.taps(f"记录 {OVERDUE_CASE}", officer.finds("早上好！"))
    await officer.taps("今天", asked)
    asked = await officer.says("会议室")
    await county.town.later(to="2026-11-25T08:35")
    assert any(seen.text == "会议室" for seen in officer.user.chat)
    await county.town.later(to="2026-11-26T08:35")
    assert not any(seen.text == "会议室" for seen in officer.user.chat)
    resumed = await officer.says("记录")
    assert "第3步" in (await officer.taps("继续", resumed)).text


@CODED
async def test_a_name_that_somebody_asks_for_is_taken_back(county: TelegramTown) -> None:
    office = await county.bound("commission_staff")
    for query, stays in (("查询 张明", False), ("zm", False), (f"查询 {OVERDUE_CASE}", True), ("帮助", True)):
        await office.says(query)
        await office.settled()
        assert any(seen.text == query for seen in office.user.chat) == stays, query
    answer = office.finds("2位同名")
    assert "张明" not in answer.text


async def test_at_full_a_chat_keeps_what_was_asked(county: TelegramTown) -> None:
    office = await county.bound("commission_staff")
    answer = await office.says("查询 张明")
    assert any(label.startswith(OVERDUE_CASE) for label in answer.labels)
    assert any(seen.text == "查询 张明" for seen in office.user.chat)
