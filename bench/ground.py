"""Ground to measure on: a fresh database, a small county in it, and medians."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlmodel import Session

from bot.app import House, build, open_storage
from bot.config import Settings
from casework import names, people
from casework.people import NewMember
from reminders import schedule
from reminders.mechanism import mechanism_of
from storage import schema
from storage.clock import SandboxClock
from storage.engine import is_sqlite, parse_url, postgres_engine, sqlite_engine
from storage.tables.cases import Case, Person, Stage
from storage.tables.counties import County
from storage.tables.members import Member, Role
from storage.tables.visits import VisitKind

PEERS = "PEERS"  # names an interpreter that has what others made, to be measured beside ours
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Options:
    """`quick`: small numbers, to see that it runs. `postgres`, `sqlite`: which databases, where both are possible."""

    quick: bool = False
    sqlite: bool = True
    postgres: bool = True

    def databases(self) -> Iterator[tuple[str, Callable[[], str | None]]]:
        """Each with its name and what gives the address of a fresh one (None: SQLite, in a file of the ground's)."""
        if self.sqlite:
            yield "SQLite", lambda: None
        if self.postgres:
            from tests import postgres

            server = postgres.server_uri()
            if not self.quick:
                _as_in_service(server)
            yield "PostgreSQL", lambda: postgres.fresh_database(server)


def _as_in_service(server: str) -> None:
    """The server of the tests takes no care that anything reaches the disk. Here it does."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM RESET {setting}"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


@dataclass(frozen=True)
class Ground:
    house: House
    folder: Path
    officers: list[str]


@contextmanager
def ground(url: str | None = None, *, officers: int = 1) -> Iterator[Ground]:
    """A county with so many officers, each with one talk planned for today, on SQLite unless `url` says otherwise."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(
            database_url=url or f"sqlite:///{folder / 'bench.db'}",  # type: ignore[arg-type]
            key_file=folder / "bench.key",
            sandbox=True,
            _env_file=None,  # type: ignore[call-arg]
        )
        schema.migrate(settings.database)
        lane = open_storage(settings)
        house = build(settings, lane, SandboxClock(NOW, standing=True))
        addresses = lane.run_now(lambda session: _people(session, officers))
        yield Ground(house, folder, addresses)
        lane.close()


def _people(session: Session, officers: int) -> list[str]:
    county = people.add_county(session, "JA", "嘉安县", "Asia/Shanghai", now=NOW)
    addresses = []
    for number in range(officers):
        member = people.add_member(session, county, NewMember(f"关怀{number}", Role.care_officer), now=NOW)
        address = f"officer-{number}"
        people.bind_address(session, member, "sandbox", address, now=NOW)
        session.flush()
        _talk_today(session, county, member, number)
        addresses.append(address)
    return addresses


def _talk_today(session: Session, county: County, officer: Member, number: int) -> None:
    unit = people.unit_called(session, county.id, "县财政局")
    person = Person(
        county_id=county.id, unit_id=unit.id, name_sealed=b"", name_index=b"", name_keys_sealed=b"", post_sealed=b"",
        created_at=NOW,
    )  # fmt: skip
    person.name, person.post = f"同志{number}", "科员"
    person.name_keys = names.keys(person.name)
    session.add(person)
    session.flush()
    case = Case(
        county_id=county.id, person_id=person.id, code=f"JA-{number:04}", stage=Stage.follow_up,
        stage_since=date(2026, 8, 3), care_officer_id=officer.id, reason_sealed=b"", created_at=NOW,
    )  # fmt: skip
    case.reason = "履职不力"
    session.add(case)
    session.flush()
    schedule.plan(
        session, case, VisitKind.talk, date(2026, 11, 23), mechanism_of(session, county.id), now=NOW
    )
    session.flush()


def engine_of(here: Ground) -> Engine:
    """An engine of the benchmark's own, set up as the lane's: for floors, and to lay out what is measured."""
    url = parse_url(here.house.settings.database)
    return sqlite_engine(url, writes=True) if is_sqlite(url) else postgres_engine(url, size=1)


def median(samples: list[float]) -> float:
    return statistics.median(samples)


def spread(samples: list[float], unit: float, digits: int = 0) -> str:
    """`median (min–max, n=…)` in the unit."""
    low, mid, high = (f"{value / unit:.{digits}f}" for value in (min(samples), median(samples), max(samples)))
    return f"{mid} ({low}–{high}, n={len(samples)})"


Measure = Callable[[], float]
