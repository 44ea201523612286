"""`make golden`: plays every conversation and keeps what was seen. `python -m tests.golden talk` for one of them."""

from __future__ import annotations

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from bot.app import build, open_storage
from bot.demo_server import open_demo
from reminders import mechanism
from storage.clock import SandboxClock
from tests.chat import Town
from tests.conftest import OPENING, settings_of
from tests.golden.play import path_of, play
from tests.golden.scripts import LANGUAGES, SCRIPTS


async def keep(county: Path, name: str, language: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "county"
        shutil.copytree(county, place)
        settings = settings_of(f"sqlite:///{place / 'county.db'}", place / "county.key")
        town = Town(build(settings, open_storage(settings), SandboxClock(OPENING, standing=True)))
        mechanism.forget()  # of the county before, which was made from the same one
        try:
            seen = await play(town, SCRIPTS[name], language)
        finally:
            await town.close()
    path = path_of(name, language)
    path.parent.mkdir(exist_ok=True)
    if not path.exists() or path.read_text("utf-8") != seen:
        path.write_text(seen, "utf-8")
        print(path)


def main(names: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        county = Path(folder)
        open_demo(
            settings_of(f"sqlite:///{county / 'county.db'}", county / "county.key"), OPENING, 44
        ).lane.close()
        for name in names or SCRIPTS:
            for language in LANGUAGES:
                asyncio.run(keep(county, name, language))


if __name__ == "__main__":
    main(sys.argv[1:])
