"""Plants each fault in a copy of the tree and runs the tests that have to notice. Prints a table, fails if too few do.

python -m tests.sabotage [words of a name …] [--jobs N] [--patience TIMES]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.sabotage import FAULTS
from tests.sabotage.fault import DoesNotApply, Fault

ROOT = Path(__file__).resolve().parents[2]
TOO_LONG = 300  # seconds for the tests of one fault, on a machine that has nothing else to do
ONE_TEST = 60  # seconds for one of them
AT_ONCE = 8  # test files that are run together where nothing is planted
SOURCES = (
    "bot",
    "casework",
    "reminders",
    "storage",
    "locales",
    "tests",
    "docs",
    "pyproject.toml",
    "README.md",
)
GREEN, RED = 0, 1  # what pytest answers: all passed, or some failed; anything else is trouble of another kind


@dataclass(frozen=True)
class Seen:
    """What became of one fault: `red` is what is wanted; None where the tests did not run at all."""

    fault: Fault
    red: bool | None
    seconds: float
    by: str


def copy_of(folder: Path) -> Path:
    """The tree as far as tests need it, with its compiled catalogues and without anybody's data."""
    for name in SOURCES:
        source, target = ROOT / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.db*", "*.key"))
        else:
            shutil.copy(source, target)
    return folder


def run_tests(
    tree: Path, tests: Iterable[str], *, both: bool, patience: float, extra: Sequence[str] = ()
) -> tuple[int, str]:
    """The exit code of pytest in a tree, and what it printed. Programs that tests start are of that tree, too."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--tb=line",
        "-p",
        "no:randomly",
        "-p",
        "no:cacheprovider",
    ]
    command += [
        "--timeout",
        str(ONE_TEST * patience),
        *extra,
        *(() if both else ("-k", "not postgresql")),
        *tests,
    ]
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            command,
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            timeout=TOO_LONG * patience,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return RED, f"FAILED nothing came to an end within {TOO_LONG * patience:.0f} s"
    return done.returncode, done.stdout + done.stderr


def tried(fault: Fault, tree: Path, patience: float) -> Seen:
    """Plant it, run its tests, take it out again."""
    began, path = time.monotonic(), tree / fault.file
    sound = path.read_text("utf-8")
    try:
        path.write_text(fault.planted(tree), "utf-8")
        code, printed = run_tests(tree, fault.tests, both=fault.both, patience=patience, extra=("-x",))
    finally:
        path.write_text(sound, "utf-8")
    seconds = time.monotonic() - began
    if code not in (GREEN, RED):
        return Seen(fault, None, seconds, _last(printed))
    return Seen(fault, code == RED, seconds, _who(printed))


def _who(printed: str) -> str:
    """The test that noticed, and whether it did so by never coming to an end."""
    failed = (line for line in printed.splitlines() if line.startswith(("FAILED ", "ERROR ")))
    test = next(failed, "").partition(" - ")[0].partition(" ")[2]
    return f"{test} (no end)" if "Failed: Timeout" in printed else test


def _last(printed: str) -> str:
    return next((line for line in reversed(printed.splitlines()) if line.strip()), "")


def sound(faults: Sequence[Fault], tree: Path, pool: ThreadPoolExecutor, patience: float) -> bool:
    """Whether the tests pass where nothing is planted. Else a red would prove nothing."""

    def some(files: Sequence[str], both: bool) -> bool:
        code, printed = run_tests(tree, files, both=both, patience=patience)
        if code != GREEN:
            print(printed)
        return code == GREEN

    answers: list[Future[bool]] = []
    for both in (False, True):
        tests = sorted({test for fault in faults if fault.both is both for test in fault.tests})
        files = [test for test in tests if test.partition("::")[0] not in tests or "::" not in test]
        answers += [pool.submit(some, files[at : at + AT_ONCE], both) for at in range(0, len(files), AT_ONCE)]
    passed = [answer.result() for answer in answers]
    return all(passed)


def all_tried(faults: Sequence[Fault], jobs: int, patience: float) -> list[Seen]:
    """Each fault in one of as many copies as there are jobs; printed as they come."""
    found = []
    with tempfile.TemporaryDirectory(prefix="fpc-sabotage-") as place, ThreadPoolExecutor(jobs) as pool:
        trees: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs):
            trees.put(copy_of(Path(place) / str(number)))
        if not sound(faults, Path(place) / "0", pool, patience):
            sys.exit("The tests fail although nothing is planted.")

        def one(fault: Fault) -> Seen:
            tree = trees.get()
            try:
                return tried(fault, tree, patience)
            finally:
                trees.put(tree)

        for seen in pool.map(one, faults):
            print(_line(seen), flush=True)
            found.append(seen)
    return found


def _line(seen: Seen) -> str:
    said = {True: "red", False: "GREEN", None: "BROKEN"}[seen.red]
    return f"{said:6} {seen.seconds:5.1f} s  {seen.fault.name:58} {seen.by}"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sabotage", description=__doc__)
    parser.add_argument("words", nargs="*", help="only faults whose name has all of these words")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--patience", type=float, default=1, help="how much longer than usual tests may take")
    wanted = parser.parse_args()
    faults = [fault for fault in FAULTS if all(word in fault.name for word in wanted.words)]
    try:
        for fault in faults:
            fault.planted(ROOT)
    except DoesNotApply as error:
        print(error)
        return 1
    began = time.monotonic()
    found = all_tried(faults, wanted.jobs, wanted.patience)
    green, broken = (sum(seen.red is red for seen in found) for red in (False, None))
    print(
        f"{len(found) - green - broken} of {len(found)} faults are noticed; {time.monotonic() - began:.0f} s"
    )
    return int(broken > 0 or green > len(found) // 30)  # at least 29 of 30


if __name__ == "__main__":
    sys.exit(main())
