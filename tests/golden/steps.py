"""What happens in a conversation that is kept: somebody says or taps something, another goes on, time passes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LANGUAGES = ("zh_CN", "en")
Words = tuple[str, str]
"""The same in Chinese and in English."""
NOTHING: Words = ("", "")


@dataclass(frozen=True)
class Step:
    """Something said, or the beginning of a button's label that is tapped; or somebody else goes on, time passes, or
    the program ends and is started again."""

    does: Literal["say", "tap", "turn", "later", "restart"]
    words: Words = NOTHING
    on: Words = NOTHING
    who: tuple[str, int] = ("", 0)
    to: str = ""


@dataclass(frozen=True)
class Script:
    title: Words
    role: str
    steps: tuple[Step, ...]
    before: tuple[Step, ...] = ()
    """What went before and is not kept: it stands in another conversation."""

    @property
    def cast(self) -> tuple[tuple[str, int], ...]:
        """Everybody whose phone is seen: a role, and which one of it."""
        turns = (step.who for step in (*self.before, *self.steps) if step.does == "turn")
        return tuple(dict.fromkeys([(self.role, 0), *turns]))


def say(chinese: str, english: str) -> Step:
    return Step("say", (chinese, english))


def tap(chinese: str, english: str, *, on: Words = NOTHING) -> Step:
    """A button of the last message, or of the latest one that contains the words `on`."""
    return Step("tap", (chinese, english), on)


def turn(role: str, number: int = 0) -> Step:
    """The n-th person of a role goes on."""
    return Step("turn", who=(role, number))


def later(to: str, chinese: str, english: str) -> Step:
    """Time passes. Of what comes meanwhile, what contains these words is kept."""
    return Step("later", (chinese, english), to=to)


RESTART = Step("restart")
RECORD = say("记录", "/record")
TODAY, DONE, SUBMIT = tap("今天", "Today"), tap("完成", "Done"), tap("提交", "Submit")
NO_SIGN, SETTLED = tap("未发现", "No sign"), tap("积极稳定", "Settled")
THOUGHT = say("情绪平稳，愿意谈今后的打算。", "Calm, and ready to speak of plans.")
TALK = (RECORD, tap("记录 张明", "Record 张明"))
OFFICE = tap("本人办公室", "The person's office")
SOMETHING_ELSE = (
    RECORD,
    tap("记录其他事项", "Record something else"),
    tap("张明 JA-7K3Q", "张明 JA-7K3Q"),
)
END = (NO_SIGN, DONE, SUBMIT)
CASE = say("查询 JA-7K3Q", "/case JA-7K3Q")
