"""Ninety virtual days against the oracle, with visits, acts and outages by dice: who heard what, and when, is equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest

from storage.lane import Lane
from tests.reminders.choosing import OFTEN, Choosing
from tests.reminders.lives import Down, World
from tests.reminders.oracle.days import DAY
from tests.reminders.oracle.living import Oracle
from tests.reminders.oracle.post import Message, together

STARTS = (
    "2026-01-28T12:00",
    "2026-03-27T12:00",
    "2026-08-24T12:00",
)  # Spring Festival, Qingming and May, National Day
HOUR = timedelta(hours=1)


def nights(start: datetime, days: int, dice: Random) -> Down:
    first = start.replace(hour=1) + DAY
    return [(first + n * DAY, first + n * DAY + 3 * HOUR) for n in range(days)]


def whole_days(start: datetime, days: int, dice: Random) -> Down:
    began = [start + timedelta(days=n, hours=dice.randint(1, 24), minutes=7) for n in range(5, days, 10)]
    return [(gone, gone + DAY) for gone in began]


def never(start: datetime, days: int, dice: Random) -> Down:
    return []


def doing(start: datetime, days: int, number: int, dice: Random, down: Down) -> list[datetime]:
    """Odd minutes of office hours, on any day, never while the assistant is down."""
    found: set[datetime] = set()
    while len(found) < number:
        day = start + timedelta(days=dice.randint(0, days - 1))
        at = day.replace(hour=dice.randint(9, 16), minute=dice.randint(1, 29), second=len(found) % 60)
        if at > start and not any(gone <= at <= up + HOUR for gone, up in down):
            found.add(at)
    return sorted(found)


async def agree(
    lane: Lane,
    url: str,
    seed: int,
    outages: Callable[[datetime, int, Random], Down],
    *,
    days: int,
    size: int,
    only: tuple[str, ...] = tuple(OFTEN),
    acts: int = 3,
) -> set[Message]:
    dice = Random(seed)
    start = datetime.fromisoformat(f"{STARTS[seed % len(STARTS)]}+08:00")
    world = World(lane, url, dice, start, size)
    down = outages(start, days, dice)
    oracle = Oracle(world.seen, down)
    moments = doing(start, days, acts * size, dice, down)
    expected = oracle.live(start, start + timedelta(days=days), moments, Choosing(dice, only))
    heard = await world.live(days, oracle.acts, down)
    told_of = together(heard)
    told, missed = listed(told_of - expected), listed(expected - told_of)
    assert not told + missed, f"told, and should not have been: {told}\nmissed: {missed}"
    assert not (twice := {one for one, times in heard.items() if times > 1}), f"told twice: {listed(twice)}"
    return expected


def listed(messages: set[Message]) -> str:
    found = sorted(messages, key=lambda one: (one.at, one.member, one.kind))
    return "".join(
        f"\n{one.at:%a %m-%d %H:%M:%S} {one.member} {one.kind} {sorted(one.about)}" for one in found[:20]
    )


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def test_ninety_days(lane: Lane, database_url: str) -> None:
    assert len(await agree(lane, database_url, 3, whole_days, days=90, size=3)) > 60


@ON_SQLITE
@pytest.mark.parametrize(("seed", "outages", "also"), [(1, never, "moved"), (5, nights, "absent")])
async def test_a_month(
    lane: Lane, database_url: str, seed: int, outages: Callable[..., Down], also: str
) -> None:
    heard = await agree(lane, database_url, seed, outages, days=20, size=6)
    assert len(heard) > 40
    assert also in {one.kind for one in heard}


PROMISING = ("record", "follow_up", "leave", "back", "hold", "resume", "hand_over", "recuse", "unrecuse")


@ON_SQLITE
@pytest.mark.parametrize(("seed", "outages"), [(6, never), (7, whole_days)])
async def test_what_notes_promise(
    lane: Lane, database_url: str, seed: int, outages: Callable[..., Down]
) -> None:
    """Of notes above all, and of what keeps somebody from hearing of what they name."""
    heard = await agree(lane, database_url, seed, outages, days=40, size=4, acts=10, only=PROMISING)
    named = [name for one in heard for name in one.about if name.startswith("matter")]
    assert len(named) > len(set(named)) > 5, "and some more than once"


PUTTING_OFF = (
    "reschedule", "extend", "note_follows", "reassign", "record", "hold", "resume", "hand_over", "recuse",
    "unrecuse", "leave", "back",
)  # fmt: skip


@pytest.mark.soak
@ON_SQLITE
@pytest.mark.parametrize("seed", range(30, 50))
async def test_what_is_put_off(lane: Lane, database_url: str, seed: int) -> None:
    """Read above the next morning: whatever becomes of it, or of whoever is above, by then."""
    heard = await agree(
        lane, database_url, seed, (never, nights)[seed % 2], days=30, size=5, acts=12, only=PUTTING_OFF
    )
    assert len(heard) > 20


@ON_SQLITE
async def test_leave_entered_and_withdrawn_again_and_again(lane: Lane, database_url: str) -> None:
    """Of several leaves of one officer that wait for the same morning each is told, and once."""
    heard = await agree(lane, database_url, 63, never, days=8, size=2, acts=12, only=("leave", "back"))
    whose = Counter((one.member, one.kind, one.at, name.split()[-1]) for one in heard for name in one.about)
    assert max(whose.values()) > 1, "and two of them at one moment"


@ON_SQLITE
@pytest.mark.parametrize(("seed", "kind"), [(2, "assigned"), (38, "resumed")])
async def test_what_is_sent_in_a_leave_that_began_meanwhile(
    lane: Lane, database_url: str, seed: int, kind: str
) -> None:
    """No step of the ladder, which goes to others: whose visits these are is told, away or not, and of which."""
    only = ("leave", "hold", "resume", "reassign")
    heard = await agree(lane, database_url, seed, never, days=10, size=2, acts=12, only=only)
    assert kind in {one.kind for one in heard}


@ON_SQLITE
@pytest.mark.parametrize("seed", [94, 97])
async def test_whom_a_chase_reaches_that_has_waited(lane: Lane, database_url: str, seed: int) -> None:
    """Of an officer whose leave has begun, their cover; and whoever was chased twice over a weekend hears it once."""
    only = ("chase", "leave", "back")
    heard = await agree(lane, database_url, seed, never, days=5, size=6, acts=6, only=only)
    assert "chase" in {one.kind for one in heard}


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(10, 16))
@pytest.mark.parametrize("outages", [never, nights, whole_days])
async def test_ninety_days_of_many(
    lane: Lane, database_url: str, seed: int, outages: Callable[..., Down]
) -> None:
    assert len(await agree(lane, database_url, seed, outages, days=90, size=40)) > 300


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20, 50))
async def test_many_small_counties(lane: Lane, database_url: str, seed: int) -> None:
    """Few cases with much going on in them: more of what one thing does to another."""
    outages = (never, nights, whole_days)[seed // 3 % 3]
    assert len(await agree(lane, database_url, seed, outages, days=60, size=4, acts=12)) > 40
