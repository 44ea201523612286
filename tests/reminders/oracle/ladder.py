"""Step by step: the officer on the day, whoever oversees them when it is late, all of them again every week."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tests.reminders.oracle.county import County, Task
from tests.reminders.oracle.days import AFTERNOON, EVENING, MORNING, NINE, at, later, works
from tests.reminders.oracle.post import Post, Step

AGAIN = 5  # working days
FIXED = (
    (0, "officer", AFTERNOON), (1, "officer", MORNING), (2, "supervisor", NINE), (5, "staff", NINE),
    (8, "leader", NINE),
)  # fmt: skip
"""Working days after the due day, to whom, and when. What is said ahead of the day, the mornings say."""


def steps(task: Task, now: datetime) -> Iterator[tuple[int, str]]:
    """The steps whose moment has come since the date was set, in order."""
    due = later(task.due, 0)
    for offset, role, hour in FIXED:
        if task.dated_at < at(later(due, offset), hour, now) <= now:
            yield offset, role
    offset = FIXED[-1][0] + AGAIN
    while (moment := at(later(due, offset), NINE, now)) <= now:
        if task.dated_at < moment:
            yield from ((offset, role) for role in ("supervisor", "staff", "leader"))
        offset += AGAIN


def climb(county: County, post: Post, now: datetime, mornings: set[int]) -> None:
    for task in county.tasks.values():
        if not task.stands or task.quiet_until(now) is not None:
            continue
        fresh = [(offset, role) for offset, role in steps(task, now) if offset not in task.told]
        task.told |= {offset for offset, _ in fresh}
        newest = {role: offset for offset, role in fresh}  # after an outage once, however many were missed
        for role, offset in newest.items():
            post.tell(Step(task, task.due, offset, role), now, mornings)


def mornings(county: County, post: Post, now: datetime) -> set[int]:
    """Whose morning it is: on working days, after an outage later that day, if it is not past the hours."""
    today, whose = now.date(), set[int]()
    if not works(today) or not MORNING <= now.time() <= EVENING:
        return whose
    for member in county.members.values():
        last = member.morning_of
        if last is not None and last < today and county.leave_of(member.number, today) is None:
            member.morning_of = today
            whose.add(member.number)
            post.put(now, member.number, "digest")
    return whose
