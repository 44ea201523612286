"""What those above read of a visit that was put off, where names and reasons may be told and where not; and why."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, select

from bot import notices
from bot.channels.disclosure import Level
from casework import people, visits
from reminders import outbox
from storage.queries.access import actor_of
from storage.tables.mail import Outbox
from storage.tables.members import Member
from storage.tables.visits import Visit
from tests.commands.test_why import deliver
from tests.commands.world import Seen, World, at, plan

HEALTH = "health: flu"


def put_off(world: World, code: str = "JA-7K3Q", to: str = "2026-11-27") -> None:
    """Planned for the 24th, and put off by its officer for the sake of the person's health."""
    plan(world, code, "2026-11-24", on="2026-11-19")
    world.now = at("2026-11-23")

    def unit(session: Session) -> None:
        boss = session.get_one(Member, world.members["boss"])
        people.bind_address(session, boss, "sandbox", "boss", now=world.now)
        visit = session.exec(select(Visit).where(Visit.case_id == world.cases[code])).first()
        assert visit is not None
        officer = actor_of(session, session.get_one(Member, visit.officer_id), "en")
        visits.not_done(session, officer, visit.id, date.fromisoformat(to), HEALTH, now=world.now)

    world.do(unit)


def morning(world: World, level: Level, who: str = "boss") -> list[str]:
    def unit(session: Session) -> Seen:
        row = session.exec(select(Outbox).where(Outbox.kind == "moved")).one()
        ctx = world.context(session, who, level)
        composed = notices.compose(ctx, row, outbox.payload_of(row.id, row.payload_sealed))
        assert composed is not None
        return Seen.of(ctx, composed.message)

    world.now = at("2026-11-24", "08:30")
    return world.do(unit).lines


def test_a_reason_of_health_is_told_where_everything_may_be(world: World) -> None:
    put_off(world)
    head, told = morning(world, Level.full)
    assert head == "1 visit was put off by its officer:"
    said = "could not be done | from 24 November to 27 November | moved once | Reason: "
    assert told.endswith(f"{said}The person's health"), "and to a supervisor nothing that was typed"
    assert morning(world, Level.full, "staff")[1].endswith(f"{said}flu")


@pytest.mark.parametrize("level", [Level.coded, Level.notice])
def test_and_nowhere_else(world: World, level: Level) -> None:
    put_off(world)
    said = "\n".join(morning(world, level))
    assert "flu" not in said
    assert "eason" not in said
    assert ("JA-7K3Q" in said) is (level is Level.coded)
    assert "from 24 November to 27 November" in said


def test_why(world: World) -> None:
    put_off(world)
    deliver(world, "2026-11-24", "08:30")
    lines = world.asks("boss", "/why").lines
    assert lines[0].endswith("at 08:30: Visits put off by their officers.")
    assert lines[1].startswith("Whoever makes a visit may put it off")
    assert any("due 27 November" in line for line in lines)
