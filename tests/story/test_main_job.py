"""The main job from end to end: remind, record, alert, ask."""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import date, timedelta
from typing import Any

import openpyxl
import pytest

from tests.chat import Bubble, Phone, Town, labels
from tests.story.words import (
    CHINESE,
    ENGLISH,
    HOME_VISIT,
    NAMESAKE,
    ON_SQLITE,
    OVERDUE_CASE,
    STUDY_VISIT,
    TALK_TODAY,
    Words,
)

BOTH_LANGUAGES = pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh_CN", "en"])


async def take_minimum_note(officer: Phone, words: Words, start: Bubble) -> Bubble:
    """From the record button to the recap."""
    asked = await officer.taps(f"{words.record} 张明", start)
    for step in words.steps:
        asked = await (officer.taps(step, asked) if step else officer.says(words.thought))
    return asked


# --- record, and what becomes of what was told -----------------------------------------------------------------------


@BOTH_LANGUAGES
async def test_the_overdue_talk_is_recorded_and_everybody_sees_it(town: Town, words: Words) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    digest, alert = await officer.last(), await supervisor.last()
    assert digest["sent_at"] == "2026-11-23T08:30:00+08:00"
    assert digest["text"].splitlines()[1].endswith(f"张明 {OVERDUE_CASE}")
    assert OVERDUE_CASE in alert["text"]
    start = digest
    if words is ENGLISH:
        await officer.in_language("en")
        await supervisor.in_language("en")
        start = await officer.says("/today")

    officer.inputs = 0
    recap = await take_minimum_note(officer, words, start)
    assert not any(words.recorded in bubble["text"] for bubble in await officer.told())
    assert words.thought in recap["text"]
    answer = await officer.taps(words.submit, recap)

    assert officer.inputs <= 8
    assert words.recorded in answer["text"]
    assert OVERDUE_CASE in answer["text"]
    assert answer["id"] == (await officer.last())["id"]
    settled = await officer.again(digest)
    assert settled["edited"]
    assert words.tick in settled["text"]
    assert f"{words.record} 张明" not in labels(settled)
    assert f"{words.record} 王芳" in labels(settled)
    resolved = await supervisor.again(alert)
    assert resolved["edited"]
    assert resolved["text"].startswith(words.resolved)
    assert f"{words.tick}｜" in resolved["text"] or f"{words.tick} |" in resolved["text"]
    assert labels(resolved) == []


async def test_each_step_is_a_new_message_and_the_last_one(town: Town) -> None:
    officer = await town.one("care_officer")
    seen = [(await officer.last())["id"]]
    asked = await officer.taps("记录 张明")
    for step in (*CHINESE.steps, CHINESE.submit):
        seen.append(asked["id"])
        assert OVERDUE_CASE in asked["text"]
        asked = await (officer.taps(step, asked) if step else officer.says(CHINESE.thought))
    assert seen == sorted(set(seen))
    told = [bubble["id"] for bubble in await officer.told() if bubble["id"] >= seen[0]]
    assert told == [*seen, asked["id"]]  # one message for each input, none besides


@ON_SQLITE
async def test_the_same_event_of_submitting_twice_is_one_note(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    recap = await take_minimum_note(officer, CHINESE, await officer.last())
    await officer.taps("提交", recap)
    again = await officer.taps("提交", recap)
    assert "已记录" not in again["text"]
    await office.says(f"查询 {OVERDUE_CASE}")
    timeline = await office.taps("时间线")
    assert timeline["text"].count("11月23日｜谈心谈话｜已开展") == 1


@ON_SQLITE
async def test_the_language_of_the_installation(town: Town) -> None:
    town.house.office.language = "en"
    await town.later(advance="P1D")
    officer = await town.one("care_officer")
    digest = await officer.last()
    assert digest["text"].startswith("Good morning, 李敏!")
    assert "Record 张明" in labels(digest)
    await officer.says("语言 中文")
    await town.later(advance="P1D")
    assert (await officer.last())["text"].startswith("李敏同志，早上好")


# --- the office asks -------------------------------------------------------------------------------------------------


@ON_SQLITE
async def test_on_a_day_off_nothing_that_was_due_before_it_is_due_today(town: Town) -> None:
    officer = await town.one("care_officer")
    await town.later(to="2026-11-27T08:30")
    friday = (await officer.says("今日"))["text"]
    assert "今日｜送学上门｜赵强" in friday
    await town.later(to="2026-11-28T10:00")
    saturday = (await officer.says("今日"))["text"]
    assert "今日｜" not in saturday
    assert "11月27日到期｜送学上门｜赵强" in saturday


@BOTH_LANGUAGES
async def test_the_office_asks_and_is_answered(town: Town, words: Words) -> None:
    office = await (await town.one("commission_staff")).in_language(words.language)
    card = await office.says("查询 JA-7K3Q")
    for query in (
        "/case JA-7K3Q",
        "查询 ja-7k3q",
        "查询ＪＡ－７Ｋ３Ｑ",
        "/case 7K3Q",
        "查询 县发展和改革局",
        "查询 发改局",
    ):
        card = await office.says(query)
        assert card["text"].startswith(f"{OVERDUE_CASE} 张明"), query
        assert tuple(labels(card)[:4]) == words.card
    late = words.days_late.format(n=3)
    assert late in card["text"]
    for query in ("查询 张明", "/case zhangming", "查询 ZHANG MING", "查询 zm", "/case 张 明"):
        choice = await office.says(query)
        assert len(labels(choice)) == 2, query
        for code, unit in ((OVERDUE_CASE, "县发展和改革局"), (NAMESAKE, "嘉安经济开发区管委会")):
            assert f"{code} {unit}" in labels(choice)
    card = await office.taps(NAMESAKE)
    assert card["text"].startswith(f"{NAMESAKE} 张明")
    missing = await office.says("查询 欧阳无此人")
    assert "欧阳无此人" in missing["text"]


@BOTH_LANGUAGES
async def test_every_button_of_the_card_works(town: Town, words: Words) -> None:
    office = await (await town.one("commission_staff")).in_language(words.language)
    card = await office.says(f"/case {OVERDUE_CASE}")
    timeline, trend, review, workbook = words.card
    assert words.days_late.format(n=3) in (await office.taps(timeline, card))["text"]
    assert words.steadier in (await office.taps(trend, card))["text"]
    assert words.days_late.format(n=3) in (await office.taps(review, card))["text"]
    answer = await office.taps(workbook, card)
    assert answer["file"]["name"].endswith(".xlsx")
    download = await town.client.get(answer["file"]["url"])
    assert download.status_code == 200
    book: Any = openpyxl.load_workbook(io.BytesIO(download.content))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value]
    assert any("张明" in cell for cell in cells)
    for other in (timeline, trend, review):
        assert other in labels(answer)


# --- three days, and the ladder ------------------------------------------------------------------------------------


@BOTH_LANGUAGES
async def test_three_days_later(town: Town, words: Words) -> None:
    """Two visits are due on the day of the opening, and nobody makes them."""
    people = [await town.one(role) for role in ("care_officer", "supervisor", "commission_staff", "leader")]
    for phone in people:
        await phone.in_language(words.language)
    officer, supervisor, office, leader = people
    since = {phone.id: await phone.last_id() for phone in people}
    assert await town.later(advance="P3D") == "2026-11-26T08:30:00+08:00"

    today, *mornings = await officer.told(since[officer.id])
    assert (today["sent_at"], len(labels(today))) == ("2026-11-23T14:30:00+08:00", 8)
    assert today["text"].startswith(words.due_today)
    assert HOME_VISIT in today["text"]
    assert TALK_TODAY in today["text"]
    assert [m["sent_at"][:16] for m in mornings] == [f"2026-11-{d}T08:30" for d in (24, 25, 26)]
    for late, digest in enumerate(mornings, start=1):
        assert words.greeting in digest["text"]
        line = next(line for line in digest["text"].splitlines() if HOME_VISIT in line)
        assert words.days_late.format(n=late).replace("1 working days", "1 working day") in line
    (alert,) = [m for m in await supervisor.told(since[supervisor.id]) if HOME_VISIT in m["text"]]
    assert alert["sent_at"] == "2026-11-25T09:00:00+08:00"
    assert alert["text"].startswith(words.alert)
    assert TALK_TODAY in alert["text"]  # two visits of one moment are one message
    for phone in (office, leader):
        assert not any(HOME_VISIT in m["text"] for m in await phone.told(since[phone.id]))


LADDER = {
    "supervisor": ["2026-11-25", "2026-12-10", "2026-12-17"],
    "commission_staff": ["2026-11-30", "2026-12-10", "2026-12-17"],
    "leader": ["2026-12-03", "2026-12-10", "2026-12-17"],
}


async def test_the_ladder_and_one_digest_a_working_morning(town: Town) -> None:
    since = {phone.id: await phone.last_id() for phone in await town.everyone()}
    await town.later(to="2026-12-03T12:00")
    await _heard_as_the_ladder_says(town, since, "2026-12-03")
    await _nobody_hears_twice(town, since)
    days = [date(2026, 11, 24) + timedelta(days=n) for n in range(10)]
    working = [day.isoformat() for day in days if day.weekday() < 5]
    for phone in await town.everyone("care_officer"):
        told = await phone.told(since[phone.id])
        digests = [m["sent_at"] for m in told if CHINESE.greeting in m["text"]]
        assert digests == [f"{day}T08:30:00+08:00" for day in working], phone.name
        due = [m["sent_at"] for m in told if m["text"].startswith(CHINESE.due_today)]
        assert all(moment[11:16] == "14:30" and moment[:10] in ["2026-11-23", *working] for moment in due)


@ON_SQLITE
async def test_what_nobody_does_is_told_again_each_week(town: Town) -> None:
    since = {phone.id: await phone.last_id() for phone in await town.everyone()}
    await town.later(to="2026-12-17T12:00")
    await _heard_as_the_ladder_says(town, since, "2026-12-17")
    await _nobody_hears_twice(town, since)


async def _heard_as_the_ladder_says(town: Town, since: dict[str, int], until: str) -> None:
    for role, days in LADDER.items():
        for phone in (await town.everyone(role))[: 1 if role == "supervisor" else 2]:
            told = await phone.told(since[phone.id])
            for code in (HOME_VISIT, TALK_TODAY):
                heard = [m["sent_at"] for m in told if code in m["text"]]
                assert heard == [f"{day}T09:00:00+08:00" for day in days if day <= until], (role, code)


async def _nobody_hears_twice(town: Town, since: dict[str, int]) -> None:
    for phone in await town.everyone():
        told = await phone.told(since[phone.id])
        assert all(count == 1 for count in Counter((m["sent_at"], m["text"]) for m in told).values())
        # an alert names a visit once, and two alerts of one moment are one message
        for start in (CHINESE.alert, CHINESE.due_today):
            notices = [m for m in told if m["text"].startswith(start)]
            assert len({m["sent_at"] for m in notices}) == len(notices)
            for notice in notices:
                visits = re.findall(r"JA-\w+(?:｜[^｜]+)?", notice["text"])
                assert visits
                assert len(set(visits)) == len(visits)


@ON_SQLITE
async def test_what_is_recorded_is_told_to_nobody_any_more(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps("提交", await take_minimum_note(officer, CHINESE, await officer.last()))
    since = {phone.id: await phone.last_id() for phone in await town.everyone()}
    await town.later(to="2026-12-01T12:00")
    told = [m for phone in await town.everyone() for m in await phone.told(since[phone.id])]
    assert any(STUDY_VISIT in m["text"] for m in told)
    assert not any(OVERDUE_CASE in m["text"] for m in told)
