"""What the operator asks about the time to come: the forecast, and what a change of the rulebook would change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from sqlmodel import Session

from bot import forecasting
from bot.app import kept_clock
from bot.config import Settings
from bot.operator import opened, the_county
from locales.phrase import Reader


def forecast(
    settings: Settings, code: str | None, days: int, now: datetime, tell: Callable[[str], None]
) -> None:
    """Tell the forecast of a county line by line, reading only. A demo's own clock says when it begins."""

    def unit(session: Session) -> None:
        county = the_county(session, code)
        start = moment(session, now)
        reader = Reader(settings.language, settings.zone, start.astimezone(settings.zone).date())
        for line in forecasting.told(session, county, now=start, days=days, reader=reader):
            tell(line)

    with opened(settings) as lane:
        asyncio.run(lane.read(unit))


def moment(session: Session, now: datetime) -> datetime:
    """The moment it is for this database: a demo has a clock of its own."""
    clock = kept_clock(session)
    return clock.now() if clock is not None else now
