"""The rules of the house that no linter knows. Each takes one source file and returns the lines that break it."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("storage", "reminders", "casework", "bot", "locales")
LONGEST_FILE, LONGEST_FUNCTION = 400, 50

Rule = Callable[[str], list[int]]


def sources() -> Iterator[Path]:
    """The product's own code. Migrations are history: they are not rewritten."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def offenders(rule: Rule, *exempt: str) -> list[str]:
    """`file:line` of everything in the product that breaks a rule."""
    return [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources()
        if path.relative_to(ROOT).as_posix() not in exempt
        for line in rule(path.read_text("utf-8"))
    ]


def commits(source: str) -> list[int]:
    """Only the lane ends a transaction; a commit anywhere else tears a unit of work in two."""
    ends = (".commit", ".do_commit")
    return [call.lineno for call in _calls(source) if _dotted(call.func).endswith(ends)]


_CLOCKS = re.compile(r"(^|\.)(datetime\.(now|utcnow|today)|date\.today|time\.time(_ns)?|(local|gm)time)$")


def clock_reads(source: str) -> list[int]:
    """Whoever reads the clock cannot be told what time it is, by the sandbox or by a test."""
    return [call.lineno for call in _calls(source) if _CLOCKS.search(_dotted(call.func))]


def naive_moments(source: str) -> list[int]:
    """A moment without a zone is a different moment in every place that reads it."""
    return [call.lineno for call in _calls(source) if _is_naive(call)]


def _is_naive(call: ast.Call) -> bool:
    name = _dotted(call.func)
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    zone = given.get("tzinfo", given.get("tz"))
    if name.endswith(".replace") and "tzinfo" in given:
        return isinstance(zone, ast.Constant) and zone.value is None
    if name.endswith(("utcnow", "utcfromtimestamp")):
        return True
    zone_at = {"datetime": 7, "datetime.datetime": 7, "datetime.combine": 2, "datetime.fromtimestamp": 1}
    for known, position in zone_at.items():
        if name == known or name.endswith(f".{known}"):
            return zone is None and len(call.args) <= position
    return False


def long_files(source: str) -> list[int]:
    """A file is read in one sitting."""
    return [LONGEST_FILE + 1] if len(source.splitlines()) > LONGEST_FILE else []


def long_functions(source: str) -> list[int]:
    """A function fits on one screen."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LONGEST_FUNCTION
    ]


_PLACE = re.compile(r"://|^\s*-(-[a-z]|[fie] )|@ |(^|[\s=])(file:|[/~.]\S*/)")


def lock_places(lock: str) -> list[int]:
    """A lock says what is installed, never where from: mirrors differ from place to place."""
    lines = (
        line for line in enumerate(lock.splitlines(), 1) if not line[1].lstrip().startswith("--hash=sha256:")
    )
    return [number for number, line in lines if _PLACE.search(line)]


def unhashed(lock: str) -> list[int]:
    """Requirements that would be taken as they come."""
    whole = re.sub(r"\\\n", " ", lock)
    bare = {
        line.split("==")[0]
        for line in whole.splitlines()
        if re.match(r"[\w.-]+", line) and "--hash=" not in line
    }
    return [n for n, line in enumerate(lock.splitlines(), 1) if line and line.split("==")[0] in bare]


def _calls(source: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))


def _dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain; what stands before a call or an index is left out: `.c`."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
