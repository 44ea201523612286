"""The conversations read as they are kept. One that changed on purpose: `make golden`, and read the difference."""

from __future__ import annotations

import pytest

from tests.chat import Town
from tests.golden.play import FOLDER, path_of, play
from tests.golden.scripts import LANGUAGES, SCRIPTS
from tests.story.words import ON_SQLITE

pytestmark = pytest.mark.usefixtures("december")


@ON_SQLITE
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SCRIPTS)
async def test_it_reads_as_it_is_kept(town: Town, name: str, language: str) -> None:
    kept = path_of(name, language)
    assert kept.exists(), "make golden writes it"
    assert await play(town, SCRIPTS[name], language) == kept.read_text("utf-8"), "make golden writes it anew"


def test_nothing_is_kept_that_nobody_plays() -> None:
    kept = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.txt")}
    assert kept == {f"{language}/{name}.txt" for language in LANGUAGES for name in SCRIPTS}
