"""The main job on Telegram: by polling and by webhook, in both languages, on both databases, at two levels."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Any

import openpyxl
import pytest

from bot.app import House
from bot.channels.disclosure import Level
from tests.fakes.telegram import Seen
from tests.story.words import CHINESE, ENGLISH, HOME_VISIT, ON_SQLITE, OVERDUE_CASE, TALK_TODAY, Words
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
