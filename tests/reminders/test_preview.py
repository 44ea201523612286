"""What the preview promises is what happens once the rules are saved, in counties made by dice."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from sqlmodel import Session

from casework import rulebooks
from reminders import mechanism
from reminders.preview import Preview, preview
from storage.clock import SandboxClock
from storage.lane import Lane
from storage.rulebook import Rulebook
from storage.tables.counties import County
from storage.tables.members import Member
from tests.reminders import county
from tests.reminders.county import People
from tests.reminders.test_forecast import foreseen, lived, promised

DAYS = 25


def other_rules(dice: Random) -> dict[str, Any]:
    """A ladder of other steps at other hours, and other mornings."""
    offsets = sorted(dice.sample(range(-6, 12), dice.randint(2, 7)))
    steps: list[dict[str, Any]] = [
        {"offset": offset, "to": dice.choice(["care_officer", "supervisor", "commission_staff", "leader"]),
         "via": "notice", "at": dice.choice(["09:00", "10:15", "16:30"])}
        for offset in offsets
    ]  # fmt: skip
    for step in steps:
        if step["offset"] <= 0:
            step["to"] = "care_officer"
    steps[-1].update(offset=max(offsets[-1], 1), to="supervisor")
    ladder = {"steps": steps, "repeat_every": dice.randint(2, 9), "acknowledge_workdays": dice.randint(1, 6)}
    return {"ladder": ladder, "hours": {"digest_at": dice.choice(["08:00", "08:30", "09:00"])}}


@pytest.mark.parametrize("seed", range(3))
async def test_it_is_what_happens_then(lane: Lane, database_url: str, seed: int) -> None:
    await foreseen_saved_lived(lane, database_url, seed, visits=14)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 130))
async def test_it_is_what_happens_then_in_many(lane: Lane, database_url: str, seed: int) -> None:
    await foreseen_saved_lived(lane, database_url, seed, visits=seed % 50 + 5)


async def foreseen_saved_lived(lane: Lane, url: str, seed: int, *, visits: int) -> None:
    dice = Random(seed)
    start = datetime.fromisoformat("2026-09-14T12:00+08:00")
    there = lane.run_now(lambda session: county.made(session, dice, start, visits=visits))
    house = county.house_of(lane, url, start)
    clock = house.clock
    assert isinstance(clock, SandboxClock)
    await house.ticker.advance(clock, start + timedelta(days=dice.randint(1, 9), hours=dice.randint(0, 20)))
    now, until = clock.now(), clock.now() + timedelta(days=DAYS)
    before = foreseen(lane, now, until)
    content = json.dumps(other_rules(dice)).encode()
    said = lane.run_now(lambda session: _preview(session, there, content, now, until))
    assert foreseen(lane, now, until) == before  # it changed nothing
    lane.run_now(lambda session: _save(session, there, content, now))
    after, _ = await lived(house, DAYS)
    assert said.after == Counter(notice.member_id for notice in after if notice.reached)
    assert said.before == Counter(notice.member_id for notice in before if notice.reached)
    assert promised(after) != promised(before)
    assert len(said.come) + len(said.moved) + len(said.gone) == len(said.shifts) > 0


def _preview(session: Session, there: People, content: bytes, now: datetime, until: datetime) -> Preview:
    old = mechanism.mechanism_of(session, there.county)
    new = rulebooks.with_rules(old, rulebooks.changed(old.rulebook, content))
    return preview(session, there.county, old, new, now=now, until=until)


def _save(session: Session, there: People, content: bytes, now: datetime) -> Rulebook:
    author = session.get_one(Member, there.leaders[0])
    return rulebooks.save(session, session.get_one(County, there.county), content, author, now=now)
