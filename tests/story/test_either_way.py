"""A command with all that belongs to it, typed where any text is an answer: it is asked which of the two was meant."""

from __future__ import annotations

import pytest

from bot.app import House
from bot.channels.disclosure import Level
from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import walk
from tests.story.words import HOME_VISIT, ON_SQLITE, OVERDUE_CASE
from tests.telegram_town import telegram_town
from tests.wecom_town import labels as wecom_labels
from tests.wecom_town import wecom_town, words

TO_TEXT = {
    "zh_CN": ("记录 张明", "今天", "本人办公室"),
    "en": ("Record 张明", "Today", "The person's office"),
}
MINE = {"zh_CN": "记入本题", "en": "It is my answer"}
FOURTH = {"zh_CN": "第4步", "en": "Step 4"}
BACK = {"zh_CN": "上一步", "en": "Back"}


async def at_the_text(officer: Phone, language: str = "zh_CN") -> Bubble:
    await officer.in_language(language)
    return await walk(officer, await officer.says("/today"), *TO_TEXT[language])


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_a_query_is_asked_about_and_both_ways_work(town: Town, language: str) -> None:
    officer = await town.one("care_officer")
    await at_the_text(officer, language)
    asked = await officer.says("查询 王芳")
    assert "查询 王芳" in asked["text"]
    assert labels(asked)[1] == MINE[language]
    card = await officer.taps(labels(asked)[0], asked)
    assert HOME_VISIT in card["text"]
    # the draft waits where it was, and what was typed is not lost
    following = await officer.taps(MINE[language], asked)
    assert FOURTH[language] in following["text"]
    assert "查询 王芳" in (await officer.taps(BACK[language], following))["text"]


@ON_SQLITE
async def test_its_button_shows_what_was_typed(town: Town) -> None:
    officer = await town.one("care_officer")
    await at_the_text(officer)
    asked = await officer.says("请假今天到明天，陈立群代")
    assert labels(asked)[0] == "请假 今天到明天，陈立群代"
    assert "由陈立群代办" in (await officer.says("请假今天到明天，陈立群代"))["text"]


@ON_SQLITE
async def test_both_ways_can_be_typed(town: Town) -> None:
    officer = await town.one("care_officer")
    await at_the_text(officer)
    await officer.says("查询王芳")
    assert HOME_VISIT in (await officer.says("查询 王芳"))["text"], (
        "said once more, it is what its button does"
    )
    await officer.says("查询 张明")
    assert "第4步" in (await officer.says("记入本题"))["text"]
    assert "张明" in (await officer.says("上一步"))["text"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("said", "outcome"),
    [("请假 今天到明天", "11月23日"), ("时段 10:00-16:00", "10:00"), ("语言 en", "From now on")],
)
async def test_other_commands_of_a_clear_shape(town: Town, said: str, outcome: str) -> None:
    officer = await town.one("care_officer")
    await at_the_text(officer)
    asked = await officer.says(said)
    assert MINE["zh_CN"] in labels(asked)
    done = await officer.taps(said, asked)
    assert outcome in done["text"]
    again = await officer.says("记录")
    assert OVERDUE_CASE in again["text"]


@ON_SQLITE
@pytest.mark.parametrize(
    "said",
    [
        "查询征信后情绪平稳",
        "请假较多，工作正常",
        "查询 此人无异常",
        "时段性情绪波动",
        "请假",
        "语言表达清楚",
        "记入本题",
    ],
)
async def test_a_sentence_that_begins_like_a_command_is_the_answer(town: Town, said: str) -> None:
    officer = await town.one("care_officer")
    await at_the_text(officer)
    if said == "请假":  # alone it is the command, as ever
        assert "第4步" not in (await officer.says(said))["text"]
        return
    assert "第4步" in (await officer.says(said))["text"]


@ON_SQLITE
async def test_where_a_place_may_be_typed(town: Town) -> None:
    officer = await town.one("care_officer")
    await walk(officer, await officer.says("今日"), "记录 张明", "今天")
    asked = await officer.says("查询 王芳")
    assert "第3步" in (await officer.taps("记入本题", asked))["text"]


@ON_SQLITE
@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_what_may_be_a_correction_or_a_plan(town: Town, language: str) -> None:
    officer = await town.one("care_officer")
    await at_the_text(officer, language)
    said = "第一步改为每两周谈心一次"
    asked = await officer.says(said)
    assert labels(asked) == [{"zh_CN": "修改 日期", "en": "Edit Date"}[language], MINE[language]]
    assert said in (await officer.taps(BACK[language], await officer.taps(MINE[language], asked)))["text"]
    again = await officer.taps(labels(asked)[0], await officer.says(said))
    assert {"zh_CN": "第1步", "en": "Step 1"}[language] in again["text"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("said", "label", "kept"),
    [
        ("不对，应该是周四", "修改 日期", "11月19日"),
        ("日期错了，是前天", "修改 日期", "11月21日"),
        ("地点改成会议室", "修改 地点", "会议室"),
    ],
)
async def test_a_slip_put_right_where_a_text_is_asked_for(
    town: Town, said: str, label: str, kept: str
) -> None:
    officer = await town.one("care_officer")
    await at_the_text(officer)
    asked = await officer.says(said)
    assert labels(asked) == [label, MINE["zh_CN"]]
    following = await officer.taps(label, asked)
    assert "第3步" in following["text"], "what it is to be was said: it is not asked again"
    back = await officer.says("改第1题" if "日期" in label else "改第2题")
    assert kept in back["text"]


@ON_SQLITE
async def test_a_slip_without_what_it_should_be_is_asked_again(town: Town) -> None:
    officer = await town.one("care_officer")
    await at_the_text(officer)
    asked = await officer.says("刚才日期填错了")
    assert labels(asked)[0] == "修改 日期"
    assert "第1步" in (await officer.says("修改 日期"))["text"], "what its button does can be typed"
    assert "第3步" in (await officer.says("前天"))["text"]


@ON_SQLITE
@pytest.mark.parametrize("said", ["交由陈立群处理", "移交同事处理"])
async def test_a_colleague_who_sees_to_it_may_be_the_answer(town: Town, said: str) -> None:
    officer = await town.one("care_officer")
    await at_the_text(officer)
    asked = await officer.says(said)
    assert "没有" in asked["text"], "nobody may take the draft"
    assert said in (await officer.taps("上一步", await officer.taps("记入本题", asked)))["text"]


@ON_SQLITE
async def test_where_a_colleague_may_take_the_draft_it_is_asked(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.says("请假 今天到明天，陈立群代")
    await at_the_text(officer)
    asked = await officer.says("交由同事处理")
    assert labels(asked) == ["转交草稿", "记入本题"]
    assert "陈立群" in str(labels(await officer.taps("转交草稿", asked)))
    following = await officer.taps("记入本题", asked)
    assert "交由同事处理" in (await officer.taps("上一步", following))["text"]


@ON_SQLITE
@pytest.mark.parametrize(("language", "said"), [("zh_CN", "今日"), ("en", "today"), ("en", "Today")])
async def test_a_commands_word_that_is_the_day_is_the_answer(town: Town, language: str, said: str) -> None:
    officer = await (await town.one("care_officer")).in_language(language)
    await officer.taps(TO_TEXT[language][0], await officer.says("/today"))
    second = await officer.says(said)
    assert ("第2步" if language == "zh_CN" else "Step 2") in second["text"]
    assert ("今日待办" if language == "zh_CN" else "tasks today") in (await officer.says("/today"))["text"]


@ON_SQLITE
@pytest.mark.parametrize("form", ["未能开展", "改期"])
async def test_leave_as_the_reason_opens_no_form_of_leave(town: Town, form: str) -> None:
    officer = await town.one("care_officer")
    await officer.says(form)
    await officer.says("王芳")
    if form == "改期":
        await officer.says("下周五")
    asked = await officer.says("请假")
    assert f"{form}｜王芳" in asked["text"]
    if form == "未能开展":
        asked = await officer.says("下周五")
    assert "本人外出" in asked["text"]


@ON_SQLITE
async def test_where_names_may_be_typed(town: Town) -> None:
    officer = await town.one("care_officer")
    asked = await walk(officer, await at_the_text(officer), "say:情绪平稳。", "积极稳定", "未发现")
    asked = await officer.taps("完成", await officer.taps("陪同人员", asked))
    asked = await officer.says("查询 王芳")
    assert labels(asked) == ["查询 王芳", "记入本题"]
    assert HOME_VISIT in (await officer.taps("查询 王芳", asked))["text"]
    assert "查询 王芳" in (await officer.taps("记入本题", asked))["text"]


@ON_SQLITE
async def test_done_to_a_text_that_may_be_left_out(town: Town) -> None:
    officer = await town.one("care_officer")
    asked = await walk(officer, await at_the_text(officer), "say:情绪平稳。", "积极稳定", "未发现")
    asked = await officer.taps("完成", await officer.taps("下一步措施", asked))
    asked = await officer.says("完成")
    assert asked["text"] == "“完成”：是本题不填，还是记入本题？"
    assert labels(asked) == ["跳过", "记入本题"]
    assert "下一步措施：完成" in (await officer.taps("记入本题", asked))["text"]
    await officer.says("改第7题")
    again = await officer.says("完成")
    assert "下一步措施：未填" in (await officer.taps("跳过", again))["text"]


async def test_on_telegram_at_coded_it_says_no_name(house: House) -> None:
    async with telegram_town(house, "webhook", Level.coded) as county:
        officer = await county.bound("care_officer")
        asked = await officer.taps(f"记录 {OVERDUE_CASE}", await officer.says("今日"))
        for step in ("今天", "本人办公室"):
            asked = await officer.taps(step, asked)
        asked = await officer.says("查询 王芳")
        assert asked.text == "是要办理“查询”，还是记入本题？"
        assert asked.labels == ["查询", "记入本题"]
        assert HOME_VISIT in (await officer.taps("查询", asked)).text
        assert "第4步" in (await officer.taps("记入本题", asked)).text


async def test_on_wecom_at_coded(house: House) -> None:
    async with wecom_town(house, Level.coded) as county:
        officer = await county.bound("care_officer")
        await officer.says("今日")
        await officer.taps(f"记录 {OVERDUE_CASE}")
        for step in ("今天", "本人办公室"):
            await officer.says(step)
        await officer.says("查询 王芳")
        assert "王芳" not in words(officer.last)
        assert wecom_labels(officer.last) == ["查询", "记入本题"]
        await officer.taps("记入本题", officer.last)
        assert "第4步" in words(officer.last)
