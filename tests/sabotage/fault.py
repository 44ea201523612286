"""What a fault is: one change of one file, why somebody might make it, and the tests that have to notice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class DoesNotApply(Exception):
    """The code is another one by now: the fault has to be written anew."""


@dataclass(frozen=True)
class Fault:
    """`find` stands in `file` exactly once and becomes `plant`. `tests` are files, or single tests of them; those on
    PostgreSQL run only with `both`."""

    name: str
    why: str
    file: str
    find: str
    plant: str
    tests: tuple[str, ...]
    both: bool = False

    def planted(self, root: Path) -> str:
        """The text of the file under `root` with the fault in it.

        Raises:
            DoesNotApply: what is to be replaced is not there, or not once.
        """
        path = root / self.file
        text = path.read_text("utf-8") if path.exists() else ""
        if (times := text.count(self.find)) != 1:
            raise DoesNotApply(f"{self.name}: {self.file} has it {times} times: {self.find!r}")
        return text.replace(self.find, self.plant)
