"""What takes more than one person: companions, a colleague, the person concerned, whoever answers for safety."""

from __future__ import annotations

from pathlib import Path

from tests.golden.follow_up import TOPICS
from tests.golden.steps import (
    CASE,
    DONE,
    END,
    OFFICE,
    RECORD,
    SETTLED,
    SUBMIT,
    TALK,
    THOUGHT,
    TODAY,
    Script,
    Words,
    later,
    say,
    tap,
    turn,
)

COMPANION = ("care_officer", 1)
WITH_COMPANION = (*TOPICS, tap("陪同人员", "Companion"), DONE)
WENT_ALONG = (tap("陈立群", "陈立群"), DONE, SUBMIT)
CONFIRM: Words = ("请您确认", "Please confirm")
ASKED = (turn(*COMPANION), later("2026-11-23T09:00", *CONFIRM))
MINE = say("我的", "/my")
WITH_LIU = (
    turn(*COMPANION),
    RECORD,
    tap("记录 刘建平", "Record 刘建平"),
    TODAY,
    OFFICE,
    THOUGHT,
    SETTLED,
    *END,
)

NOTICE = (Path(__file__).parents[1] / "data" / "notice-2027.txt").read_text("utf-8").strip()
NOT_KNOWN: Words = ("尚未公布", "not announced")

PEOPLE = {
    "days-off": Script(
        ("管理员导入放假通知", "An administrator reads the yearly notice in"),
        "administrator",
        (
            later("2026-12-01T09:00", *NOT_KNOWN),
            say(NOTICE, NOTICE),
            tap("采用", "Adopt"),
            say("日历", "/calendar"),
        ),
    ),
    "companion-confirms": Script(
        ("陪同人员确认", "The companion confirms"),
        "care_officer",
        (*WENT_ALONG, *ASKED, tap("确认", "Confirm", on=CONFIRM), turn("care_officer"), CASE),
        WITH_COMPANION,
    ),
    "companion-disagrees": Script(
        ("陪同人员认为有误", "The companion disagrees"),
        "care_officer",
        (
            *WENT_ALONG,
            *ASKED,
            tap("有误", "Not right", on=CONFIRM),
            tap("日期有误", "It was on another day"),
            SUBMIT,
            turn("care_officer"),
            later("2026-11-23T09:30", "JA-7K3Q", "JA-7K3Q"),
            say("待办", "/todo"),
        ),
        WITH_COMPANION,
    ),
    "companion-on-paper": Script(
        ("陪同人员未开通账号，登记签字材料", "A companion without an account, and the signed paper"),
        "care_officer",
        (
            say("退休干部周老", "old Mr Zhou"),
            SUBMIT,
            tap("登记签字材料", "Enter the signed paper"),
            TODAY,
            tap("跳过", "Skip"),
            SUBMIT,
        ),
        WITH_COMPANION,
    ),
    "unplanned-talk": Script(
        ("计划外的谈心谈话", "A talk that nobody had planned"),
        "care_officer",
        (
            RECORD,
            tap("记录其他事项", "Record something else"),
            tap("王芳 JA-5M2X", "王芳 JA-5M2X"),
            tap("记录谈心谈话", "Record Heart-to-heart talk"),
            say("昨晚8点", "last night"),
            say("下班路上", "on the way home"),
            THOUGHT,
            SETTLED,
            *END,
            say("查询 JA-5M2X", "/case JA-5M2X"),
            tap("时间线", "Timeline"),
        ),
    ),
    "draft-handed-over": Script(
        ("填到一半请假，草稿转交同事", "On leave in the middle of a note: a colleague ends it"),
        "care_officer",
        (
            *TALK,
            TODAY,
            OFFICE,
            say("/leave 今天，陈立群代", "/leave today, covered by 陈立群"),
            RECORD,
            tap("转交草稿", "Give this draft"),
            tap("陈立群", "陈立群"),
            turn(*COMPANION),
            later("2026-11-23T10:00", "填", "draft"),
            tap("接收", "Take it", on=("接着填完", "draft")),
            THOUGHT,
            SETTLED,
            *END,
        ),
    ),
    "person-agrees": Script(
        ("本人表示属实", "The person concerned says that it took place"),
        "care_officer",
        (turn("subject"), MINE, tap("属实", "It took place"), MINE),
        WITH_LIU,
    ),
    "person-disagrees": Script(
        ("本人表示没有这次谈话", "The person concerned says that it did not take place"),
        "care_officer",
        (
            turn("subject"),
            MINE,
            tap("没有这次谈心谈话", "No such"),
            tap("没有这次见面", "There was no"),
            turn("commission_staff"),
            later("2026-11-23T10:30", "JA-6MWL", "JA-6MWL"),
            say("待办", "/todo"),
            tap("已了解", "Looked into"),
        ),
        WITH_LIU,
    ),
    "safety-call": Script(
        ("有风险迹象，到已联系本人为止", "Signs of danger, until somebody has spoken with the person"),
        "care_officer",
        (
            *TALK,
            TODAY,
            OFFICE,
            say("情绪低落，话很少。", "Low, and says little."),
            tap("情绪波动", "Unsettled"),
            say("谈话中两次落泪。", "In tears twice."),
            tap("有风险迹象", "There is a concern"),
            tap("跳过", "Skip"),
            DONE,
            SUBMIT,
            turn("supervisor"),
            tap("我来联系", "I am on it"),
            turn("commission_staff"),
            later("2026-11-23T10:00", "JA-7K3Q", "JA-7K3Q"),
            turn("supervisor"),
            tap("已联系本人", "Spoken with"),
            tap("电话", "By phone"),
            tap("刚刚", "Just now"),
            tap("近日再谈一次", "Another talk"),
            tap("跳过", "Skip"),
            SUBMIT,
        ),
    ),
    "person-asks-for-help": Script(
        ("本人点〔请人联系我〕", "The person concerned asks to be called"),
        "subject",
        (
            say("活着没意思", "I do not want to live any more"),
            tap("请人联系我", "Please contact me"),
            turn(*COMPANION),
            tap("已联系本人", "Spoken with"),
            tap("电话", "By phone"),
            tap("刚刚", "Just now"),
            tap("近日再谈一次", "Another talk"),
            tap("跳过", "Skip"),
            SUBMIT,
        ),
    ),
    "family-does-not-know": Script(
        ("家属不知情，暂不家访；后来知情", "The family does not know: no home visits until it does"),
        "care_officer",
        (
            RECORD,
            tap("记录 王芳", "Record 王芳"),
            tap("不知情", "The family does not know"),
            tap("家属不知情，暂不家访", "Family does not know"),
            say("查询 JA-5M2X", "/case JA-5M2X"),
            tap("走访提示", "Brief"),
            tap("家属已知情", "The family knows", on=("影响期", "Restriction period")),
        ),
    ),
}  # fmt: skip
