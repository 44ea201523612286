"""Every benchmark runs. What it measures is asked of a quiet machine, not of the tests."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests import postgres
from tests.house.rules import ROOT


def run(*arguments: str, **environment: str) -> str:
    """What a benchmark prints, in a process of its own: it installs keys and laws of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=280,  # some seconds, where nothing else is at work
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("part", ["step", "webhook"])
def test_it_runs_on_sqlite(part: str) -> None:
    assert "×" in run(part, "--quick")


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
def test_a_disk_can_be_as_slow_as_another() -> None:
    took = re.search(r"a flush of 4 KB +(\d+)", run("step", "--quick", "--disk", "2000"))
    assert took is not None
    assert int(took[1]) >= 2000


BOTH = ("tick", "idle", "beside", "drain", "pace")  # those that know both databases


def test_they_run_on_sqlite() -> None:
    assert run(*BOTH, "--quick", "--only", "sqlite").count("[SQLite]") == len(BOTH)


def test_they_run_on_postgresql() -> None:
    found = run(*BOTH, "--quick", "--only", "postgres", TEST_DATABASE_URL=postgres.server_uri())
    assert found.count("[PostgreSQL]") == len(BOTH)
