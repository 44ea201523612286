"""What is said and tapped in each conversation, in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LANGUAGES = ("zh_CN", "en")


@dataclass(frozen=True)
class Step:
    """Something said, or the beginning of a button's label that is tapped, as (Chinese, English); or the program ends
    and is started again."""

    does: Literal["say", "tap", "restart"]
    words: tuple[str, str] = ("", "")

    def in_language(self, language: str) -> str:
        return self.words[LANGUAGES.index(language)]


@dataclass(frozen=True)
class Script:
    title: tuple[str, str]
    role: str
    steps: tuple[Step, ...]


def say(chinese: str, english: str) -> Step:
    return Step("say", (chinese, english))


def tap(chinese: str, english: str) -> Step:
    return Step("tap", (chinese, english))


RESTART = Step("restart")
RECORD = say("记录", "/record")
TODAY, DONE, SUBMIT = tap("今天", "Today"), tap("完成", "Done"), tap("提交", "Submit")
NO_SIGN, SETTLED = tap("未发现", "No sign"), tap("积极稳定", "Settled")
THOUGHT = say("情绪平稳，愿意谈今后的打算。", "Calm, and ready to speak of plans.")
TALK = (RECORD, tap("记录 张明", "Record 张明"))
OFFICE = tap("本人办公室", "The person's office")
SOMETHING_ELSE = (RECORD, tap("记录其他事项", "Record something else"), tap("张明 JA-7K3Q", "张明 JA-7K3Q"))
END = (NO_SIGN, DONE, SUBMIT)

SCRIPTS = {
    "talk": Script(
        ("谈心谈话，最少填写", "A heart-to-heart talk, by the shortest road"),
        "care_officer",
        (*TALK, TODAY, OFFICE, THOUGHT, SETTLED, *END),
    ),
    "home-visit": Script(
        ("廉政家访，最少填写", "An integrity home visit, by the shortest road"),
        "care_officer",
        (
            RECORD,
            tap("记录 王芳", "Record 王芳"),
            tap("知情", "The family knows"),
            TODAY,
            say("家庭和睦，支持本人工作。", "At peace, and on the person's side."),
            SETTLED,
            *END,
        ),
    ),
    "study-visit": Script(
        ("送学上门，最少填写", "Study at the door, by the shortest road"),
        "care_officer",
        (
            RECORD,
            tap("记录 赵强", "Record 赵强"),
            TODAY,
            tap("理论政策", "Theory and policy"),
            tap("当面", "In person"),
            SETTLED,
            *END,
        ),
    ),
    "unit-interview": Script(
        ("走访单位，最少填写", "A unit interview, by the shortest road"),
        "care_officer",
        (
            *SOMETHING_ELSE,
            tap("记录走访单位", "Record Unit interview"),
            say("昨天下午3点", "yesterday at 3 pm"),
            say("1", "1"),
            say("主动承担任务。", "Takes on tasks unasked."),
            *END,
        ),
    ),
    "colleague-interview": Script(
        ("走访同事，最少填写", "A colleague interview, by the shortest road"),
        "care_officer",
        (
            *SOMETHING_ELSE,
            tap("记录走访同事", "Record Colleague interview"),
            TODAY,
            tap("2人", "2 people"),
            say("大家反映其待人诚恳。", "They find the person sincere."),
            *END,
        ),
    ),
    "family-interview": Script(
        ("走访家属，最少填写", "A family interview, by the shortest road"),
        "care_officer",
        (
            *SOMETHING_ELSE,
            tap("记录走访家属", "Record Family interview"),
            tap("知情", "The family knows"),
            TODAY,
            tap("1人", "1 person"),
            say("家里理解，关系和睦。", "They understand, and are at peace."),
            *END,
        ),
    ),
    "file-read": Script(
        ("查阅档案，最少填写", "Files read, by the shortest road"),
        "care_officer",
        (
            *SOMETHING_ELSE,
            tap("记录查阅档案", "Record File read"),
            TODAY,
            say("3份", "3 files"),
            say("处分决定已归档，工资待遇已调整。", "The decision is on file, the pay was adjusted."),
            *END,
        ),
    ),
    "post-change": Script(
        ("岗位调整建议，最少填写", "A suggestion to change post, by the shortest road"),
        "care_officer",
        (
            *SOMETHING_ELSE,
            tap("记录岗位调整建议", "Record Suggestion to change post"),
            TODAY,
            say("1", "1"),
            say("法规科", "the legal section"),
            *END,
        ),
    ),
    "unit-opinion": Script(
        ("单位党组织意见，最少填写", "The unit's opinion, by the shortest road"),
        "unit_party_org",
        (
            say("意见", "/opinion"),
            tap("填写意见 张明", "Give opinion 张明"),
            TODAY,
            say("态度端正，工作主动。", "Sees it rightly, works unasked."),
            *END,
        ),
    ),
    "changed-answer": Script(
        ("半路改一个答案（改第3题）", "An answer changed on the way (edit 3)"),
        "care_officer",
        (
            *TALK,
            TODAY,
            OFFICE,
            say("话不多。", "Says little."),
            tap("基本平稳", "Stable"),
            say("改第3题", "edit 3"),
            THOUGHT,
            NO_SIGN,
            say("改第4题", "edit 4"),
            tap("情绪波动", "Unsettled"),
            say("谈到工作时叹气两次。", "Sighed twice when work was spoken of."),
            DONE,
            SUBMIT,
        ),
    ),
    "restarted": Script(
        ("半路重启，接着填写", "The program restarts on the way"),
        "care_officer",
        (*TALK, TODAY, OFFICE, RESTART, say("你好", "hello"), RECORD, tap("继续", "Continue"), THOUGHT, SETTLED, *END),
    ),
    "cancelled": Script(
        ("取消", "Given up"),
        "care_officer",
        (
            *TALK,
            TODAY,
            OFFICE,
            say("取消", "cancel"),
            say("不", "no"),
            THOUGHT,
            tap("取消", "Cancel"),
            say("是", "yes"),
            say("取消", "/cancel"),
        ),
    ),
    "several-answers": Script(
        ("一条消息回答几个问题", "Several answers in one message"),
        "care_officer",
        (
            *TALK,
            say("11月20日（周四）", "Thu 20 Nov"),
            say("会议室，上周五下午3点", "a meeting room, last Friday"),
            THOUGHT,
            say("绿，没有发现", "green, no sign"),
            DONE,
            SUBMIT,
        ),
    ),
}  # fmt: skip
