"""The product keeps the rules of the house, and every rule tells good from bad."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from typing import Any

import pytest

from bot.channels.registry import CHANNELS
from tests.house import rules
from tests.house.rules import PACKAGES, ROOT, Rule, offenders

LOCKS = ("requirements.lock", "requirements-dev.lock")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def test_only_the_lane_commits() -> None:
    # A migration runs before there is a lane.
    assert offenders(rules.commits, "storage/together.py", "storage/schema.py") == []


def test_only_the_clock_reads_the_clock() -> None:
    assert offenders(rules.clock_reads, "storage/clock.py") == []


def test_every_moment_has_its_zone() -> None:
    assert offenders(rules.naive_moments, "storage/clock.py") == []


@pytest.mark.parametrize("rule", [rules.long_files, rules.long_functions])
def test_files_and_functions_stay_short(rule: Rule) -> None:
    assert offenders(rule) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_locks_are_hashed_and_name_no_place(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert rules.lock_places(text) == []
    assert rules.unhashed(text) == []


def test_both_locks_pin_the_same_versions() -> None:
    product, developer = (
        {
            line.split("==")[0]: line.split()[0]
            for line in (ROOT / lock).read_text("utf-8").splitlines()
            if "==" in line
        }
        for lock in LOCKS
    )
    assert {name: developer.get(name) for name in product} == product


def test_every_floor_is_under_contract(project: dict[str, Any]) -> None:
    floors = {path.parent.name for path in ROOT.glob("[a-z]*/__init__.py")} - {"tests", "bench"}
    tools = project["tool"]
    assert floors == set(PACKAGES)
    assert floors == set(tools["importlinter"]["root_packages"])
    assert floors == set(tools["importlinter"]["contracts"][0]["layers"])
    assert floors == set(tools["hatch"]["build"]["targets"]["wheel"]["packages"])


@pytest.mark.parametrize("kind", CHANNELS)
def test_a_channel_is_known_in_its_folder_alone(kind: str) -> None:
    """Save for the settings and the registry. Sentences in the catalogue and pages in docs are not code."""
    home = (f"bot/channels/{kind}/", "bot/channels/registry.py", "bot/config.py")
    word = re.compile(kind, re.IGNORECASE)
    named = [
        path.relative_to(ROOT).as_posix() for path in rules.sources() if word.search(path.read_text("utf-8"))
    ]
    assert [path for path in named if not path.startswith(home)] == []
    assert any(path.startswith(home[0]) for path in named)


def test_compiled_catalogues_stay_out_of_the_history(project: dict[str, Any]) -> None:
    assert "*.mo" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert "locales/*/LC_MESSAGES/*.mo" in project["tool"]["hatch"]["build"]["artifacts"]
    git = shutil.which("git")
    if git and (ROOT / ".git").exists():
        tracked = subprocess.run(
            [git, "ls-files", "*.mo"], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert tracked.stdout == ""


_LONG_BODY = "\n".join(f"    step({n})" for n in range(rules.LONGEST_FUNCTION - 1))

GOOD: list[tuple[Rule, str]] = [
    (rules.commits, "lane.run(unit)\ncommit(x)\nsession.flush()"),
    (rules.clock_reads, "def due(now): return now\nclock.now()\ntime.monotonic()\ndatetime.fromisoformat(x)"),
    (rules.naive_moments, "datetime(2026, 1, 1, tzinfo=UTC)\nx.replace(tzinfo=UTC)\nname.replace('a', 'b')"),
    (
        rules.naive_moments,
        "datetime.combine(day, nine, zone)\ndatetime.fromtimestamp(1, UTC)\ndate(2026, 1, 1)",
    ),
    (rules.long_files, "\n" * rules.LONGEST_FILE),
    (rules.long_functions, f"def f():\n{_LONG_BODY}"),
    (
        rules.lock_places,
        "# via -r requirements.in\nhttpx==1 ; sys_platform != 'win32' \\\n    --hash=sha256:0a",
    ),
    (
        rules.unhashed,
        "a==1 \\\n    --hash=sha256:0a \\\n    --hash=sha256:0b\n    # via b\nb==2 \\\n    --hash=sha256:0c",
    ),
]
BAD: list[tuple[Rule, str]] = [
    (rules.commits, "session.commit()"),
    (rules.commits, "with x:\n    self.db().commit()"),
    (rules.clock_reads, "datetime.now(UTC)"),
    (rules.clock_reads, "import datetime as d\nd.datetime.now()"),
    (rules.clock_reads, "date.today()"),
    (rules.clock_reads, "time.time()"),
    (rules.naive_moments, "datetime(2026, 1, 1)"),
    (rules.naive_moments, "moment.replace(tzinfo=None)"),
    (rules.naive_moments, "datetime.combine(day, nine)"),
    (rules.naive_moments, "datetime.utcfromtimestamp(0)"),
    (rules.long_files, "\n" * (rules.LONGEST_FILE + 1)),
    (rules.long_functions, f"def f():\n{_LONG_BODY}\n    step()"),
    (rules.long_functions, f"async def f():\n{_LONG_BODY}\n    step()"),
    (rules.lock_places, "--index-url x"),
    (rules.lock_places, "-f wheels"),
    (rules.lock_places, "a==1\n# from https://mirror.example"),
    (rules.lock_places, "a @ file:wheels/a.whl"),
    (rules.lock_places, "#    uv pip compile -o /home/me/requirements.lock"),
    (rules.unhashed, "a==1\nb==2 \\\n    --hash=sha256:0c"),
]


@pytest.mark.parametrize(("rule", "sample"), GOOD)
def test_a_rule_lets_good_code_pass(rule: Rule, sample: str) -> None:
    assert rule(sample) == []


@pytest.mark.parametrize(("rule", "sample"), BAD)
def test_a_rule_catches_bad_code(rule: Rule, sample: str) -> None:
    assert rule(sample) != []
