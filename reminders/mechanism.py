"""The rules as they hold in one county: its rulebook, its calendar, its time zone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from reminders.workdays import WorkCalendar
from storage.rulebook import Rulebook
from storage.tables.counties import County, RulebookVersion


@dataclass(frozen=True)
class Mechanism:
    rulebook: Rulebook
    calendar: WorkCalendar
    zone: ZoneInfo

    def day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()


_CALENDAR = WorkCalendar()


@lru_cache(maxsize=256)
def _rulebook(data: str | None) -> Rulebook:
    return Rulebook.default() if data is None else Rulebook.load(data)


def mechanism_of(session: Session, county_id: int) -> Mechanism:
    """The rules of a county: the newest saved rulebook, or the product's defaults."""
    zone, data = session.exec(
        select(County.zone, RulebookVersion.data)
        .join(RulebookVersion, col(RulebookVersion.county_id) == County.id, isouter=True)
        .where(County.id == county_id)
        .order_by(col(RulebookVersion.version).desc())
        .limit(1)
    ).one()
    return Mechanism(_rulebook(json.dumps(data) if data else None), _CALENDAR, ZoneInfo(zone))
