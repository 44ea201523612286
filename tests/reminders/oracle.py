"""Who must hear what, and when: written from docs/reminders.md and docs/rulebook.md alone, as a second opinion.

It shares no code with the product: its own calendar (the State Council's notice for 2026), its own counting, one plain
pass over time. It is slow and simple on purpose.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

DAY = timedelta(days=1)
OFF = (
    ("01-01", "01-03"), ("02-15", "02-23"), ("04-04", "04-06"), ("05-01", "05-05"), ("06-19", "06-21"),
    ("09-25", "09-27"), ("10-01", "10-07"),
)  # fmt: skip
MADE_UP = {"01-04", "02-14", "02-28", "05-09", "09-20", "10-10"}

MORNING, NINE, AFTERNOON, EVENING = time(8, 30), time(9), time(14, 30), time(17)
NEAR, AGAIN, GRANTED, ACKNOWLEDGED, NOTE = 7, 5, 5, 3, 2  # working days


def works(day: date) -> bool:
    assert day.year == 2026
    name = f"{day:%m-%d}"
    if name in MADE_UP:
        return True
    return day.weekday() < 5 and not any(first <= name <= last for first, last in OFF)


def later(day: date, n: int) -> date:
    """The n-th working day after a day; with 0 the day itself, or the next one that is worked."""
    if n == 0:
        return day if works(day) else later(day, 1)
    while n:
        day += DAY
        n -= works(day)
    return day


@dataclass
class Staffing:
    """Who is there: members by a name of one's own. Whoever is away cannot be told anything."""

    supervisor_of: dict[int, int | None]
    staff: list[int]
    leaders: list[int]
    away: set[int] = field(default_factory=set)

    def line(self, officer: int | None, role: str) -> list[int]:
        """Whom a step for this role tells: nobody about themselves, and where nobody is left, the next in line."""
        above = self.supervisor_of.get(officer) if officer is not None else None
        ranks = {
            "supervisor": [above] if above is not None else [],
            "staff": self.staff,
            "leader": self.leaders,
        }
        order = list(ranks)
        for rank in order[order.index(role) :]:
            there = [m for m in ranks[rank] if m not in self.away and m != officer]
            if there:
                return there
        return []


@dataclass
class Visit:
    """An open visit, as of the last act upon it."""

    officer: int | None
    due: date
    dated_at: datetime  # when this date was set: the ladder begins after it
    quiet_until: datetime | None = None
    told: set[int] = field(default_factory=set)  # steps of this date
    over: bool = False


@dataclass(frozen=True)
class Act:
    """What somebody does. `to` is the new date, or the new officer."""

    at: datetime
    visit: int
    what: str
    to: date | int | None = None


Message = tuple[int, str, datetime]


class Oracle:
    def __init__(
        self, staffing: Staffing, visits: dict[int, Visit], down: Iterable[tuple[datetime, datetime]] = ()
    ) -> None:
        self.staffing, self.visits, self.down = staffing, visits, sorted(down)
        self.said: set[Message] = set()
        self._posted: dict[datetime, list[tuple[int, int, date]]] = {}  # alerts that wait for office hours
        self._morning_of: dict[int, date] = {}  # the last day whose digest an officer was given

    def live(self, start: datetime, end: datetime, acts: Iterable[Act]) -> set[Message]:
        """Everything that is said after `start` up to `end`."""
        doing = {act.at: act for act in acts}
        moments = set(self._hours(start, end)) | doing.keys() | {up for _, up in self.down}
        for officer in self.staffing.supervisor_of:
            self._morning_of[officer] = start.date() if start.time() >= MORNING else start.date() - DAY
        for now in sorted(m for m in moments if start < m <= end):
            if any(gone <= now < up for gone, up in self.down):
                continue
            mornings = self._mornings(now)
            self._ladder(now, mornings)
            self._post(now)
            if now in doing:
                self._act(doing[now])
        return self.said

    def _hours(self, start: datetime, end: datetime) -> Iterator[datetime]:
        day = start.date()
        while day <= end.date():
            yield from (self._at(day, hour, start) for hour in (MORNING, NINE, AFTERNOON, EVENING))
            day += DAY

    @staticmethod
    def _at(day: date, hour: time, like: datetime) -> datetime:
        return datetime.combine(day, hour, like.tzinfo)

    # --- the morning ---------------------------------------------------------------------------------------------

    def _mornings(self, now: datetime) -> set[int]:
        """One digest a working morning; after an outage later that day, if it is not past the hours. None when there
        is nothing in it."""
        today, due = now.date(), set[int]()
        if not works(today) or not MORNING <= now.time() <= EVENING:
            return due
        for officer, last in self._morning_of.items():
            if last < today and officer not in self.staffing.away:
                self._morning_of[officer] = today
                due.add(officer)
                mine = [v for v in self.visits.values() if v.officer == officer and not v.over]
                if any(later(v.due, 0) <= later(today, NEAR) for v in mine):
                    self.said.add((officer, "digest", now))
        return due

    # --- the ladder ----------------------------------------------------------------------------------------------

    def _steps(self, visit: Visit, now: datetime) -> Iterator[tuple[int, str]]:
        """The steps whose moment has come, with their role, in order."""
        due = later(visit.due, 0)
        fixed = [(0, "officer", AFTERNOON), (2, "supervisor", NINE), (5, "staff", NINE), (8, "leader", NINE)]
        for offset, role, hour in fixed:
            if visit.dated_at < self._at(later(due, offset), hour, now) <= now:
                yield offset, role
        offset = 8 + AGAIN
        while (moment := self._at(later(due, offset), NINE, now)) <= now:
            if visit.dated_at < moment:
                yield from ((offset, role) for role in ("supervisor", "staff", "leader"))
            offset += AGAIN

    def _ladder(self, now: datetime, mornings: set[int]) -> None:
        for number, visit in self.visits.items():
            if visit.over or (visit.quiet_until is not None and now < visit.quiet_until):
                continue
            fresh = [(offset, role) for offset, role in self._steps(visit, now) if offset not in visit.told]
            visit.told |= {offset for offset, _ in fresh}
            for role in dict.fromkeys(
                role for _, role in fresh
            ):  # after an outage once, however many were missed
                if role == "officer":
                    self._due_today(visit, now, mornings)
                else:
                    for member in self.staffing.line(visit.officer, role):
                        self._posted.setdefault(self._in_hours(now), []).append((member, number, visit.due))

    def _due_today(self, visit: Visit, now: datetime, mornings: set[int]) -> None:
        """Not once the day is over, nor beside a digest of the same moment, which says it too."""
        officer = visit.officer
        if officer is None or officer in self.staffing.away or officer in mornings:
            return
        if now.date() == later(visit.due, 0) and now.time() <= EVENING:
            self.said.add((officer, "today", now))

    def _in_hours(self, now: datetime) -> datetime:
        if works(now.date()) and NINE <= now.time() <= EVENING:
            return now
        day = now.date() if works(now.date()) and now.time() < NINE else later(now.date(), 1)
        return self._at(day, NINE, now)

    def _post(self, now: datetime) -> None:
        for moment in [moment for moment in self._posted if moment <= now]:
            for member, number, due in self._posted.pop(moment):
                visit = self.visits[number]
                if not visit.over and visit.due == due:
                    self.said.add((member, "alert", now))

    # --- what people do ------------------------------------------------------------------------------------------

    def _act(self, act: Act) -> None:
        visit, now = self.visits[act.visit], act.at
        if act.what in ("record", "hold"):
            visit.over = True
        elif act.what in ("reschedule", "extend"):
            due = act.to if isinstance(act.to, date) else later(now.date(), GRANTED)
            visit.due, visit.dated_at, visit.quiet_until, visit.told = due, now, None, set()
            if act.what == "extend" and visit.officer is not None:
                self.said.add((visit.officer, "extended", now))
        elif act.what == "note_follows":
            self._quiet(visit, self._at(later(now.date(), NOTE), EVENING, now))
        else:
            self._quiet(visit, self._at(later(now.date(), ACKNOWLEDGED), NINE, now))
            if act.what == "reassign":
                assert isinstance(act.to, int)
                if visit.officer is not None:
                    self.said.add((visit.officer, "taken_over", now))
                visit.officer = act.to
                self.said.add((visit.officer, "assigned", now))

    @staticmethod
    def _quiet(visit: Visit, until: datetime) -> None:
        """Who acknowledges again, or both ways, is left in peace until the later of the two."""
        visit.quiet_until = max(until, visit.quiet_until or until)
