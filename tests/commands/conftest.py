from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.world import World, living


@pytest.fixture
def world(tmp_path: Path, empty_sqlite: Path) -> Iterator[World]:
    with living(tmp_path, empty_sqlite) as made:
        yield made
