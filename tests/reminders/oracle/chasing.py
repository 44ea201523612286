"""That somebody above waits for a visit, whoever makes it hears: of one who is away by then, whoever covers."""

from __future__ import annotations

from datetime import datetime

from tests.reminders.oracle.county import County, Task
from tests.reminders.oracle.post import Post


def chase(county: County, post: Post, task: Task, now: datetime) -> None:
    for member in county.makers(task, now.date()):
        _tell(county, post, task, member, now)


def _tell(county: County, post: Post, task: Task, member: int, now: datetime) -> None:
    def covered(moment: datetime) -> bool:
        """Whether their leave has begun, and somebody covers: where nobody does, rather they."""
        covers = county.makers(task, moment.date()) if member == task.maker else [member]
        for cover in covers:
            if cover != member:
                _tell(county, post, task, cover, moment)
        return bool(covers) and member not in covers

    def says(moment: datetime) -> set[str]:
        return {task.name} if task.stands and county.theirs(task, member, moment.date()) else set()

    post.put(now, member, "chase", says, elsewhere=covered)
