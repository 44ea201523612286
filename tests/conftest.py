"""What every test can have: a database of either kind, and an invented county one can talk to."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from bot.app import House, build, open_storage
from bot.config import Settings
from bot.demo_server import open_demo, settle_memory
from reminders import days_off, mechanism
from storage import schema, sealed
from storage.clock import SandboxClock
from storage.lane import Lane, open_lane
from tests import engines, postgres, scans
from tests.chat import Town

engines.share()
scans.watch()

hypothesis_settings.register_profile("house", deadline=None)
hypothesis_settings.load_profile("house")

OPENING = datetime.fromisoformat("2026-11-23T08:30+08:00")
DATABASES = ("sqlite", "postgresql")
DECEMBER = days_off.DATES


def pytest_collection_finish() -> None:
    """As the server does when it has loaded all: thousands of tests need not be walked through at each collection."""
    settle_memory()


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test reads the developer's own environment or `.env`."""
    for name in list(os.environ):
        if name.startswith("FANGPINGCHA_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def keys() -> sealed.Keyring:
    """A key for every test; one that opens a house installs that house's own."""
    keyring = sealed.new_keyring()
    sealed.install(keyring)
    return keyring


@pytest.fixture(autouse=True)
def no_whole_tables() -> Iterator[None]:
    """No statement of the product reads one (tests/scans.py)."""
    scans.found.clear()
    yield
    assert scans.found == []


@contextmanager
def nothing_in_december() -> Iterator[None]:
    """What administrators are told in December waits in every outbox for months: only tests about it have it there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(days_off, "DATES", ())
        yield


@pytest.fixture(scope="session", autouse=True)
def nobody_waits_for_december() -> Iterator[None]:
    with nothing_in_december():
        yield


@pytest.fixture
def december(monkeypatch: pytest.MonkeyPatch) -> None:
    """Administrators are told in December that next year's days off are not known."""
    monkeypatch.setattr(days_off, "DATES", DECEMBER)


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("schema") / "empty.db"
    schema.migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path, empty_sqlite: Path) -> Iterator[str]:
    """An empty database of the newest schema, on each kind in turn."""
    if request.param == "sqlite":
        path = tmp_path / "test.db"
        shutil.copy(empty_sqlite, path)
        yield f"sqlite:///{path}"
    else:
        url = postgres.fresh_database(postgres.server_uri())
        yield url
        postgres.drop_database(url)


@pytest.fixture
def lane(database_url: str) -> Iterator[Lane]:
    opened = open_lane(database_url)
    yield opened
    opened.close()


# --- the demo county ----------------------------------------------------------------------------------------------


def settings_of(url: str, key_file: Path) -> Settings:
    memory_file = key_file.with_suffix(".lived")
    return Settings(
        database_url=url, key_file=key_file, memory_file=memory_file, sandbox=True, _env_file=None
    )


@pytest.fixture(scope="session")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo county on SQLite, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("county")
    _live(f"sqlite:///{folder / 'county.db'}", folder)
    return folder


@pytest.fixture(scope="session")
def lived_in_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The same on PostgreSQL: a database made once by each worker and cloned for each test, and its key."""
    folder = tmp_path_factory.mktemp("county")
    url = postgres.fresh_database(postgres.server_uri())
    _live(url, folder)
    yield url, folder
    postgres.drop_database(url)


def _live(url: str, folder: Path) -> None:
    with nothing_in_december():  # whichever test is the first to ask for it
        open_demo(settings_of(url, folder / "county.key"), OPENING, 44).lane.close()


@pytest.fixture(params=DATABASES)
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    """The demo county on 2026-11-23, 08:30, the clock standing."""
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("lived_in"), tmp_path / "demo")
        url, key_file = f"sqlite:///{tmp_path / 'demo' / 'county.db'}", tmp_path / "demo" / "county.key"
    else:
        template, folder = request.getfixturevalue("lived_in_postgres")
        url, key_file = postgres.clone_database(template), folder / "county.key"
    settings = settings_of(url, key_file)
    made = build(settings, open_storage(settings), SandboxClock(OPENING, standing=True))
    mechanism.forget()  # of another test's county, which was made from the same one
    yield made
    made.lane.close()
    if request.param != "sqlite":
        postgres.drop_database(url)


@pytest.fixture
async def town(house: House) -> AsyncIterator[Town]:
    """The county as its people meet it, through the sandbox API."""
    opened = Town(house)
    yield opened
    await opened.close()
