"""What a change of the rules would change, before it is saved: notices that come, go or move, and next dates."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import zip_longest

from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from reminders import cadence, forecast, rules
from reminders.changing import replanned
from reminders.foreseen import Notice
from reminders.mechanism import Mechanism
from reminders.outlook import Open, outlook
from storage.tables.cases import Case, CaseState, Stage
from storage.tables.visits import Visit, VisitKind, VisitState

_Key = tuple[str, int, int | None]  # kind, member, visit


@dataclass(frozen=True)
class Shift:
    """A notice about one visit (or a digest) that would come, go, or move."""

    kind: str
    member_id: int
    visit: Open | None
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True)
class NextDate:
    """When the visit after an open one would be planned, were that made on its due day by somebody not rated."""

    case: str
    kind: VisitKind
    due_on: date
    before: date | None
    after: date | None


@dataclass
class Preview:
    """`messages`: how many each member gets, before and after."""

    shifts: list[Shift] = field(default_factory=list)
    before: Counter[int] = field(default_factory=Counter)
    after: Counter[int] = field(default_factory=Counter)
    dates: list[NextDate] = field(default_factory=list)

    @property
    def come(self) -> list[Shift]:
        return [shift for shift in self.shifts if shift.before is None]

    @property
    def gone(self) -> list[Shift]:
        return [shift for shift in self.shifts if shift.after is None]

    @property
    def moved(self) -> list[Shift]:
        return [shift for shift in self.shifts if shift.before is not None and shift.after is not None]


def preview(
    session: Session, county_id: int, old: Mechanism, new: Mechanism, *, now: datetime, until: datetime
) -> Preview:
    """Foresee under both rules and compare. Nothing is written."""
    start = outlook(session, county_id, old, now=now, until=until)
    found, visits = Preview(), start.visits
    was = _told(forecast.run(session, start, old, now=now, until=until), found.before)
    then = replanned(start, old, new, now=now)
    will_be = _told(forecast.run(session, then, new, now=now, until=until), found.after)
    for kind, member_id, visit in was.keys() | will_be.keys():
        key = (kind, member_id, visit)
        for before, after in _pairs(kind, was.get(key, []), will_be.get(key, [])):
            found.shifts.append(Shift(kind, member_id, visits.get(visit or 0), before, after))
    found.shifts.sort(
        key=lambda shift: (shift.after or shift.before or now, shift.member_id, _id(shift.visit))
    )
    found.dates = _dates(session, county_id, old, new)
    return found


def _told(notices: Iterator[Notice], count: Counter[int]) -> dict[_Key, list[datetime]]:
    """The moments at which each member hears of each visit. A digest is one thing: it lists what is open anyway."""
    told: dict[_Key, list[datetime]] = defaultdict(list)
    for notice in notices:
        count[notice.member_id] += notice.reached
        one_message = notice.kind == "digest" or not notice.items
        for visit in [None] if one_message else [item.visit.id for item in notice.items]:
            told[notice.kind, notice.member_id, visit].append(notice.moment)
    return told


def _pairs(
    kind: str, was: list[datetime], will_be: list[datetime]
) -> Iterator[tuple[datetime | None, datetime | None]]:
    """What is not the same before and after: a digest with that of its day, anything else in its order."""
    same = set(was) & set(will_be)
    left, right = [m for m in was if m not in same], [m for m in will_be if m not in same]
    if kind != "digest":
        yield from zip_longest(left, right)
        return
    days = {m.date(): m for m in right}
    for moment in left:
        yield moment, days.pop(moment.date(), None)
    yield from ((None, moment) for moment in days.values())


def _id(visit: Open | None) -> int:
    return visit.id if visit is not None else 0


def _dates(session: Session, county_id: int, old: Mechanism, new: Mechanism) -> list[NextDate]:
    """Where the cadence plans the next visit on another day. Dates that are planned already stay as they are."""
    if old.rulebook.cadence == new.rulebook.cadence:
        return []
    columns = (Case.code, Case.stage, Case.heavy, Case.expires_on, Visit.kind, Visit.due_on)
    query = (
        select_columns(*(col(column) for column in columns))
        .join(Case, col(Case.id) == Visit.case_id)
        .where(col(Visit.county_id) == county_id, col(Visit.state) == VisitState.planned)
        .where(col(Case.state) == CaseState.open)
        .order_by(col(Visit.due_on), col(Visit.id))
    )
    found = []
    for code, stage, heavy, expires_on, kind, due_on in session.execute(query):
        made_on = rules.due_day(due_on, old.calendar)
        before, after = (
            cadence.next_due_on(
                Stage(stage), kind, made_on, by.rulebook, by.calendar, heavy=heavy, expires_on=expires_on
            )
            for by in (old, new)
        )
        if before != after:
            found.append(NextDate(code, kind, due_on, before, after))
    return found
