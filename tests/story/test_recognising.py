"""The right case: what one can recognise it by stands above the recap, and where no name may be told, on our page."""

from __future__ import annotations

import pytest

from bot import reassigning
from bot.app import House
from bot.channels.disclosure import Level
from tests.chat import Town, labels
from tests.story.acts import digest, talk, walk
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.telegram_town import telegram_town
from tests.web import browser
from tests.wecom_town import wecom_town, words

UNIT = "县发展和改革局"
STEPS = talk("情绪平稳")
IN_ENGLISH = ("Today", "The person's office", "say:情绪平稳", "Settled", "No sign", "Done")
WORDS = {
    "zh_CN": (
        "记录",
        STEPS,
        "核对姓名",
        "该档案的姓名",
        "核对无误的，请点〔提交〕",
        "核对无误的，请回到会话提交",
        "提交",
        "已记录",
        UNIT,
    ),
    "en": (
        "Record",
        IN_ENGLISH,
        "Check the name",
        "The name, and",
        "If it is the right one, tap Submit",
        "If it is the right one, go back to the chat",
        "Submit",
        "Recorded",
        UNIT,
    ),
}


async def test_the_recap_shows_what_the_case_is_recognised_by(town: Town) -> None:
    officer = await town.one("care_officer")
    recap = await walk(officer, await digest(officer), "记录 张明", *STEPS)
    lines = recap["text"].splitlines()
    assert UNIT in lines[1]
    assert "上次：" in lines[2]
    assert "核对姓名" not in labels(recap)


async def test_who_knows_a_case_by_its_code_alone_is_shown_no_more(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = await town.one("supervisor")
    monkeypatch.setattr(reassigning, "SHOWN", 1)  # with more colleagues than buttons the form asks
    named = await supervisor.taps("改派本次任务", await supervisor.finds(OVERDUE_CASE))
    asked = await supervisor.taps("其他同志", named)
    recap = await supervisor.taps(labels(asked)[0], asked)
    assert "核对" in recap["text"]
    assert UNIT not in recap["text"]
    assert "上次" not in recap["text"]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_at_coded_the_name_is_a_link_away_and_the_chat_goes_on(house: House, language: str) -> None:
    record, steps, check, told, back, on_page, submit, done, unit = WORDS[language]
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        await officer.says(f"/language {language}")
        asked = await officer.taps(f"{record} {OVERDUE_CASE}", await officer.says("/today"))
        for step in steps:
            asked = await (officer.says(step[4:]) if step.startswith("say:") else officer.taps(step, asked))
        recap = asked
        assert unit not in recap.text
        assert "张明" not in recap.text
        asked = await officer.taps(check, recap)
        assert [label for label in asked.labels if label == submit], "what it says to tap is there"
        assert OVERDUE_CASE in asked.text
        assert back in asked.text
        link = officer.finds(told)
        assert "张明" not in link.text
        async with browser(county.house) as web:
            page = await web.comes_in(link.text)
            assert page.path.endswith("/case")
            assert "张明" in page.text
            assert unit in page.text
            assert on_page in page.text
            form = page.path.removesuffix("/case")
        other = await county.bound("commission_staff")
        async with browser(county.house) as web:
            await web.comes_in((await other.says("/page")).text)
            assert (await web.opens(f"{form}/case")).status == 404
        outcome = await officer.taps(submit, asked)
        assert done in outcome.text


@ON_SQLITE
async def test_where_a_tap_settles_the_card_it_can_be_handed_in_all_the_same(house: House) -> None:
    async with wecom_town(house, Level.coded, public_url="http://127.0.0.1") as county:
        officer = await county.bound("care_officer")
        await officer.taps(f"记录 {OVERDUE_CASE}", await officer.says("今日"))
        await officer.fills("今天", "本人办公室")
        await officer.says("情绪平稳")
        await officer.fills("积极稳定", "未发现")
        recap = await officer.chooses()
        checked = await officer.taps("核对姓名", recap)
        assert "核对无误的，请点〔提交〕" in words(checked)
        assert list(checked.labels) == ["查看已填内容", "修改", "取消", "提交"]
        assert "该档案的姓名" in words(officer.told[-2])
        assert "已记录" in words(await officer.taps("提交", checked))


@ON_SQLITE
async def test_after_another_step_it_ends_with_what_is_asked_now(house: House) -> None:
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        asked = await officer.taps(f"记录 {OVERDUE_CASE}", await officer.says("今日"))
        for step in STEPS:
            asked = await (officer.says(step[4:]) if step.startswith("say:") else officer.taps(step, asked))
        question = await officer.taps("1. ", await officer.taps("修改", asked))
        assert (await officer.taps("核对姓名", asked)).text == question.text
        assert "该档案的姓名" in officer.user.told[-2].text
