"""What is due, what is overdue, and when to look again: the one definition that everything uses.

Pure: dates, rulebook and calendar in, answers out. How often visits come is in reminders/cadence.py.

Everything counts in working days from the *due day*. On days off nothing moves: a visit due on Friday is still "due
today" on Saturday and Sunday and overdue from the next working day on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import NamedTuple

from reminders.workdays import WorkCalendar
from storage.clock import aware, local_day
from storage.rulebook import Ladder, Recipient, Rulebook, Via

OwnHours = tuple[time, time]  # from when until when somebody wants to hear, in the county's time


class Status(StrEnum):
    not_due = "not_due"
    due_soon = "due_soon"
    due_today = "due_today"
    overdue = "overdue"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ladder for one visit. Indexes beyond the ladder are its repeats."""

    index: int
    moment: datetime
    offset: int
    to: tuple[Recipient, ...]
    via: Via


class Look(NamedTuple):
    """When to look again, and the first step that has not been told by then."""

    moment: datetime
    step: int


class Rung(NamedTuple):
    """What one look at an open visit comes to: the steps to be told now, and the next look."""

    steps: list[Step]
    look: Look


def due_day(due_on: date, calendar: WorkCalendar) -> date:
    """The working day that counts: `due_on`, or the next one where it is, or has become, a day off."""
    return calendar.add_workdays(due_on, 0)


def lateness(due_on: date, today: date, calendar: WorkCalendar) -> int:
    """Working days after the due day up to `today`: above 0 overdue, 0 due today, below 0 so many days to go."""
    return calendar.workdays_between(due_day(due_on, calendar), today)


def spared(due_on: date, today: date, leave: Iterable[tuple[date, date]], calendar: WorkCalendar) -> int:
    """How many of the working days of its lateness lie in these spans of leave (first and last day)."""
    after = due_day(due_on, calendar)
    days = 0
    for first, last in leave:
        start, end = max(first - timedelta(days=1), after), min(last, today)
        days += calendar.workdays_between(start, end) if end > start else 0
    return days


def status(due_on: date, today: date, rulebook: Rulebook, calendar: WorkCalendar) -> Status:
    late = lateness(due_on, today, calendar)
    if late > 0:
        return Status.overdue
    if late == 0:
        return Status.due_today
    return Status.due_soon if -late <= rulebook.ladder.soon_workdays else Status.not_due


def step(due_on: date, index: int, rulebook: Rulebook, calendar: WorkCalendar, zone: tzinfo) -> Step:
    """The step `index` of a visit. From `len(ladder.steps)` on it is a repeat, the first of which has that index.

    Raises:
        ValueError: `index` is negative.
    """
    if index < 0:
        raise ValueError("the ladder begins with step 0")
    ladder, repeat = rulebook.ladder, index - len(rulebook.ladder.steps)
    to: tuple[Recipient, ...]
    hour: time | None
    if repeat < 0:
        planned = ladder.steps[index]
        offset, to, via, hour = planned.offset, (planned.to,), planned.via, planned.at
    else:
        offset = ladder.steps[-1].offset + ladder.repeat_every * (repeat + 1)
        to, via, hour = ladder.repeat_to, Via.notice, ladder.repeat_at
    day = calendar.add_workdays(due_day(due_on, calendar), offset)
    return Step(index, datetime.combine(day, hour or rulebook.hours.digest_at, zone), offset, to, via)


def steps_at(
    due_on: date, rulebook: Rulebook, calendar: WorkCalendar, zone: tzinfo
) -> list[tuple[int, datetime]]:
    """Every step of the ladder with its moment, without the repeats that follow."""
    steps = (step(due_on, index, rulebook, calendar, zone) for index in range(len(rulebook.ladder.steps)))
    return [(found.index, found.moment) for found in steps]


def next_look(
    due_on: date,
    after: datetime,
    rulebook: Rulebook,
    calendar: WorkCalendar,
    zone: tzinfo,
    *,
    first: int | None = None,
    ack_until: datetime | None = None,
    rest_until: datetime | None = None,
    waiting: int | None = None,
) -> Look:
    """When to look at an open visit again, strictly after `after`. There is always a next time: repeats do not end.

    `first` is the first step that was not told, where some may still be owed from a quiet time that is not over: a
    second acknowledgement must not swallow what the first one put off. Else it is the first one after `after`.

    While the visit is acknowledged or rests, nothing is told; a notice that falls into that time is told when it
    ends. Lines of a digest are not made up for, since every digest lists what is open anyway.

    `waiting` is the first step that has not been told, where the days themselves have changed: one whose moment is
    over by the new days is told as soon as may be, and one that was told does not come again.

    Raises:
        ValueError: a moment without a time zone.
    """
    untold = _newest(due_on, after, rulebook, calendar, zone) + 1
    quiet_until = max((aware(moment) for moment in (ack_until, rest_until) if moment), default=None)
    if waiting is not None and waiting < untold:
        soonest = after if quiet_until is None else max(after, quiet_until)
        return Look(in_hours(soonest, rulebook, calendar, zone), waiting)
    untold = max(untold, waiting or 0)
    if quiet_until is not None and first is not None:
        untold = min(untold, first)
    planned = step(due_on, untold, rulebook, calendar, zone)
    if quiet_until is None or planned.moment > quiet_until:
        return Look(planned.moment, untold)
    resumed = _newest(due_on, quiet_until, rulebook, calendar, zone) + 1
    for index in range(untold, resumed):
        if step(due_on, index, rulebook, calendar, zone).via is Via.notice:
            return Look(in_hours(quiet_until, rulebook, calendar, zone), index)
    return Look(step(due_on, resumed, rulebook, calendar, zone).moment, resumed)


def passed_steps(
    due_on: date, since_step: int, now: datetime, rulebook: Rulebook, calendar: WorkCalendar, zone: tzinfo
) -> list[Step]:
    """The steps after `since_step` (-1: from the first on) whose moment has come, as far as they are still true.

    A notice that the visit is due today is not made up for once it would arrive on a later day: by then the visit is
    overdue, and the next digest opens with it.
    """
    newest = _newest(due_on, now, rulebook, calendar, zone)
    arrives_on = in_hours(now, rulebook, calendar, zone).date()
    overdue = lateness(due_on, arrives_on, calendar) > 0
    steps = (step(due_on, index, rulebook, calendar, zone) for index in range(since_step + 1, newest + 1))
    return [passed for passed in steps if passed.offset > 0 or passed.via is Via.digest or not overdue]


def climb(
    due_on: date,
    next_step: int | None,
    now: datetime,
    rulebook: Rulebook,
    calendar: WorkCalendar,
    zone: tzinfo,
) -> Rung:
    """Look at an open visit whose first step that was not told is `next_step`. After an outage only the newest step
    for each recipient is told: one catch-up, not one message for each missed day."""
    passed = passed_steps(due_on, (next_step or 0) - 1, now, rulebook, calendar, zone)
    return Rung(collapse(passed), next_look(due_on, now, rulebook, calendar, zone))


def collapse(steps: Iterable[Step]) -> list[Step]:
    """What is to be told of `steps` now: to each recipient the newest only, so an outage ends in one catch-up."""
    told: set[Recipient] = set()
    kept: list[Step] = []
    for passed in sorted(steps, key=lambda passed: passed.index, reverse=True):
        fresh = tuple(recipient for recipient in passed.to if recipient not in told)
        told.update(fresh)
        if fresh:
            kept.append(replace(passed, to=fresh))
    return kept[::-1]


def _newest(due_on: date, now: datetime, rulebook: Rulebook, calendar: WorkCalendar, zone: tzinfo) -> int:
    """The newest step whose moment has come, -1 if none has. No two steps share a day."""
    late = lateness(due_on, local_day(aware(now), zone), calendar)
    index = _newest_by_offset(rulebook.ladder, late)
    if index >= 0 and step(due_on, index, rulebook, calendar, zone).moment > now:
        return index - 1
    return index


def _newest_by_offset(ladder: Ladder, offset: int) -> int:
    beyond = offset - ladder.steps[-1].offset
    if beyond >= 0:
        return len(ladder.steps) - 1 + beyond // ladder.repeat_every
    return sum(planned.offset <= offset for planned in ladder.steps) - 1


def first_from(offset: int, ladder: Ladder) -> int:
    """The first step that lies `offset` working days from the due day, or later."""
    return _newest_by_offset(ladder, offset - 1) + 1


def last_until(offset: int, ladder: Ladder) -> int:
    """The last step that lies no more than `offset` working days from the due day; -1 where none does."""
    return _newest_by_offset(ladder, offset)


def in_hours(moment: datetime, rulebook: Rulebook, calendar: WorkCalendar, zone: tzinfo) -> datetime:
    """`moment` if a notice may go out then, else the next moment at which it may."""
    return _within(moment, rulebook.hours.notices_from, rulebook.hours.notices_until, calendar, zone)


def in_own_hours(
    moment: datetime,
    own: OwnHours | None,
    rulebook: Rulebook,
    calendar: WorkCalendar,
    zone: tzinfo,
    *,
    early: bool = False,
) -> datetime:
    """`moment` if a reader may be written to then, who perhaps wants to hear within hours of their own; else the next
    moment at which they may. Hours that the county's have left behind since count for nothing. What may come `early`
    comes from the hour of the digest on, which is before that of the ladder's notices."""
    hours = rulebook.hours
    first = min(hours.digest_at, hours.notices_from) if early else hours.notices_from
    last = hours.notices_until
    if own is not None and max(own[0], first) < min(own[1], last):
        first, last = max(own[0], first), min(own[1], last)
    return _within(moment, first, last, calendar, zone)


def _within(moment: datetime, first: time, last: time, calendar: WorkCalendar, zone: tzinfo) -> datetime:
    local = aware(moment).astimezone(zone)
    day, hour = local.date(), local.time()
    if not calendar.is_workday(day) or hour > last:
        return datetime.combine(calendar.next_workday(day), first, zone)
    if hour < first:
        return datetime.combine(day, first, zone)
    return local


def next_digest(after: datetime, rulebook: Rulebook, calendar: WorkCalendar, zone: tzinfo) -> datetime:
    """The next morning digest, strictly after `after`."""
    today = local_day(aware(after), zone)
    digest = datetime.combine(calendar.add_workdays(today, 0), rulebook.hours.digest_at, zone)
    if digest > after:
        return digest
    return datetime.combine(calendar.next_workday(today), rulebook.hours.digest_at, zone)


def morning(now: datetime, rulebook: Rulebook, calendar: WorkCalendar, zone: tzinfo) -> datetime:
    """When a digest whose time has come goes out: now, if it may; after an outage that ended in the evening, the next
    morning."""
    local, hours = aware(now).astimezone(zone), rulebook.hours
    if calendar.is_workday(local.date()) and hours.digest_at <= local.time() <= hours.notices_until:
        return now
    return next_digest(now, rulebook, calendar, zone)


def agenda_until(today: date, rulebook: Rulebook, calendar: WorkCalendar) -> date:
    """The last due day that a digest of `today` lists: what the steps before the due day say is near."""
    return calendar.add_workdays(today, rulebook.ladder.soon_workdays)


def is_quiet(ack_until: datetime | None, rest_until: datetime | None, now: datetime) -> bool:
    """Whether a visit is acknowledged or rests, so that the ladder tells nothing of it for now."""
    return any(until is not None and until > now for until in (ack_until, rest_until))


def acknowledged_until(now: datetime, rulebook: Rulebook, calendar: WorkCalendar, zone: tzinfo) -> datetime:
    """Until when a visit that is acknowledged at `now` stays quiet: the morning of the last agreed day."""
    day = calendar.add_workdays(local_day(aware(now), zone), rulebook.ladder.acknowledge_workdays)
    return datetime.combine(day, rulebook.hours.notices_from, zone)


def rests_until(now: datetime, rulebook: Rulebook, calendar: WorkCalendar, zone: tzinfo) -> datetime:
    """Until when the ladder rests if the visit is done and its note follows: the evening of the last agreed day."""
    day = calendar.add_workdays(local_day(aware(now), zone), rulebook.ladder.note_rest_workdays)
    return datetime.combine(day, rulebook.hours.notices_until, zone)
