"""A guided note in the hands of somebody who is interrupted, changes their mind, or taps twice."""

from __future__ import annotations

import asyncio

import pytest
from sqlmodel import Session, select

from storage.tables.drafts import Draft
from storage.tables.notes import Note
from storage.tables.visits import Visit
from tests.chat import Bubble, Phone, Town, labels, token
from tests.story.acts import FOUR, digest, talk, walk
from tests.story.words import CHINESE, ENGLISH, HOME_VISIT, NAMESAKE, ON_SQLITE, OVERDUE_CASE, TALK_TODAY

THIRD = "请简要记录该同志的思想动态"


async def begun(town: Town, *steps: str) -> tuple[Phone, Bubble]:
    """The officer in the middle of the overdue talk's note."""
    officer = await town.one("care_officer")
    return officer, await walk(officer, await officer.taps("记录 张明", await digest(officer)), *steps)


async def note_of_today(town: Town) -> Note:
    """The only note written in the story."""

    def found(session: Session) -> list[Note]:
        return [note for note in session.exec(select(Note)) if note.submitted_at >= town.house.clock.now()]

    (note,) = await town.house.lane.read(found)
    return note


# --- back, skip, edit, cancel ---------------------------------------------------------------------------------------


async def test_back_skip_and_edit(town: Town) -> None:
    officer, third = await begun(town, "今天", "本人办公室")
    assert "第3步，共6步" in third["text"]
    refused = await officer.says("跳过")
    assert "不能跳过" in refused["text"]
    assert "第3步，共6步" in refused["text"]
    second = await officer.says("上一步")
    assert "第2步，共6步" in second["text"]
    assert "本人办公室" in second["text"]
    third = await officer.says("村里的小广场")  # another place may be typed
    assert THIRD in third["text"]
    recap = await walk(
        officer, third, "say:想法一", "基本平稳", "未发现", "跟进事项", "完成", "say:复查台账", "跳过"
    )
    assert "村里的小广场" in recap["text"]
    assert "复查台账" in recap["text"]
    edited = await officer.says("改第3题")
    assert THIRD in edited["text"]
    assert "想法一" in edited["text"]
    recap = await officer.says("想法二")
    assert "核对" in recap["text"]
    assert "想法二" in recap["text"]
    assert "想法一" not in recap["text"]
    picked = await walk(officer, recap, "修改", "4.")
    recap = await officer.taps("积极稳定", picked)
    assert "积极稳定（绿）" in recap["text"]
    assert "已记录" in (await officer.taps("提交", recap))["text"]
    note = await note_of_today(town)
    assert note.state_of_mind == "settled"
    kept = {key: note.answers.get(key) for key in ("place", "thinking", "follow_up", "follow_up_due")}
    assert kept == {
        "place": "村里的小广场",
        "thinking": "想法二",
        "follow_up": "复查台账",
        "follow_up_due": None,
    }


@ON_SQLITE
async def test_cancelling_asks_once(town: Town) -> None:
    officer, third = await begun(town, "今天", "本人办公室")
    asked = await officer.taps("取消", third)
    assert "已填内容不予保留" in asked["text"]
    assert THIRD in (await officer.taps("继续", asked))["text"]
    asked = await officer.says("取消")
    gone = await officer.taps("确认取消", asked)
    assert OVERDUE_CASE in gone["text"]
    assert "已记录" not in gone["text"]
    first = await officer.taps("记录 张明", await digest(officer))
    assert "第1步" in first["text"]
    after = await officer.taps("取消", first)  # nothing answered, nothing to ask
    assert "第1步" not in after["text"]
    assert "没有正在填写" in (await officer.says("取消"))["text"]


# --- interrupted -----------------------------------------------------------------------------------------------------


async def test_other_commands_may_be_used_in_the_middle(town: Town) -> None:
    officer, _ = await begun(town, "今天", "本人办公室")
    for command in ("今日", "本周", "为什么", "帮助", f"/case {OVERDUE_CASE}", "/language zh_CN"):
        answer = await officer.says(command)
        assert labels(answer)[-1].startswith("继续"), command
    third = await officer.taps("继续")
    assert THIRD in third["text"]
    assert "第3步，共6步" in third["text"]
    taken = await officer.says(
        "今天谈到查询档案的事"
    )  # begins like a sentence, holds a command's word: an answer
    assert "第4步，共6步" in taken["text"]


async def test_a_question_about_a_case_is_no_answer_to_a_choice(town: Town) -> None:
    """A command with its argument is one where the question has no use for it, and the draft waits."""
    office = await town.one("commission_staff")
    asked = await office.taps("更换责任人", await office.says(f"查询 {OVERDUE_CASE}"))
    assert "第1步" in asked["text"]
    seen = await office.last_id()
    for said in (f"查询 {NAMESAKE}", f"查询{NAMESAKE}"):
        answer = await office.says(said)
        assert any(NAMESAKE in told["text"] for told in await office.told(seen))
        assert labels(answer)[-1].startswith("继续")
        seen = await office.last_id()
    assert "第1步" in (await office.taps("继续"))["text"]


async def test_of_two_drafts_one_waits(town: Town) -> None:
    officer, _ = await begun(town, "今天", "本人办公室")
    other = await officer.taps("记录 孙丽华", await digest(officer))
    assert TALK_TODAY in other["text"]
    assert "第1步" in other["text"]
    await officer.taps("今天", other)
    back = await officer.taps("记录 张明", await digest(officer))
    assert OVERDUE_CASE in back["text"]
    assert "第3步，共6步" in back["text"]
    recap = await walk(officer, back, "say:第一份", "基本平稳", "未发现", "完成")
    await officer.taps("提交", recap)
    offered = await officer.says("记录")
    assert "未填完" in offered["text"]
    assert TALK_TODAY in offered["text"]
    second = await officer.taps("继续", offered)
    assert TALK_TODAY in second["text"]
    assert "第2步，共6步" in second["text"]


async def test_a_restart_in_the_middle_loses_nothing(town: Town) -> None:
    officer, third = await begun(town, "今天", "本人办公室")
    await town.restart()
    fourth = await officer.says("重启之后继续填写。")
    assert "第4步，共6步" in fourth["text"]
    await town.restart()
    stale = await officer.taps("上一步", third)  # a button of before the restart, of an older question
    assert "第4步，共6步" in stale["text"]
    recap = await walk(officer, fourth, "基本平稳", "未发现", "完成")
    await town.restart()
    assert "已记录" in (await officer.taps("提交", recap))["text"]
    assert (await note_of_today(town)).answers["thinking"] == "重启之后继续填写。"


# --- twice and at once ----------------------------------------------------------------------------------------------


async def test_a_button_of_an_older_question_shows_the_present_one(town: Town) -> None:
    officer, third = await begun(town, "今天", "本人办公室")
    first = await officer.finds("第1步，共6步")
    again = await officer.taps("昨天", first)
    assert THIRD in again["text"]
    assert "第3步，共6步" in again["text"]
    recap = await walk(officer, again, "say:想法", "基本平稳", "未发现", "完成")
    assert "1. 日期：11月23日" in recap["text"]
    assert third["id"] < again["id"]


@pytest.mark.parametrize(
    ("language", "stale", "look", "submit", "recap"),
    [
        ("zh_CN", "该题此前已作答，现已全部填完", "查看已填内容", "提交", "请核对，无误后点〔提交〕"),
        (
            "en",
            "That was answered before. Everything is answered",
            "Show the answers",
            "Submit",
            "Please check",
        ),
    ],
)
async def test_at_the_recap_an_old_button_is_answered_in_a_sentence(
    town: Town, language: str, stale: str, look: str, submit: str, recap: str
) -> None:
    words = CHINESE if language == "zh_CN" else ENGLISH
    officer = await (await town.one("care_officer")).in_language(language)
    first = await officer.taps(f"{words.record} 张明", await officer.says("/today"))
    whole = await walk(officer, first, *(step or f"say:{words.thought}" for step in words.steps))
    assert recap in (told := whole)["text"]
    for _ in range(2):
        told = await officer.taps(words.steps[0], first)
        assert len(told["text"].splitlines()) == 2
        assert told["text"].splitlines()[1].startswith(stale)
        assert words.thought not in told["text"]
        assert len(labels(told)) == 4
    assert (await officer.taps(look, told))["text"] == whole["text"]
    assert words.recorded in (await officer.taps(submit, told))["text"]


async def test_one_button_tapped_five_times_at_once_counts_once(town: Town) -> None:
    officer, second = await begun(town, "今天")
    body = {"action": token(second, "本人办公室"), "message_id": second["id"]}
    before = await officer.last_id()
    answers = await asyncio.gather(*(town.post(officer.path, body) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    told = await officer.told(before)
    assert len(told) == 5  # each tap is answered
    assert sum("第3步" in m["text"] for m in told) >= 1
    assert not any("第4步" in m["text"] for m in told)
    assert THIRD in (await officer.says("继续"))["text"]


async def test_the_record_button_tapped_five_times_at_once_is_one_draft(town: Town) -> None:
    officer = await town.one("care_officer")
    start = await digest(officer)
    body = {"action": token(start, "记录 张明"), "message_id": start["id"]}
    before = await officer.last_id()
    answers = await asyncio.gather(*(town.post(officer.path, body) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    told = await officer.told(before)
    assert len(told) == 5
    assert all("第1步，共6步" in m["text"] for m in told), [m["text"] for m in told]
    assert await town.house.lane.read(lambda s: len(s.exec(select(Draft)).all())) == 1


async def test_two_buttons_of_two_visits_at_once_leave_one_open_form(town: Town) -> None:
    officer = await town.one("care_officer")
    start = await digest(officer)
    taps = [
        {"action": token(start, f"记录 {name}"), "message_id": start["id"]} for name in ("张明", "孙丽华")
    ]
    await asyncio.gather(*(town.post(officer.path, body) for body in taps))
    drafts = await town.house.lane.read(lambda s: [draft.active for draft in s.exec(select(Draft))])
    assert sorted(drafts) == [False, True]


async def test_two_texts_at_once_are_both_answered(town: Town) -> None:
    officer, third = await begun(town, "今天", "本人办公室")
    bodies = [{"text": "同时发出的第一条"}, {"text": "同时发出的第二条"}]
    answers = await asyncio.gather(*(town.post(officer.path, body) for body in bodies))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await officer.told(third["id"])) == 2
    at = await officer.says("继续")
    assert "第4步，共6步" in at["text"]
    recap = await walk(officer, at, "基本平稳", "未发现", "完成")
    assert "同时发出的第" in recap["text"]


async def test_submitting_five_times_at_once_is_one_note(town: Town) -> None:
    officer, recap = await begun(town, *talk("只记一次。"))
    body = {"action": token(recap, "提交"), "message_id": recap["id"]}
    before = await officer.last_id()
    answers = await asyncio.gather(*(town.post(officer.path, body) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {200}
    told = await officer.told(before)
    assert len(told) == 5
    assert sum("已记录" in m["text"] for m in told) == 1
    assert (await note_of_today(town)).answers["thinking"] == "只记一次。"


# --- what a rating asks for ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grade", "reason", "by"),
    [("情绪波动", "情绪波动（黄）", "12月23日"), ("重点关注", "重点关注（红）", "12月7日")],
)
async def test_yellow_and_red_ask_for_the_behaviour_and_come_sooner(
    town: Town, grade: str, reason: str, by: str
) -> None:
    officer, basis = await begun(town, "今天", "本人办公室", "say:情绪不高。", grade)
    assert "第5步，共7步" in basis["text"]
    office = await town.one("commission_staff")
    before = await office.last_id()
    for evasion in ("跳过", "。", " "):
        assert "第5步，共7步" in (await officer.says(evasion))["text"]
    recap = await walk(officer, basis, "say:两次长时间沉默。", "未发现", "完成")
    assert "两次长时间沉默" in recap["text"]
    done = await officer.taps("提交", recap)
    assert f"下次谈心谈话：{by}前" in done["text"]
    assert reason in done["text"]
    told = await office.told(before)
    if grade == "重点关注":
        (concern,) = told
        assert OVERDUE_CASE in concern["text"]
        assert reason in concern["text"]
    else:
        assert told == []


@pytest.mark.parametrize(
    "hour", ["2026-11-23T10:00", "2026-11-23T23:30"], ids=["working hours", "late at night"]
)
async def test_a_safety_concern_is_told_at_once_at_any_hour(town: Town, hour: str) -> None:
    await town.later(to=hour)
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    offices, leader = await town.everyone("commission_staff"), await town.one("leader")
    since = {phone.id: await phone.last_id() for phone in (supervisor, *offices, leader)}
    card = await officer.says(f"/case {OVERDUE_CASE}")
    steps = talk("情绪低落。", "积极稳定", safety="有风险迹象")  # a question of its own, at any rating
    done = await walk(officer, await officer.taps("记录 张明", card), *steps, "提交")
    assert "已记录" in done["text"]
    assert "即时通知" in done["text"]
    for phone in (supervisor, *offices):
        (told,) = [m for m in await phone.told(since[phone.id]) if "12356" in m["text"]]
        assert told["sent_at"].startswith(hour)
        assert OVERDUE_CASE in told["text"]
        assert ("张明" in told["text"]) == (phone.id != supervisor.id)
    assert not any("12356" in m["text"] for m in await leader.told(since[leader.id]))


# --- what else is done about a visit -------------------------------------------------------------------------------


async def test_done_and_the_note_follows(town: Town) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    asked = await officer.taps("已开展", await digest(officer))
    assert len(labels(asked)) >= 3
    done = await officer.taps("廉政家访｜王芳", asked)
    assert "已于11月23日开展，请于11月25日前补记" in done["text"]
    assert labels(done) == ["记录 王芳", "昨天（11月22日）", "11月21日", "其他日期"]
    assert "已于11月23日开展，11月25日前补记｜廉政家访｜王芳" in (await digest(officer))["text"]
    since = await supervisor.last_id()
    today = await officer.last_id()
    await town.later(to="2026-11-25T12:00")
    assert not any(
        m["text"].startswith("今日到期") and HOME_VISIT in m["text"] for m in await officer.told(today)
    )
    again = await officer.taps("廉政家访｜王芳", await officer.taps("已开展", await digest(officer)))
    assert "11月25日" in again["text"], "no more time for saying it anew"
    heard = [m for m in await supervisor.told(since) if m["text"].startswith("逾期提醒")]
    assert any(TALK_TODAY in m["text"] for m in heard)
    assert not any(HOME_VISIT in m["text"] for m in heard)
    await town.later(to="2026-11-26T12:00")  # the agreed day ended without a note: what was held back is told
    late = [m for m in await supervisor.told(since) if HOME_VISIT in m["text"]]
    assert [m["sent_at"] for m in late] == ["2026-11-25T17:00:00+08:00"]
    assert "已于11月23日开展，补记期限已到" in late[0]["text"]
    assert "以下1项请予督促" in late[0]["text"]
    assert {"催办", "知悉"} == set(labels(late[0])) & set(FOUR), "it was made: the note alone is late"
    assert "已于11月23日开展，记录逾期1个工作日｜廉政家访｜王芳" in (await digest(officer))["text"]
    listed = await supervisor.says("逾期")
    (told,) = [line for line in listed["text"].splitlines() if HOME_VISIT in line]
    assert "已于11月23日开展，记录逾期1个工作日" in told, "nobody counts the visit itself as late"
    refused = await officer.taps("廉政家访｜王芳", await officer.taps("已开展", await digest(officer)))
    assert "补记期限已过" in refused["text"]


@pytest.mark.parametrize(
    ("language", "made", "talk", "typed", "said"),
    [
        ("zh_CN", "已开展", "谈心谈话｜张明", "昨天", "已于11月22日开展"),
        ("en", "Done, note", "Heart-to-heart talk | 张明", "yesterday", "Done on 22 November"),
    ],
)
async def test_what_was_planned_only_today_was_made_yesterday(
    town: Town, language: str, made: str, talk: str, typed: str, said: str
) -> None:
    """Whoever went there before anybody planned it has been there: the day on which it took place counts."""

    def planned_now(session: Session) -> None:
        for visit in session.exec(select(Visit)):
            visit.created_at = town.house.clock.now()

    await town.house.lane.run(planned_now)
    officer = await (await town.one("care_officer")).in_language(language)
    asked = await officer.taps(made, await officer.says("/today"))
    done = await officer.taps(talk, asked)
    assert any("22" in label for label in labels(done))
    assert said in (await officer.says(typed))["text"]


async def test_the_day_on_which_it_was_made(town: Town) -> None:
    """Yesterday by a button, any other day typed; the note begins with it, and the record shows that it came later."""
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    asked = await officer.taps("已开展", await digest(officer))
    done = await officer.taps("谈心谈话｜张明", asked)
    assert "已于11月23日开展，请于11月25日前补记" in done["text"]
    corrected = await officer.taps("昨天（11月22日）", done)
    assert "已于11月22日开展，请于11月25日前补记" in corrected["text"], (
        "no more time for saying it of another day"
    )
    day = await officer.taps("其他日期", corrected)
    assert "哪一天开展" in day["text"]
    assert "尚未到来" in (await officer.says("11-24"))["text"]
    recap = await officer.says("11-19")
    done = await officer.taps("提交", recap)
    assert "已提交" in done["text"]
    # due on the 18th: the lateness of the visit stays what it was on the day on which it was made
    assert (
        "已于11月19日开展（逾期1个工作日），11月25日前补记｜谈心谈话｜张明" in (await digest(officer))["text"]
    )
    assert labels(done)[0] == "记录 张明"
    await town.later(to="2026-11-26T12:00")
    again = await officer.says(f"查询 {OVERDUE_CASE}")
    assert "已于11月19日开展（逾期1个工作日），记录逾期1个工作日" in again["text"]
    note = await officer.taps("记录 张明", again)
    assert "第2步" in note["text"], "the day is known"
    recap = await walk(officer, note, *talk("家里都好。", "积极稳定")[1:])
    assert "11月19日" in recap["text"]
    await officer.taps("提交", recap)
    timeline = await office.taps("时间线", await office.says(f"查询 {OVERDUE_CASE}"))
    assert "11月19日｜谈心谈话｜已开展（补记）" in timeline["text"]


async def test_a_visit_cannot_have_been_made_before_it_was_planned(town: Town) -> None:
    officer = await town.one("care_officer")
    done = await officer.taps("谈心谈话｜张明", await officer.taps("已开展", await digest(officer)))
    recap = await walk(officer, await officer.taps("其他日期", done), "say:2026-1-5")
    assert "过早" in (await officer.taps("提交", recap))["text"]


async def test_could_not_be_done(town: Town) -> None:
    officer = await town.one("care_officer")
    reasons = await walk(officer, await officer.taps("未能开展", await digest(officer)), "廉政家访｜王芳")
    assert len([label for label in labels(reasons) if label != "取消"]) == 8
    days = await officer.taps("本人暂不愿见面", reasons)
    assert labels(days)[:3] == ["11月24日", "11月25日", "11月26日"]
    assert "10月1日已过" in (await officer.says("10-1"))["text"]
    recap = await officer.says("下周一")
    assert "11月30日" in recap["text"]
    done = await officer.taps("提交", recap)
    assert "已提交" in done["text"]
    assert "11月30日" in done["text"]
    assert "✓ 未能开展，已改至11月30日" in (await digest(officer))["text"]
    before = await officer.last_id()
    await town.later(to="2026-11-30T15:00")
    due = [
        m for m in await officer.told(before) if m["text"].startswith("今日到期") and HOME_VISIT in m["text"]
    ]
    assert [m["sent_at"] for m in due] == ["2026-11-30T14:30:00+08:00"]


async def test_unreachable_asks_whether_there_is_reason_to_worry(town: Town) -> None:
    officer, office = await town.one("care_officer"), await town.one("commission_staff")
    before = await office.last_id()
    asked = await walk(officer, await officer.taps("未能开展", await digest(officer)), "廉政家访", "联系不上")
    assert "安全" in asked["text"]
    done = await walk(officer, asked, labels(asked)[1], "11月24日", "提交")
    assert "已提交" in done["text"]
    (told,) = await office.told(before)
    assert HOME_VISIT in told["text"]


@ON_SQLITE
@pytest.mark.parametrize(("verb", "reason"), [("改期", "与工作安排冲突"), ("未能开展", "本人外出")])
async def test_a_day_off_that_was_asked_for_is_said_to_roll_over(town: Town, verb: str, reason: str) -> None:
    officer = await town.one("care_officer")
    asked = await officer.taps(verb, await digest(officer))
    answers = ["say:11-28", reason] if verb == "改期" else [reason, "say:11-28"]
    done = await walk(officer, asked, "谈心谈话｜张明", *answers, "提交")
    assert "至11月30日" in done["text"]
    assert "11月28日为休息日，已顺延至下一个工作日。" in done["text"]
    assert labels(done)[0] == "就定在11月28日"


@ON_SQLITE
async def test_a_day_off_is_kept_knowingly_with_one_tap(town: Town) -> None:
    """A Saturday: the reminder before it comes on the Friday, and by the Monday the note is still in time."""
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    asked = await officer.taps("改期", await digest(officer))
    moved = await walk(officer, asked, "谈心谈话｜张明", "say:11-28", "与工作安排冲突", "提交")
    kept = await officer.taps("就定在11月28日", moved)
    assert "已定在11月28日（休息日）开展" in kept["text"]
    assert "此前最后一次为11月27日" in kept["text"]
    assert "自12月1日起计为逾期" in kept["text"]
    assert "另有变动" in (await officer.taps("就定在11月28日", moved))["text"], "once"
    assert "11月28日前｜谈心谈话｜张明" in (await officer.says("本周"))["text"]
    assert "确定在休息日开展" in (await officer.says("为什么"))["text"]
    timeline = await officer.taps("时间线", await officer.says(f"查询 {OVERDUE_CASE}"))
    assert "定在休息日｜由11月30日调整至11月28日" in timeline["text"]
    before, above = await officer.last_id(), await supervisor.last_id()
    await town.later(to="2026-12-01T08:29")
    told = [m for m in await officer.told(before) if "谈心谈话｜张明" in m["text"]]
    assert {m["sent_at"][:10] for m in told} <= {f"2026-11-{day}" for day in (24, 25, 26, 27, 30)}
    assert any(m["sent_at"].startswith("2026-11-27") for m in told)
    assert not any("逾期" in line for m in told for line in m["text"].splitlines() if "张明" in line)
    assert any("由11月18日改至11月28日" in m["text"] for m in await supervisor.told(above))
    await town.later(to="2026-12-01T08:31")
    assert "逾期1个工作日｜谈心谈话｜张明" in (await digest(officer))["text"]


@ON_SQLITE
async def test_rescheduling(town: Town) -> None:
    officer, supervisor = await town.one("care_officer"), await town.one("supervisor")
    recap = await walk(
        officer,
        await officer.taps("改期", await digest(officer)),
        "谈心谈话｜张明",
        "say:12-3",
        "与工作安排冲突",
    )
    assert "12月3日" in recap["text"]
    done = await officer.taps("提交", recap)
    assert "已提交" in done["text"]
    assert "✓ 已改期至12月3日" in (await digest(officer))["text"]
    assert "✓ 已改期至12月3日" in (await supervisor.finds(OVERDUE_CASE))["text"]
    before = await supervisor.last_id()
    await town.later(to="2026-12-07T12:00")
    heard = [m["sent_at"] for m in await supervisor.told(before) if OVERDUE_CASE in m["text"]]
    assert heard == ["2026-11-24T08:30:00+08:00", "2026-12-07T09:00:00+08:00"], (
        "that it was moved, then the alert"
    )
