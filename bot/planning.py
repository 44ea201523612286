"""What the operator asks about the time to come: the forecast, and what a change of the rulebook would change."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlmodel import Session

from bot import changes, forecasting
from bot.app import kept_clock
from bot.config import Settings
from bot.operator import opened, the_county
from casework import people, rulebooks
from locales.phrase import P, Phrase, Reader, Word
from reminders import preview as foreseen
from reminders.mechanism import mechanism_of


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


# --- the rulebook ----------------------------------------------------------------------------------------------------


def rulebook(settings: Settings, code: str | None) -> str:
    """The rules of a county as JSON, to be kept, edited and given to `preview`."""
    with opened(settings) as lane:
        book = asyncio.run(lane.read(lambda s: mechanism_of(s, the_county(s, code).id, fresh=True).rulebook))
    return json.dumps(book.dump(), ensure_ascii=False, indent=2)


def preview(settings: Settings, file: Path, code: str | None, days: int, now: datetime) -> list[str]:
    """What the rules in a file would change, line by line. Nothing is written."""
    content = file.read_bytes()

    def unit(session: Session) -> list[str]:
        county = the_county(session, code)
        start, old = moment(session, now), mechanism_of(session, county.id, fresh=True)
        new = rulebooks.with_rules(old, rulebooks.changed(old.rulebook, content))
        reader = Reader(settings.language, settings.zone, start.astimezone(settings.zone).date())
        until = forecasting.last_moment(start, days, old)
        found = foreseen.preview(session, county.id, old, new, now=start, until=until)
        return [
            *changes.rules(old.rulebook, new.rulebook, reader),
            "",
            *changes.told(found, forecasting.People(session), reader),
        ]

    with opened(settings) as lane:
        return asyncio.run(lane.read(unit))


def save_rulebook(settings: Settings, file: Path, code: str | None, author: int, now: datetime) -> Phrase:
    """Save the rules in a file as the county's new version, for which a member answers."""
    content = file.read_bytes()

    def unit(session: Session) -> Phrase:
        county, member = the_county(session, code), people.member_numbered(session, author)
        saved = rulebooks.save(session, county, content, member, now=moment(session, now))
        return P("Saved: version {version} of the rules holds from now on.", version=Word(str(saved.version)))

    with opened(settings) as lane:
        return lane.run_now(unit)
