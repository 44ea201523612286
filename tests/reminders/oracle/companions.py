"""Who went along bears a visit out: asked on one card in their own time; of a silence, or a no, the office hears."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from tests.reminders.oracle.county import About, Case, County
from tests.reminders.oracle.days import DAY, MORNING, NINE, OFFICE_HOURS, at, later, within
from tests.reminders.oracle.post import Post

SILENT = 3  # working days, those of leave left out


@dataclass(eq=False)
class Asked:
    name: str  # the task whose note names them
    case: Case
    author: int
    member: int
    at: datetime
    state: str = "asked"  # confirmed, refused, withdrawn
    listed: bool = False  # on a card that went out
    told: bool = False  # the office, that there is no answer
    rests: bool = False  # with its case

    @property
    def waits(self) -> bool:
        return self.state == "asked" and self.case.state == "open"


class Companions:
    def __init__(self, county: County, post: Post) -> None:
        self.county, self.post = county, post
        self.asked: list[Asked] = []

    def ask(self, one: Asked, now: datetime) -> None:
        one.at, one.listed, one.told, one.rests = now, False, False, False
        if one not in self.asked:
            self.asked.append(one)
        if not self.post.waits(one.member, "confirm"):
            self._card(one.member, now)
        self.post.wake(self._heard_at(one))

    def _card(self, member: int, now: datetime) -> None:
        def says(moment: datetime) -> set[str]:
            if self._goes_out(member, moment) > moment:
                self._card(member, moment)  # leave has come between
                return set()
            waiting = self._waiting(member)
            if all(one.listed for one in waiting):
                return set()
            for one in waiting:
                one.listed = True
            return {one.name for one in waiting}

        def instead(moment: datetime) -> None:
            self._tell([one for one in self._waiting(member) if not one.told], moment)

        self.post.put(self._goes_out(member, now), member, "confirm", says, instead=instead)

    def _waiting(self, member: int) -> list[Asked]:
        return [one for one in self.asked if one.waits and one.member == member]

    def _goes_out(self, member: int, moment: datetime) -> datetime:
        """When somebody may be asked: within their hours, and not in their leave."""
        first, last = self.county.members[member].hours or OFFICE_HOURS
        while True:
            moment = within(moment, (max(first, NINE), last))
            leave = self.county.leave_of(member, moment.date())
            if leave is None:
                return moment
            moment = at(leave.last + DAY, MORNING, moment)

    def _heard_at(self, one: Asked) -> datetime:
        day, left = self._goes_out(one.member, one.at).date(), SILENT
        while left:
            day = later(day, 1)
            left -= self.county.leave_of(one.member, day) is None
        return at(day, NINE, one.at)

    def look(self, now: datetime) -> None:
        silent = []
        for one in self.asked:
            if one.waits and not one.told and not one.rests:
                moment = self._heard_at(one)
                if moment <= now:
                    silent.append(one)
                else:
                    self.post.wake(moment)
        self._tell(silent, now)

    def _tell(self, silent: list[Asked], now: datetime) -> None:
        """The office hears of these, once, in one message; neither who wrote the note nor who was asked."""
        hearers = defaultdict[int, list[Asked]](list)
        for one in silent:
            one.told = True
            for member in self._office(one, now):
                hearers[member].append(one)
        for member, together in hearers.items():
            self._put(member, "unconfirmed", together, now)

    def _office(self, one: Asked, now: datetime, *, without: int | None = None) -> list[int]:
        about = About(one.case, one.author, now.date())
        return [m for m in self.county.hear(about, "staff", now.date(), without=without) if m != one.member]

    def _put(self, member: int, kind: str, together: list[Asked], now: datetime) -> None:
        def says(_: datetime) -> set[str]:
            return {
                one.name for one in together
                if one.case.state == "open" and member not in one.case.recused
                and (kind == "disputed" or one.waits)
            }  # fmt: skip

        def instead(moment: datetime) -> None:
            for one in together:
                others, told = self._office(one, moment, without=member), self._office(one, moment)
                for other in [other for other in others if other not in told]:
                    self._put(other, kind, [one], moment)

        self.post.put(within(now, OFFICE_HOURS), member, kind, says, instead=instead)

    # --- what becomes of it ---------------------------------------------------------------------------------------

    def refuse(self, one: Asked, now: datetime) -> None:
        """Its author and the office hear."""
        one.state = "refused"
        for member in dict.fromkeys((one.author, *self._office(one, now))):
            self._put(member, "disputed", [one], now)

    def rest(self, case: Case) -> None:
        for one in self.asked:
            if one.case is case:
                one.rests = True

    def go_on(self, case: Case, now: datetime) -> None:
        for one in self.asked:
            if one.case is case and one.state == "asked":
                self.ask(one, now)

    def drop_recused(self, case: Case) -> None:
        for one in self.asked:
            if one.case is case and one.state == "asked" and one.member in case.recused:
                one.state = "withdrawn"
