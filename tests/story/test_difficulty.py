"""A difficulty (困难诉求): from a note, over its reminders, to the day when it is settled."""

from __future__ import annotations

import io

import pytest

from bot.channels.disclosure import Level
from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import walk
from tests.story.words import CHINESE, ENGLISH, ON_SQLITE, OVERDUE_CASE, Words

BOTH_LANGUAGES = pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=["zh_CN", "en"])
ASKED = "母亲住院无人照料，希望调整值班"
TALK = {
    "zh_CN": ("今天", "本人办公室", "say:情绪平稳。", "积极稳定", "未发现", "生活和家庭实际困难", "完成"),
    "en": (
        "Today", "The person's office", "say:情绪平稳。", "Settled", "No sign", "Hardship in life", "Done",
    ),
}  # fmt: skip
OPEN = {"zh_CN": "登记困难诉求", "en": "Note a difficulty"}
NOTED = {
    "zh_CN": ("家庭", "单位党组织", "say:12月1日", "提交"),
    "en": ("Family", "The unit's Party", "say:12-1", "Submit"),
}
KIND = {"zh_CN": "困难诉求", "en": "Difficulty"}
PENDING = {"zh_CN": "困难诉求1项待办结", "en": "1 difficulty to be settled"}
RECORD = {"zh_CN": "记录 张明 困难诉求", "en": "Record 张明: Difficulty"}
SETTLED = {
    "zh_CN": ("今天", "办结", "say:单位已调整值班，本人知悉。", "未发现", "完成"),
    "en": ("Today", "Settled", "say:单位已调整值班，本人知悉。", "No sign", "Done"),
}


async def noted(officer: Phone, language: str, case: str = OVERDUE_CASE) -> Bubble:
    """A talk in which somebody asks for help, and what follows from it; the outcome."""
    words = CHINESE if language == "zh_CN" else ENGLISH
    form = await officer.taps(f"{words.record} 张明", await officer.says(f"/case {case}"))
    recap = await walk(officer, form, *TALK[language], f"say:{ASKED}")
    done = await officer.taps(words.submit, recap)
    return await walk(officer, await officer.taps(OPEN[language], done), *NOTED[language])


@BOTH_LANGUAGES
async def test_from_the_note_to_the_end(town: Town, words: Words, log: io.StringIO) -> None:
    language = words.language
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    await officer.in_language(language)
    outcome = await noted(officer, language)
    assert KIND[language] in outcome["text"]
    card = await officer.says(f"/case {OVERDUE_CASE}")
    assert PENDING[language] in card["text"]
    review = await officer.taps(words.card[2], card)
    assert ASKED in review["text"]

    await town.later(to="2026-12-01T08:35")
    today = await officer.says("/today")
    item = next(one for one in today["text"].splitlines() if KIND[language] in one)
    assert ASKED[:12] in item
    reminded = await officer.told()
    assert any(RECORD[language] in labels(one) for one in reminded), "in the digest, too"
    await town.later(to="2026-12-03T09:05")
    alert = await (await town.one("supervisor")).finds("困难诉求")
    assert OVERDUE_CASE in alert["text"]
    assert ASKED[:4] not in alert["text"]
    assert "张明" not in alert["text"]
    assert "困难诉求" in (await (await town.one("supervisor")).says("为什么"))["text"]

    start = await officer.says("/today")
    officer.inputs = 0
    recap = await walk(officer, start, RECORD[language], *SETTLED[language])
    assert ASKED in recap["text"], "what was asked is known and shown"
    answer = await officer.taps(words.submit, recap)
    assert words.recorded in answer["text"]
    assert officer.inputs <= 8
    assert PENDING[language] not in (await officer.says(f"/case {OVERDUE_CASE}"))["text"]
    assert "✓ 已记录 09:05｜困难诉求｜JA-7K3Q" in (await (await town.one("supervisor")).again(alert))["text"]
    timeline = await office.taps("时间线", await office.says(f"查询 {OVERDUE_CASE}"))
    assert "困难诉求" in timeline["text"]
    assert ASKED not in log.getvalue()


@ON_SQLITE
async def test_at_coded_it_is_a_kind_and_a_date(town: Town) -> None:
    officer = await town.one("care_officer")
    town.house.office.levels = {**town.house.office.levels, "sandbox": Level.coded}
    seen = await officer.last_id()
    await officer.says("记录")
    kinds = await walk(officer, await officer.last(), "记录其他事项", OVERDUE_CASE)
    await walk(
        officer,
        await officer.taps("登记困难诉求", kinds),
        "家庭",
        f"say:{ASKED}",
        "单位党组织",
        "say:12月1日",
        "提交",
    )
    await town.later(to="2026-12-01T08:35")
    await officer.says("今日")
    told = "\n".join(bubble["text"] for bubble in await officer.told(seen))
    assert "困难诉求" in told
    assert ASKED[:4] not in told
    assert "张明" not in told


@ON_SQLITE
async def test_on_hold_it_rests_and_goes_on(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    await noted(officer, "zh_CN")
    held = await office.taps("暂缓", await office.says(f"查询 {OVERDUE_CASE}"))
    await walk(office, held, "工作安排", "提交")
    seen = await officer.last_id()
    await town.later(to="2026-12-04T09:05")
    assert not any("困难诉求" in bubble["text"] for bubble in await officer.told(seen))
    back = await office.taps("恢复", await office.says(f"查询 {OVERDUE_CASE}"))
    resumed = await walk(office, back, labels(back)[0], "提交")
    assert "困难诉求" in resumed["text"]
    assert "12月25日" in resumed["text"], "fifteen working days from today"


@ON_SQLITE
async def test_alone_it_offers_nothing_that_would_be_about_another_visit(town: Town) -> None:
    officer = await town.one("care_officer")
    await noted(officer, "zh_CN")
    await town.later(to="2026-12-01T14:35")
    reminded = await officer.finds("今日到期提醒：以下1项")
    assert KIND["zh_CN"] in reminded["text"]
    shown = labels(reminded)
    assert RECORD["zh_CN"] in shown
    assert "改期" in shown
    assert not {"已开展，稍后补记", "未能开展"} & set(shown), "they would open another person's visit"
