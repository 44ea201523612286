"""How an open visit stands in time, in words: the same ones wherever it is spoken of.

A visit is judged by the day on which it was made, and its note by a limit of its own: who went in time and writes late
is late with the note alone.
"""

from __future__ import annotations

from datetime import datetime

from locales.phrase import Day, P, Phrase
from reminders import course, rules
from reminders.mechanism import Mechanism
from storage.tables.visits import Visit


def overdue(days: int) -> Phrase:
    return P("{n} working day overdue", "{n} working days overdue", n=days)


def stands(visit: Visit, now: datetime, mechanism: Mechanism) -> Phrase | None:
    """That it was made, and what of its note; or that it is overdue. None where neither is so."""
    if visit.rest_until is not None:
        return _made(visit, now, mechanism)
    late = course.late(visit, mechanism.day(now), mechanism)
    return overdue(late) if late > 0 else None


def _made(visit: Visit, now: datetime, mechanism: Mechanism) -> Phrase:
    made = _on(visit, mechanism)
    if visit.rest_until is not None and visit.rest_until > now:
        return P("{made}, note due by {day}", made=made, day=Day(mechanism.day(visit.rest_until)))
    late = course.late(visit, mechanism.day(now), mechanism)
    if late > 0:
        return P(
            "{made}, note {n} working day overdue", "{made}, note {n} working days overdue", n=late, made=made
        )
    return P("{made}, the time for its note is over", made=made)


def _on(visit: Visit, mechanism: Mechanism) -> Phrase:
    """On which day, and how late that was."""
    if visit.done_on is None:
        return P("Done, on a day not given")  # said before the day was asked
    late, day = rules.lateness(visit.due_on, visit.done_on, mechanism.calendar), Day(visit.done_on)
    if late > 0:
        return P(
            "Done on {day} ({n} working day late)", "Done on {day} ({n} working days late)", n=late, day=day
        )
    return P("Done on {day}", day=day)
