"""The people of a county, their leave, the cases and what is to be done in them; and who stands in line to hear."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from tests.reminders.oracle.days import Hours

LINE = ("officer", "supervisor", "staff", "leader")
"""Who hears where the one before cannot."""
MEETINGS = ("talk", "home_visit", "study_visit")
OFFICERS_OWN = (*MEETINGS, "care_plan", "contact")
"""What goes with the case to another care officer. The unit gives its opinion, the office sums up."""


@dataclass
class Member:
    number: int
    roles: frozenset[str]
    supervisor: int | None = None
    hours: Hours | None = None  # in which they want to hear, if they said so
    reached: bool = True  # by a message
    suspended: bool = False
    unit: str | None = None  # for which they speak
    morning_of: date | None = None  # the last day whose digest they were given; None: they get none


@dataclass
class Leave:
    member: int
    first: date
    last: date
    cover: int | None = None
    number: int = 1  # of the member's: two of them told at one moment are two messages


@dataclass
class Case:
    number: int
    officer: int
    unit: str = "unit"
    state: str = "open"  # held, closed
    recused: set[int] = field(default_factory=set)
    grade: str | None = None  # how the person was last rated
    rated: list[tuple[date, str]] = field(default_factory=list)  # as the notes came in, each with its day
    planned: dict[str, int] = field(default_factory=dict)  # how often, by kind


@dataclass
class Task:
    """Something that is to be done in a case, as of the last act upon it."""

    name: str
    case: Case
    kind: str
    maker: int | None
    due: date
    dated_at: datetime  # when this date was set: the ladder begins after it
    acknowledged_until: datetime | None = None
    rests_until: datetime | None = None
    moves: int = 0  # by whoever makes it
    put_off: bool = False  # they set its day, and nobody has set it since
    asked: date | None = None  # the day to which they ask to move it
    told: set[int] = field(default_factory=set)  # steps of this date
    over: bool = False
    recorded: bool = False

    @property
    def stands(self) -> bool:
        return not self.over and self.case.state == "open"

    def quiet_until(self, now: datetime) -> datetime | None:
        """Until when nobody is told of it: of two ends the later one."""
        ends = [end for end in (self.acknowledged_until, self.rests_until) if end is not None and now < end]
        return max(ends, default=None)


@dataclass(frozen=True)
class About:
    """What somebody hears of, as far as the line depends on it."""

    case: Case
    maker: int | None
    due: date


class County:
    def __init__(self, members: Iterable[Member], cases: Iterable[Case]) -> None:
        self.members = {member.number: member for member in members}
        self.cases = {case.number: case for case in cases}
        self.tasks: dict[str, Task] = {}
        self.leaves: list[Leave] = []
        self.promised: list[tuple[Case, date]] = []  # what notes of before named to be followed up

    def holders(self, role: str) -> list[int]:
        return [one.number for one in self.members.values() if role in one.roles and not one.suspended]

    def plan(self, case: Case, kind: str, due: date, now: datetime, maker: int | None = None) -> Task:
        number = case.planned[kind] = case.planned.get(kind, 0) + 1
        maker = maker if maker is not None else self.maker_of(case, kind)
        task = Task(f"{case.number} {kind} {number}", case, kind, maker, due, now)
        self.tasks[task.name] = task
        return task

    def maker_of(self, case: Case, kind: str) -> int | None:
        """The unit's opinion is for who has spoken for it longest; a review for who of the office has the fewest."""
        if kind == "unit_opinion":
            return next(iter(self.able(case, "unit")), None)
        if kind == "review":
            able = self.able(case, "staff")
            return min(able, key=lambda one: (self.reviews_of(one), one), default=None)
        return case.officer

    def able(self, case: Case, role: str) -> list[int]:
        """Who may deal with a case in a role; for the unit those who speak for the one it is about."""
        there = [one for one in self.holders(role) if one not in case.recused]
        return [one for one in there if role != "unit" or self.members[one].unit == case.unit]

    def reviews_of(self, member: int) -> int:
        return sum(t.maker == member and t.kind == "review" and not t.over for t in self.tasks.values())

    def waiting(self, case: Case, kind: str | None = None) -> list[Task]:
        return [t for t in self.tasks.values() if t.case is case and not t.over and kind in (None, t.kind)]

    # --- who is there, and who hears ------------------------------------------------------------------------------

    def leave_of(self, member: int | None, day: date) -> Leave | None:
        return next(
            (one for one in self.leaves if one.member == member and one.first <= day <= one.last), None
        )

    def makers(self, about: About | Task, day: date) -> list[int]:
        """Whose it is to make on a day: the officer's, in their leave that of their cover (if it falls due by then),
        or nobody's."""
        maker = about.maker
        if maker is None or self.members[maker].suspended:
            return []
        leave = self.leave_of(maker, day)
        if leave is not None:
            cover = leave.cover
            if cover is None or about.due > leave.last or self.leave_of(cover, day):
                return []
            maker = cover
        return [] if maker in about.case.recused or self.members[maker].suspended else [maker]

    def theirs(self, task: Task, member: int | None, day: date) -> bool:
        """Whether a task is somebody's on a day: given to them, though they be on leave, or theirs to cover."""
        given = task.maker is not None and member == task.maker and member not in task.case.recused
        return given or member in self.makers(task, day)

    def hear(
        self, about: About | Task, role: str, day: date, *, reached: bool = False, without: int | None = None
    ) -> list[int]:
        """Whom a step for this role tells: nobody about themselves, and where nobody is left, the next in line. Where
        all of them are on leave, those who oversee hear nevertheless."""
        makers = self.makers(about, day)
        away = {one for one in self.members if self.leave_of(one, day)}
        for passed_over in (away, set[int]()):
            for rank in LINE[LINE.index(role) :]:
                there = self._rank(about, rank, makers)
                if rank != "officer":
                    there = [
                        one for one in there
                        if one not in {about.maker, *makers} | about.case.recused | passed_over
                    ]  # fmt: skip
                if without is not None:
                    there = [one for one in there if one != without]
                if reached or without is not None:
                    there = [one for one in there if self.members[one].reached]
                if there:
                    return there
        return []

    def _rank(self, about: About | Task, rank: str, makers: list[int]) -> list[int]:
        if rank == "officer":
            return makers
        if rank != "supervisor":
            return self.holders(rank)
        above = self.members[about.maker].supervisor if about.maker is not None else None
        return [above] if above is not None and not self.members[above].suspended else []

    def oversee(
        self, officer: int, day: date, *, without: int | None = None, reached: bool = False
    ) -> list[int]:
        """Who hears of an officer as such."""
        about = About(Case(0, officer), officer, day)
        found = []
        away = {one for one in self.members if self.leave_of(one, day)}
        for passed_over in (away, set[int]()):
            for rank in LINE[1:]:
                found = [
                    one for one in self._rank(about, rank, [])
                    if one not in passed_over | {officer, without} and (self.members[one].reached or not reached)
                ]  # fmt: skip
                if found:
                    return found
        return found
