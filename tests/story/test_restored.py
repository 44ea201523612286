"""A backup is put back: what was sent since is not sent again before somebody says so."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from bot.app import House, build
from bot.config import Settings
from bot.demo_server import open_demo
from reminders import hold, lived
from reminders.lived import Memory
from storage.lane import open_lane
from storage.tables.counties import Setting
from storage.tables.mail import Outbox, OutboxState
from tests.chat import Town
from tests.story.test_pulse import running
from tests.story.words import ON_SQLITE


def sent(session: Session) -> int:
    rows = select(col(Outbox.id)).where(Outbox.state == OutboxState.sent, Outbox.kind != "reply")
    return len(session.exec(rows).all())


def copy(database: Path, to: Path) -> None:
    with sqlite3.connect(database) as kept:
        kept.execute("VACUUM INTO ?", (str(to),))


def put_back(database: Path, backup: Path) -> None:
    for end in ("-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)
    backup.replace(database)


@ON_SQLITE
async def test_a_restored_database_holds_its_outbox(house: House, tmp_path: Path) -> None:
    settings, database = house.settings, Path(house.settings.database.removeprefix("sqlite:///"))
    house.pulse.process = "host:1"
    async with running(house) as ready:
        assert await ready() == {"status": "ok"}
        copy(database, tmp_path / "backup.db")
        house.clock.move_to(datetime.fromisoformat("2026-11-24T09:00+08:00"))  # type: ignore[attr-defined]
        await house.ticker.tick()
        await house.office.settled()
        before = await house.lane.read(sent)
    put_back(database, tmp_path / "backup.db")

    again = open_demo(settings, None, 44)
    again.clock.move_to(datetime.fromisoformat("2026-11-24T09:00+08:00"))  # type: ignore[attr-defined]
    older = await again.lane.read(sent)
    assert older < before
    async with running(again) as ready:
        assert await ready() == ["held"]
        await again.office.settled()
        assert await again.lane.read(sent) == older  # nothing was sent again
        answer = await (await Town(again).one("care_officer")).says("今日")
        assert answer["text"]  # whoever asks is answered
        await again.lane.run(
            lambda s: hold.release(s, now=again.clock.now(), real_now=datetime.now().astimezone())
        )
        assert await ready() == {"status": "ok"}
        await again.office.settled()
        assert await again.lane.read(sent) > older
    once_more = open_demo(settings, None, 44)
    async with running(once_more) as ready:  # an ordinary start holds nothing
        assert await ready() == {"status": "ok"}


async def test_another_process_does_not_hold_what_was_released(house: House, tmp_path: Path) -> None:
    """Two remember the same; the one notices the restore, an operator releases, the other starts later."""
    first, second = (
        build(
            house.settings.model_copy(update={"memory_file": tmp_path / name}),
            open_lane(house.settings.database),
            house.clock,
        )
        for name in ("first", "second")
    )
    await first.pulse.begin()
    await second.pulse.begin()

    def older(session: Session) -> None:
        kept = session.get_one(Setting, lived.LIVED)
        memory = Memory.load(kept.value)
        kept.value = Memory(memory.database, memory.until - timedelta(hours=1)).dump()

    await first.lane.run(older)
    await first.pulse.begin()
    assert await first.lane.read(hold.held_since) is not None
    await first.lane.run(
        lambda s: hold.release(s, now=house.clock.now(), real_now=datetime.now().astimezone())
    )
    await second.pulse.begin()
    assert await first.lane.read(hold.held_since) is None
    first.lane.close()
    second.lane.close()


@pytest.mark.parametrize(
    "kept", [None, "", "{}", '{"database": "OTHER", "until": "2099-01-01T00:00:00+00:00"}']
)
@ON_SQLITE
async def test_what_says_nothing_about_this_database_holds_nothing(house: House, kept: str | None) -> None:
    file = house.settings.memory
    file.unlink(missing_ok=True)
    if kept is not None:
        file.write_text(kept, "utf-8")
    await house.pulse.begin()
    assert await house.lane.read(hold.held_since) is None
    assert Memory.load(file.read_text("utf-8")).until < datetime.now().astimezone() + timedelta(days=1)


@ON_SQLITE
async def test_a_folder_that_cannot_be_written_stops_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(Settings, "memory", property(lambda _: tmp_path / "nowhere" / "file"))
    mine = build(house.settings, open_lane(house.settings.database), house.clock)
    await mine.pulse.begin()
    assert not (tmp_path / "nowhere").exists()
    mine.lane.close()
