"""A number typed after a list that was asked for in the middle of a form answers no question that is out of sight."""

from __future__ import annotations

from bot.app import House
from tests.chat import Town, labels
from tests.story.acts import digest, walk
from tests.story.words import CHINESE, ON_SQLITE
from tests.telegram_town import telegram_town


@ON_SQLITE
async def test_a_number_after_a_list_is_no_grade(town: Town) -> None:
    officer = await town.one("care_officer")
    await walk(
        officer, await officer.taps("记录 张明", await digest(officer)), "今天", "本人办公室", "say:想法一"
    )
    await officer.says("记录")
    asked = await officer.says("1")
    assert "未作答案" in asked["text"]
    assert "第4步" in asked["text"]
    assert "第5步" in (await officer.says("1"))["text"]


@ON_SQLITE
async def test_what_was_changed_by_the_way_is_said(town: Town) -> None:
    officer = await town.one("care_officer")
    await walk(officer, await officer.taps("记录 张明", await digest(officer)), "今天", "本人办公室")
    third = await officer.says("第2题改成会议室")
    assert "已填入：地点" in third["text"]
    assert "第3步" in third["text"]


@ON_SQLITE
async def test_a_sentence_that_says_it_failed_offers_so(town: Town) -> None:
    officer = await town.one("care_officer")
    answer = await officer.says("未能开展 张明")
    assert "未能开展" in labels(answer)
    assert "原因" in (await officer.taps("未能开展", answer))["text"]


@ON_SQLITE
async def test_what_answers_an_older_question_of_another_chat_is_not_taken(house: House) -> None:
    """The question that stands on Telegram was answered in the browser since."""
    async with telegram_town(house, "polling") as county:
        officer = await county.bound("care_officer")
        await county.town.later(to="2026-11-24T08:30")
        digest = officer.finds("早上好")
        asked = await officer.taps(next(one for one in digest.labels if one.startswith("记录")), digest)
        for step in CHINESE.steps[:2]:
            asked = await officer.taps(step, asked)
        assert "第3步" in asked.text
        person = await county.town.one("care_officer")
        assert "第3步" in (await person.says("会议室"))["text"], (
            "nor is what is typed where nothing was asked yet"
        )
        at = await walk(person, await person.says("继续"), f"say:{CHINESE.thought}", *CHINESE.steps[3:-1])
        at = await person.taps("工作表现", at)
        at = await person.taps("完成", at)
        told = await officer.says("情绪平稳，愿意改正。")
        assert told.text.startswith("此表单您已在另一处会话中接着填写")
        assert told.text.splitlines()[1:3] == (await person.last())["text"].splitlines()[:2], "not taken"
        assert "已记录" not in told.text
        await officer.says("工作积极主动。")
        await officer.settled()
        assert "核对" in officer.last.text
        back = await person.says("提交")
        assert back["text"].startswith("此表单您已在另一处会话中接着填写")
        assert "工作积极主动。" in back["text"]
        assert "情绪平稳，愿意改正。" not in back["text"]
        assert "已记录" in (await person.taps("提交", back))["text"]


@ON_SQLITE
async def test_a_form_can_be_left_from_another_chat(house: House) -> None:
    async with telegram_town(house, "polling") as county:
        officer = await county.bound("care_officer")
        await county.town.later(to="2026-11-24T08:30")
        digest = officer.finds("早上好")
        await officer.taps(next(one for one in digest.labels if one.startswith("记录")), digest)
        person = await county.town.one("care_officer")
        left = await person.says("取消")
        assert "另一处会话" not in left["text"]
        assert "没有" in (await officer.says("继续")).text
