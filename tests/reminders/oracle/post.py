"""What waits to be sent: looked at once more at the moment at which it goes out."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from tests.reminders.oracle.county import County, Member, Task
from tests.reminders.oracle.days import EVENING, MORNING, NINE, OFFICE_HOURS, late, later, within
from tests.reminders.oracle.matters import Matters

LADDER = ("digest", "today", "alert")
STEPS = ("today", "alert")
AT_ANY_HOUR = (
    "safety",
    "safety_taken",
    "safety_unheard",
    "confirm",
)  # for a card its leave counts, too: companions.py
OFFICERS = (*LADDER, "extended", "move_refused", "assigned", "chase", "resumed", "case_given", "cover")
"""What somebody is missing so badly that, where no message reaches them, their supervisor has to know."""
NEAR = 7  # working days ahead that a morning lists


class Message(NamedTuple):
    member: int
    kind: str
    at: datetime
    about: frozenset[str]


def together(messages: Iterable[Message]) -> set[Message]:
    """Of the ladder what somebody hears at one moment, as one: where the one before in line could not be reached, it
    may come as a second message."""
    found = defaultdict[Message, set[str]](set)
    for one in messages:
        found[one._replace(about=frozenset() if one.kind in LADDER else one.about)] |= one.about
    return {one._replace(about=frozenset(about)) for one, about in found.items()}


class Step(NamedTuple):
    """A step of the ladder for one task, under the due date it had."""

    task: Task
    due: date
    offset: int
    role: str


@dataclass
class Letter:
    """`says`: of what, when it is sent; nothing is sent where that is nothing."""

    at: datetime
    member: int
    kind: str
    says: Callable[[datetime], set[str]] | None = None
    steps: list[Step] = field(default_factory=list)
    instead: Callable[[datetime], None] | None = None  # what is done where it reaches nobody
    elsewhere: Callable[[datetime], bool] | None = None  # whether it goes to others, as things stand by then


class Post:
    def __init__(self, county: County) -> None:
        self.county = county
        self.matters = Matters(county)
        self.said: set[Message] = set()
        self.moments: list[datetime] = []  # at which something has to be done
        self._letters: list[Letter] = []
        self._told: set[tuple[str, date, int, int]] = (
            set()
        )  # the same step of the same task to the same person
        self._missed: set[tuple[int, int]] = set()  # of whom somebody heard that no message reaches them

    def wake(self, moment: datetime) -> None:
        heapq.heappush(self.moments, moment)

    def put(
        self,
        moment: datetime,
        member: int,
        kind: str,
        says: Callable[[datetime], set[str]] | None = None,
        *,
        instead: Callable[[datetime], None] | None = None,
        elsewhere: Callable[[datetime], bool] | None = None,
    ) -> None:
        self._letters.append(Letter(moment, member, kind, says, instead=instead, elsewhere=elsewhere))
        self.wake(moment)

    def waits(self, member: int, kind: str) -> bool:
        return any(letter.member == member and letter.kind == kind for letter in self._letters)

    # --- the ladder -----------------------------------------------------------------------------------------------

    def tell(self, step: Step, now: datetime, mornings: set[int], **who: object) -> None:
        """Tell a step to whoever it is for, once each."""
        task, goes_out = step.task, within(now, OFFICE_HOURS)
        if step.offset == 0 and late(task.due, goes_out.date()) > 0:
            return  # not once the day is over
        makers = self.county.makers(task, goes_out.date())
        for member in self.county.hear(task, step.role, goes_out.date(), **who):  # type: ignore[arg-type]
            told = (task.name, step.due, step.offset, member)
            if told in self._told:
                continue
            self._told.add(told)
            if step.role == "officer" and member in makers and (step.offset > 0 or member in mornings):
                continue  # their morning says it, too
            self._step(goes_out, member, "alert" if step.offset > 0 else "today", step)

    def _step(self, moment: datetime, member: int, kind: str, step: Step) -> None:
        for letter in self._letters:
            if (letter.at, letter.member, letter.kind) == (moment, member, kind):
                letter.steps.append(step)
                return
        self._letters.append(Letter(moment, member, kind, steps=[step]))
        self.wake(moment)

    # --- the post goes out ----------------------------------------------------------------------------------------

    def deliver(self, now: datetime) -> None:
        while due := [letter for letter in self._letters if letter.at <= now]:
            self._letters.remove(due[0])
            self._send(due[0], now)

    def _send(self, letter: Letter, now: datetime) -> None:
        reader, day = self.county.members[letter.member], now.date()
        moment = now if letter.kind in AT_ANY_HOUR else self._hours(letter.kind, reader, now)
        if letter.kind in ("digest", "today") and moment.date() > letter.at.date():
            return  # that day's own digest lists it all
        if moment > now:
            letter.at = moment
            self._letters.append(letter)
            self.wake(moment)
            return
        if letter.kind in LADDER and self.county.leave_of(reader.number, day) is not None:
            letter.steps = [step for step in letter.steps if not self._others_hear(step, reader.number, now)]
            if not letter.steps:
                return
        if letter.elsewhere is not None and letter.elsewhere(now):
            return
        if not reader.reached:
            self._unheard(letter, now)
            return
        if letter.kind == "digest":
            about = self._morning(reader.number, day) | self.matters.of_morning(reader.number, day)
            self.matters.heard(reader.number, about, day)
        elif letter.says is not None:
            about = letter.says(now)
        else:
            about = {step.task.name for step in letter.steps if self._holds(step, letter, now)}
        if about:
            self.said.add(Message(letter.member, letter.kind, now, frozenset(about)))

    def _hours(self, kind: str, reader: Member, now: datetime) -> datetime:
        """When a reader may be written to: steps of the ladder from nine, all else from the morning's hour on."""
        begins = NINE if kind in STEPS else MORNING
        first, last = reader.hours or (begins, EVENING)
        return within(now, (max(first, begins), last))

    def _morning(self, member: int, day: date) -> set[str]:
        """All that is overdue or due today, and what falls due within seven working days: one's own, and of whom one
        covers what falls due before they are back."""
        return {
            task.name for task in self.county.tasks.values()
            if task.stands and later(task.due, 0) <= later(day, NEAR) and member in self.county.makers(task, day)
        }  # fmt: skip

    def _holds(self, step: Step, letter: Letter, now: datetime) -> bool:
        """Whether a step is still to be told to its reader as it goes out."""
        task, day = step.task, now.date()
        if not task.stands or task.due != step.due:
            return False
        if task.quiet_until(now) is not None:
            self._told.discard((task.name, step.due, step.offset, letter.member))
            task.told.discard(step.offset)  # not told after all: the ladder tells it when it may
            return False
        makers = self.county.makers(task, day)
        if letter.member not in makers and not self.oversees(letter.member, task):
            self.tell(step, now, set(), reached=True, without=letter.member)
            return False
        if letter.kind == "alert":
            return late(task.due, day) > 0
        if late(task.due, day) > 0:
            return False  # the day is over
        if letter.member in makers and any(
            (one.member, one.kind, one.at) == (letter.member, "digest", now) for one in self.said
        ):
            return False  # the morning of somebody who hears late says it at this very moment
        return letter.member in makers or not any(self.county.members[one].reached for one in makers)

    def oversees(self, member: int, task: Task) -> bool:
        who = self.county.members[member]
        if member == task.maker or member in task.case.recused:
            return False
        above = self.county.members[task.maker].supervisor if task.maker is not None else None
        return bool(who.roles & {"staff", "leader"}) or member == above

    def _others_hear(self, step: Step, member: int, now: datetime) -> bool:
        """Their reader is away by now: whoever stands in hears; where there is nobody, rather they."""
        if not step.task.stands or step.task.due != step.due:
            return True
        others = self.county.hear(step.task, step.role, now.date(), reached=True)
        if not others or member in others:
            return False
        self.tell(step, now, set(), reached=True)
        return True

    def _unheard(self, letter: Letter, now: datetime) -> None:
        """No message reaches its reader: the next in line hears of a step, and of an officer who oversees them."""
        member, day = letter.member, now.date()
        if letter.instead is not None:
            letter.instead(now)
        for step in letter.steps:
            theirs = letter.kind == "today" and member in self.county.makers(step.task, day)
            if not theirs and step.task.stands and step.task.due == step.due:
                self.tell(step, now, set(), reached=True, without=member)
        if letter.kind in OFFICERS and (
            letter.kind not in ("today", "alert")
            or (
                letter.kind == "today"
                and any(member in self.county.makers(s.task, day) for s in letter.steps)
            )
        ):
            for hearer in self.county.oversee(member, day, reached=True):
                if (member, hearer) not in self._missed:
                    self._missed.add((member, hearer))
                    self.put(now, hearer, "absent", lambda _: {f"member {member}"})
