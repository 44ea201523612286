"""What belongs to follow-up beside its notes: plan, review, difficulties, corrections, moved days."""

from __future__ import annotations

from tests.golden.steps import (
    CASE,
    DONE,
    END,
    NO_SIGN,
    OFFICE,
    RECORD,
    SETTLED,
    SUBMIT,
    TALK,
    THOUGHT,
    TODAY,
    Script,
    Step,
    later,
    say,
    tap,
    turn,
)

DAY = say("今日", "/today")
RECORDED = (*TALK, TODAY, OFFICE, THOUGHT, SETTLED, *END)
SEE = tap("查看或更正", "See or amend")
SLIP = tap("笔误", "A slip of the pen")
TOPICS = (*TALK, TODAY, OFFICE, THOUGHT, SETTLED, NO_SIGN)


def moved(chinese: str, english: str) -> tuple[Step, ...]:
    """The home visit could not be made; it is to be on another day."""
    return (
        DAY,
        tap("未能开展", "Could not be done"),
        tap("廉政家访｜王芳", "Integrity home visit | 王芳"),
        tap("天气", "Weather"),
        say(chinese, english),
        SUBMIT,
    )


ASKED_AGAIN = moved("11月26日", "11-26")
MOVED_TWICE = (*moved("11月24日", "11-24"), *moved("11月25日", "11-25"))

FOLLOW_UP = {
    "care-plan": Script(
        ("关怀回访方案，最少填写", "A care plan, by the shortest road"),
        "care_officer",
        (
            turn("care_officer", 1),
            RECORD,
            tap("记录 褚书 关怀回访方案", "Record 褚书: Care plan"),
            TODAY,
            say("放下包袱，重拾信心。", "To lay down the burden, and find confidence again."),
            tap("开展谈心谈话", "Heart-to-heart talks"),
            tap("送学上门", "Study at the door"),
            DONE,
            *END,
            say("查询 JA-875R", "/case JA-875R"),
            tap("综合研判", "Review"),
        ),
    ),
    "review": Script(
        ("综合研判，从查询卡开始", "A comprehensive review, begun from the card"),
        "commission_staff",
        (
            CASE,
            tap("综合研判", "Review"),
            tap("记录研判", "Record review"),
            TODAY,
            say("思想稳定，能正确看待处分。", "Settled, and sees the sanction as it is."),
            say("工作主动，按时完成任务。", "Works unasked and in time."),
            say("整改到位。", "The mistake is put right."),
            say("单位党组织予以肯定。", "The unit speaks well of it."),
            tap("调整优化方案", "Adjust the plan"),
            say("每月谈心一次。", "A talk every month."),
            *END,
            CASE,
            tap("综合研判", "Review"),
        ),
    ),
    "difficulty": Script(
        ("困难诉求，从谈话到办结", "A difficulty, from the talk until it is settled"),
        "care_officer",
        (
            tap("生活和家庭实际困难", "Hardship in life and family"),
            DONE,
            say("母亲住院无人照料，希望调整值班。", "The mother is in hospital; other shifts would help."),
            SUBMIT,
            tap("登记困难诉求", "Note a difficulty"),
            tap("家庭", "Family"),
            tap("单位党组织", "The unit's Party organisation"),
            say("11月26日", "26 November"),
            SUBMIT,
            later("2026-11-26T08:35", "困难诉求", "Difficulty"),
            RECORD,
            tap("记录 张明 困难诉求", "Record 张明: Difficulty"),
            TODAY,
            tap("办结", "Settled"),
            say("值班已调整，本人满意。", "The shifts are changed, and the person is content."),
            *END,
        ),
        TOPICS,
    ),
    "matter": Script(
        ("跟进事项，从谈话到已跟进", "A matter to follow up, from the talk until it was seen to"),
        "care_officer",
        (
            tap("跟进事项和时限", "Matter to follow up"),
            DONE,
            say("联系镇卫生院，落实母亲复查。", "Have the mother's check-up arranged at the clinic."),
            say("12月1日", "1 December"),
            SUBMIT,
            later("2026-12-01T08:35", "跟进事项", "Matter to follow up"),
            tap("为什么", "Why"),
            tap("已跟进 张明", "Followed up 张明", on=("早上好", "Good morning")),
            tap("尚未跟进", "Not followed up"),
            say("待办", "/todo"),
            tap("已跟进 张明", "Followed up 张明"),
            CASE,
            tap("走访提示", "Brief"),
        ),
        TOPICS,
    ),
    "amendment": Script(
        ("提交后更正一项", "An answer amended after the note was submitted"),
        "care_officer",
        (
            SEE,
            tap("更正", "Amend"),
            tap("思想动态", "State of thinking"),
            say("情绪平稳，盼早日归队。", "Calm, and hopes to be back soon."),
            SLIP,
            SUBMIT,
            CASE,
            tap("时间线", "Timeline"),
            tap("11月23日 谈心谈话", "23 November Heart-to-heart talk"),
        ),
        RECORDED,
    ),
    "refiled": Script(
        ("录错档案，记录人转入正确档案", "A note in the wrong case, moved by its author"),
        "care_officer",
        (
            SEE,
            tap("作废或转入", "Void or refile"),
            tap("转入正确档案", "Move it"),
            say("JA-5M2X", "JA-5M2X"),
            tap("录错对象", "Entered for the wrong"),
            SUBMIT,
        ),
        RECORDED,
    ),
    "voided": Script(
        ("重复录入，请办公室作废", "Entered twice: its author asks, and the office voids it"),
        "care_officer",
        (
            SEE,
            tap("作废或转入", "Void or refile"),
            tap("作废", "Void it"),
            tap("重复录入", "Entered twice"),
            SUBMIT,
            turn("commission_staff"),
            later("2026-11-23T09:05", "作废", "void"),
            tap("作废或转入", "Void or refile", on=("申请作废", "asks to void")),
            SUBMIT,
            CASE,
            tap("时间线", "Timeline"),
            tap("已作废的记录", "Voided notes"),
        ),
        RECORDED,
    ),
    "moved-a-third-time": Script(
        ("第三次改期，分管负责人同意", "Moved a third time, and the supervisor agrees"),
        "care_officer",
        (*ASKED_AGAIN, turn("supervisor"), tap("同意 JA-5M2X", "Agree JA-5M2X")),
        MOVED_TWICE,
    ),
    "put-off": Script(
        ("责任人改期，分管负责人次日早上看到", "Put off by the officer; the supervisor reads it in the morning"),
        "care_officer",
        (
            *moved("11月25日", "11-25"),
            turn("supervisor"),
            later("2026-11-24T08:35", "由责任人改期", "put off by"),
            say("为什么", "/why"),
        ),
    ),
    "day-off-kept": Script(
        ("改期至休息日，就定在该日", "Moved to a day off, and kept there knowingly"),
        "care_officer",
        (
            DAY,
            tap("改期", "Reschedule"),
            tap("谈心谈话｜张明", "Heart-to-heart talk | 张明"),
            say("11-28", "11-28"),
            tap("与工作安排冲突", "Conflict with work"),
            SUBMIT,
            tap("就定在11月28日", "Keep 28 November"),
            CASE,
            tap("时间线", "Timeline"),
        ),
    ),
    "not-moved-again": Script(
        ("第三次改期，分管负责人不同意", "Moved a third time, and the supervisor disagrees"),
        "care_officer",
        (*ASKED_AGAIN, turn("supervisor"), tap("不同意 JA-5M2X", "Disagree JA-5M2X")),
        MOVED_TWICE,
    ),
    "command-or-answer": Script(
        ("需要输入文字时发送查询", "A command, typed where a text is asked for"),
        "care_officer",
        (
            *TALK,
            TODAY,
            OFFICE,
            say("查询 王芳", "case 王芳"),
            tap("查询", "/case"),
            tap("记入本题", "It is my answer", on=("还是记入本题", "or your answer")),
        ),
    ),
    "draft-runs-out": Script(
        ("表单长期未填，清除前提示", "A form left lying: a warning, then it is gone"),
        "care_officer",
        (
            *TALK,
            TODAY,
            OFFICE,
            later("2026-12-22T09:10", "将于", "will be dropped"),
            later("2026-12-23T13:00", "已清除", "was dropped"),
            tap("继续", "Continue", on=("将于", "will be dropped")),
        ),
    ),
    "could-not-be-done": Script(
        ("未能开展：本人暂不愿见面", "Could not be done: the person would rather not meet"),
        "care_officer",
        (
            DAY,
            tap("未能开展", "Could not be done"),
            tap("谈心谈话｜张明", "Heart-to-heart talk | 张明"),
            tap("本人暂不愿见面", "The person does not wish to meet"),
            say("下周一", "next Monday"),
            SUBMIT,
        ),
    ),
    "not-reached": Script(
        ("未能开展：联系不上，令人担心", "Could not be done: not reached, and there is reason to worry"),
        "care_officer",
        (
            DAY,
            tap("未能开展", "Could not be done"),
            tap("谈心谈话｜张明", "Heart-to-heart talk | 张明"),
            tap("联系不上", "Could not be reached"),
            tap("令人担心", "There is reason to worry"),
            tap("11月24日", "24 November"),
            SUBMIT,
        ),
    ),
    "rescheduled": Script(
        ("改期", "Another day"),
        "care_officer",
        (
            turn("supervisor"),
            turn("care_officer"),
            DAY,
            tap("改期", "Reschedule"),
            tap("谈心谈话｜张明", "Heart-to-heart talk | 张明"),
            say("12-3", "12-3"),
            tap("与工作安排冲突", "Conflict with work"),
            SUBMIT,
        ),
    ),
}  # fmt: skip
