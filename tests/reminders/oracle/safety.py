"""A safety call: minutes and nothing else, until somebody has recorded having spoken with the person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.reminders.oracle.county import LINE, About, Case, County
from tests.reminders.oracle.post import Post

FIRST = ("officer", "supervisor", "staff")
LATER_MINUTES, CLOSE_MINUTES, CLOSE_HOURS, RARE_MINUTES, REST_MINUTES = 30, 60, 12, 240, 60
MINUTE = timedelta(minutes=1)


@dataclass
class Call:
    case: Case
    officer: int
    opener: int
    opened_at: datetime
    look_at: datetime
    told_at: datetime | None = None
    rests_until: datetime | None = None
    heard: set[int] = field(default_factory=set)
    over: bool = False


class Calls:
    def __init__(self, county: County, post: Post) -> None:
        self.county, self.post = county, post
        self.of: dict[int, Call] = {}  # by case, as far as they are open

    def open(self, case: Case, opener: int, now: datetime) -> None:
        self.of[case.number] = Call(case, case.officer, opener, now, now)
        self.look(now)

    def look(self, now: datetime) -> None:
        for call in list(self.of.values()):
            if call.look_at <= now:
                self._tell(call, now)

    def _tell(self, call: Call, now: datetime) -> None:
        """Everybody whose step has come; whoever opened it knows it."""
        first, half = call.told_at is None, call.opened_at + LATER_MINUTES * MINUTE
        roles = LINE if now >= half else FIRST
        about = About(call.case, call.officer, now.date())
        knows = call.opener if first else None
        for role in roles:
            hearers = self.county.hear(about, role, now.date(), reached=True, without=knows)
            for member in hearers:
                self.post.put(now, member, "safety", lambda _: {f"call {call.case.number}"})
                call.heard.add(member)
        call.told_at = now
        self._next(call)

    def _next(self, call: Call) -> None:
        told = call.told_at
        assert told is not None
        half = call.opened_at + LATER_MINUTES * MINUTE
        closely = told - call.opened_at < timedelta(hours=CLOSE_HOURS)
        look_at = half if told < half else told + (CLOSE_MINUTES if closely else RARE_MINUTES) * MINUTE
        call.look_at = max(look_at, call.rests_until or look_at)
        self.post.wake(call.look_at)

    def take(self, call: Call, by: int, now: datetime) -> None:
        """Somebody is on it: the others who were told hear that, and once between two rounds it rests."""
        assert call.told_at is not None
        if call.rests_until is None or call.rests_until <= call.told_at:
            call.rests_until = now + REST_MINUTES * MINUTE
        self._next(call)
        for member in call.heard - {by}:
            if self.county.members[member].reached and self._may_know(call, member, now):
                self.post.put(now, member, "safety_taken", lambda _: {f"call {call.case.number}"})

    def _may_know(self, call: Call, member: int, now: datetime) -> bool:
        """Who covered when it was told, or cared for the person then, may know no more of it by now."""
        who, officer = self.county.members[member], call.officer
        if member in call.case.recused:
            return False
        cover = self.county.makers(About(call.case, officer, now.date()), now.date())
        above = self.county.members[officer].supervisor
        return bool(who.roles & {"staff", "leader"}) or member in {officer, call.opener, above, *cover}

    def hand_over(self, case: Case) -> None:
        if case.number in self.of:
            self.of[case.number].officer = case.officer

    def spoken(self, call: Call) -> None:
        del self.of[call.case.number]
