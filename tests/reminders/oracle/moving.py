"""Of a visit that whoever makes it put off by themselves, those above read the next morning."""

from __future__ import annotations

from datetime import date, datetime

from tests.reminders.oracle.county import County, Task
from tests.reminders.oracle.days import MORNING, at, later
from tests.reminders.oracle.post import Post


class Moves:
    def __init__(self, county: County, post: Post) -> None:
        self.county, self.post = county, post
        self._put = set[tuple[str, date, int]]()  # of which task, for which morning, to whom: once
        self._waits = set[tuple[str, int]]()  # whoever has not read it yet reads the newest day

    def put_off(self, task: Task, was: date, now: datetime) -> None:
        """By whoever makes it; to an earlier day nobody hears of it."""
        if task.due <= was:
            return
        morning = at(later(now.date(), 0), MORNING, now)
        if morning <= now:
            morning = at(later(now.date(), 1), MORNING, now)
        for member in self.county.hear(task, "supervisor", morning.date(), reached=True):
            if (task.name, member) not in self._waits:
                self._tell(task, was, morning.date(), member, morning)

    def _tell(self, task: Task, was: date, day: date, member: int, moment: datetime) -> None:
        if (task.name, day, member) in self._put:
            return
        self._put.add((task.name, day, member))
        self._waits.add((task.name, member))

        def says(now: datetime) -> set[str]:
            """While it is later than it was by their act; where its reader is away or keeps out, to the next above."""
            self._waits.discard((task.name, member))
            later_by_them = not task.over and task.put_off and task.rests_until is None and task.due > was
            if member in task.case.recused or self.county.leave_of(member, now.date()) is not None:
                above = self.county.hear(task, "supervisor", now.date(), reached=True)
                others = [one for one in above if one != member]
                for other in others if later_by_them else ():
                    self._tell(task, was, day, other, now)
                if others:
                    return set()
            theirs = self.post.oversees(member, task) and member not in self.county.makers(task, now.date())
            return {task.name} if task.stands and later_by_them and theirs else set()

        self.post.put(moment, member, "moved", says)
