"""When a safety call is told again, and to whom. Pure, and by the clock alone: at any hour, on any day.

The first steps count from the opening; then it is repeated, closely at first and later more rarely, and never ends
by itself. What was told is known by its moment and not by the number of its step, so other rules need no renumbering.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from storage.rulebook import Recipient, SafetyRules, SafetyStep


def due(
    opened_at: datetime, told_at: datetime | None, now: datetime, book: SafetyRules
) -> tuple[Recipient, ...]:
    """Whom to tell now; nobody where it is too early. After an outage everybody whose step has come, in one go."""
    untold = [one for one in book.steps if told_at is None or _moment(opened_at, one) > told_at]
    if untold or told_at is None:
        return _all([one for one in untold if _moment(opened_at, one) <= now])
    return book.repeat_to if told_at + _gap(opened_at, told_at, book) <= now else ()


def so_far(opened_at: datetime, now: datetime, book: SafetyRules) -> tuple[Recipient, ...]:
    """Everybody whose step has come: for a call that is opened once more, and for whoever stands in."""
    return _all([one for one in book.steps if _moment(opened_at, one) <= now])


def next_look(
    opened_at: datetime, told_at: datetime | None, rest_until: datetime | None, book: SafetyRules
) -> datetime:
    """When to look at an open call again. There is always a next time."""
    if told_at is None:
        moment = opened_at
    else:
        coming = [at for one in book.steps if (at := _moment(opened_at, one)) > told_at]
        moment = coming[0] if coming else told_at + _gap(opened_at, told_at, book)
    return moment if rest_until is None else max(moment, rest_until)


def rests_until(now: datetime, book: SafetyRules) -> datetime:
    """Until when a call rests that somebody takes now."""
    return now + timedelta(minutes=book.rest_minutes)


def _moment(opened_at: datetime, step: SafetyStep) -> datetime:
    return opened_at + timedelta(minutes=step.after_minutes)


def _gap(opened_at: datetime, told_at: datetime, book: SafetyRules) -> timedelta:
    close = told_at - opened_at < timedelta(hours=book.close_hours)
    return timedelta(minutes=book.repeat_minutes if close else book.later_minutes)


def _all(steps: list[SafetyStep]) -> tuple[Recipient, ...]:
    return tuple(dict.fromkeys(recipient for one in steps for recipient in one.to))
