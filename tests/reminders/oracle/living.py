"""One plain pass over time: at each moment at which anything can happen, what happens, in the order of a tick."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta

from tests.reminders.oracle.acts import Act, Acts
from tests.reminders.oracle.county import County
from tests.reminders.oracle.days import AFTERNOON, DAY, EVENING, MORNING, NINE, at
from tests.reminders.oracle.ladder import climb, mornings
from tests.reminders.oracle.post import Message, Post, together

Down = Collection[tuple[datetime, datetime]]
Chooser = Callable[["Oracle", datetime], Act | None]


class Oracle:
    def __init__(self, county: County, down: Down = ()) -> None:
        self.county, self.down = county, down
        self.post = Post(county)
        self.people = Acts(county, self.post)
        self.acts: list[Act] = []  # what was done

    def live(
        self, start: datetime, end: datetime, doing: Iterable[datetime] = (), choose: Chooser | None = None
    ) -> set[Message]:
        """Everything that is said after `start` up to `end`. At the moments of `doing` somebody does what is chosen
        then."""
        acting = set(doing)
        for moment in (*self._hours(start.date(), end.date(), start), *acting, *(up for _, up in self.down)):
            self.post.wake(moment)
        for member in self.county.members.values():
            if member.morning_of is not None:
                member.morning_of = start.date() if start.time() >= MORNING else start.date() - DAY
        last = start
        while self.post.moments and (now := heapq.heappop(self.post.moments)) <= end:
            if now <= last or any(gone <= now < up for gone, up in self.down):
                continue
            last = now
            self._tick(now)
            if now in acting and choose is not None and (act := choose(self, now)) is not None:
                self.acts.append(act)
                self.people.do(act)
                self.post.deliver(now)
        return together(self.post.said)

    def _tick(self, now: datetime) -> None:
        self.people.calls.look(now)
        whose = mornings(self.county, self.post, now)
        climb(self.county, self.post, now, whose)
        self.people.companions.look(now)
        self.post.deliver(now)

    @staticmethod
    def _hours(day: date, last: date, like: datetime) -> Iterable[datetime]:
        while day <= last:
            yield from (at(day, hour, like) for hour in (MORNING, NINE, AFTERNOON, EVENING))
            day += timedelta(days=1)
