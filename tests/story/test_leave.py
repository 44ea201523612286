"""Leave, from one sentence to the first morning back: who is told, who acts, and who is left in peace."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.chat import Bubble, Phone, Town, labels
from tests.story.acts import digest, talk, walk
from tests.story.words import ON_SQLITE, OVERDUE_CASE, TALK_TODAY

LADDER = ("早上好", "今日到期", "逾期提醒", "Good morning", "Due today", "Overdue:")


@dataclass(frozen=True)
class Said:
    """What is typed and read in one language."""

    language: str
    leave: str
    submitted: str
    cover: str
    asks_cover: str
    tells: str
    uncovered: str
    for_whom: str
    back: str
    withdraw: str
    withdrawn: str
    record: str


CHINESE = Said(
    "zh_CN", "请假{days}，{name}代", "已提交｜请假｜", "由{name}代办", "请您在此期间代办",
    "请假（11月24日至11月27日），由", "无人代办", "代李敏", "您的请假已于11月27日结束", "撤销", "已撤销请假", "记录",
)  # fmt: skip
ENGLISH = Said(
    "en", "/leave {days} {name}代", "Submitted | Leave | ", "covered by {name}", "Please act for them",
    "is on leave: 24 November to 27 November.", "Nobody covers", "for 李敏",
    "Your leave ended on 27 November", "Withdraw", "Withdrawn:", "Record",
)  # fmt: skip


async def of(town: Town, words: Said) -> tuple[Phone, Phone, Phone]:
    """The officer, a colleague under the same supervisor, and that supervisor."""
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    colleague = await town.one("care_officer", 1)
    for phone in (officer, colleague, supervisor):
        await phone.in_language(words.language)
    return officer, colleague, supervisor


async def ladder(phone: Phone, since: int) -> list[Bubble]:
    heads = [(one, one["text"].partition("\n")[0]) for one in await phone.told(since)]
    return [one for one, head in heads if any(word in head for word in LADDER)]


@pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=lambda words: words.language)
async def test_a_week_away(town: Town, words: Said) -> None:
    officer, colleague, supervisor = await of(town, words)
    theirs, its = await colleague.last_id(), await supervisor.last_id()
    done = await officer.says(words.leave.format(days="11-24至11-27", name=colleague.name))
    assert done["text"].startswith(words.submitted)
    assert words.cover.format(name=colleague.name) in done["text"]
    assert labels(done)[-1] == words.withdraw

    (asked,) = await colleague.told(theirs)
    assert words.asks_cover in asked["text"]
    assert "张明" in asked["text"]
    (heard,) = await supervisor.told(its)
    assert words.tells in heard["text"]
    assert "张明" not in heard["text"]

    await town.later(to="2026-11-23T20:00")
    mine, theirs = await officer.last_id(), await colleague.last_id()
    await town.later(to="2026-11-24T09:30")
    assert await ladder(officer, mine) == []
    morning = (await ladder(colleague, theirs))[0]
    line = next(one for one in morning["text"].splitlines() if OVERDUE_CASE in one)
    assert words.for_whom in line

    if words is CHINESE:
        recap = await walk(
            colleague, await colleague.taps("记录 张明", morning), *talk("代办谈话，情绪平稳。")
        )
        assert "已记录" in (await colleague.taps("提交", recap))["text"]
        assert "✓ 已记录" in (await colleague.again(morning))["text"]

    await town.later(to="2026-11-29T12:00")
    assert await ladder(officer, mine) == []
    await town.later(to="2026-11-30T08:45")
    back = await ladder(officer, mine)
    assert [one["sent_at"] for one in back] == ["2026-11-30T08:30:00+08:00"]
    assert words.back in back[0]["text"]
    if words is CHINESE:
        assert "张明" not in back[0]["text"], "that was done meanwhile"
    theirs = await colleague.last_id()
    await town.later(to="2026-12-01T08:45")
    assert not any(words.for_whom in one["text"] for one in await colleague.told(theirs))


@pytest.mark.parametrize("words", [CHINESE, ENGLISH], ids=lambda words: words.language)
async def test_nobody_covers_and_nothing_stays_silent(town: Town, words: Said) -> None:
    officer, _, supervisor = await of(town, words)
    its = await supervisor.last_id()
    await officer.says("/leave 11-24 12-04")
    (told,) = await supervisor.told(its)
    assert words.uncovered in told["text"]
    assert OVERDUE_CASE in told["text"]
    await town.later(to="2026-11-23T20:00")
    mine, its = await officer.last_id(), await supervisor.last_id()
    await town.later(to="2026-11-25T12:00")
    assert await ladder(officer, mine) == []
    overseen = "\n".join(one["text"] for one in await ladder(supervisor, its))
    assert TALK_TODAY in overseen  # overdue by one working day: the officer's own step comes to them
    why = await supervisor.says("/why")
    assert ("无人代办" if words is CHINESE else "nobody covers") in why["text"]


@ON_SQLITE
async def test_taken_back_the_mornings_go_on(town: Town) -> None:
    officer, colleague, supervisor = await of(town, CHINESE)
    done = await officer.says(f"请假11-24至11-27，{colleague.name}代")
    theirs, its = await colleague.last_id(), await supervisor.last_id()
    gone = await officer.taps("撤销", done)
    assert gone["text"].startswith("已撤销请假")
    for phone, since in ((colleague, theirs), (supervisor, its)):
        (one,) = await phone.told(since)
        assert "已撤销请假" in one["text"]
    assert "不必再代办" in (await colleague.last())["text"]
    mine = await officer.last_id()
    await town.later(to="2026-11-24T09:00")
    assert OVERDUE_CASE in (await digest(officer))["text"]
    assert await ladder(officer, mine)
    again = await officer.taps("撤销", done)
    assert "已结束或已撤销" in again["text"]


@ON_SQLITE
async def test_by_the_form_with_taps_alone(town: Town) -> None:
    officer, colleague, _ = await of(town, CHINESE)
    question = await officer.says("请假")
    assert question["text"].startswith(f"请假｜{officer.name}｜第1步，共3步")
    recap = await walk(officer, question, "11月24日", "11月27日", colleague.name)
    done = await officer.taps("提交", recap)
    assert done["text"].startswith("已提交｜请假｜11月24日至11月27日")
    listed = await officer.says("请假")
    assert labels(listed) == ["撤销", "登记请假"]


@ON_SQLITE
async def test_in_the_middle_of_a_note_it_has_to_begin_with_a_slash(town: Town) -> None:
    officer, _, _ = await of(town, CHINESE)
    await officer.taps("记录 张明", await digest(officer))
    await walk(officer, await officer.last(), "今天", "本人办公室")
    kept = await officer.says("请假三天，吴涛代")
    assert "已提交" not in kept["text"], "an answer to the question"
    done = await officer.says("/leave 11-24 11-27")
    assert done["text"].startswith("已提交｜请假")
    assert "继续填写" in labels(done)[-1]


@ON_SQLITE
async def test_a_chase_that_waits_until_the_leave_has_begun_goes_to_the_cover(town: Town) -> None:
    """Also where it stands behind what is the officer's to know, away or not: that they have more time."""
    supervisor = await town.one("supervisor")
    await town.later(to="2026-11-28T12:00")  # a Saturday
    alert = await supervisor.finds("逾期提醒")
    officers = await town.everyone("care_officer")
    (officer,) = (one for one in officers if one.name in alert["text"])
    colleague = next(one for one in officers if one is not officer)
    await supervisor.taps("同意延期", alert)
    assert "将于11月30日08:30告知" in (await supervisor.taps("催办", alert))["text"]
    await officer.says(f"请假11-30至12-04，{colleague.name}代")
    mine, theirs = await officer.last_id(), await colleague.last_id()
    await town.later(to="2026-11-30T08:45")
    (told,) = await officer.told(mine)
    assert "同意延期" in told["text"]
    assert "催办" not in told["text"]
    (morning,) = await colleague.told(theirs)
    _, _, chased = morning["text"].partition("催办：")
    assert f"代{officer.name}" in chased
