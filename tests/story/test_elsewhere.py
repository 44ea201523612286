"""What is typed in the middle of a form, or after a list, and is meant for something else: it answers no question that
is out of sight, and chooses what was shown last."""

from __future__ import annotations

import pytest

from bot.app import House
from tests.chat import Town, labels
from tests.story.acts import digest, talk, walk
from tests.story.test_sharing import begun
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
        morning = officer.finds("早上好")
        asked = await officer.taps(next(one for one in morning.labels if one.startswith("记录")), morning)
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
        morning = officer.finds("早上好")
        await officer.taps(next(one for one in morning.labels if one.startswith("记录")), morning)
        person = await county.town.one("care_officer")
        left = await person.says("取消")
        assert "另一处会话" not in left["text"]
        assert "没有" in (await officer.says("继续")).text


@ON_SQLITE
@pytest.mark.parametrize("said", ["记录 王芳", "记录王芳"])
async def test_the_button_of_another_person_is_asked_about(town: Town, said: str) -> None:
    officer = await town.one("care_officer")
    await walk(officer, await officer.taps("记录 张明", await digest(officer)), "今天", "本人办公室")
    asked = await officer.says(said)
    assert labels(asked) == ["记录 王芳", "记入本题"]
    opened = await officer.taps("记录 王芳", asked)
    assert "廉政家访｜王芳" in opened["text"]
    assert "第1步" in opened["text"]
    assert "第4步" in (await officer.taps("记入本题", asked))["text"]


@ON_SQLITE
async def test_said_once_more_it_is_what_its_button_does(town: Town) -> None:
    officer = await town.one("care_officer")
    await walk(officer, await officer.taps("记录 张明", await digest(officer)), "今天", "本人办公室")
    await officer.says("记录 王芳")
    assert "廉政家访｜王芳" in (await officer.says("记录 王芳"))["text"]


@ON_SQLITE
async def test_so_it_is_long_after_the_button_was_shown(town: Town) -> None:
    officer = await town.one("care_officer")
    await walk(officer, await officer.taps("记录 张明", await digest(officer)), "今天", "本人办公室")
    for text in ("改第1题", "今天", "改第2题", "本人办公室", "改第1题", "今天"):
        assert "第4步" not in (await officer.says(text))["text"]
    asked = await officer.says("记录 王芳")
    assert "廉政家访｜王芳" in (await officer.taps("记录 王芳", asked))["text"]


@ON_SQLITE
@pytest.mark.parametrize("said", ["记录 在案，情绪平稳", "记录良好", "催办 张明", "record of talks"])
async def test_what_names_nobody_is_the_answer(town: Town, said: str) -> None:
    officer = await town.one("care_officer")
    await walk(officer, await officer.taps("记录 张明", await digest(officer)), "今天", "本人办公室")
    assert "第4步" in (await officer.says(said))["text"]


@ON_SQLITE
@pytest.mark.parametrize("said", ["王芳", "王芳同志", "JA-5M2X", "王芳 廉政家访"])
async def test_a_name_chooses_from_a_list_of_which(town: Town, said: str) -> None:
    officer = await town.one("care_officer")
    await officer.taps("未能开展", await digest(officer))
    assert "未能开展｜王芳 JA-5M2X｜廉政家访｜第1步" in (await officer.says(said))["text"]


@ON_SQLITE
async def test_a_name_chooses_whose_it_was(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps("记录其他事项", await officer.says("记录"))
    assert "王芳 JA-5M2X：开展了什么工作" in (await officer.says("王芳"))["text"]


@ON_SQLITE
@pytest.mark.parametrize(
    "steps", [(), ("今天",), ("今天", "本人办公室"), ("今天", "本人办公室", "say:想法一")]
)
async def test_so_it_does_in_the_middle_of_a_form(town: Town, steps: tuple[str, ...]) -> None:
    officer = await town.one("care_officer")
    morning = await digest(officer)
    await walk(officer, await officer.taps("记录 张明", morning), *steps)
    await officer.taps("未能开展", morning)
    assert "未能开展｜王芳 JA-5M2X｜廉政家访｜第1步" in (await officer.says("王芳"))["text"]


@ON_SQLITE
async def test_a_name_after_another_message_is_looked_up_as_before(town: Town) -> None:
    officer = await town.one("care_officer")
    await digest(officer)
    assert "上次：" in (await officer.says("王芳"))["text"]


@ON_SQLITE
async def test_two_of_a_name_are_not_chosen_between(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps("未能开展", await digest(officer))
    assert "第1步" not in (await officer.says("谈心谈话"))["text"]


@ON_SQLITE
async def test_a_form_is_left_for_later(town: Town) -> None:
    officer = await town.one("care_officer")
    await walk(officer, await officer.taps("记录 张明", await digest(officer)), "今天", "本人办公室")
    kept = await officer.says("先放着")
    assert kept["text"] == "已填内容均已保存，发送“继续”即可接着填写。"
    assert "第3步" in (await officer.taps("继续填写", kept))["text"]
    await officer.says("回头再填")
    assert "第3步" in (await officer.says("继续"))["text"]


@ON_SQLITE
async def test_all_is_well_hands_in_what_is_shown(town: Town) -> None:
    officer = await town.one("care_officer")
    await walk(officer, await officer.taps("记录 张明", await digest(officer)), *talk("情绪平稳"))
    assert "已记录" in (await officer.says("确认无误"))["text"]


@ON_SQLITE
async def test_the_list_of_answers_says_what_it_does_not_take(town: Town) -> None:
    officer = await town.one("care_officer")
    await walk(officer, await officer.taps("记录 张明", await digest(officer)), *talk("情绪平稳"))
    await officer.says("修改")
    assert "没有第9题，最后一题是第6题" in (await officer.says("9"))["text"]
    refused = await officer.says("好")
    assert "选项中没有“好”" in refused["text"]
    assert "请选择要修改的题目" in refused["text"]


@ON_SQLITE
async def test_when_a_draft_can_be_given_to_a_colleague(town: Town) -> None:
    officer, other = await town.one("care_officer"), await town.one("care_officer", 1)
    at = await walk(officer, await officer.taps("记录 张明", await digest(officer)), "今天")
    for said in (f"转给{other.name}", "交给同事"):
        told = await officer.says(said)
        assert "代办人（发送“请假”办理）" in told["text"]
        assert "第2步" in told["text"]
    at = await walk(officer, at, "本人办公室", "say:转给王局长")
    assert "第4步" in at["text"], "no colleague: what was typed is the answer"
    assert "代办人" in (await officer.says("移交"))["text"]


@ON_SQLITE
async def test_a_draft_is_given_to_who_covers(town: Town) -> None:
    officer, cover = await begun(town)
    asked = await officer.says(f"转给{cover.name}")
    assert labels(asked)[:1] == [cover.name]
    assert "待对方接收" in (await officer.taps(cover.name, asked))["text"]
