"""The right case: what one can recognise it by stands above the recap, and where no name may be told, on our page."""

from __future__ import annotations

import pytest

from bot import reassigning
from bot.app import House
from bot.channels.disclosure import Level
from tests.chat import Town, labels
from tests.story.acts import digest, talk, walk
from tests.story.words import OVERDUE_CASE
from tests.telegram_town import telegram_town
from tests.web import browser

UNIT = "县发展和改革局"
STEPS = talk("情绪平稳")
IN_ENGLISH = ("Today", "The person's office", "say:情绪平稳", "Settled", "No sign", "Done")
WORDS = {
    "zh_CN": ("记录", STEPS, "核对姓名", "该档案的姓名", "核对无误", "提交", "已记录", UNIT),
    "en": (
        "Record",
        IN_ENGLISH,
        "Check the name",
        "The name, and",
        "If it is the right one",
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
    record, steps, check, told, back, submit, done, unit = WORDS[language]
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        await officer.says(f"/language {language}")
        asked = await officer.taps(f"{record} {OVERDUE_CASE}", await officer.says("/today"))
        for step in steps:
            asked = await (officer.says(step[4:]) if step.startswith("say:") else officer.taps(step, asked))
        recap = asked
        assert unit not in recap.text
        assert "张明" not in recap.text
        link = await officer.taps(check, recap)
        assert told in link.text
        assert "张明" not in link.text
        async with browser(county.house) as web:
            page = await web.comes_in(link.text)
            assert page.path.endswith("/case")
            assert "张明" in page.text
            assert unit in page.text
            assert back in page.text
            form = page.path.removesuffix("/case")
        other = await county.bound("commission_staff")
        async with browser(county.house) as web:
            await web.comes_in((await other.says("/page")).text)
            assert (await web.opens(f"{form}/case")).status == 404
        outcome = await officer.taps(submit, recap)  # the recap is the same as before
        assert done in outcome.text
