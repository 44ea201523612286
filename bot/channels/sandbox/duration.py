"""Moments and durations as the clock's callers write them: ISO 8601."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

_DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?:(?P<hours>\d{1,5})H)?(?:(?P<minutes>\d{1,6})M)?(?:(?P<seconds>\d{1,8})S)?)?"
)
LONGEST = timedelta(days=730)


class BadMove(Exception):
    """A sentence that says what is wrong with a move of the clock, and what would be right."""


def read_duration(text: str) -> timedelta:
    found = _DURATION.fullmatch(text.strip().upper())
    if found is None or not any(found.groupdict().values()):
        raise BadMove(f"“{text[:40]}” is not a duration. Write days as P1D, hours as PT2H, weeks as P1W.")
    return timedelta(**{unit: int(number) for unit, number in found.groupdict().items() if number})


def read_iso(text: str, zone: ZoneInfo) -> datetime:
    """A moment; without an offset it is meant in the county's time zone."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadMove(f"“{text[:40]}” is not a moment. Write it as 2026-11-23T08:30.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def read_moment(body: Any, now: datetime, zone: ZoneInfo) -> datetime:
    """Where `{"advance": duration}` or `{"to": moment}` leads from `now`.

    Raises:
        BadMove: neither, backwards, or more than two years at once.
    """
    if not isinstance(body, dict) or ("advance" in body) == ("to" in body):
        raise BadMove('Say either {"advance": "P1D"} or {"to": "2026-11-24T08:30"}.')
    target = read_iso(str(body["to"]), zone) if "to" in body else now + read_duration(str(body["advance"]))
    if target < now:
        raise BadMove("The sandbox clock moves forward only.")
    if target - now > LONGEST:
        raise BadMove("That is too far: at most two years at once.")
    return target
