"""What is ticked is seen where it was tapped: one message, however many ticks; and what small answers are taken as."""

from __future__ import annotations

import pytest

from bot.app import House
from tests.chat import Bubble, Phone, Town, labels, token
from tests.story.acts import digest, walk
from tests.story.words import ON_SQLITE, OVERDUE_CASE
from tests.telegram_town import telegram_town

TO_TOPICS = ("今天", "本人办公室", "say:情绪平稳，工作正常。", "积极稳定", "未发现")


async def at_topics(officer: Phone) -> Bubble:
    begun = await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    return await walk(officer, begun, *TO_TOPICS)


async def test_a_tick_is_seen_in_the_question_itself(town: Town) -> None:
    officer = await town.one("care_officer")
    asked = await at_topics(officer)
    count = len(await officer.messages())
    one = await officer.taps("工作表现", asked)
    two = await officer.taps("跟进事项", one)
    assert [len(await officer.messages()), one["id"], two["id"]] == [count, asked["id"], asked["id"]]
    assert two["text"] == asked["text"], "the question stays in view"
    assert {"✓ 工作表现", "✓ 跟进事项和时限"} <= set(labels(two))
    assert "✓ 工作表现" not in labels(await officer.taps("✓ 工作表现", two))
    after = await officer.taps("完成")
    assert after["id"] > asked["id"], "what is asked next is a message of its own"
    old = await officer.taps("✓ 跟进事项", await officer.again(asked))
    assert old["id"] > after["id"], "once it is answered, its buttons are old"
    assert after["text"].splitlines()[-1] in old["text"]


@ON_SQLITE
async def test_one_may_tick_faster_than_the_ticks_are_shown(town: Town) -> None:
    officer = await town.one("care_officer")
    asked = await at_topics(officer)
    await officer.taps("工作表现", asked)
    both = await officer.taps("跟进事项", asked)  # as it stood before
    assert {"✓ 工作表现", "✓ 跟进事项和时限"} <= set(labels(both))
    assert both["id"] == asked["id"]
    done = {"action": token(asked, "完成"), "message_id": asked["id"]}
    assert "工作" in (await officer.posts(done))["text"]


@ON_SQLITE
async def test_a_tick_on_telegram(house: House) -> None:
    async with telegram_town(house, "polling") as telegram:
        officer = await telegram.bound("care_officer")
        begun = await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
        asked = begun
        for step in TO_TOPICS:
            asked = await (officer.says(step[4:]) if step.startswith("say:") else officer.taps(step, asked))
        count = len(officer.user.told)
        await officer.taps("工作表现", asked)
        now = officer.again(asked)
        assert len(officer.user.told) == count
        assert now.text == asked.text
        assert "✓ 工作表现" in now.labels
        telegram.fake.world.chats[asked.chat_id].messages.pop(asked.id)  # the person deleted it
        await officer.taps("跟进事项", now)
        assert {"✓ 工作表现", "✓ 跟进事项和时限"} <= set(officer.last.labels), "somebody waits for the answer"


# --- what small answers are taken as ---------------------------------------------------------------------------------


@ON_SQLITE
@pytest.mark.parametrize("said", ["2", "。", "嗯"])
async def test_a_grade_rests_on_something_said_or_done(town: Town, said: str) -> None:
    officer = await town.one("care_officer")
    begun = await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    asked = await walk(officer, begun, *TO_TOPICS[:3], "情绪波动")
    again = await officer.says(said)
    assert again["text"].splitlines()[1].startswith(("内容太少", "请"))
    assert again["text"].splitlines()[0] == asked["text"].splitlines()[0], "the same question"
    assert "第6步" in (await officer.says("几次说睡不好，开会不发言。"))["text"]


@ON_SQLITE
async def test_no_day_is_asked_for_what_is_not_to_be_followed_up(town: Town) -> None:
    officer = await town.one("care_officer")
    recap = await walk(officer, await at_topics(officer), "跟进事项", "完成", "跳过")
    assert "核对" in recap["text"]
    assert "时限" not in recap["text"].replace("跟进事项和时限", "")


@ON_SQLITE
async def test_a_day_said_to_what_was_taken_as_today(town: Town) -> None:
    officer = await town.one("care_officer")
    done = await officer.taps("谈心谈话｜张明", await officer.taps("已开展", await digest(officer)))
    assert "已于11月23日开展" in done["text"]
    assert "已于11月22日开展" in (await officer.says("昨天"))["text"]
    assert "已于11月20日开展" in (await officer.says("11月20日"))["text"]
    assert "11月24日未到" in (await officer.says("11-24"))["text"]


@ON_SQLITE
async def test_not_done_is_understood_where_a_day_is_asked(town: Town) -> None:
    officer = await town.one("care_officer")
    await officer.taps("记录 张明", await officer.says(f"/case {OVERDUE_CASE}"))
    for word, which in (("未能开展", "请选择未能开展的任务"), ("已开展", "请选择")):
        assert (await officer.says(word))["text"].startswith(which), word


@ON_SQLITE
async def test_whom_it_is_about_and_oneself_are_no_companions(town: Town) -> None:
    officer = await town.one("care_officer")
    asked = await walk(officer, await at_topics(officer), "陪同人员", "完成")
    for name in (officer.name, "张明"):
        refused = await officer.says(name)
        assert "不能作为本次回访的陪同人员" in refused["text"], name
        assert refused["text"].splitlines()[0] == asked["text"].splitlines()[0]
